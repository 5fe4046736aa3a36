"""Whole Rust programs through an unmodified rustc, which compiles them for the host.

Queries are calls that rustc knows nothing of; what they ask stands in a string beside a type. The IR that
comes back is read, line by line and token by token, and turned into a module for BPF (:mod:`.ir`).
"""
