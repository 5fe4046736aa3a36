"""Rust source to LLVM IR, and what was understood on the way: the front end's one entry."""

from __future__ import annotations

import gc
import re
import sys

from btfview import __version__
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import FunctionItem, Program, Query, StructField, StructItem
from btfview.diagnostics import Label
from btfview.frozen import replace
from btfview.source import Source, Span, read_source

from .check.body import STACK
from .check.program import ProgramChecker
from .items.collect import Items
from .items.names import Names
from .lints.linter import Linter
from .lower.program import lower_program
from .report import Report, TooManyErrorsError
from .syntax.program import WholeProgram, read_program
from .transfer import FrontEndResult
from .types.layout import size_of

MAX_LINES, MAX_CHARACTERS = 50_000, 2_000_000
"""Of a source. The parser takes up to 350 bytes a character, and ends the process where it gets none. The
front end takes a second for 20,000 lines, LLVM five, and of more by their square (BTFStringTable::addString).
"""
NO_MEMORY = "there is not enough memory for this source", "divide it"
_MARKER = re.compile(r"#\[\s*(?:(btf_relocatable)\b|repr\([^])]*\bBtf\b)")


def build_ir(source: Source, options: CompileOptions) -> FrontEndResult:
    """Return the LLVM IR of a Rust *source*, its program, and what is wrong with it.

    Types, names, mutability, ``unsafe`` and exhaustiveness are checked as rustc does. Borrows, moves and
    lifetimes are not: a program that only they make wrong is compiled.

    Never raises for bad source. The text is what goes to LLVM, before any pass; the lines of
    :attr:`~btfview.compiler.result.Query.ir_lines` are lines of it.
    """
    # What is made here is kept, or goes by itself: looking for cycles in it adds a third to the time.
    was_enabled = gc.isenabled()
    if sys.getrecursionlimit() < STACK:
        sys.setrecursionlimit(STACK)
    gc.disable()
    report = Report()
    line_count = source.line_count - source.text.endswith("\n")
    if line_count > MAX_LINES or len(source.text) > MAX_CHARACTERS:
        what = f"this source has {line_count:,} lines and {len(source.text):,} characters"
        limit = f"compiled are up to {MAX_LINES:,} lines and {MAX_CHARACTERS:,} characters"
        report.give_up(what, f"divide it: {limit}")
        return FrontEndResult(None, None, report.sorted())
    try:
        return _build_ir(source, options, report)
    except TooManyErrorsError:
        pass
    except RecursionError:
        report.give_up("something in this source is nested too deeply", "take it apart")
    except MemoryError:
        report.give_up(*NO_MEMORY)
    finally:
        if was_enabled:
            gc.enable()
    return FrontEndResult(None, None, report.sorted())


def _build_ir(source: Source, options: CompileOptions, report: Report) -> FrontEndResult:
    whole = read_program(source, report, read_source, is_little=options.endian == "little")
    result = _build_whole(whole, options, report)
    if not whole.source.modules:
        return result
    modules = tuple((module.path, module.text) for module in whole.source.modules)
    return replace(result, modules=modules, is_repeatable=False)


def _build_whole(whole: WholeProgram, options: CompileOptions, report: Report) -> FrontEndResult:
    tree, source = whole.tree, whole.source
    if report.has_errors():
        return FrontEndResult(None, None, report.sorted())
    items = Items(tree, report, Names())
    items.collect()
    dialect = _choose_dialect(items, options, report)
    checker = ProgramChecker(items, dialect, options)
    checker.check()
    if report.has_errors():
        return FrontEndResult(None, None, report.sorted())
    producer = f"btfview {__version__}"
    ir, queries = lower_program(source, options, producer, checker.bodies, items.statics, checker.queries)
    program = _describe(items, dialect or "repr", queries)
    program = replace(program, baked_in=Linter(items, checker).run(program))
    if report.has_errors():  # a lint that is denied
        return FrontEndResult(None, None, report.sorted())
    return FrontEndResult(program, ir, report.sorted())


def _choose_dialect(items: Items, options: CompileOptions, report: Report) -> str | None:
    """Return ``repr`` or ``option``; None where the source has no marker and the options leave it open."""
    if options.dialect != "auto":
        return options.dialect
    spans: dict[str, Span] = items.marker_spans
    if len(spans) == 2:
        first, second = spans["repr(Btf)"], spans["btf_relocatable"]
        report.error(
            second,
            "two dialects in one file: `#[repr(Btf)]` and `#[btf_relocatable]`",
            labels=(Label(first, "the other marker is here"),),
            hint="use one marker everywhere, or choose with `--dialect repr|option` what the macros return",
        )
        return "repr"
    for marker in spans:
        return "repr" if marker == "repr(Btf)" else "option"
    inside = _MARKER.search(items.tree.shown.text)  # of a struct in a function, which is not read yet
    return None if inside is None else "option" if inside[1] else "repr"


def _describe(items: Items, dialect: str, queries: tuple[Query, ...]) -> Program:
    structs = tuple(
        StructItem(
            struct.btf_name,
            struct.is_union,
            struct.span,
            struct.marker,
            struct.size,
            tuple(
                StructField(
                    field.btf_name, field.span, field.type_name, field.byte_offset, size_of(field.type)
                )
                for field in struct.fields
            ),
        )
        for struct in items.structs
    )
    functions = tuple(
        FunctionItem(function.symbol, function.path, function.span, function.section)
        for function in items.functions
    )
    return Program(dialect, structs, functions, queries)
