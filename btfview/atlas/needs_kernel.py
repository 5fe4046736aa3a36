"""What says that an answer cannot be shared."""

from __future__ import annotations


class NeedsKernelError(Exception):
    """The question cannot be answered from names alone; the kernel itself can. Never seen by a user."""
