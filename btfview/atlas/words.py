"""What the words of a BTF record mean: a number, a name, or another type."""

from __future__ import annotations

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
_LAST_KIND = 19


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
    if kind > _LAST_KIND:
        raise KeyError(kind)
    return _FIXED.get(kind, 1) + _ELEMENT.get(kind, 0) * (info & 0xFFFFFF)
