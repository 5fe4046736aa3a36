"""Resolve the records of an object on a target, in file order, as libbpf does.

The order matters: all records of one root type share a list of candidates, and once a record has matched,
candidates that did not match are dropped for the records after it (libbpf: ``bpf_core_calc_relo_insn``).
Where a record alone would be answered differently, that answer is kept beside the other.
"""

from __future__ import annotations

from btfview.bpf.object import BpfObject
from btfview.btf.kinds import CoreReloKind
from btfview.frozen import TYPE_CHECKING, replace
from btfview.words import plural

from .access_spec import AccessSpec, RefusedError
from .candidates import Candidate, CandidateFinder
from .local import DECLARED_ONLY, LocalRelo
from .names import essential_name
from .outcome import Ambiguous, CandidateTrace, Missing, Refused, ReloResult, Resolved, Trace
from .patch import CannotResizeError, Patch, patch_insn, poison_insn
from .spec_match import SpecMatch, match_spec
from .values import SpecValue, calc_value, can_resize_load, with_whole_arrays

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

    from .outcome import Outcome


def resolve_relos(
    obj: BpfObject,
    relos: tuple[LocalRelo, ...],
    target: Btf,
    *,
    is_old_loader: bool = False,
    finds_reach: bool = True,
) -> tuple[ReloResult, ...]:
    """Return the result of each record of *relos* (all of *obj*'s, in file order) on *target*; with an old
    loader as libbpf 1.1 does, which compares whole arrays where a load may change its width. Whether the
    verifier comes to what is poisoned takes a walk through the program: *finds_reach* asks for it."""
    return _Resolver(obj, target, is_old_loader).resolve_all(relos, finds_reach=finds_reach)


