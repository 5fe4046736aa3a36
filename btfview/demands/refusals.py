"""The instructions of an object that the verifier refuses, or libbpf: by records, helpers, externs, age."""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE
from btfview.bpf.reach import Reach
from btfview.core_relo.names import essential_name
from btfview.core_relo.outcome import Ambiguous, Missing, Refused
from btfview.core_relo.patch import patch_code
from btfview.frozen import TYPE_CHECKING

from . import demand as d
from .demand import Met, NotMet, trimmed
from .kinds.ksyms import Ksym
from .kinds.lists import HelperCall
from .object.code import EXTERN, TEXT
from .object.externs import FUNCTION
from .object.places import PlaceIndex
from .reasons import FAILS, UNKNOWN, Reason, as_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult

    from .demand import Answer, Answered
    from .kernel.kernel import Kernel
    from .object.code import Place, RawInsn
    from .object.facts import ObjectFacts, Program

_PATCH = "libbpf bpf_core_patch_insn"
_POISON = "libbpf bpf_core_poison_insn, then the kernel's verifier"
POISON_CALL = "libbpf poison_kfunc_call"
"""The rule of a weak kfunc that is called where it is not."""
_PSEUDO_ID = "kernel check_pseudo_btf_id"
_IS_VISITED = "kernel is_state_visited"
_MOST_IN_TEXT = 100
"""Records of functions that can be called that are told of each program, where libbpf refuses more."""


