"""Whether one program of an object loads: its own demands, what it reads and calls, where it stops."""

from __future__ import annotations

from btfview.bpf.reach import Reach
from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING, replace

from . import demand as d
from .collect import ops_type
from .kernel.releases import LAZY_GLOBAL_FUNCTIONS
from .kinds.attach_targets import AttachTarget
from .kinds.lists import ARENA
from .object.code import MAP
from .object.jumps import MAX_FRAMES
from .object.object_rules import functions_without_info
from .program.arguments import ContextModel
from .program.program_rules import NO_EXIT, ProgramRules
from .program.stack import MAX_STACK
from .program.surroundings import KernelSurroundings
from .program.walk import walk
from .reasons import FAILS, UNKNOWN, Reason, as_reason, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .demand import Answered
    from .kernel.kernel import Kernel
    from .object.code import Function, Place
    from .object.facts import ObjectFacts, Program
    from .object.sections import ProgramSection
    from .program.events import Walk
    from .program.reached import Reached
    from .program.walk import Steps
    from .refusals import CodeRefusals, RecordRefusals

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
_PRIVATE_STACKS = frozenset(
    ("KPROBE", "TRACEPOINT", "PERF_EVENT", "RAW_TRACEPOINT", "TRACING", "LSM", "STRUCT_OPS")
)
"""Types whose functions may have a stack each since 6.13 (``bpf_enable_priv_stack``)."""
_STACK_RULE = "kernel check_max_stack_depth"


