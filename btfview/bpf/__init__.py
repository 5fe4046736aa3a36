"""Instructions, ELF objects, and which code of a program can run.

Reads what a compiler wrote; what a record asks of a kernel is for :mod:`btfview.core_relo`.
"""
