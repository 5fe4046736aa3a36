"""Queries: the macros of ``core::btf``, wrappers like them, and the builtins that they become."""
