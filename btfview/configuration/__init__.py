"""A project's ``btfview.toml``, or ``[tool.btfview]`` in ``pyproject.toml``: found upwards, read, checked.

:mod:`.keys` declares each key once, with its type, default and text; all else follows from that.
"""
