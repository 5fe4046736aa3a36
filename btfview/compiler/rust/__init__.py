"""Rust to LLVM IR: :mod:`.build_ir` is the door, each stage a package.

syntax (text to tree), types, typed (the typed tree), items (names and declarations), consts (values),
check (tree to typed tree), lower (typed tree to IR), lints.
"""
