"""How a program reads a field, and whether the kernel's field is read whole and rightly.

libbpf fits the width of a *load* to the kernel's field. An offset that is added to a pointer, or a size
that is compiled into the call of a helper, it cannot fit: there the program reads what it declared.
"""

from __future__ import annotations

from btfview.bpf import insn as i
from btfview.bpf.insn import decode_insn
from btfview.btf.kinds import BtfKind, CoreReloKind
from btfview.btf.types import Array, Enum, Int, Ptr
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.words import plural

from .access_spec import RefusedError
from .outcome import Misread, Resolved
from .values import as_s32, bit_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.bpf.insn import Insn
    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.btf.types import BtfType

    from .access_spec import AccessSpec
    from .local import LocalRelo
    from .outcome import ReloResult

    Place = tuple[str, int]
    """Section, and byte offset there."""

READ_WIDTH, READ_SIGN, BITFIELD_READ, ENUM_WIDTH = "read_width", "read_sign", "bitfield_read", "enum_width"
RULES = (READ_WIDTH, READ_SIGN, BITFIELD_READ, ENUM_WIDTH)
"""Names of the rules, as ``check --allow`` and ``--deny`` take them."""
_PROBE_READS = frozenset([4, 112, 113])
"""Helpers that read R2 bytes at R3: probe_read, probe_read_user, probe_read_kernel (of strings it is a
bound)."""
_SHIFTS = (CoreReloKind.FIELD_LSHIFT_U64, CoreReloKind.FIELD_RSHIFT_U64)
_U64 = (1 << 64) - 1
_MAX_SCAN = 24
"""Instructions behind the record that are looked at."""
_FITTED = "let libbpf fit the size: bpf_core_field_size(), as BPF_CORE_READ_INTO() with a zeroed variable"
_ADD, _MOV = 0x0, 0xB
_JUMP, _EXIT = 0x0, 0x9
_MEM = 0x60
_FRAME = 10
_CALLER_SAVED = range(6)


@frozen
class Read:
    """A read of a field whose width is compiled in."""

    byte_size: int
    by: str
    """``a load`` or ``bpf_probe_read_kernel``, as it is told."""


@frozen
class HandedOn:
    """A pointer to the field is returned or stored: who has it reads what is declared."""


def find_misreads(
    obj: BpfObject, relos: Sequence[LocalRelo], results: Sequence[ReloResult], target: Btf
) -> Iterator[tuple[int, Misread]]:
    """Yield the index of each record that matched on *target*, where the program reads something else.

    A bitfield that the program takes apart by the loader's shifts is read rightly.
    """
    patched = {(one.relo.section, one.relo.insn_off) for one in relos}
    shifted = {(one.relo.type_id, one.relo.access_str) for one in relos if one.kind in _SHIFTS}
    for index, (local, result) in enumerate(zip(relos, results, strict=True)):
        outcome = result.outcome
        if not isinstance(outcome, Resolved) or outcome.target_spec is None or local.spec is None:
            continue
        if (local.relo.type_id, local.relo.access_str) in shifted:
            continue
        try:
            found = _misread(obj, local, local.spec, outcome.target_spec, target, patched)
        except (RefusedError, BtfFormatError):
            continue  # what the resolver says of such a field is said there
        if found is not None:
            yield index, found


def _misread(
    obj: BpfObject,
    local: LocalRelo,
    local_spec: AccessSpec,
    spec: AccessSpec,
    target: Btf,
    patched: set[Place],
) -> Misread | None:
    if local.kind == CoreReloKind.ENUMVAL_VALUE:
        return _misread_enum(obj.btf, local_spec, spec, target)
    if local.kind != CoreReloKind.FIELD_BYTE_OFFSET or spec.steps[-1].name is None:
        return None
    if (wrong_bits := _misread_bits(obj, local, local_spec, spec, target)) is not None:
        return wrong_bits
    read = find_read(obj, local, patched)
    if read is None:
        return None
    window = bit_window(target, spec)
    ours = bit_window(obj.btf, local_spec) if local_spec.steps[-1].name is not None else None
    if window.is_bitfield and isinstance(read, Read):
        message = (
            f"it is a bitfield of {window.bit_size} bits there, and {read.by} of {read.byte_size} bytes takes"
            " its neighbours' bits with it"
        )
        return Misread(BITFIELD_READ, message, "read it with BPF_CORE_READ_BITFIELD_PROBED()")
    if isinstance(read, HandedOn):
        return _handed_on_past(obj, local_spec, window.byte_size)
    theirs = _scalar(target, spec)
    if theirs is None:
        return _read_past(read, window.byte_size)
    if read.byte_size != window.byte_size:
        is_as_declared = ours is not None and read.byte_size == ours.byte_size
        if is_as_declared or read.byte_size > window.byte_size:
            message = f"{read.by} of {read.byte_size} bytes reads it, and it has {window.byte_size} there"
            return Misread(READ_WIDTH, message, _FITTED)
        return None
    declared = _scalar(obj.btf, local_spec) if ours is not None else None
    if isinstance(theirs, Int) and isinstance(declared, Int) and theirs.is_signed != declared.is_signed:
        words = [("signed" if one.is_signed else "unsigned") for one in (declared, theirs)]
        return Misread(READ_SIGN, f"the program declares it {words[0]}, and it is {words[1]} there")
    return None


