"""From a source to a BPF object: :mod:`.compile` is the door.

Rust by the front end of :mod:`.rust`, C by clang (:mod:`.c`), LLVM IR as it is; LLVM runs in a process of
its own (:mod:`.llvm`). It shares only bytes with :mod:`btfview.btf`, so that each checks the other.
"""
