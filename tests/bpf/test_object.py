"""BPF objects: programs, instructions and lines are where libbpf and llvm-objdump find them."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.bpf.elf import SHF_COMPRESSED
from btfview.bpf.insn import encode_insn
from btfview.bpf.object import BpfObject, read_object
from btfview.errors import BtfFormatError, InputError, ObjectFormatError
from tests.bpf.test_elf import minimal
from tests.btf.build import INT, build_btf, build_btf_bytes, struct
from tests.btf.test_damaged import build_ext

BPF_EXIT = bytes.fromhex("9500000000000000")


def objects(shared: Path) -> list[BpfObject]:
    paths = sorted((shared / "corpus" / "obj").glob("*.o"))
    return [read_object(path.read_bytes(), path=str(path)) for path in paths]


def test_libbpf_agrees_on_programs_and_instructions(shared: Path) -> None:
    """Truth files hold libbpf's log: program, section, offset and bytes of each instruction it patched."""
    for path in sorted((shared / "corpus" / "truth").glob("*.json")):
        truth = json.loads(path.read_text())
        name = shared / "corpus" / "obj" / (path.name.partition("@")[0] + ".o")
        found = read_object(name.read_bytes(), path=str(name))
        order = found.is_little_endian

        def code(relo: object, section: str, offset: int, obj: BpfObject = found, order: bool = order) -> str:
            insn = obj.insn_at(section, offset)
            return encode_insn(insn, is_little_endian=order).hex() if insn else ""

        ours = [
            (
                relo.section,
                found.program_of(relo),
                relo.insn_off,
                relo.kind_label,
                relo.access_str,
                code(relo, relo.section, relo.insn_off),
            )
            for relo in found.core_relos
        ]
        theirs = [
            (r["section"], r["prog"], r["insn_offset"], r["kind"], r["access"], r["insn"])
            for r in truth["relocations"]
        ]
        assert ours == theirs, path.name


@pytest.mark.debian_tool("llvm-objdump-19")
def test_objdump_agrees_on_functions_and_lines(shared: Path) -> None:
    """Where there is DWARF, objdump takes the lines from that and not from .BTF.ext."""
    without_dwarf = [found for found in objects(shared) if not found.elf.section(".debug_line")]
    assert len(without_dwarf) > 15
    for found in without_dwarf:
        command = ["llvm-objdump-19", "-d", "-l", "-z", "--no-show-raw-insn", found.path]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        section = function = ""
        place: tuple[str, int] | None = None
        count = 0
        for line in printed.splitlines():
            if begin := re.match(r"Disassembly of section (.*):", line):
                section, place = begin[1], None
            elif label := re.match(r"[0-9a-f]+ <(.*)>:", line):
                function = label[1]
            elif at := re.match(r"; (.*):(\d+)$", line):
                place = (at[1], int(at[2]))
            elif insn := re.match(r"\s+(\d+):\t", line):
                insn_off = int(insn[1]) * 8
                symbol, info = found.function_at(section, insn_off), found.line_at(section, insn_off)
                assert (symbol.name if symbol else section) == function
                assert ((info.file, info.line) if info else None) == place, (found.path, section, insn_off)
                count += 1
        assert count


# -- small objects -----------------------------------------------------------------------------


def small_object(code: bytes = BPF_EXIT * 3) -> bytes:
    """Return an object with one relocation and one line, both in section ``kprobe/x``."""
    ext, _ = build_ext()
    btf = build_btf_bytes(
        struct("pair", size=4, a=(INT, 0)), struct("kprobe/x", size=0), struct("0:0", size=0)
    )
    return bytes(minimal(("kprobe/x", 1, 6, code), (".BTF", 1, 0, btf), (".BTF.ext", 1, 0, ext)))


def test_an_object_without_symbols_has_relocations_without_a_program() -> None:
    found = read_object(small_object(), path="small.o")
    (relo,) = found.core_relos
    assert (found.sections, found.program_of(relo), relo.section) == (("kprobe/x",), "", "kprobe/x")
    assert found.insn_text("kprobe/x", relo.insn_off) == "exit"
    line = found.line_at("kprobe/x", relo.insn_off)
    assert line
    assert (line.line, line.column) == (7, 3)


@pytest.mark.parametrize(
    ("section", "insn_off"), [("kprobe/x", 24), ("kprobe/x", -8), ("kprobe/x", 17), ("nowhere", 0)]
)
def test_an_instruction_that_is_not_there_is_none(section: str, insn_off: int) -> None:
    found = read_object(small_object(), path="small.o")
    assert found.insn_at(section, insn_off) is None
    assert found.insn_text(section, insn_off) is None


BTF_OF_A_MODULE = build_btf_bytes(struct("device", size=0), base=build_btf(struct("base", size=0)))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(minimal((".BTF", 1, 0, b""), machine=62), "for machine 62, not a BPF object", id="x86"),
        pytest.param(minimal((".BTF", 1, 0, b"")), "0 bytes are too few", id="empty-btf"),
        pytest.param(minimal((".BTF", 1, 0, BTF_OF_A_MODULE)), "split BTF", id="split-btf"),
        pytest.param(
            minimal((".BTF", 1, 0, build_btf_bytes(INT)), ("x", 1, 4 | SHF_COMPRESSED, b"")),
            "compressed section x holds instructions",
            id="packed-code",
        ),
        pytest.param(b"fn main() {}", "not an ELF file", id="source"),
    ],
)
def test_what_is_wrong_is_said_with_the_path(data: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=f"prog.o: .*{problem}"):
        read_object(bytes(data), path="prog.o")


def test_an_object_without_btf_has_instructions_and_no_record() -> None:
    """libbpf opens it, and then does not look at .BTF.ext, whatever that holds."""
    found = read_object(bytes(minimal(("x", 1, 6, BPF_EXIT), (".BTF.ext", 1, 0, b"damaged"))), path="prog.o")
    assert (found.has_btf, found.core_relos, list(found.btf.ids())) == (False, (), [])
    assert found.insn_text("x", 0) == "exit"


def read_all(data: bytes) -> None:
    """Ask everything of *data*; only ObjectFormatError and BtfFormatError may come out."""
    with suppress(ObjectFormatError, BtfFormatError):
        found = read_object(data, path="damaged.o")
        for relo in found.core_relos:
            found.program_of(relo)
            found.insn_text(relo.section, relo.insn_off)
            found.line_at(relo.section, relo.insn_off)


def test_every_truncation_and_changed_byte_is_survived() -> None:
    whole = small_object()
    for length in range(len(whole)):
        read_all(whole[:length])
    for position in range(len(whole)):
        for value in (0, 1, 0x80, 0xFF):
            read_all(whole[:position] + bytes([value]) + whole[position + 1 :])


WHOLE = small_object()


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12))
def test_any_few_changes_are_survived(changes: list[tuple[int, int]]) -> None:
    changed = bytearray(WHOLE)
    for position, value in changes:
        changed[position] = value
    read_all(bytes(changed))


def test_a_real_object_with_a_changed_byte_is_survived(shared: Path) -> None:
    whole = (shared / "corpus" / "obj" / "k13_subprog.v3.o").read_bytes()
    for position in range(0, len(whole), 61):
        for value in (0, 0x80, 0xFF):
            read_all(whole[:position] + bytes([value]) + whole[position + 1 :])
    for length in range(0, len(whole), 61):
        read_all(whole[:length])
