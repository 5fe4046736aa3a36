"""What the search of the type browser finds: types by name, and members by their path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.frozen import frozen
from btfview.palette.choices import KernelMembers
from btfview.palette.goals import ToType
from btfview.palette.type_index import LIMIT, Hits, TypeIndex, first_types
from btfview.views.rows import Row, Segment

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

HEADING = Segment("kind      name", "heading")
_WIDEST_NAME = 60


@frozen
class Found:
    """What fits a query, best first."""

    rows: tuple[Row, ...]
    goals: tuple[tuple[int, str], ...]
    """A type and the path of a member, empty for the type itself; one for each row."""
    count: int
    """Of all that fit."""


NOTHING = Found((), (), 0)


class Finder:
    """The names of one target's types, read, and its types' members."""

    def __init__(self, btf: Btf, index: TypeIndex) -> None:
        self._index = index
        self._members = KernelMembers(btf, 0)

    def __len__(self) -> int:
        return len(self._index)

    def find(self, query: str) -> Found:
        """Return the members that fit, where *query* is a path (``task_struct.se.vr``), and the types.

        Raises:
            BtfFormatError: the type that the path begins with is damaged.
        """
        rows: list[Row] = []
        goals: list[tuple[int, str]] = []
        members = [choice for _, choice in self._members.find(query.strip(), LIMIT)]
        width = min(_WIDEST_NAME, max((len(choice.text) for choice in members), default=0))
        for choice in members:
            assert isinstance(choice.goal, ToType)
            goals.append((choice.goal.type_id, choice.goal.path))
            rows.append(_row("member", choice.text, width, choice.about, is_fuzzy=False))
        hits = self._index.search(query)
        named = _found(hits)
        return Found((*rows, *named.rows), (*goals, *named.goals), len(rows) + hits.count)


def first_found(btf: Btf) -> Found:
    """Return what a search without a name begins with; see :func:`.first_types`."""
    return _found(Hits("", first_types(btf), 0))


def _found(hits: Hits) -> Found:
    width = min(_WIDEST_NAME, max((len(hit.name) for hit in hits.hits), default=0))
    return Found(
        tuple(
            _row(hit.kind.label, hit.name, width, f"[{hit.type_id}]", is_fuzzy=hit.is_fuzzy)
            for hit in hits.hits
        ),
        tuple((hit.type_id, "") for hit in hits.hits),
        hits.count,
    )


def _row(kind: str, name: str, width: int, about: str, *, is_fuzzy: bool) -> Row:
    gap = " " * (width + 2 - len(name))
    return Row(
        (
            Segment(f"{kind:<9} ", "keyword"),
            Segment(name, "dim" if is_fuzzy else "name"),
            Segment(f"{gap}{about}", "dim"),
        )
    )
