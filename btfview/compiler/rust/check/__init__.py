"""Syntax to typed tree, by rustc's rules and with its errors: one rule for each kind of expression.

Assumes items that are collected and declared. Whatever is wrong becomes a diagnostic and an error type, which
silences what follows from it; what the tree means to LLVM is for ``lower``. Borrows are not checked.
"""
