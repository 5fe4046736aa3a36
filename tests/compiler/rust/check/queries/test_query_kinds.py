"""All thirteen kinds of relocations from Rust: recorded as by clang for the same C, resolved as by libbpf."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.result import Analysis
from btfview.btf.kinds import CoreReloKind
from btfview.compiler.compile import compile_source
from btfview.compiler.result import QUERY_KINDS
from btfview.source import Source
from btfview.targets.find import open_targets
from tests.analyses import analyse_text
from tests.compiler.rust.front_end_helpers import build, place_of, problems, the_problem
from tests.libbpf import run_libbpf

GATE = "#![feature(btf_relocations, btf_relocations_extra)]\n"
TYPES = """
{mark} pub struct load_weight {{ weight: u64 }}
{mark} pub struct sched_entity {{ load: load_weight, vruntime: u64 }}
{mark} pub struct counter {{ count: i64 }}
{mark} pub struct task_struct {{ prio: i32, flags: u32, se: sched_entity, comm: [u8; 16],
    many: [counter; 4] }}
#[repr(u32)] pub enum pid_type {{ PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID }}
#[repr(u64)] pub enum wide {{ SMALL = 1, LARGE = 0x1_0000_0000 }}
#[repr(i32)] pub enum below {{ NEGATIVE = -3, POSITIVE = 3 }}
"""
REPR = GATE + TYPES.format(mark="#[repr(Btf)]")
OPTION = GATE + TYPES.format(mark="#[btf_relocatable] #[repr(C)]")
C_TYPES = """
#define A __attribute__((preserve_access_index))
struct load_weight { unsigned long weight; } A;
struct sched_entity { struct load_weight load; unsigned long vruntime; } A;
struct counter { long count; } A;
struct task_struct { int prio; unsigned flags; struct sched_entity se; unsigned char comm[16];
                     struct counter many[4]; } A;
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID };
enum wide { SMALL = 1, LARGE = 0x100000000 };
enum below { NEGATIVE = -3, POSITIVE = 3 };
static struct task_struct *t;
"""
# What follows `core::btf::`, and libbpf's bpf_core_read.h spelled out for the same question.
SAME = [
    ("field_byte_offset!(task_struct, se.vruntime)", "__builtin_preserve_field_info(t->se.vruntime, 0)"),
    ("field_byte_size!(task_struct, comm)", "__builtin_preserve_field_info(t->comm, 1)"),
    ("field_exists!(task_struct, se.load.weight)", "__builtin_preserve_field_info(t->se.load.weight, 2)"),
    ("field_is_signed!(task_struct, prio)", "__builtin_preserve_field_info(t->prio, 3)"),
    ("field_is_signed!(task_struct, flags)", "__builtin_preserve_field_info(t->flags, 3)"),
    ("field_lshift!(task_struct, flags)", "__builtin_preserve_field_info(t->flags, 4)"),
    ("field_rshift!(task_struct, flags)", "__builtin_preserve_field_info(t->flags, 5)"),
    ("type_id_local!(sched_entity)", "__builtin_btf_type_id(*(struct sched_entity *)0, 0)"),
    ("type_id_target!(sched_entity)", "__builtin_btf_type_id(*(struct sched_entity *)0, 1)"),
    ("type_exists!(task_struct)", "__builtin_preserve_type_info(*(struct task_struct *)0, 0)"),
    ("type_exists!(pid_type)", "__builtin_preserve_type_info(*(enum pid_type *)0, 0)"),
    ("type_size!(task_struct)", "__builtin_preserve_type_info(*(struct task_struct *)0, 1)"),
    ("type_matches!(load_weight)", "__builtin_preserve_type_info(*(struct load_weight *)0, 2)"),
    ("enum_value_exists!(pid_type, PIDTYPE_TGID)", "E(pid_type, PIDTYPE_TGID, 0)"),
    ("enum_value!(pid_type, pid_type::PIDTYPE_PGID)", "E(pid_type, PIDTYPE_PGID, 1)"),
    ("enum_value!(wide, LARGE)", "E(wide, LARGE, 1)"),
    ("enum_value!(below, NEGATIVE)", "E(below, NEGATIVE, 1)"),
    ("field_byte_offset!(task_struct, comm[4])", "__builtin_preserve_field_info(t->comm[4], 0)"),
    ("field_byte_offset!(task_struct, many[2].count)", "__builtin_preserve_field_info(t->many[2].count, 0)"),
]  # fmt: skip
ENUM_MACRO = (
    "#define E(type, value, what) __builtin_preserve_enum_value(*(typeof(enum type) *)value, what)\n"
    "#define E_(type, value, what) E(type, value, what)\n"
)
CONTEXT = "#[repr(C)] pub struct out { v: [u64; 32] }\n"
ENTRY = '#[unsafe(no_mangle)] #[unsafe(link_section = "syscall")]\n'
LICENSE = (
    '#[unsafe(no_mangle)] #[unsafe(link_section = "license")] pub static LICENSE: [u8; 4] = *b"GPL\\0";\n'
)


def rust_of(calls: list[str], types: str = REPR) -> str:
    stores = "".join(
        f"        (*ctx).v[{index}] = core::btf::{call} as u64;\n" for index, call in enumerate(calls)
    )
    return (
        types + CONTEXT + LICENSE + ENTRY
        + f'pub extern "C" fn ask(ctx: *mut out) -> i32 {{\n    unsafe {{\n{stores}    }}\n    0\n}}\n'
    )  # fmt: skip


def c_of(calls: list[str]) -> str:
    stores = "".join(f"    ctx[{index}] = {call};\n" for index, call in enumerate(calls))
    section = '__attribute__((section("syscall"), used))'
    return f"{C_TYPES}{ENUM_MACRO}{section} int ask(unsigned long *ctx) {{\n{stores}    return 0;\n}}\n"


def analysed(text: str, suffix: str, targets: tuple[str, ...] = ()) -> Analysis:
    opened = [target for spec in targets for target in open_targets(spec)]
    analysis = analyse_text(text, opened, path=f"ask{suffix}")
    assert analysis.compilation is not None
    assert not analysis.compilation.has_errors, analysis.diagnostics
    return analysis


def records(analysis: Analysis) -> list[tuple[str, str | None, str, int | None]]:
    """Return kind, root, access string and value as compiled; type ids count in one object only."""
    return [
        (
            linked.relo.kind_label,
            linked.local_type_name,
            linked.relo.access_str,
            None if "type_id" in linked.relo.kind_label else linked.local_value,
        )
        for linked in analysis.relos
    ]


def test_kinds_have_the_names_and_numbers_of_the_records() -> None:
    assert {kind.label: int(kind) for kind in CoreReloKind} == QUERY_KINDS


@pytest.mark.debian_tool("clang-19")
def test_records_are_those_of_clang_for_the_same_c(tmp_path: Path) -> None:
    rust = records(analysed(rust_of([call for call, _ in SAME]), ".rs"))
    clang = records(analysed(c_of([call for _, call in SAME]), ".c"))
    assert rust == clang
    assert {kind for kind, *_ in rust} == set(QUERY_KINDS)


def test_every_record_is_linked_to_its_query(tmp_path: Path) -> None:
    calls = [call for call, _ in SAME]
    text = rust_of(calls)
    analysis = analysed(text, ".rs")
    assert analysis.compilation is not None
    assert analysis.compilation.program is not None
    queries = analysis.compilation.program.queries
    for linked, call in zip(analysis.relos, calls, strict=True):
        (number,) = linked.queries
        query = queries[number]
        assert text[query.span.start : query.span.end] == f"core::btf::{call}"
        assert (query.kind, query.access_str) == (linked.relo.kind_label, linked.relo.access_str)
        assert query.path == linked.path


@pytest.mark.kernel
@pytest.mark.shared
@pytest.mark.parametrize("kernel", ["5.10.0-46-amd64", "6.1.0-56-amd64", "7.2.13+deb14-amd64"])
def test_libbpf_writes_what_the_resolver_says(
    kernel: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    # `many` is in no kernel, and its record is poisoned.
    calls = [call for call, _ in SAME]
    target = kernel_btf(kernel)
    analysis = analysed(rust_of(calls), ".rs", (str(target),))
    assert analysis.compilation is not None
    assert analysis.compilation.object is not None
    run = run_libbpf(analysis.compilation.object, target=target)
    assert run.is_relocated, run.log
    insns = run.insns["ask"]
    for linked, (result,) in zip(analysis.relos, analysis.results, strict=True):
        after = result.insn_after
        assert insns[linked.relo.insn_off : linked.relo.insn_off + len(after)] == after, linked.path


@pytest.mark.kernel
def test_the_kernel_loads_every_kind(tmp_path: Path) -> None:
    text = rust_of(
        [call for call, _ in SAME if "many" not in call and "wide" not in call and "below" not in call]
    )
    result = compile_source(Source("ask.rs", text))
    assert result.object is not None, result.diagnostics
    run = run_libbpf(result.object)
    assert run.is_loaded, run.log[-2000:] + run.verifier_log


# ---- the gate, the dialects


@pytest.mark.parametrize("call", [call for call, _ in SAME[3:]])
def test_what_no_rfc_has_is_behind_a_gate_of_our_own(call: str) -> None:
    text = rust_of([call]).replace(", btf_relocations_extra", "")
    source = Source("lib.rs", text)
    (found,) = [item for item in build(text).diagnostics if item.is_error]
    assert source.location(found.span.start).line == text[: text.index(f"core::btf::{call}")].count("\n") + 1
    assert "btf_relocations_extra" in (found.hint or "")


@pytest.mark.parametrize(
    ("call", "plain", "optional"),
    [
        ("field_is_signed!(task_struct, prio)", "bool", "Option<bool>"),
        ("field_lshift!(task_struct, prio)", "u32", "Option<u32>"),
        ("field_rshift!(task_struct, prio)", "u32", "Option<u32>"),
        ("type_exists!(task_struct)", "bool", "bool"),
        ("type_size!(task_struct)", "usize", "Option<usize>"),
        ("type_matches!(task_struct)", "bool", "bool"),
        ("type_id_local!(task_struct)", "u32", "u32"),
        ("type_id_target!(task_struct)", "u32", "Option<u32>"),
        ("enum_value_exists!(pid_type, PIDTYPE_PID)", "bool", "bool"),
        ("enum_value!(pid_type, PIDTYPE_PID)", "i64", "Option<i64>"),
        ("field_ref!(t, se.vruntime)", "Option<&u64>", "Option<&u64>"),
        ("field_ptr!(t, se)", "Option<*const sched_entity>", "Option<*const sched_entity>"),
    ],
)
def test_in_the_option_dialect_what_may_be_missing_is_an_option(call: str, plain: str, optional: str) -> None:
    for types, result in ((REPR, plain), (OPTION, optional)):
        assert problems(f"{types}pub fn f(t: &task_struct) -> {result} {{ core::btf::{call} }}") == []
        (found,) = problems(f"{types}pub fn f(t: &task_struct) -> i8 {{ core::btf::{call} }}")
        assert found[2] == "mismatched types"


def test_a_file_without_a_marker_is_told_how_to_choose() -> None:
    text = GATE + "enum e { A }\npub fn f() -> i64 { core::btf::enum_value!(e, A) }"
    line, column, message, hint = the_problem(text)
    assert (line, column) == (3, 21)
    assert "dialect of `enum_value!` is not clear" in message
    assert "--dialect repr|option" in hint
    assert problems(text, dialect="repr") == []
    # What is the same in both needs no choice.
    assert problems(text.replace("i64", "bool").replace("enum_value!", "enum_value_exists!")) == []


# ---- elements, pointers, enums


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("comm»[16]", "index 16 is past the end of `[u8; 16]`"),
        ("comm»[x]", "the index in a path must be a literal"),
        ("comm»[1u8]", "the index in a path must be a literal"),
        ("comm»[1 + 1]", "the index in a path must be a literal"),
        ("se»[0]", "cannot index into a value of type `sched_entity`"),
        ("comm[0].»x", "no field `x` on type `u8`"),
        ("»[0].comm", "expects dot-separated field"),
        ("comm[0]»x", "expects dot-separated field"),
    ],
)
def test_an_element_is_a_literal_inside_its_array(path: str, message: str) -> None:
    text, place = place_of(REPR + f"pub fn f() -> bool {{ core::btf::field_exists!(task_struct, {path}) }}")
    line, column, found, _ = the_problem(text)
    assert (line, column) == place
    assert message in found


def test_a_flexible_array_has_every_element() -> None:
    # libbpf: is_flex_arr, an array of no length that is its struct's last member.
    struct = (
        GATE
        + "#[repr(Btf)] pub struct s {{ {} }}\npub fn f() -> bool {{ core::btf::field_exists!(s, b[7]) }}"
    )
    assert problems(struct.format("a: u32, b: [u32; 0]")) == []
    assert "past the end" in the_problem(struct.format("b: [u32; 0], a: u32"))[2]


@pytest.mark.parametrize("macro", ["field_is_signed", "field_lshift", "field_rshift"])
@pytest.mark.parametrize(
    ("path", "words"), [("comm[1]", "an element of an array"), ("se", "needs a field of an integer type")]
)
def test_questions_about_bits_are_about_integer_fields(macro: str, path: str, words: str) -> None:
    # libbpf: "relocation can't be applied to array access" (bpf_core_calc_field_relo).
    text = REPR + f"pub fn f() {{ let a = core::btf::{macro}!(task_struct, {path}); }}"
    assert words in the_problem(text)[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("type_size!(»u32)", "`type_size` cannot ask about `u32`"),
        ("type_size!(task_struct, »pid_type)", "unexpected second argument to `type_size`"),
        ("enum_value!(»task_struct, prio)", "`enum_value` cannot ask about `task_struct`"),
        ("enum_value!(pid_type, »NOWHERE)", "no variant named `NOWHERE` found for enum `pid_type`"),
        ("enum_value!(pid_type, »wide::SMALL)", "no variant named `SMALL` found for enum `pid_type`"),
        ("field_ref!(»p, se.vruntime)", "`field_ref` needs a reference"),
        ("field_ref!(»1u32, se.vruntime)", "`field_ref` needs a pointer to a struct or union"),
        ("field_ref!(t, se.»nowhere)", "no field `nowhere` on type `sched_entity`"),
        ("field_ptr!(»1 +, se)", "this is not an expression"),
        ("field_ref!(»nobody, se)", "cannot find value `nobody` in this scope"),
    ],
)
def test_extensions_are_checked_like_the_rest(call: str, message: str) -> None:
    body = "pub fn f(t: &task_struct, p: *const task_struct) { let a = core::btf::" + call + "; }"
    text, place = place_of(REPR + body)
    line, column, found, _ = the_problem(text)
    assert (line, column) == place
    assert message in found


def test_a_pointer_macro_evaluates_its_pointer_once() -> None:
    text = REPR + (
        "fn get<'a>(p: *const task_struct) -> &'a task_struct { unsafe { &*p } }\n"
        "pub fn f(p: *const task_struct) -> u64 {\n"
        "    match core::btf::field_ref!(get(p), se.vruntime) { Some(v) => *v, None => 0 }\n"
        "}\n"
    )
    ir = build(text).ir
    assert ir is not None
    assert ir.count("call ptr @get(") == 1


def test_a_pointer_macro_keeps_the_kind_of_its_pointer() -> None:
    text = REPR + (
        "pub fn f(p: *mut task_struct) -> Option<*mut u8> { core::btf::field_ptr!(p, comm[3]) }\n"
        "pub fn g(p: &mut task_struct) -> Option<&u64> { core::btf::field_ref!(p, se.vruntime) }\n"
    )
    assert problems(text) == []
