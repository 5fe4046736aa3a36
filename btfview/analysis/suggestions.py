"""For a record that fails on a target: what to do, and what the program may ask for instead there."""

from __future__ import annotations

from btfview.bpf.reach import Reach
from btfview.btf.types import Enum, Struct
from btfview.core_relo.outcome import Missing
from btfview.core_relo.suggest import Known, Suggestion, suggest_enumerator, suggest_member, suggest_type
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from .result import CellState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.core_relo.spec_match import MissingName

    from .result import Analysis

_HOW_REACHED = {
    None: "libbpf cannot answer it.",
    Reach.DEAD: "No path of a loaded program leads here on this kernel: the verifier drops it as dead code.",
    Reach.OFF: 'Its program is off by default (SEC("?...")): not even relocated, unless it is turned on.',
    Reach.OTHERWISE: "What .rodata holds as compiled keeps the verifier away; a loader may set it otherwise.",
    Reach.MAYBE: "The verifier may come to this instruction, and would then refuse the program.",
    Reach.CERTAIN: "The verifier refuses the program, which can reach this instruction.",
}


def suggestions(analysis: Analysis, relo_index: int, target_index: int) -> tuple[Suggestion, ...]:
    """Return what may stand for the missing field, enumerator or type; nothing where none is missing.

    Targets of the analysis that do have the field serve as clues to its place.
    """
    if not isinstance(analysis.results[relo_index][target_index].outcome, Missing):
        return ()
    try:
        return _suggestions(analysis, relo_index, target_index)
    except BtfFormatError:
        return ()  # damaged types near the field: what there is to say is in the outcome


def advice(analysis: Analysis, relo_index: int, target_index: int) -> Iterator[str]:
    """Yield what to do about a failure, in the language of the source."""
    linked, state = analysis.relos[relo_index], analysis.state(relo_index, target_index)
    reach = analysis.results[relo_index][target_index].reach
    kind = linked.relo.kind
    if state == CellState.MISSING and kind is not None and kind.is_field:
        carrier = linked.local_type_name
        rest = linked.path.removeprefix(carrier)
        # "t.a" and "t[2].a"
        member = f"->{rest[1:]}" if rest.startswith(".") else rest
        guard = (
            f"if core::btf::field_exists!({carrier}, {rest[1:]}) {{ ... }}"
            if analysis.origin == "rust"
            else f"if (bpf_core_field_exists((({linked.local_type_kind} {carrier} *)0){member})) {{ ... }}"
        )
        yield f"{_HOW_REACHED[reach]} Ask first: {guard}"
    elif state == CellState.MISSING and kind is not None and kind.is_enumval:
        enum, _, name = linked.path.partition("::")
        guard = (
            f"if core::btf::enum_value_exists!({enum}, {name}) {{ ... }}"
            if analysis.origin == "rust"
            else f"if (bpf_core_enum_value_exists(enum {enum}, {name})) {{ ... }}"
        )
        yield f"{_HOW_REACHED[reach]} Ask first: {guard}"
    elif state == CellState.MISSING_GUARDED and reach is not None:
        yield _HOW_REACHED[reach]
    elif state == CellState.AMBIGUOUS:
        yield "libbpf refuses the whole object. Tell the candidates apart by a field that only one has."
    elif state == CellState.ERROR:
        yield "libbpf refuses the whole object on account of this record."


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


def _known(analysis: Analysis, relo_index: int, lost: MissingName) -> Iterator[Known]:
    for target, result in zip(analysis.targets, analysis.results[relo_index], strict=True):
        spec = result.outcome.target_spec
        if spec is not None and lost.step < len(spec.steps):
            step = spec.steps[lost.step]
            struct = target.btf.type(step.type_id)
            # Through an anonymous struct the neighbours are others than those of the field's own level.
            if isinstance(struct, Struct) and step.name == lost.name:
                yield Known(target.name, target.btf, struct)
