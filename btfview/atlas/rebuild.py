"""The bytes of a BTF, made again of its numbers."""

from __future__ import annotations

import sys
from array import array
from struct import unpack_from

from btfview.frozen import TYPE_CHECKING, frozen

from .words import NAMED, NAMED_ELEMENTS, ONE_TYPE, REFERENCE, replaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.btf.reader import Btf

_NUMBER = 4
"""Bytes of each length in a frame."""


@frozen
class Frame:
    """What stands around the types and the strings of a BTF: its header, and what a newer one may have
    between and behind them."""

    before: bytes
    between: bytes
    behind: bytes

    @classmethod
    def of(cls, btf: Btf) -> Frame:
        data = bytes(btf.data)
        order = "<" if btf.is_little_endian else ">"
        header_len, type_off, type_len, string_off, string_len = unpack_from(f"{order}5I", data, 4)
        types_at, strings_at = header_len + type_off, header_len + string_off
        types_end, strings_end = types_at + type_len, strings_at + string_len
        return cls(data[:types_at], data[types_end:strings_at], data[strings_end:])

    def to_bytes(self) -> bytes:
        parts = (self.before, self.between, self.behind)
        return b"".join(len(part).to_bytes(_NUMBER, "little") for part in parts) + b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frame:
        """Raises ValueError: it is cut short."""
        sizes = [int.from_bytes(data[at : at + _NUMBER], "little") for at in (0, _NUMBER, 2 * _NUMBER)]
        if len(data) != 3 * _NUMBER + sum(sizes):
            raise ValueError("has a frame of another length than it says")
        parts, at = [], 3 * _NUMBER
        for size in sizes:
            parts.append(data[at : at + size])
            at += size
        return cls(*parts)


@frozen
class Types:
    """All types that an atlas has numbers for, what stands before their info words."""

    names: Sequence[int]
    infos: Sequence[int]
    ranks: Sequence[int]


def rebuild(
    frame: Frame,
    strings: Sequence[bytes],
    string_order: array[int],
    types: Types,
    type_order: array[int],
    bodies: Sequence[Sequence[int]],
    *,
    is_little_endian: bool,
) -> bytes:
    """Return the BTF with these strings and types.

    Raises:
        ValueError, LookupError: they do not fit one another.
    """
    section = b"\0".join([*map(strings.__getitem__, string_order), b""])
    words = _Writer(types, _offsets(strings, string_order), type_order).words(bodies)
    if is_little_endian != (sys.byteorder == "little"):
        words.byteswap()
    return b"".join((frame.before, words.tobytes(), frame.between, section, frame.behind))


def used_strings(types: Types, type_order: array[int], bodies: Sequence[Sequence[int]]) -> array[int]:
    """Return the strings that the types name, in the order in which they do first."""
    names, infos, size_of = types.names, types.infos, NAMED_ELEMENTS.get
    used: list[int] = []
    for number, body in zip(type_order, bodies, strict=True):
        used.append(names[number])
        size = size_of(infos[number] >> 24 & 0x7F)
        if size:
            used += body[1::size]
    return array("I", dict.fromkeys(used))


def _offsets(strings: Sequence[bytes], order: array[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    at = 0
    for number in order:
        found[number] = at
        at += len(strings[number]) + 1
    return found


def _places_of(wanted: int, infos: Sequence[int]) -> Iterator[int]:
    """Yield the numbers, from 1 on, of the types with this info word."""
    number = 0
    while True:
        try:
            number = infos.index(wanted, number + 1)
        except ValueError:
            return
        yield number


class _Writer:
    def __init__(self, types: Types, offsets: dict[int, int], order: array[int]) -> None:
        self._types = types
        self._offsets = offsets
        self._order = order
        self._ids: dict[int, int] = {0: 0}
        """By what stands for a type in another one."""
        names, infos, ranks = types.names, types.infos, types.ranks
        later: dict[tuple[int, int], int] = {}
        for type_id, number in enumerate(order, 1):
            name, rank = names[number], ranks[number]
            if not name:
                self._ids[number] = type_id
            elif not rank:
                self._ids[NAMED | name] = type_id
            else:
                later[name, rank] = type_id
        if later:
            for number in _places_of(REFERENCE, infos):
                if (names[number], ranks[number]) in later:
                    self._ids[number] = later[names[number], ranks[number]]

    def words(self, bodies: Sequence[Sequence[int]]) -> array[int]:
        names, infos = self._types.names, self._types.infos
        offset, type_id = self._offsets.__getitem__, self._ids.__getitem__
        found: list[int] = []
        for number, body in zip(self._order, bodies, strict=True):
            info = infos[number]
            if info >> 24 & 0x7F in ONE_TYPE:
                found += (offset(names[number]), info, type_id(body[0]))
            else:
                found += (offset(names[number]), info, *replaced(info, list(body), offset, type_id))
        return array("I", found)
