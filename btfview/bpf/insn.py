"""BPF instructions: decode, encode, and write as the kernel's verifier does.

Encoding: ``Documentation/bpf/standardization/instruction-set.rst``. Wording: ``print_bpf_insn`` in the
kernel's ``kernel/bpf/disasm.c``, without the opcode in parentheses that it begins with.
"""

from __future__ import annotations

from functools import lru_cache
from struct import pack, unpack_from

from btfview.frozen import frozen

INSN_SIZE = 8

# Classes (opcode & 7)
LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)
# Modes of the load and store classes (opcode & 0xe0)
IMM, ABS, IND, MEM, MEMSX, ATOMIC = 0x00, 0x20, 0x40, 0x60, 0x80, 0xC0
# Sizes of the load and store classes (opcode & 0x18)
W, H, B, DW = 0x00, 0x08, 0x10, 0x18
SOURCE_REGISTER = 0x08
"""In ALU and jump classes: the second operand is a register, not the immediate."""

BYTES_OF_SIZE = {W: 4, H: 2, B: 1, DW: 8}
SIZE_OF_BYTES = {4: W, 2: H, 1: B, 8: DW}
LDDW = LD | IMM | DW
"""``r1 = 0x... ll``: takes two slots of 8 bytes."""
CALL = 0x85
EXIT = 0x95
MOV64_IMM, MOV64_REGISTER = 0xB7, 0xBF

PSEUDO_CALL = 1
PSEUDO_KFUNC_CALL = 2

