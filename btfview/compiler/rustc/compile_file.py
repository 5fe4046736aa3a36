"""One Rust file through rustc to a BPF object."""

from __future__ import annotations

import contextlib
import os
import tempfile

from btfview.compiler.result import CompileResult
from btfview.diagnostics import Diagnostic
from btfview.errors import CompilerError
from btfview.frozen import replace
from btfview.source import Source, Span

from .crate_sources import read_text
from .files import CrateFiles, owns_nothing
from .ir.errors import IrError
from .ir.for_bpf import convert
from .lints.find import find_lints
from .messages import Messages, unique
from .program import describe, missing, wrong_queries
from .rewriting.rewrite import rewrite
from .run import StandInError, compile_stand_in, edition_of, run_rustc
from .toolchain import find_toolchain

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions

    from .rewriting.rewrite import Rewritten

MAX_MODULES = 200
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
    file = _file_name(source.path)
    files = CrateFiles(rewritten, owns_nothing)
    files.add(file, rewritten)
    for name, module in modules_beside(rewritten):
        files.add(name, module)
    parts = [one for _, one in files.all()]
    dialect = dialect_of(parts, options)
    try:
        toolchain = find_toolchain()
    except CompilerError as error:
        message, _, hint = str(error).partition("; ")
        return _failed(source, options, (Diagnostic("error", message, Span(0, 0), hint=hint or None),))
    turn = worker.turn(epoch) if worker else contextlib.nullcontext()
    with tempfile.TemporaryDirectory(prefix="btfview-") as folder, turn as wake_fd:
        for name, part in files.all():
            write_file(os.path.join(folder, name), part)
        try:
            stand_in = compile_stand_in(toolchain, dialect, _cache_folder(folder), TIME_LIMIT, wake_fd)
            compiled = run_rustc(
                toolchain, file, folder, stand_in, edition_of(source.text), TIME_LIMIT, wake_fd
            )
        except (OSError, StandInError) as error:
            text = f"rustc {toolchain.version} could not be run: {' '.join(str(error).split())[:500]}"
            return _failed(source, options, (Diagnostic("error", text, Span(0, 0)),))
    messages = Messages(files)
    found = [*files.own_diagnostics(rewritten, parts), *messages.read(compiled.end.stderr)]
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
        failed = _failed(
            files.source,
            options,
            unique(iter(found)),
            is_repeatable=end.stopped is None and len(parts) == 1,
        )
        return replace(failed, headers=files.others)
    try:
        converted = convert((compiled.ir,), files.shown, options, is_library=True)
    except IrError as error:
        text = f"the IR of rustc {toolchain.version} is not what btfview reads: {error}"
        return _failed(source, options, (*found, Diagnostic("error", text, Span(0, 0))))
    found += wrong_queries(converted, files)
    found += missing(converted, files)
    program = describe(converted, files, dialect)
    lints, baked_in = find_lints(converted, files, program, messages.touched)
    program = replace(program, baked_in=baked_in)
    found += lints
    diagnostics = unique(iter(found))
    return CompileResult(
        files.source,
        options,
        diagnostics,
        program,
        converted.modules[0],
        None,
        headers=files.others,
        is_repeatable=len(parts) == 1,
    )


def modules_beside(main: Rewritten) -> Iterator[tuple[str, Rewritten]]:
    """Yield the files of the modules of *main*, by paths from its folder, where rustc looks for them."""
    base = os.path.dirname(main.edited.original.path)
    pending = [("", main)]
    seen: set[str] = set()
    while pending and len(seen) < MAX_MODULES:
        folder, rewritten = pending.pop(0)
        for names in rewritten.modules:
            within = os.path.join(folder, *names[:-1])
            own = os.path.join(within, names[-1])
            for name in (own,) if own.endswith(".rs") else (f"{own}.rs", os.path.join(own, "mod.rs")):
                name = os.path.normpath(name)
                text = read_text(os.path.join(base, name)) if name not in seen else None
                if text is None or name.startswith(os.pardir):
                    continue
                seen.add(name)
                module = rewrite(Source(os.path.join(base, name), text))
                inside = os.path.dirname(name) if name.endswith("mod.rs") else os.path.splitext(name)[0]
                pending.append((inside, module))
                yield name, module


def write_file(path: str, rewritten: Rewritten) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="replace") as opened:
        opened.write(rewritten.edited.text)


def dialect_of(parts: Iterable[Rewritten], options: CompileOptions) -> str:
    """Return what the macros of a crate give: as its markers say where the options leave it open."""
    if options.dialect != "auto":
        return options.dialect
    markers = {struct.marker for rewritten in parts for struct in rewritten.marked}
    return "option" if markers == {"btf_relocatable"} else "repr"


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