def _misread_bits(
    obj: BpfObject, local: LocalRelo, local_spec: AccessSpec, spec: AccessSpec, target: Btf
) -> Misread | None:
    """Return why a load takes other bits than those of a bitfield: which ones it takes is compiled in, and
    libbpf moves the load alone, to the start of the bitfield's unit (``bpf_core_calc_field_relo``)."""
    try:
        insn = decode_insn(local.code, is_little_endian=obj.is_little_endian)
    except ValueError:
        return None
    if insn.class_ != i.LDX or local_spec.steps[-1].name is None:
        return None
    ours, theirs = bit_window(obj.btf, local_spec), bit_window(target, spec)
    if not ours.is_bitfield or not obj.is_little_endian:
        return None
    byte_size = i.BYTES_OF_SIZE[insn.opcode & 0x18]
    taken = ours.bit_offset - insn.off * 8
    lies = theirs.bit_offset - theirs.byte_offset * 8
    if not 0 <= taken < byte_size * 8 or (taken, ours.bit_size) == (lies, theirs.bit_size):
        return None
    if not theirs.is_bitfield:
        what = f"it is no bitfield there, and has {theirs.byte_size} bytes"
    else:
        what = f"it is {plural(theirs.bit_size, 'bit')} from bit {lies} on there"
    message = (
        f"a load of {plural(byte_size, 'byte')} takes {plural(ours.bit_size, 'bit')} from bit {taken} on, as"
        f" compiled in; {what}"
    )
    return Misread(BITFIELD_READ, message, "read it with BPF_CORE_READ_BITFIELD()")


def _read_past(read: Read, byte_size: int) -> Misread | None:
    if read.byte_size <= byte_size:
        return None
    message = f"{read.by} of {read.byte_size} bytes reads past it: it has {byte_size} there"
    return Misread(READ_WIDTH, message, _FITTED)


def _handed_on_past(obj: BpfObject, local_spec: AccessSpec, byte_size: int) -> Misread | None:
    """Return why the declared type of a field is more than is there, for a number, a pointer or an array of
    them: of a struct the fields have records of their own."""
    declared = _declared(obj.btf, local_spec)
    if declared is None:
        return None
    scalar: BtfType = declared
    while isinstance(scalar, Array):
        scalar = obj.btf.skip_modifiers(scalar.type_id)
    ours = obj.btf.byte_size(declared.id)
    if not isinstance(scalar, (Int, Ptr, Enum)) or ours <= byte_size:
        return None
    message = f"a pointer to it is handed on as one to {plural(ours, 'byte')}, and it has {byte_size} there"
    return Misread(
        READ_WIDTH, message, "declare it as the kernel does, or read as many bytes as it has there"
    )


def _scalar(btf: Btf, spec: AccessSpec) -> BtfType | None:
    """Return the type of the field, if it is read whole or not at all; None for structs and arrays."""
    found = _declared(btf, spec)
    return found if isinstance(found, (Int, Ptr, Enum)) else None


def _declared(btf: Btf, spec: AccessSpec) -> BtfType | None:
    """Return the type of the field; None for an element of an array."""
    owner = btf.type(spec.steps[-1].type_id)
    members = getattr(owner, "members", ())
    if spec.steps[-1].index >= len(members):
        return None
    return btf.skip_modifiers(members[spec.steps[-1].index].type_id)


