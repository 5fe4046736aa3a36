"""The verdict on an object as another loader than libbpf has it."""

from __future__ import annotations

from btfview.core_relo.loaders.names import AYA
from btfview.demands import demand as d
from btfview.demands.object.facts import ObjectFacts
from btfview.demands.reasons import FAILS, UNKNOWN, Reason, unique, verdict_of
from btfview.demands.refusals import POISON_CALL
from btfview.errors import BtfFormatError
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
        reasons = [
            reason
            for reason in as_libbpf.reasons
            # To aya no kfunc comes so far that the kernel could refuse it.
            if not _is_of_libbpf(reason) and not (self._loader == AYA and reason.demand == d.KFUNC)
        ]
        try:
            reasons += self._own(as_libbpf, kernel)
        except BtfFormatError as error:  # what it looks at is damaged
            reasons.append(Reason(d.OBJECT_BTF, "BTF", UNKNOWN, error.problem, "btfview"))
        found = unique(reasons)
        return replace(as_libbpf, verdict=verdict_of(found), reasons=found)

    def _own(self, as_libbpf: Verdict, kernel: Kernel) -> list[Reason]:
        if self._loader == AYA:
            from .aya import aya_reasons

            return list(aya_reasons(self._facts, kernel))
        from .cilium import cilium_reasons

        # It poisons calls of weak kfuncs as well, with a number of its own (kfuncCallPoisonBase).
        poisoned = [
            replace(reason, rule="cilium/ebpf fixupKfuncs")
            for reason in as_libbpf.reasons
            if reason.rule == POISON_CALL
        ]
        # Programs of SEC("?...") are loaded, too: cilium/ebpf does not know that mark (getProgType).
        return [*poisoned, *_of_optional(as_libbpf), *cilium_reasons(self._facts, kernel)]


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
