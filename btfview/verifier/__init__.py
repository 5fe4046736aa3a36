"""The kernel's own verdict: programs loaded into the running kernel by the system's libbpf, and what it said.

libbpf runs in a child (:mod:`.child`), which loads one program at a time, attaches nothing and ends; the
parent (:mod:`.load`) limits its time. :mod:`.log` reads the verifier's words. Nothing stays in the kernel.
"""