class ProgramJudge:
    """Judges programs, with what is known of the object and kernel."""

    def __init__(
        self,
        facts: ObjectFacts,
        kernel: Kernel,
        answers: Sequence[Answered],
        refusals: CodeRefusals,
        steps: Steps,
    ) -> None:
        self._facts = facts
        self._kernel = kernel
        self._refusals = refusals
        self._steps = steps
        self._of_program: dict[str, list[Answered]] = {}
        self._with_may_goto: set[str] = set()
        for answered in answers:
            if answered.demand.kind in _OF_PROGRAM:
                for name in answered.demand.programs:
                    self._of_program.setdefault(name, []).append(answered)
            elif answered.demand.subject == "may_goto":
                self._with_may_goto |= set(answered.demand.programs)
        self._without_info: dict[str, list[str]] = {}
        for name, callee in functions_without_info(facts):
            self._without_info.setdefault(name, []).append(callee)
        self._reached: Reached | None = None

    def reasons(self, program: Program, records: RecordRefusals) -> tuple[list[Reason], Walk | None]:
        """Return what stands in the way of *program*, and how it was followed; None where it was not.
        *records* are those that count for it."""
        reasons = [
            reason for answered in self._of_program.get(program.name, ()) for reason in reason_of(answered)
        ]
        if program.section is None:
            return reasons, None
        reasons += self._own_reasons(program, program.section)
        if self._facts.is_old_loader:
            reasons += self._arena_reasons(program)
        reasons += self._refusals.early_of(program)
        reasons += self._global_functions(program)
        walked, troubles = self._follow(program, records)
        return reasons + troubles, walked

    def _own_reasons(self, program: Program, section: ProgramSection) -> Iterator[Reason]:
        place = program.function.place
        if program.prog_type in _GPL_TYPES and not self._facts.is_gpl:
            why = f"programs of type {program.prog_type} must be under the GPL"
            yield Reason(d.LICENSE, program.name, FAILS, why, "kernel check_attach_btf_id", "", place)
        if program.prog_type == "STRUCT_OPS" and not self._facts.ops_of(program.name):
            why = "no struct_ops map points to it, so libbpf does not know which member it is"
            yield Reason(d.STRUCT_OPS, program.name, FAILS, why, "libbpf bpf_object_load_prog", "", place)
        if program.prog_type == "STRUCT_OPS" and section.kind.is_sleepable:
            why = "whether programs of this member may sleep is not in BTF"
            yield Reason(
                d.STRUCT_OPS, program.name, UNKNOWN, why, "kernel check_struct_ops_btf_id", "", place
            )
        for callee in self._without_info.get(program.name, ()):
            why = f"{callee}() has no func_info, though the program has; libbpf refuses it"
            yield Reason(d.OBJECT_BTF, callee, FAILS, why, "libbpf bpf_object__reloc_code", "", place)
        if calls := self._facts.jumps.too_deep(program.function):
            names = [program.name, *map(self._callee_at, calls)]
            why = f"the call stack of {len(names)} frames is too deep, {MAX_FRAMES} are the most: "
            why += " → ".join(names)
            yield Reason(d.VERIFIER, "calls", FAILS, why, _STACK_RULE, "inline one of them", calls[-1])

    def _callee_at(self, place: Place) -> str:
        """Return the name of the function that is called at *place*."""
        caller = self._facts.code.function_at(place)
        ref = dict(caller.refs).get(place[1]) if caller else None
        callee = self._facts.code.functions.get((ref.name, ref.offset)) if ref else None
        return callee.name if callee else "?"

    def _arena_reasons(self, program: Program) -> Iterator[Reason]:
        arenas = {one.name for one in self._facts.maps if one.type_number == ARENA}
        for function in program.joined:
            for at, ref in function.refs:
                if ref.what == MAP and ref.name in arenas:
                    why = "libbpf 1.1 does not map arenas, so the verifier refuses programs that use one"
                    place = (function.section, at)
                    yield Reason(d.MAP_TYPE, ref.name, FAILS, why, "kernel resolve_pseudo_ldimm64", "", place)

    def _follow(self, program: Program, records: RecordRefusals) -> tuple[Walk, list[Reason]]:
        """Follow a program: joined, which is fast, where nothing is in the way; else path by path."""
        model = self._model(program)
        has_globals = any(function.is_global for function in program.joined[1:])
        is_eager = has_globals and LAZY_GLOBAL_FUNCTIONS.has_come(self._kernel) is False
        stops = {**records.stops_of(program), **self._refusals.stops_of(program)}
        around = KernelSurroundings(
            self._facts,
            self._kernel,
            records.insns,
            records.hidden,
            stops,
            prog_type=program.prog_type,
            model=model,
            checks_globals_always=is_eager,
        )
        rules = ProgramRules(
            self._facts, self._kernel, program, model, lambda place: records.structs.get(place, "")
        )
        jumps, function = self._facts.jumps, program.function
        walked = walk(jumps, function, around, self._steps, is_joined=True)
        troubles = _troubles(walked, rules, stops)
        if troubles or walked.has_loops:
            exact = walk(jumps, function, around, self._steps)
            is_open = exact.has_open_loop and not self._has_iterator(program)
            if exact.is_exact:
                walked, troubles = exact, _troubles(exact, rules, stops)
            if walked.has_loops and (is_open or not exact.is_exact):
                why = "it has loops that are too long, or hang on too much, to be followed here"
                troubles.append(
                    Reason(d.VERIFIER, "loop", UNKNOWN, why, "kernel do_check", "", function.place)
                )
        troubles += self._stack_reasons(program, walked, records)
        if not walked.is_complete:
            why = "it is too large, or the object's programs together are, to be followed to its end here"
            troubles.append(Reason(d.VERIFIER, "size", UNKNOWN, why, "kernel do_check", "", function.place))
        return walked, [*self._stopped(program, stops, records), *troubles]

    def _stack_reasons(self, program: Program, walked: Walk, records: RecordRefusals) -> Iterator[Reason]:
        """Yield that the functions of a chain of calls take too much stack together. What is never reached
        takes none; newer kernels give some types of programs a stack for each function."""
        depth, place = walked.stack, program.function.place
        if depth.most <= MAX_STACK:
            return
        why = f"combined stack size of its calls is {depth.most}: {MAX_STACK} bytes are the most"
        is_private = program.prog_type in _PRIVATE_STACKS and not self._is_before_private_stacks()
        if is_private:
            why += " before 6.13"
        elif depth.least <= MAX_STACK:
            why += ", of which it may use less"
        else:
            reached = self._reach(program, depth.places, records)
            if all(reached.get(one) == Reach.CERTAIN for one in depth.places):
                why = f"combined stack size of its calls is {depth.least}. Too large"
                yield Reason(
                    d.VERIFIER, "stack", FAILS, why, _STACK_RULE, "keep large variables in a map", place
                )
                return
        yield Reason(d.VERIFIER, "stack", UNKNOWN, why, _STACK_RULE, "", place)

    def _is_before_private_stacks(self) -> bool:
        release = self._kernel.release
        return release is not None and (release.major, release.minor) < (6, 13)

    def _reach(
        self, program: Program, places: Iterable[Place], records: RecordRefusals
    ) -> dict[Place, Reach]:
        """Return how the verifier comes to those of *places* that it may come to."""
        if self._reached is None:
            from .program.reached import Reached

            self._reached = Reached(self._facts, self._kernel)
        return self._reached.of(program, places, records.patched)

    def _has_iterator(self, program: Program) -> bool:
        """Tell whether a program's loops may be ones that the verifier knows to end: of open-coded iterators,
        and of may_goto."""
        names = {ref.name for function in program.joined for _, ref in function.refs}
        return program.name in self._with_may_goto or any(
            name.startswith("bpf_iter_") and name.endswith("_next") for name in names
        )

    def _stopped(
        self, program: Program, stops: Mapping[Place, Reason], records: RecordRefusals
    ) -> Iterator[Reason]:
        """Yield the instructions that the verifier refuses, where it comes to them."""
        if not stops:
            return
        hidden = records.hidden_of(program)
        reached = self._reach(program, stops, records)
        for place, reason in stops.items():
            reach = reached.get(place, Reach.DEAD)
            if hidden:
                reach, why = Reach.MAYBE, hidden
            elif reach <= Reach.OTHERWISE:
                continue  # dead, or only when the loader sets .rodata otherwise
            else:
                why = "it may be dead code"
            if reach == Reach.MAYBE and reason.verdict == FAILS:
                yield replace(reason, verdict=UNKNOWN, why=f"{reason.why}; {why}")
            else:
                yield reason

    def _model(self, program: Program) -> ContextModel | None:
        section = program.section
        assert section is not None
        if program.prog_type == "STRUCT_OPS":
            for name in self._facts.ops_of(program.name):
                found = ops_type(self._facts, name).proto_of(self._kernel, program.name)
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


def _troubles(walked: Walk, rules: ProgramRules, stops: Mapping[Place, Reason]) -> list[Reason]:
    is_stopped = not stops.keys().isdisjoint(walked.reached.keys())
    return [
        as_reason(kind, subject, answer, place)
        for kind, subject, answer, place in rules.troubles(walked)
        if not (is_stopped and subject == NO_EXIT)
    ]
