"""Try a block: compile it, and resolve it on both kernels."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.outcome import Missing, Resolved
from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.compiler.llvm.worker import Worker
    from btfview.source import Source


def why_not_proven(source: Source, dialect: str, old: Btf, new: Btf, worker: Worker | None = None) -> str:
    """Return why a program does not do on both kernels; empty if it does.

    On each, one of its guards is true, what is behind it resolves, and what does not resolve cannot run.
    """
    from btfview.bpf.object import read_object
    from btfview.compiler.compile import compile_source
    from btfview.compiler.options import CompileOptions

    try:
        options = CompileOptions(dialect=dialect)
        result = compile_source(source, options, emit=frozenset({"obj"}), worker=worker)
        if result.object is None:
            errors = [one.message for one in result.diagnostics if one.is_error]
            return f"it does not compile: {errors[0] if errors else 'no object'}"
        obj = read_object(result.object, path=source.path)
        for btf in (old, new):
            if why := _why_not_on(obj, btf):
                return why
    except BtfviewError as error:
        return str(error)
    return ""


def _why_not_on(obj: BpfObject, btf: Btf) -> str:
    from btfview.core_relo.local import read_local_relos
    from btfview.core_relo.resolve import resolve_relos

    local = read_local_relos(obj)
    if not local:
        return "it asks nothing of the kernel"
    is_guarded = False
    for relo, result in zip(local, resolve_relos(obj, local, btf), strict=True):
        match result.outcome:
            case Resolved(value):
                is_guarded |= bool(value) and relo.kind is not None and relo.kind.is_existence
            case Missing() if relo.kind is not None and relo.kind.is_existence:
                pass
            case Missing() if result.is_dead or relo.kind == CoreReloKind.TYPE_EXISTS:
                pass
            case outcome:
                return f"{relo.path}: {outcome.reason}"
    return "" if is_guarded else "no guard is true there"