class _Resolver:
    def __init__(self, obj: BpfObject, target: Btf, is_old_loader: bool) -> None:
        self._obj = obj
        self._is_old_loader = is_old_loader
        self._local = obj.btf
        self._is_little_endian = obj.is_little_endian
        self._target = target
        self._finder = CandidateFinder(target)
        self._found: dict[int, list[Candidate]] = {}
        self._pruned: dict[int, list[Candidate]] = {}
        self._results: dict[tuple[int, str, CoreReloKind, bytes, int], ReloResult] = {}
        self._matches: dict[tuple[int, str, CoreReloKind | None, int], SpecMatch] = {}

    def resolve_all(self, relos: tuple[LocalRelo, ...], *, finds_reach: bool) -> tuple[ReloResult, ...]:
        self._finder.prepare({relo.type_name for relo in relos if not relo.problem})
        results: list[ReloResult] = []
        loaded: dict[tuple[str, int], bytes] = {}
        for relo in relos:
            # A second record on an instruction meets what the first has made of it.
            place = (relo.relo.section, relo.relo.insn_off)
            code = loaded.get(place, relo.code)
            result = self._resolve(relo if code == relo.code else replace(relo, code=code))
            loaded[place] = result.insn_after
            results.append(result)
        if finds_reach and any(
            result.outcome.value is None for result in results
        ):  # else there is nothing to reach
            from .reach import find_reach

            for index, reach in find_reach(self._obj, relos, results, self._target):
                results[index] = replace(results[index], reach=reach)
        return tuple(results)

    def _resolve(self, relo: LocalRelo) -> ReloResult:
        if relo.problem or relo.spec is None or relo.kind is None:
            outcome = Refused(relo.problem or "", Trace("The record itself is at fault, on every target."))
            return ReloResult(outcome, relo.code)
        if relo.kind == CoreReloKind.TYPE_ID_LOCAL:
            # The one kind that looks at no target: an id in the object's own BTF, as libbpf loads it.
            trace = Trace("A local type id is the same on every target.")
            return self._patched(relo, Resolved(relo.relo.type_id, None, trace), relo.value)
        type_id = relo.relo.type_id
        if type_id not in self._found:
            self._found[type_id] = self._finder.find(self._local, type_id)
            self._pruned[type_id] = self._found[type_id]
        everything, candidates = self._found[type_id], self._pruned[type_id]
        # Candidates only ever become fewer, so their number tells which are left.
        key = (type_id, relo.relo.access_str, relo.kind, relo.code, len(candidates))
        known = self._results.get(key)
        if known is None:
            known = self._results[key] = self._resolve_new(relo, everything, candidates)
        return known

    def _resolve_new(
        self, relo: LocalRelo, everything: list[Candidate], candidates: list[Candidate]
    ) -> ReloResult:
        """Return the result of a record that is the first of its kind."""
        result, matched = self._resolve_among(relo, candidates, len(everything))
        if matched:
            self._pruned[relo.relo.type_id] = matched
        if len(candidates) == len(everything):
            return result
        alone = self._resolve_among(relo, everything, len(everything))[0].outcome
        same = (alone.status, alone.value) == (result.outcome.status, result.outcome.value)
        return result if same else ReloResult(result.outcome, result.insn_after, alone)

    def _resolve_among(
        self, relo: LocalRelo, candidates: list[Candidate], found: int
    ) -> tuple[ReloResult, list[Candidate]]:
        """Return the result, and the candidates that matched if all agree."""
        assert relo.spec is not None
        assert relo.kind is not None
        traces: list[CandidateTrace] = []
        matches: list[tuple[Candidate, AccessSpec, SpecValue]] = []

        def stop(outcome: Outcome) -> tuple[ReloResult, list[Candidate]]:
            return ReloResult(outcome, relo.code), []

        for candidate in candidates:
            btf, type_id = candidate.btf, candidate.type_id
            label, name = btf.kind(type_id).label, btf.name(type_id)
            try:
                match = self._match(relo, relo.spec, relo.kind, candidate)
                value = None
                if match.spec is not None:
                    value = calc_value(btf, match.spec, relo.kind, is_little_endian=self._is_little_endian)
            except RefusedError as error:
                traces.append(CandidateTrace(type_id, label, name, (), f"refused: {error}", False))
                return stop(Refused(str(error), Trace("libbpf stops at the first error.", tuple(traces))))
            verdict = match.problem or "every step is there, with a compatible type"
            is_match = match.spec is not None
            traces.append(
                CandidateTrace(type_id, label, name, match.steps, verdict, is_match, match.spec, match.lost)
            )
            if match.spec is None or value is None:
                continue
            if matches and (why := _why_ambiguous(matches[0][1], matches[0][2], match.spec, value)):
                trace = Trace("All candidates that match must give the same answer.", tuple(traces))
                return stop(Ambiguous(f"{matches[0][0].type_id} and {type_id} disagree: {why}", trace))
            matches.append((candidate, match.spec, value))

        trace = Trace(_summary(len(candidates), len(matches), found), tuple(traces))
        if not matches:
            return self._missing(relo, trace), []
        candidate, spec, value = matches[0]
        outcome = Resolved(value.value, spec, trace)
        return self._patched(relo, outcome, value, candidate.btf), [match[0] for match in matches]

    def _match(
        self, relo: LocalRelo, spec: AccessSpec, kind: CoreReloKind, candidate: Candidate
    ) -> SpecMatch:
        # Programs ask for one field several times, and whether it exists before where it is: the walk is one.
        key = (relo.relo.type_id, relo.relo.access_str, None if kind.is_field else kind, candidate.type_id)
        match = self._matches.get(key)
        if match is None:
            match = match_spec(self._local, spec, kind, candidate.btf, candidate.type_id)
            self._matches[key] = match
        return match

    def _missing(self, relo: LocalRelo, trace: Trace) -> ReloResult:
        assert relo.kind is not None
        reason = _why_missing(relo, trace)
        if relo.kind.is_existence or relo.kind.is_type:
            return self._patched(relo, Missing(0, reason, trace), SpecValue(0))
        poison = poison_insn(relo.code, is_little_endian=self._is_little_endian)
        return ReloResult(Missing(None, reason, trace), poison)

    def _patched(
        self, relo: LocalRelo, outcome: Resolved | Missing, new: SpecValue | None, target: Btf | None = None
    ) -> ReloResult:
        assert relo.value is not None
        assert new is not None
        local = relo.value
        if self._is_old_loader:
            local = with_whole_arrays(self._local, local)
            new = with_whole_arrays(target, new) if target is not None else new
        can_resize = local.byte_size == new.byte_size or (
            target is not None and can_resize_load(self._local, local.type_id, target, new.type_id)
        )
        patch = Patch(local.value, new.value, local.is_validated, local.byte_size, new.byte_size, can_resize)
        try:
            return ReloResult(outcome, patch_insn(relo.code, patch, is_little_endian=self._is_little_endian))
        except RefusedError as error:
            return ReloResult(Refused(str(error), outcome.trace), relo.code)
        except CannotResizeError:
            there = f"has {new.byte_size} bytes" if new.byte_size else "is a bitfield"
            here = f"{local.byte_size} bytes" if local.byte_size else "a bitfield"
            reason = (
                f"the field {there} there, {here} in the program, and only "
                "loads of pointers and unsigned integers may change their width"
            )
            poison = poison_insn(relo.code, is_little_endian=self._is_little_endian)
            return ReloResult(Refused(reason, outcome.trace, True, outcome.target_spec), poison)


def _why_ambiguous(
    spec: AccessSpec, value: SpecValue, other: AccessSpec, other_value: SpecValue
) -> str | None:
    if spec.bit_offset != other.bit_offset:
        return f"the field is at byte {spec.bit_offset // 8} of one and {other.bit_offset // 8} of the other"
    if value.value != other_value.value:
        return f"the value is {value.value} by one and {other_value.value} by the other"
    return None


def _summary(candidates: int, matches: int, found: int) -> str:
    if not found:
        return "No type of the target has this name and kind."
    pruned = f" ({found - candidates} dropped by an earlier record)" if found > candidates else ""
    return f"{plural(candidates, 'candidate')} of the same name and kind{pruned}, {matches} matched."


def _why_missing(relo: LocalRelo, trace: Trace) -> str:
    if trace.candidates:
        return "; ".join(dict.fromkeys(candidate.verdict for candidate in trace.candidates))
    name = relo.type_name
    if relo.type_kind == DECLARED_ONLY:
        return f"{name} is only declared in the program, without a body: that stands for no definition"
    if "____" in name and essential_name(name) == name:
        return f"no {relo.type_kind} {name} in the target: four underscores make no flavor, three do"
    return f"no {relo.type_kind} {name} in the target"
