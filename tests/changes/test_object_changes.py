"""What differs between two objects in bytes, against llvm-objdump, llvm-size and Python's difflib."""

from __future__ import annotations

import difflib
import random
import re
import subprocess
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.instructions.disassembly import disassemble
from btfview.analysis.result import Analysis
from btfview.bpf.insn import EXIT, MOV64_IMM, Insn
from btfview.changes import object_changes
from btfview.changes.object_changes import ObjectChanges, compare_objects, object_changes_json
from btfview.changes.selection_changes import Changes, compare_results
from btfview.changes.status import Status
from btfview.compiler.options import CompileOptions
from btfview.source import Source, read_source
from btfview.views.changes import change_rows, summarise_changes
from btfview.views.stages.disasm import disasm_rows
from tests.analyses import analyse_demo, analyse_text, demo_text
from tests.bpf.test_insn import by_objdump
from tests.btf.build import INT, struct
from tests.objects import build_object
from tests.paths import DEMO

TEXT = read_source(str(DEMO / "sched.rs")).text
PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))


def of_insns(tmp_path: Path, values: list[int], name: str = "a.o") -> Analysis:
    """An object with the instructions ``r1 = VALUE``, then an exit."""
    tail = [*(Insn(MOV64_IMM, 1, 0, 0, value) for value in values), Insn(EXIT, 0, 0, 0, 0)]
    path = tmp_path / name
    path.write_bytes(build_object([PAIR], [], tail=tail))
    return analyse(str(path))


def status_text(changes: ObjectChanges) -> str:
    """One sign an instruction of the only function."""
    (function,) = changes.functions
    return "".join(
        {Status.SAME: "=", Status.ADDED: "+", Status.REMOVED: "-", Status.CHANGED: "~"}[one.status]
        for one in function.insns
    )


def test_the_same_program_changes_no_byte() -> None:
    changes = compare_objects(analyse_demo(), analyse_demo())
    assert not changes
    assert {one.status for one in changes.sections} == {Status.SAME}
    assert {one.status for one in changes.functions} == {Status.SAME}
    assert summarise_changes(changes) == ""
    assert "nothing changed" in change_rows(analyse_demo(), Changes(), changes)[0].text


@pytest.mark.debian_tool("llvm-objdump-19")
def test_both_sides_of_the_difference_are_what_objdump_lists(tmp_path: Path) -> None:
    old, new = analyse_demo(), analyse_demo("vruntime: u64", "before: u64,\n    vruntime: u64")
    listed = []
    for name, analysis in (("old.o", old), ("new.o", new)):
        path = tmp_path / name
        assert analysis.object is not None
        path.write_bytes(analysis.object.elf.data)
        listed.append({section: [code for _, code in insns] for section, insns in by_objdump(path).items()})
    changes = compare_objects(old, new)
    for side, by_section in zip(("old", "new"), listed, strict=True):
        found: dict[str, list[bytes]] = {}
        for function in changes.functions:
            lines = [getattr(change, side) for change in function.insns]
            assert function.status != Status.SAME or not lines
            if lines:
                found.setdefault(function.section, []).extend(line.code for line in lines if line)
        for section, codes in found.items():
            # Functions that are the same list nothing: what is listed stands in a row in the section.
            whole = by_section[section]
            assert any(whole[at : at + len(codes)] == codes for at in range(len(whole)))
    (function,) = (one for one in changes.functions if one.status == Status.CHANGED)
    assert function.name == "sched_vruntime"
    (change,) = (one for one in function.insns if one.status != Status.SAME)
    assert change.old is not None
    assert change.new is not None
    # The second of two u64 members, then the third.
    assert change.old.text.endswith(" = 8")
    assert change.new.text == change.old.text.replace("= 8", "= 16")


@pytest.mark.debian_tool("llvm-size-19")
def test_sizes_of_sections_are_what_llvm_size_prints(tmp_path: Path) -> None:
    new = analyse_demo(
        "field_byte_offset!(task_struct, se.vruntime)", "field_byte_size!(task_struct, se.vruntime)"
    )
    assert new.object is not None
    path = tmp_path / "new.o"
    path.write_bytes(new.object.elf.data)
    printed = subprocess.run(["llvm-size-19", "-A", str(path)], capture_output=True, text=True, check=True)
    sizes = dict(re.findall(r"^(\.\S+|\S+)\s+(\d+)\s+\d+$", printed.stdout, re.MULTILINE))
    sections = compare_objects(analyse_demo(), new).sections
    assert {".text", ".BTF", ".BTF.ext"} <= {one.name for one in sections}
    for one in sections:
        assert one.new_size == int(sizes[one.name]), one.name


