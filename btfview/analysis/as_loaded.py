"""An analysis as screen and reports show it by another loader than libbpf: its records, and what else is
asked of a kernel."""

from __future__ import annotations

from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF
from btfview.frozen import TYPE_CHECKING, replace

from .asks import find_asks
from .findings.by_loader import judged_as, loaded_by

if TYPE_CHECKING:
    from btfview.targets.target import Target

    from .resolve_on import Column
    from .result import Analysis


def as_loaded_by(analysis: Analysis, loader: str, known: dict[Target, Column] | None = None) -> Analysis:
    """Return *analysis* with the answers of *loader*; *known* as of :func:`.findings.by_loader.loaded_by`."""
    if loader == analysis.loader or analysis.object is None:
        return analysis
    if loader == LIBBPF and analysis.of_libbpf is not None:
        return analysis.of_libbpf
    load = loaded_by(analysis, loader, known)
    base = load.analysis.of_libbpf
    if base is None or loader not in (CILIUM, AYA) or not base.verdicts:
        return load.analysis
    return replace(load.analysis, asks=find_asks(judged_as(load, base)))
