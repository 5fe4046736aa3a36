"""One type of a target, alone or beside that of another, with the words around it."""

from __future__ import annotations

from btfview.analysis.type_rows import (
    RowComparison,
    RowState,
    compare,
    differences,
    same_type,
    title_of,
    type_rows,
)
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.type_rows import TypeRow
    from btfview.targets.target import Target


@frozen
class TypeOnShow:
    """The rows of a type."""

    rows: Sequence[TypeRow | RowComparison]
    title: str
    message: str
    empty_text: str
    """What stands in the place of rows where there are none."""


def show_type(
    target: Target,
    type_id: int,
    other: Target | None = None,
    *,
    has_cachelines: bool = False,
    is_difference: bool = False,
) -> TypeOnShow:
    """Return a type of *target*, with *other* beside that of the same name there, and then with
    *is_difference* only what differs.

    Raises:
        BtfviewError: one of them is damaged.
    """
    if other is None:
        return _alone(target, type_id, has_cachelines)
    return _beside(target, other, type_id, has_cachelines, is_difference)


def _alone(target: Target, type_id: int, has_cachelines: bool) -> TypeOnShow:
    rows = type_rows(target.btf, type_id, has_cachelines=has_cachelines)
    return TypeOnShow(
        rows,
        f"{title_of(target.btf, type_id)} on {target.name}",
        f"{len(rows)} rows",
        "nothing is known of its inside",
    )


def _beside(
    target: Target, other: Target, type_id: int, has_cachelines: bool, is_difference: bool
) -> TypeOnShow:
    here = type_rows(target.btf, type_id, has_cachelines=has_cachelines)
    there_id = same_type(target.btf, type_id, other.btf)
    there = type_rows(other.btf, there_id, has_cachelines=has_cachelines) if there_id else ()
    compared = compare(here, there)
    members = [one for one in compared if any(row.is_member for row in (one.here, one.there) if row)]
    changes = sum(one.state != RowState.SAME for one in members)
    only = ", and only these are shown" if is_difference else ""
    signs = "▲ moved  ≠ changed  - only here  + only there"
    nowhere = f"{other.name} has no such type"
    return TypeOnShow(
        differences(compared) if is_difference else compared,
        f"{title_of(target.btf, type_id)}: {target.name} beside {other.name}",
        f"{changes} of {len(members)} differ{only}: {signs}" if there_id else nowhere,
        "no difference" if there_id else nowhere,
    )
