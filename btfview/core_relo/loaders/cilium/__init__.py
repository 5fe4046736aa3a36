"""cilium/ebpf's rules (Go; 0.22.0, ``btf/core.go``, ``linker.go`` and ``elf_reader.go``).

All records of one type in one program are resolved together: the candidate that leaves least to be poisoned
serves all of them, and two that leave as little must agree. A load keeps its width, whatever the field has.
"""
