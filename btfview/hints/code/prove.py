"""Try blocks: compile them, and resolve each on both of its kernels."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.outcome import Missing, Resolved
from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.compiler.llvm.worker import Worker
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.source import Source

    _Answer = tuple[str, LocalRelo, ReloResult]


def why_not_proven(
    source: Source, dialect: str, kernels: Sequence[tuple[Btf, Btf]], worker: Worker | None = None
) -> list[str | None]:
    """Return why a program's functions ``use_0``, ``use_1`` and so on do not do, each on its two kernels;
    empty for one that does, None where a program of several does not tell that of one.

    It does if on each kernel one of its guards is true, what is behind it resolves, and what does not resolve
    cannot run.
    """
    alone = len(kernels) == 1
    try:
        obj = compile_block(source, dialect, worker)
        if isinstance(obj, str):
            return [obj] if alone else [None] * len(kernels)
        if alone:
            return [next(filter(None, (why_not_on(obj, btf) for btf in kernels[0])), "")]
        return _why_not_each(obj, kernels)
    except BtfviewError as error:
        return [str(error)] if alone else [None] * len(kernels)


def _why_not_each(obj: BpfObject, kernels: Sequence[tuple[Btf, Btf]]) -> list[str | None]:
    answers: dict[int, list[_Answer]] = {}
    for btf in (btf for pair in kernels for btf in pair):
        if id(btf) not in answers:  # most hints are for one kernel
            answers[id(btf)] = _ask(obj, btf)
    names = [f"use_{number}" for number in range(len(kernels))]
    if any(program not in names for found in answers.values() for program, _, _ in found):
        return [None] * len(names)  # of a function that is called it is not known by which

    def why_not(name: str, btf: Btf) -> str:
        return _why_not([one for one in answers[id(btf)] if one[0] == name], (name,))

    return [
        next(filter(None, (why_not(name, btf) for btf in pair)), "")
        for name, pair in zip(names, kernels, strict=True)
    ]


def compile_block(source: Source, dialect: str, worker: Worker | None = None) -> BpfObject | str:
    """Return the object of a program; in words, why it does not compile.

    Raises:
        BtfviewError: it cannot be compiled here at all.
    """
    from btfview.bpf.object import read_object
    from btfview.compiler.compile import compile_source
    from btfview.compiler.options import CompileOptions

    options = CompileOptions(dialect=dialect)
    result = compile_source(source, options, emit=frozenset({"obj"}), worker=worker)
    if result.object is None:
        errors = [one.message for one in result.diagnostics if one.is_error]
        return f"it does not compile: {errors[0] if errors else 'no object'}"
    return read_object(result.object, path=source.path)


def why_not_on(obj: BpfObject, btf: Btf, programs: Collection[str] | None = None) -> str:
    """Return why *obj* does not do on a kernel; empty if it does. One guard must be true: in each of
    *programs*, without any in the whole.

    Raises:
        BtfFormatError: a type on the way is damaged.
    """
    return _why_not(_ask(obj, btf), programs)


def _ask(obj: BpfObject, btf: Btf) -> list[_Answer]:
    """Return the records, each with its program and with what becomes of it."""
    from btfview.core_relo.local import read_local_relos
    from btfview.core_relo.resolve import resolve_relos

    local = read_local_relos(obj)
    results = resolve_relos(obj, local, btf)
    return [(obj.program_of(relo.relo), relo, result) for relo, result in zip(local, results, strict=True)]


def _why_not(answers: list[_Answer], programs: Collection[str] | None) -> str:
    if not answers:
        return "it asks nothing of the kernel"
    guarded: set[str] = set()
    for program, relo, result in answers:
        match result.outcome:
            case Resolved(value):
                if value and relo.kind is not None and relo.kind.is_existence:
                    guarded.add(program)
            case Missing() if relo.kind is not None and relo.kind.is_existence:
                pass
            case Missing() if result.is_dead or relo.kind == CoreReloKind.TYPE_EXISTS:
                pass
            case outcome:
                return f"{relo.path}: {outcome.reason}"
    is_guarded = bool(guarded) if programs is None else guarded.issuperset(programs)
    return "" if is_guarded else "no guard is true there"
