"""Queries: the macros of ``core::btf``, wrappers like them, and the builtins that they become.

Assumes types that are declared. It leaves a query node of the typed tree, or a diagnostic; the chain of
intrinsics is for ``lower``.
"""
