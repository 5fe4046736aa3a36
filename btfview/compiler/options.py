"""What a compile is asked for."""

from __future__ import annotations

from ..record import record

CPUS = ("v1", "v2", "v3", "v4")
ENDIANS = ("little", "big")
DIALECTS = ("auto", "repr", "option")
EMITS = ("obj", "ir", "ir-optimized", "asm")


@record
class CompileOptions:
    cpu: str = "v3"
    """One of :data:`CPUS`: LLVM's ``-mcpu`` for BPF."""
    endian: str = "little"
    """One of :data:`ENDIANS`: ``bpfel`` or ``bpfeb``."""
    dialect: str = "auto"
    """One of :data:`DIALECTS`: ``auto`` follows the markers in the source."""
