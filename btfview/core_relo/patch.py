"""Write a resolved value into its instruction (libbpf: ``bpf_core_patch_insn``)."""

from __future__ import annotations

from btfview.bpf.insn import (
    ALU,
    ALU64,
    BYTES_OF_SIZE,
    CALL,
    LD,
    LDX,
    SIZE_OF_BYTES,
    SOURCE_REGISTER,
    ST,
    STX,
    Insn,
    decode_insn,
    encode_insn,
    format_insn,
)
from btfview.frozen import TYPE_CHECKING, frozen

from .access_spec import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.bpf.object import BpfObject
    from btfview.btf.ext import CoreRelo

    from .outcome import ReloResult

POISON_HELPER = 0xBAD2310
"""libbpf poisons by a call of this helper, which does not exist: 195896080 in the verifier's log."""
_SIZE_MASK = 0x18
_MAX_OFF = 32767
_U64 = (1 << 64) - 1


@frozen
class Patch:
    """The values of one record, local and target, as patching needs them."""

    orig_val: int
    new_val: int
    """Both unsigned 64 bits."""
    is_validated: bool = True
    orig_size: int = 0
    new_size: int = 0
    """Bytes of a load of the field, locally and in the target; 0 where a load's width must not change."""
    can_resize: bool = True


class CannotResizeError(Exception):
    """The load's width would have to change, and must not: libbpf poisons the instruction."""


def poison_insn(code: bytes, *, is_little_endian: bool) -> bytes:
    """Return poison for an instruction of 8 or (both halves) 16 bytes."""
    # Both slots of an ldimm64: left alone, the second decodes as opcode 0, and the verifier would
    # complain about that instead.
    poison = encode_insn(Insn(CALL, 0, 0, 0, POISON_HELPER), is_little_endian=is_little_endian)
    return poison * (len(code) // 8)


def patch_insn(code: bytes, patch: Patch, *, is_little_endian: bool) -> bytes:
    """Return *code*, one instruction of 8 or 16 bytes, with the new value written into it.

    Raises:
        RefusedError: the instruction is not what the record says; libbpf refuses the object.
        CannotResizeError: the instruction has to be poisoned.
    """
    insn = decode_insn(code, is_little_endian=is_little_endian)
    match insn.class_:
        case 4 | 7:
            patched = _patch_alu(insn, patch)
        case 1 | 2 | 3:
            patched = _patch_memory(insn, patch)
        case 0 if insn.is_lddw:
            patched = _patch_lddw(insn, patch, code, is_little_endian)
        case _:
            raise RefusedError(f'"{format_insn(insn)}" is not an instruction that can be relocated')
    return encode_insn(patched, is_little_endian=is_little_endian)


def _patch_alu(insn: Insn, patch: Patch) -> Insn:
    assert insn.class_ in (ALU, ALU64)
    if insn.opcode & SOURCE_REGISTER:
        raise RefusedError(f'"{format_insn(insn)}" has no immediate to patch')
    _check(insn, insn.imm, patch)
    return Insn(insn.opcode, insn.dst, insn.src, insn.off, patch.new_val)


def _patch_memory(insn: Insn, patch: Patch) -> Insn:
    assert insn.class_ in (LDX, ST, STX)
    if patch.is_validated and patch.orig_val > _MAX_OFF and insn.off & 0xFFFF == patch.orig_val & 0xFFFF:
        raise RefusedError(
            f"offset {patch.orig_val} of the program's own field does not fit the 16 bits of a load or store:"
            f" the compiler cut it to {insn.off}"
        )
    _check(insn, insn.off, patch)
    if patch.new_val > _MAX_OFF:
        raise RefusedError(f"offset {patch.new_val} does not fit the 16 bits of a load or store")
    if not patch.can_resize:
        raise CannotResizeError
    opcode = insn.opcode
    if patch.orig_size != patch.new_size:
        width = BYTES_OF_SIZE[opcode & _SIZE_MASK]
        if width != patch.orig_size:
            raise RefusedError(
                f"the instruction accesses {width} bytes, the program's field has {patch.orig_size}"
            )
        if patch.new_size not in SIZE_OF_BYTES:
            raise RefusedError(f"no load or store has {patch.new_size} bytes")
        opcode = opcode & ~_SIZE_MASK | SIZE_OF_BYTES[patch.new_size]
    return Insn(opcode, insn.dst, insn.src, patch.new_val, insn.imm)


def _patch_lddw(insn: Insn, patch: Patch, code: bytes, is_little_endian: bool) -> Insn:
    assert insn.class_ == LD
    second = decode_insn(code, 8, is_little_endian=is_little_endian)
    if insn.src or insn.off or second.opcode or second.dst or second.src or second.off:
        raise RefusedError(f'"{format_insn(insn)}" is not a plain 64-bit constant')
    _check(insn, insn.imm, patch)
    return Insn(insn.opcode, insn.dst, insn.src, insn.off, patch.new_val)


def _check(insn: Insn, found: int, patch: Patch) -> None:
    if patch.is_validated and found & _U64 != patch.orig_val:
        raise RefusedError(
            f'"{format_insn(insn)}" holds {found}, but the record says that {patch.orig_val} was compiled in'
        )


def patch_code(obj: BpfObject, relos: Sequence[CoreRelo], results: Sequence[ReloResult]) -> dict[str, bytes]:
    """Return the instructions of each section that has records, as libbpf would load them."""
    patched: dict[str, bytearray] = {}
    for relo, result in zip(relos, results, strict=True):
        start, end = relo.insn_off, relo.insn_off + len(result.insn_after)
        # What is not changed is not written, so that a malformed record cannot undo its neighbour's.
        if result.insn_after != obj.code(relo.section)[start:end]:
            if relo.section not in patched:
                patched[relo.section] = bytearray(obj.code(relo.section))
            patched[relo.section][start:end] = result.insn_after
    return {section: bytes(code) for section, code in patched.items()}
