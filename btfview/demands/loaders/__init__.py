"""What other loaders than libbpf check of an object beside its records, each by its own rules.

A reason of libbpf's gives way to one of theirs where they look things up otherwise: sections, targets to
attach to, kfuncs, symbols, values of the configuration, struct_ops. What the kernel itself refuses stays.
"""
