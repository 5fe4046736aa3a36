"""What cilium/ebpf makes of an object on a kernel (``CORERelocate`` for each of its programs)."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE, LDDW
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.loaders.answer import LoadEnd, LoaderAnswer
from btfview.core_relo.loaders.names import CILIUM
from btfview.core_relo.outcome import Ambiguous, CandidateTrace, Missing, Refused, ReloResult, Resolved, Trace
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.words import plural

from .fixups import Fixup, absent, calc_fixup, check_type_accessor, parse_accessor
from .parse import why_not_parsed
from .patch import apply_fixup
from .programs import link_programs
from .types import essential_name, in_words, type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import Outcome


@frozen
class ProgramResult:
    """What becomes of one record in one program."""

    program: str
    record: int
    """Index among the object's records."""
    result: ReloResult


def resolve_as_cilium(obj: BpfObject, relos: tuple[LocalRelo, ...], target: Btf) -> LoaderAnswer:
    """Return what cilium/ebpf makes of *relos*, all of *obj*'s records, on *target*.

    A record of a function that several programs call has the answer of the first of them.
    """
    if why := why_not_parsed(obj):
        refused = Refused(why, Trace("cilium/ebpf does not come to the records."))
        return LoaderAnswer(CILIUM, tuple(ReloResult(refused, relo.code) for relo in relos), LoadEnd(why))
    found: dict[int, ReloResult] = {}
    end: LoadEnd | None = None
    for answer in resolve_programs(obj, target):
        found.setdefault(answer.record, answer.result)
        outcome = answer.result.outcome
        if end is None and outcome.value is None and not outcome.is_poisoned:
            end = LoadEnd(f"program {answer.program}: {outcome.reason}", answer.record)
    apart = Refused(
        "no program that is loaded has it, so nothing is written",
        Trace("cilium/ebpf passes it over."),
        is_passed_over=True,
    )
    results = tuple(found.get(relo.relo.index) or ReloResult(apart, relo.code) for relo in relos)
    return LoaderAnswer(CILIUM, results, end)


def resolve_programs(obj: BpfObject, target: Btf) -> Iterator[ProgramResult]:
    """Yield what becomes of each record in each program; the object is one that is taken."""
    resolver = _Resolver(obj, target)
    for program in link_programs(obj):
        results = resolver.resolve(program.records)
        for record in program.records:
            yield ProgramResult(program.name, record, results[record])


