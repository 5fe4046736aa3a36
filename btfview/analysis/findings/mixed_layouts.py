"""Records of one type that are resolved in different types of a kernel: one pointer, read by two layouts.

libbpf drops candidates that did not match before, and cilium/ebpf takes one for all records of a program; to
aya each record is alone (aya: ``relocate_btf_functions``), and nothing tells.
"""

from __future__ import annotations

from btfview.btf.sizes import size_of
from btfview.core_relo.outcome import Resolved
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.core_relo.outcome import CandidateTrace

MIXED_LAYOUTS = "mixed_layouts"
"""The lint's name."""


@frozen
class MixedLayouts:
    """Two records of one type that no candidate has both."""

    first: int
    second: int
    """Indices of records; the second is the first that does not go with those before."""
    message: str


def find_mixed_layouts(analysis: Analysis, column: int) -> Iterator[MixedLayouts]:
    """Yield one for each type of the program whose fields are read by more than one layout on a target."""
    told: set[int] = set()
    seen: dict[int, list[tuple[int, set[int]]]] = {}
    for linked in analysis.relos:
        outcome = analysis.results[linked.index][column].outcome
        kind, type_id = linked.relo.kind, linked.relo.type_id
        if kind is None or not kind.is_field or kind.is_existence or not isinstance(outcome, Resolved):
            continue
        fits = {candidate.type_id for candidate in outcome.trace.candidates if candidate.is_match}
        before = seen.setdefault(type_id, [])
        other = next((index for index, taken in before if not taken & fits), None)
        if other is not None and type_id not in told:
            told.add(type_id)
            yield MixedLayouts(other, linked.index, _message(analysis, other, linked.index, column))
        before.append((linked.index, fits))


def _message(analysis: Analysis, first: int, second: int, column: int) -> str:
    parts = []
    for index in (second, first):
        match = _match(analysis, index, column)
        value = analysis.results[index][column].outcome.value
        size = size_of(analysis.targets[column].btf, match.type_id)
        what = f"{analysis.relos[index].path} (#{index}) is {value} of {match.kind_label} {match.name}"
        parts.append(f"{what} [{match.type_id}], which has {size} bytes")
    return f"one pointer is read by two layouts on {analysis.targets[column].name}: {'; '.join(parts)}"


def _match(analysis: Analysis, index: int, column: int) -> CandidateTrace:
    candidates = analysis.results[index][column].outcome.trace.candidates
    return next(candidate for candidate in candidates if candidate.is_match)
