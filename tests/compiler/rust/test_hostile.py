"""Sources that are long, deep or wrong without end: an answer or an error, soon, and in few words."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from btfview.compiler.llvm.protocol import HEADER_SIZE
from btfview.compiler.options import CompileOptions
from btfview.compiler.rust import process
from btfview.compiler.rust.report import MAX_ERRORS, MAX_SHOWN
from btfview.compiler.rust.transfer import FrontEndResult, decode_result, encode_result
from btfview.diagnostics import MAX_WIDTH, diagnostic_json, format_diagnostic
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import build


@pytest.fixture(scope="module", autouse=True)
def collected() -> Iterator[None]:
    """A tree of a million nodes leads to itself, and Python sees few objects: left alone 1 GB of it stays."""
    yield
    gc.collect()


DEEP = 100_000
"""Levels: with less than a kilobyte of stack for each, 8 MB are too few."""


def nested(before: str, inside: str, after: str = "", levels: int = DEEP) -> str:
    return before * levels + inside + after * levels


def function(body: str) -> str:
    return f"pub fn f(a: u64) -> u64 {{ {body} }}\n"


DEEP_SOURCES = {
    "parentheses": function(nested("(", "a", ")")),
    "not": function(nested("!", "a")),
    "blocks": function(nested("{", "a", "}")),
    "if": function(nested("if a > 1 { ", "a", " } else { a }")),
    "else-if": function("if a > 1 { a } " + "else if a > 2 { a } " * DEEP + "else { a }"),
    "match": function(nested("match a { 1 => ", "a", ", _ => a }")),
    "let-else": function(nested("let Some(x) = Some(a) else { ", "return 1", " };", 2_000)),
    "calls": function(nested("f(", "a", ")")),
    "methods": function("a" + ".wrapping_add(1)" * DEEP),
    "fields": function("a" + ".b" * DEEP),
    "index": function(nested("a[", "0", "]")),
    "sum": function("a" + " + a" * DEEP),
    "assign": function(nested("a = ", "a")),
    "const-blocks": function(nested("const { ", "1", " }")),
    "functions": function(nested("fn g(a: u64) -> u64 { ", "a", " } g(a)", 2_000)),
    "matches": function(nested("matches!(", "a", ", _)", 2_000)),
    "asserts": function(nested("{ assert!(", "true", "); true }", 2_000)),
    "tuple-type": f"struct S {{ a: {nested('(', 'u8', ',)')} }}\n",
    "array-length": f"struct S {{ a: {nested('[u8; {size_of::<', 'u8', '>()}]', 20_000)} }}\n",
    "option-type": f"struct S {{ a: {nested('Option<', 'u8', '>')} }}\n",
    "pattern": function(f"let {nested('(', 'x', ',)')} = a; a"),
    "at-pattern": function(f"let {nested('x @ ', '_')} = a; a"),
    "modules": nested("mod m { ", "", "}"),
    "use": f"use {nested('a::{', 'b', '}')};\n",
    "cfg": f"#[cfg{nested('(all', '(a)', ')')}]\nfn g() {{}}\n",
    "open-brackets": "{" * DEEP,
    "aliases": "".join(f"type T{level} = T{level + 1};\n" for level in range(DEEP // 4))
    + "struct S { a: T0 }\n",
    "imports": "".join(f"use S{level + 1} as S{level};\n" for level in range(DEEP // 4)) + "type A = S0;\n",
}


@pytest.mark.parametrize("name", DEEP_SOURCES)
def test_what_is_nested_without_end_is_an_error(name: str) -> None:
    source = Source("lib.rs", DEEP_SOURCES[name])
    started = time.process_time()
    found = build(source.text).diagnostics
    printed = [format_diagnostic(one, source) for one in found]
    assert time.process_time() - started < 10  # 1 s to 3 s where nothing else runs
    assert any(one.is_error for one in found)
    assert len(found) <= MAX_SHOWN + 1
    assert max(map(len, printed)) < 2_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("fn g() { " + "x; " * 20_000 + "}", id="values-in-one-line"),
        pytest.param("fn g() { " + "x;\n" * 20_000 + "}", id="values"),
        pytest.param("struct G { " + ", ".join(f"a{n}: N" for n in range(6_000)) + "}", id="types-in-a-line"),
        pytest.param("".join(f"struct G{n} {{ a: Nope{n} }}\n" for n in range(20_000)), id="many-names"),
        pytest.param("struct G;\n" * 20_000, id="defined-again"),
    ],
)  # fmt: skip
def test_errors_without_end_are_bounded(text: str) -> None:
    source = Source("lib.rs", text)
    started = time.process_time()
    found = build(text).diagnostics
    printed = "\n".join(format_diagnostic(one, source) for one in found)
    assert time.process_time() - started < 10
    assert len(found) == MAX_SHOWN + 1
    assert found[-1].message == f"{MAX_ERRORS - MAX_SHOWN} more errors, and perhaps others, are not shown"
    assert len(printed) < 100_000
    assert max(map(len, printed.split("\n"))) < MAX_WIDTH + 40
    assert len(str([diagnostic_json(one, source) for one in found[:3]])) < 1_000_000


@pytest.mark.parametrize("text", ["//\n" * 50_001, "/" * 2_000_001])
def test_a_source_beyond_the_bounds_is_refused_with_the_bounds(text: str) -> None:
    [found] = build(text).diagnostics
    lines = max(text.count("\n"), 1)
    assert found.message == f"this source has {lines:,} lines and {len(text):,} characters"
    assert found.hint == "divide it: compiled are up to 50,000 lines and 2,000,000 characters"


def test_a_source_whose_answer_takes_too_much_memory_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(result: FrontEndResult) -> bytes:
        if result.ir is not None:
            raise MemoryError
        return encode_result(result)

    monkeypatch.setattr(process, "encode_result", encode)
    frame = process.encode_answer(Source("lib.rs", "pub fn f() {}\n"), CompileOptions())
    [found] = decode_result(frame[HEADER_SIZE:]).diagnostics
    assert found.message == "there is not enough memory for this source"


def test_a_source_at_the_bound_is_read() -> None:
    assert build("//\n" * 49_999 + "pub fn f() {}\n").diagnostics == ()


def test_a_few_errors_too_many_are_counted() -> None:
    found = build("fn g() { " + "x;\n" * (MAX_SHOWN + 2) + "}").diagnostics
    assert found[-1].message == "2 more errors are not shown"
    assert len(build("fn g() { " + "x;\n" * MAX_SHOWN + "}").diagnostics) == MAX_SHOWN


def test_warnings_are_bounded_beside_errors() -> None:
    unused = "".join(f"fn g{number}() {{}}\n" for number in range(MAX_SHOWN + 5))
    found = build(unused).diagnostics
    assert [one.severity for one in found] == ["warning"] * (MAX_SHOWN + 1)
    assert found[-1].message == "5 more warnings are not shown"


@pytest.mark.parametrize(
    ("before", "after", "shown", "carets"),
    [
        pytest.param(100, 0, "a" * 100 + "XYZ", " " * 100 + "^^^", id="short"),
        pytest.param(0, 500, "XYZ" + "b" * 137 + "...", "^^^", id="start"),
        pytest.param(500, 500, "..." + "a" * 60 + "XYZ" + "b" * 77 + "...", " " * 63 + "^^^", id="middle"),
        pytest.param(500, 0, "..." + "a" * 137 + "XYZ", " " * 140 + "^^^", id="end"),
    ],
)
def test_a_long_line_is_cut_around_the_place(before: int, after: int, shown: str, carets: str) -> None:
    from btfview.diagnostics import Diagnostic
    from btfview.source import Span

    source = Source("a.rs", "a" * before + "XYZ" + "b" * after)
    printed = format_diagnostic(Diagnostic("error", "wrong", Span(before, before + 3)), source)
    assert printed.split("\n")[3:] == [f"1 | {shown}", f"  | {carets}"]


def test_a_place_longer_than_the_line_shown_is_marked_to_its_end() -> None:
    from btfview.diagnostics import Diagnostic
    from btfview.source import Span

    source = Source("a.rs", "a" * 500)
    printed = format_diagnostic(Diagnostic("error", "wrong", Span(10, 490)), source)
    assert printed.split("\n")[3:] == [f"1 | {'a' * MAX_WIDTH}...", f"  | {' ' * 10}{'^' * (MAX_WIDTH - 10)}"]
