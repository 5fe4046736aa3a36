"""Where a missing field may have gone: what to write instead.

Three clues, best first. *Place*: on a kernel that has the field, its neighbours are known; what stands
between the same neighbours here is likely the same field under a new name. *Name*: the same name one or more
structs deeper ("moved into ``se``"). *Spelling*: names that differ by underscores, a prefix, a few letters.
"""

from __future__ import annotations

from btfview.btf.types import Member, Struct
from btfview.frozen import TYPE_CHECKING, frozen

from .compat import why_fields_differ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.btf.reader import Btf

_MAX_DEPTH = 4
_MAX_SUGGESTIONS = 3
_LIKE = 0.72
"""Least similarity of two spellings (difflib's ratio)."""


@frozen
class Suggestion:
    text: str
    """``__state``, ``se.vruntime``; a name that can be written in place of the missing one."""
    why: str
    """In words: ``stands where state stands on 5.10.0-46-amd64``."""
    is_by_place: bool = False
    """It stands between the neighbours of the missing one."""


@frozen
class Known:
    """The field on a kernel that has it."""

    name: str
    """The kernel."""
    btf: Btf
    struct: Struct
    """The one that has the member; an anonymous one, if that is where it is."""


def suggest_member(
    target: Btf, struct: Struct, name: str, known: Iterable[Known] = ()
) -> tuple[Suggestion, ...]:
    """Return where member *name*, which *struct* lacks, may be found; the likeliest first."""
    alike = list(_by_spelling((member.name for member in _named_members(target, struct)), name))
    same = [suggestion for suggestion in alike if suggestion.text.strip("_") == name.strip("_")]
    found: dict[str, Suggestion] = {}
    for suggestion in (
        *_by_place(target, struct, name, known),
        *same,
        *_by_name(target, struct, name),
        *alike,
    ):
        found.setdefault(suggestion.text, suggestion)
    return tuple(found.values())[:_MAX_SUGGESTIONS]


def _by_place(target: Btf, struct: Struct, name: str, known: Iterable[Known]) -> Iterator[Suggestion]:
    """Compare what stands between the nearest members that both kernels have.

    As many new names here as lost ones there: they go together in order. Else every new one of a compatible
    type may be it, unless there are many.
    """
    members = list(_named_members(target, struct))
    here = [member.name for member in members]
    for one in known:
        members_there = list(_named_members(one.btf, one.struct))
        there = [member.name for member in members_there]
        index = there.index(name)
        type_id = members_there[index].type_id
        first = next((at for at in range(index - 1, -1, -1) if there[at] in here), -1)
        last = next((at for at in range(index + 1, len(there)) if there[at] in here), len(there))
        start = here.index(there[first]) + 1 if first >= 0 else 0
        end = here.index(there[last]) if last < len(there) else len(here)
        lost = there[first + 1 : last]
        new = [member for member in members[start:end] if member.name not in there]
        if len(lost) == len(new):
            new = [new[lost.index(name)]]
        elif len(new) > _MAX_SUGGESTIONS:
            continue  # too much has changed around it to tell
        for member in new:
            differs = why_fields_differ(one.btf, type_id, target, member.type_id) is not None
            if not differs or len(new) == 1:
                with_type = ", with another type" if differs else ""
                yield Suggestion(
                    member.name, f"stands where {name} stands on {one.name}{with_type}", is_by_place=True
                )


def _by_name(target: Btf, struct: Struct, name: str) -> Iterator[Suggestion]:
    """Breadth first, so that the nearest place comes first."""
    level: list[tuple[str, Struct]] = [("", struct)]
    seen = {struct.id}
    for _ in range(_MAX_DEPTH):
        deeper: list[tuple[str, Struct]] = []
        for path, owner in level:
            for member in owner.members:
                inner = target.skip_modifiers(member.type_id)
                place = f"{path}.{member.name}".strip(".") if member.name else path
                if member.name == name and path:
                    yield Suggestion(f"{path}.{name}", f"moved into {path}")
                if isinstance(inner, Struct) and inner.id not in seen:
                    seen.add(inner.id)
                    deeper.append((place, inner))
        level = deeper


def _by_spelling(names: Iterable[str], name: str) -> Iterator[Suggestion]:
    from difflib import SequenceMatcher

    bare = name.strip("_")
    scored: list[tuple[float, str]] = []
    for other in dict.fromkeys(names):
        if not other or other == name:
            continue
        if other.strip("_") == bare:
            score = 1.0
        else:
            matcher = SequenceMatcher(None, bare, other.strip("_"))
            # The two cheap upper bounds first: a kernel struct has hundreds of members.
            score = matcher.real_quick_ratio()
            if score >= _LIKE:
                score = matcher.quick_ratio()
            if score >= _LIKE:
                score = matcher.ratio()
            if bare and (other.endswith(f"_{bare}") or other.startswith(f"{bare}_")):
                score = max(score, 0.9)
        if score >= _LIKE:
            scored.append((-score, other))
    for _, other in sorted(scored):
        yield Suggestion(other, "is spelled alike")


def _named_members(target: Btf, struct: Struct, seen: frozenset[int] = frozenset()) -> Iterator[Member]:
    """Yield the members in order, those of anonymous structs and unions in their place."""
    for member in struct.members:
        if member.name:
            yield member
            continue
        inner = target.skip_modifiers(member.type_id)
        if isinstance(inner, Struct) and inner.id not in seen and len(seen) < _MAX_DEPTH:
            yield from _named_members(target, inner, seen | {inner.id})
