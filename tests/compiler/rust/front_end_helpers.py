"""Short forms for tests of the front end."""

from __future__ import annotations

import re
from typing import Any

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.build_ir import build_ir
from btfview.compiler.rust.transfer import FrontEndResult
from btfview.source import Source

GATE = "#![feature(btf_relocations, builtin_syntax)]\n"


def build(text: str, **options: Any) -> FrontEndResult:
    return build_ir(Source("lib.rs", text), CompileOptions(**options))


def problems(text: str, **options: Any) -> list[tuple[int, int, str]]:
    """Return line, column and message of every error."""
    source = Source("lib.rs", text)
    found = build(text, **options).diagnostics
    places = [(source.location(item.span.start), item) for item in found if item.is_error]
    return [(place.line, place.column, item.message) for place, item in places]


def place_of(marked: str) -> tuple[str, tuple[int, int]]:
    """Return *marked* without its `»`, and the line and column of the character that stood behind it."""
    before, after = marked.split("»")
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


def the_problem(text: str, **options: Any) -> tuple[int, int, str, str]:
    """Return line, column, message and hint of the one error that *text* has."""
    source = Source("lib.rs", text)
    errors = [item for item in build(text, **options).diagnostics if item.is_error]
    assert len(errors) == 1, errors
    place = source.location(errors[0].span.start)
    return place.line, place.column, errors[0].message, errors[0].hint or ""


def relocation_globals(text: str, **options: Any) -> set[str]:
    """Return the names of the relocation globals that LLVM's pass leaves behind."""
    result = compile_source(
        Source("lib.rs", text), CompileOptions(**options), emit=frozenset({"obj", "ir-optimized"})
    )
    assert result.ir_optimized is not None, result.diagnostics
    return set(re.findall(r'^@"(llvm\.[^"]+)" = external', result.ir_optimized, re.MULTILINE))
