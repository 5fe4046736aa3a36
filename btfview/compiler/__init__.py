"""Rust with BTF relocations to LLVM IR to a BPF object; one process a compile."""
