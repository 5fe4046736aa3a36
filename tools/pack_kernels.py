"""Pack the trimmed kernels into one file, which ``btfview/targets/bundled_kernels.py`` reads."""

from __future__ import annotations

import lzma
import struct
from collections.abc import Iterable, Sequence

from btfview.btf.reader import Btf
from btfview.targets.bundled_kernels import COLUMNS, REFERRING

_TAILS = {1: 1, 3: 3}
"""Words behind the three of a type without members, by ``BTF_KIND_*``: int, array."""
_ROWS = {4: 3, 5: 3, 6: 2, 13: 2}
"""Words of a member, an enumerator, a parameter."""
_PLAIN = REFERRING - {13, 14} | {7, 16}
"""Kinds of three words."""


def pack_kernels(kernels: Sequence[bytes]) -> bytes:
    """Return the file that holds *kernels*, raw little-endian BTF each; equal input gives equal bytes.

    Raises:
        ValueError: a kernel has a kind of type that the file has no place for.
    """
    numbers = {b"": 0}
    all_columns = [_columns(kernel, numbers) for kernel in kernels]
    names = b"\0".join(numbers)
    lengths = [len(columns[name]) for name in COLUMNS for columns in all_columns]
    head = _pack((len(names), *lengths)) + names
    body = b"".join(_pack(columns[name]) for name in COLUMNS for columns in all_columns)
    return _compress(head, lc=3, lp=0, pb=0) + _compress(body, lc=0, lp=2, pb=2)


def _compress(data: bytes, *, lc: int, lp: int, pb: int) -> bytes:
    """Return one xz stream; text and words are told from each other by what LZMA is to expect of a byte."""
    how = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": lc, "lp": lp, "pb": pb}
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=[how])


def _columns(kernel: bytes, numbers: dict[bytes, int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in COLUMNS}
    _, version, flags, header_size, start, size, names_start, _ = struct.unpack_from("<HBBIIIII", kernel)
    if (version, flags) != (1, 0) or not Btf(kernel).is_little_endian:
        raise ValueError("a kernel of another byte order, or BTF of another version")
    at, end, strings = header_size + start, header_size + start + size, kernel[header_size + names_start :]
    before = {"member_places": 0, "enumerators": 0}

    def name(offset: int) -> None:
        text = strings[offset : strings.index(b"\0", offset)]
        found["names"].append(numbers.setdefault(text, len(numbers)))

    def step(column: str, value: int) -> None:
        found[column].append(value - before[column])
        before[column] = value

    type_id = 0
    while at < end:
        type_id += 1
        head = struct.unpack_from("<III", kernel, at)
        kind, vlen = head[1] >> 24 & 0x1F, head[1] & 0xFFFF
        if kind not in _TAILS and kind not in _ROWS and kind not in _PLAIN:
            raise ValueError(f"type [{type_id}] is of kind {kind}")
        count = _TAILS.get(kind, 0) + _ROWS.get(kind, 0) * vlen
        rest = struct.unpack_from(f"<{count}I", kernel, at + 12)
        at += 12 + 4 * count
        name(head[0])
        found["infos"].append(head[1])
        found["sizes"].append(type_id - head[2] if kind in REFERRING else head[2])
        match kind:
            case 4 | 5:
                for offset, member_type, place in _rows(rest, 3):
                    name(offset)
                    found["member_types"].append(type_id - member_type)
                    step("member_places", place)
            case 6:
                for offset, value in _rows(rest, 2):
                    name(offset)
                    step("enumerators", value - (value >> 31 << 32))
            case 13:
                for offset, param_type in _rows(rest, 2):
                    name(offset)
                    found["param_types"].append(type_id - param_type)
            case 3:
                found["others"] += (type_id - rest[0], type_id - rest[1], rest[2])
            case _:
                found["others"] += rest
    return found


def _rows(words: Sequence[int], size: int) -> Iterable[tuple[int, ...]]:
    return zip(*[iter(words)] * size, strict=True)


def _pack(words: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(words)}I", *(word & 0xFFFFFFFF for word in words))
