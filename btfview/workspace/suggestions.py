"""For a record that a target lacks: what the program may ask for instead there."""

from __future__ import annotations

from ..btf.types import Enum, Struct
from ..core_relo.suggest import Known, Suggestion, suggest_enumerator, suggest_member, suggest_type
from ..errors import BtfFormatError
from ..record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core_relo.spec_match import Lost
    from .analysis import Analysis


def suggestions(analysis: Analysis, relo_index: int, target_index: int) -> tuple[Suggestion, ...]:
    """Return what may stand for the missing field, enumerator or type; nothing where none is missing.

    Targets of the analysis that do have the field serve as clues to its place.
    """
    if analysis.results[relo_index][target_index].outcome.status != "missing":
        return ()
    try:
        return _suggestions(analysis, relo_index, target_index)
    except BtfFormatError:
        return ()  # damaged types near the field: what there is to say is in the outcome


def _suggestions(analysis: Analysis, relo_index: int, target_index: int) -> tuple[Suggestion, ...]:
    linked = analysis.relos[relo_index]
    outcome = analysis.results[relo_index][target_index].outcome
    btf = analysis.targets[target_index].btf
    if not outcome.trace.candidates:
        return suggest_type(btf, linked.local_type_kind, linked.local_type_name)
    lost = next((trace.lost for trace in outcome.trace.candidates if trace.lost), None)
    if lost is None:
        return ()
    owner = btf.type(lost.owner_id)
    if isinstance(owner, Enum):
        return suggest_enumerator(owner, lost.name)
    assert isinstance(owner, Struct)
    return suggest_member(btf, owner, lost.name, _known(analysis, relo_index, lost))


def _known(analysis: Analysis, relo_index: int, lost: Lost) -> Iterator[Known]:
    for target, result in zip(analysis.targets, analysis.results[relo_index], strict=True):
        spec = result.outcome.target_spec
        if spec is not None and lost.step < len(spec.steps):
            step = spec.steps[lost.step]
            struct = target.btf.type(step.type_id)
            # Through an anonymous struct the neighbours are others than those of the field's own level.
            if isinstance(struct, Struct) and step.name == lost.name:
                yield Known(target.name, target.btf, struct)
