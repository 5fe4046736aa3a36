"""What a loader of a given name makes of an object on a kernel."""

from __future__ import annotations

from btfview.core_relo.reach import find_reach
from btfview.core_relo.resolve import resolve_relos
from btfview.frozen import TYPE_CHECKING, replace

from .answer import LoaderAnswer, first_refusal
from .names import AYA, CILIUM, OLD_LIBBPF

if TYPE_CHECKING:
    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.core_relo.local import LocalRelo


def resolve_as(loader: str, obj: BpfObject, relos: tuple[LocalRelo, ...], target: Btf) -> LoaderAnswer:
    """Return what *loader*, one of :data:`.names.LOADERS`, makes of *relos*, all of *obj*'s records, on
    *target*: a kernel, or a module on top of its kernel."""
    if loader == AYA:
        from .aya.resolve import resolve_as_aya

        return _with_reach(resolve_as_aya(obj, relos, target), obj, relos, target)
    if loader == CILIUM:
        from .cilium.resolve import resolve_as_cilium

        return _with_reach(resolve_as_cilium(obj, relos, target), obj, relos, target)
    results = resolve_relos(obj, relos, target, is_old_loader=loader == OLD_LIBBPF)
    return LoaderAnswer(loader, results, first_refusal(results))


def _with_reach(
    answer: LoaderAnswer, obj: BpfObject, relos: tuple[LocalRelo, ...], target: Btf
) -> LoaderAnswer:
    """Return *answer* with what the verifier comes to: the kernel is the same, whoever loads."""
    results = list(answer.results)
    for index, reach in find_reach(obj, relos, results, target):
        results[index] = replace(results[index], reach=reach)
    return replace(answer, results=tuple(results))
