"""An enumerator that is gone, or an enum."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING

from .found import Found
from .names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Kernel

_HALF = 0.5
_ALIKE = 0.8


def other_enum(old: Kernel, new: Kernel, enum: str, name: str) -> Iterator[Found]:
    """The same enumerator, in an enum that lacked it before."""
    for type_id in new.holders(name):
        found = new.btf.type(type_id)
        if not isinstance(found, t.Enum) or not found.name or found.name == enum:
            continue
        if not any(name == one.name for before in old.enums(found.name) for one in before.enumerators):
            yield Found(f"{found.name}::{name}", f"moved to enum {found.name}")


def renamed_enum(old: Kernel, new: Kernel, enum: str, name: str) -> Iterator[Found]:
    """An enum that is new and has half of the enumerators of one that is gone, *name* among them (any, where
    it is empty)."""
    if new.enums(enum):
        return
    for gone in old.enums(enum):
        wanted = {one.name for one in gone.enumerators}
        for type_id in new.holders(name or gone.enumerators[0].name if gone.enumerators else ""):
            found = new.btf.type(type_id)
            if not isinstance(found, t.Enum) or not found.name or old.enums(found.name):
                continue
            common = wanted & {one.name for one in found.enumerators}
            if len(common) >= _HALF * len(wanted):
                path = f"{found.name}::{name}" if name else found.name
                yield Found(path, f"it is new there, and has {len(common)} of {len(wanted)} enumerators")


def same_place(old: Kernel, new: Kernel, enum: str, name: str) -> Iterator[Found]:
    """A new enumerator between the same neighbours, with most of the words of the old one."""
    for before in old.enums(enum):
        there = [one.name for one in before.enumerators]
        if name not in there:
            continue
        for now in new.enums(enum):
            here = [one.name for one in now.enumerators]
            at = there.index(name)
            first = next((i for i in range(at - 1, -1, -1) if there[i] in here), -1)
            last = next((i for i in range(at + 1, len(there)) if there[i] in here), len(there))
            start = here.index(there[first]) + 1 if first >= 0 else 0
            end = here.index(there[last]) if last < len(there) else len(here)
            fresh = [one for one in here[start:end] if one not in there]
            lost = there[first + 1 : last]
            if len(fresh) == len(lost) and _are_alike(name, fresh[lost.index(name)]):
                yield Found(f"{enum}::{fresh[lost.index(name)]}", f"stands where {name} stands on {old.name}")


def _are_alike(name: str, other: str) -> bool:
    mine, theirs = words_of(name), words_of(other)
    common = len(set(mine) & set(theirs))
    return common >= max(len(mine), len(theirs)) - 1 and common > 0
