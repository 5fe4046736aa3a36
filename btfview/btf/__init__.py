"""BTF as data: read, index, lay out, write."""
