"""Kernel BTF: where it is found and how it is opened."""