def _misread_enum(local: Btf, local_spec: AccessSpec, spec: AccessSpec, target: Btf) -> Misread | None:
    """BTF_KIND_ENUM holds 32 bits of each value, whatever size the enum has (before ENUM64, Linux 6.0)."""
    theirs = target.type(spec.steps[0].type_id)
    if not isinstance(theirs, Enum) or theirs.kind != BtfKind.ENUM or theirs.byte_size <= 4:
        return None
    ours = local.type(local_spec.steps[0].type_id)
    declared = ours.enumerators[local_spec.steps[0].index].value if isinstance(ours, Enum) else 0
    if isinstance(ours, Enum) and ours.kind == BtfKind.ENUM64 and (declared - as_s32(declared)) & _U64 == 0:
        return None  # what libbpf writes is the value, as far as the program knows
    message = (
        f"that BTF holds 32 bits of each value of enum {theirs.name}, which has {theirs.byte_size} bytes, and"
        " libbpf extends their sign"
    )
    return Misread(ENUM_WIDTH, message, "compare with the constant itself on such a kernel")


def find_read(obj: BpfObject, local: LocalRelo, patched: set[Place]) -> Read | HandedOn | None:
    """Return how the field of a field_byte_offset record is read; None where the width is libbpf's to fit, or
    where it cannot be told. *patched* are the instructions that have records: their numbers are not the
    kernel's.
    """
    try:
        insn = decode_insn(local.code, is_little_endian=obj.is_little_endian)
    except ValueError:
        return None
    if insn.class_ not in (i.ALU, i.ALU64):
        return None
    section, offset = local.relo.section, local.relo.insn_off + insn.byte_size
    function = obj.function_at(section, local.relo.insn_off)
    end = function.value + function.size if function else len(obj.code(section))
    return _follow(obj, (section, offset), end, insn, patched)


def _follow(
    obj: BpfObject, start: Place, end: int, first: Insn, patched: set[Place]
) -> Read | HandedOn | None:
    """Follow the offset to where it is used, along the straight way."""
    section, offset = start
    code = obj.code(section)
    offsets: set[int] = set()
    addresses: set[int] = set()
    (offsets if first.opcode >> 4 == _MOV else addresses).add(first.dst)
    constants: dict[int, int] = {}
    for _ in range(_MAX_SCAN):
        if offset >= end:
            return None
        try:
            insn = decode_insn(code, offset, is_little_endian=obj.is_little_endian)
        except ValueError:
            return None
        is_patched = (section, offset) in patched
        offset += insn.byte_size
        match insn.class_:
            case i.ALU | i.ALU64:
                _compute(insn, offsets, addresses, constants)
                if is_patched:
                    constants.pop(insn.dst, None)
            case i.LDX if insn.src in addresses and not insn.off:
                return Read(i.BYTES_OF_SIZE[insn.opcode & 0x18], "a load")
            case i.STX if insn.src in addresses and insn.dst != _FRAME and insn.opcode & 0xE0 == _MEM:
                return HandedOn()
            case i.LDX | i.LD:
                _forget(insn.dst, offsets, addresses, constants)
            case i.JMP | i.JMP32:
                op = insn.opcode >> 4
                if op == 0x8:
                    if insn.imm in _PROBE_READS and not insn.src and 3 in addresses:
                        size = constants.get(2)
                        return Read(size, "a probe read") if size else None
                    for register in _CALLER_SAVED:
                        _forget(register, offsets, addresses, constants)
                elif op in (_JUMP, _EXIT):
                    return HandedOn() if op == _EXIT and 0 in addresses else None
            case _:
                pass
        if not offsets and not addresses:
            return None
    return None


def _compute(insn: Insn, offsets: set[int], addresses: set[int], constants: dict[int, int]) -> None:
    op, is_register = insn.opcode >> 4, bool(insn.opcode & i.SOURCE_REGISTER)
    if op == _MOV and is_register:
        for held in (offsets, addresses):
            if insn.src in held:
                held.add(insn.dst)
            else:
                held.discard(insn.dst)
        constants.pop(insn.dst, None)
        if insn.src in constants:
            constants[insn.dst] = constants[insn.src]
    elif op == _MOV:
        _forget(insn.dst, offsets, addresses, constants)
        constants[insn.dst] = insn.imm & 0xFFFFFFFF
    elif op == _ADD and is_register and (insn.src in offsets or insn.dst in offsets):
        _forget(insn.dst, offsets, addresses, constants)
        addresses.add(insn.dst)
    else:
        _forget(insn.dst, offsets, addresses, constants)


def _forget(register: int, offsets: set[int], addresses: set[int], constants: dict[int, int]) -> None:
    offsets.discard(register)
    addresses.discard(register)
    constants.pop(register, None)
