"""Programs that break a rule of the feature, from the tests of the built-in front end."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from tests.compiler.rust.check.queries import test_queries as q
from tests.compiler.rust.check.queries import test_query_kinds as k
from tests.compiler.rust.check.queries import test_upstream_checklist as u
from tests.compiler.rust.front_end_helpers import GATE


def cases(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """Yield the arguments that *test* is run with, by name."""
    axes = []
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            given = mark.args[0]
            names = given.split(", ") if isinstance(given, str) else list(given)
            rows = [getattr(case, "values", case) for case in mark.args[1]]
            rows = [row if isinstance(row, tuple) else (row,) for row in rows]
            axes.append([dict(zip(names, row, strict=True)) for row in rows])
    assert axes, inspect.getsource(test)
    for chosen in product(*axes):
        yield {name: value for part in chosen for name, value in part.items()}


def programs() -> Iterator[str]:
    """Yield them, without the mark of where they are wrong."""
    for one in cases(q.test_a_query_is_a_carrier_type_and_a_path_of_fields):
        yield q.REPR + f"pub fn f() -> bool {{ {one['call']} }}"
    for one in cases(q.test_a_path_goes_by_value_only):
        struct = f"#[repr(Btf)] struct P<'a> {{ p: {one['step']} }}\n"
        yield q.REPR + struct + "pub fn f() -> bool { core::btf::field_exists!(P, p.y) }"
    yield q.REPR + "const A: bool = core::btf::field_exists!(Outer, pad);\npub fn f() {}"
    for one in cases(q.test_everything_is_behind_the_feature_gate):
        yield one["text"]
    for one in cases(q.test_markers_are_for_structs_and_unions):
        yield f"{GATE}{one['marker']} {one['item']}"
    for one in cases(q.test_older_spellings_are_told_the_current_one):
        yield GATE + one["text"]
    yield GATE + "#[repr(Btf)] struct A { a: u8 }\n#[btf_relocatable] struct B { a: u8 }\npub fn f() {}"
    for one in cases(q.test_fields_of_a_marked_type_are_not_accessed):
        yield one["types"] + f"pub fn f(o: &mut Outer) {{ {one['body']} }}"
    yield q.REPR + "impl Outer { pub fn f(&self) -> u32 { self.pad } }"
    yield q.REPR + q.WRAPPED + "pub fn f(w: &Wrapper) -> u64 { w.inner.y }"
    for one in cases(q.test_offset_of_is_refused_with_a_marked_type_on_the_path):
        yield q.REPR + q.WRAPPED + f"pub fn f() -> usize {{ core::mem::offset_of!({one['arguments']}) }}"
    for one in cases(u.test_btf_and_rust_are_conflicting_hints):
        yield f"{GATE}{one['mark']} pub struct A {{ b: u8 }}\n{u.ASK}"
    for one in cases(u.test_btf_relocatable_takes_no_arguments):
        yield f"{GATE}#[btf_relocatable{one['argument']}] #[repr(C)] pub struct A {{ b: u8 }}"
    for one in cases(u.test_a_derive_that_reads_the_fields_is_refused):
        yield f"{GATE}{one['mark']} #[derive(Clone, Copy, Debug)] pub struct A {{ b: u8 }}"
    for one in cases(u.test_the_bans_hold_in_other_modules_and_under_other_names):
        marked = f"{one['mark']} pub struct A {{ pub b: u64 }}"
        wrapper = "#[repr(C)] pub struct W { pub a: A }"
        yield GATE + f"mod k {{ {marked} {wrapper} }}\nuse k::A;\n" + one["use"]
    module = "mod k { #[repr(Btf)] pub struct A { b: u64 } }\nuse k::A;\n"
    yield GATE + module + "pub fn f() -> bool { core::btf::field_exists!(A, b) }"
    struct = "#[repr(Btf)] pub struct A { b: u64 }\n"
    yield GATE + struct + "pub fn f() -> bool { core::btf::field_exists!(A<u32>, b) }"
    for one in cases(k.test_an_element_is_a_literal_inside_its_array):
        yield k.REPR + f"pub fn f() -> bool {{ core::btf::field_exists!(task_struct, {one['path']}) }}"
    for one in cases(k.test_extensions_are_checked_like_the_rest):
        body = "pub fn f(t: &task_struct, p: *const task_struct) { let a = core::btf::" + one["call"] + "; }"
        yield k.REPR + body
    for one in cases(k.test_questions_about_bits_are_about_integer_fields):
        yield k.REPR + f"pub fn f() {{ let a = core::btf::{one['macro']}!(task_struct, {one['path']}); }}"
    for one in cases(k.test_what_no_rfc_has_is_behind_a_gate_of_our_own):
        yield k.rust_of([one["call"]]).replace(", btf_relocations_extra", "")


_OTHER = ("*const Inner }", "[Inner; 2] }", "trait T")
"""Of programs that rustc refuses for more (a lifetime that is not used), or that it takes (a trait)."""
PROGRAMS = tuple(
    "#![no_std]\n" + one.replace("»", "") for one in programs() if not any(word in one for word in _OTHER)
)
