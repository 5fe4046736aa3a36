"""CO-RE relocations: a local type meets a target, by libbpf's rules."""