def test_a_new_operand_is_a_change_and_not_one_added_and_one_removed(tmp_path: Path) -> None:
    changes = compare_objects(of_insns(tmp_path, [1, 2, 3]), of_insns(tmp_path, [1, 9, 3], "b.o"))
    assert status_text(changes) == "=~=="
    assert changes.count(Status.CHANGED) == 1
    assert summarise_changes(changes) == "code 32 B, 1 instruction differs"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([1, 2], [1, 5, 2], "=+==", id="added"),
        pytest.param([1, 5, 2], [1, 2], "=-==", id="removed"),
        pytest.param([], [1], "+=", id="added-to-nothing"),
        pytest.param([1, 2, 3], [7, 1, 2, 3, 8], "+===+=", id="at-both-ends"),
    ],
)
def test_instructions_are_aligned(tmp_path: Path, old: list[int], new: list[int], expected: str) -> None:
    assert status_text(compare_objects(of_insns(tmp_path, old), of_insns(tmp_path, new, "b.o"))) == expected


def test_no_longer_edit_than_difflib_finds(tmp_path: Path) -> None:
    """On random sequences: both sides come back whole and in order, with at least as much in common."""
    source = random.Random(7)
    for _ in range(60):
        old = [source.randrange(4) for _ in range(source.randrange(30))]
        new = [source.randrange(4) for _ in range(source.randrange(30))]
        changes = compare_objects(of_insns(tmp_path, old), of_insns(tmp_path, new, "b.o"))
        (function,) = changes.functions
        if old == new:
            assert not changes
            continue
        exits = [0x95]
        for side, values in (("old", old), ("new", new)):
            lines = [line for change in function.insns if (line := getattr(change, side))]
            assert [line.insn_index for line in lines] == list(range(len(values) + 1))
            assert [line.code[0] for line in lines][-1:] == exits
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        common = sum(block.size for block in matcher.get_matching_blocks())
        assert function.count(Status.SAME) >= common + 1  # and the exit


def test_too_many_edits_are_given_whole_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_changes, "MAX_EDITS", 3)
    changes = compare_objects(
        of_insns(tmp_path, [1, 2, 3, 4, 5]), of_insns(tmp_path, [1, 9, 8, 3, 7, 6], "b.o")
    )
    (function,) = changes.functions
    assert function.is_rough
    assert status_text(changes)[0] == "="
    assert status_text(changes)[-1] == "="
    for side, count in (("old", 6), ("new", 7)):
        lines = [line for change in function.insns if (line := getattr(change, side))]
        assert [line.insn_index for line in lines] == list(range(count))
    assert any("too many differ" in row.text for row in change_rows(analyse_demo(), Changes(), changes))


def test_a_function_and_its_size_are_told_when_it_comes_or_goes() -> None:
    more = analyse_text(demo_text() + "\npub fn extra(a: u64) -> u64 { a + 1 }\n")
    (function,) = (
        one for one in compare_objects(analyse_demo(), more).functions if one.status != Status.SAME
    )
    assert (function.name, function.status, function.old_size) == ("extra", Status.ADDED, None)
    # r0 = r1; r0 += 1; exit
    assert function.new_size == 24
    (gone,) = (one for one in compare_objects(more, analyse_demo()).functions if one.status != Status.SAME)
    assert (gone.status, gone.new_size, gone.count(Status.REMOVED)) == (Status.REMOVED, None, 3)


@pytest.mark.debian_tool("clang-19")
def test_a_call_whose_callee_moved_is_the_same_call(tmp_path: Path) -> None:
    """The distance in the instruction differs (clang leaves one from the section); the function does not."""
    text = """
        {before}
        static __attribute__((noinline)) int callee(int a) {{ return a * 3; }}
        __attribute__((section("socket"))) int prog(void *ctx) {{ return callee((int)(long)ctx); }}
    """
    other = "__attribute__((noinline)) int other(int a) { return a + 5; }"
    results = [analyse_text(text.format(before=before), path="a.c") for before in ("", other)]
    codes = [result.object.code("socket") for result in results if result.object]
    assert codes[0] != codes[1]
    changes = compare_objects(results[0], results[1])
    assert {one.name: one.status for one in changes.functions} == {
        "other": Status.ADDED,
        "callee": Status.SAME,
        "prog": Status.SAME,
    }


