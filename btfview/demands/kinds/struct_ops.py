"""Maps of struct_ops: the kernel's struct that a program implements.

libbpf: ``find_struct_ops_kern_types``, ``bpf_map__init_kern_struct_ops``.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.names import essential_name
from btfview.demands.demand import Met, NotMet, trimmed
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Found, Kernel
    from btfview.demands.object.maps import OpsMap, OpsMember

_FIND = "libbpf find_struct_ops_kern_types"
_INIT = "libbpf bpf_map__init_kern_struct_ops"
_VALUE_PREFIX = "bpf_struct_ops_"
HAS_LINK = "BPF_F_LINK"


@frozen
class OpsType:
    """What a struct_ops map asks of the kernel."""

    local: Btf
    map: OpsMap
    programs: frozenset[str]
    """Names of the object's struct_ops programs."""
    is_old_loader: bool = False

    @property
    def type_name(self) -> str:
        """The kernel's: without a flavor (libbpf 1.4 and newer)."""
        return self.map.type_name if self.is_old_loader else essential_name(self.map.type_name)

    def names(self) -> tuple[str, ...]:
        return (_VALUE_PREFIX + self.type_name, self.type_name)

    def find(self, kernel: Kernel) -> tuple[Found, t.Struct] | None:
        """Return the kernel's struct; None where it is not one that programs may implement."""
        value = kernel.find(_VALUE_PREFIX + self.type_name, BtfKind.STRUCT)
        if value is None:
            return None
        for type_id in value.btf.ids_named(self.type_name):
            struct = value.btf.type(type_id)
            if isinstance(struct, t.Struct) and struct.kind == BtfKind.STRUCT:
                return value, struct
        return None

    def answer(self, kernel: Kernel) -> Answer:
        if self.is_old_loader and self.map.section not in (".struct_ops", ".struct_ops.link"):
            return NotMet(f"libbpf 1.1 knows no section {self.map.section}", "libbpf bpf_object__init_maps")
        found = self.find(kernel)
        if found is None:
            name = _VALUE_PREFIX + self.type_name
            if kernel.is_trimmed:
                return trimmed(f"whether the kernel has struct {name} it does not tell", _FIND)
            why = f"the kernel lets no program implement struct {self.type_name}: it has no struct {name}"
            return NotMet(why, _FIND)
        value, struct = found
        members = {member.name: member for member in struct.members}
        for member in self.map.members:
            try:
                problem = self._member_problem(value.btf, member, members.get(member.name))
            except BtfFormatError as error:
                problem = error.problem
            if problem:
                return NotMet(f"member {member.name}: {problem}", _INIT)
        if self.map.has_link and (has_link := kernel.has_word(HAS_LINK)) is not True:
            rule = "kernel map_create"
            if has_link is None:
                return trimmed(f"whether it knows {HAS_LINK} (6.4 and newer) it does not tell", rule)
            return NotMet(f"no {HAS_LINK}: .struct_ops.link is for 6.4 and newer", rule, ".struct_ops")
        return Met(f"programs may implement struct {self.type_name}, and its members fit", _INIT)

    def _member_problem(self, btf: Btf, member: OpsMember, theirs: t.Member | None) -> str | None:
        """Return why libbpf refuses a member; None for one that it takes or leaves out."""
        size = self.local.byte_size(member.type_id)
        is_set = any(self.map.data[member.byte_offset : member.byte_offset + size]) or bool(member.program)
        if theirs is None:
            if self.is_old_loader:
                return "the kernel's struct has none, and libbpf 1.1 does not leave it out"
            if any(self.map.data[member.byte_offset : member.byte_offset + size]) or member.program:
                return "the kernel's struct has none, and it is set"
            return None
        if theirs.bitfield_size:
            return "it is a bitfield"
        mine, other = self.local.skip_modifiers(member.type_id), btf.skip_modifiers(theirs.type_id)
        if mine.kind != other.kind:
            return f"it is {other.kind.label} in the kernel, {mine.kind.label} in the program"
        if isinstance(mine, t.Ptr) and isinstance(other, t.Ptr):
            if not is_set:
                return None
            if not member.program or member.program not in self.programs:
                return "it does not point to a struct_ops program"
            if not isinstance(btf.skip_modifiers(other.type_id), t.FuncProto):
                return "it is no pointer to a function in the kernel"
            return None
        their_size = btf.byte_size(other.id)
        if size != their_size:
            return f"it has {their_size} bytes in the kernel, {size} in the program"
        return None

    def proto_of(self, kernel: Kernel, program: str) -> tuple[Btf, t.FuncProto] | None:
        """Return the prototype that the kernel gives to the member that *program* is."""
        found = self.find(kernel)
        if found is None:
            return None
        value, struct = found
        names = {member.name for member in self.map.members if member.program == program}
        for member in struct.members:
            if member.name in names:
                pointer = value.btf.skip_modifiers(member.type_id)
                proto = value.btf.skip_modifiers(pointer.type_id) if isinstance(pointer, t.Ptr) else pointer
                return (value.btf, proto) if isinstance(proto, t.FuncProto) else None
        return None
