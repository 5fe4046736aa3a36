"""btfview: a terminal workbench for BPF CO-RE relocations."""

__version__ = "0.2.0"
