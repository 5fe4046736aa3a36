"""Which structs of a kernel a program reads at offsets that are compiled in."""

from __future__ import annotations

from itertools import islice

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.demands.kinds.attach_targets import AttachTarget
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .arguments import Argument, ContextModel
from .compiled_reads import TASK, CompiledRead, InContext
from .values import KERNEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.btf.reader import Btf
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.code import Place
    from btfview.demands.object.facts import ObjectFacts, Program

    Struct = tuple[Btf, int]

_PT_REGS, _TASK_STRUCT = "pt_regs", "task_struct"
_REGISTERS = {
    name: number
    for names in (("di", "si", "dx", "cx", "r8", "r9"), ("a0", "a1", "a2", "a3", "a4", "a5"))
    for number, name in enumerate(names)
}
"""Numbers of a function's parameters by the registers' names in struct pt_regs: amd64, riscv (libbpf's
bpf_tracing.h)."""
_ARRAYS = {"regs": 0, "gprs": 2}
"""The same where registers are numbers, with that of the first parameter: arm64, s390x."""
_IN_REGISTERS = 6
STABLE = frozenset(
    (
        *("pt_regs", "user_pt_regs", "sockaddr", "sockaddr_in", "sockaddr_in6", "sockaddr_un"),
        *("in_addr", "in6_addr", "ethhdr", "iphdr", "ipv6hdr", "tcphdr", "udphdr", "icmphdr", "arphdr"),
        *("timespec", "iovec", "user_msghdr", "bpf_attr", "bpf_iter_meta", "__sk_buff", "xdp_md", "bpf_sock"),
    )
)
"""Structs whose layout the kernel promises to programs of one architecture."""
_MAX_NESTING, _MAX_FIELDS = 16, 100


@frozen
class BakedIn:
    """A field of a kernel's struct that is read where it happens to lie as compiled."""

    program: str
    place: Place
    struct: str
    field: str
    """What lies there on this kernel: ``__sk_common.skc_dport``; empty where nothing does."""
    offset: int
    byte_size: int
    by: str


def names_of(facts: ObjectFacts, reads: Sequence[CompiledRead]) -> Iterator[str]:
    """Yield the names of types that :func:`baked_in_reads` looks up."""
    if any(read.base == TASK for read in reads):
        yield _TASK_STRUCT
    asking = {read.program for read in reads if isinstance(read.base, InContext)}
    for program in facts.programs:
        if program.name in asking and (function := _probed(program)):
            yield from (function, _PT_REGS)


def baked_in_reads(facts: ObjectFacts, kernel: Kernel, reads: Sequence[CompiledRead]) -> tuple[BakedIn, ...]:
    """Return those of *reads* that read a struct of *kernel*, in their order."""
    programs = {program.name: program for program in facts.programs}
    known: dict[tuple[str, object], Struct | None] = {}
    found: list[BakedIn] = []
    for read in reads:
        try:
            struct = _struct_of(read, programs[read.program], kernel, facts, known)
            if struct is None:
                continue
            name = struct[0].name(struct[1])
            if name and name not in STABLE:
                field, _ = _field_at(*struct, read.offset, read.byte_size)
                found.append(
                    BakedIn(read.program, read.place, name, field, read.offset, read.byte_size, read.by)
                )
        except BtfFormatError:
            continue  # of a damaged type nothing is told
    return tuple(found)


def _struct_of(
    read: CompiledRead,
    program: Program,
    kernel: Kernel,
    facts: ObjectFacts,
    known: dict[tuple[str, object], Struct | None],
) -> Struct | None:
    """Return the struct that the pointer of *read* leads to."""
    key = (read.program, read.base)
    if key not in known:
        base = read.base
        if isinstance(base, CompiledRead):
            outer = _struct_of(base, program, kernel, facts, known)
            type_id = _field_at(*outer, base.offset, base.byte_size)[1] if outer else 0
            known[key] = _pointee(outer[0], type_id) if outer and type_id else None
        elif isinstance(base, InContext):
            known[key] = _in_context(base.offset, program, kernel, facts)
        else:
            struct = kernel.find(_TASK_STRUCT, BtfKind.STRUCT)
            known[key] = (struct.btf, struct.type_id) if struct else None
    return known[key]


