"""Where the user has been in the type browser, and the way back."""

from __future__ import annotations

from btfview.frozen import frozen


@frozen
class Stop:
    """A type, and the row that the cursor was on."""

    type_id: int
    key: str = ""


class Trail:
    """The types that were left by following a member, and those that were left by going back."""

    def __init__(self) -> None:
        self._past: list[Stop] = []
        self._future: list[Stop] = []

    def clear(self) -> None:
        self._past.clear()
        self._future.clear()

    def follow(self, here: Stop) -> None:
        """Leave *here* for a type that is new on the way."""
        self._past.append(here)
        self._future.clear()

    def back(self, here: Stop) -> Stop | None:
        """Return where *here* was reached from; None at the beginning of the way."""
        return _step(self._past, self._future, here)

    def forward(self, here: Stop) -> Stop | None:
        """Return where *here* was left for; None at the end of the way."""
        return _step(self._future, self._past, here)


def _step(source: list[Stop], other: list[Stop], here: Stop) -> Stop | None:
    if not source:
        return None
    other.append(here)
    return source.pop()
