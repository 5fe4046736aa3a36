"""What the verifier makes of what a program does: of its events (:mod:`.walk`), one answer each."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.core_relo.names import essential_name
from btfview.demands import demand as d
from btfview.demands.demand import NotMet, Unknown
from btfview.demands.kernel.kernel import KFUNC_TAG
from btfview.demands.kernel.kfunc_rules import ACQUIRING, is_releasing, kfunc_rule
from btfview.demands.kernel.releases import KFUNC_CALLS
from btfview.demands.kinds.ksyms import Ksym
from btfview.demands.kinds.lists import HelperCall, helper_allowed
from btfview.demands.object.code import EXTERN
from btfview.demands.object.externs import FUNCTION
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .arguments import Argument, struct_read_problem
from .events import (
    CONSTANT_WRITE,
    CONTEXT_MOVED,
    CONTEXT_READ,
    CONTEXT_WRITE,
    HELPER_CALLED,
    KERNEL_READ,
    KERNEL_WRITE,
    KFUNC_CALLED,
    NULL_READ,
    PACKET_READ,
    RETURNED,
    SCALAR_READ,
    WILD_READ,
)
from .returns import return_problem
from .values import KERNEL, RANGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from btfview.demands.kernel.kernel import Found, Kernel
    from btfview.demands.object.code import Place
    from btfview.demands.object.facts import ObjectFacts, Program

    from .arguments import ContextModel
    from .events import Event, Walk

    Trouble = tuple[str, str, NotMet | Unknown, Place]
    """Kind of demand, its subject, the answer, where."""

_ATTACH_BTF = frozenset(("TRACING", "LSM", "STRUCT_OPS"))
NO_EXIT = "exit"
"""The subject of what is told of a program that does not come to its end."""
_SIZES = {4: 1, 45: 1, 112: 1, 113: 1, 114: 1, 115: 1, 25: 4, 130: 2, 131: 1, 16: 1}
"""Helpers that take a size, and which of their arguments it is, from 0."""
_MAX_SIZE = 1 << 29
"""BPF_MAX_VAR_SIZ."""
_READ_ONLY_CONTEXTS = frozenset(("RAW_TRACEPOINT", "TRACEPOINT", "TRACING", "LSM", "PERF_EVENT"))
_WRITABLE_SKB = frozenset((8, 12, 32, 44, *range(48, 68), 72, 152))
"""mark, queue_mapping, priority, tc_index, cb, tc_classid and tstamp of struct __sk_buff."""
_PERF, _RINGBUF = frozenset((4,)), frozenset((27,))
_MAPS = {
    12: frozenset((3,)),
    22: _PERF,
    25: _PERF,
    55: _PERF,
    111: _PERF,
    121: _PERF,
    27: frozenset((7,)),
    33: frozenset((8,)),
    37: frozenset((8,)),
    51: frozenset((14, 16, 17, 25)),
    52: frozenset((15,)),
    53: frozenset((15,)),
    60: frozenset((15,)),
    70: frozenset((18,)),
    71: frozenset((18,)),
    72: frozenset((18,)),
    81: frozenset((19, 21)),
    87: frozenset((22, 23, 30)),
    88: frozenset((22, 23)),
    89: frozenset((22, 23, 30)),
    107: frozenset((24,)),
    108: frozenset((24,)),
    145: frozenset((28,)),
    146: frozenset((28,)),
    156: frozenset((29,)),
    157: frozenset((29,)),
    210: frozenset((32,)),
    211: frozenset((32,)),
    130: _RINGBUF,
    131: _RINGBUF,
    134: _RINGBUF,
    198: _RINGBUF,
    209: frozenset((31,)),
}
"""Helpers by number, and the types of maps that they take (``check_map_func_compatibility``)."""
_ACQUIRING_HELPERS = {131: (132, 133), 198: (199, 200), 84: (86,), 85: (86,), 99: (86,)}
"""ringbuf_reserve, ringbuf_reserve_dynptr, sk_lookup_tcp, sk_lookup_udp, skc_lookup_tcp, and what gives back
what they return."""
_STRUCT_WRITERS = frozenset(("STRUCT_OPS",))


@frozen
class ProgramRules:
    """The rules for one program on one kernel."""

    facts: ObjectFacts
    kernel: Kernel
    program: Program
    model: ContextModel | None
    record_struct: Callable[[Place], str]
    """The struct that a CO-RE record at an instruction speaks of; empty without one."""

    def troubles(self, walk: Walk) -> Iterator[Trouble]:
        """Yield what the verifier refuses, or may."""
        names: set[str] = set()
        for event in walk.events:
            found = self._trouble(event, names)
            if found is None:
                continue
            kind, subject, answer = found
            if event.may and isinstance(answer, NotMet):
                answer = Unknown(f"{answer.why}, if it comes to that: it hangs on {event.may}", answer.rule)
            yield kind, subject, answer, event.place
        yield from self._leak(walk, names)
        yield from self._helper_leak(walk)
        if not any(event.what == RETURNED for event in walk.events) and walk.is_complete:
            yield (
                d.VERIFIER,
                NO_EXIT,
                Unknown("no path that is followed here comes to its end", "kernel check_cfg"),
                self.program.function.place,
            )

    def _trouble(self, event: Event, names: set[str]) -> tuple[str, str, NotMet | Unknown] | None:
        what = event.what
        if what == HELPER_CALLED:
            number, sizes, maps = event.value
            return self._helper(number, names) or self._size(number, sizes) or self._map(number, maps)
        if what == KFUNC_CALLED:
            names.add(event.value[0])
            return self._kfunc(event)
        if what == RETURNED:
            section = self.program.section
            problem = return_problem(self.kernel, section, event.value) if section else None
            return (d.RETURN_VALUE, self.program.name, problem) if problem else None
        return self._access(event)

    def _access(self, event: Event) -> tuple[str, str, NotMet | Unknown] | None:
        what, has_btf = event.what, self.program.prog_type in _ATTACH_BTF
        subject = self.program.section.target if self.program.section else ""
        if what == CONTEXT_READ:
            problem = self.model.problem(event.offset, event.size) if self.model else None
            return (d.ARGUMENT, subject, problem) if problem else None
        if what == CONTEXT_MOVED and has_btf:
            why = "it computes an address in its context, which older verifiers do not let be read"
            return d.ARGUMENT, subject, Unknown(why, "kernel check_ctx_reg")
        if what == SCALAR_READ and isinstance(event.value, str):
            return (
                d.ARGUMENT,
                subject,
                NotMet(f"it reads through a number: {event.value}", "kernel check_mem_access"),
            )
        if what == KERNEL_READ and isinstance(event.value, Argument):
            name = self.record_struct(event.place)
            problem2 = struct_read_problem(event.value, name, event.offset, event.size)
            return (d.ARGUMENT, subject, problem2) if problem2 else None
        if what == KERNEL_WRITE and self.program.prog_type not in _STRUCT_WRITERS:
            return (
                d.VERIFIER,
                "store",
                Unknown("it writes to a struct of the kernel", "kernel btf_struct_access"),
            )
        if what == CONTEXT_WRITE:
            return self._context_write(event)
        if what == CONSTANT_WRITE:
            why = f"it writes to {event.value}, which is read-only"
            return d.VERIFIER, "store", NotMet(why, "kernel check_mem_access")
        if what == WILD_READ:
            why = "it adds to an address what nothing bounds"
            return d.VERIFIER, "bounds", Unknown(why, "kernel check_map_access")
        if what == PACKET_READ:
            why = "it reads the packet without comparing the address with data_end first"
            return d.VERIFIER, "packet", Unknown(why, "kernel check_packet_access")
        if what == NULL_READ:
            why = "it reads what a map lookup returned without comparing it with null first"
            return d.VERIFIER, "null check", Unknown(why, "kernel check_mem_access")
        return None

    def _helper(self, number: int, names: set[str]) -> tuple[str, str, NotMet | Unknown] | None:
        from btfview.demands.kernel.helper_rules import SLEEPING, SPIN_LOCK, TRACING_TYPES, gpl_only

        call = HelperCall(number)
        names.add(call.subject)
        rule = "kernel check_helper_call"
        section = self.program.section
        prog_type = self.program.prog_type
        if number in gpl_only() and not self.facts.is_gpl:
            why = f"{call.subject} is for programs under the GPL, not {self.facts.license or 'without one'}"
            return d.LICENSE, call.subject, NotMet(why, rule, 'char LICENSE[] SEC("license") = "GPL"')
        if number in SLEEPING and section and not section.kind.is_sleepable:
            why = f"{call.subject} may sleep, and this program may not"
            return d.HELPER, call.subject, NotMet(why, rule, f'SEC("{section.kind.name}.s/...")')
        if number == SPIN_LOCK and prog_type in TRACING_TYPES:
            why = f"programs of type {prog_type} may take no spin lock"
            return d.HELPER, call.subject, NotMet(why, "kernel check_map_prog_compatibility")
        unsure = helper_allowed(self.kernel, prog_type, number, call.subject)
        return (d.HELPER, call.subject, unsure) if unsure else None

    def _size(self, number: int, highest: tuple[int | None, ...]) -> tuple[str, str, NotMet | Unknown] | None:
        """Answer for a helper that is given a size (``check_mem_size_reg``)."""
        at = _SIZES.get(number)
        if at is None or ((high := highest[at]) is not None and high < _MAX_SIZE):
            return None
        name = HelperCall(number).subject
        why = f"argument {at + 1} of {name} is a size, and no bound of it is seen here"
        return d.VERIFIER, name, Unknown(why, "kernel check_mem_size_reg")

    def _map(self, number: int, maps: tuple[str, ...]) -> tuple[str, str, NotMet | Unknown] | None:
        """Answer for a helper that takes maps of some types only."""
        allowed = _MAPS.get(number)
        name = next((name for name in maps if name), "")
        found = self.facts.maps_named.get(name)
        if allowed is None or found is None or found.type_number in allowed:
            return None
        call = HelperCall(number).subject
        why = f"{call} takes no map of type {found.type_number}, as {name} is"
        return d.HELPER, call, NotMet(why, "kernel check_map_func_compatibility")

    def _context_write(self, event: Event) -> tuple[str, str, NotMet | Unknown] | None:
        rule = "kernel check_ctx_access"
        prog_type = self.program.prog_type
        if prog_type in ("SCHED_CLS", "SCHED_ACT") and event.offset in _WRITABLE_SKB:
            return None
        why = f"it writes to byte {event.offset} of its context"
        if prog_type in _READ_ONLY_CONTEXTS:
            return d.VERIFIER, "context", NotMet(f"{why}, which is read-only", rule)
        return d.VERIFIER, "context", Unknown(f"{why}; which may be written is not in BTF", rule)

    # -- kfuncs ------------------------------------------------------------------------------

    def _kfunc(self, event: Event) -> tuple[str, str, NotMet | Unknown] | None:
        name, arguments = event.value
        extern = self.facts.extern(name)
        if extern is None or extern.what != FUNCTION:
            return None
        ksym = Ksym(self.facts.object.btf, extern, self.facts.is_old_loader)
        answer = self._kfunc_answer(ksym, arguments)
        return (d.KFUNC, ksym.wanted_name, answer) if answer else None

    def _kfunc_answer(self, ksym: Ksym, arguments: tuple[object, ...]) -> NotMet | Unknown | None:
        name, rule = ksym.wanted_name, "kernel check_kfunc_call"
        found = ksym.find(self.kernel)
        if found is None:
            return None  # told as an extern that is not resolved
        if KFUNC_CALLS.has_come(self.kernel) is False:
            return NotMet(f"programs of this kernel may not call {name}: kfuncs came with 5.13", rule)
        if not self.facts.is_gpl:
            return NotMet(
                f"{name} is for programs under the GPL", rule, 'char LICENSE[] SEC("license") = "GPL"'
            )
        if self.kernel.has_word(KFUNC_TAG) and not self.kernel.is_kfunc(found):
            return NotMet(
                f"{name} is a function of the kernel, but no kfunc: it has no decl_tag bpf_kfunc", rule
            )
        known = kfunc_rule(name)
        prog_type = self.program.prog_type
        section = self.program.section
        if known is None:
            return Unknown(f"which programs may call {name} is not in BTF", rule)
        if known.types and prog_type not in known.types:
            return Unknown(f"whether programs of type {prog_type} may call {name} is not in BTF", rule)
        if known.sleeps and section and not section.kind.is_sleepable:
            return Unknown(f"{name} may sleep, and this program may not", rule)
        if known.checks_pointers and (why := self._doubtful_pointer(found, arguments)):
            return Unknown(
                f"{name} takes pointers that the verifier trusts only: {why}", "kernel check_kfunc_args"
            )
        return None

    def _doubtful_pointer(self, found: Found, arguments: tuple[object, ...]) -> str | None:
        """Return which argument may not be what the kfunc wants; None where all are."""
        try:
            func = found.btf.type(found.type_id)
            assert isinstance(func, t.Func)
            proto = found.btf.type(func.type_id)
            assert isinstance(proto, t.FuncProto)
            for number, (param, value) in enumerate(zip(proto.params, arguments, strict=False), start=1):
                behind = found.btf.skip_modifiers(param.type_id)
                if not isinstance(behind, t.Ptr):
                    continue
                if not isinstance(found.btf.skip_modifiers(behind.type_id), t.Struct):
                    continue
                if why := _why_doubtful(value):
                    return f"argument {number} {why}"
        except BtfFormatError as error:
            return error.problem
        return None

    def _leak(self, walk: Walk, names: set[str]) -> Iterator[Trouble]:
        """What is acquired must be given back on all paths; it is not where nothing can do that."""
        called = {
            (extern.essential_name if (extern := self.facts.extern(ref.name)) else ref.name)
            for function in self.program.joined
            for _, ref in function.refs
            if ref.what == EXTERN
        }
        if any(map(is_releasing, called)) or "bpf_kptr_xchg" in names:
            return
        for event in walk.events:
            name = event.value[0] if event.what == KFUNC_CALLED else ""
            if essential_name(name) in ACQUIRING:
                why = f"what {name} returns is never given back"
                yield d.KFUNC, name, Unknown(why, "kernel check_reference_leak"), event.place

    def _helper_leak(self, walk: Walk) -> Iterator[Trouble]:
        called = {number for function in self.program.joined for _, number in function.helpers}
        for event in walk.events:
            back = _ACQUIRING_HELPERS.get(event.value[0]) if event.what == HELPER_CALLED else None
            if back and called.isdisjoint(back):
                name = HelperCall(event.value[0]).subject
                why = f"what {name} returns is never given back"
                yield d.VERIFIER, name, Unknown(why, "kernel check_reference_leak"), event.place


def _why_doubtful(value: object) -> str | None:
    if value is None or (isinstance(value, tuple) and value[0] == RANGE):
        return "comes from where it is not followed here"
    if isinstance(value, tuple) and value[0] == KERNEL and not value[1].is_trusted:
        return "is an argument of a traced function"
    return None
