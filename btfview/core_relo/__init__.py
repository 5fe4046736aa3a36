"""libbpf's rules: what a loader writes for one record on one kernel, and why.

Assumes an object and a target that are read. Each rule names the function of libbpf it follows. Which
targets, and what to say of it all, is for others.
"""
