"""btfview diff: layouts of two kernels against pahole and bpftool, two programs against llvm-objdump."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from btfview.cli.programs.diff import is_program
from tests.btf.build import INT, LONG, build_btf_bytes, enum, ptr, ref, struct
from tests.objects import Record, build_object
from tests.paths import DEMO

SCHED = str(DEMO / "sched.rs")
OLD, NEW = "5.10.0-46-amd64", "6.12.117+deb12-amd64"
MEMBER = re.compile(
    r"^(?P<tabs>\t+).*?(?P<name>\w+)(?:\[\d*\])*(?:\)\(.*\))?(?::\d+)?;"
    r" +/\* +(?P<at>\d+)(?:: ?(?P<bit>\d+))? +(?P<size>\d+) \*/$"
)
"""pahole's line of a member: ``u64  vruntime; /* 80 8 */``, ``unsigned int x:1; /* 4: 3  4 */``."""


def diff(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["diff", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def pahole_members(kernel: Path, name: str) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Return (bit offset, bytes) of the struct's own named members (of a bitfield the bytes of its unit), and
    the names of those and of what pahole prints further in: the members of anonymous structs."""
    command = ["pahole", "-F", "btf", "-C", name, "--suppress_aligned_attribute", str(kernel)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    own, names = {}, set()
    for match in filter(None, map(MEMBER.match, out.splitlines())):
        names.add(match["name"])
        if match["tabs"] == "\t":
            own[match["name"]] = (int(match["at"]) * 8 + int(match["bit"] or 0), int(match["size"]))
    return own, names


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize(
    "name", ["sched_entity", "cfs_rq", "pid", "inode", "sk_buff", "net_device", "kernfs_node"]
)
def test_fields_that_differ_are_those_that_differ_in_paholes_listings(
    name: str, kernel_btf: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = kernel_btf(OLD), kernel_btf(NEW)
    (before, all_before), (after, all_after) = pahole_members(old, name), pahole_members(new, name)
    both = before.keys() & after.keys()
    assert len(both) > 3
    _, found = diff(str(old), str(new), name, capsys=capsys)
    (change,) = found["types"]
    fields = {one["path"]: one["status"] for one in change["fields"] if "." not in one["path"]}
    assert {one for one in after if fields.get(one) == ["added"]} == after.keys() - all_before
    assert {one for one in before if fields.get(one) == ["removed"]} == before.keys() - all_after
    moved = {one for one in both if before[one][0] != after[one][0]}
    resized = {one for one in both if before[one][1] != after[one][1]}
    assert {path for path, words in fields.items() if "moved" in words} & both == moved
    is_bitfield = {
        one["path"]
        for one in change["fields"]
        for side in ("old", "new")
        if one[side] and one[side]["bit_size"] % 8
    }
    ours = {path for path, words in fields.items() if "resized" in words} & both
    assert ours - is_bitfield == resized - is_bitfield


@pytest.mark.debian_tool("bpftool")
def test_enumerators_are_bpftools(
    kernel_btf: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """``bpftool -j btf dump``: the values of ``enum bpf_prog_type`` and ``bpf_func_id``, which grew."""
    kernels = [kernel_btf(OLD), kernel_btf(NEW)]
    values: list[dict[str, dict[str, int]]] = []
    for kernel in kernels:
        command = ["bpftool", "-j", "btf", "dump", "file", str(kernel)]
        types = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["types"]
        enums = [one for one in types if one["kind"] == "ENUM"]
        values.append({one["name"]: {v["name"]: v["val"] for v in one["values"]} for one in enums})
    names = ["bpf_prog_type", "bpf_func_id", "cpuhp_state"]
    _, found = diff(*map(str, kernels), *names, capsys=capsys)
    for name, change in zip(names, found["types"], strict=True):
        old, new = values[0][name], values[1][name]
        words = {one["path"]: one["status"] for one in change["fields"]}
        assert {path for path, status in words.items() if status == ["added"]} == new.keys() - old.keys()
        assert {path for path, status in words.items() if status == ["removed"]} == old.keys() - new.keys()
        renumbered = {one for one in old.keys() & new.keys() if old[one] != new[one]}
        assert {path for path, status in words.items() if status == ["renumbered"]} == renumbered


def kernel(path: Path, *types: Any) -> str:
    path.write_bytes(build_btf_bytes(*types))
    return str(path)


def test_a_struct_that_moves_takes_its_fields_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner, wide = (
        struct("inner", size=8, a=(INT, 0), b=(INT, 32)),
        struct("inner", size=12, c=(INT, 0), a=(INT, 32), b=(INT, 64)),
    )
    old = kernel(tmp_path / "old.btf", inner, struct("t", size=12, x=(INT, 0), i=(ref("inner"), 32)))
    moved = kernel(
        tmp_path / "moved.btf", inner, struct("t", size=16, n=(INT, 0), x=(INT, 32), i=(ref("inner"), 64))
    )
    grown = kernel(tmp_path / "grown.btf", wide, struct("t", size=16, x=(INT, 0), i=(ref("inner"), 32)))

    def words(other: str) -> dict[str, list[str]]:
        (change,) = diff(old, other, "t", capsys=capsys)[1]["types"]
        return {one["path"]: one["status"] for one in change["fields"]}

    assert words(moved) == {"n": ["added"], "x": ["moved"], "i": ["moved"]}
    assert words(grown) == {"i": ["resized"], "i.c": ["added"], "i.a": ["moved"], "i.b": ["moved"]}


def test_a_field_that_changed_in_several_ways_says_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = kernel(tmp_path / "old.btf", struct("t", size=16, a=(INT, 0), b=(LONG, 64)))
    new = kernel(tmp_path / "new.btf", struct("t", size=16, a=(LONG, 64), b=(ptr(INT), 0)))
    code, found = diff(old, new, "t", capsys=capsys)
    assert code == 1
    a, b = found["types"][0]["fields"]
    assert (a["status"], a["shift"]) == (["moved", "resized", "retyped"], 64)
    assert a["old"] == {"bit_offset": 0, "bit_size": 32, "type": "int"}
    assert b["status"] == ["moved", "retyped"]


def test_exit_code_and_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = struct("same", size=4, a=(INT, 0))
    colour = enum("colour", RED=0, BLUE=1)
    old = kernel(tmp_path / "old.btf", same, colour, struct("gone", size=4, a=(INT, 0)))
    new = kernel(tmp_path / "new.btf", same, enum("colour", RED=0, GREEN=1, BLUE=2))
    assert main(["diff", old, new, "same"]) == 0
    assert capsys.readouterr().out == "struct same  4 bytes  the same\n0 of 1 types differ\n"
    assert main(["diff", old, new, "*"]) == 1
    out = capsys.readouterr().out
    assert "struct gone  - removed: only the first has it\n" in out
    assert "≠ renumbered   BLUE   = 1 → = 2" in out
    assert "+ added        GREEN  = 1" in out
    assert out.endswith("2 of 3 types differ\n")


def test_many_that_move_alike_are_one_line_unless_all_are_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"f{number}" for number in range(6)]
    old = kernel(
        tmp_path / "old.btf", struct("t", size=24, **{one: (INT, 32 * n) for n, one in enumerate(names)})
    )
    new = kernel(
        tmp_path / "new.btf", struct("t", size=28, **{one: (INT, 32 * n + 32) for n, one in enumerate(names)})
    )
    assert main(["diff", old, new, "t"]) == 1
    assert "▲ moved +4  f0 … f5  (6 fields)\n" in capsys.readouterr().out
    assert main(["diff", old, new, "t", "--all"]) == 1
    assert capsys.readouterr().out.count("moved +4") == 6


def test_the_types_of_a_programs_records_with_what_it_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    """pahole -F btf: vruntime is at 128 + 80 on 5.10, at 128 + 112 on 6.12; load.weight at 128 on both."""
    assert main(["diff", OLD, NEW, "--for", SCHED]) == 1
    out = capsys.readouterr().out
    assert re.search(r"▲ moved \+32 ◆ se\.vruntime  \+208 \(8 B\) u64 → \+240 \(8 B\)\n", out)
    assert "load.weight" not in out
    assert "more changes, which the program does not ask for (--all)" in out
    _, found = diff(OLD, NEW, "--for", SCHED, capsys=capsys)
    assert [one["path"] for one in found["types"][0]["fields"] if one["asked"]] == ["se.vruntime"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([OLD, NEW], "name some, or the program, with --for FILE", id="no-types"),
        pytest.param([SCHED, NEW], f"relos {SCHED} -t {NEW}", id="a-program-and-a-target"),
        pytest.param([OLD, NEW, "task_strukt"], "did you mean task_struct", id="unknown-type"),
        pytest.param(
            [OLD, NEW, "nothing_*"], 'has a struct, union or enum "nothing_*"', id="unknown-pattern"
        ),
        pytest.param([OLD, NEW, "pid", "-t", OLD], "-t is for two programs", id="targets-and-targets"),
        pytest.param([SCHED, SCHED, *["--cpu", "v3"] * 3], "--cpu is given 3 times", id="three-options"),
    ],
)
def test_usage_errors_say_what_to_do(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_program_is_told_from_a_target_by_name_and_content(tmp_path: Path) -> None:
    obj, btf = tmp_path / "a.btf", tmp_path / "b.o"
    obj.write_bytes(build_object([struct("t", size=4, a=(INT, 0))], []))
    btf.write_bytes(build_btf_bytes(INT))
    assert is_program("absent.rs")
    assert is_program(str(obj))
    assert not is_program(str(btf))
    assert not is_program("running")
    assert not is_program(str(tmp_path))
    # A vmlinux is an ELF file for another machine.
    btf.write_bytes(obj.read_bytes()[:18] + (62).to_bytes(2, "little") + obj.read_bytes()[20:])
    assert not is_program(str(btf))


# -- programs --------------------------------------------------------------------------------


def test_the_same_program_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", SCHED, SCHED, "-t", NEW]) == 0
    assert "nothing changed: the same records, the same bytes" in capsys.readouterr().out


def test_another_byte_order_is_told_first_and_records_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", SCHED, SCHED, "--endian", "little", "--endian", "big"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("Byte order little → big: ")
    assert lines[2:4] == ["Records  the same as before", "Sections"]


@pytest.mark.debian_tool("llvm-objdump-19")
def test_instructions_that_differ_are_those_of_two_disassemblies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--cpu v2`` has no 32-bit jumps: the lines that llvm-objdump prints for one object alone."""
    listings = []
    for cpu in ("v2", "v3"):
        obj = tmp_path / f"{cpu}.o"
        assert main(["compile", SCHED, "-o", str(obj), "--cpu", cpu]) == 0
        command = ["llvm-objdump-19", "-d", "--no-show-raw-insn", str(obj)]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        listings.append([line for line in out.splitlines() if re.match(r"\s+\d+:", line)])
    differing = sum(one != other for one, other in zip(*listings, strict=True))
    capsys.readouterr()
    code, found = diff(SCHED, SCHED, "--cpu", "v2", "--cpu", "v3", capsys=capsys)
    assert code == 1
    insns = [insn for function in found["functions"] for insn in function["insns"]]
    assert sum(insn["new"] is not None for insn in insns) == differing == 2
    assert found["records"] == {"added": [], "removed": [], "changed": []}


def test_records_are_told_apart_by_what_they_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = struct("t", size=8, a=(INT, 0), b=(INT, 32)), struct("t", size=12, a=(INT, 64), c=(INT, 32))
    old, new = tmp_path / "old.o", tmp_path / "new.o"
    offset = CoreReloKind.FIELD_BYTE_OFFSET
    old.write_bytes(build_object([one], [Record(offset, "t", "0:0", 0), Record(offset, "t", "0:1", 4)]))
    new.write_bytes(build_object([two], [Record(offset, "t", "0:1", 4), Record(offset, "t", "0:0", 8)]))
    code, found = diff(str(old), str(new), capsys=capsys)
    assert code == 1
    records = found["records"]
    assert [record["path"] for record in records["added"]] == ["t.c"]
    assert [record["path"] for record in records["removed"]] == ["t.b"]
    (changed,) = records["changed"]
    assert (changed["old"]["local_value"], changed["new"]["local_value"], changed["was"]) == (0, 8, "was 0")


def test_what_records_become_on_a_target_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The access differs (``t.a`` was renamed), so on a kernel with ``a`` alone the newer is missing."""
    old, new = tmp_path / "old.o", tmp_path / "new.o"
    exists = CoreReloKind.FIELD_EXISTS
    btf = kernel(tmp_path / "kernel.btf", struct("t", size=4, a=(INT, 0)))
    for path, name in ((old, "a"), (new, "b")):
        path.write_bytes(
            build_object([struct("t", size=4, **{name: (INT, 0)})], [Record(exists, "t", "0:0", 1)])
        )
    _, found = diff(str(old), str(new), "-t", btf, capsys=capsys)
    (added,), (removed,) = found["records"]["added"], found["records"]["removed"]
    assert (added["results"][0]["value"], removed["results"][0]["value"]) == (0, 1)


def test_a_source_with_an_error_is_code_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.rs"
    bad.write_text("fn f( {}\n")
    assert main(["diff", SCHED, str(bad)]) == 4
    assert main(["diff", OLD, NEW, "--for", str(bad)]) == 4
    assert f"--> {bad}:1:" in capsys.readouterr().err


def test_names_from_a_file_reach_the_terminal_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "t\x1b[2J"
    old = kernel(tmp_path / "old.btf", struct(name, size=4, **{"a\x07": (INT, 0)}))
    new = kernel(tmp_path / "new.btf", struct(name, size=8, **{"a\x07": (INT, 32)}))
    assert main(["diff", old, new, name]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert main(["diff", old, new, "\x1b"]) == 2
    assert "\x1b" not in capsys.readouterr().err
