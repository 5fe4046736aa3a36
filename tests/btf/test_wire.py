"""The fast reader says what the construct description of the format says: of every object and small target
of the corpus, both byte orders, a 32-byte header, and a whole kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from btfview.bpf.elf import read_elf
from btfview.btf import types as t
from btfview.btf.ext import CoreRelo, FuncInfo, LineInfo, read_btf_ext
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.btf.wire import WireField, describe_core_relo, wire, wire_of
from btfview.errors import BtfFormatError
from tests.btf.build import build_btf_bytes
from tests.btf.test_writer import ONE_OF_EACH_KIND


def string_at(strings: bytes, offset: int) -> str:
    return strings[offset : strings.index(b"\0", offset)].decode()


def types_by_wire(data: bytes) -> Iterator[t.BtfType]:
    """Yield the types of *data* as construct reads them, as btfview's records."""
    parsed = wire_of(data).btf.parse(data)
    for type_id, item in enumerate(parsed.types, 1):
        yield from_wire(type_id, item, lambda offset: string_at(parsed.strings, offset))


def from_wire(type_id: int, item: Any, string: Callable[[int], str]) -> t.BtfType:
    name, flag, vlen, size_or_type = (
        string(item.name_off),
        item.info.kind_flag,
        item.info.vlen,
        item.size_or_type,
    )
    tail, kind = item.tail, BtfKind(item.info.kind)
    match kind:
        case BtfKind.INT:
            return t.Int(type_id, name, size_or_type, tail.encoding, tail.bits_offset, tail.nr_bits)
        case BtfKind.PTR:
            return t.Ptr(type_id, size_or_type)
        case BtfKind.ARRAY:
            return t.Array(type_id, tail.type, tail.index_type, tail.nelems)
        case BtfKind.STRUCT | BtfKind.UNION:
            members = tuple(
                t.Member(string(m.name_off), m.type, m.offset.bits_offset, m.offset.size)
                if flag
                else t.Member(string(m.name_off), m.type, m.offset, 0)
                for m in tail.elements
            )
            return t.Struct(type_id, name, kind, size_or_type, members, flag)
        case BtfKind.ENUM:
            values = tuple(t.Enumerator(string(e.name_off), e.val) for e in tail.elements)
            return t.Enum(type_id, name, kind, size_or_type, values, flag)
        case BtfKind.ENUM64:
            wide = tuple(
                t.Enumerator(
                    string(e.name_off),
                    int.from_bytes(
                        e.val_hi32.to_bytes(4, "big") + e.val_lo32.to_bytes(4, "big"), "big", signed=flag
                    ),
                )
                for e in tail.elements
            )
            return t.Enum(type_id, name, kind, size_or_type, wide, flag)
        case BtfKind.FWD:
            return t.Fwd(type_id, name, flag)
        case BtfKind.TYPEDEF:
            return t.Typedef(type_id, name, size_or_type)
        case BtfKind.VOLATILE | BtfKind.CONST | BtfKind.RESTRICT | BtfKind.TYPE_TAG:
            return t.Modifier(type_id, name, kind, size_or_type, flag)
        case BtfKind.FUNC:
            return t.Func(type_id, name, size_or_type, vlen)
        case BtfKind.FUNC_PROTO:
            params = tuple(t.Param(string(p.name_off), p.type) for p in tail.elements)
            return t.FuncProto(type_id, size_or_type, params)
        case BtfKind.VAR:
            return t.Var(type_id, name, size_or_type, tail.linkage)
        case BtfKind.DATASEC:
            variables = tuple(t.DatasecVar(v.type, v.offset, v.size) for v in tail.elements)
            return t.Datasec(type_id, name, size_or_type, variables)
        case BtfKind.FLOAT:
            return t.Float(type_id, name, size_or_type)
        case BtfKind.DECL_TAG:
            return t.DeclTag(type_id, name, size_or_type, tail.component_idx, flag)
        case BtfKind.VOID:
            raise AssertionError(item)


def assert_reader_agrees(data: bytes) -> None:
    btf = Btf(data)
    by_wire = list(types_by_wire(data))
    assert btf.type_count == len(by_wire) + 1
    for expected in by_wire:
        assert btf.type(expected.id) == expected
        assert (btf.kind(expected.id), btf.name(expected.id)) == (expected.kind, expected.name)


def section_bytes(path: Path, name: str) -> bytes:
    elf = read_elf(path.read_bytes())
    section = elf.section(name)
    assert section
    return elf.bytes_of(section)


@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
def test_reader_agrees_on_every_kind(is_little_endian: bool) -> None:
    assert_reader_agrees(build_btf_bytes(*ONE_OF_EACH_KIND, is_little_endian=is_little_endian))


def test_reader_agrees_on_every_object(shared: Path) -> None:
    objects = sorted((shared / "corpus" / "obj").glob("*.o"))
    assert any(".be." in path.name for path in objects)
    for path in objects:
        assert_reader_agrees(section_bytes(path, ".BTF"))


