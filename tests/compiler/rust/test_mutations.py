"""Every mutant compiles, or is refused at a place in it; nothing is raised, nothing hangs, LLVM never dies.

``BTFVIEW_MUTANTS=20000`` (default 600) says how many go through the front end, ``BTFVIEW_MUTANTS_SEED``
(default 1) where they begin, ``BTFVIEW_MUTANTS_LLVM`` (default 40) how many of those accepted go to LLVM.
What these runs found stands in ``FOUND``.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.worker import Worker
from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.build_ir import build_ir
from btfview.compiler.rust.transfer import FrontEndResult
from btfview.diagnostics import Diagnostic, diagnostic_json, format_diagnostic
from btfview.source import Source
from tests.compiler.rust.mutations import Mutator

COUNT = int(os.environ.get("BTFVIEW_MUTANTS", "600"))
SEED = int(os.environ.get("BTFVIEW_MUTANTS_SEED", "1"))
LLVM_COUNT = int(os.environ.get("BTFVIEW_MUTANTS_LLVM", "40"))
TIME_LIMIT = 20
"""Seconds for one mutant in the front end, which takes milliseconds."""
OPTIONS = tuple(
    CompileOptions(cpu=cpu, endian=endian, dialect=dialect)
    for cpu, endian, dialect in (
        ("v3", "little", "auto"),
        ("v4", "little", "auto"),
        ("v1", "big", "auto"),
        ("v3", "little", "option"),
        ("v4", "little", "repr"),
    )
)


class _HangsError(Exception):
    pass


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    def stop(_number: int, _frame: object) -> None:
        raise _HangsError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def faults(diagnostics: tuple[Diagnostic, ...], source: Source) -> list[str]:
    """Return what is wrong with how *diagnostics* tell it."""
    found: list[str] = []
    for item in diagnostics:
        spans = (item.span, *(label.span for label in item.labels))
        outside = [span for span in spans if not 0 <= span.start <= span.end <= len(source.text)]
        found += [f"{item.message}: {span} is outside of the file" for span in outside]
        for text in (item.message, item.label or "-", item.hint or "-"):
            if not text.isprintable() or not 1 <= len(text) <= 500:
                found.append(f"no message in one line: {text!r}")
        format_diagnostic(item, source)
        diagnostic_json(item, source)
    return found


def front_end_faults(result: FrontEndResult, source: Source) -> list[str]:
    found = faults(result.diagnostics, source)
    has_errors = any(item.is_error for item in result.diagnostics)
    if has_errors == (result.ir is not None):
        found.append("IR and an error, or neither")
    return found


def check_front_end(text: str, options: CompileOptions) -> tuple[str | None, bool]:
    """Return what the front end does wrong with *text*, and whether it accepts it."""
    source = Source("mutant.rs", text)
    try:
        with time_limit(TIME_LIMIT):
            result = build_ir(source, options)
            found = front_end_faults(result, source)
    except Exception as error:  # whatever it is, it is the finding
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} at {last.filename}:{last.lineno}", False
    return (found[0] if found else None), result.ir is not None


def check_llvm(text: str, options: CompileOptions, worker: Worker) -> str | None:
    """Return what is wrong with the way that *text*, which the front end accepts, fails in LLVM."""
    source = Source("mutant.rs", text)
    result = compile_source(source, options, worker=worker)
    if result.object is not None:
        return next(iter(faults(result.diagnostics, source)), None)
    errors = [item for item in result.diagnostics if item.is_error]
    if not errors:
        return "neither an object nor an error"
    for item in errors:
        if (item.span.start, item.span.end) == (0, 0) and not item.message.startswith(
            "the object would be larger"
        ):
            return f"no place: {item.message} ({item.hint}) {item.notes}"
    return next(iter(faults(result.diagnostics, source)), None)


def test_mutants_compile_or_are_refused_at_a_place() -> None:
    mutator = Mutator(SEED)
    found: dict[str, str] = {}
    accepted: list[tuple[str, CompileOptions]] = []
    for index in range(COUNT):
        text, options = mutator.mutant(), OPTIONS[index % len(OPTIONS)]
        problem, is_accepted = check_front_end(text, options)
        if problem is not None:
            found.setdefault(problem, text)
        elif is_accepted:
            accepted.append((text, options))
    assert not found, f"{len(found)} problems: {list(found.items())[:3]}"
    assert len(accepted) > COUNT / 50, "mutants should not all be refused at once"
    with Worker() as worker:
        for text, options in accepted[:LLVM_COUNT]:
            problem = check_llvm(text, options, worker)
            if problem is not None:
                found.setdefault(problem, text)
    assert not found, f"{len(found)} problems: {list(found.items())[:3]}"


FOUND: tuple[tuple[str, str], ...] = (
    ("self-twice", "struct S { a: u8 } impl S { pub fn f(&self, &self) -> u8 { 1 } }"),
    ("self-not-first", "struct S { a: u8 } impl S { pub fn f(&self, self: &S) -> u8 { 1 } }"),
    ("message-of-two-lines", "#[derive((Clone,\nCopy))] struct S { a: u8 }"),
    ("control-character", "fn f() { \x1b }"),
    ("long-name", f"fn f() {{ {'x' * 10_000} }}"),
    ("deep-tuple", f"pub fn f(x: u64) -> u64 {{ let a = {'(' * 100}x{',)' * 100}; 1 }}"),
    ("deeper-tuple", f"pub fn f(x: u64) -> u64 {{ let a = {'(' * 600}x{',)' * 600}; 1 }}"),
    (
        "doubled-tuple",
        "pub fn f(a0: u64) -> u64 { " + " ".join(f"let a{i + 1} = (a{i}, a{i});" for i in range(60)) + " 1 }",
    ),
    (
        "doubled-alias",
        "type T0 = u8; fn f(x: T60) {} " + " ".join(f"type T{i + 1} = (T{i}, T{i});" for i in range(60)),
    ),
    (
        "long-chain-of-somes",
        "pub fn f(a0: u64) -> u64 { " + " ".join(f"let a{i + 1} = Some(a{i});" for i in range(300)) + " 1 }",
    ),
    ("long-local", f"pub fn f(a: u8) -> u8 {{ let mut {'x' * 3000} = a; {'x' * 3000} += 1; {'x' * 3000} }}"),
    ("long-parameters", f"pub fn f({'x' * 3000}a: u8, {'x' * 3000}b: u8) -> u8 {{ {'x' * 3000}b }}"),
    (
        "long-function",
        f"fn {'x' * 3000}(a: u8) -> u8 {{ a }} pub fn f() -> u8 {{ {'x' * 3000}(1) + {'x' * 3000}(2) }}",
    ),
    (
        "long-field",
        f"struct S {{ {'x' * 3000}: u8, b: u8 }} pub fn f(s: &S) -> u8 {{ s.{'x' * 3000} + s.b }}",
    ),
    (
        "field-named-as-a-type",
        "#![feature(btf_relocations)]\n#[repr(Btf)] pub struct S { u8: u8, f32: u32 }\n"
        "pub fn f() -> usize { core::btf::field_byte_offset!(S, f32) }",
    ),
    ("long-tuple-index", f"pub fn f(t: (u8, u8)) -> u8 {{ t.{'9' * 5000} }}"),
)
"""A name, and a text that a run of this test once stumbled over, cut down."""


@pytest.mark.parametrize("text", [text for _, text in FOUND], ids=[name for name, _ in FOUND])
def test_found_by_mutation(text: str) -> None:
    for options in OPTIONS:
        problem, is_accepted = check_front_end(text, options)
        assert problem is None
        if is_accepted:
            with Worker() as worker:
                assert check_llvm(text, options, worker) is None
