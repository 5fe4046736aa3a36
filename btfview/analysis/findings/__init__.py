"""What ``check`` reports of an analysis, as data: errors, warnings, notes, each said once.

:mod:`.collect` gathers all; each other module finds one kind. It assumes records, demands and verdicts that
are resolved already, and leaves the words of a hint to :mod:`btfview.hints`.
"""
