"""Patches for what fails: a guard, a field's other name, a weak symbol; in the language of the source.

:mod:`.trouble` is what fails, and where; each kind of fix is a module that proposes changed texts
(:mod:`.order` says which come first); :mod:`.prove` compiles and resolves each, and only what turns a failing
kernel good, and none bad, is offered. Nothing here writes a file.
"""
