"""Whether an object loads on a kernel, and each of its maps and programs: demands, records and rules.

The object as libbpf loads it when nothing is switched on or off; a map or a program as if it alone were
wanted. Externs are resolved for the whole object, and all of its maps are made before any program is loaded.
"""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE
from btfview.bpf.reach import Reach
from btfview.bpf.references import References
from btfview.btf import types as t
from btfview.core_relo.names import essential_name
from btfview.core_relo.outcome import Ambiguous, Missing, Refused
from btfview.core_relo.patch import patch_code
from btfview.core_relo.resolve import resolve_relos
from btfview.frozen import TYPE_CHECKING, frozen, replace

from . import demand as d
from .collect import ops_type
from .demand import Answered, Met, NotMet, Unknown, trimmed
from .kernel.releases import LAZY_GLOBAL_FUNCTIONS
from .kinds.attach import attach_answer
from .kinds.attach_targets import AttachTarget
from .kinds.ksyms import Ksym
from .kinds.lists import ARENA, HelperCall
from .object.code import MAP, TEXT
from .object.externs import FUNCTION
from .object.map_rules import RULE as MAP_RULE
from .object.map_rules import why_not_created
from .object.object_rules import btf_problems, functions_without_info
from .program.arguments import ContextModel
from .program.events import CONTEXT_READ
from .program.program_rules import NO_EXIT, ProgramRules
from .program.surroundings import KernelSurroundings
from .program.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult

    from .demand import Answer, Demand
    from .kernel.kernel import Kernel
    from .object.code import Function, Place, RawInsn
    from .object.facts import ObjectFacts, Program
    from .program.reached import Reached
    from .program.walk import Walk

LOADS, FAILS, UNKNOWN = "loads", "fails", "unknown"
ATTACH_OK, ATTACH_FAILS = "ok", "fails"
_OBJECT_WIDE = frozenset((d.BYTE_ORDER, d.KFUNC, d.KSYM, d.KCONFIG))
_OF_PROGRAM = frozenset((d.SECTION, d.PROG_TYPE, d.ATTACH_TARGET, d.CALLBACK))
_GPL_TYPES = frozenset(("LSM", "STRUCT_OPS"))
_CONTEXT_STRUCTS = frozenset(
    (
        "__sk_buff",
        "xdp_md",
        "bpf_sock_addr",
        "bpf_sock_ops",
        "sk_msg_md",
        "bpf_sock",
        "bpf_sockopt",
        "bpf_sysctl",
    )
)


