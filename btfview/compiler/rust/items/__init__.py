"""Items of a source: collected, named, declared; their types read, their facts asked once.

Assumes a tree without syntax errors. Bodies are left to ``check``, values to ``consts``.
"""
