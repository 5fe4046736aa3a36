"""Lints of what rustc compiles: those of the built-in front end, at the same places."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.compile_file import compile_path
from btfview.analysis.findings.collect import find_problems
from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.lints.levels import OWN_LINTS
from btfview.targets.kernels import bundled_targets
from tests.compiler.rust.front_end_helpers import GATE
from tests.compiler.rust.lints import test_lints as builtin
from tests.compiler.rust.lints.test_lints import ASKS, BAKED, EXISTS, LAYOUTS, OFFSET, TYPES

pytestmark = pytest.mark.rustc
Found = set[tuple[str, str, int, int]]


def cases(test: Callable[..., None]) -> list[tuple[Any, ...]]:
    """Return the arguments that *test* of the built-in front end is run with."""
    (mark,) = (mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize")
    values = (getattr(case, "values", case) for case in mark.args[1])
    count = len(inspect.signature(test).parameters)
    return [tuple(one) if count > 1 or isinstance(one, tuple) else (one,) for one in values]


def functions(bodies: Sequence[str], head: str = "(a: bool) -> usize") -> str:
    return "".join(f"pub fn f{number}{head} {{ {body} }}\n" for number, body in enumerate(bodies))


def program(number: int, section: str, kind: str) -> str:
    attributes = f'#[unsafe(no_mangle)] #[unsafe(link_section = "{section}")]'
    return f'{attributes} pub extern "C" fn p{number}(ctx: {kind}) -> i32 {{ 0 }}\n'


GUARDED = [body for (body,) in cases(builtin.test_a_guard_is_control_flow)]
UNGUARDED = [body for (body,) in cases(builtin.test_what_no_branch_decides_is_told)]
DROPPED = [body for (body,) in cases(builtin.test_a_dropped_answer_is_told)]
KEPT = [body for (body,) in cases(builtin.test_an_answer_that_is_used_or_dropped_on_purpose_is_not)]
ASKED = [body for body, _ in cases(builtin.test_a_guard_counts_through_functions_and_other_ways_to_ask)]
PLAIN = GATE + "#[repr(C)] #[derive(Clone, Copy)] pub struct task_struct { pub state: u64, pub pid: i32 }\n"
LAYOUT_BODIES = "".join(
    f"pub mod m{number} {{ use super::task_struct;\n{body} }}\n" for number, (body, _) in enumerate(LAYOUTS)
)
MARKED_BODIES = "".join(
    f"pub mod m{number} {{ use super::task_struct;\n{body} }}\n"
    for number, (body, _) in enumerate(LAYOUTS)
    if ".pid" not in body and "offset_of" not in body
)
CONTEXTS = "#[repr(C)] pub struct xdp_md { data: u32 }\n#[repr(C)] pub struct __sk_buff { len: u32 }\n"
LONG = f"#[repr(Btf)] pub struct {'a' * 129} {{ x: u32 }}\n"
CALLED = ASKS.replace("\nfn wr", "\npub fn wr").replace("\nfn ea", "\npub fn ea")
TEXTS = {
    "guarded": TYPES + functions(GUARDED),
    "unguarded": TYPES + "pub fn g() {}\n" + functions(UNGUARDED),
    "dropped": TYPES + functions(DROPPED, "()"),
    "kept": TYPES + "pub fn g(a: bool) {}\n" + functions(KEPT, "()"),
    "asked": ASKS.replace("\nfn ", "\npub fn ")
    + functions([one for one in ASKED if "inner" not in one], "(x: u64) -> usize"),
    "called": CALLED + functions(["if both() { inner() } else { 0 }"], "(x: u64) -> usize"),
    "called-without": CALLED + functions(["if both() { inner() } else { inner() }"], "(x: u64) -> usize"),
    "element": TYPES.replace("btf_relocations", "btf_relocations, btf_relocations_extra")
    + "pub fn f() -> usize {\nif !core::btf::field_exists!(outer, many[2].x) { return 0; }\n"
    "core::btf::field_byte_offset!(outer, many[1].x) + core::btf::field_byte_offset!(outer, many[3].x) }\n",
    "layouts": PLAIN + LAYOUT_BODIES,
    "marked-layouts": PLAIN.replace("repr(C)", "repr(Btf)") + MARKED_BODIES,
    "own-struct": BAKED + "pub fn f(t: &mine) -> i32 { t.pid }\n"
    "pub fn g(pid: i32) -> i32 { let t = task_struct { pid }; let task_struct { pid } = t; t.pid + pid }\n",
    "contexts": CONTEXTS
    + "".join(
        program(number, section, kind)
        for number, (section, kind, _) in enumerate(cases(builtin.test_the_context_is_that_of_the_program))
    ),
    "sections": "".join(
        program(number, section, "*mut u64")
        for number, (section, _) in enumerate(cases(builtin.test_a_section_that_libbpf_does_not_know_is_told))
    ),
    "option": TYPES.replace("#[repr(Btf)]", "#[btf_relocatable] #[repr(C)]")
    + f"pub fn f() -> Option<usize> {{ {OFFSET} }}\n"
    + "pub fn g() -> usize { builtin # btf_field_byte_offset(outer, i.y) }\n",
    "not-repr-c": GATE
    + "#[btf_relocatable] pub struct a { x: u8 }\n#[btf_relocatable] #[repr(C)] pub struct b { x: u8 }\n",
    "long-name": GATE + LONG + f"pub fn f() -> bool {{ core::btf::field_exists!({'a' * 129}, x) }}\n",
    "loops": "pub fn f() { loop {} }\npub fn g(a: u64) { while true { if a > 3 { break } } }\n"
    "pub fn h(a: u64) -> u64 { loop { loop { break; } if a > 4 { return 3 } } }\n"
    "pub fn i() { 'a: loop { loop { continue 'a } } }\npub fn j() { 'a: loop { loop { break 'a } } }\n"
    "pub fn k(a: i64) -> i64 { loop { break -(a >> 1) } }\n",
    "allowed": f"#![allow(unguarded_btf_offset)]\n{TYPES}pub fn f() -> usize {{ {EXISTS}; {OFFSET} }}\n"
    f"#[deny(unguarded_btf_offset)] pub fn g() -> usize {{ {OFFSET} }}\n",
    "denied": f"#![deny(warnings)]\n{TYPES}pub fn f() {{ {EXISTS}; }}\n",
    "expected": TYPES + f"#[expect(unused_btf_query)] pub fn f() {{ {EXISTS}; }}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_both_front_ends_tell_the_same_lints_at_the_same_places(name: str, tmp_path: Path) -> None:
    path = tmp_path / "lib.rs"
    path.write_text("#![no_std]\n" + TEXTS[name].replace("»", ""))
    found: dict[str, Found] = {}
    for frontend in ("builtin", "rustc"):
        result = compile_path(str(path), CompileOptions(frontend=frontend))
        assert all(one.lint in OWN_LINTS for one in result.diagnostics if one.is_error), result.diagnostics
        found[frontend] = {
            (one.lint, one.severity, one.span.start, one.span.end)
            for one in result.diagnostics
            if one.lint in OWN_LINTS
        }
    assert found["rustc"] == found["builtin"]
    assert bool(found["builtin"]) == (name not in ("guarded", "kept", "called", "expected", "own-struct"))


def test_a_function_that_nothing_calls_is_told_as_the_built_in_does(tmp_path: Path) -> None:
    path = tmp_path / "lib.rs"
    path.write_text(
        '#![no_std]\nunsafe extern "C" { fn bpf_ktime_get_ns() -> u64; }\nfn f() {}\npub fn g() {}\n'
    )
    told = set()
    for frontend in ("builtin", "rustc"):
        found = compile_path(str(path), CompileOptions(frontend=frontend)).diagnostics
        (dead,) = [one for one in found if one.lint == "dead_code"]
        told.add((dead.span, dead.severity, dead.message))
    assert len(told) == 1


def test_a_type_that_a_target_has_in_another_form_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lib.rs"
    path.write_text(
        "#![no_std]\n#[repr(C)] pub struct hrtimer { pub state: u8 }\n"
        "pub fn f(h: &hrtimer) -> u8 { h.state }\n"
    )
    told = set()
    for frontend in ("builtin", "rustc"):
        analysis = analyse(str(path), bundled_targets()[:1], CompileOptions(frontend=frontend))
        (found,) = [one for one in find_problems(analysis) if one.code == "baked_in_offset"]
        told.add((found.line, found.column, found.message))
    assert len(told) == 1


def test_what_guards_in_ways_that_only_rustc_takes_counts(tmp_path: Path) -> None:
    path = tmp_path / "lib.rs"
    path.write_text(
        "#![no_std]\n"
        + TYPES
        + "trait Asks { fn there(&self) -> bool; }\n"
        + f"impl Asks for outer {{ fn there(&self) -> bool {{ {EXISTS} }} }}\n"
        + "pub fn f(o: &outer) -> usize { guard(o, || " + OFFSET + ") }\n"
        + "fn guard<T: Asks>(t: &T, f: impl Fn() -> usize) -> usize { if t.there() { f() } else { 0 } }\n"
        + "pub fn g(o: &outer) -> usize { [1usize, 2].iter().map(|n| n + " + OFFSET + ").sum() }\n"
    )  # fmt: skip
    result = compile_path(str(path), CompileOptions(frontend="rustc"))
    (found,) = [one for one in result.diagnostics if one.lint in OWN_LINTS]
    assert found.lint == "unguarded_btf_offset"
    assert result.source.location(found.span.start).line == path.read_text().count("\n")
