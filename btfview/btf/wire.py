"""The bytes of ``.BTF`` and ``.BTF.ext``, described with construct: for people, and as the judge of the
fast reader (a test holds :mod:`.reader` and :mod:`.ext` equal to it).

construct costs 40 ms to import and 3 s to read a kernel's BTF, so it stands on no path of a command; btfview
itself uses it for the one record on show (:func:`describe_core_relo`).

Source: ``include/uapi/linux/btf.h``, ``tools/lib/bpf/libbpf_internal.h`` (``struct btf_ext_header``) and
``Documentation/bpf/btf.rst``. Names are those of the C structs. Kernel 7.1 made ``kind`` 7 bits wide and
``vlen`` 24; older files have zeros in the added bits.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import construct as c

from btfview.errors import BtfFormatError
from btfview.frozen import frozen

from .kinds import BTF_MAGIC, BTF_VERSION, BtfKind, byte_order_of


class Wire:
    """The formats in one byte order; each attribute is a construct. :func:`wire` returns one of the two."""

    def __init__(self, *, is_little_endian: bool) -> None:
        u16, u32, s32 = (
            (c.Int16ul, c.Int32ul, c.Int32sl) if is_little_endian else (c.Int16ub, c.Int32ub, c.Int32sb)
        )

        def bits(*fields: Any) -> Any:
            """Return a u32 made of *fields*, which are given from the highest bit down."""
            word = c.BitStruct(*fields)
            return c.ByteSwapped(word) if is_little_endian else word

        # -- .BTF ----------------------------------------------------------------------------
        self.header = c.Struct(
            "magic" / c.Const(BTF_MAGIC, u16),
            "version" / c.Const(BTF_VERSION, c.Int8ub),
            "flags" / c.Int8ub,
            "hdr_len" / u32,
            "type_off" / u32,  # all offsets count from the end of the header
            "type_len" / u32,
            "str_off" / u32,
            "str_len" / u32,
            "layout_off" / c.If(c.this.hdr_len >= 32, u32),  # since kernel 7.1
            "layout_len" / c.If(c.this.hdr_len >= 32, u32),
        )
        self.layout = c.Struct(
            "info_sz" / c.Int8ub,  # bytes after struct btf_type
            "elem_sz" / c.Int8ub,  # and for each of vlen elements
            "flags" / u16,
        )
        """One for each kind from 0 on: how a reader that does not know the kind skips it."""

        int_data = bits(
            "unused" / c.BitsInteger(4),
            "encoding" / c.BitsInteger(4),  # 1 signed, 2 char, 4 bool
            "bits_offset" / c.BitsInteger(8),
            "unused2" / c.BitsInteger(8),
            "nr_bits" / c.BitsInteger(8),
        )
        array = c.Struct("type" / u32, "index_type" / u32, "nelems" / u32)
        bitfield = bits("size" / c.BitsInteger(8), "bits_offset" / c.BitsInteger(24))
        member = c.Struct(
            "name_off" / u32,
            "type" / u32,
            "offset" / c.IfThenElse(c.this._._.info.kind_flag, bitfield, u32),  # plain: in bits
        )
        enumerator = c.Struct(
            "name_off" / u32,
            "val" / c.IfThenElse(c.this._._.info.kind_flag, s32, u32),
        )
        enumerator64 = c.Struct("name_off" / u32, "val_lo32" / u32, "val_hi32" / u32)
        param = c.Struct("name_off" / u32, "type" / u32)
        secinfo = c.Struct("type" / u32, "offset" / u32, "size" / u32)

        def each(element: Any) -> Any:
            return c.Struct("elements" / c.Array(c.this._.info.vlen, element))

        self.type = c.Struct(
            "name_off" / u32,
            "info" / bits("kind_flag" / c.Flag, "kind" / c.BitsInteger(7), "vlen" / c.BitsInteger(24)),
            "size_or_type" / u32,
            "tail"
            / c.Switch(
                c.this.info.kind,
                {
                    BtfKind.INT: int_data,
                    BtfKind.PTR: c.Pass,
                    BtfKind.ARRAY: array,
                    BtfKind.STRUCT: each(member),
                    BtfKind.UNION: each(member),
                    BtfKind.ENUM: each(enumerator),
                    BtfKind.FWD: c.Pass,  # kind_flag: of a union
                    BtfKind.TYPEDEF: c.Pass,
                    BtfKind.VOLATILE: c.Pass,
                    BtfKind.CONST: c.Pass,
                    BtfKind.RESTRICT: c.Pass,
                    BtfKind.FUNC: c.Pass,  # vlen: the linkage
                    BtfKind.FUNC_PROTO: each(param),
                    BtfKind.VAR: c.Struct("linkage" / u32),
                    BtfKind.DATASEC: each(secinfo),
                    BtfKind.FLOAT: c.Pass,
                    BtfKind.DECL_TAG: c.Struct("component_idx" / s32),
                    BtfKind.TYPE_TAG: c.Pass,  # kind_flag: an attribute
                    BtfKind.ENUM64: each(enumerator64),
                },
                default=c.Error,
            ),
        )
        """``struct btf_type`` and what follows it, as the kind says."""

        at_types = c.this.header.hdr_len + c.this.header.type_off
        at_strings = c.this.header.hdr_len + c.this.header.str_off
        at_layouts = c.this.header.hdr_len + c.this.header.layout_off
        self.btf = c.Struct(
            "header" / self.header,
            "types" / c.Pointer(at_types, c.FixedSized(c.this.header.type_len, c.GreedyRange(self.type))),
            "strings" / c.Pointer(at_strings, c.Bytes(c.this.header.str_len)),
            "layouts"
            / c.If(
                c.this.header.layout_len,
                c.Pointer(at_layouts, c.FixedSized(c.this.header.layout_len, c.GreedyRange(self.layout))),
            ),
        )
        """A whole ``.BTF``."""

        # -- .BTF.ext ------------------------------------------------------------------------
        self.ext_header = c.Struct(
            "magic" / c.Const(BTF_MAGIC, u16),
            "version" / c.Const(BTF_VERSION, c.Int8ub),
            "flags" / c.Int8ub,
            "hdr_len" / u32,
            "func_info_off" / u32,
            "func_info_len" / u32,
            "line_info_off" / u32,
            "line_info_len" / u32,
            "core_relo_off" / c.If(c.this.hdr_len >= 32, u32),
            "core_relo_len" / c.If(c.this.hdr_len >= 32, u32),
        )
        self.func_info = c.Struct("insn_off" / u32, "type_id" / u32)
        self.line_info = c.Struct(
            "insn_off" / u32,
            "file_name_off" / u32,
            "line_off" / u32,
            "line_col" / bits("line" / c.BitsInteger(22), "column" / c.BitsInteger(10)),
        )
        self.core_relo = c.Struct(
            "insn_off" / u32,  # bytes from the start of the section
            "type_id" / u32,
            "access_str_off" / u32,
            "kind" / u32,
        )

        def records(name: str, one: Any) -> Any:
            """Return the list that the header calls *name*: its sections, each with its records."""
            section = c.Struct(
                "sec_name_off" / u32,
                "num_info" / u32,
                "at" / c.Tell,
                "records" / c.Array(c.this.num_info, c.FixedSized(c.this._.rec_size, one)),
            )
            whole = c.Struct("rec_size" / u32, "sections" / c.GreedyRange(section))
            start = c.this.header.hdr_len + c.this.header[f"{name}_off"]
            length = c.this.header[f"{name}_len"]
            return name / c.If(length, c.Pointer(start, c.FixedSized(length, whole)))

        self.ext = c.Struct(
            "header" / self.ext_header,
            records("func_info", self.func_info),
            records("line_info", self.line_info),
            records("core_relo", self.core_relo),
        )
        """A whole ``.BTF.ext``."""


@cache
def wire(*, is_little_endian: bool) -> Wire:
    """Return the formats in one byte order, made once."""
    return Wire(is_little_endian=is_little_endian)


def wire_of(data: bytes, *, section: str = ".BTF") -> Wire:
    """Return the formats in the byte order that the magic number of *data* has.

    Raises:
        BtfFormatError: the magic number is another.
    """
    order = byte_order_of(data)
    if order is None:
        raise BtfFormatError("wrong magic number", section=section, offset=0)
    return wire(is_little_endian=order == "<")


@frozen
class WireField:
    """One field of a record, where it stands and what it says."""

    name: str
    """As in the C struct."""
    offset: int
    """Bytes from the start of the section."""
    raw: bytes
    value: int


def describe_core_relo(data: bytes, offset: int) -> tuple[WireField, ...]:
    """Return the four fields of the ``struct bpf_core_relo`` at byte *offset* of *data*, a ``.BTF.ext``.

    Raises:
        BtfFormatError: *data* is no ``.BTF.ext``, or ends within the record.
    """
    core_relo = wire_of(data, section=".BTF.ext").core_relo
    if not 0 <= offset <= len(data) - core_relo.sizeof():
        raise BtfFormatError("no room for a core_relo record", section=".BTF.ext", offset=offset)
    values = core_relo.parse(data[offset:])
    fields: list[WireField] = []
    for field in core_relo.subcons:
        end = offset + field.sizeof()
        fields.append(WireField(field.name, offset, bytes(data[offset:end]), values[field.name]))
        offset = end
    return tuple(fields)
