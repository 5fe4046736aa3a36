"""From a path and some targets to an :class:`~.result.Analysis`: the one way that all commands go."""

from __future__ import annotations

import time

from btfview.bpf.elf import ELF_MAGIC
from btfview.bpf.object import BpfObject, read_object
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from btfview.errors import InputError, UsageError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import MAX_CARRIER, read_input
from btfview.source import LANGUAGES, Source, language_of

from .compile_file import compile_path, is_bitcode_file, is_project
from .links import link_relos
from .resolve_on import BrokenTarget, Column, Question, alike_columns, resolve_on, trimmed_columns
from .result import Analysis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions
    from btfview.compiler.result import CompileResult
    from btfview.core_relo.local import LocalRelo
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

    Narrow = Callable[[str, BpfObject | None, Sequence[LocalRelo]], Sequence[Target]]


@frozen
class Prepared:
    """A file that has been read, or compiled, and what is to be asked of its targets."""

    path: str
    origin: str
    """As in :class:`~.result.Analysis`."""
    compilation: CompileResult | None
    question: Question | None
    """None where there is no object."""
    targets: tuple[Target, ...]
    started: float
    """By :func:`time.perf_counter`."""


def _language(path: str) -> str | None:
    """Return what *path* is compiled as; None for an object."""
    if is_project(path):
        return "rust"
    return language_of(path) or ("bitcode" if is_bitcode_file(path) else None)


def analyse(
    path: str,
    targets: Sequence[Target] = (),
    options: CompileOptions | None = None,
    *,
    source: Source | None = None,
    worker: Worker | None = None,
    cache: CompileCache | None = None,
    jobs: int = 1,
    skips_broken: bool = False,
    checks_reads: bool = False,
    loading: Loading | None = None,
    is_shared: bool = False,
    kernels: Callable[[], Sequence[Target]] | None = None,
    narrow: Narrow | None = None,
) -> Analysis:
    """Return everything that is known of *path* on *targets*; with *loading* also whether it loads there.

    *source*, when given, is taken instead of the file's text; *jobs* processes resolve, *checks_reads* as of
    :func:`.resolve_on.resolve_on`; with *is_shared*, kernels of an atlas that are the same in what is looked
    at share an answer; *kernels* are what a C source is compiled for (default: the targets); *narrow* says
    which of the targets the program is for, once it is known. What is wrong with a program is in
    ``diagnostics``; then there is no object and no record. With *skips_broken* a target that cannot be read
    is in ``broken_targets`` instead of ``targets``.

    Raises:
        InputError: the file cannot be read, or is neither a source nor a BPF object; or a target
            cannot be read, and none may be skipped.
    """
    prepared = prepare(
        path,
        targets,
        options,
        source=source,
        worker=worker,
        cache=cache,
        checks_reads=checks_reads,
        loading=loading,
        kernels=kernels,
        narrow=narrow,
    )
    analysis = assemble(prepared, ask_targets(prepared, jobs=jobs, is_shared=is_shared))
    if analysis.broken_targets and not skips_broken:
        raise InputError(analysis.broken_targets[0].problem)
    return analysis


def ask_targets(
    prepared: Prepared, *, jobs: int = 1, is_shared: bool = False
) -> Sequence[Column | BrokenTarget]:
    """Return what each of its targets says to a file; arguments as of :func:`analyse`."""
    question, targets = prepared.question, prepared.targets
    if question is None:
        return [Column(()) for _ in targets]
    if is_shared and any(target.can_share for target in targets):
        from .shared_columns import resolve_shared

        return resolve_shared(question, targets, jobs=jobs)
    return resolve_on(question, targets, jobs=jobs)


def prepare(
    path: str,
    targets: Sequence[Target] = (),
    options: CompileOptions | None = None,
    *,
    source: Source | None = None,
    worker: Worker | None = None,
    cache: CompileCache | None = None,
    checks_reads: bool = False,
    loading: Loading | None = None,
    kernels: Callable[[], Sequence[Target]] | None = None,
    narrow: Narrow | None = None,
) -> Prepared:
    """Return what is to be asked of which targets, none of them asked yet; arguments as of :func:`analyse`.

    Raises:
        InputError: the file cannot be read, or is neither a source nor a BPF object.
    """
    started = time.perf_counter()
    language = _language(path)
    compilation = None
    if language:
        compilation = compile_path(
            path, options, source=source, worker=worker, cache=cache, kernels=kernels or (lambda: targets)
        )
        data = compilation.object
    else:
        data = read_input(path, MAX_CARRIER)
        if data[:4] != ELF_MAGIC:
            raise InputError(
                "neither a BPF object nor a source that btfview compiles",
                path=path,
                hint=f"sources end in {', '.join(LANGUAGES)}",
            )
        if options is not None and options.link:
            raise UsageError(f"{path}: --link is for bitcode, and this is an object")
    obj = read_object(data, path=path) if data and _has_btf(data, compilation) else None
    question = None
    if obj is not None:
        asked = None
        if loading:
            from btfview.demands.asked import Asked

            asked = Asked(obj, loading)
        question = Question(obj, read_local_relos(obj), checks_reads, asked)
    if narrow is not None:
        targets = narrow(path, obj, question.relos if question else ())
    return Prepared(path, language or "object", compilation, question, tuple(targets), started)


def _has_btf(data: bytes, compilation: CompileResult | None) -> bool:
    """An object without BTF is an input error, but a source may well compile to one (an empty file)."""
    if compilation is None:
        return True
    from btfview.bpf.elf import read_elf

    return read_elf(data).section(".BTF") is not None


def assemble(prepared: Prepared, found: Sequence[Column | BrokenTarget]) -> Analysis:
    """Return what is known of a file, with what each of its targets said."""
    compilation, question, targets = prepared.compilation, prepared.question, prepared.targets
    obj = question.object if question else None
    local = question.relos if question else ()
    demands = question.asked.demands if question and question.asked else ()
    columns = [column for column in found if not isinstance(column, BrokenTarget)]
    results: tuple[tuple[ReloResult, ...], ...] = tuple(
        zip(*(column.results for column in columns), strict=True)
    )
    return Analysis(
        path=prepared.path,
        origin=prepared.origin,
        source=compilation.source if compilation else None,
        compilation=compilation,
        object=obj,
        relos=link_relos(obj, local, compilation) if obj else (),
        targets=tuple(
            target
            for target, column in zip(targets, found, strict=True)
            if not isinstance(column, BrokenTarget)
        ),
        results=results or ((),) * len(local),
        demands=demands,
        answers=tuple(column.answers for column in columns) if demands else (),
        verdicts=tuple(column.verdict for column in columns if column.verdict),
        baked_in=tuple(column.baked_in for column in columns) if demands else (),
        trimmed=trimmed_columns(columns),
        declared=tuple(dict(column.declared) for column in columns if column.declared is not None),
        modules=tuple(one.modules for one in columns) if any(one.modules for one in columns) else (),
        alike=alike_columns(columns),
        shared=tuple(column.shared for column in columns) if any(one.shared for one in columns) else (),
        diagnostics=compilation.diagnostics if compilation else (),
        milliseconds=(time.perf_counter() - prepared.started) * 1000,
        broken_targets=tuple(one for one in found if isinstance(one, BrokenTarget)),
    )
