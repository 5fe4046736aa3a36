"""What the words of a BTF record mean: a number, a name, or another type."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NAMED = 1 << 31
"""Set in a word that stands for the first type of a name: the rest is the name's number."""
REFERENCE = 0
"""Kind, which no record has, of the entry that stands for a later type of a name: its rank says which."""

ONE_TYPE = frozenset((2, 8, 9, 10, 11, 12, 18))
"""Kinds (pointers, typedefs, modifiers, functions, type tags) of which all that follows is another type."""
PLAIN = frozenset((1, 7, 16))
"""Kinds (ints, forward declarations, floats) that name no other type."""
ARRAY, PROTO, VAR, DATASEC, DECL_TAG = 3, 13, 14, 15, 17
MEMBERS = frozenset((4, 5))
ENUMERATORS = {6: 2, 19: 3}
"""Words of each enumerator, the first of them its name."""

NAMED_ELEMENTS = {4: 3, 5: 3, 6: 2, 13: 2, 19: 3}
"""Words of each member, enumerator or parameter, the first of them its name; they begin in the second word
behind the info word."""

# Words behind struct btf_type's info: a fixed number, and a number for each of vlen elements.
_FIXED = {1: 2, 3: 4, 14: 2, 17: 2}
_ELEMENT = {4: 3, 5: 3, 6: 2, 13: 2, 15: 3, 19: 3}
LAST_KIND = 19


def kind_of(info: int) -> int:
    return info >> 24 & 0x7F


def body_size(info: int) -> int:
    """Return how many words follow the info word of a record; 0 for a :data:`REFERENCE`.

    Raises:
        KeyError: the kind is unknown.
    """
    kind = kind_of(info)
    if kind == REFERENCE:
        return 0
    if kind > LAST_KIND:
        raise KeyError(kind)
    return _FIXED.get(kind, 1) + _ELEMENT.get(kind, 0) * (info & 0xFFFFFF)


def replaced(
    info: int, body: list[int], string: Callable[[int], int], type_: Callable[[int], int]
) -> list[int]:
    """Return *body*, what follows an info word, changed: *string* of each word that is a name in it, *type_*
    of each that is another type."""
    kind = kind_of(info)
    if kind in ONE_TYPE or kind in (VAR, DECL_TAG):
        body[0] = type_(body[0])
    elif kind in MEMBERS:
        body[1::3] = map(string, body[1::3])
        body[2::3] = map(type_, body[2::3])
    elif kind == PROTO:
        body[0] = type_(body[0])
        body[1::2] = map(string, body[1::2])
        body[2::2] = map(type_, body[2::2])
    elif kind in ENUMERATORS:
        size = ENUMERATORS[kind]
        body[1::size] = map(string, body[1::size])
    elif kind == ARRAY:
        body[1:3] = type_(body[1]), type_(body[2])
    elif kind == DATASEC:
        body[1::3] = map(type_, body[1::3])
    return body
