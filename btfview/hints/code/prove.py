"""Try a block: compile it, and resolve it on both kernels."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.outcome import Missing, Resolved
from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.compiler.llvm.worker import Worker
    from btfview.source import Source


def why_not_proven(source: Source, dialect: str, old: Btf, new: Btf, worker: Worker | None = None) -> str:
    """Return why a program does not do on both kernels; empty if it does.

    On each, one of its guards is true, what is behind it resolves, and what does not resolve cannot run.
    """
    try:
        obj = compile_block(source, dialect, worker)
        if isinstance(obj, str):
            return obj
        for btf in (old, new):
            if why := why_not_on(obj, btf):
                return why
    except BtfviewError as error:
        return str(error)
    return ""


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
    from btfview.core_relo.local import read_local_relos
    from btfview.core_relo.resolve import resolve_relos

    local = read_local_relos(obj)
    if not local:
        return "it asks nothing of the kernel"
    guarded: set[str] = set()
    for relo, result in zip(local, resolve_relos(obj, local, btf), strict=True):
        match result.outcome:
            case Resolved(value):
                if value and relo.kind is not None and relo.kind.is_existence:
                    guarded.add(obj.program_of(relo.relo))
            case Missing() if relo.kind is not None and relo.kind.is_existence:
                pass
            case Missing() if result.is_dead or relo.kind == CoreReloKind.TYPE_EXISTS:
                pass
            case outcome:
                return f"{relo.path}: {outcome.reason}"
    is_guarded = bool(guarded) if programs is None else guarded.issuperset(programs)
    return "" if is_guarded else "no guard is true there"
