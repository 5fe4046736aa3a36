"""The IR that rustc writes for the host, taken apart and put together again for BPF.

LLVM prints one entity a line, functions aside; so a module is read by lines, and a line that is to be changed
by tokens. Everything here is text to text, before any pass of LLVM.
"""
