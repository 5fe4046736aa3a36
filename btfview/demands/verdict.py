"""Whether an object loads on a kernel, and each of its maps and programs: demands, records and rules.

The object as libbpf loads it when nothing is switched on or off; a map or a program as if it alone were
wanted. Externs are resolved for the whole object, and all of its maps are made before any program is loaded.
"""

from __future__ import annotations

from btfview.core_relo.resolve import resolve_relos
from btfview.frozen import TYPE_CHECKING, frozen, replace

from . import demand as d
from .demand import Answered
from .kinds.attach import attach_answer
from .object.code import TEXT
from .object.map_rules import RULE as MAP_RULE
from .object.map_rules import why_not_created
from .object.object_rules import btf_problems, needs_missing_btf
from .object.places import PlaceIndex
from .program.events import CONTEXT_READ
from .program.walk import Steps
from .program_judge import ProgramJudge
from .reasons import FAILS, UNKNOWN, Reason, decisive, reason_of, unique, verdict_of
from .refusals import CodeRefusals, RecordRefusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult

    from .demand import Answer, Demand
    from .kernel.kernel import Kernel
    from .object.code import Place
    from .object.facts import ObjectFacts, Program
    from .program.events import Walk

ATTACH_OK, ATTACH_FAILS = "ok", "fails"
_OBJECT_WIDE = frozenset((d.BYTE_ORDER, d.KFUNC, d.KSYM, d.KCONFIG))
_MOST_SHARED = 1000
"""Reasons of the object and its maps that are told of each program, where there are more."""
_RECORDS_ALONE = 20_000
"""Records that are resolved for single programs: some 0.6 s."""
_MANY_RECORDS = Reason(
    d.CORE_RELO, "records", UNKNOWN, "too many records to be resolved for this program alone", "btfview"
)


@frozen
class PartVerdict:
    """A map or a program."""

    name: str
    section: str
    verdict: str
    reasons: tuple[Reason, ...]
    attach: str = ""
    """Of a program that loads: ATTACH_OK, ATTACH_FAILS or UNKNOWN; empty where libbpf does not attach it by
    itself."""
    attach_why: str = ""
    is_wanted: bool = True
    """libbpf loads it when nothing is switched."""
    is_followed: bool = False
    """A program's instructions were followed: what it comes to is known."""


@frozen
class Verdict:
    """What becomes of an object on a kernel."""

    verdict: str
    reasons: tuple[Reason, ...]
    maps: tuple[PartVerdict, ...]
    programs: tuple[PartVerdict, ...]
    answers: tuple[Answer, ...]
    """To the demands of the object, in their order."""


def judge(
    facts: ObjectFacts,
    demands: Sequence[Demand],
    kernel: Kernel,
    relos: Sequence[LocalRelo],
    results: Sequence[ReloResult],
) -> Verdict:
    """Return the verdict on an object; *results* are those of its records *relos* on the same kernel."""
    return _Judge(facts, demands, kernel, relos, results).judge()