@frozen
class Reason:
    """Why something does not load, or why it is not known whether it does."""

    demand: str
    """The kind: :data:`.demand.HELPER` and its like."""
    subject: str
    verdict: str
    """FAILS or UNKNOWN: what this reason alone makes of it."""
    why: str
    rule: str
    """The function of libbpf or of the kernel."""
    instead: str = ""
    place: Place | None = None
    """The instruction; None where it is no instruction's."""
    is_trimmed: bool = False
    """Another BTF of the same kernel would tell: this one was trimmed."""


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
        self._demands = demands
        self._relos = relos
        self._results = results
        self._answers = tuple(Answered(demand, demand.ask.answer(kernel)) for demand in demands)
        self._overlay: dict[Place, RawInsn] = {}
        self._hidden: dict[Place, str] = {}
        self._stops: dict[Place, Reason] = {}
        self._refused: list[Reason] = []
        """Records that libbpf refuses, and the program with them."""
        self._structs: dict[Place, str] = {}
        self._read_records(relos, results)
        self._read_code()
        self._patched = patch_code(facts.object, [local.relo for local in relos], results)
        self._reached: Reached | None = None
        self._ops = {ops.name: ops_type(facts, ops.name) for ops in facts.ops_maps}

    def judge(self) -> Verdict:
        of_object = tuple(self._object_reasons())
        of_maps = {one.name: tuple(self._map_reasons(one.name)) for one in self._facts.maps}
        all_maps = tuple(reason for reasons in of_maps.values() for reason in reasons)
        own = {program.name: self._program_reasons(program) for program in self._facts.programs}
        alone = {program.name: self._alone(program) for program in self._facts.programs}
        of_ops = {ops.name: tuple(self._map_reasons(ops.name)) for ops in self._facts.ops_maps}
        wanted = self._wanted()
        whole = [*of_object, *all_maps]
        for ops in self._facts.ops_maps:
            whole += () if ops.is_optional else of_ops[ops.name]
        for program in self._facts.programs:
            whole += _decisive(own[program.name][0]) if program.name in wanted else ()
        whole += self._refused_of(wanted)
        reasons = _unique(whole)
        maps = [_part(one.name, "", (*of_object, *of_maps[one.name])) for one in self._facts.maps]
        for ops in self._facts.ops_maps:
            mine = [*of_object, *of_ops[ops.name]]
            programs = {member.program for member in ops.members if member.program}
            for name in programs:
                mine += own[name][0] if name in own else ()
            mine += self._refused_of(programs)
            maps.append(_part(ops.name, ops.section, mine, is_wanted=not ops.is_optional))
        parts = []
        for program in self._facts.programs:
            found, walked = own[program.name]
            judge_alone = alone[program.name]
            if judge_alone is not None:
                found, walked = judge_alone._program_reasons(program)
            refused = (judge_alone or self)._refused_of({program.name})
            mine = [*of_object, *all_maps, *found, *refused]
            if program.prog_type == "STRUCT_OPS":
                mine += [one for ops in self._ops_of(program.name) for one in of_ops[ops]]
            is_wanted = program.name in wanted
            part = _part(program.name, program.function.section, mine, is_wanted=is_wanted)
            part = replace(part, is_followed=walked is not None)
            parts.append(self._with_attach(part, program, walked))
        answers = tuple(answered.answer for answered in self._answers)
        return Verdict(_verdict_of(reasons), reasons, tuple(maps), tuple(parts), answers)

    def _alone(self, program: Program) -> _Judge | None:
        """Return one that knows the records of *program* alone, where those of others change what they find
        (a record that matched drops candidates for those after it); None where they do not."""
        if not any(result.alone for result in self._results):
            return None
        kept = [
            index
            for index, local in enumerate(self._relos)
            if local.relo.section == TEXT or _holds(program, (local.relo.section, local.relo.insn_off))
        ]
        if not any(self._results[index].alone for index in kept):
            return None
        relos = tuple(self._relos[index] for index in kept)
        results = resolve_relos(self._facts.object, relos, self._kernel.btf)
        return _Judge(self._facts, self._demands, self._kernel, relos, results)

    # -- the object --------------------------------------------------------------------------

    def _object_reasons(self) -> Iterator[Reason]:
        for answered in self._answers:
            if answered.demand.kind in _OBJECT_WIDE:
                yield from _reason_of(answered)
        if not self._facts.ops_maps:
            return  # libbpf goes on without the object's BTF where nothing needs it
        for first in btf_problems(self._facts.object)[:1]:
            why = f"the kernel refuses the BTF, which struct_ops needs: [{first.type_id}] {first.why}"
            yield Reason(d.OBJECT_BTF, first.name, FAILS, why, "kernel btf_check_all_metas")

    def _map_reasons(self, name: str) -> Iterator[Reason]:
        for answered in self._answers:
            demand = answered.demand
            if demand.kind in (d.MAP_TYPE, d.STRUCT_OPS) and demand.subject in (name, f"{name}.inner"):
                yield from _reason_of(answered)
        for one in self._facts.maps:
            if one.name == name and (why := why_not_created(one)):
                yield Reason(d.MAP_DEFINITION, name, FAILS, why, MAP_RULE, "set it before loading, or here")

    def _wanted(self) -> set[str]:
        """Return the programs that libbpf loads when nothing is switched
        (``bpf_object_adjust_struct_ops_autoload``)."""
        wanted = {program.name for program in self._facts.programs if not program.is_optional}
        for program in self._facts.programs:
            users = [ops for ops in self._facts.ops_maps if program.name in {m.program for m in ops.members}]
            if users and program.prog_type == "STRUCT_OPS":
                is_wanted = any(not ops.is_optional for ops in users)
                wanted = wanted | {program.name} if is_wanted else wanted - {program.name}
        return wanted

    def _ops_of(self, program: str) -> list[str]:
        return [ops.name for ops in self._facts.ops_maps if program in {m.program for m in ops.members}]

    # -- records -----------------------------------------------------------------------------

    def _read_records(self, relos: Sequence[LocalRelo], results: Sequence[ReloResult]) -> None:
        code = self._facts.code
        has_ksyms = any(extern.what == FUNCTION for extern in self._facts.externs)
        for local, result in zip(relos, results, strict=True):
            relo, outcome = local.relo, result.outcome
            place = (relo.section, relo.insn_off)
            if local.kind is not None and local.kind.is_field and local.type_name:
                self._structs[place] = essential_name(local.type_name)
            is_trimmed = (
                isinstance(outcome, Missing) and not outcome.trace.candidates and self._kernel.is_trimmed
            )
            if is_trimmed:
                why = f"this BTF was trimmed: it lacks {local.type_kind} {local.type_name}"
                if outcome.is_poisoned:
                    self._stops[place] = Reason(
                        d.CORE_RELO, local.path, UNKNOWN, why, _PATCH, "", place, is_trimmed=True
                    )
                else:
                    self._hidden[place] = why
                continue
            if outcome.is_poisoned and result.reach == Reach.DEAD and not has_ksyms:
                continue  # followed already, by rules that know no more of externs than that they are there
            if outcome.is_poisoned:
                reason = outcome.reason or ""
                self._stops[place] = Reason(d.CORE_RELO, local.path, FAILS, reason, _POISON, "", place)
            elif isinstance(outcome, Ambiguous | Refused):
                self._refused.append(
                    Reason(d.CORE_RELO, local.path, FAILS, outcome.reason or "", _PATCH, "", place)
                )
            if result.insn_after != local.code and not outcome.is_poisoned:
                for index, insn in enumerate(code.decode(result.insn_after)):
                    if insn is not None:
                        self._overlay[relo.section, relo.insn_off + index * INSN_SIZE] = insn

    def _refused_of(self, programs: Iterable[str]) -> list[Reason]:
        """Return the records that libbpf refuses while it loads *programs*: theirs, and those of all
        functions that can be called, whoever calls them."""
        found = []
        wanted = set(programs)
        for reason in self._refused:
            assert reason.place is not None
            function = self._facts.object.function_at(*reason.place)
            if function is None:
                continue  # libbpf skips what a linker left of an overridden function
            is_callable = reason.place[0] == TEXT and len(self._facts.programs) > 0
            if is_callable or function.name in wanted:
                found.append(reason)
        return found

    # -- code --------------------------------------------------------------------------------

    def _read_code(self) -> None:
        """Find the instructions that the verifier refuses where they are reached."""
        self._early: dict[Place, Reason] = {}
        """Those that it refuses wherever they stand."""
        by_number: dict[int, Answer] = {}
        for answered in self._answers:
            ask = answered.demand.ask
            if isinstance(ask, HelperCall):
                by_number[ask.number] = answered.answer
        refused = {number: answer for number, answer in by_number.items() if not isinstance(answer, Met)}
        unresolved = self._unresolved()
        for function in self._facts.code.functions.values():
            for at, number in function.helpers:
                if number in refused:
                    self._stop((function.section, at), d.HELPER, HelperCall(number).subject, refused[number])
            for at, ref in function.refs:
                if ref.name in unresolved and ref.what == "extern":
                    self._stop_extern((function.section, at), ref.name, unresolved[ref.name])
        self._read_new_insns()

    def _read_new_insns(self) -> None:
        from .kinds.instructions import NewInsn, find_new_insns

        refused = {
            answered.demand.ask: answered.answer
            for answered in self._answers
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
                    self._early[place] = _as_reason(d.INSTRUCTION, insn.word, refused[insn], place)
                else:
                    self._stop(place, d.INSTRUCTION, insn.word, refused[insn])

    def _stop(self, place: Place, kind: str, subject: str, answer: Answer) -> None:
        self._stops[place] = _as_reason(kind, subject, answer, place)

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
                found[extern.name] = NotMet(why, "libbpf poison_kfunc_call", _guard(extern.name))
            elif is_resolved is None:
                found[extern.name] = trimmed("it has no functions", "libbpf poison_kfunc_call")
            elif KFUNC_ADDRESSES.has_come(self._kernel) is False:
                why = f"kernels before 6.4 refuse to ask whether there is {ksym.wanted_name}"
                found[extern.name] = NotMet(why, "kernel check_pseudo_btf_id")
        return found

    def _stop_extern(self, place: Place, name: str, answer: Answer) -> None:
        insn = self._facts.code.insns(place[0])[place[1] // INSN_SIZE]
        is_call = insn is not None and insn[0] == 0x85
        is_resolved = answer.rule == "kernel check_pseudo_btf_id"
        if is_call and not is_resolved:
            self._stop(place, d.KFUNC, name, answer)
        elif not is_call and is_resolved:
            self._early[place] = _as_reason(d.KFUNC, name, answer, place)

    # -- programs ----------------------------------------------------------------------------

    def _program_reasons(self, program: Program) -> tuple[list[Reason], Walk | None]:
        reasons = [
            reason
            for answered in self._answers
            if answered.demand.kind in _OF_PROGRAM and program.name in answered.demand.programs
            for reason in _reason_of(answered)
        ]
        if program.section is None:
            return reasons, None
        place = program.function.place
        if program.prog_type in _GPL_TYPES and not self._facts.is_gpl:
            why = f"programs of type {program.prog_type} must be under the GPL"
            reasons.append(
                Reason(d.LICENSE, program.name, FAILS, why, "kernel check_attach_btf_id", "", place)
            )
        if program.prog_type == "STRUCT_OPS" and not self._ops_of(program.name):
            why = "no struct_ops map points to it, so libbpf does not know which member it is"
            reasons.append(
                Reason(d.STRUCT_OPS, program.name, FAILS, why, "libbpf bpf_object_load_prog", "", place)
            )
        if program.prog_type == "STRUCT_OPS" and program.section.kind.is_sleepable:
            why = "whether programs of this member may sleep is not in BTF"
            reasons.append(
                Reason(d.STRUCT_OPS, program.name, UNKNOWN, why, "kernel check_struct_ops_btf_id", "", place)
            )
        for name, callee in functions_without_info(self._facts):
            if name == program.name:
                why = f"{callee}() has no func_info, though the program has; libbpf refuses it"
                reasons.append(
                    Reason(d.OBJECT_BTF, callee, FAILS, why, "libbpf bpf_object__reloc_code", "", place)
                )
        if self._facts.is_old_loader:
            reasons += self._arena_reasons(program)
        for function in program.joined:
            reasons += [
                reason
                for at, reason in self._early.items()
                if at[0] == function.section and function.start <= at[1] < function.end
            ]
        reasons += self._global_functions(program)
        found = self._walk(program)
        if found is not None:
            walked, troubles = found
            reasons += troubles
            return reasons, walked
        return reasons, None

    def _arena_reasons(self, program: Program) -> Iterator[Reason]:
        arenas = {one.name for one in self._facts.maps if one.type_number == ARENA}
        for function in program.joined:
            for at, ref in function.refs:
                if ref.what == MAP and ref.name in arenas:
                    why = "libbpf 1.1 does not map arenas, so the verifier refuses programs that use one"
                    place = (function.section, at)
                    yield Reason(d.MAP_TYPE, ref.name, FAILS, why, "kernel resolve_pseudo_ldimm64", "", place)

    def _walk(self, program: Program) -> tuple[Walk, list[Reason]] | None:
        """Follow a program: joined, which is fast, where nothing is in the way; else path by path."""
        model = self._model(program)
        has_globals = any(function.is_global for function in program.joined[1:])
        is_eager = has_globals and LAZY_GLOBAL_FUNCTIONS.has_come(self._kernel) is False
        around = KernelSurroundings(
            self._facts,
            self._kernel,
            self._overlay,
            self._hidden,
            self._stops,
            prog_type=program.prog_type,
            model=model,
            checks_globals_always=is_eager,
        )
        rules = ProgramRules(
            self._facts, self._kernel, program, model, lambda place: self._structs.get(place, "")
        )
        walked = walk(self._facts.jumps, program.function, around, is_joined=True)
        troubles = self._troubles(walked, rules)
        if troubles or walked.has_loops:
            exact = walk(self._facts.jumps, program.function, around)
            is_open = exact.has_open_loop and not self._has_iterator(program)
            if exact.is_exact:
                walked, troubles = exact, self._troubles(exact, rules)
            if walked.has_loops and (is_open or not exact.is_exact):
                why = "it has loops that are too long, or hang on too much, to be followed here"
                place = program.function.place
                troubles.append(Reason(d.VERIFIER, "loop", UNKNOWN, why, "kernel do_check", "", place))
        return walked, [*self._stopped(program), *troubles]

    def _has_iterator(self, program: Program) -> bool:
        """Tell whether a program's loops may be ones that the verifier knows to end: of open-coded iterators,
        and of may_goto."""
        names = {ref.name for function in program.joined for _, ref in function.refs}
        return any(name.startswith("bpf_iter_") and name.endswith("_next") for name in names) or any(
            answered.demand.subject == "may_goto" and program.name in answered.demand.programs
            for answered in self._answers
        )

    def _stopped(self, program: Program) -> Iterator[Reason]:
        """Yield the instructions that the verifier refuses, where it comes to them."""
        places = [place for place in self._stops if _holds(program, place)]
        if not places:
            return
        if self._reached is None:
            from .program.reached import Reached

            self._reached = Reached(self._facts, self._kernel, References(self._facts.object), self._patched)
        hidden = next((why for place, why in self._hidden.items() if _holds(program, place)), "")
        reached = self._reached.of(program, places)
        for place in places:
            reason, reach = self._stops[place], reached.get(place, Reach.DEAD)
            if hidden:
                reach, why = Reach.MAYBE, hidden
            elif reach <= Reach.OTHERWISE:
                continue  # dead, or only when the loader sets .rodata otherwise
            else:
                why = "it may be dead code"
            if reach == Reach.MAYBE and reason.verdict == FAILS:
                reason = replace(reason, verdict=UNKNOWN, why=f"{reason.why}; {why}")
            yield reason

    def _troubles(self, walked: Walk, rules: ProgramRules) -> list[Reason]:
        is_stopped = any(place in walked.reached for place in self._stops)
        return [
            _as_reason(kind, subject, answer, place)
            for kind, subject, answer, place in rules.troubles(walked)
            if not (is_stopped and subject == NO_EXIT)
        ]

    def _model(self, program: Program) -> ContextModel | None:
        section = program.section
        assert section is not None
        if program.prog_type == "STRUCT_OPS":
            for name in self._ops_of(program.name):
                found = self._ops[name].proto_of(self._kernel, program.name)
                if found:
                    return ContextModel(self._kernel, found[0], found[1], "STRUCT_OPS", program.name)
            return None
        if not section.kind.needs_btf:
            return None
        target = AttachTarget(section, self._facts.is_old_loader)
        found_target = target.find(self._kernel)
        proto = self._kernel.proto(found_target) if found_target else None
        if found_target is None or proto is None:
            return None
        name = section.target.rpartition(":")[2]
        return ContextModel(self._kernel, found_target.btf, proto, section.kind.attach_type, name)

    def _global_functions(self, program: Program) -> Iterator[Reason]:
        """Yield the functions that the verifier looks at by themselves, where their arguments are more than
        numbers (``btf_prepare_func_args``)."""
        rule = "kernel btf_prepare_func_args"
        for function in program.joined[1:]:
            if not function.is_global:
                continue
            why = self._why_doubtful(function)
            if why:
                yield Reason(
                    d.GLOBAL_FUNCTION, function.name, UNKNOWN, why, rule, "make it static", function.place
                )

    def _why_doubtful(self, function: Function) -> str | None:
        btf = self._facts.object.btf
        for type_id in btf.ids_named(function.name):
            func = btf.type(type_id)
            if not isinstance(func, t.Func):
                continue
            proto = btf.type(func.type_id)
            if not isinstance(proto, t.FuncProto):
                continue
            if not proto.type_id:
                return f"the global function {function.name} returns nothing, which older verifiers refuse"
            for param in proto.params:
                behind = btf.skip_modifiers(param.type_id)
                if not isinstance(behind, t.Ptr):
                    continue
                pointee = btf.skip_modifiers(behind.type_id)
                if not (isinstance(pointee, t.Struct) and pointee.name in _CONTEXT_STRUCTS):
                    return f"the global function {function.name} takes a pointer: verifiers differ in that"
        return None

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


def _holds(program: Program, place: Place) -> bool:
    return any(
        function.section == place[0] and function.start <= place[1] < function.end
        for function in program.joined
    )


_PATCH = "libbpf bpf_core_patch_insn"
_POISON = "libbpf bpf_core_poison_insn, then the kernel's verifier"


def _guard(name: str) -> str:
    return f"ask first: if (bpf_ksym_exists({name}))"


def _reason_of(answered: Answered) -> Iterator[Reason]:
    """Yield why a demand stands in the way, if it does."""
    demand, answer = answered.demand, answered.answer
    if isinstance(answer, Met) or answer.is_hint:
        return
    yield _as_reason(demand.kind, demand.subject, answer, demand.place)


def _as_reason(kind: str, subject: str, answer: Answer, place: Place | None) -> Reason:
    verdict = FAILS if isinstance(answer, NotMet) else UNKNOWN
    is_trimmed = isinstance(answer, Unknown) and answer.is_trimmed
    return Reason(kind, subject, verdict, answer.why, answer.rule, answer.instead, place, is_trimmed)


def _part(name: str, section: str, reasons: Iterable[Reason], *, is_wanted: bool = True) -> PartVerdict:
    unique = _unique(reasons)
    return PartVerdict(name, section, _verdict_of(unique), unique, is_wanted=is_wanted)


def _decisive(reasons: list[Reason]) -> list[Reason]:
    """Return what fails a program; where nothing does, what may."""
    return [reason for reason in reasons if reason.verdict == FAILS] or reasons


def _unique(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return each reason once, those that decide before the others."""
    found = tuple(dict.fromkeys(reasons))
    return (*(one for one in found if one.verdict == FAILS), *(one for one in found if one.verdict != FAILS))


def _verdict_of(reasons: Sequence[Reason]) -> str:
    if any(reason.verdict == FAILS for reason in reasons):
        return FAILS
    return UNKNOWN if reasons else LOADS
