"""The bundled ``core::btf``, and wrappers that a program defines itself."""

from __future__ import annotations

import re

import pytest

from btfview.compiler.rust.items.core_names import QUERY_MACROS
from btfview.compiler.rust.syntax.query_macros import (
    find_definitions,
    prelude_macro,
    prelude_text,
    read_wrapper,
)
from tests.compiler.rust.front_end_helpers import (
    GATE,
    build,
    place_of,
    problems,
    relocation_globals,
    the_problem,
)

TYPES = (
    GATE + "#[repr(Btf)] pub struct Inner { x: u32, y: u64 }\n#[repr(Btf)] pub struct Outer { i: Inner }\n"
)
RULES = """
macro_rules! has {
    ($Container:ty, $($fields:tt)+) => { builtin # btf_field_exists($Container, $($fields)+) };
}
"""
MACRO = """
/// As the pre-RFC writes them.
pub macro has($Container:ty, $($fields:expr)+ $(,)?) {
    builtin # btf_field_exists($Container, $($fields)+) // in one line
}
"""


@pytest.mark.parametrize("dialect", ["repr", "option"])
def test_the_prelude_defines_what_can_be_called(dialect: str) -> None:
    text = prelude_text(dialect)
    names = [read_wrapper(text, extent).name for extent in find_definitions(text)]
    assert sorted(names) == sorted(QUERY_MACROS.values())
    assert all(prelude_macro(dialect, name).name == name for name in names)


USE = "pub fn f() -> bool { has!(Outer, i.y) }\n"


@pytest.mark.parametrize("text", [RULES + USE, MACRO + USE, USE + MACRO])
def test_a_wrapper_of_the_program_is_like_the_prelude_s(text: str) -> None:
    assert relocation_globals(TYPES + text) == {"llvm.Outer:2:1$0:0:1"}


def test_macro_rules_is_known_from_its_definition_on() -> None:
    # rustc, too: "cannot find macro `has` in this scope"; the newer `macro` is an item like others.
    assert the_problem(TYPES + USE + RULES)[2] == "cannot find macro `has` in this scope"


@pytest.mark.parametrize("dialect", ["repr", "option"])
def test_the_prelude_s_own_text_works_in_a_program(dialect: str) -> None:
    """The RFC's three, pasted into a file with names of its own, give the records of the bundled ones."""
    own = re.sub(r"pub macro (\w+)", r"pub macro my_\1", prelude_text(dialect).split("// ---- btfview")[0])
    own = own.replace("//!", "//")
    result = {"repr": "usize", "option": "Option<usize>"}[dialect]
    use = f"pub fn f() -> {result} {{{{ {{}}field_byte_size!(Outer, i.y) }}}}\n"
    ours = relocation_globals(TYPES + own + use.format("my_"), dialect=dialect)
    assert ours == relocation_globals(TYPES + use.format("core::btf::"), dialect=dialect)
    assert len(ours) == {"repr": 1, "option": 2}[dialect]


def test_a_wrapper_may_choose_between_queries() -> None:
    text = TYPES + (
        "macro_rules! pick { ($C:ty; $f:ident; $g:ident) => {\n"
        "    if builtin # btf_field_exists($C, $f) { Some(builtin # btf_field_byte_offset($C, $f)) }\n"
        "    else if builtin # btf_field_exists($C, $g) { Some(builtin # btf_field_byte_offset($C, $g)) }\n"
        "    else { None }\n"
        "} }\n"
        "pub fn f() -> Option<usize> { pick!(Inner; x; y) }\n"
    )
    assert relocation_globals(text) == {
        "llvm.Inner:2:1$0:0", "llvm.Inner:0:0$0:0", "llvm.Inner:2:1$0:1", "llvm.Inner:0:8$0:1",
    }  # fmt: skip


def test_queries_of_a_wrapper_have_the_place_of_the_call() -> None:
    text = TYPES + RULES + "pub fn f() -> bool { has!(Outer, i.y) }\n"
    program = build(text).program
    assert program is not None
    (query,) = program.queries
    assert text[query.span.start : query.span.end] == "has!(Outer, i.y)"
    assert text[query.path_span.start : query.path_span.end] == "i.y"


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("macro m($a:»block) { true }", "fragment `block` is not supported"),
        ("macro m { ($a:ty) => { true }; »($b:ty, 1) => { true } }", "more than one rule"),
        ("macro m($($a:ty)+»; $b:ty) { true }", "`$(..)+` must be the last parameter"),
        ("macro m($a:ty) { if true { true } »}", "`if` in a macro needs its `else`"),
        ("macro m($a:ty, $a:ty») { true }", "duplicate matcher binding"),
        ("macro m($a:ty) { true »true }", "must be one expression"),
        ("macro m($a:ty) { builtin # f(»a) }", "a builtin in a macro is given the macro's parameters"),
        ("macro m($a:ty) { »$a }", "`$a` is not supported in a macro's body"),
        ("macro m { ($a:ty) »{ true } }", "expected `=>` in this macro, found `{`"),
    ],
)
def test_any_other_macro_is_refused_at_its_place(definition: str, message: str) -> None:
    text, place = place_of(TYPES + definition + "\npub fn f() {}")
    line, column, found, hint = the_problem(text)
    assert (line, column) == place
    assert found.startswith("this macro definition is not supported: ")
    assert message in found
    assert hint


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("»has!(Outer)", "`has` takes two arguments"),
        ("»has!()", "`has` takes two arguments"),
        ("has!(Outer, i.»z)", "no field `z` on type `Inner`"),
        ("has!(Outer, i.y, »x)", "unexpected third argument to `has`"),
        ("»hass!(Outer, i.y)", "cannot find macro `hass` in this scope"),
    ],
)
def test_calls_of_a_wrapper_are_checked(call: str, message: str) -> None:
    text, place = place_of(TYPES + RULES + f"pub fn f() -> bool {{ {call} }}")
    line, column, found, _ = the_problem(text)
    assert (line, column) == place
    assert message in found


def test_a_macro_is_defined_once() -> None:
    line, _, message, _ = the_problem(
        TYPES + "macro a($T:ty) { true }\nmacro a($T:ty) { false }\npub fn f() {}"
    )
    assert (line, message) == (5, "the name `a` is defined multiple times")


@pytest.mark.parametrize(
    "text", ["// macro m($a:ty) { }", "/*\nmacro m($a:ty) { }\n*/", '/*\nmacro "x" ( {*/']
)
def test_a_macro_in_a_comment_is_none(text: str) -> None:
    assert problems(TYPES + text + "\npub fn f() {}") == []


@pytest.mark.parametrize(
    "text", ["macro m($a:ty)", "macro", "macro m {", "macro_rules! m", "macro m() {} {", "pub macro m("]
)
def test_half_a_macro_is_a_syntax_error(text: str) -> None:
    assert problems(TYPES + text)
