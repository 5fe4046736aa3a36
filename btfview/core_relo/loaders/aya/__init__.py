"""aya's rules (Rust; crate aya-obj 0.3.0, ``btf/relocation.rs`` and ``btf/types.rs``).

Each record is taken alone, on the kernel's BTF without its modules, and the first that goes wrong ends the
load. Nothing is checked against the instruction, nothing is remembered between records.
"""
