"""What instructions refer to: maps, variables, functions, by clang's objects and llvm-readelf."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from btfview.bpf.insn import decode_insn
from btfview.bpf.object import BpfObject, read_object
from btfview.bpf.references import References

SOURCE = r"""
#define SEC(name) __attribute__((section(name), used))
SEC("license") char LICENSE[] = "GPL";
struct { int (*type)[1]; int *key; long *value; int (*max_entries)[8]; } counts SEC(".maps");
static const int limits[5] = {1, 2, 3, 4, 9};
volatile const int threshold = 5;
volatile long total[4];
long seen = 3;
extern int bpf_some_kfunc(void *) __attribute__((section(".ksyms"), weak));
extern int CONFIG_HZ __attribute__((section(".kconfig"), weak));
static void *(*lookup)(void *, void *) = (void *)1;
static long (*each)(void *, void *, void *, unsigned long) = (void *)164;
__attribute__((noinline)) static int in_static(void *p) { return *(volatile int *)p + 1; }
__attribute__((noinline)) int in_global(int a) { return a * 3 + (int)seen; }
static long visit(void *map, void *key, long *value, void *ctx) { return *value; }
SEC("socket") int prog(void *ctx)
{
    int key = 1;
    long *value = lookup(&counts, &key);
    if (value) total[2] += *value + threshold;
    each(&counts, visit, 0, 0);
    if (bpf_some_kfunc) return bpf_some_kfunc(ctx);
    return in_static(ctx) + in_global(key) + limits[*(int *)ctx & 3] + CONFIG_HZ + seen;
}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("references")
    source, out = folder / "refer.c", folder / "refer.o"
    source.write_text(SOURCE)
    command = ["clang-19", "-target", "bpf", "-g", "-O2", "-mcpu=v3", "-c", str(source), "-o", str(out)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return out


def references(obj: BpfObject, section: str) -> dict[int, str]:
    """Return the words for each instruction, by byte offset, that refers to something."""
    finder, code = References(obj), obj.code(section)
    found, at = {}, 0
    while at < len(code):
        insn = decode_insn(code, at, is_little_endian=obj.is_little_endian)
        reference = finder.find(section, at, insn)
        if reference:
            found[at] = reference.text
        at += insn.byte_size
    return found


@pytest.mark.debian_tool("clang-19")
def test_each_kind_of_symbol_has_its_words(built: Path) -> None:
    obj = read_object(built.read_bytes(), path="refer.o")
    found = set(references(obj, "socket").values())
    assert {"map: counts", ".bss: total", ".rodata: threshold", ".data: seen"} <= found
    assert {"function: in_static", "function: in_global", "function: visit"} <= found
    assert {"extern: bpf_some_kfunc", "extern: CONFIG_HZ"} <= found
    assert any(re.fullmatch(r"\.rodata\+\d+: limits", text) for text in found)
    assert set(references(obj, ".text").values()) == {".data: seen"}


@pytest.mark.debian_tool("clang-19", "llvm-readelf-19")
def test_every_relocation_of_the_linker_has_words(built: Path) -> None:
    """The offsets of ``llvm-readelf -r`` are those of the instructions that refer to something."""
    command = ["llvm-readelf-19", "-r", str(built)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    listed: dict[str, set[int]] = {}
    section = ""
    for line in printed.splitlines():
        if begin := re.match(r"Relocation section '\.rel(.*?)'", line):
            section = begin[1]
        elif entry := re.match(r"([0-9a-f]{16}) ", line):
            listed.setdefault(section, set()).add(int(entry[1], 16))
    obj = read_object(built.read_bytes(), path="refer.o")
    for name in obj.sections:
        assert set(references(obj, name)) == listed.get(name, set())


def test_calls_within_a_section_need_no_relocation(shared: Path) -> None:
    """bpf-linker and libbpf's linker resolve calls in .text; the distance alone tells the function."""
    path = shared / "corpus" / "obj" / "k13_subprog.v3.o"
    obj = read_object(path.read_bytes(), path=path.name)
    texts = {text for section in obj.sections for text in references(obj, section).values()}
    names = {symbol.name for symbols in obj.functions.values() for symbol in symbols}
    functions = {text.removeprefix("function: ") for text in texts if text.startswith("function: ")}
    assert functions
    assert functions <= names


def test_a_damaged_symbol_index_is_said(built: Path) -> None:
    data = bytearray(built.read_bytes())
    obj = read_object(bytes(data), path="refer.o")
    table = next(s for s in obj.elf.sections if s.name == ".relsocket")
    data[table.offset + 12 : table.offset + 16] = (9999).to_bytes(4, "little")
    broken = read_object(bytes(data), path="refer.o")
    assert "symbol 9999, which does not exist" in references(broken, "socket").values()
