"""A new field of the same struct that is called nearly so."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from .found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .question import Lost

_PADDING = frozenset(("unused", "pad", "padding", "reserved", "hole", "spare", "dummy"))
_STEM = 4
"""Letters of a word that begins another one."""
_ALIKE = 0.55
"""Likeness of two spellings that have something in common."""
_MISTYPED = 0.88
"""Likeness of a name and the same name with a typing mistake."""
_MAX_PREFIX = 4
"""Letters that stand before ``_`` in the names of one struct's members: ``i_``, ``sk_``, ``icsk_``."""


def words_of(name: str) -> list[str]:
    """Return the words of a name.

    >>> words_of("__data_loc_parent_comm")
    ['data', 'loc', 'parent', 'comm']
    """
    return [word for word in name.split("_") if word]


def shares_word(one: str, other: str, *, whole: bool = False) -> bool:
    """Tell whether two names have a word in common; *whole*: whether all of *one* stands in *other*."""
    mine, theirs = words_of(one), words_of(other)
    if whole:
        return any(theirs[at : at + len(mine)] == mine for at in range(len(theirs) - len(mine) + 1))
    return bool(set(mine) & set(theirs))


def has_in_common(one: str, other: str, prefix: str = "") -> bool:
    """Tell whether two names have a word in common, or the beginning of one (``wait``, ``waiter``), or are
    spelled alike; *prefix* is one that says nothing, since most names beside have it."""
    mine, theirs = (words_of(name.removeprefix(prefix) if name != prefix else name) for name in (one, other))
    for word in mine:
        for its in theirs:
            if word == its or (
                min(len(word), len(its)) >= _STEM and (word.startswith(its) or its.startswith(word))
            ):
                return True
    from difflib import SequenceMatcher

    return SequenceMatcher(None, "_".join(mine), "_".join(theirs)).ratio() >= _ALIKE


def without_prefix(name: str) -> str:
    """Return a name without the customary prefix of its struct.

    >>> without_prefix("fl_pid"), without_prefix("__data_loc_comm"), without_prefix("_flags")
    ('pid', 'loc_comm', 'flags')
    """
    bare = name.strip("_")
    prefix, mark, rest = bare.partition("_")
    return rest if mark and rest and len(prefix) <= _MAX_PREFIX else bare


def is_padding(name: str) -> bool:
    """Tell whether a name says that nothing is there."""
    return any(word.rstrip("0123456789") in _PADDING for word in words_of(name))


def underscores(lost: Lost) -> Iterator[Found]:
    """Only underscores before or behind differ."""
    for field in lost.new_fields:
        if field.name.strip("_") == lost.name.strip("_"):
            yield Found(lost.here(field.name), "the same name with other underscores")


def data_loc(lost: Lost) -> Iterator[Found]:
    """A trace event's text, now at a place that the record tells (``__data_loc``, or back)."""
    bare = lost.name.removeprefix("__data_loc_").removeprefix("__rel_loc_")
    for field in lost.new_fields:
        text = field.name.removeprefix("__data_loc_").removeprefix("__rel_loc_")
        if text == bare:
            how = "offset and length of the text" if text != field.name else "the text itself"
            yield Found(lost.here(field.name), f"it holds {how} there")


def mistyped(lost: Lost) -> Iterator[Found]:
    """A field that is spelled the same but for a letter or two: for what no kernel at hand has."""
    from difflib import get_close_matches

    names = [field.name for field in lost.new.fields(lost.level.new.id)]
    for name in get_close_matches(lost.name, names, n=3, cutoff=_MISTYPED):
        yield Found(lost.here(name), "is spelled alike")


def split_up(lost: Lost) -> Iterator[Found]:
    """Two or more new ones begin with the whole name: ``i_mtime`` is ``i_mtime_sec`` and ``i_mtime_nsec``."""
    bare = lost.name.strip("_")
    parts = [field for field in lost.new_fields if field.name.strip("_").startswith(f"{bare}_")]
    if len(parts) < 2:
        return
    wanted = words_of(lost.rest[-1].name)[-1] if lost.rest else ""
    parts.sort(key=lambda field: (words_of(field.name)[-1] != wanted, not lost.same_type(lost.field, field)))
    both = " and ".join(sorted(field.name for field in parts)[:3])
    for field in parts:
        yield Found(lost.here(field.name), f"it is in parts there, {both}", is_whole=True)


def put_together(lost: Lost) -> Iterator[Found]:
    """Back: ``i_mtime_sec`` is ``tv_sec`` in the struct ``i_mtime``."""
    words = words_of(lost.name)
    for field in lost.new_fields:
        outer = words_of(field.name)
        if len(outer) >= len(words) or words[: len(outer)] != outer:
            continue
        struct = lost.new.struct(field.type_id)
        inner = words[len(outer) :]
        for one in lost.new.fields(struct.id) if struct else ():
            if words_of(one.name)[-len(inner) :] == inner and lost.same_kind(lost.field, one):
                yield Found(lost.here(f"{field.name}.{one.name}"), f"it is in {field.name} there")


def other_prefix(lost: Lost) -> Iterator[Found]:
    """The same name but for a prefix, and the same type."""
    name, bare = lost.name.strip("_"), without_prefix(lost.name)
    found = [
        field
        for field in lost.new_fields
        # Two other prefixes may well be two other things: seq_zones_bitmap, conv_zones_bitmap.
        if (without_prefix(field.name) == name or field.name.strip("_") == bare)
        and lost.same_type(lost.field, field)
    ]
    if len(found) == 1:
        yield Found(lost.here(found[0].name), "the same name and type, with another prefix")
