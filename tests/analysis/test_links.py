"""Which record came from where, however LLVM merged, dropped, duplicated and inlined the queries."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.btf.kinds import CoreReloKind
from tests.btf.build import INT, struct
from tests.objects import Record, build_object
from tests.paths import DEMO

RUST = """\
#![feature(btf_relocations)]
#![no_std]

#[repr(Btf)]
pub struct sched_entity { pub vruntime: u64, pub gone: u64 }
#[repr(Btf)]
pub struct task_struct { pub pid: i32, pub tgid: i32, pub se: sched_entity }

fn inlined() -> usize {
    core::btf::field_byte_offset!(task_struct, tgid)
}

#[no_mangle]
#[link_section = "socket"]
pub extern "C" fn first(_ctx: *const u8) -> i32 {
    let a = core::btf::field_byte_offset!(task_struct, pid);
    let b = core::btf::field_byte_offset!(task_struct, pid);
    let _dropped = core::btf::field_byte_offset!(task_struct, se.vruntime);
    (a + b + inlined()) as i32
}

#[no_mangle]
#[link_section = "socket/2"]
pub extern "C" fn second(_ctx: *const u8) -> i32 {
    (inlined() + core::btf::field_byte_size!(task_struct, se.vruntime)) as i32
}
"""


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    path = tmp_path_factory.mktemp("links") / "links.rs"
    path.write_text(RUST)
    return analyse(str(path))


def span_text(analysis: Analysis, index: int) -> str:
    span = analysis.relos[index].span
    assert span is not None
    assert analysis.source is not None
    return analysis.source.text[span.start : span.end]


def test_a_record_leads_to_the_span_of_its_query(rust: Analysis) -> None:
    assert [(one.program, one.path, span_text(rust, one.index)) for one in rust.relos] == [
        ("first", "task_struct.tgid", "core::btf::field_byte_offset!(task_struct, tgid)"),
        ("first", "task_struct.pid", "core::btf::field_byte_offset!(task_struct, pid)"),
        ("second", "task_struct.tgid", "core::btf::field_byte_offset!(task_struct, tgid)"),
        ("second", "task_struct.se.vruntime", "core::btf::field_byte_size!(task_struct, se.vruntime)"),
    ]


def test_merged_queries_share_their_record(rust: Analysis) -> None:
    """``a`` and ``b`` ask the same; LLVM keeps one."""
    assert rust.compilation is not None
    assert rust.compilation.program is not None
    queries = rust.compilation.program.queries
    (merged,) = (one for one in rust.relos if one.path == "task_struct.pid")
    assert [queries[number].location.line for number in merged.queries] == [16, 17]


def test_an_unused_query_has_no_record(rust: Analysis) -> None:
    assert rust.compilation is not None
    assert rust.compilation.program is not None
    linked = {number for one in rust.relos for number in one.queries}
    dropped = [query for query in rust.compilation.program.queries if query.index not in linked]
    assert [(query.path, query.kind) for query in dropped] == [
        ("task_struct.se.vruntime", "field_byte_offset")
    ]


def test_a_query_of_an_inlined_function_has_a_record_in_each_caller(rust: Analysis) -> None:
    copies = [one for one in rust.relos if one.path == "task_struct.tgid"]
    assert [one.program for one in copies] == ["first", "second"]
    assert len({one.queries for one in copies}) == 1
    assert len({one.span for one in copies}) == 1


def test_ir_lines_are_those_of_the_chain(rust: Analysis) -> None:
    """One access.index call a step, then the field.info call that the pass replaces."""
    assert rust.compilation is not None
    assert rust.compilation.ir is not None
    lines = rust.compilation.ir.split("\n")
    (size,) = (one for one in rust.relos if one.relo.kind_label == "field_byte_size")
    text = [lines[number] for number in size.ir_lines]
    assert ["access.index" in line for line in text[:3]] == [True, True, False]
    assert "llvm.bpf.preserve.field.info" in text[2]


def test_keys_are_unique_and_outlive_a_recompile(rust: Analysis, tmp_path: Path) -> None:
    assert max(Counter(one.key for one in rust.relos).values()) == 1
    path = tmp_path / "links.rs"
    path.write_text(RUST.replace("    let _dropped", "    // a line more\n    let _dropped"))
    assert [one.key for one in analyse(str(path)).relos] == [one.key for one in rust.relos]


def test_equal_records_of_one_function_have_keys_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "same.o"
    same = Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0)
    path.write_bytes(build_object([struct("t", size=4, a=(INT, 0))], [same, same]))
    first, second = analyse(str(path)).relos
    assert (first.key, second.key) == (
        "prog|field_byte_offset|t.a|0",
        "prog|field_byte_offset|t.a|1",
    )


C = """\
struct task { int pid; int tgid; long start; } __attribute__((preserve_access_index));
#define EXISTS(field) __builtin_preserve_field_info(field, 2)
static __attribute__((always_inline)) int read(struct task *t) { return t->tgid; }
__attribute__((section("raw_tp/one"), used)) int one(unsigned long *ctx)
{
    struct task *t = (void *)ctx[0];
    if (EXISTS(t->start))
        return t->start;
    return read(t);
}
__attribute__((section("raw_tp/two"), used)) int two(unsigned long *ctx)
{
    return read((void *)ctx[0]) + 1;
}
"""


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize("options", ["-O1", "-O2"])
def test_records_of_c_lead_to_the_lines_that_name_their_fields(options: str, tmp_path: Path) -> None:
    source, out = tmp_path / "links.c", tmp_path / "links.o"
    source.write_text(C)
    command = ["clang-19", "-target", "bpf", "-g", options, "-c", "links.c", "-o", str(out)]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = {
        (one.program, one.relo.kind_label, one.path): (one.place.line, one.place.text)
        for one in analyse(str(out)).relos
        if one.place is not None
    }
    assert found == {
        ("one", "field_exists", "task.start"): (7, "if (EXISTS(t->start))"),
        ("one", "field_byte_offset", "task.start"): (8, "return t->start;"),
        ("one", "field_byte_offset", "task.tgid"): (3, C.split("\n")[2]),
        ("two", "field_byte_offset", "task.tgid"): (3, C.split("\n")[2]),
    }


@pytest.mark.debian_tool("clang-19")
def test_a_c_source_has_spans_on_the_lines_of_its_places(tmp_path: Path) -> None:
    source = tmp_path / "links.c"
    source.write_text(C)
    analysis = analyse(str(source))
    assert analysis.origin == "c"
    assert analysis.source is not None
    assert len(analysis.relos) >= 3
    for one in analysis.relos:
        assert one.place is not None
        assert one.span is not None
        assert analysis.source.location(one.span.start).line == one.place.line
        assert one.place.text == analysis.source.line(one.place.line).strip()


def test_llvm_ir_leads_to_the_lines_of_its_debug_locations(tmp_path: Path) -> None:
    """The module of TOOLCHAIN.md section 2.1, reduced: the record's line is that of its ``!dbg``."""
    path = tmp_path / "lib.ll"
    path.write_text(LLVM_IR)
    analysis = analyse(str(path))
    assert analysis.origin == "llvm-ir"
    (only,) = analysis.relos
    assert (only.program, only.path, only.local_value) == ("vruntime_off", "task_struct.se.vruntime", 8)
    assert only.place is not None
    assert (only.place.file.rsplit("/", 1)[-1], only.place.line, only.place.column) == ("lib.rs", 6, 3)


