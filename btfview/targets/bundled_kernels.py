"""The BTF of the kernels that come with btfview, out of the one file that holds them all.

Kernels are alike: most names and many types are those of the version before. So one file holds all of them,
field by field: every name once, then the names' numbers of all kernels, then their ``info`` words, and so
on. Packed so they take 40 % of what five files of ``.btf.xz`` take. ``tools/pack_kernels.py`` writes it.
"""

from __future__ import annotations

import os

from btfview.btf.kinds import BTF_MAGIC, BTF_VERSION, HEADER_SIZE
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError, UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING

from .target import Target

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

BUNDLED = os.path.join(os.path.dirname(__file__), "bundled")
FILE = os.path.join(BUNDLED, "kernels.xz")
NAMES = (
    "5.10.0-46-amd64",
    "6.1.0-56-amd64",
    "6.12.117+deb12-amd64",
    "6.12.117+deb12-arm64",
    "7.2.13+deb14-amd64",
)
"""From old to new, as they stand in the file."""
COLUMNS = (
    "names",  # of each type and what it holds, as numbers of the list of names, in the order of .BTF
    "infos",
    "sizes",  # btf_type.size; or how far above btf_type.type stands
    "member_types",  # how far above
    "member_places",  # btf_member.offset, less that of the member before
    "enumerators",  # btf_enum.val, less the value before
    "param_types",  # how far above
    "others",  # of arrays, how far above their two types stand, and nelems; the word of an int
)
"""Each a list of 32-bit numbers, little-endian, of all kernels one behind the other."""
REFERRING = frozenset((2, 8, 9, 10, 11, 12, 13, 14, 18))
"""``BTF_KIND_*`` whose third word is a type's id."""
_U32 = 0xFFFFFFFF


class BundledTarget(Target):
    """One of NAMES."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, FILE, "bundled")

    def __reduce__(self) -> tuple[type[BundledTarget], tuple[str]]:
        return BundledTarget, (self.name,)

    def read(self, base: Btf | None) -> Btf:
        """Return its BTF; a kernel stands on no other, so *base* is None.

        Raises:
            UnreadableFileError: the file is not there, or cannot be unpacked.
        """
        assert base is None
        return Btf(bundled_btf(self.name), path=f"{FILE}:{self.name}")


_unpacked: list[bytes] = []
"""What the file holds, once it was asked for: 0.8 MB, and whoever reads one kernel mostly reads the next."""


def bundled_btf(name: str) -> bytes:
    """Return the raw BTF of the kernel *name*, one of NAMES; errors as of :meth:`BundledTarget.read`."""
    if not _unpacked:
        import lzma

        try:
            with open(FILE, "rb") as file:
                _unpacked.append(lzma.decompress(file.read()))
        except (OSError, EOFError, lzma.LZMAError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            problem = f"the bundled kernels cannot be read: {reason}"
            raise UnreadableFileError(problem, path=FILE, hint="install btfview again") from error
    try:
        return unpack_kernel(_unpacked[0], NAMES.index(name), len(NAMES))
    except (IndexError, ValueError) as error:
        _unpacked.clear()
        raise BtfFormatError("the bundled kernels are damaged", section=".BTF", offset=0) from error


def unpack_kernel(data: bytes, at: int, count: int) -> bytes:
    """Return the raw BTF of kernel number *at* of the *count* in *data*, to the byte as it was packed.

    Raises:
        IndexError, ValueError: *data* is something else.
    """
    words = _words(data, 0, 1 + count * len(COLUMNS))
    names_size, lengths = words[0], words[1:]
    start = 4 * len(words)
    names = data[start : start + names_size].split(b"\0")
    start += names_size
    columns: list[array[int]] = []
    for number in range(len(COLUMNS)):
        own = lengths[number * count : (number + 1) * count]
        columns.append(_words(data, start + 4 * sum(own[:at]), own[at]))
        start += 4 * sum(own)
    numbers, *rest = columns
    # Each name stands in .BTF where it was used first (btfview.btf.writer).
    strings = b"\0".join([b"", *(names[number] for number in dict.fromkeys(numbers) if number), b""])
    offsets, end = {0: 0}, 1
    for number in dict.fromkeys(numbers):
        if number:
            offsets[number] = end
            end += len(names[number]) + 1
    records = _records([offsets[number] for number in numbers], rest)
    sizes = (HEADER_SIZE, 0, len(records), len(records), len(strings))
    head = b"".join(size.to_bytes(4, "little") for size in sizes)
    return BTF_MAGIC.to_bytes(2, "little") + bytes((BTF_VERSION, 0)) + head + records + strings


def _words(data: bytes, start: int, count: int) -> array[int]:
    import sys
    from array import array

    found = array("i", data[start : start + 4 * count])
    if len(found) != count:
        raise ValueError("cut short")
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _records(names: Sequence[int], columns: Sequence[array[int]]) -> bytes:
    """Return the records of ``.BTF``, of which *names* are the string offsets."""
    import sys
    from array import array
    from itertools import accumulate

    infos, sizes, member_types, places, values, param_types, others = columns
    all_places, all_values = list(accumulate(places)), [value & _U32 for value in accumulate(values)]
    out: list[int] = []
    name = member = enumerator = param = other = 0
    for type_id, (info, size) in enumerate(zip(infos, sizes, strict=True), 1):
        kind, vlen = info >> 24 & 0x1F, info & 0xFFFF
        out += (names[name], info & _U32, type_id - size if kind in REFERRING else size)
        name += 1
        if kind in (4, 5):  # struct, union
            rows = [0] * (3 * vlen)
            rows[::3] = names[name : name + vlen]
            rows[1::3] = [type_id - up for up in member_types[member : member + vlen]]
            rows[2::3] = all_places[member : member + vlen]
            out += rows
            name += vlen
            member += vlen
        elif kind == 6:  # enum
            rows = [0] * (2 * vlen)
            rows[::2] = names[name : name + vlen]
            rows[1::2] = all_values[enumerator : enumerator + vlen]
            out += rows
            name += vlen
            enumerator += vlen
        elif kind == 13:  # func_proto
            rows = [0] * (2 * vlen)
            rows[::2] = names[name : name + vlen]
            rows[1::2] = [type_id - up for up in param_types[param : param + vlen]]
            out += rows
            name += vlen
            param += vlen
        elif kind == 3:  # array
            element, index, length = others[other : other + 3]
            out += (type_id - element, type_id - index, length)
            other += 3
        elif kind == 1:  # int
            out.append(others[other])
            other += 1
    packed = array("I", out)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
