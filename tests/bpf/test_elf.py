"""ELF files: the own reader says what llvm-readelf and pyelftools say; damage is an ObjectFormatError."""

from __future__ import annotations

import io
import json
import subprocess
import zlib
from pathlib import Path
from struct import pack, unpack_from
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from btfview.bpf.elf import SHF_COMPRESSED, SHT_NOBITS, ElfFile, read_elf
from btfview.errors import ObjectFormatError

SOURCE = """
struct pair { int a; long b; };
static int table[10];
int counter = 3;
long second(struct pair *p) { return p->b + counter + table[counter]; }
"""


def compiled(tmp_path: Path, *options: str) -> Path:
    source, out = tmp_path / "source.c", tmp_path / "object.o"
    source.write_text(SOURCE)
    command = ["clang-19", "-g", "-O1", "-ffreestanding", "-c", str(source), "-o", str(out), *options]
    subprocess.run(command, check=True)
    return out


def by_readelf(path: Path) -> dict[str, Any]:
    options = ["--elf-output-style=JSON", "--sections", "--symbols", "--relocations"]
    printed = subprocess.run(["llvm-readelf-19", *options, str(path)], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(printed.stdout)[0]
    return found


def assert_readelf_agrees(path: Path) -> None:
    elf, printed = read_elf(path.read_bytes()), by_readelf(path)
    sections = [entry["Section"] for entry in printed["Sections"]]
    assert [(s.index, s.name, s.flags, s.offset, s.size, s.link, s.info) for s in elf.sections] == [
        (s["Index"], s["Name"]["Name"], s["Flags"]["Value"], s["Offset"], s["Size"], s["Link"], s["Info"])
        for s in sections
    ]
    if elf.is_64_bit:
        assert [s.type for s in elf.sections] == [s["Type"]["Value"] for s in sections]
    symbols = [entry["Symbol"] for entry in printed["Symbols"]]
    found = elf.symbols()
    assert [(s.type, s.binding, s.visibility, s.section_index, s.value, s.size) for s in found] == [
        (
            s["Type"]["Value"],
            s["Binding"]["Value"],
            s["Other"]["Value"] & 3,
            s["Section"]["Value"],
            s["Value"],
            s["Size"],
        )
        for s in symbols
    ]
    for ours, theirs in zip(found, symbols, strict=True):
        if theirs["Name"]["Value"]:  # else llvm-readelf shows the section's name
            assert ours.name == theirs["Name"]["Name"]


@pytest.mark.debian_tool("llvm-readelf-19")
def test_readelf_agrees_on_the_corpus(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        assert_readelf_agrees(path)


@pytest.mark.debian_tool("llvm-readelf-19")
def test_readelf_agrees_on_relocations(shared: Path) -> None:
    for name in ("k17_demo.v3.o", "k13_subprog.v3.o"):
        path = shared / "corpus" / "obj" / name
        elf, printed = read_elf(path.read_bytes()), by_readelf(path)
        expected = {
            sections["SectionIndex"]: [
                (r["Relocation"]["Offset"], r["Relocation"]["Type"]["Value"], r["Relocation"]["Symbol"])
                for r in sections["Relocs"]
            ]
            for sections in printed["Relocations"]
        }
        symbols = elf.symbols()
        for table in (section for section in elf.sections if section.type == 9):  # SHT_REL
            target = elf.sections[table.info]
            found = [(r.offset, r.type, r.symbol_index) for r in elf.relocations(target)]
            assert found == [
                (offset, kind, symbol["Value"]) for offset, kind, symbol in expected[table.index]
            ]
            assert all(
                symbols[index].name in ("", symbol["Name"])
                for (_, _, index), (_, _, symbol) in zip(found, expected[table.index], strict=True)
            )


@pytest.mark.debian_tool("clang-19", "llvm-readelf-19")
@pytest.mark.parametrize(
    "target",
    ["bpfel", "bpfeb", "x86_64-linux-gnu", "i386-linux-gnu", "powerpc-linux-gnu", "armv7-linux-gnueabi"],
)
def test_readelf_agrees_on_both_widths_and_byte_orders(target: str, tmp_path: Path) -> None:
    assert_readelf_agrees(compiled(tmp_path, f"--target={target}"))


def test_pyelftools_agrees_on_the_corpus(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        elf, theirs = read_elf(path.read_bytes()), ELFFile(io.BytesIO(path.read_bytes()))
        assert (elf.is_little_endian, elf.is_64_bit) == (theirs.little_endian, theirs.elfclass == 64)
        assert len(elf.sections) == theirs.num_sections()
        for section in elf.sections:
            expected = theirs.get_section(section.index)
            assert section.name == expected.name
            assert section.type == SHT_NOBITS or elf.bytes_of(section) == expected.data()
        table = theirs.get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        assert [(s.name, s.value) for s in elf.symbols()] == [
            (s.name, s["st_value"]) for s in table.iter_symbols()
        ]


@pytest.mark.debian_tool("clang-19", "llvm-objcopy-19")
@pytest.mark.parametrize("target", ["x86_64-linux-gnu", "i386-linux-gnu", "powerpc-linux-gnu"])
def test_a_compressed_section_is_decompressed(target: str, tmp_path: Path) -> None:
    plain, packed = compiled(tmp_path, f"--target={target}"), tmp_path / "packed.o"
    filler = tmp_path / "filler"
    filler.write_bytes(b"BTF " * 5000)
    for option in (f"--add-section=.debug_filler={filler}", "--compress-debug-sections=zlib"):
        subprocess.run(["llvm-objcopy-19", option, str(plain), str(packed)], check=True)
        plain = packed
    elf = read_elf(packed.read_bytes())
    section = elf.section(".debug_filler")
    assert section
    assert section.flags & SHF_COMPRESSED
    assert section.size < 5000
    assert elf.bytes_of(section) == filler.read_bytes()


# -- damaged files ---------------------------------------------------------------------------


def minimal(*sections: tuple[str, int, int, bytes], machine: int = 247, is_64_bit: bool = True) -> bytearray:
    """Return a little-endian ELF file with a null section, *sections* (name, type, flags, contents) and
    their names."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name, *_ in sections) + b".shstrtab\0"
    parts = [*sections, (".shstrtab", 3, 0, names)]
    header_size, entry = (64, "<IIQQQQIIQQ") if is_64_bit else (52, "<IIIIIIIIII")
    body, headers = b"", [bytes(64 if is_64_bit else 40)]
    for name, kind, flags, contents in parts:
        place = header_size + len(body)
        name_off = names.index(b"\0" + name.encode() + b"\0") + 1
        headers.append(pack(entry, name_off, kind, flags, 0, place, len(contents), 0, 0, 1, 0))
        body += contents
    table_at, count = header_size + len(body), len(headers)
    ident = b"\x7fELF" + bytes([2 if is_64_bit else 1, 1, 1]) + bytes(9)
    words = "<HHIQQQIHHHHHH" if is_64_bit else "<HHIIIIIHHHHHH"
    sizes = (header_size, 0, 0, len(headers[0]), count, count - 1)
    head = ident + pack(words, 1, machine, 1, 0, 0, table_at, 0, *sizes)
    return bytearray(head + body + b"".join(headers))


def read_all(data: bytes) -> ElfFile | None:
    """Read all there is; None when the file is refused. Only ObjectFormatError may come out."""
    try:
        elf = read_elf(data)
        for section in elf.sections:
            elf.bytes_of(section)
            elf.relocations(section)
        elf.symbols()
    except ObjectFormatError:
        return None
    return elf


@pytest.mark.parametrize("is_64_bit", [True, False], ids=["64-bit", "32-bit"])
def test_the_minimal_file_is_healthy(is_64_bit: bool) -> None:
    elf = read_all(bytes(minimal((".BTF", 1, 0, b"abc"), is_64_bit=is_64_bit)))
    assert elf
    assert [section.name for section in elf.sections] == ["", ".BTF", ".shstrtab"]
    assert elf.bytes_of(elf.sections[1]) == b"abc"


SYMBOLS = (".symtab", 2, 0, bytes(24) + pack("<IBBHQQ", 1, 0x12, 0, 1, 0, 8))


@pytest.mark.parametrize("is_64_bit", [True, False], ids=["64-bit", "32-bit"])
def test_every_truncation_and_changed_byte_is_survived(is_64_bit: bool) -> None:
    whole = bytes(minimal((".BTF", 1, 0, b"abcdefgh"), SYMBOLS, is_64_bit=is_64_bit))
    for length in range(len(whole)):
        with pytest.raises(ObjectFormatError):
            read_elf(whole[:length])
    for position in range(len(whole)):
        for value in (0, 1, 8, 0x7F, 0x80, 0xFF):
            read_all(whole[:position] + bytes([value]) + whole[position + 1 :])


def patched(data: bytearray, position: int, layout: str, *values: int) -> bytes:
    new = pack(layout, *values)
    return bytes(data[:position] + new + data[position + len(new) :])


def packed(size: int, contents: bytes, *, method: int = 1) -> bytes:
    return pack("<IIQQ", method, 0, size, 1) + contents


HUGE = 1 << 63
TABLE_AT = unpack_from("<Q", minimal(), 40)[0]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "not an ELF file", id="empty"),
        pytest.param(b"#!/bin/sh\n", "not an ELF file", id="script"),
        pytest.param(b"\x7fELF", "cut short in its header", id="magic-alone"),
        pytest.param(patched(minimal(), 40, "<Q", HUGE), "section table is damaged", id="table-far-away"),
        pytest.param(patched(minimal(), 58, "<H", 40), "section header size 40", id="header-size"),
        pytest.param(patched(minimal(), 60, "<H", 60000), "60000 section headers", id="many-sections"),
        pytest.param(patched(minimal(), 62, "<H", 500), "section table is damaged", id="names-index"),
        pytest.param(
            patched(minimal(), TABLE_AT + 64 + 32, "<Q", HUGE), "is it cut short", id="section-of-8-exbibytes"
        ),
        pytest.param(
            patched(minimal(is_64_bit=False), 46, "<HH", 0, 0), "section header size 0", id="32-bit-no-size"
        ),
        pytest.param(
            patched(minimal(is_64_bit=False), 32, "<I", 0xFFFFFFF0), "damaged", id="32-bit-table-far-away"
        ),
    ],
)
def test_what_is_wrong_is_said(data: bytes, problem: str) -> None:
    with pytest.raises(ObjectFormatError, match=problem):
        read_elf(data)


def test_sections_that_all_claim_the_whole_file_are_refused() -> None:
    data = minimal(*[(f"s{i}", 1, 4, b"") for i in range(100)])
    (table_at,) = unpack_from("<Q", data, 40)
    for index in range(1, 101):
        data[table_at + 64 * index + 24 : table_at + 64 * index + 40] = pack("<QQ", 0, len(data))
    with pytest.raises(ObjectFormatError, match="sections overlap"):
        read_elf(bytes(data))


@pytest.mark.parametrize(
    ("contents", "flags", "problem"),
    [
        pytest.param(b"short", 0, "cut short", id="no-header"),
        pytest.param(packed(4, zlib.compress(b"abc")), 0, "holds 3 bytes, not the 4", id="size"),
        pytest.param(packed(3, b"garbage"), 0, "cannot be read", id="not-zlib"),
        pytest.param(packed(3, b"", method=2), 0, "method 2", id="zstd"),
        pytest.param(packed(1 << 62, zlib.compress(b"")), 0, "are the most", id="claims-4-exbibytes"),
        pytest.param(packed(9, zlib.compress(bytes(1 << 27))), 0, "not the 9", id="bomb"),
        pytest.param(packed(3, zlib.compress(b"abc")), 4, "holds instructions", id="instructions"),
    ],
)
def test_a_bad_compressed_section_is_refused(contents: bytes, flags: int, problem: str) -> None:
    elf = read_elf(bytes(minimal((".BTF", 1, flags | SHF_COMPRESSED, contents))))
    with pytest.raises(ObjectFormatError, match=problem):
        elf.bytes_of(elf.sections[1])


def test_a_symbol_table_without_strings_is_refused() -> None:
    data = minimal(SYMBOLS)
    (table_at,) = unpack_from("<Q", data, 40)
    elf = read_elf(patched(data, table_at + 64 + 40, "<I", 77))
    with pytest.raises(ObjectFormatError, match="section 77, which does not exist"):
        elf.symbols()
