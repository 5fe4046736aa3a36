"""What a program may read of its context: the arguments of what it is attached to.

The kernel's ``btf_ctx_access``: 8 bytes an argument, behind them the result for programs that run at the end.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.demands.demand import NotMet, Unknown
from btfview.demands.kernel.releases import LOAD_ACQUIRE
from btfview.demands.kinds.attach_targets import argument_slots
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen, replace

from .values import KERNEL, SCALAR

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.demands.kernel.kernel import Kernel

    from .values import Value

_RULE = "kernel btf_ctx_access"
_MAX_NESTING = 16
"""Structs within structs, as the kernel's MAX_RESOLVE_DEPTH bounds them."""
_SLOT = 8
_WITH_RESULT = frozenset(("TRACE_FEXIT", "MODIFY_RETURN", "TRACE_FSESSION", "LSM_MAC", "LSM_CGROUP"))
_ANY_TYPE = frozenset(("TRACE_FENTRY", "TRACE_FEXIT", "MODIFY_RETURN", "TRACE_FSESSION"))

_NULLABLE = {
    "sched_pi_setprio": (1,),
    "sched_stick_numa": (2,),
    "sched_swap_numa": (2,),
    "kfree_skb": (3,),
    "tcp_send_reset": (0, 1),
    "fib_table_lookup": (2,),
    "fib6_table_lookup": (3,),
}
"""Arguments of tracepoints that may be null (``raw_tp_null_args``, btf.c; 6.13, and stable releases)."""


@frozen
class Argument:
    """What stands in one slot."""

    number: int
    name: str
    btf: Btf
    type_id: int
    """Without qualifiers: of a pointer the struct that it points to; 0 for numbers."""
    is_user: bool = False
    """It points into a process (``__user``)."""
    may_be_null: bool = False
    is_trusted: bool = True
    """The verifier takes it for what it says it is: not at the begin of any function."""

    def not_null(self) -> Argument:
        """Return the same, after it was compared with null."""
        return replace(self, may_be_null=False)


class ContextModel:
    """The context of a program, by the prototype of what it is attached to."""

    def __init__(
        self, kernel: Kernel, btf: Btf, proto: t.FuncProto, attach_type: str, target: str = ""
    ) -> None:
        self._kernel = kernel
        self._btf = btf
        self._attach_type = attach_type
        self._target = target
        params = proto.params
        if attach_type == "TRACE_RAW_TP":
            params = params[1:]  # the first is the kernel's own
        self._params = params
        self.slots = argument_slots(btf, params)
        self._result = proto.type_id
        self._has_result = attach_type in _WITH_RESULT

    def problem(self, offset: int, size: int) -> NotMet | Unknown | None:
        """Return why the verifier refuses a read of the context; None where it does not."""
        number = offset // _SLOT
        if offset % _SLOT or size != _SLOT:
            # Parts of a slot are taken by some types of programs, for some types of arguments.
            return None if size < _SLOT else NotMet(f"offset {offset} is no argument's", _RULE)
        if number == len(self.slots) and self._has_result:
            return self._result_problem()
        if offset < 0 or number >= len(self.slots):
            takes = f"{len(self.slots)} argument{'s' * (len(self.slots) != 1)}"
            return NotMet(
                f"it reads argument {number + 1} of {self._target or 'its target'}, which has {takes}", _RULE
            )
        return self._type_problem(self.slots[number], number)

    def _result_problem(self) -> NotMet | Unknown | None:
        if not self._result and self._attach_type != "LSM_MAC":
            return Unknown(f"it reads the result of {self._target}, which returns nothing", _RULE)
        return None

    def _type_problem(self, type_id: int, number: int) -> NotMet | Unknown | None:
        behind = self._btf.skip_modifiers(type_id)
        if not isinstance(behind, t.Ptr):
            return None
        pointee = self._btf.skip_modifiers(behind.type_id)
        if isinstance(pointee, t.Void | t.Int | t.Struct):
            return None
        why = f"argument {number + 1} of {self._target or 'its target'} points to {_described(pointee)}"
        if LOAD_ACQUIRE.has_come(self._kernel) is False:
            return NotMet(f"{why}, not to a struct", _RULE)
        return Unknown(f"{why}; whether the verifier lets it be read is not in BTF", _RULE)

    def value(self, offset: int, size: int) -> Value:
        """Return what a read of the context gives."""
        number, rest = divmod(offset, _SLOT)
        if rest or size != _SLOT:
            return None
        if number == len(self.slots) and self._has_result:
            return self._value_of(self._result, number, "")
        if not 0 <= number < len(self.slots):
            return None
        name = self._params[number].name if len(self._params) == len(self.slots) else ""
        return self._value_of(self.slots[number], number, name)

    def _value_of(self, type_id: int, number: int, name: str) -> Value:
        try:
            behind = self._btf.skip_modifiers(type_id)
            if not isinstance(behind, t.Ptr):
                return (SCALAR, f"argument {number + 1} is {_described(behind)}, no pointer")
            pointee = self._btf.skip_modifiers(behind.type_id)
            is_user = self._is_user(behind.type_id)
        except BtfFormatError:
            return None
        if isinstance(pointee, t.Void) and self._attach_type == "TRACE_ITER":
            return None  # a key or a value of a map (ctx_arg_info of the iterator)
        if isinstance(pointee, t.Void | t.Int):
            return (SCALAR, f"argument {number + 1} points to {_described(pointee)}, no struct")
        if not isinstance(pointee, t.Struct):
            return None
        may_be_null = name.endswith("__nullable") or (
            self._attach_type == "TRACE_RAW_TP" and number in _NULLABLE.get(self._target, ())
        )
        if self._attach_type == "TRACE_ITER" and number:
            may_be_null = True
        is_trusted = self._attach_type not in _ANY_TYPE
        argument = Argument(number, name, self._btf, pointee.id, is_user, may_be_null, is_trusted)
        return (KERNEL, argument, 0)

    def _is_user(self, type_id: int) -> bool:
        for _ in range(8):
            item = self._btf.type(type_id)
            if not isinstance(item, t.Modifier | t.Typedef):
                return False
            if isinstance(item, t.Modifier) and item.name in ("user", "percpu", "rcu"):
                return True
            type_id = item.type_id
        return False


