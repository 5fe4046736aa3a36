"""What aya makes of an object on a kernel."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE, LDDW
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.access_spec import AccessSpec, RefusedError
from btfview.core_relo.loaders.answer import LoadEnd, LoaderAnswer, first_refusal
from btfview.core_relo.loaders.names import AYA
from btfview.core_relo.outcome import (
    Ambiguous,
    CandidateTrace,
    Missing,
    Refused,
    ReloResult,
    Resolved,
    Trace,
)
from btfview.core_relo.patch import poison_insn
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .candidates import AyaCandidates
from .link import why_not_linked
from .parse import why_not_parsed
from .patch import write_value
from .paths import match_path, parse_path
from .values import AyaValue, compute_value

if TYPE_CHECKING:
    from btfview.bpf.object import BpfObject
    from btfview.btf.ext import CoreRelo
    from btfview.btf.reader import Btf
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import Outcome

_LAST_KIND = CoreReloKind.ENUMVAL_VALUE


def resolve_as_aya(obj: BpfObject, relos: tuple[LocalRelo, ...], target: Btf) -> LoaderAnswer:
    """Return what aya makes of *relos*, all of *obj*'s records, on *target*.

    The object may end the load before any record is looked at (``Object::parse``): then that is told, and of
    the records what they would have become.
    """
    resolver = _Resolver(obj, target)
    end = why_not_parsed(obj) or resolver.why_unreadable()
    if end:
        refused = Refused(end, Trace("aya does not come to the records."))
        return LoaderAnswer(AYA, tuple(ReloResult(refused, r.code) for r in relos), LoadEnd(end))
    results = resolver.resolve_all(relos)
    unknown = next((relo.relo for relo in relos if _is_unknown(relo.relo)), None)
    known_end = LoadEnd(_unknown_kind(unknown), unknown.index) if unknown else first_refusal(results)
    if known_end is None and (why := why_not_linked(obj)):
        known_end = LoadEnd(why, is_late=True)
    return LoaderAnswer(AYA, results, known_end)


def _is_unknown(relo: CoreRelo) -> bool:
    return relo.kind is None or relo.kind > _LAST_KIND


def _unknown_kind(relo: CoreRelo) -> str:
    return f"invalid BTF relocation kind `{relo.kind_number}`: {relo.kind_label} is unknown to aya"


class _Resolver:
    def __init__(self, obj: BpfObject, target: Btf) -> None:
        self._obj = obj
        self._local = obj.btf
        self._target = target.root
        self._finder = AyaCandidates(target)
        self._found: dict[int, list[int]] = {}

    def why_unreadable(self) -> str | None:
        """Return why aya cannot read the object's BTF or the kernel's: it reads in its machine's byte order,
        which is taken for little-endian (aya: ``read_btf_header``)."""
        if not self._obj.is_little_endian or not self._target.is_little_endian:
            return "BTF error: error parsing BTF header: aya reads in the machine's byte order"
        return None

    def resolve_all(self, relos: tuple[LocalRelo, ...]) -> tuple[ReloResult, ...]:
        self._finder.prepare({relo.type_name for relo in relos})
        results: list[ReloResult] = []
        loaded: dict[tuple[str, int], bytes] = {}
        for local in relos:
            relo = local.relo
            place = (relo.section, relo.insn_off // INSN_SIZE)
            code = loaded.get(place) or self._code_of(relo)
            try:
                result = self._resolve(relo, code)
            except RefusedError as error:
                result = ReloResult(Refused(str(error), Trace("aya stops at the first error.")), code)
            except BtfFormatError as error:
                result = ReloResult(Refused(error.problem, Trace("aya stops at the first error.")), code)
            loaded[place] = result.insn_after
            results.append(result)
        return tuple(results)

    def _code_of(self, relo: CoreRelo) -> bytes:
        """Return the instruction, of an ldimm64 both halves; empty where no function holds it. An offset
        within an instruction is taken for its start (aya: ``relocate_btf_functions``)."""
        start = relo.insn_off // INSN_SIZE * INSN_SIZE
        function = self._obj.function_at(relo.section, start)
        if function is None:
            return b""
        code = self._obj.code(relo.section)[start : function.value + function.size]
        size = 2 * INSN_SIZE if code[:1] == bytes((LDDW,)) else INSN_SIZE
        return code[:size] if len(code) >= size else b""

    def _resolve(self, relo: CoreRelo, code: bytes) -> ReloResult:
        if _is_unknown(relo):
            raise RefusedError(_unknown_kind(relo))
        kind = relo.kind
        assert kind is not None
        if not code:
            raise RefusedError("function not found, or an invalid instruction index")
        path = parse_path(self._local, relo.type_id, relo.access_str, kind)
        if kind == CoreReloKind.TYPE_ID_LOCAL:
            own = AyaValue(path.root_type_id)
            trace = Trace("A local type id is the same on every target.")
            return self._written(code, Resolved(own.value, None, trace), own, own)
        candidates = self._found.get(relo.type_id)
        if candidates is None:
            candidates = self._found[relo.type_id] = self._finder.find(self._local, relo.type_id)
        return self._resolve_among(relo, kind, path, candidates, code)

    def _resolve_among(
        self, relo: CoreRelo, kind: CoreReloKind, path: AccessSpec, candidates: list[int], code: bytes
    ) -> ReloResult:
        target = self._target
        traces: list[CandidateTrace] = []
        matches: list[tuple[int, AccessSpec, AyaValue | None]] = []
        for type_id in candidates:
            label, name = target.kind(type_id).label, target.name(type_id)
            fit = match_path(self._local, path, kind, target, type_id)
            verdict = fit.why or "every step is there, with a compatible type"
            traces.append(CandidateTrace(type_id, label, name, (), verdict, fit.spec is not None, fit.spec))
            if fit.spec is not None:
                matches.append((type_id, fit.spec, self._value_or_none(fit.spec, kind)))
        trace = Trace(_summary(len(candidates), len(matches)), tuple(traces))
        spec = matches[0][1] if matches else None
        new = matches[0][2] if matches else self._value_or_none(None, kind)
        if not kind.is_type:
            was: AyaValue | None = compute_value(self._local, path, kind)
        else:
            # Of a type, aya takes the kernel's value for the local one as well, and fails where there is none
            # (aya: ComputedRelocation::new).
            was = new if new is not None else compute_value(target, spec, kind)
        if why := _why_ambiguous(matches):
            return ReloResult(Ambiguous(why, trace), code)
        return self._result(relo, kind, code, trace, spec, was, new)

    def _value_or_none(self, spec: AccessSpec | None, kind: CoreReloKind) -> AyaValue | None:
        """Return the value; None where it cannot be had, which makes poison."""
        try:
            return compute_value(self._target, spec, kind)
        except RefusedError:
            return None

    def _result(
        self,
        relo: CoreRelo,
        kind: CoreReloKind,
        code: bytes,
        trace: Trace,
        spec: AccessSpec | None,
        was: AyaValue | None,
        new: AyaValue | None,
    ) -> ReloResult:
        name = self._local.name(relo.type_id) or "(anonymous)"
        reason = "; ".join(dict.fromkeys(c.verdict for c in trace.candidates if not c.is_match))
        reason = reason or f"no {self._local.kind(relo.type_id).label} {name} in the kernel"
        if new is None or was is None:
            if spec is not None:
                reason = f"it was found, but {kind.label} cannot be computed of it"
            poison = poison_insn(code, is_little_endian=True)
            return ReloResult(Missing(None, reason, trace), poison)
        outcome: Resolved | Missing = (
            Resolved(new.value, spec, trace) if spec is not None else Missing(new.value, reason, trace)
        )
        return self._written(code, outcome, was, new)

    def _written(self, code: bytes, outcome: Resolved | Missing, was: AyaValue, new: AyaValue) -> ReloResult:
        try:
            return ReloResult(outcome, write_value(code, self._local, was, self._target, new))
        except RefusedError as error:
            refused: Outcome = Refused(str(error), outcome.trace)
            return ReloResult(refused, code)


def _why_ambiguous(matches: list[tuple[int, AccessSpec, AyaValue | None]]) -> str | None:
    for type_id, spec, value in matches[1:]:
        first_id, first, first_value = matches[0]
        both = f"{first_id} and {type_id} disagree"
        if spec.bit_offset != first.bit_offset:
            here, there = first.bit_offset // 8, spec.bit_offset // 8
            return f"{both}: the field is at byte {here} of one and {there} of the other"
        if value is not None and first_value is not None and value.value != first_value.value:
            return f"{both}: the value is {first_value.value} by one and {value.value} by the other"
    return None


def _summary(candidates: int, matches: int) -> str:
    if not candidates:
        return "No type of the kernel has this name and kind."
    return f"{plural(candidates, 'candidate')} of the same name and kind, {matches} matched."
