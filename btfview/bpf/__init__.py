"""BPF instructions and the object files that hold them."""
