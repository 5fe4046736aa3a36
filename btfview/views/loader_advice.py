"""What to write so that all loaders do the same with a record."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF
from btfview.core_relo.outcome import Ambiguous, Missing, Refused, Resolved
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.core_relo.outcome import Outcome

_OF_TYPES = (CoreReloKind.TYPE_SIZE, CoreReloKind.TYPE_ID_TARGET)
_ASK = "Ask before whether it exists, and do without it where it does not."


def what_to_do(loads: Sequence[LoadedBy], relo: int, column: int) -> str:
    """Return in a sentence or two, for a record on which *loads* differ on a target, what unites them."""
    outcomes = {load.loader: load.analysis.results[relo][column].outcome for load in loads}
    outcomes = {loader: one for loader, one in outcomes.items() if not _is_passed_over(one)}
    found, kind = list(outcomes.values()), loads[0].analysis.relos[relo].relo.kind
    if all(one.is_poisoned for one in found):
        return _ASK
    if kind == CoreReloKind.TYPE_MATCHES and isinstance(outcomes.get(AYA), Refused):
        return "For aya, ask in place of it type_exists, and field_exists of each member that matters."
    if any(isinstance(one, Ambiguous) for one in found):
        return "Declare each layout as a struct of its own flavor, and ask which one is there."
    if kind in _OF_TYPES and isinstance(outcomes.get(LIBBPF), Missing):
        return (
            "Ask type_exists before: only libbpf answers 0 for a type that is not there. "
            "aya looks at no guard: for it, keep the record out of the object."
        )
    if kind == CoreReloKind.ENUMVAL_VALUE and _is_given_up(outcomes.get(LIBBPF)):
        return (
            "libbpf reads an enumerator of 32 bits as signed: one with the highest bit is better "
            "a constant of the program's own."
        )
    if kind == CoreReloKind.FIELD_BYTE_OFFSET and isinstance(outcomes.get(CILIUM), Resolved):
        if isinstance(outcomes.get(LIBBPF), Refused):
            return (
                "Declare the field with the size that it has there, in a struct of its own flavor, "
                "and ask which one is there."
            )
        if isinstance(outcomes.get(LIBBPF), Missing):
            return (
                "Declare the type as what it is there, a typedef as a typedef: only cilium/ebpf looks behind "
                "one. And ask before whether it exists."
            )
    ending = [load.title for load in loads if _is_given_up(outcomes.get(load.loader))]
    if ending:
        return f"For {', '.join(ending)}, keep the record out of the object."
    return _ASK


def _is_passed_over(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.is_passed_over


def _is_given_up(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.value is None and not outcome.is_poisoned
