"""Code that reads a field on both kernels, in the language of the program: compiled, and resolved on both,
before it is shown.

:mod:`.way` is how to get at a field on one kernel; :mod:`.c` and :mod:`.rust` write it; :mod:`.prove` tries
it.
"""
