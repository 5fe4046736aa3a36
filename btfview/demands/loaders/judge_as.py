"""The verdict on an object as another loader than libbpf has it."""

from __future__ import annotations

from btfview.core_relo.loaders.names import AYA, CILIUM
from btfview.demands import demand as d
from btfview.demands.object.facts import ObjectFacts
from btfview.demands.reasons import FAILS, Reason, unique, verdict_of
from btfview.demands.refusals import POISON_CALL
from btfview.frozen import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.object import BpfObject
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.verdict import Verdict

_LOOKED_UP = frozenset((d.SECTION, d.ATTACH_TARGET, d.KFUNC, d.KSYM, d.KCONFIG, d.STRUCT_OPS))
_ONLY_LIBBPF = frozenset((d.SECTION, d.KSYM, d.KCONFIG))
"""Of these the kernel's reasons, too, hang on what libbpf writes."""


class OtherJudge:
    """Judges one object as *loader*, ``cilium`` or ``aya``, loads it."""

    def __init__(self, obj: BpfObject, loader: str) -> None:
        self._facts = ObjectFacts(obj)
        self._loader = loader

    def judge(self, as_libbpf: Verdict, kernel: Kernel) -> Verdict:
        """Return the verdict on *kernel*, of which libbpf's is known."""
        reasons = [reason for reason in as_libbpf.reasons if not _is_of_libbpf(reason)]
        if self._loader == CILIUM:
            # It poisons such calls as well, with a number of its own (kfuncCallPoisonBase).
            reasons += [
                replace(reason, rule="cilium/ebpf fixupKfuncs")
                for reason in as_libbpf.reasons
                if reason.rule == POISON_CALL
            ]
            from .cilium import cilium_reasons

            # Programs of SEC("?...") are loaded, too: cilium/ebpf does not know that mark (getProgType).
            reasons += _of_optional(as_libbpf)
            reasons += cilium_reasons(self._facts, kernel)
        elif self._loader == AYA:
            from .aya import aya_reasons

            reasons += aya_reasons(self._facts, kernel)
        found = unique(reasons)
        return replace(as_libbpf, verdict=verdict_of(found), reasons=found)


def _of_optional(verdict: Verdict) -> Iterator[Reason]:
    for part in verdict.programs:
        for reason in part.reasons if not part.is_wanted else ():
            if reason.verdict != FAILS or _is_of_libbpf(reason):
                continue
            if reason.demand == d.CORE_RELO:
                why = f"cilium/ebpf loads it all the same, and {reason.subject} fails: {reason.why}"
                rule = "cilium/ebpf getProgType"
                yield Reason(d.SECTION, part.section, FAILS, why, rule, "", reason.place)
            else:
                yield reason


def _is_of_libbpf(reason: Reason) -> bool:
    is_its_rule = reason.rule.startswith("libbpf ") or reason.demand in _ONLY_LIBBPF
    return reason.demand in _LOOKED_UP and is_its_rule
