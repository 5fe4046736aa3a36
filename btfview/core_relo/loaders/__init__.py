"""What other loaders than libbpf do with the same records: rules over the same types, paths and values.

A loader is a package of a few modules, by question: which types are candidates, which count as the same,
where a path leads, what the value is, how it is written, and what ends the load. Each rule names the function
of the library that it follows. The libraries themselves are asked in ``tests/judges``.
"""
