"""A block of code, as it is shown and as it is tried."""

from __future__ import annotations

from btfview.frozen import frozen


@frozen
class Block:
    text: str
    call: str
    """Of its function, with ``ctx``."""
    flavors: tuple[str, ...]
    """Of the names that it declares."""

    @property
    def function(self) -> str:
        return self.call.partition("(")[0]