class CodeRefusals:
    """What the code asks for and the kernel lacks, whatever becomes of the records."""

    def __init__(self, facts: ObjectFacts, kernel: Kernel, answers: Sequence[Answered]) -> None:
        self._facts = facts
        self._kernel = kernel
        self.stops: dict[Place, Reason] = {}
        """Instructions that the verifier refuses where it comes to them."""
        self.early: dict[Place, Reason] = {}
        """Those that it refuses wherever they stand."""
        self._read_calls(answers)
        self._read_new_insns(answers)
        self._read_endless()
        self._index = PlaceIndex(self.stops)
        self._early_index = PlaceIndex(self.early)

    def stops_of(self, program: Program) -> dict[Place, Reason]:
        return {place: self.stops[place] for place in self._index.within(program.joined)}

    def early_of(self, program: Program) -> list[Reason]:
        return [self.early[place] for place in self._early_index.within(program.joined)]

    def _read_calls(self, answers: Sequence[Answered]) -> None:
        refused = {
            answered.demand.ask.number: answered.answer
            for answered in answers
            if isinstance(answered.demand.ask, HelperCall) and not isinstance(answered.answer, Met)
        }
        unresolved = self._unresolved()
        if not refused and not unresolved:
            return
        for function in self._facts.code.functions.values():
            for at, number in function.helpers:
                if number in refused:
                    self._stop((function.section, at), d.HELPER, HelperCall(number).subject, refused[number])
            for at, ref in function.refs:
                if ref.name in unresolved and ref.what == EXTERN:
                    self._stop_extern((function.section, at), ref.name, unresolved[ref.name])

    def _read_new_insns(self, answers: Sequence[Answered]) -> None:
        from .kinds.instructions import NewInsn, find_new_insns

        refused = {
            answered.demand.ask: answered.answer
            for answered in answers
            if isinstance(answered.demand.ask, NewInsn) and not isinstance(answered.answer, Met)
        }
        if not refused:
            return
        for function in self._facts.code.functions.values():
            for at, insn in find_new_insns(self._facts.code, function):
                if insn not in refused:
                    continue
                place = (function.section, at)
                if insn.is_always_refused(self._kernel):
                    self.early[place] = as_reason(d.INSTRUCTION, insn.word, refused[insn], place)
                else:
                    self._stop(place, d.INSTRUCTION, insn.word, refused[insn])

    def _read_endless(self) -> None:
        for function in self._facts.code.functions.values():
            for place in self._facts.jumps.endless(function):
                why = "infinite loop detected: nothing leads out of it, whatever the values"
                reason = Reason(d.VERIFIER, "loop", FAILS, why, _IS_VISITED, "give it a way out", place)
                self.stops.setdefault(place, reason)

    def _stop(self, place: Place, kind: str, subject: str, answer: Answer) -> None:
        self.stops[place] = as_reason(kind, subject, answer, place)

    def _unresolved(self) -> dict[str, Answer]:
        """Return the functions among the externs whose calls libbpf poisons, or whose address older kernels
        refuse to give."""
        from .kernel.releases import KFUNC_ADDRESSES

        found: dict[str, Answer] = {}
        for extern in self._facts.externs:
            if extern.what != FUNCTION or not extern.is_weak:
                continue  # a strong one that is missing fails the object as such
            ksym = Ksym(self._facts.object.btf, extern, self._facts.is_old_loader)
            is_resolved = ksym.is_resolved(self._kernel)
            if is_resolved is False:
                why = f"{ksym.wanted_name} is not there, or has another prototype: its call is poisoned"
                found[extern.name] = NotMet(why, POISON_CALL, _guard(extern.name))
            elif is_resolved is None:
                found[extern.name] = trimmed("it has no functions", POISON_CALL)
            elif KFUNC_ADDRESSES.has_come(self._kernel) is False:
                why = f"kernels before 6.4 refuse to ask whether there is {ksym.wanted_name}"
                found[extern.name] = NotMet(why, _PSEUDO_ID)
        return found

    def _stop_extern(self, place: Place, name: str, answer: Answer) -> None:
        insn = self._facts.code.insns(place[0])[place[1] // INSN_SIZE]
        is_call = insn is not None and insn[0] == CALL
        is_resolved = answer.rule == _PSEUDO_ID
        if is_call and not is_resolved:
            self._stop(place, d.KFUNC, name, answer)
        elif not is_call and is_resolved:
            self.early[place] = as_reason(d.KFUNC, name, answer, place)


class RecordRefusals:
    """What becomes of the instructions of records on a kernel."""

    def __init__(
        self,
        facts: ObjectFacts,
        kernel: Kernel,
        relos: Sequence[LocalRelo],
        results: Sequence[ReloResult],
    ) -> None:
        self._facts = facts
        self._records = relos, results
        self._patched: dict[str, bytes] | None = None
        self._written: dict[str, dict[int, RawInsn]] = {}
        """Instructions as libbpf writes them for the kernel, where they are not as compiled, by section and
        number."""
        self._insns: dict[str, list[RawInsn | None]] = {}
        self.hidden: dict[Place, str] = {}
        """Those that load a number which a trimmed BTF does not tell, with the reason."""
        self.stops: dict[Place, Reason] = {}
        """Poisoned ones."""
        self.structs: dict[Place, str] = {}
        """The structs that records of fields speak of."""
        self._refused: list[Reason] = []
        """Records that libbpf refuses, and the program with them."""
        self._read(kernel, relos, results)
        self._index = PlaceIndex(self.stops)
        self._hidden_index = PlaceIndex(self.hidden)
        self._in_text: list[tuple[int, Reason]] = []
        self._of_function: dict[str, list[tuple[int, Reason]]] = {}
        for number, reason in enumerate(self._refused):
            assert reason.place is not None
            function = facts.object.function_at(*reason.place)
            if function is None:
                continue  # libbpf skips what a linker left of an overridden function
            if reason.place[0] == TEXT and facts.programs:
                self._in_text.append((number, reason))
            else:
                self._of_function.setdefault(function.name, []).append((number, reason))

    @property
    def patched(self) -> dict[str, bytes]:
        """The code of the sections that the records change, by name, as libbpf loads it."""
        if self._patched is None:
            relos, results = self._records
            self._patched = patch_code(self._facts.object, [local.relo for local in relos], results)
        return self._patched

    def insns(self, section: str) -> list[RawInsn | None]:
        """Return the instructions of a section as libbpf writes them, one an 8-byte slot."""
        found = self._insns.get(section)
        if found is None:
            found = self._facts.code.insns(section)
            if section in self._written:
                found = found[:]
                for index, insn in self._written[section].items():
                    if index < len(found):  # a record may stand at half an instruction
                        found[index] = insn
            self._insns[section] = found
        return found

    def stops_of(self, program: Program) -> dict[Place, Reason]:
        return {place: self.stops[place] for place in self._index.within(program.joined)}

    def hidden_of(self, program: Program) -> str:
        """Return why a number that *program* loads is not known; empty where all are."""
        places = self._hidden_index.within(program.joined)
        return self.hidden[places[0]] if places else ""

    def refused_of(self, programs: Iterable[str]) -> list[Reason]:
        """Return the records that libbpf refuses while it loads *programs*: theirs, and the first of those of
        all functions that can be called, whoever calls them."""
        found = self._in_text[:_MOST_IN_TEXT]
        for name in set(programs):
            found += self._of_function.get(name, ())
        return [reason for _, reason in sorted(found, key=lambda one: one[0])]

    def _read(self, kernel: Kernel, relos: Sequence[LocalRelo], results: Sequence[ReloResult]) -> None:
        code = self._facts.code
        has_ksyms = any(extern.what == FUNCTION for extern in self._facts.externs)
        for local, result in zip(relos, results, strict=True):
            relo, outcome = local.relo, result.outcome
            place = (relo.section, relo.insn_off)
            if local.kind is not None and local.kind.is_field and local.type_name:
                self.structs[place] = essential_name(local.type_name)
            if isinstance(outcome, Missing) and not outcome.trace.candidates and kernel.is_trimmed:
                why = f"this BTF was trimmed: it lacks {local.type_kind} {local.type_name}"
                if outcome.is_poisoned:
                    self.stops[place] = Reason(
                        d.CORE_RELO, local.path, UNKNOWN, why, _PATCH, "", place, is_trimmed=True
                    )
                else:
                    self.hidden[place] = why
                continue
            if outcome.is_poisoned and result.reach == Reach.DEAD and not has_ksyms:
                continue  # followed already, by rules that know no more of externs than that they are there
            if outcome.is_poisoned:
                reason = outcome.reason or ""
                self.stops[place] = Reason(d.CORE_RELO, local.path, FAILS, reason, _POISON, "", place)
            elif isinstance(outcome, Ambiguous | Refused):
                self._refused.append(
                    Reason(d.CORE_RELO, local.path, FAILS, outcome.reason or "", _PATCH, "", place)
                )
            if result.insn_after != local.code and not outcome.is_poisoned:
                written = self._written.setdefault(relo.section, {})
                for index, insn in enumerate(code.decode(result.insn_after), relo.insn_off // INSN_SIZE):
                    if insn is not None:
                        written[index] = insn


def _guard(name: str) -> str:
    return f"ask first: if (bpf_ksym_exists({name}))"
