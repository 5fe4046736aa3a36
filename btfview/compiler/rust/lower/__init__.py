"""Typed tree to LLVM IR as text, with debug info and the intrinsics of queries."""
