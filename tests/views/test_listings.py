"""Stages of a compile, line by line: the same text that the compiler gives, and which record a line is of."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.compiler.cache import CompileCache
from btfview.compiler.compile import compile_source
from btfview.compiler.passes import trace_passes
from btfview.source import Source
from btfview.views.stages.listings import ASM, OPTIMIZED, WRITTEN, make_listing
from btfview.views.stages.passes import (
    ASKED,
    FOLDED,
    INLINED,
    NAMED,
    RECORDED,
    SELECTED,
    difference_rows,
    entry_row,
    pass_entries,
    passes_json,
    passes_text,
)
from tests.analyses import analyse_demo, analyse_text

ALL_KINDS = """\
#![feature(btf_relocations, btf_relocations_extra)]
#![no_std]
#![allow(unguarded_btf_offset)]
#[repr(Btf)]
pub struct task_struct { pid: i32, comm: [u8; 16] }
#[repr(Btf)]
pub struct other { a: u64 }
#[repr(u32)]
pub enum pid_type { PIDTYPE_PID = 0, PIDTYPE_TGID = 1 }
pub fn asks(p: usize) -> usize {
    let mut sum = p + core::btf::type_id_local!(task_struct) as usize;
    sum += core::btf::type_id_local!(other) as usize;
    sum += core::btf::type_exists!(task_struct) as usize;
    sum += core::btf::enum_value!(pid_type, PIDTYPE_TGID) as usize;
    sum += core::btf::field_byte_offset!(task_struct, comm[3]);
    sum
}
fn inlined() -> usize { core::btf::field_byte_size!(task_struct, pid) }
pub fn twice(p: usize) -> usize { p + inlined() }
"""


@pytest.fixture(scope="module")
def kinds() -> Analysis:
    return analyse_text(ALL_KINDS)


@pytest.fixture(scope="module")
def demo() -> Analysis:
    return analyse_demo()


def linked(analysis: Analysis, stage: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(row.text.strip(), row.relos) for row in make_listing(analysis, stage).rows if row.relos]


def test_the_front_ends_ir_is_linked_by_its_queries(demo: Analysis) -> None:
    assert demo.compilation is not None
    listing = make_listing(demo, WRITTEN)
    assert demo.compilation.ir is not None
    assert len(listing.rows) == len(demo.compilation.ir.rstrip("\n").split("\n"))
    for relo in demo.relos:
        lines = [row.text for row in listing.rows if relo.index in row.relos]
        assert any("llvm.preserve.struct.access.index" in line for line in lines)
        assert sum("@llvm.bpf.preserve.field.info" in line for line in lines) == 1


def test_optimised_ir_is_linked_by_the_names_of_globals(kinds: Analysis) -> None:
    """Each load of a question's global, of all five forms of names, and what passes it through."""
    lines = linked(kinds, OPTIMIZED)
    loads = {relos for text, relos in lines if " = load " in text}
    assert loads == {(relo.index,) for relo in kinds.relos}
    for text, (index, *_) in lines:
        relo = kinds.relos[index]
        name = re.search(r'@"llvm\.(\w+)[:.]', text)
        if name and name[1] != "btf_type_id":
            assert name[1] == relo.local_type_name
            assert f":{int(relo.relo.kind or 0)}:" in text
            assert text.count(f'${relo.relo.access_str}"') == 1
    through = [relos for text, relos in lines if "@llvm.bpf.passthrough" in text]
    assert len(through) == len(kinds.relos)
    (size,) = (relo.index for relo in kinds.relos if relo.relo.kind_label == "field_byte_size")
    assert kinds.relos[size].program == "twice"  # where it was inlined to


