"""Rows: a module a pane. From an :mod:`btfview.analysis` result to segments with roles, without a screen.

Facts stay facts until here; nothing downstream reads them back out of text.
"""
