"""Code for given fields on given kernels: planned, shaped, written, put into a source.

Assumes targets whose BTF is read, and paths as a user types them. What goes into a source is compiled and
resolved first, by :mod:`btfview.analysis`. Nothing here writes a file.
"""
