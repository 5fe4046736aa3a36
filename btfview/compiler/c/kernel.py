"""What a C source may take from the kernel that it is for: the architecture and a ``vmlinux.h``."""

from __future__ import annotations

from btfview.frozen import frozen

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "vmlinux.h"


@frozen
class KernelHeader:
    """A ``vmlinux.h`` that was made of a kernel's types."""

    folder: str
    kernel: str
    """Name of the target that it is of."""


@frozen
class KernelTypes:
    """A kernel, as far as clang is told of it."""

    arch: str
    """As in ``__TARGET_ARCH_x86`` (libbpf's bpf_tracing.h); empty where it is not known."""
    header: Callable[[], KernelHeader]
    """Gives a ``vmlinux.h`` with a kernel's types, made when first asked for.

    Raises:
        BtfviewError: there is no kernel with types, or they cannot be read or written.
    """