@pytest.mark.parametrize("endians", [("little", "big"), ("big", "little")])
def test_the_same_program_in_the_other_byte_order_has_the_same_instructions(endians: tuple[str, str]) -> None:
    source = Source("sched.rs", TEXT)
    old, new = (analyse("sched.rs", (), CompileOptions(endian=one), source=source) for one in endians)
    changes = compare_objects(old, new)
    assert changes.is_other_byte_order
    assert changes.insn_count == 0
    assert {one.name for one in changes.sections if one.status != Status.SAME} >= {
        ".text",
        ".BTF",
        ".BTF.ext",
    }
    assert summarise_changes(changes) == "the same code in the other byte order"
    assert f"Byte order {' → '.join(endians)}" in change_rows(new, Changes(), changes)[0].text
    assert object_changes_json(changes)["other_byte_order"]


def test_rows_name_records_sections_and_instructions() -> None:
    old, new = analyse_demo(), analyse_demo("vruntime: u64", "before: u64,\n    vruntime: u64")
    rows = change_rows(new, compare_results(old, new), compare_objects(old, new))
    texts = [row.text for row in rows]
    assert "± #1 field_byte_offset task_struct.se.vruntime = 16  was 8" in texts
    assert any(text.startswith("± .BTF") and "→" in text for text in texts)
    (changed,) = (row for row in rows if "→" in row.text and "= 16" in row.text)
    assert changed.relos == (1,)
    assert changed.text.endswith("◆ #1")
    keys = [row.key for row in rows if row.key]
    assert len(keys) == len(set(keys))


def test_json_has_the_differing_instructions_only() -> None:
    old, new = analyse_demo(), analyse_demo("vruntime: u64", "before: u64,\n    vruntime: u64")
    data = object_changes_json(compare_objects(old, new))
    (function,) = (one for one in data["functions"] if one["status"] == "changed")
    (insn,) = function["insns"]
    assert insn["status"] == "changed"
    assert insn["old"]["text"].endswith("= 8")
    assert insn["new"]["text"].endswith("= 16")
    assert function["old_size"] == function["new_size"]
    assert not function["rough"]
    assert all(one["insns"] == [] for one in data["functions"] if one["status"] == "same")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([1, 5, 2], [1, 2], ["r1 = 1", "- r1 = 5  gone", "r1 = 2", "exit"], id="in-the-middle"),
        pytest.param([5, 1], [1], ["- r1 = 5  gone", "r1 = 1", "exit"], id="at-the-start"),
        pytest.param([1], [1, 7], ["r1 = 1", "r1 = 7  + new", "exit"], id="added"),
        pytest.param([1], [3], ["r1 = 3  ± was r1 = 1", "exit"], id="changed"),
    ],
)
def test_the_disassembly_marks_the_difference(
    tmp_path: Path, old: list[int], new: list[int], expected: list[str]
) -> None:
    before, after = of_insns(tmp_path, old), of_insns(tmp_path, new, "b.o")
    rows = disasm_rows(after, disassemble(after), None, compare_objects(before, after))
    shown = [re.sub(r"^\d+: ", "", row.text) for row in rows[1:]]
    assert shown == expected
    sizes = f"{8 * len(old) + 8} → {8 * len(new) + 8} B"
    assert rows[0].text.endswith(sizes) == (len(old) != len(new))


def test_what_stood_at_the_end_of_a_function_is_marked_there(tmp_path: Path) -> None:
    """Two functions of one section: the first loses its last instruction."""
    results = []
    for name, values in (("a.o", [1, 2, 3]), ("b.o", [1, 3])):
        tail = [*(Insn(MOV64_IMM, 1, 0, 0, value) for value in values), Insn(EXIT, 0, 0, 0, 0)]
        first = 8 * (len(values) - 1)
        path = tmp_path / name
        functions = [("one", 0, first), ("two", first, 16)]
        path.write_bytes(build_object([PAIR], [], tail=tail, functions=functions))
        results.append(analyse(str(path)))
    rows = disasm_rows(results[1], disassemble(results[1]), None, compare_objects(*results))
    texts = [row.text for row in rows]
    assert texts[2] == "- r1 = 2  gone"
    assert texts[3].startswith("socket · two")
    assert sum("gone" in text for text in texts) == 1