class _EndedError(Exception):
    """The records of one type end the load."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class _Resolver:
    def __init__(self, obj: BpfObject, target: Btf) -> None:
        self._obj = obj
        self._local = obj.btf
        self._target = target
        self._flavored: dict[str, list[str]] = {}
        for name in target.strings_containing("___"):
            if essential_name(name) != name:
                self._flavored.setdefault(essential_name(name), []).append(name)
        roots = {obj.btf.name(relo.type_id) for relo in obj.core_relos}
        target.index_names({name for root in roots for name in self._names(essential_name(root))} - {""})
        self._fixups: dict[tuple[int, int], tuple[Fixup | None, str]] = {}

    def resolve(self, records: tuple[int, ...]) -> dict[int, ReloResult]:
        """Return the results of the records of one program."""
        relos = self._obj.core_relos
        groups: dict[int, list[int]] = {}
        results: dict[int, ReloResult] = {}
        local_ids: dict[int, int] = {0: 0}
        for index in records:
            if relos[index].kind == CoreReloKind.TYPE_ID_LOCAL:
                results[index] = self._local_id(index, local_ids)
            else:
                groups.setdefault(relos[index].type_id, []).append(index)
        for type_id, group in groups.items():
            results.update(self._resolve_group(type_id, group))
        return results

    def _local_id(self, index: int, local_ids: dict[int, int]) -> ReloResult:
        """Resolve an id of a local type: that in a BTF which is made for the program, where types are
        numbered as its records ask for them (cilium/ebpf: ``Builder.Add``)."""
        relo, trace = self._obj.core_relos[index], Trace("A local type id is one in the program's own BTF.")
        try:
            self._check_byte_order()
            check_type_accessor(parse_accessor(relo.access_str))
        except RefusedError as error:
            return self._ended(index, Refused(f"local_type_id: {error}", trace))
        number = local_ids.setdefault(relo.type_id, len(local_ids))
        fixup = Fixup(relo.kind, relo.type_id, number)
        return self._applied(index, Resolved(number, None, trace), fixup)

    def _check_byte_order(self) -> None:
        if self._obj.is_little_endian != self._target.is_little_endian:
            raise RefusedError("can't relocate one byte order against another")

    def _resolve_group(self, type_id: int, group: list[int]) -> dict[int, ReloResult]:
        local = self._local.type(type_id)
        name = type_name(local)
        try:
            self._check_byte_order()
            if not name:
                raise RefusedError(f"relocate unnamed or anonymous type {in_words(local)}: not supported")
            candidates = self._candidates(essential_name(name))
            best, fixups = self._choose(group, candidates)
        except RefusedError as error:
            outcome = Refused(str(error), Trace("cilium/ebpf stops at the first error."))
            return {index: self._ended(index, outcome) for index in group}
        except BtfFormatError as error:  # a type of that name is damaged
            outcome = Refused(error.problem, Trace("cilium/ebpf stops at the first error."))
            return {index: self._ended(index, outcome) for index in group}
        except _EndedError as error:
            return {index: self._ended(index, error.outcome) for index in group}
        return {
            index: self._result(index, candidates, best, fixup)
            for index, fixup in zip(group, fixups, strict=True)
        }

    def _candidates(self, name: str) -> list[int]:
        """Return the types with that essential name, of whatever kind, the kernel's first, then those of its
        modules (cilium/ebpf: ``TypesByName``)."""
        ids = {found for spelling in self._names(name) for found in self._target.ids_named(spelling)}
        return self._target.in_id_order(found for found in ids if type_name(self._target.type(found)))

    def _names(self, name: str) -> list[str]:
        # The index has a name that begins with ``___`` and has no other under no name at all.
        own = [name] if name and essential_name(name) == name and not name.startswith("___") else []
        return [*own, *self._flavored.get(name, ())]

    def _choose(self, group: list[int], candidates: list[int]) -> tuple[int | None, list[Fixup]]:
        """Return the candidate that serves all records of *group* best, and what they become by it
        (cilium/ebpf: ``coreCalculateFixups``).

        Raises:
            RefusedError, _EndedError: the load ends.
        """
        best: int | None = None
        best_score, best_fixups = len(group), [absent(self._kind(index), "") for index in group]
        for candidate in candidates:
            fixups = [self._fixup(index, candidate) for index in group]
            score = sum(fixup.is_lost for fixup in fixups)
            if score < best_score:
                best, best_score, best_fixups = candidate, score, fixups
            elif score == best_score and best is not None:
                for index, mine, other in zip(group, best_fixups, fixups, strict=True):
                    if not mine.agrees(other):
                        raise _EndedError(self._ambiguous(index, group, best, candidate, mine, other))
        return best, best_fixups

    def _ambiguous(
        self, index: int, group: list[int], best: int, candidate: int, mine: Fixup, other: Fixup
    ) -> Ambiguous:
        relo = self._obj.core_relos[index]
        values = [
            "poison" if fixup.is_poison else f"{fixup.orig_val}->{fixup.new_val}" for fixup in (mine, other)
        ]
        reason = (
            f"{best} and {candidate} disagree on {relo.kind_label} of record {index}: {' and '.join(values)}"
        )
        rule = f"Candidates that leave as little to poison must agree on {plural(len(group), 'record')}."
        traces = tuple(self._trace(index, found, found in (best, candidate)) for found in (best, candidate))
        return Ambiguous(reason, Trace(rule, traces))

    def _kind(self, index: int) -> CoreReloKind | None:
        return self._obj.core_relos[index].kind

    def _fixup(self, index: int, candidate: int) -> Fixup:
        key = (index, candidate)
        if key not in self._fixups:
            relo = self._obj.core_relos[index]
            try:
                accessor = parse_accessor(relo.access_str)
                is_le = self._obj.is_little_endian
                fixup = calc_fixup(self._local, relo, accessor, self._target, candidate, is_le=is_le)
                self._fixups[key] = fixup, ""
            except RefusedError as error:
                self._fixups[key] = None, f"{relo.kind_label} of record {index}: {error}"
            except BtfFormatError as error:
                self._fixups[key] = None, f"{relo.kind_label} of record {index}: {error.problem}"
        found, why = self._fixups[key]
        if found is None:
            raise RefusedError(why)
        return found

    def _trace(self, index: int, candidate: int, is_match: bool) -> CandidateTrace:
        found = self._target.type(candidate)
        fixup = self._fixup(index, candidate)
        verdict = fixup.why or ("it has what is asked for" if is_match else "another leaves less to poison")
        return CandidateTrace(candidate, found.kind.label, found.name, (), verdict, is_match)

    def _result(self, index: int, candidates: list[int], best: int | None, fixup: Fixup) -> ReloResult:
        relo = self._obj.core_relos[index]
        traces = tuple(self._trace(index, found, found == best and not fixup.is_lost) for found in candidates)
        trace = Trace(_summary(len(candidates), best), traces)
        why = fixup.why or "; ".join(dict.fromkeys(found.verdict for found in traces))
        why = why or f"no type {essential_name(self._local.name(relo.type_id))} in the kernel"
        if fixup.is_lost:
            return self._applied(index, Missing(None if fixup.is_poison else 0, why, trace), fixup)
        return self._applied(index, Resolved(fixup.new_val, None, trace), fixup)

    def _applied(self, index: int, outcome: Resolved | Missing, fixup: Fixup) -> ReloResult:
        code = self._code(index)
        try:
            return ReloResult(outcome, apply_fixup(code, fixup, is_little_endian=self._obj.is_little_endian))
        except RefusedError as error:
            return ReloResult(Refused(str(error), outcome.trace), code)

    def _ended(self, index: int, outcome: Outcome) -> ReloResult:
        return ReloResult(outcome, self._code(index))

    def _code(self, index: int) -> bytes:
        relo = self._obj.core_relos[index]
        code = self._obj.code(relo.section)[relo.insn_off : relo.insn_off + 2 * INSN_SIZE]
        return code if code[:1] == bytes((LDDW,)) else code[:INSN_SIZE]


def _summary(candidates: int, best: int | None) -> str:
    if not candidates:
        return "No type of the kernel or its modules has this name."
    counted = f"{plural(candidates, 'type')} of this name"
    if best is None:
        return f"{counted}; none has anything of what the program asks of it."
    return f"{counted}; [{best}] leaves least to poison of all that the program asks of it."