def test_reader_agrees_on_every_small_target(shared: Path) -> None:
    targets = sorted((shared / "corpus" / "targets").glob("*.btf"))
    assert {Btf(path.read_bytes()).is_little_endian for path in targets} == {True, False}
    assert {Btf(path.read_bytes()).pointer_size for path in targets} == {4, 8}
    for path in targets:
        assert_reader_agrees(path.read_bytes())


@pytest.mark.timeout(300)
def test_reader_agrees_on_a_whole_kernel_with_a_32_byte_header(kernel_btf: Callable[[str], Path]) -> None:
    data = kernel_btf("cilium-testdata-7.1-amd64").read_bytes()
    header = wire_of(data).header.parse(data)
    assert header.hdr_len == 32
    assert_reader_agrees(data)


def test_layout_section_says_what_the_description_says(kernel_btf: Callable[[str], Path]) -> None:
    """The sizes that pahole wrote for kinds 0 to 19 are those of the tails described here."""
    data = kernel_btf("cilium-testdata-7.1-amd64").read_bytes()
    header = wire_of(data).header.parse(data)
    at = header.hdr_len + header.layout_off
    layout = wire_of(data).layout[header.layout_len // 4].parse(data[at:])
    assert len(layout) == max(BtfKind) + 1
    type_format = wire(is_little_endian=True).type
    for kind, entry in enumerate(layout[1:], 1):
        sizes = []
        for vlen in (0, 1, 2):
            info = (kind << 24 | vlen).to_bytes(4, "little")
            record = type_format.parse(b"\0\0\0\0" + info + bytes(4 + 64))
            sizes.append(len(type_format.build(record)) - 12)
        assert sizes == [entry.info_sz + vlen * entry.elem_sz for vlen in (0, 1, 2)], BtfKind(kind)


def test_ext_reader_agrees_on_every_object(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        data = section_bytes(path, ".BTF.ext")
        strings = wire_of(btf_data := section_bytes(path, ".BTF")).btf.parse(btf_data).strings
        ext, parsed = read_btf_ext(data, Btf(btf_data)), wire_of(data).ext.parse(data)

        def records(part: Any, strings: bytes = strings) -> Iterator[tuple[str, int, Any]]:
            for section in part.sections if part else ():
                for index, item in enumerate(section.records):
                    at = section.at + index * part.rec_size
                    yield string_at(strings, section.sec_name_off), at, item

        assert ext.func_infos == tuple(
            FuncInfo(section, item.insn_off, item.type_id) for section, _, item in records(parsed.func_info)
        )
        assert ext.line_infos == tuple(
            LineInfo(
                section,
                item.insn_off,
                string_at(strings, item.file_name_off),
                string_at(strings, item.line_off),
                item.line_col.line,
                item.line_col.column,
            )
            for section, _, item in records(parsed.line_info)
        )
        assert ext.core_relos == tuple(
            CoreRelo(
                index,
                section,
                item.insn_off,
                item.type_id,
                string_at(strings, item.access_str_off),
                item.kind,
                at,
            )
            for index, (section, at, item) in enumerate(records(parsed.core_relo))
        )


def test_describe_core_relo_names_the_bytes_of_a_record() -> None:
    header = bytes.fromhex("eb9f 01 00 00000020") + bytes(24)
    record = bytes.fromhex("00000010 00000007 0000012c 00000002")
    assert describe_core_relo(header + record, 32) == (
        WireField("insn_off", 32, record[:4], 16),
        WireField("type_id", 36, record[4:8], 7),
        WireField("access_str_off", 40, record[8:12], 300),
        WireField("kind", 44, record[12:], 2),
    )


def test_describe_core_relo_agrees_with_the_reader(shared: Path) -> None:
    for name in ("k01_task.v3.o", "k01_task.be.o"):
        path = shared / "corpus" / "obj" / name
        data = section_bytes(path, ".BTF.ext")
        relos = read_btf_ext(data, Btf(section_bytes(path, ".BTF"))).core_relos
        assert relos
        for relo in relos:
            values = {field.name: field.value for field in describe_core_relo(data, relo.record_offset)}
            del values["access_str_off"]
            assert values == {"insn_off": relo.insn_off, "type_id": relo.type_id, "kind": relo.kind_number}


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        pytest.param(b"\x9f\xeb\1\0" + bytes(28 + 15), 32, id="cut"),
        pytest.param(b"\x9f\xeb\1\0" + bytes(44), -16, id="before-the-start"),
        pytest.param(b"ELF!" + bytes(44), 32, id="wrong-magic"),
        pytest.param(b"", 0, id="empty"),
    ],
)
def test_describe_core_relo_refuses_what_holds_no_record(data: bytes, offset: int) -> None:
    with pytest.raises(BtfFormatError):
        describe_core_relo(data, offset)
