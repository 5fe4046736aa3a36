"""Write ``.BTF``: the inverse of :mod:`.reader`, for trimmed targets and for tests.

Source of the format: ``Documentation/bpf/btf.rst``. The header is the classic one of 24 bytes.
"""

from __future__ import annotations

from struct import pack

from btfview.frozen import TYPE_CHECKING

from . import types as t
from .kinds import BTF_MAGIC, BTF_VERSION, HEADER_SIZE, BtfKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .reader import Btf

_MAX_VLEN = 0xFFFF
"""``BTF_MAX_VLEN`` before kernel 7.1: what every kernel and every tool reads."""
_U32 = 0xFFFFFFFF


def write_btf(types: Sequence[t.BtfType], *, is_little_endian: bool = True, base: Btf | None = None) -> bytes:
    """Return a whole ``.BTF`` section that holds *types*.

    The type at position *n* must have id *n* + 1, after the types of *base* if one is given (the result
    is split BTF then, as a kernel module's). Equal strings are stored once. Equal input gives equal bytes.

    Raises:
        ValueError: an id is not the one of its position, or a value does not fit its field.
    """
    first_id = base.type_count if base else 1
    writer = _Writer("<" if is_little_endian else ">", base.string_end if base else 0)
    records = bytearray()
    for type_id, item in enumerate(types, first_id):
        if item.id != type_id:
            raise ValueError(f"type [{item.id}] {item.name!r} stands at the place of [{type_id}]")
        records += writer.record(item)
    header = writer.words(HEADER_SIZE, 0, len(records), len(records), len(writer.strings))
    magic = pack(writer.order + "HBB", BTF_MAGIC, BTF_VERSION, 0)
    return magic + header + bytes(records) + bytes(writer.strings)


class _Writer:
    def __init__(self, order: str, string_start: int) -> None:
        self.order = order
        self.strings = bytearray()
        self._string_start = string_start
        self._string_offsets = {"": 0}
        if not string_start:
            self.strings += b"\0"

    def words(self, *values: int) -> bytes:
        """Return u32 fields; a negative value as its two's complement."""
        for value in values:
            if not -(1 << 31) <= value <= _U32:
                raise ValueError(f"{value} does not fit 32 bits")
        return pack(f"{self.order}{len(values)}I", *(value & _U32 for value in values))

    def string(self, text: str) -> int:
        """Return the offset of *text* in the string section, where it is put if it is new."""
        offset = self._string_offsets.get(text)
        if offset is None:
            if "\0" in text:
                raise ValueError(f"the name {text!r} holds a zero byte")
            offset = self._string_start + len(self.strings)
            self._string_offsets[text] = offset
            self.strings += text.encode() + b"\0"
        return offset

    def record(self, item: t.BtfType) -> bytes:
        """Return ``struct btf_type`` and what follows it for the kind of *item*."""
        match item:
            case t.Int():
                tail = self.words(item.encoding << 24 | item.bit_offset << 16 | item.bits)
                return self._head(item, item.byte_size) + tail
            case t.Array():
                return self._head(item, 0) + self.words(item.type_id, item.index_type_id, item.length)
            case t.Struct():
                members = (
                    self.words(self.string(member.name), member.type_id, _member_place(item, member))
                    for member in item.members
                )
                head = self._head(item, item.byte_size, len(item.members), item.kind_flag)
                return head + b"".join(members)
            case t.Enum():
                head = self._head(item, item.byte_size, len(item.enumerators), item.is_signed)
                return head + b"".join(self._enumerator(item, one) for one in item.enumerators)
            case t.FuncProto():
                head = self._head(item, item.type_id, len(item.params))
                return head + b"".join(self.words(self.string(p.name), p.type_id) for p in item.params)
            case t.Var():
                return self._head(item, item.type_id) + self.words(item.linkage)
            case t.Datasec():
                head = self._head(item, item.byte_size, len(item.variables))
                places = (self.words(v.type_id, v.byte_offset, v.byte_size) for v in item.variables)
                return head + b"".join(places)
            case t.DeclTag():
                head = self._head(item, item.type_id, kind_flag=item.kind_flag)
                return head + self.words(item.component_index)
            case t.Modifier():
                return self._head(item, item.type_id, kind_flag=item.kind_flag)
            case t.Func():
                return self._head(item, item.type_id, item.linkage)
            case t.Fwd():
                return self._head(item, 0, kind_flag=item.is_union)
            case t.Float():
                return self._head(item, item.byte_size)
            case t.Ptr() | t.Typedef():
                return self._head(item, item.type_id)
            case t.Void() | t.Unknown():
                raise ValueError(f"type [{item.id}]: a {type(item).__name__} has no record to write")

    def _head(self, item: t.BtfType, size_or_type: int, vlen: int = 0, kind_flag: bool = False) -> bytes:
        if vlen > _MAX_VLEN:
            raise ValueError(f"type [{item.id}] {item.name!r} has {vlen} parts; {_MAX_VLEN} is the most")
        return self.words(self.string(item.name), kind_flag << 31 | item.kind << 24 | vlen, size_or_type)

    def _enumerator(self, enum: t.Enum, enumerator: t.Enumerator) -> bytes:
        name_off, value = self.string(enumerator.name), enumerator.value
        if enum.kind == BtfKind.ENUM:
            return self.words(name_off, value)
        if not -(1 << 63) <= value < 1 << 64:
            raise ValueError(f"{enum.name}.{enumerator.name}: {value} does not fit 64 bits")
        return self.words(name_off, value & _U32, value >> 32 & _U32)


def _member_place(struct: t.Struct, member: t.Member) -> int:
    if not struct.kind_flag:
        if member.bitfield_size:
            raise ValueError(f"{struct.name}.{member.name}: bitfield sizes are stored under kind_flag only")
        return member.bit_offset
    if member.bit_offset >= 1 << 24 or member.bitfield_size >= 1 << 8:
        raise ValueError(
            f"{struct.name}.{member.name}: bit {member.bit_offset} with {member.bitfield_size} bits "
            "does not fit 24 and 8 bits"
        )
    return member.bitfield_size << 24 | member.bit_offset
