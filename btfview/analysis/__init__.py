"""One immutable result: a program compiled or read, linked, resolved on targets; and what is found in it.

:mod:`.analyse` makes it, :mod:`.result` is it. Data, not text: rows and sentences are made by
:mod:`btfview.views`.
"""
