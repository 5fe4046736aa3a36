"""Which poisoned instructions do no harm on a target."""

from __future__ import annotations

from btfview.bpf.reachability import reachable_insns
from btfview.frozen import TYPE_CHECKING

from .patch import patch_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.bpf.object import BpfObject

    from .local import LocalRelo
    from .outcome import ReloResult


def find_dead(obj: BpfObject, relos: Sequence[LocalRelo], results: Sequence[ReloResult]) -> Iterator[int]:
    """Yield the index of each poisoned record whose instruction cannot run once all are patched."""
    poisoned: dict[tuple[str, int, int], list[int]] = {}
    for index, (local, result) in enumerate(zip(relos, results, strict=True)):
        if not result.outcome.is_poisoned:
            continue
        section = local.relo.section
        function = obj.function_at(section, local.relo.insn_off)
        if function:
            bounds = (section, function.value, function.value + function.size)
            poisoned.setdefault(bounds, []).append(index)
        elif obj.functions.get(section):
            yield index  # code that a linker left of an overridden weak function; libbpf skips its records
    if not poisoned:
        return
    patched = patch_code(obj, [local.relo for local in relos], results)
    for (section, start, end), indices in poisoned.items():
        code = patched.get(section, obj.code(section))
        reachable = reachable_insns(code, start, end, is_little_endian=obj.is_little_endian)
        yield from (index for index in indices if relos[index].relo.insn_off not in reachable)
