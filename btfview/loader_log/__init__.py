"""A loader's log, read: what it complains of, and the records that it means.

Text to complaints (:mod:`.complaints`), complaints to records of an analysis (:mod:`.match`). The log may be
libbpf's, bpftool's, aya's or cilium/ebpf's, behind any prefix, in JSON strings, cut anywhere: time is
linear in it, and what cannot be told is said to be so.
"""
