"""Write a fixup into its instruction (cilium/ebpf: ``COREFixup.Apply``)."""

from __future__ import annotations

from btfview.bpf.insn import CALL, LDDW, SOURCE_REGISTER, Insn, decode_insn, encode_insn
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.patch import POISON_HELPER
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from .fixups import Fixup

_MAX_OFF = 32767
_MAX_IMM = (1 << 31) - 1
_U64 = (1 << 64) - 1
_SWAP = 0xD0
_FRAME_POINTER = 10


def apply_fixup(code: bytes, fixup: Fixup, *, is_little_endian: bool) -> bytes:
    """Return *code*, of 8 or 16 bytes, as it is loaded. A load or store keeps its width.

    Raises:
        RefusedError: the instruction is not what the record says, or cannot hold the value.
    """
    insn = decode_insn(code, is_little_endian=is_little_endian)
    if fixup.is_poison:
        # An ldimm64 stays one, into the frame pointer, which no program may write.
        poison = (
            Insn(LDDW, _FRAME_POINTER, 0, 0, POISON_HELPER)
            if insn.opcode == LDDW
            else Insn(CALL, 0, 0, 0, POISON_HELPER)
        )
        return encode_insn(poison, is_little_endian=is_little_endian)
    return encode_insn(_patched(insn, fixup), is_little_endian=is_little_endian)


def _patched(insn: Insn, fixup: Fixup) -> Insn:
    match insn.class_:
        case 1 | 2 | 3:
            if fixup.is_validated and insn.off & 0xFFFF != fixup.orig_val & 0xFFFF:
                raise RefusedError(f"invalid offset {insn.off}, expected {fixup.orig_val}")
            if fixup.new_val > _MAX_OFF:
                raise RefusedError(f"offset {fixup.new_val} exceeds MaxInt16")
            return Insn(insn.opcode, insn.dst, insn.src, fixup.new_val, insn.imm)
        case 0:
            if insn.opcode != LDDW or insn.src or insn.off:
                raise RefusedError("not a dword-sized immediate load")
            _check(insn, fixup)
        case 4 | 7:
            if insn.class_ == 4 and insn.opcode & 0xF0 == _SWAP:
                raise RefusedError("relocation against swap")
            if insn.opcode & SOURCE_REGISTER:
                raise RefusedError("invalid source RegSource")
            _check(insn, fixup)
            if fixup.new_val > _MAX_IMM:
                raise RefusedError(f"immediate {fixup.new_val} exceeds MaxInt32")
        case other:
            raise RefusedError(f"invalid class {other}")
    return Insn(insn.opcode, insn.dst, insn.src, insn.off, fixup.new_val)


def _check(insn: Insn, fixup: Fixup) -> None:
    if fixup.is_validated and insn.imm & _U64 != fixup.orig_val:
        signed = fixup.orig_val - ((fixup.orig_val >> 63) << 64)
        raise RefusedError(f"invalid immediate {insn.imm}, expected {signed}")
