"""Maps of struct_ops as cilium/ebpf fills them (``populateStructOps``, ``newProgramWithOptions``)."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.loaders.cilium.types import size_of
from btfview.demands import demand as d
from btfview.demands.reasons import FAILS, UNKNOWN, Reason
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.btf.reader import Btf
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.facts import ObjectFacts
    from btfview.demands.object.maps import OpsMap, OpsMember

_SECTION = ".struct_ops.link"
_VALUE_PREFIX = "bpf_struct_ops_"
_RULE = "cilium/ebpf populateStructOps"


def struct_ops_reasons(facts: ObjectFacts, kernel: Kernel) -> Iterator[Reason]:
    """Yield why maps of struct_ops and their programs do not load."""
    members = set()
    for ops in facts.ops_maps:
        if ops.section == _SECTION:
            members |= {member.program for member in ops.members if member.program}
            yield from _map_reasons(facts.object.btf, ops, kernel)
    for program in facts.programs:
        if program.prog_type == "STRUCT_OPS" and program.name not in members:
            why = f"no map of {_SECTION} points to it, and cilium/ebpf reads no other section of struct_ops"
            rule = "cilium/ebpf associateStructOpsRelocs"
            yield Reason(d.STRUCT_OPS, program.name, FAILS, why, rule, "", program.function.place)


def _map_reasons(local: Btf, ops: OpsMap, kernel: Kernel) -> Iterator[Reason]:
    name = _VALUE_PREFIX + ops.type_name
    value = kernel.find(name, BtfKind.STRUCT)
    if value is None:
        if kernel.is_trimmed:
            why = f"this BTF was trimmed: whether the kernel has struct {name} it does not tell"
            yield Reason(d.STRUCT_OPS, ops.name, UNKNOWN, why, _RULE, is_trimmed=True)
            return
        why = f'"{name}" doesn\'t exist in kernel: not supported'
        yield Reason(d.STRUCT_OPS, ops.name, FAILS, why, _RULE)
        return
    struct = _inner(value.btf, value.type_id, ops.type_name)
    if struct is None:
        why = f'inner struct "{ops.type_name}" not found in {name}'
        yield Reason(d.STRUCT_OPS, ops.name, FAILS, why, _RULE)
        return
    theirs = {member.name: member for member in reversed(struct.members)}
    for member in ops.members:
        try:
            problem = _why_not_filled(local, ops, member, value.btf, theirs.get(member.name))
        except RefusedError as error:
            problem = str(error)
        except BtfFormatError as error:
            problem = error.problem
        if problem:
            yield Reason(d.STRUCT_OPS, ops.name, FAILS, f"member {member.name}: {problem}", _RULE)


def _inner(btf: Btf, value_id: int, name: str) -> t.Struct | None:
    value = btf.type(value_id)
    assert isinstance(value, t.Struct)
    for member in value.members:
        inner = btf.skip_modifiers(member.type_id)
        if isinstance(inner, t.Struct) and inner.kind == BtfKind.STRUCT and inner.name == name:
            return inner
    return None


def _why_not_filled(
    local: Btf, ops: OpsMap, member: OpsMember, btf: Btf, theirs: t.Member | None
) -> str | None:
    """Return why a member cannot be filled in.

    Raises:
        RefusedError: it has no size.
    """
    size = size_of(local, member.type_id)
    is_zero = not any(ops.data[member.byte_offset : member.byte_offset + size])
    if theirs is None:
        if member.program:
            return f'member "{member.name}" not found in {ops.type_name}'
        return None if is_zero else f"doesn't exist in {ops.type_name}, but it has non-zero value"
    mine, other = local.skip_modifiers(member.type_id), btf.skip_modifiers(theirs.type_id)
    if isinstance(mine, t.Ptr):
        is_function = isinstance(other, t.Ptr) and isinstance(btf.skip_modifiers(other.type_id), t.FuncProto)
        return None if is_function or not member.program else "is not a func pointer"
    if theirs.bitfield_size:
        return f"bitfield {member.name} not supported"
    their_size = size_of(btf, theirs.type_id)
    if size != their_size:
        return f"size mismatch: user={size} kernel={their_size}"
    if type(mine) is not type(other) or mine.kind != other.kind:
        return "unmatched member type"
    if isinstance(mine, t.Struct) and not is_zero:
        return "non-zero nested struct: not supported"
    return None
