"""What keeps an object from loading beside its records, one finding at a time."""

from __future__ import annotations

from btfview.analysis.result import SourcePlace
from btfview.bpf.insn import INSN_SIZE
from btfview.demands.demand import CORE_RELO, MAP_DEFINITION, SECTION
from btfview.demands.object.code import TEXT
from btfview.demands.reasons import FAILS
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.bpf.object import BpfObject
    from btfview.demands.reasons import Reason
    from btfview.demands.verdict import Verdict

    Place = tuple[str, int]


@frozen
class DemandFinding:
    """A demand that is not met, or of which it is not known."""

    reason: Reason
    columns: tuple[int, ...]
    """The targets on which it is so, by their index."""

    @property
    def is_failure(self) -> bool:
        return self.reason.verdict == FAILS

    @property
    def is_left_open(self) -> bool:
        """The object leaves something for its loader to set, as many do: no mistake by itself."""
        return self.reason.demand == MAP_DEFINITION


def demand_findings(analysis: Analysis) -> Iterator[DemandFinding]:
    """Yield the reasons that keep the object from loading as libbpf loads it when nothing is switched, or
    may; records are left out, which are told as such, and functions outside of any program's section, which
    are meant to be called. Equal ones of several targets are one."""
    columns_of: dict[Reason, list[int]] = {}
    for group in analysis.column_groups if analysis.verdicts else ():
        for reason in analysis.verdicts[group[0]].reasons:
            is_library = reason.demand == SECTION and reason.subject == TEXT
            if reason.demand != CORE_RELO and not is_library:
                columns_of.setdefault(reason, []).extend(group)
    for reason, columns in columns_of.items():
        yield DemandFinding(reason, tuple(sorted(columns)))


def reached_places(verdict: Verdict) -> frozenset[Place] | None:
    """Return the instructions that keep programs from loading: by a verdict, which knows the kernel's version
    and configuration, no program comes to any other that is poisoned. None where it does not know."""
    if not verdict.programs or not all(part.is_followed for part in verdict.programs):
        return None
    return frozenset(one.place for part in verdict.programs for one in part.reasons if one.place)


def source_of(obj: BpfObject | None, place: Place | None) -> SourcePlace | None:
    """Return the source line of an instruction; None where the object does not tell."""
    if obj is None or place is None:
        return None
    line = obj.line_at(*place)
    return SourcePlace(line.file, line.line, line.column, line.text.strip()) if line else None


def place_text(place: Place | None) -> str:
    """Return an instruction in words, where no source line stands for it."""
    return f"instruction {place[1] // INSN_SIZE} of {place[0]}" if place else ""