class _Judge:
    def __init__(
        self,
        facts: ObjectFacts,
        demands: Sequence[Demand],
        kernel: Kernel,
        relos: Sequence[LocalRelo],
        results: Sequence[ReloResult],
    ) -> None:
        self._facts = facts
        self._kernel = kernel
        self._relos = relos
        self._results = results
        self._answers = tuple(Answered(demand, demand.ask.answer(kernel)) for demand in demands)
        self._of_map: dict[str, list[Answered]] = {}
        for answered in self._answers:
            if answered.demand.kind in (d.MAP_TYPE, d.STRUCT_OPS):
                self._of_map.setdefault(answered.demand.subject, []).append(answered)
        self._records = RecordRefusals(facts, kernel, relos, results)
        self._programs = ProgramJudge(
            facts, kernel, self._answers, CodeRefusals(facts, kernel, self._answers), Steps()
        )
        self._read_alone()

    def _read_alone(self) -> None:
        """Find the records that others change."""
        self._at: dict[Place, list[int]] = {}
        self._alone: set[Place] = set()
        self._in_text: list[int] = []
        self._is_text_alone = False
        self._records_left = _RECORDS_ALONE
        if not any(result.alone for result in self._results):
            return
        for index, (local, result) in enumerate(zip(self._relos, self._results, strict=True)):
            place = (local.relo.section, local.relo.insn_off)
            self._at.setdefault(place, []).append(index)
            if result.alone:
                self._alone.add(place)
            if place[0] == TEXT:
                self._in_text.append(index)
                self._is_text_alone |= result.alone is not None
        self._record_places = PlaceIndex(self._at)

    def judge(self) -> Verdict:
        of_object = tuple(self._object_reasons())
        of_maps = {one.name: tuple(self._map_reasons(one.name)) for one in self._facts.maps}
        of_ops = {ops.name: tuple(self._map_reasons(ops.name)) for ops in self._facts.ops_maps}
        own = {
            program.name: self._programs.reasons(program, self._records) for program in self._facts.programs
        }
        wanted = self._wanted()
        whole = [*of_object, *(reason for reasons in of_maps.values() for reason in reasons)]
        shared = unique(whole)[:_MOST_SHARED]
        for ops in self._facts.ops_maps:
            whole += () if ops.is_optional else of_ops[ops.name]
        for program in self._facts.programs:
            whole += decisive(own[program.name][0]) if program.name in wanted else ()
        whole += self._records.refused_of(wanted)
        reasons = unique(whole)
        maps = [_part(one.name, "", (*of_object, *of_maps[one.name])) for one in self._facts.maps]
        for ops in self._facts.ops_maps:
            mine = [*of_object, *of_ops[ops.name]]
            programs = {member.program for member in ops.members if member.program}
            for name in programs:
                mine += own[name][0] if name in own else ()
            mine += self._records.refused_of(programs)
            maps.append(_part(ops.name, ops.section, mine, is_wanted=not ops.is_optional))
        parts = []
        for program in self._facts.programs:
            found, walked = own[program.name]
            records = self._records_of(program)
            if records is None:
                found = [*found, _MANY_RECORDS]
            elif records is not self._records:
                found, walked = self._programs.reasons(program, records)
            mine = [*shared, *found, *(records or self._records).refused_of({program.name})]
            if program.prog_type == "STRUCT_OPS":
                mine += [one for ops in self._facts.ops_of(program.name) for one in of_ops[ops]]
            is_wanted = program.name in wanted
            part = _part(program.name, program.function.section, mine, is_wanted=is_wanted)
            part = replace(part, is_followed=walked is not None)
            parts.append(self._with_attach(part, program, walked))
        answers = tuple(answered.answer for answered in self._answers)
        return Verdict(verdict_of(reasons), reasons, tuple(maps), tuple(parts), answers)

    def _records_of(self, program: Program) -> RecordRefusals | None:
        """Return the records of *program* alone, where those of others change what they find (a record that
        matched drops candidates for those after it); all, where they do not; None where it would take too
        long to tell."""
        if not self._alone:
            return self._records
        places = self._record_places.within(program.joined)
        if self._alone.isdisjoint(places) and not self._is_text_alone:
            return self._records
        kept = sorted({*self._in_text, *(index for place in places for index in self._at[place])})
        self._records_left -= len(kept) + len(self._facts.externs) + 1
        if self._records_left < 0:
            return None
        relos = tuple(self._relos[index] for index in kept)
        results = resolve_relos(self._facts.object, relos, self._kernel.btf)
        return RecordRefusals(self._facts, self._kernel, relos, results)

    # -- the object --------------------------------------------------------------------------

    def _object_reasons(self) -> Iterator[Reason]:
        for answered in self._answers:
            if answered.demand.kind in _OBJECT_WIDE:
                yield from reason_of(answered)
        if section := needs_missing_btf(self._facts.object):
            why = f"libbpf needs the object's BTF for its section {section}, and there is none"
            instead = "compile it with debug information: clang -g"
            yield Reason(d.OBJECT_BTF, section, FAILS, why, "libbpf libbpf_needs_btf", instead)
        if not self._facts.ops_maps:
            return  # libbpf goes on without the object's BTF where nothing needs it
        for first in btf_problems(self._facts.object)[:1]:
            why = f"the kernel refuses the BTF, which struct_ops needs: [{first.type_id}] {first.why}"
            yield Reason(d.OBJECT_BTF, first.name, FAILS, why, "kernel btf_check_all_metas")

    def _map_reasons(self, name: str) -> Iterator[Reason]:
        for subject in (name, f"{name}.inner"):
            for answered in self._of_map.get(subject, ()):
                yield from reason_of(answered)
        one = self._facts.maps_named.get(name)
        if one and (why := why_not_created(one)):
            yield Reason(d.MAP_DEFINITION, name, FAILS, why, MAP_RULE, "set it before loading, or here")

    def _wanted(self) -> set[str]:
        """Return the programs that libbpf loads when nothing is switched
        (``bpf_object_adjust_struct_ops_autoload``)."""
        wanted = {program.name for program in self._facts.programs if not program.is_optional}
        for program in self._facts.programs:
            users = self._facts.ops_of(program.name)
            if users and program.prog_type == "STRUCT_OPS":
                if all(self._facts.ops_named[name].is_optional for name in users):
                    wanted.discard(program.name)
                else:
                    wanted.add(program.name)
        return wanted

    def _with_attach(self, part: PartVerdict, program: Program, walked: Walk | None) -> PartVerdict:
        if program.section is None or part.verdict == FAILS:
            return part
        events = walked.events if walked else ()
        ends = [event.offset + event.size for event in events if event.what == CONTEXT_READ]
        answer = attach_answer(self._kernel, program.section, max(ends, default=0))
        if answer is None:
            return part
        word = {"met": ATTACH_OK, "not met": ATTACH_FAILS}.get(answer.status, UNKNOWN)
        return replace(part, attach=word, attach_why=answer.why)


def _part(name: str, section: str, reasons: Iterable[Reason], *, is_wanted: bool = True) -> PartVerdict:
    found = unique(reasons)
    return PartVerdict(name, section, verdict_of(found), found, is_wanted=is_wanted)
