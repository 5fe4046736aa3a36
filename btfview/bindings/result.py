"""What comes of a request for code, and what a source that it is for has already."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .plan import Accessor


@frozen
class Bindings:
    text: str
    """A whole source; of C a header."""
    body: str
    """The same without its first lines, to be put into another source."""
    gates: tuple[str, ...]
    """What ``#![feature(..)]`` of Rust must hold."""
    headers: tuple[str, ...]
    """What C must include, as ``#include`` names it: ``<bpf/bpf_core_read.h>``."""
    accessors: tuple[Accessor, ...]
    notes: tuple[str, ...]
    """What a user should know of it, a line each."""

    @property
    def needs(self) -> str:
        """What a source must have for the body, as it is written there."""
        if self.gates:
            return f"#![feature({', '.join(self.gates)})]"
        return ", ".join(f"#include {header}" for header in self.headers)


@frozen
class Taken:
    """What a source that the code is for declares already."""

    structs: frozenset[str] = frozenset()
    """Structs and unions of Rust without parameters: their functions can stand in an ``impl``."""
    others: frozenset[str] = frozenset()
    """Names of all else; of C all words."""
    methods: Mapping[str, frozenset[str]] = {}
    """Functions of each struct."""
    text: str = ""
    """The source; a helper of ours that stands in it is not made again."""

    @property
    def names(self) -> frozenset[str]:
        return self.structs | self.others


NOTHING_TAKEN = Taken()
