"""``macro_rules!`` of a program: what is taken as rustc takes it, what is refused and where."""

from __future__ import annotations

import pytest

from tests.compiler.rust.front_end_helpers import (
    GATE,
    build,
    place_of,
    problems,
    relocation_globals,
    the_problem,
)

TASK = GATE + "#[repr(Btf)] pub struct task { pub pid: i32, pub tgid: i32 }\n"


def test_a_macro_around_a_query_gives_its_record_at_the_call() -> None:
    text = TASK + (
        "macro_rules! field_ptr { ($base:expr, $T:ty, $field:ident) => {\n"
        "    ($base as *const u8).wrapping_add(core::btf::field_byte_offset!($T, $field)) }; }\n"
        "pub fn f(t: *const task) -> *const u8 {\n    field_ptr!(t, task, tgid)\n}\n"
    )
    program = build(text).program
    assert program is not None
    (query,) = program.queries
    assert (query.path, query.location.line, query.location.column) == ("task.tgid", 6, 5)
    assert text[query.span.start : query.span.end] == "field_ptr!(t, task, tgid)"
    assert text[query.path_span.start : query.path_span.end] == "tgid"
    assert relocation_globals(text) == {"llvm.task:0:4$0:1"}


def test_a_query_in_a_nested_call_of_several_rules_and_a_repetition() -> None:
    text = TASK + (
        "macro_rules! sum { ($x:expr) => { $x };\n"
        " ($x:expr, $($more:expr),+ $(,)?) => { $x + sum!($($more),+) }; }\n"
        "macro_rules! offsets { ($T:ty: $($f:ident)*) => {\n"
        " sum!($(core::btf::field_byte_offset!($T, $f)),*,) }; }\n"
        "pub fn f() -> usize { offsets!(task: pid tgid) }\n"
    )
    assert relocation_globals(text) == {"llvm.task:0:0$0:0", "llvm.task:0:4$0:1"}


def test_a_name_that_a_macro_binds_is_not_its_caller_s() -> None:
    text = (
        "macro_rules! twice { ($e:expr) => {{ let x = $e; x + x }}; }\n"
        "pub fn f(x: u64) -> u64 { twice!(x + 1) }\n"
        "const _: () = assert!(g(3) == 8);\n"
        "const fn g(x: u64) -> u64 { twice!(x + 1) }\n"
    )
    assert problems(text) == []


def test_a_name_that_a_macro_binds_is_told_as_it_is_written() -> None:
    *_, message, _ = the_problem(
        "macro_rules! m { () => {{ let abc: u8 = 1; abc = 2; abc }}; }\npub fn f() -> u8 { m!() }"
    )
    assert "`abc`" in message


@pytest.mark.parametrize(
    "text",
    [
        "macro_rules! m { () => { fn g(x: u8) -> u8 { x } }; }\nm!();\npub fn f(x: u8) -> u8 { g(x) }",
        "macro_rules! m { () => { X }; }\nconst X: u8 = 2;\npub fn f() -> u8 { m!() }",
        "macro_rules! m { ($a:ident) => { $a }; }\npub fn f(x: u8) -> u8 { m!(x) }",
        "macro_rules! m { ($e:expr) => {{ let y = $e; y + n!($e, y) }}; }\n"
        "macro_rules! n { ($a:expr, $b:ident) => {{ let x = 3; $a + $b + x }}; }\n"
        "pub fn f(x: u8) -> u8 { m!(x) }",
    ],
)
def test_a_name_that_a_macro_is_given_or_declares_is_found(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("macro_rules! m { ($a:expr) => { $a }; }\npub fn f() -> u8 { m!(1», 2) }", "no rules expected `,`"),
        (
            "macro_rules! m { ($a:expr) => { $a }; }\npub fn f() -> u8 { m!(») }",
            "unexpected end of macro invocation",
        ),
        ("macro_rules! m { (»$a) => { 1 }; }\npub fn f() {}", "missing fragment specifier of `$a`"),
        ("macro_rules! m { ($a:ty, »$a:ty) => { 1 }; }\npub fn f() {}", "duplicate matcher binding"),
        (
            "macro_rules! m { ($($a:expr),*) => { $a }; }\npub fn f() { »m!(1) }",
            "variable `a` is still repeating",
        ),
        ("macro_rules! m { ($a:expr) => { $a.b }; }\npub fn f(x: &u64) { »m!(x); }", "no field `b` on type"),
        (
            "pub fn f() -> u8 { »m!() }\nmacro_rules! m { () => { 1 }; }",
            "cannot find macro `m` in this scope",
        ),
        # Where rustc has these errors in the macro, ours are at the call: as all that a macro makes.
        (
            "macro_rules! m { () => { x + 1 }; }\npub fn f() -> u8 { let x = 1; »m!() }",
            "cannot find value `x` in this scope",
        ),
        (
            "macro_rules! m { ($a:ident) => { $a + x }; }\npub fn f(x: u8) -> u8 { »m!(x) }",
            "cannot find value `x` in this scope",
        ),
        (
            "macro_rules! m { ($f:ident) => { long_name.$f }; }\n"
            "pub struct S { a: u8 }\npub fn f(long_name: &S) -> u8 { »m!(a) }",
            "cannot find value `long_name` in this scope",
        ),
        ("macro_rules! m { ($»($a:ty)) => { 1 }; }\npub fn f() {}", "expected one of: `*`, `+`, or `?`"),
        ("mod a { macro_rules! m { () => { 1 }; } }\npub fn f() -> u8 { »m!() }", "cannot find macro `m`"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(marked: str, message: str) -> None:
    text, (line, column) = place_of(marked)
    found = problems(text)
    assert found[0][:2] == (line, column)
    assert found[0][2].startswith(message)


def test_a_macro_that_calls_itself_for_ever_ends() -> None:
    (_, _, message), *_ = problems("macro_rules! m { () => { m!() }; }\npub fn f() -> u8 { m!() }")
    assert message.startswith("recursion limit reached")
