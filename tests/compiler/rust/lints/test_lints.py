"""Lints: what each finds, what it leaves alone, and the levels that attributes give them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.rust.lints.levels import OWN_LINTS
from btfview.diagnostics import Diagnostic
from btfview.source import Source
from tests.analyses import analyse_text
from tests.compiler.rust.front_end_helpers import GATE, build, place_of
from tests.libbpf import run_libbpf
from tests.paths import DEMO
from tests.rustc import Rustc

TYPES = GATE + (
    "#[repr(Btf)] pub struct inner { x: u32, y: u64 }\n"
    "#[repr(Btf)] pub struct outer { pad: u32, i: inner, many: [inner; 4] }\n"
)
OFFSET = "core::btf::field_byte_offset!(outer, i.y)"
EXISTS = "core::btf::field_exists!(outer, i.y)"


def lints(text: str) -> list[tuple[str | None, str]]:
    """Return lint and level of everything that is told about *text*, which has no other fault."""
    found = build(text).diagnostics
    assert all(item.lint for item in found), found
    return [(item.lint, item.severity) for item in found]


def the_lint(marked: str) -> Diagnostic:
    """Return the one lint of *marked*, which stands at its `»`."""
    text, place = place_of(marked)
    (found,) = build(text).diagnostics
    location = Source("lib.rs", text).location(found.span.start)
    assert (location.line, location.column) == place
    return found


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.rs")), ids=lambda path: path.name)
def test_the_demos_have_nothing_to_complain_about(path: Path) -> None:
    assert build(path.read_text()).diagnostics == ()


# ---- unused_btf_query


@pytest.mark.parametrize(
    "body",
    [
        f"»{EXISTS};",
        f"let there = »{EXISTS};",
        f"let there: bool = »{EXISTS};",
    ],
)
def test_a_dropped_answer_is_told(body: str) -> None:
    assert the_lint(TYPES + f"pub fn f() {{ {body} }}").lint == "unused_btf_query"


@pytest.mark.parametrize(
    "body",
    [f"let _ = {EXISTS};", f"let _there = {EXISTS};", f"let there = {EXISTS}; g(there);", f"g({EXISTS});"],
)
def test_an_answer_that_is_used_or_dropped_on_purpose_is_not(body: str) -> None:
    assert lints(TYPES + f"pub fn g(a: bool) {{}}\npub fn f() {{ {body} }}") == []


def test_an_unused_query_indeed_gives_no_record() -> None:
    analysis = analyse_text(TYPES + f"pub fn f() {{ {EXISTS}; }}\npub fn g() -> bool {{ {EXISTS} }}")
    assert [linked.program for linked in analysis.relos] == ["g"]


# ---- unguarded_btf_offset


@pytest.mark.parametrize(
    "body",
    [
        f"if {EXISTS} {{ {OFFSET} }} else {{ 0 }}",
        f"if !{EXISTS} {{ 0 }} else {{ {OFFSET} }}",
        f"if !{EXISTS} {{ return 0; }} {OFFSET}",
        f"if {EXISTS} {{ }} else {{ return 0; }} {OFFSET}",
        f"let there = {EXISTS}; if there {{ {OFFSET} }} else {{ 0 }}",
        f"if a && {EXISTS} {{ {OFFSET} }} else {{ 0 }}",
        f"if {EXISTS} && {OFFSET} > 4 {{ 1 }} else {{ 0 }}",
        f"if !{EXISTS} || {OFFSET} > 4 {{ 1 }} else {{ 0 }}",
        f"if !({EXISTS} && a) {{ return 0; }} {OFFSET}",
        f"match {EXISTS} {{ true => {OFFSET}, false => 0 }}",
        f"while {EXISTS} {{ return {OFFSET}; }} 0",
        f"if matches!({EXISTS}, true) {{ {OFFSET} }} else {{ 0 }}",
        f"if !matches!({EXISTS}, false) {{ {OFFSET} }} else {{ 0 }}",
        f"match {EXISTS} {{ false => 0, _ => {OFFSET} }}",
        f"match {EXISTS} {{ true if a => {OFFSET}, _ => 0 }}",
        f"match {EXISTS} {{ true => {{}} false => return 0 }} {OFFSET}",
        f"let size = if {EXISTS} {{ 1 }} else {{ return 0 }}; size + {OFFSET}",
        f"let Some(()) = {EXISTS}.then_some(()) else {{ return 0 }}; {OFFSET}",
        f"let there = {EXISTS}.then(|| 4); if let Some(four) = there {{ four + {OFFSET} }} else {{ 0 }}",
        f"if {EXISTS}.then_some(1).is_none() {{ return 0; }} {OFFSET}",
        f"let there = if a {{ {EXISTS} }} else {{ false }}; if there {{ {OFFSET} }} else {{ 0 }}",
        f"let missing = !{EXISTS}; if missing {{ return 1; }} {OFFSET}",
        f"if a {{ if !{EXISTS} {{ return 0; }} }} else {{ return 1; }} {OFFSET}",
        f"{EXISTS}.then(|| {OFFSET}).unwrap_or(3)",
        f"loop {{ if !{EXISTS} {{ break 0; }} break {OFFSET}; }}",
        "if core::btf::field_exists!(outer, i.y) { core::btf::field_byte_size!(outer, i) } else { 0 }",
    ],
)
def test_a_guard_is_control_flow(body: str) -> None:
    assert lints(TYPES + f"pub fn f(a: bool) -> usize {{ {body} }}") == []


@pytest.mark.parametrize(
    "body",
    [
        f"»{OFFSET}",
        f"if {EXISTS} {{ 0 }} else {{ »{OFFSET} }}",
        f"if {EXISTS} || a {{ »{OFFSET} }} else {{ 0 }}",
        f"if {EXISTS} {{ g(); }} »{OFFSET}",
        f"match {EXISTS} {{ true if a => 0, _ => »{OFFSET} }}",
        f"match {EXISTS} {{ true => {{}} false => g() }} »{OFFSET}",
        f"let there = if a {{ {EXISTS} }} else {{ true }}; if there {{ »{OFFSET} }} else {{ 0 }}",
        f"if matches!({EXISTS}, false) {{ »{OFFSET} }} else {{ 0 }}",
        f"let Some(1) = {EXISTS}.then_some(1) else {{ return »{OFFSET} }}; 0",
        f"if a {{ if !{EXISTS} {{ return 0; }} }} »{OFFSET}",
        f"let mut there = {EXISTS}; there = a; if there {{ »{OFFSET} }} else {{ 0 }}",
        "if core::btf::field_exists!(outer, i) { »core::btf::field_byte_offset!(outer, i.y) } else { 0 }",
        "if core::btf::field_exists!(outer, i.x) { »core::btf::field_byte_offset!(outer, i.y) } else { 0 }",
        "if core::btf::field_exists!(inner, y) { »core::btf::field_byte_offset!(outer, i.y) } else { 0 }",
    ],
)
def test_what_no_branch_decides_is_told(body: str) -> None:
    found = the_lint(TYPES + f"pub fn g() {{}}\npub fn f(a: bool) -> usize {{ {body} }}")
    assert found.lint == "unguarded_btf_offset"
    assert "if core::btf::field_exists!(outer, i.y) { .. }" in (found.hint or "")


def test_an_element_guards_those_before_it() -> None:
    text = TYPES.replace("btf_relocations", "btf_relocations, btf_relocations_extra") + (
        "pub fn f() -> usize {\n"
        "    if !core::btf::field_exists!(outer, many[2].x) { return 0; }\n"
        "    core::btf::field_byte_offset!(outer, many[1].x)\n"
        "    + core::btf::field_byte_offset!(outer, many[3].x)\n"
        "}\n"
    )
    found = build(text).diagnostics
    assert [item.lint for item in found] == ["unguarded_btf_offset"]
    assert "many[3].x" in (found[0].hint or "")


def test_the_option_dialect_guards_by_itself() -> None:
    text = TYPES.replace("#[repr(Btf)]", "#[btf_relocatable] #[repr(C)]")
    assert lints(text + f"pub fn f() -> Option<usize> {{ {OFFSET} }}") == []
    raw = "builtin # btf_field_byte_offset(outer, i.y)"
    assert the_lint(text + f"pub fn f() -> usize {{ »{raw} }}").lint == "unguarded_btf_offset"


# ---- types and names


def test_a_marked_type_without_repr_c_is_told() -> None:
    text = "#[btf_relocatable] pub struct »a { x: u8 }\n#[btf_relocatable] #[repr(C)] pub struct b { x: u8 }"
    assert the_lint(GATE + text).lint == "btf_without_repr_c"


BAKED = """
#[repr(C)] pub struct task_struct { pid: i32 }
#[repr(C)] pub struct mine { pid: i32 }
"""


@pytest.mark.parametrize("read", ["»(*t).pid", "{ let p = &raw const »(*t).pid; *p }"])
def test_a_kernel_struct_read_as_declared_here_is_told(read: str) -> None:
    found = the_lint(BAKED + f"pub fn f(t: *const task_struct) -> i32 {{ unsafe {{ {read} }} }}")
    assert found.lint == "baked_in_offset"
    assert "#[repr(Btf)]" in (found.hint or "")


@pytest.mark.parametrize("param", ["t: *const mine", "t: &mine"])
def test_a_struct_of_ours_is_not(param: str) -> None:
    assert lints(BAKED + f"pub fn f({param}) -> i32 {{ unsafe {{ (*t).pid }} }}") == []


@pytest.mark.parametrize(("length", "found"), [(128, []), (129, [("btf_name_before_6_1", "warning")])])
def test_names_longer_than_old_kernels_take_are_told(length: int, found: list[tuple[str, str]]) -> None:
    # include/linux/kallsyms.h: KSYM_NAME_LEN was 128 until v6.1 (b8a94bfb3395).
    text = GATE + f"#[repr(Btf)] pub struct {'a' * length} {{ x: u32 }}\n"
    assert lints(text + f"pub fn f() -> bool {{ core::btf::field_exists!({'a' * length}, x) }}") == found


@pytest.mark.kernel
@pytest.mark.parametrize(("length", "is_taken"), [(200, True), (512, True), (513, False)])
def test_newer_kernels_take_names_of_512(length: int, is_taken: bool) -> None:
    name = "a" * length
    text = (
        f"#[repr(C)] pub struct {name} {{ x: u32 }}\n"
        '#[unsafe(no_mangle)] #[unsafe(link_section = "syscall")]\n'
        f'pub extern "C" fn f(ctx: *mut {name}) -> i32 {{ 0 }}\n'
    )
    data = compile_source(Source("lib.rs", text)).object
    assert data is not None
    assert ("Error loading .BTF" not in run_libbpf(data).log) == is_taken


# ---- programs


@pytest.mark.parametrize(
    ("section", "hint"),
    [
        ("nothing/x", "known are tracepoint"),
        ("xdpp", "did you mean `xdp`?"),
        ("kprob/x", "did you mean `kprobe`?"),
    ],
)
def test_a_section_that_libbpf_does_not_know_is_told(section: str, hint: str) -> None:
    text = f'#[unsafe(link_section = "{section}")] pub extern "C" fn »f(ctx: *mut u64) -> i32 {{ 0 }}'
    found = the_lint(text)
    assert found.lint == "unknown_program_section"
    assert hint in (found.hint or "")


@pytest.mark.parametrize(
    ("section", "type_name", "is_fine"),
    [
        ("xdp", "*mut xdp_md", True),
        ("xdp", "*mut __sk_buff", False),
        ("tc", "*mut __sk_buff", True),
        ("tc/ingress", "&__sk_buff", True),
        ("kprobe/x", "*mut xdp_md", False),
        ("raw_tp/x", "*const [u64; 2]", True),
        ("fentry/x", "*const __sk_buff", False),
        ("lsm/x", "*const u64", True),
        ("perf_event", "*mut u8", True),
        ("xdp", "u64", False),
        ("syscall", "*mut xdp_md", True),
        ("tp/a/b", "*mut xdp_md", True),
    ],
)
def test_the_context_is_that_of_the_program(section: str, type_name: str, is_fine: bool) -> None:
    text = (
        "#[repr(C)] pub struct xdp_md { data: u32 }\n#[repr(C)] pub struct __sk_buff { len: u32 }\n"
        f'#[unsafe(link_section = "{section}")] pub extern "C" fn f(ctx: {type_name}) -> i32 {{ 0 }}'
    )
    assert lints(text) == ([] if is_fine else [("program_context", "warning")])


# ---- levels


@pytest.mark.parametrize(
    ("crate", "item", "level"),
    [
        ("", "", "warning"),
        ("#![allow(unused_btf_query)]", "", None),
        ("", "#[allow(unused_btf_query)]", None),
        ("", "#[expect(unused_btf_query)]", None),
        ("", "#[allow(dead_code, unused_btf_query)]", None),
        ("#![deny(unused_btf_query)]", "", "error"),
        ("#![forbid(unused_btf_query)]", "", "error"),
        ("#![deny(unused_btf_query)]", "#[allow(unused_btf_query)]", None),
        ("#![allow(unused_btf_query)]", "#[deny(unused_btf_query)]", "error"),
        ("#![allow(unused_btf_query)]", "#[warn(unused_btf_query)]", "warning"),
        ("#![allow(unused)]", "", None),
        ("#![deny(warnings)]", "", "error"),
        ("#![allow(dead_code)]", "", "warning"),
        ("// #![allow(unused_btf_query)]", "/* #[allow(unused_btf_query)] */", "warning"),
    ],
)
def test_the_innermost_attribute_gives_the_level(crate: str, item: str, level: str | None) -> None:
    text = f"{crate}\n{TYPES}{item} /** doc */ #[inline] pub fn f() {{ {EXISTS}; }}"
    assert lints(text) == ([("unused_btf_query", level)] if level else [])


def test_a_level_is_for_its_item_alone() -> None:
    text = f"{TYPES}#[allow(unused_btf_query)] pub fn f() {{ {EXISTS}; }}\npub fn g() {{ {EXISTS}; }}"
    assert lints(text) == [("unused_btf_query", "warning")]


def test_a_statement_has_a_level_too() -> None:
    assert lints(TYPES + f"pub fn f() {{ #[allow(unused_btf_query)] {{ {EXISTS}; }} }}") == []


def test_a_denied_lint_stops_the_compile() -> None:
    result = build("#![deny(dead_code)]\nfn f() {}\npub fn g() {}")
    assert (result.ir, result.program) == (None, None)


def test_a_level_for_a_lint_that_does_not_exist_is_told() -> None:
    found = the_lint("»#![allow(unused_btf_qurey)]\npub fn f() {}")
    assert (found.lint, found.hint) == ("unknown_lints", "did you mean `unused_btf_query`?")


def test_lints_are_named_in_text_and_json() -> None:
    from btfview.diagnostics import diagnostic_json, format_diagnostic

    source = Source("lib.rs", TYPES + f"pub fn f() {{ {EXISTS}; }}")
    (found,) = build(source.text).diagnostics
    assert "= note: `#[warn(unused_btf_query)]` on by default" in format_diagnostic(found, source)
    assert diagnostic_json(found, source)["code"] == {"code": "unused_btf_query", "explanation": None}


def test_every_lint_is_in_the_module_s_table() -> None:
    from btfview.compiler.rust.lints import linter as module

    named = set(re.findall(r"^``(\w+)``", module.__doc__ or "", re.MULTILINE))
    assert named == {
        *OWN_LINTS,
        "arithmetic_overflow",
        "unconditional_panic",
        "dead_code",
        "unreachable_code",
        "unknown_lints",
        "unfulfilled_lint_expectations",
    }


@pytest.mark.parametrize(
    "text",
    [
        "fn f() {}\npub fn g() {}",
        "#![allow(dead_code)]\nfn f() {}",
        "#![deny(dead_code)]\n#[allow(dead_code)] fn f() {}\nfn g() {}",
        "#[deny(unused)] fn f() {}",
        "#![deny(warnings)]\nfn f() {}",
    ],
)
def test_levels_of_rustc_s_own_lint_are_rustc_s(text: str, rustc: Rustc) -> None:
    theirs = [
        item["level"] for item in rustc.messages(text) if item["code"] and item["code"]["code"] == "dead_code"
    ]
    assert [level for _, level in lints(text)] == theirs


@pytest.mark.parametrize(
    ("attributes", "body", "told"),
    [
        ("#[expect(unused_btf_query)]", f"{EXISTS};", []),
        ("#[expect(unused_btf_query)]", "", ["unfulfilled_lint_expectations"]),
        ('#[expect(unused_btf_query, reason = "btf later")]', "", ["unfulfilled_lint_expectations"]),
        (
            "#[expect(unguarded_btf_offset)]",
            f"{EXISTS};",
            ["unfulfilled_lint_expectations", "unused_btf_query"],
        ),
        ("#[allow(unused_btf_query)]", "", []),
        ("#[expect(unused_variables)]", "", []),
    ],
)
def test_an_expected_lint_that_does_not_come_is_told(attributes: str, body: str, told: list[str]) -> None:
    found = lints(TYPES + f"{attributes} pub fn f() {{ {body} }}")
    assert sorted(name or "" for name, _ in found) == told


@pytest.mark.parametrize(
    "text",
    [
        "#[expect(dead_code)] fn f() {}",
        "#[expect(dead_code)] pub fn f() {}",
        "#[expect(dead_code)] fn f() {}\npub fn g() { f() }",
        "#[deny(unfulfilled_lint_expectations)] mod m { #[expect(dead_code)] pub fn f() {} }\npub use m::f;",
    ],
)
def test_expectations_are_rustc_s(text: str, rustc: Rustc) -> None:
    theirs = [(item["code"]["code"], item["level"]) for item in rustc.messages(text) if item["code"]]
    assert lints(text) == theirs


ASKS = """#![feature(btf_relocations)]
#[repr(Btf)] pub struct t { pub a: u32, pub b: u32 }
use core::btf::{field_exists, field_byte_offset};
fn has() -> bool { field_exists!(t, a) }
fn both() -> bool { has() & field_exists!(t, b) }
fn early(x: u64) -> bool { if x > 3 { return false; } field_exists!(t, a) }
fn wrong(x: u64) -> bool { if x > 3 { return true; } field_exists!(t, a) }
fn inner() -> usize { field_byte_offset!(t, a) }
"""


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("if both() == true { field_byte_offset!(t, a) + field_byte_offset!(t, b) } else { 0 }", 0),
        ("if both() != false { field_byte_offset!(t, b) } else { 0 }", 0),
        ("if both() == false { field_byte_offset!(t, b) } else { 0 }", 1),
        ("early(x).then(|| field_byte_offset!(t, a)).unwrap_or(0)", 0),
        ("wrong(x).then(|| field_byte_offset!(t, a)).unwrap_or(0)", 1),
        ("match (has(), x) { (true, 1) => field_byte_offset!(t, a), _ => 0 }", 0),
        ("match (has(), x) { (_, 1) => field_byte_offset!(t, a), _ => 0 }", 1),
        ("let (y, z) = (has(), 1); if y { field_byte_offset!(t, a) + z } else { 0 }", 0),
        ("if let (true, 1) = (has(), x) { field_byte_offset!(t, a) } else { 0 }", 0),
        ("if has() | (x == 1) { field_byte_offset!(t, a) } else { 0 }", 1),
        ("if has() { inner() } else { 0 }", 0),
        ("if has() { inner() } else { inner() }", 1),
    ],
)
def test_a_guard_counts_through_functions_and_other_ways_to_ask(body: str, count: int) -> None:
    text = ASKS + f"pub fn f(x: u64) -> usize {{ let _ = x; {body} }}\n"
    found = [
        one
        for one in build("#![allow(dead_code)]\n" + text).diagnostics
        if one.lint == "unguarded_btf_offset"
    ]
    needed = [one for one in found if "inner" in body or one.span.start > text.index("pub fn f(")]
    assert len(needed) == count


LAYOUTS = [
    ("impl task_struct { pub fn p(&self) -> i32 { »self.pid } }", "the offset of `pid` in"),
    ("pub fn f(t: &task_struct) -> i32 { »t.pid }", "the offset of `pid` in"),
    ("pub fn f() -> usize { core::mem::offset_of!(task_struct, »pid) }", "the offset of `pid` in"),
    (
        "pub fn f(t: &task_struct) -> &i32 { let task_struct { »pid, .. } = t; pid }",
        "the offset of `pid` in",
    ),
    ("pub fn f() -> usize { »size_of::<task_struct>() }", "the size of"),
    ("pub fn f(t: *const task_struct) -> *const task_struct { unsafe { »t.add(1) } }", "the size of"),
    ("pub fn f(t: *const task_struct) -> task_struct { unsafe { »*t } }", "the size of"),
]
MARKED = [
    (marker, *case)
    for case in LAYOUTS
    for marker in ("#[repr(C)]", "#[repr(Btf)]")
    if marker == "#[repr(C)]" or not (".pid" in case[0] or "offset_of" in case[0])  # those are banned
]


@pytest.mark.parametrize(("marker", "marked", "message"), MARKED)
def test_a_kernel_type_s_layout_in_this_file_is_told(marker: str, marked: str, message: str) -> None:
    head = (
        f"{GATE}{marker} #[derive(Clone, Copy)] pub struct task_struct {{ pub state: u64, pub pid: i32 }}\n"
    )
    text, place = place_of(head + marked)
    (found,) = [one for one in build(text).diagnostics if one.lint == "baked_in_offset"]
    where = Source("lib.rs", text).location(found.span.start)
    assert (where.line, where.column) == place
    assert found.message == f"{message} this file's `task_struct` is baked in"


def test_a_type_of_one_s_own_is_no_kernel_type() -> None:
    text = "#[repr(C)] pub struct mine { a: u32, b: u32 }\npub fn f(m: &mine) -> u32 { m.b }\n"
    result = build(text)
    assert result.diagnostics == ()
    assert result.program is not None
    (use,) = result.program.baked_in
    assert (use.root, use.field, use.value, use.fields) == ("mine", "b", 4, ("a", "b"))


def test_a_type_that_a_target_has_in_another_form_is_told(tmp_path: Path) -> None:
    from btfview.analysis.findings.collect import find_problems
    from btfview.targets.kernels import bundled_targets

    text = "#[repr(C)] pub struct hrtimer { pub state: u8 }\npub fn f(h: &hrtimer) -> u8 { h.state }\n"
    analysis = analyse_text(text, bundled_targets()[:1])
    (found,) = [one for one in find_problems(analysis) if one.code == "baked_in_offset"]
    assert found.line == 2
    assert found.message.startswith("the offset of `state` in this file's `hrtimer` is baked in: 0 here, ")


# ---- the shapes of RFC rust-lang/rfcs#3966, in words of ours

REPR = GATE + (
    "#[repr(Btf)] pub struct load_weight { pub weight: u64, pub inv_weight: u32 }\n"
    "#[repr(Btf)] pub struct sched_entity { pub load: load_weight }\n"
    "#[repr(Btf)] pub union either { pub word: u64, pub half: u32 }\n"
    "#[repr(Btf)] pub struct task_struct { pub pid: i32, pub se: sched_entity, pub u: either }\n"
)
OPTION = REPR.replace("#[repr(Btf)]", "#[btf_relocatable] #[repr(C)]")
POINTER = "unsafe { (self as *const Self as *const u8).add(offset) as *const i32 }"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            REPR + "impl task_struct { pub fn pid(&self) -> Option<*const i32> {\n"
            "core::btf::field_exists!(task_struct, pid).then(|| {\n"
            f"let offset = core::btf::field_byte_offset!(task_struct, pid); {POINTER} }}) }} }}",
            id="getter-then",
        ),
        pytest.param(
            REPR + "impl task_struct { pub fn pid(&self) -> Option<&i32> {\n"
            "if !core::btf::field_exists!(task_struct, pid) { return None; }\n"
            "let offset = core::btf::field_byte_offset!(task_struct, pid);\n"
            f"Some(unsafe {{ &*{POINTER} }}) }} }}",
            id="reference-early-return",
        ),
        pytest.param(
            OPTION + "impl task_struct { pub fn pid(&self) -> Option<*const i32> {\n"
            f"core::btf::field_byte_offset!(task_struct, pid).map(|offset| {POINTER}) }} }}",
            id="option-map",
        ),
        pytest.param(
            OPTION + "impl task_struct { pub fn pid(&self) -> Option<&i32> {\n"
            "let offset = core::btf::field_byte_offset!(task_struct, pid)?;\n"
            f"Some(unsafe {{ &*{POINTER} }}) }} }}",
            id="option-question-mark",
        ),
        pytest.param(
            OPTION + "pub fn weight(task: *const task_struct) -> u64 {\n"
            "if let Some(offset) = core::btf::field_byte_offset!(task_struct, se.load.weight) {\n"
            "unsafe { *((task as *const u8).add(offset) as *const u64) } } else { 0 } }",
            id="option-nested-path",
        ),
        pytest.param(
            OPTION + "pub fn sizes() -> (Option<usize>, Option<usize>) {\n"
            "(core::btf::field_byte_size!(task_struct, se.load),\n"
            "core::btf::field_byte_size!(task_struct, u.half)) }",
            id="option-sizes",
        ),
        pytest.param(
            REPR + "pub fn size() -> Option<usize> { if core::btf::field_exists!(task_struct, u.word) {\n"
            "Some(core::btf::field_byte_size!(task_struct, u.word,)) } else { None } }",
            id="size-in-a-union",
        ),
    ],
)
def test_what_the_rfc_shows_gives_no_warning(text: str) -> None:
    assert build(text).diagnostics == ()
