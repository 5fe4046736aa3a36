"""What a walk through a program finds: what runs, and events that the verifier looks at more closely."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .values import KERNEL, LOOKED_UP, PACKET, SCALAR, WILD

if TYPE_CHECKING:
    from typing import Any

    from btfview.demands.object.code import Place

    from .stack import StackDepth


@frozen
class Event:
    """Something that the verifier looks at more closely than is done here."""

    what: str
    place: Place
    value: Any = None
    offset: int = 0
    size: int = 0
    may: str = ""
    """Why it is not sure that it is reached."""


# Events.
CONTEXT_READ = "context read"
CONTEXT_MOVED = "context moved"
KERNEL_READ = "kernel read"
KERNEL_WRITE = "kernel write"
NULL_READ = "null read"
SCALAR_READ = "scalar read"
PACKET_READ = "packet read"
CONTEXT_WRITE = "context write"
CONSTANT_WRITE = "constant write"
WILD_READ = "wild read"
RETURNED = "returned"
KFUNC_CALLED = "kfunc called"
HELPER_CALLED = "helper called"


TOLD_READS = {
    LOOKED_UP: NULL_READ,
    KERNEL: KERNEL_READ,
    SCALAR: SCALAR_READ,
    PACKET: PACKET_READ,
    WILD: WILD_READ,
}
"""What is told of a read through a pointer."""


@frozen
class Walk:
    """What was found of one program."""

    reached: dict[Place, str]
    """Instructions that run, each with why it only may; empty where it does for sure."""
    events: tuple[Event, ...]
    is_complete: bool
    """All paths were followed to their ends."""
    is_exact: bool
    """They were followed one by one, not joined."""
    has_loops: bool
    """A path leads back to where it has been, so its length hangs on values."""
    has_open_loop: bool
    """One comes back with nothing changed: whether the verifier finds an end is not told here."""
    stack: StackDepth
    """What the deepest chain of calls takes."""
