"""Which types a user means: by name, ``struct NAME``, pattern or id; and what else is called nearly so."""

from __future__ import annotations

from itertools import compress

from btfview.frozen import TYPE_CHECKING

from .format.spelling import name_or_invalid
from .kinds import BtfKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .reader import Btf

CODE_KINDS = frozenset((BtfKind.FUNC, BtfKind.VAR, BtfKind.DATASEC, BtfKind.DECL_TAG, BtfKind.TYPE_TAG))
"""What has a name but is no type in C."""
KIND_WORDS = tuple(kind.label for kind in BtfKind if kind)
_SUGGESTIONS = 3
_LEAST_LIKENESS = 0.7


def read_type_id(text: str) -> int | None:
    """Return the id in ``[114]``, ``#114`` or ``114``; None for anything else.

    >>> read_type_id("[114]"), read_type_id("#7"), read_type_id("task_struct")
    (114, 7, None)
    """
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else None


def is_pattern(text: str) -> bool:
    return any(char in text for char in "*?[") and read_type_id(text) is None


def split_kind(text: str) -> tuple[frozenset[BtfKind], str]:
    """Return the kinds that a word before the name allows (none: any), and the name.

    >>> split_kind("struct page")[1], split_kind("page")
    ('page', (frozenset(), 'page'))
    """
    word, _, name = text.partition(" ")
    return (kinds_called((word,)), name.strip()) if name and word in KIND_WORDS else (frozenset(), text)


def kinds_called(words: Iterable[str]) -> frozenset[BtfKind]:
    """Return the kinds that *words* name; ``enum`` is both of them, ``struct`` and ``union`` are also the
    forward declarations."""
    kinds = {BtfKind[word.upper()] for word in words}
    if BtfKind.ENUM in kinds:
        kinds.add(BtfKind.ENUM64)
    return frozenset(kinds)


def find_types(btf: Btf, name: str, kinds: Collection[BtfKind] = ()) -> list[int]:
    """Return the ids of all types called *name* (or the one id that *name* is), of *kinds* if any are
    given, in id order.

    Without *kinds*, functions and variables count only where nothing else has the name, and forward
    declarations only where there is no definition.
    """
    type_id = read_type_id(name)
    if type_id is not None:
        return [type_id] if 0 < type_id < btf.type_count else []
    ids = btf.ids_named(name)
    of_kind = {found: btf.kind(found) for found in ids}
    if kinds:
        wanted = [found for found in ids if of_kind[found] in kinds]
        is_composite = bool({BtfKind.STRUCT, BtfKind.UNION} & set(kinds))
        return wanted or [found for found in ids if is_composite and of_kind[found] == BtfKind.FWD]
    types = [found for found in ids if of_kind[found] not in CODE_KINDS] or list(ids)
    return [found for found in types if of_kind[found] != BtfKind.FWD] or types


def named_types(btf: Btf, kinds: Collection[BtfKind] = ()) -> list[tuple[int, str]]:
    """Return id and name of every own type of *btf* that has a name, of *kinds*; without *kinds* of all
    that are types in C."""
    words, starts = btf.records()
    numbers = {int(kind) for kind in kinds or set(BtfKind) - CODE_KINDS - {BtfKind.VOID}}
    return [
        (type_id, name)
        for type_id, at in enumerate(starts, btf.start_id)
        if words[at] >> 24 & 0x7F in numbers and (name := name_or_invalid(btf, type_id))
    ]


def match_types(btf: Btf, pattern: str, kinds: Collection[BtfKind] = ()) -> list[tuple[int, str]]:
    """Return what :func:`named_types` does, of names that match a shell *pattern*."""
    import re
    from fnmatch import translate

    matches = re.compile(translate(pattern)).match
    return [(type_id, name) for type_id, name in named_types(btf, kinds) if matches(name)]


def nearest_names(btf: Btf, name: str, kinds: Collection[BtfKind] = ()) -> list[str]:
    """Return at most three names of types like *name*, the likest first."""
    from difflib import get_close_matches

    near = len(name) // 3 + 1
    candidates = {one: None for _, one in named_types(btf, kinds) if abs(len(one) - len(name)) <= near}
    if btf.base:
        candidates |= {
            one: None for _, one in named_types(btf.base, kinds) if abs(len(one) - len(name)) <= near
        }
    same_letters = [one for one in candidates if one.lower() == name.lower()]
    likest = get_close_matches(name, candidates, n=_SUGGESTIONS, cutoff=_LEAST_LIKENESS)
    return list(dict.fromkeys((*same_letters, *likest)))[:_SUGGESTIONS]


def types_beginning(btf: Btf, start: str) -> dict[str, list[int]]:
    """Return the ids of all types whose names begin with *start*, by name, in id order.

    One sweep over the strings and one pass over the records, whatever is found: 25 ms in a kernel, where a
    table of all names would take 90.
    """
    found = types_beginning(btf.base, start) if btf.base else {}
    by_offset = _names_beginning(btf, start)
    words, starts = btf.records()
    offsets = [words[at - 1] for at in starts]
    is_wanted = map(by_offset.__contains__, offsets)
    for type_id, offset in compress(enumerate(offsets, btf.start_id), is_wanted):
        found.setdefault(by_offset[offset], []).append(type_id)
    return found


def _names_beginning(btf: Btf, start: str) -> dict[int, str]:
    """Return the strings that begin with *start*, by their offset; the base's as well."""
    found = _names_beginning(btf.base, start) if btf.base else {}
    # A zero stands before each, and now before the first as well.
    section, needle = b"\0" + btf.string_section(), b"\0" + start.encode("utf-8", "surrogatepass")
    position = section.find(needle)
    while position >= 0 and (end := section.find(b"\0", position + 1)) > 0:
        found[position + btf.string_start] = section[position + 1 : end].decode("utf-8", "replace")
        position = section.find(needle, end)
    return found