LLVM_IR = """\
source_filename = "lib.rs"
target datalayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
target triple = "bpfel"
define hidden i64 @vruntime_off(ptr %self) nounwind !dbg !20 {
  %a = call ptr @llvm.preserve.struct.access.index.p0.p0(ptr elementtype(i8) null, i32 0, i32 0), !dbg !30, \
!llvm.preserve.access.index !5
  %b = call ptr @llvm.preserve.struct.access.index.p0.p0(ptr elementtype(i8) %a, i32 1, i32 1), !dbg !30, \
!llvm.preserve.access.index !6
  %c = call i32 @llvm.bpf.preserve.field.info.p0(ptr %b, i64 0), !dbg !30
  %z = zext i32 %c to i64, !dbg !30
  ret i64 %z, !dbg !30
}
declare ptr @llvm.preserve.struct.access.index.p0.p0(ptr, i32 immarg, i32 immarg)
declare i32 @llvm.bpf.preserve.field.info.p0(ptr, i64 immarg)
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3}
!0 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "lib.rs", directory: "/src")
!2 = !{i32 7, !"Dwarf Version", i32 4}
!3 = !{i32 2, !"Debug Info Version", i32 3}
!5 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "task_struct", file: !1, size: 128, \
elements: !{!8})
!6 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "sched_entity", file: !1, size: 128, \
elements: !{!9, !10})
!8 = !DIDerivedType(tag: DW_TAG_member, name: "se", scope: !5, baseType: !6, size: 128, offset: 0)
!9 = !DIDerivedType(tag: DW_TAG_member, name: "load", scope: !6, baseType: !12, size: 64, offset: 0)
!10 = !DIDerivedType(tag: DW_TAG_member, name: "vruntime", scope: !6, baseType: !12, size: 64, offset: 64)
!12 = !DIBasicType(name: "u64", size: 64, encoding: DW_ATE_unsigned)
!20 = distinct !DISubprogram(name: "vruntime_off", scope: !1, file: !1, line: 5, type: !21, scopeLine: 5, \
spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0, retainedNodes: !22)
!21 = !DISubroutineType(types: !{!12, !14})
!14 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !5, size: 64)
!22 = !{!23}
!23 = !DILocalVariable(name: "self", arg: 1, scope: !20, file: !1, line: 5, type: !14)
!30 = !DILocation(line: 6, column: 3, scope: !20)
"""


def test_equal_queries_of_one_function_are_told_apart_by_the_instruction_that_uses_the_value() -> None:
    """The demo asks twice whether ``__state`` exists, once in a function that LLVM inlines. Its own load
    has the line of a neighbour; ``llvm-objdump -dl`` shows lines 68 and 106 at the branches behind them."""
    demo = DEMO / "task_state.rs"
    analysis = analyse(str(demo))
    lines = [
        linked.place.line
        for linked in analysis.relos
        if linked.path == "task_struct.__state"
        and linked.relo.kind == CoreReloKind.FIELD_EXISTS
        and linked.place
    ]
    source = demo.read_text().splitlines()
    wanted = [
        number for number, text in enumerate(source, 1) if "field_exists!(task_struct, __state)" in text
    ]
    assert lines == wanted
    assert len(wanted) == 2
