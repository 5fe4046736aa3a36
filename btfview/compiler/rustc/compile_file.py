"""One Rust file through rustc to a BPF object."""

from __future__ import annotations

import contextlib
import os
import tempfile

from btfview.compiler.result import CompileResult
from btfview.diagnostics import Diagnostic
from btfview.errors import CompilerError
from btfview.source import Span

from .ir.errors import IrError
from .ir.for_bpf import SourceFile, convert
from .messages import Messages, unique
from .program import describe, missing, wrong_queries
from .rewrite import rewrite
from .run import StandInError, compile_stand_in, edition_of, run_rustc
from .toolchain import find_toolchain

TYPE_CHECKING = False

if TYPE_CHECKING:
    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions
    from btfview.source import Source

    from .rewrite import Rewritten

TIME_LIMIT = 60.0
"""Seconds for rustc; its first run on a machine reads the standard library from a cold disk."""


def build_with_rustc(
    source: Source, options: CompileOptions, worker: Worker | None, epoch: int
) -> CompileResult:
    """Return *source* as one module of IR for BPF, with its program and diagnostics; no object yet.

    Raises:
        CompileCancelledError: *worker* was told to cancel since *epoch* was taken; rustc has been killed.
    """
    rewritten = rewrite(source)
    dialect = dialect_of(rewritten, options)
    try:
        toolchain = find_toolchain()
    except CompilerError as error:
        message, _, hint = str(error).partition("; ")
        return _failed(source, options, (Diagnostic("error", message, Span(0, 0), hint=hint or None),))
    turn = worker.turn(epoch) if worker else contextlib.nullcontext()
    file = _file_name(source.path)
    with tempfile.TemporaryDirectory(prefix="btfview-") as folder, turn as wake_fd:
        with open(os.path.join(folder, file), "w", encoding="utf-8", errors="replace") as opened:
            opened.write(rewritten.edited.text)
        try:
            stand_in = compile_stand_in(toolchain, dialect, _cache_folder(folder), TIME_LIMIT, wake_fd)
            compiled = run_rustc(
                toolchain, file, folder, stand_in, edition_of(source.text), TIME_LIMIT, wake_fd
            )
        except (OSError, StandInError) as error:
            text = f"rustc {toolchain.version} could not be run: {' '.join(str(error).split())[:500]}"
            return _failed(source, options, (Diagnostic("error", text, Span(0, 0)),))
    messages = Messages({file: rewritten}, file)
    found = [*_without_echoes(rewritten), *messages.read(compiled.end.stderr)]
    end = compiled.end
    if compiled.ir is None and not any(one.is_error for one in found):
        how = {"timeout": f"did not finish within {TIME_LIMIT:g} s and was stopped"}.get(
            end.stopped or "",
            f"was stopped: {end.stopped}"
            if end.stopped
            else f"was killed by signal {-end.code}"
            if end.code < 0
            else f"failed with exit code {end.code}",
        )
        notes = tuple(line.strip() for line in end.stderr.splitlines() if line.strip())[-5:]
        found.append(Diagnostic("error", f"rustc {how}", Span(0, 0), notes=notes))
    if any(one.is_error for one in found) or compiled.ir is None:
        return _failed(source, options, unique(iter(found)), is_repeatable=end.stopped is None)
    try:
        converted = convert(
            (compiled.ir,), {file: SourceFile(source.path, source.text)}, options, is_library=True
        )
    except IrError as error:
        text = f"the IR of rustc {toolchain.version} is not what btfview reads: {error}"
        return _failed(source, options, (*found, Diagnostic("error", text, Span(0, 0))))
    found += wrong_queries(converted, rewritten, file)
    found += missing(converted)
    program = describe(converted, rewritten, frozenset({file}), dialect)
    diagnostics = unique(iter(found))
    return CompileResult(source, options, diagnostics, program, converted.modules[0], None)


def dialect_of(rewritten: Rewritten, options: CompileOptions) -> str:
    if options.dialect != "auto":
        return options.dialect
    markers = {struct.marker for struct in rewritten.marked}
    return "option" if markers == {"btf_relocatable"} else "repr"


def _without_echoes(rewritten: Rewritten) -> tuple[Diagnostic, ...]:
    return rewritten.diagnostics


def _failed(
    source: Source,
    options: CompileOptions,
    diagnostics: tuple[Diagnostic, ...],
    *,
    is_repeatable: bool = False,
) -> CompileResult:
    return CompileResult(source, options, diagnostics, None, None, None, is_repeatable=is_repeatable)


def _file_name(path: str) -> str:
    name = os.path.basename(path)
    return name if name.endswith(".rs") and name.isascii() and " " not in name else "program.rs"


def _cache_folder(folder: str) -> str:
    """Return where the stand-in is kept between runs: the user's cache, or *folder* where there is none."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.environ.get("BTFVIEW_CACHE", "").strip() == "0":
        return folder
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    place = os.path.join(base, "btfview", "rustc")
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
    except OSError:
        return folder
    return place if os.access(place, os.W_OK) else folder