def struct_read_problem(argument: Argument, name: str, offset: int, size: int) -> Unknown | None:
    """Return why it is not sure that the verifier takes a read of *offset* in what an argument points to.

    *name* is the struct that the program thinks it is, by its record; empty where there is no record.
    """
    rule = "kernel btf_struct_access"
    struct = argument.btf.type(argument.type_id)
    assert isinstance(struct, t.Struct)
    where = f"argument {argument.number + 1}, a pointer to {_described(struct)},"
    if argument.is_user:
        return Unknown(f"{where} is of another address space, which newer verifiers do not let be read", rule)
    if argument.may_be_null:
        return Unknown(f"{where} may be null, and newer verifiers want it compared before", rule)
    if name and name != struct.name:
        return Unknown(
            f"{where} is read as struct {name}: the offset falls on what is there by accident", rule
        )
    if not name and not _has_field(argument.btf, struct, offset, size):
        return Unknown(f"{where} is read at byte {offset}, where it has no field of {size} bytes", rule)
    return None


def _has_field(
    btf: Btf, struct: t.Struct, offset: int, size: int, seen: frozenset[tuple[int, int]] = frozenset()
) -> bool:
    """Tell whether a field lies at bytes of a struct, or of one in it."""
    if (struct.id, offset) in seen or len(seen) > _MAX_NESTING:
        return False
    seen |= {(struct.id, offset)}
    for member in struct.members:
        start = member.bit_offset // 8
        try:
            length = btf.byte_size(member.type_id)
            behind = btf.skip_modifiers(member.type_id)
            while isinstance(behind, t.Array) and behind.length:
                element = btf.byte_size(behind.type_id)
                if start <= offset < start + length and element:
                    start += (offset - start) // element * element
                    length = element
                behind = btf.skip_modifiers(behind.type_id)
        except BtfFormatError:
            continue
        if not start <= offset < start + max(length, 1):
            continue
        if isinstance(behind, t.Struct):
            if _has_field(btf, behind, offset - start, size, seen):
                return True
        elif offset + size <= start + length:
            return True
    return False


def _described(item: t.BtfType) -> str:
    match item:
        case t.Void():
            return "void"
        case t.Struct():
            return f"{item.kind.label} {item.name or '(anonymous)'}"
        case t.Int():
            return item.name
        case t.Ptr():
            return "a pointer"
        case _:
            return f"{item.kind.label} {item.name}".strip()