def _in_context(offset: int, program: Program, kernel: Kernel, facts: ObjectFacts) -> Struct | None:
    section = program.section
    if section is None:
        return None
    if name := _probed(program):
        return _parameter(offset, name, kernel)
    if not section.kind.needs_btf or section.kind.prog_type not in ("TRACING", "LSM"):
        return None
    target = AttachTarget(section, facts.is_old_loader)
    found = target.find(kernel)
    proto = kernel.proto(found) if found else None
    if found is None or proto is None:
        return None
    model = ContextModel(kernel, found.btf, proto, section.kind.attach_type, section.target)
    value = model.value(offset, 8)
    argument = value[1] if isinstance(value, tuple) and value[0] == KERNEL else None
    if not isinstance(argument, Argument) or argument.is_user:
        return None
    return argument.btf, argument.type_id


def _probed(program: Program) -> str:
    """Return the function at whose begin a program runs as a kprobe; empty for all others."""
    section = program.section
    if section is None or section.kind.name not in ("kprobe", "kprobe.multi"):
        return ""
    target = section.target
    return target if target.replace("_", "a").replace(".", "a").isalnum() else ""


def _parameter(offset: int, function: str, kernel: Kernel) -> Struct | None:
    """Return the struct to which the parameter of a function points whose register is saved at *offset*."""
    number = _parameter_number(offset, kernel)
    found = kernel.find(function, BtfKind.FUNC)
    proto = kernel.proto(found) if found else None
    if number is None or found is None or proto is None or number >= len(proto.params):
        return None
    return _pointee(found.btf, proto.params[number].type_id)


def _parameter_number(offset: int, kernel: Kernel) -> int | None:
    regs = kernel.find(_PT_REGS, BtfKind.STRUCT)
    if regs is None:
        return None
    register = _field_at(regs.btf, regs.type_id, offset)[0].rpartition(".")[2]
    name, bracket, rest = register.partition("[")
    if not bracket:
        return _REGISTERS.get(name)
    number = int(rest.rstrip("]")) - _ARRAYS.get(name, int(rest.rstrip("]")) + 1)
    return number if 0 <= number < _IN_REGISTERS else None


def _pointee(btf: Btf, type_id: int) -> Struct | None:
    behind = btf.skip_modifiers(type_id)
    if not isinstance(behind, t.Ptr):
        return None
    struct = btf.skip_modifiers(behind.type_id)
    return (btf, struct.id) if isinstance(struct, t.Struct) else None


def _field_at(btf: Btf, type_id: int, offset: int, byte_size: int = 0) -> tuple[str, int]:
    """Return path and type of the innermost field at a byte of a struct, of a union the member that has
    *byte_size*, if one has; ``("", 0)`` without one."""
    first: tuple[str, int] = ("", 0)
    for path, found, rest in islice(_fields_at(btf, type_id, offset, 0), _MAX_FIELDS):
        if not rest and btf.byte_size(found) == byte_size:
            return path, found
        first = first if first[1] else (path, found)
    return first


def _fields_at(btf: Btf, type_id: int, offset: int, depth: int) -> Iterator[tuple[str, int, int]]:
    """Yield the fields at a byte that hold no others, each with the bytes from its start."""
    struct = btf.skip_modifiers(type_id)
    if isinstance(struct, t.Array):
        size = btf.byte_size(struct.type_id)
        if size and depth < _MAX_NESTING:
            index, rest = divmod(offset, size)
            for path, found, left in _fields_at(btf, struct.type_id, rest, depth + 1):
                yield f"[{index}]{'.' if path[:1] not in ('', '[') else ''}{path}", found, left
    elif not isinstance(struct, t.Struct):
        yield "", type_id, offset
    elif depth < _MAX_NESTING:
        for member in struct.members:
            rest = offset - member.bit_offset // 8
            if 0 <= rest < btf.byte_size(member.type_id):
                for path, found, left in _fields_at(btf, member.type_id, rest, depth + 1):
                    dot = "." if member.name and path[:1] not in ("", "[") else ""
                    yield f"{member.name}{dot}{path}", found, left
