"""Typed tree to LLVM IR as text, with debug info and the intrinsics of queries.

Assumes a program without errors, so it refuses nothing; what LLVM cannot do with it is said by
:mod:`btfview.compiler.llvm.messages`.
"""
