"""Rows over many kernels at once."""