_ALU_OPS = ("+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "endian")
_JUMP_OPS = (None, "==", ">", ">=", "&", "!=", "s>", "s>=", None, None, "<", "<=", "s<", "s<=", None, None)
_UNSIGNED = {W: "u32", H: "u16", B: "u8", DW: "u64"}
_SIGNED = {W: "s32", H: "s16", B: "s8"}
_ATOMIC_OPS = {0x00: ("add", "+="), 0x40: ("or", "|="), 0x50: ("and", "&="), 0xA0: ("xor", "^=")}
_FETCH, _XCHG, _CMPXCHG, _LOAD_ACQUIRE, _STORE_RELEASE = 0x01, 0xE1, 0xF1, 0x100, 0x110
_PSEUDO_LOADS = {1: "map[fd:{}]", 2: "map[fd:{}][0]+{}", 3: "btf_var[{}]", 4: "subprog[{:+d}]"}


@frozen
class Insn:
    """One instruction. A LDDW has its whole 64-bit immediate in ``imm`` and counts two slots."""

    opcode: int
    dst: int
    src: int
    off: int
    """Signed, 16 bits."""
    imm: int
    """Signed, 32 bits; of a LDDW unsigned, 64 bits."""

    @property
    def class_(self) -> int:
        return self.opcode & 7

    @property
    def is_lddw(self) -> bool:
        return self.opcode == LDDW

    @property
    def byte_size(self) -> int:
        return 16 if self.opcode == LDDW else 8


def decode_insn(data: bytes, offset: int = 0, *, is_little_endian: bool = True) -> Insn:
    """Return the instruction at byte *offset* of *data*.

    Raises:
        ValueError: fewer bytes are left than the instruction needs.
    """
    if offset < 0 or offset + INSN_SIZE > len(data):
        raise ValueError(f"no instruction at byte {offset} of {len(data)}")
    size = INSN_SIZE
    if data[offset] == LDDW:
        size = 2 * INSN_SIZE
        if offset + size > len(data):
            raise ValueError(f"second half of the ldimm64 at byte {offset} is missing")
    return _decode_code(data[offset : offset + size], is_little_endian)


@lru_cache(4096)  # a program says the same again and again
def _decode_code(code: bytes, is_little_endian: bool) -> Insn:
    opcode, registers, off, imm = unpack_from("<BBhi" if is_little_endian else ">BBhi", code)
    dst, src = (registers & 15, registers >> 4) if is_little_endian else (registers >> 4, registers & 15)
    if opcode == LDDW:
        (high,) = unpack_from("<I" if is_little_endian else ">I", code, 12)
        imm = (imm & 0xFFFFFFFF) | high << 32
    return Insn(opcode, dst, src, off, imm)


def encode_insn(insn: Insn, *, is_little_endian: bool = True) -> bytes:
    """Return the 8 (of a LDDW 16) bytes of *insn*."""
    order = "<" if is_little_endian else ">"
    registers = insn.dst | insn.src << 4 if is_little_endian else insn.dst << 4 | insn.src
    head = pack(order + "BBhI", insn.opcode, registers, insn.off, insn.imm & 0xFFFFFFFF)
    return head + pack(order + "II", 0, insn.imm >> 32 & 0xFFFFFFFF) if insn.is_lddw else head


def format_insn(insn: Insn) -> str:
    """Return *insn* in the verifier's words; an opcode that no kernel knows as its number.

    >>> format_insn(Insn(MOV64_IMM, 1, 0, 0, 8))
    'r1 = 8'
    """
    match insn.class_:
        case 4 | 7:  # ALU, ALU64
            return _format_alu(insn)
        case 5 | 6:  # JMP, JMP32
            return _format_jump(insn)
        case 0:  # LD
            return _format_ld(insn)
        case 1:  # LDX
            return _format_ldx(insn)
        case _:  # ST, STX
            return _format_store(insn)


def _unknown(insn: Insn) -> str:
    return f"unknown opcode 0x{insn.opcode:02x}"


def _format_alu(insn: Insn) -> str:
    is_64, op = insn.class_ == ALU64, insn.opcode >> 4
    letter = "r" if is_64 else "w"
    dst, src = f"{letter}{insn.dst}", f"{letter}{insn.src}"
    if op >= len(_ALU_OPS):
        return _unknown(insn)
    has_register = bool(insn.opcode & SOURCE_REGISTER)
    if op == 0xD:
        if is_64:
            return f"r{insn.dst} = bswap{insn.imm} r{insn.dst}"
        return f"r{insn.dst} = {'be' if has_register else 'le'}{insn.imm} r{insn.dst}"
    if op == 0x8:
        return f"{dst} = -{dst}"
    if op == 0xB and has_register and insn.off:
        if is_64 and insn.off == 1:
            return f"{dst} = addr_space_cast({src}, {insn.imm >> 16 & 0xFFFF}, {insn.imm & 0xFFFF})"
        if is_64 and insn.off == -1:
            return f"{dst} = &(void __percpu *)({src})"
        if insn.off in (8, 16, 32):
            return f"{dst} = (s{insn.off}){src}"
    sign = "s" if op in (0x3, 0x9) and insn.off == 1 else ""
    return f"{dst} {sign}{_ALU_OPS[op]} {src if has_register else insn.imm}"


def _format_jump(insn: Insn) -> str:
    op, is_64 = insn.opcode >> 4, insn.class_ == JMP
    letter = "r" if is_64 else "w"
    if op == 0x8:
        return _format_call(insn)
    if op == 0x9:
        return "exit"
    if op == 0x0:
        if is_64 and insn.opcode & SOURCE_REGISTER:
            return f"gotox r{insn.dst}"
        return f"goto pc{insn.off:+d}" if is_64 else f"gotol pc{insn.imm:+d}"
    if op == 0xE and is_64:
        return f"may_goto pc{insn.off:+d}"
    compare = _JUMP_OPS[op]
    if compare is None:
        return _unknown(insn)
    right = f"{letter}{insn.src}" if insn.opcode & SOURCE_REGISTER else f"0x{insn.imm & 0xFFFFFFFF:x}"
    return f"if {letter}{insn.dst} {compare} {right} goto pc{insn.off:+d}"


def _format_call(insn: Insn) -> str:
    if insn.opcode & SOURCE_REGISTER:
        return f"callx r{insn.dst}"
    if insn.src == PSEUDO_CALL:
        return f"call pc{insn.imm:+d}"
    if insn.src == PSEUDO_KFUNC_CALL:
        return f"call kernel-function#{insn.imm}"
    from btfview.bpf_helpers import HELPER_NAMES

    name = HELPER_NAMES[insn.imm] if not insn.src and 0 <= insn.imm < len(HELPER_NAMES) else "unknown"
    return f"call {name}#{insn.imm}"


def _format_ld(insn: Insn) -> str:
    mode, size = insn.opcode & 0xE0, insn.opcode & 0x18
    if mode == ABS:
        return f"r0 = *({_UNSIGNED[size]} *)skb[{insn.imm}]"
    if mode == IND:
        return f"r0 = *({_UNSIGNED[size]} *)skb[r{insn.src} + {insn.imm}]"
    if not insn.is_lddw:
        return _unknown(insn)
    if insn.src in _PSEUDO_LOADS:
        low = insn.imm & 0xFFFFFFFF
        low -= low >> 31 << 32
        return f"r{insn.dst} = {_PSEUDO_LOADS[insn.src].format(low, insn.imm >> 32)}"
    return f"r{insn.dst} = 0x{insn.imm:x}"


def _format_ldx(insn: Insn) -> str:
    mode, size = insn.opcode & 0xE0, insn.opcode & 0x18
    if mode == MEM:
        return f"r{insn.dst} = *({_UNSIGNED[size]} *)(r{insn.src} {insn.off:+d})"
    if mode == MEMSX and size in _SIGNED:
        return f"r{insn.dst} = *({_SIGNED[size]} *)(r{insn.src} {insn.off:+d})"
    return _unknown(insn)


def _format_store(insn: Insn) -> str:
    mode, size = insn.opcode & 0xE0, insn.opcode & 0x18
    place = f"({_UNSIGNED[size]} *)(r{insn.dst} {insn.off:+d})"
    if mode == MEM:
        return f"*{place} = {f'r{insn.src}' if insn.class_ == STX else insn.imm}"
    if insn.class_ == ST and mode == ATOMIC:
        return "nospec"
    if mode != ATOMIC:
        return _unknown(insn)
    suffix = "64" if size == DW else ""
    if insn.imm in _ATOMIC_OPS:
        return f"lock *{place} {_ATOMIC_OPS[insn.imm][1]} r{insn.src}"
    if insn.imm & ~_FETCH in _ATOMIC_OPS:
        return (
            f"r{insn.src} = atomic{suffix}_fetch_{_ATOMIC_OPS[insn.imm & ~_FETCH][0]}({place}, r{insn.src})"
        )
    if insn.imm == _XCHG:
        return f"r{insn.src} = atomic{suffix}_xchg({place}, r{insn.src})"
    if insn.imm == _CMPXCHG:
        return f"r0 = atomic{suffix}_cmpxchg({place}, r0, r{insn.src})"
    if insn.imm == _LOAD_ACQUIRE:
        return f"r{insn.dst} = load_acquire(({_UNSIGNED[size]} *)(r{insn.src} {insn.off:+d}))"
    if insn.imm == _STORE_RELEASE:
        return f"store_release({place}, r{insn.src})"
    return _unknown(insn)
