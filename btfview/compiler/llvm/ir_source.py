"""LLVM IR that the user wrote: what can be seen to be wrong before LLVM reads it."""

from __future__ import annotations

import re
import shlex

from btfview.compiler.options import CompileOptions
from btfview.diagnostics import Diagnostic, short_line
from btfview.source import Source, Span

_RUST_UNIT = re.compile(r'!DIFile\(filename: "([^"@]+\.rs)/@/')
_C_SOURCE = re.compile(r'^source_filename = "([^"]+\.c)"$', re.MULTILINE)
TRIPLES = {"little": "bpfel", "big": "bpfeb"}


def check_ir_source(source: Source, options: CompileOptions) -> tuple[Diagnostic, ...]:
    """Return the problems of *source*'s target lines: LLVM would generate nonsense, not an error."""
    problems = []
    if "\0" in source.text:
        position = source.text.index("\0")
        problems.append(Diagnostic("error", "a NUL character in LLVM IR", Span(position, position + 1)))
    triple, span = _target_line(source, "triple")
    arch = short_line(triple.partition("-")[0])
    wanted = TRIPLES[options.endian]
    if arch in TRIPLES.values() and arch != wanted:
        problems.append(_wrong_endian(f"the IR is for {arch}, the compile for {wanted}", span, options))
    elif arch not in ("", "bpf", wanted):
        problems.append(
            Diagnostic(
                "error",
                f"the IR is for {arch}, not for BPF",
                span,
                hint=_instead(source.text),
            )
        )
    layout, span = _target_line(source, "datalayout")
    if layout[:1] in ("e", "E") and not problems and (layout[0] == "e") != (options.endian == "little"):
        theirs = "little" if layout[0] == "e" else "big"
        problems.append(
            _wrong_endian(
                f"the IR's data layout is {theirs}-endian, the compile's {options.endian}-endian",
                span,
                options,
            )
        )
    return tuple(problems)


def _instead(text: str) -> str:
    """Return what to do in place of giving IR for a host: its source, where it tells which, compiles."""
    if "rustc version" in text:
        unit = _RUST_UNIT.search(text)
        name = short_line(unit[1]) if unit else "SOURCE.rs"
        return (
            f"give the source: `btfview compile {shlex.quote(name)} --frontend rustc`, or the folder of its"
            " Cargo.toml, is built by rustc for this machine and made BPF; or make the IR with"
            " `rustc --target bpfel-unknown-none`"
        )
    named = _C_SOURCE.search(text)
    if named is not None:
        name = shlex.quote(short_line(named[1]))
        return f"give the source: `btfview compile {name}`; or make the IR with `clang -target bpf`"
    return "make it with `clang -target bpf` or `rustc --target bpfel-unknown-none`"


def _wrong_endian(message: str, span: Span, options: CompileOptions) -> Diagnostic:
    other = "big" if options.endian == "little" else "little"
    return Diagnostic("error", message, span, hint=f"compile with --endian {other}")


def _target_line(source: Source, name: str) -> tuple[str, Span]:
    """Return the string of ``target NAME = "..."`` and its place; empty where there is no such line."""
    position = 0
    for line in source.text.splitlines(keepends=True):
        if line.startswith("target "):
            words = line.split('"')
            if words[0].split() == ["target", name, "="] and len(words) > 1:
                begin = position + len(words[0]) + 1
                return words[1], Span(begin, begin + len(words[1]))
        position += len(line)
    return "", Span(0, 0)