@pytest.mark.debian_tool("llvm-objdump-19")
@pytest.mark.parametrize("name", ["kinds", "demo"])
def test_assembly_is_linked_where_objdump_sees_the_records(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """llvm-objdump prints a record after its instruction; the listing marks the same instructions."""
    analysis: Analysis = request.getfixturevalue(name)
    assert analysis.object is not None
    path = tmp_path / "a.o"
    path.write_bytes(analysis.object.elf.data)
    ran = subprocess.run(["llvm-objdump-19", "-dr", str(path)], capture_output=True, text=True, check=True)
    expected, last = [], ""
    for line in ran.stdout.split("\n"):
        if insn := re.match(r"\s+\d+:\t[0-9a-f ]+\t(.*)$", line):
            last = insn[1]
        elif "CO-RE <" in line:
            expected.append(re.sub(r"0x[0-9a-f]+", lambda number: str(int(number[0], 16)), last))
    found = [(relos, text) for text, relos in linked(analysis, ASM) if not text.startswith(".")]
    assert [relos for relos, _ in found] == [(relo.index,) for relo in analysis.relos]
    assert [text.removesuffix(" ll") for _, text in found] == [text.removesuffix(" ll") for text in expected]
    words = [relos for text, relos in linked(analysis, ASM) if text.startswith(".long")]
    assert sorted(words) == sorted((relo.index,) for relo in analysis.relos for _ in range(4))


def test_assembly_leaves_out_debug_sections_and_says_so(demo: Analysis) -> None:
    texts = [row.text for row in make_listing(demo, ASM).rows]
    assert not any(".debug_info" in text and ".section" in text for text in texts)
    assert any("lines of debug information" in text for text in texts)
    assert any(".BTF.ext" in text for text in texts)
    assert any("more characters" in text for text in texts)  # the source that LLVM puts into one line


@pytest.mark.debian_tool("clang-19")
def test_of_c_the_front_end_is_not_linked_and_the_rest_is() -> None:
    text = """
        struct t { int a; int b; } __attribute__((preserve_access_index));
        __attribute__((section("socket"))) int f(struct t *p) { return p->b; }
    """
    analysis = analyse_text(text, path="a.c")
    written = make_listing(analysis, WRITTEN)
    assert written.note == "no line can be linked to a record"
    assert any("@llvm.preserve.struct.access.index" in row.text for row in written.rows)
    assert any("getelementptr" in text and relos == (0,) for text, relos in linked(analysis, OPTIMIZED))
    assert any(text.startswith("w0 =") and relos == (0,) for text, relos in linked(analysis, ASM))


def test_an_object_has_no_stages_and_says_what_to_do(tmp_path: Path, demo: Analysis) -> None:
    path = tmp_path / "a.o"
    assert demo.object is not None
    path.write_bytes(demo.object.elf.data)
    (row,) = make_listing(analyse(str(path)), OPTIMIZED).rows
    assert row.text == "an object holds no IR; the disassembly has its instructions"


def test_a_stage_is_made_once(demo: Analysis) -> None:
    cache = CompileCache()
    first = make_listing(demo, OPTIMIZED, cache=cache)
    assert demo.compilation is not None
    kept = cache.find(demo.compilation.source, demo.compilation.options, frozenset({"ir-optimized"}))
    assert kept is not None
    assert make_listing(demo, OPTIMIZED, cache=cache) == first


# -- passes ---------------------------------------------------------------------------------------


def test_the_way_of_a_query_is_told_in_five_steps(demo: Analysis) -> None:
    assert demo.compilation is not None
    (trace,) = trace_passes(demo.compilation, ["sched_vruntime"])
    entries = pass_entries(demo, trace)
    steps = [(entry.name, entry.step) for entry in entries if entry.step]
    assert steps == [
        ("as written", ASKED),
        ("BPFAbstractMemberAccessPass", NAMED),
        ("bpf-isel", SELECTED),
        ("bpf-mi-simplify-patchable", FOLDED),
        ("in the object", RECORDED),
    ]
    named = "\n".join(row.text for row in difference_rows(entries[1]))
    assert re.search(r"^- ◆ .*@llvm\.bpf\.preserve\.field\.info.*  #1$", named, re.MULTILINE)
    assert re.search(r'^\+ ◆ .* = load i32, ptr @"llvm\.task_struct:0:8\$0:0:1".*  #1$', named, re.MULTILINE)
    last = [row.text for row in difference_rows(entries[-1])]
    assert last[2].endswith("insn 3: r2 = 8  #1")  # llvm-objdump: instruction 3 of .text
    assert 'record #1: field_byte_offset task_struct "0:0:1"' in last[3]


@pytest.mark.debian_tool("clang-19")
def test_of_c_the_step_is_told_although_its_intrinsics_are_not_linked() -> None:
    text = """
        struct t { int a; int b; } __attribute__((preserve_access_index));
        __attribute__((section("socket"))) int f(struct t *p) { return p->b; }
    """
    analysis = analyse_text(text, path="a.c")
    assert analysis.compilation is not None
    (trace,) = trace_passes(analysis.compilation)
    steps = {entry.name: entry.step for entry in pass_entries(analysis, trace) if entry.step}
    assert steps["as written"] == ASKED
    assert steps["BPFAbstractMemberAccessPass"] == NAMED
    assert steps["in the object"] == RECORDED


def test_a_difference_has_all_that_changed(demo: Analysis) -> None:
    assert demo.compilation is not None
    for trace in trace_passes(demo.compilation):
        for entry in pass_entries(demo, trace)[1:-1]:
            texts = [row.text for row in difference_rows(entry)]
            assert sum(text.startswith("+") for text in texts) == entry.added
            assert sum(text.startswith("-") for text in texts) == entry.removed
            assert f"+{entry.added} -{entry.removed}" in entry_row(entry, has_function=False).text


def test_passes_as_json_hold_whole_functions(kinds: Analysis) -> None:
    assert kinds.compilation is not None
    traces = trace_passes(kinds.compilation)
    data = passes_json(kinds, traces)
    assert [one["function"] for one in data] == [trace.symbol for trace in traces]
    for function in data:
        for one, following in zip(function["passes"], function["passes"][1:], strict=False):
            assert following["before"] in (one["after"], [])
    assert "== asks · BPFAbstractMemberAccessPass" in passes_text(kinds, traces)


def test_a_question_that_was_inlined_is_followed_in_both_functions(kinds: Analysis) -> None:
    assert kinds.compilation is not None
    (relo,) = (relo.index for relo in kinds.relos if relo.relo.kind_label == "field_byte_size")
    written, taken = trace_passes(kinds.compilation, ["inlined", "twice"])
    assert [(one.name, one.step) for one in pass_entries(kinds, written) if one.step] == [
        ("as written", ASKED),
        ("BPFAbstractMemberAccessPass", NAMED),
    ]
    steps = [one for one in pass_entries(kinds, taken) if one.step]
    assert [one.step for one in steps] == [INLINED, SELECTED, FOLDED, RECORDED]
    assert "Inline" in steps[0].name  # AlwaysInlinerPass or InlinerPass
    assert all(relo in one.relos for one in steps)


def test_hostile_names_stay_text() -> None:
    """A name with quotes and escapes in IR that a user wrote."""
    ir = 'define i64 @"a\\1B[2J,b"(i64 %x) {\n  %y = add i64 %x, 0\n  ret i64 %y\n}\n'
    result = compile_source(Source("a.ll", ir))
    assert result.object is not None
    (trace,) = trace_passes(result)
    assert trace.symbol == "a\x1b[2J,b"
    assert trace.steps[-1].is_machine
