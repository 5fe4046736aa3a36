"""Code for given fields on given kernels: planned, shaped, written, put into a source."""
