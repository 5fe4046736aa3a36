"""Instructions: worded as the running kernel's verifier words them, encoded as LLVM's assembler does."""

from __future__ import annotations

import re
import subprocess
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.bpf.elf import read_elf
from btfview.bpf.insn import LDDW, PSEUDO_CALL, Insn, decode_insn, encode_insn, format_insn
from tests.bpf.verifier import verifier_text

# What the verifier of kernel 6.18 printed (test_wording_is_the_verifiers asks the running one again).
WORDINGS = [
    (Insn(0xB7, 1, 0, 0, 8), "r1 = 8"),
    (Insn(0xB4, 2, 0, 0, -7), "w2 = -7"),
    (Insn(0xBF, 1, 2, 0, 0), "r1 = r2"),
    (Insn(0xBF, 1, 2, 8, 0), "r1 = (s8)r2"),
    (Insn(0xBC, 1, 2, 16, 0), "w1 = (s16)w2"),
    (Insn(0x0F, 1, 2, 0, 0), "r1 += r2"),
    (Insn(0xC4, 1, 0, 0, 3), "w1 s>>= 3"),
    (Insn(0x3F, 1, 2, 1, 0), "r1 s/= r2"),
    (Insn(0x97, 1, 0, 1, 3), "r1 s%= 3"),
    (Insn(0x87, 1, 0, 0, 0), "r1 = -r1"),
    (Insn(0xDC, 1, 0, 0, 16), "r1 = be16 r1"),
    (Insn(0xD4, 1, 0, 0, 64), "r1 = le64 r1"),
    (Insn(0xD7, 1, 0, 0, 32), "r1 = bswap32 r1"),
    (Insn(0x18, 1, 0, 0, 0x1122334455667788), "r1 = 0x1122334455667788"),
    (Insn(0x79, 1, 10, -8, 0), "r1 = *(u64 *)(r10 -8)"),
    (Insn(0x91, 1, 10, -8, 0), "r1 = *(s8 *)(r10 -8)"),
    (Insn(0x7A, 10, 0, -8, 5), "*(u64 *)(r10 -8) = 5"),
    (Insn(0x63, 10, 1, -8, 0), "*(u32 *)(r10 -8) = r1"),
    (Insn(0xDB, 10, 1, -8, 0), "lock *(u64 *)(r10 -8) += r1"),
    (Insn(0xDB, 10, 1, -8, 0x41), "r1 = atomic64_fetch_or((u64 *)(r10 -8), r1)"),
    (Insn(0xC3, 10, 1, -8, 0xE1), "r1 = atomic_xchg((u32 *)(r10 -8), r1)"),
    (Insn(0xDB, 10, 1, -8, 0xF1), "r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r1)"),
    (Insn(0xDB, 1, 10, -8, 0x100), "r1 = load_acquire((u64 *)(r10 -8))"),
    (Insn(0xDB, 10, 1, -8, 0x110), "store_release((u64 *)(r10 -8), r1)"),
    (Insn(0x30, 0, 0, 0, 4), "r0 = *(u8 *)skb[4]"),
    (Insn(0x65, 1, 0, 1, -5), "if r1 s> 0xfffffffb goto pc+1"),
    (Insn(0xAE, 1, 2, 0, 0), "if w1 < w2 goto pc+0"),
    (Insn(0x05, 0, 0, 0, 0), "goto pc+0"),
    (Insn(0x06, 0, 0, 0, 0), "gotol pc+0"),
    (Insn(0xE5, 0, 0, 1, 0), "may_goto pc+1"),
    (Insn(0x95, 0, 0, 0, 0), "exit"),
]


@pytest.mark.parametrize(("insn", "text"), WORDINGS, ids=[text for _, text in WORDINGS])
def test_wording(insn: Insn, text: str) -> None:
    assert format_insn(insn) == text


def test_a_helper_is_called_by_name_and_a_function_by_distance() -> None:
    """``func_id_str`` in disasm.c; of a poisoned call the verifier says ``call unknown#195896080``."""
    assert format_insn(Insn(0x85, 0, 0, 0, 35)) == "call bpf_get_current_task#35"
    assert format_insn(Insn(0x85, 0, 0, 0, 0xBAD2310)) == "call unknown#195896080"
    assert format_insn(Insn(0x85, 0, PSEUDO_CALL, 0, -3)) == "call pc-3"


def alu_and_jumps() -> list[Insn]:
    operands = [(0x0, 0, imm) for imm in (1, -5, 16, 64)] + [(0x8, 2, 0)]
    offsets = (0, 1, 8, 16, 32)
    return [
        Insn(class_ | op << 4 | source, 1, src, off, imm)
        for class_, op, (source, src, imm), off in product((4, 5, 6, 7), range(16), operands, offsets)
        if (class_, op) not in ((5, 0x8), (6, 0x8))  # calls have a test of their own
        and not (class_ == 5 and op == 0xE and source)  # may_goto has no source
    ]


def loads_and_stores() -> list[Insn]:
    atomic = (0, 1, 0x40, 0x41, 0x50, 0x51, 0xA0, 0xA1, 0xE1, 0xF1, 0x100, 0x110)
    registers = ((10, 1), (1, 10), (0, 1))
    return [
        Insn(mode | size | class_, dst, src, -8, imm)
        for class_, mode, size, (dst, src) in product(
            range(4), range(0, 0xE0, 0x20), range(0, 0x20, 8), registers
        )
        for imm in (atomic if mode == 0xC0 and class_ == 3 else (4,))
    ]


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("insns", "at_least"),
    [
        pytest.param([insn for insn, _ in WORDINGS], 20, id="listed"),
        pytest.param(alu_and_jumps(), 80, id="alu-and-jumps"),
        pytest.param(loads_and_stores(), 15, id="loads-and-stores"),
        pytest.param([Insn(0x85, 0, 0, 0, helper) for helper in range(1, 300)], 1, id="helpers"),
        pytest.param([Insn(0x85, 0, 0, 0, number) for number in range(-1, 300)], 1, id="helpers"),
    ],
)
def test_wording_is_the_verifiers(insns: list[Insn], at_least: int) -> None:
    """Of each instruction that the running kernel gets as far as printing; *at_least* so many opcodes
    are in every kernel since 5.10."""
    by_verifier = {insn: text for insn in insns if (text := verifier_text(insn))}
    assert len({insn.opcode for insn in by_verifier}) >= at_least
    assert {insn: format_insn(insn) for insn in by_verifier} == by_verifier


# -- encoding --------------------------------------------------------------------------------

REGISTERS, S16, S32 = (
    st.integers(0, 15),
    st.integers(-(1 << 15), (1 << 15) - 1),
    st.integers(-(1 << 31), (1 << 31) - 1),
)


@given(st.binary(min_size=8, max_size=8).filter(lambda data: data[0] != LDDW), st.booleans())
def test_encoding_undoes_decoding(data: bytes, is_little_endian: bool) -> None:
    insn = decode_insn(data, is_little_endian=is_little_endian)
    assert encode_insn(insn, is_little_endian=is_little_endian) == data
    assert format_insn(insn)


@given(REGISTERS, REGISTERS, S16, st.integers(0, (1 << 64) - 1), st.booleans())
def test_encoding_undoes_decoding_of_a_wide_load(
    dst: int, src: int, off: int, imm: int, is_little_endian: bool
) -> None:
    insn = Insn(LDDW, dst, src, off, imm)
    data = encode_insn(insn, is_little_endian=is_little_endian)
    assert (len(data), insn.byte_size) == (16, 16)
    assert decode_insn(data, is_little_endian=is_little_endian) == insn
    assert format_insn(insn)


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        pytest.param(bytes(7), 0, id="cut"),
        pytest.param(bytes(16), 9, id="past-the-end"),
        pytest.param(bytes(16), -8, id="before-the-start"),
        pytest.param(bytes([LDDW]) + bytes(7), 0, id="half-a-wide-load"),
    ],
)
def test_no_instruction_is_a_value_error(data: bytes, offset: int) -> None:
    with pytest.raises(ValueError, match=f"at byte {offset} "):
        decode_insn(data, offset)


# -- LLVM ------------------------------------------------------------------------------------

LISTING_OF_CPU = {
    "v1": """
        r1 = 5; r2 = r1; r3 = 81985529216486895 ll; r1 += -7; r1 -= r2; r1 *= 3; r1 /= r2; r1 |= 1
        r1 &= r2; r1 <<= 3; r1 >>= r2; r1 = -r1; r1 %= 10; r1 ^= r2; r1 s>>= 63
        r1 = be16 r1; r1 = be32 r1; r1 = be64 r1; r1 = le16 r1; r1 = le32 r1; r1 = le64 r1
        r1 = *(u8 *)(r2 + 1); r1 = *(u16 *)(r2 + 2); r1 = *(u32 *)(r2 - 4); r1 = *(u64 *)(r2 + 32767)
        *(u8 *)(r10 - 1) = r1; *(u16 *)(r10 - 2) = r1; *(u32 *)(r10 - 4) = r1; *(u64 *)(r10 - 512) = r1
        lock *(u64 *)(r10 - 8) += r1; r0 = *(u8 *)skb[4]; r0 = *(u16 *)skb[r1]; r0 = *(u32 *)skb[-8]
        if r1 == 1 goto +1; if r1 != -1 goto -2; if r1 > r2 goto +3; if r1 >= 5 goto +0; if r1 & 8 goto +1
        if r1 s> -3 goto +1; if r1 s>= r2 goto -5; goto +1; goto -1; call 5; exit
    """,
    "v2": "if r1 < 7 goto +1; if r1 <= r2 goto +1; if r1 s< -7 goto +1; if r1 s<= r2 goto +1",
    "v3": """
        w1 = 5; w1 = w2; w1 += -7; w1 -= w2; w1 *= 3; w1 /= w2; w1 |= 1; w1 &= w2; w1 <<= 3; w1 >>= w2
        w1 = -w1; w1 %= 10; w1 ^= w2; w1 s>>= 31; if w1 == 1 goto +1; if w1 s> -1 goto +1; if w1 < w2 goto -1
        if w1 & 7 goto +1; lock *(u32 *)(r10 - 4) += w1; lock *(u64 *)(r10 - 8) |= r1
        lock *(u64 *)(r10 - 8) &= r1; lock *(u64 *)(r10 - 8) ^= r1
        r1 = atomic_fetch_add((u64 *)(r10 - 8), r1); w1 = atomic_fetch_or((u32 *)(r10 - 8), w1)
        r1 = atomic_fetch_and((u64 *)(r10 - 8), r1); w1 = atomic_fetch_xor((u32 *)(r10 - 8), w1)
        r1 = xchg_64(r10 - 8, r1); w1 = xchg32_32(r10 - 8, w1)
        r0 = cmpxchg_64(r10 - 8, r0, r1); w0 = cmpxchg32_32(r10 - 8, w0, w1)
    """,
    "v4": """
        r1 = (s8)r2; r1 = (s16)r2; r1 = (s32)r2; w1 = (s8)w2; w1 = (s16)w2; r1 s/= 3; r1 s%= r2; w1 s/= w2
        w1 s%= -3; r1 = bswap16 r1; r1 = bswap32 r1; r1 = bswap64 r1; r1 = *(s8 *)(r2 + 1)
        r1 = *(s16 *)(r2 + 2); r1 = *(s32 *)(r2 - 4); gotol +5; gotol -7; *(u64 *)(r10 - 8) = 5
        *(u32 *)(r10 - 8) = -5; *(u8 *)(r10 - 8) = 1; may_goto +3
    """,
}


def for_llvm(text: str) -> str:
    """Return an instruction in the verifier's words in those of LLVM's assembler."""
    text = re.sub(r"\bpc([+-])", r"\1", text)
    text = re.sub(r"^call \w+#", "call ", text)
    text = re.sub(r"skb\[(r\d+) \+ 0\]", r"skb[\1]", text)
    text = re.sub(r" ([+-])(\d+)\)", r" \1 \2)", text)
    if wide := re.fullmatch(r"r\d+ = 0x[0-9a-f]+", text):
        return f"{wide[0]} ll"
    text = re.sub(r"0x([0-9a-f]+)", lambda found: str(signed32(int(found[1], 16))), text)
    if found := re.fullmatch(r"r(\d+) = atomic(64)?_xchg\(\(u\d+ \*\)\((.*?)\), r\d+\)", text):
        return exchange("xchg", found)
    if found := re.fullmatch(r"r0 = atomic(64)?_cmpxchg\(\(u\d+ \*\)\((.*?)\), r0, r(\d+)\)", text):
        name, letter = ("cmpxchg_64", "r") if found[1] else ("cmpxchg32_32", "w")
        return f"{letter}0 = {name}({found[2]}, {letter}0, {letter}{found[3]})"
    if "(u32 *)" in text and ("lock" in text or "atomic_" in text):
        text = re.sub(r"\br(\d+)(?= =)|(?<=[=,] )r(\d+)", lambda f: f"w{f[1] or f[2]}", text)
    return text.replace("atomic64_", "atomic_")


def exchange(name: str, found: re.Match[str]) -> str:
    width, letter = ("_64", "r") if found[2] else ("32_32", "w")
    return f"{letter}{found[1]} = {name}{width}({found[3]}, {letter}{found[1]})"


def signed32(value: int) -> int:
    return value - (value >> 31 << 32)


def assembled(text: str, tmp_path: Path, *, cpu: str, is_little_endian: bool = True) -> bytes:
    source, out = tmp_path / "listing.s", tmp_path / "listing.o"
    source.write_text(text.replace(";", "\n") + "\n")
    target = "bpfel" if is_little_endian else "bpfeb"
    command = ["clang-19", f"--target={target}", f"-mcpu={cpu}", "-c", str(source), "-o", str(out)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    elf = read_elf(out.read_bytes())
    section = elf.section(".text")
    assert section
    return elf.bytes_of(section)


def decoded(code: bytes, *, is_little_endian: bool = True) -> list[Insn]:
    found: list[Insn] = []
    at = 0
    while at < len(code):
        found.append(decode_insn(code, at, is_little_endian=is_little_endian))
        at += found[-1].byte_size
    return found


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
@pytest.mark.parametrize("cpu", LISTING_OF_CPU)
def test_what_llvm_assembles_reads_back_as_the_same_listing(
    cpu: str, is_little_endian: bool, tmp_path: Path
) -> None:
    listing = LISTING_OF_CPU[cpu]
    code = assembled(listing, tmp_path, cpu=cpu, is_little_endian=is_little_endian)
    insns = decoded(code, is_little_endian=is_little_endian)
    assert len(insns) == len([line for line in re.split(r"[;\n]", listing) if line.strip()])
    again = "\n".join(for_llvm(format_insn(insn)) for insn in insns)
    assert assembled(again, tmp_path, cpu=cpu, is_little_endian=is_little_endian) == code


def by_objdump(path: Path) -> dict[str, list[tuple[int, bytes]]]:
    """Return the index and bytes of each instruction of each section."""
    command = ["llvm-objdump-19", "-d", "--mcpu=v4", "-z", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, list[tuple[int, bytes]]] = {}
    section = ""
    for line in printed.splitlines():
        if begin := re.match(r"Disassembly of section (.*):", line):
            section = begin[1]
        elif insn := re.match(r"\s+(\d+):\t((?:[0-9a-f]{2} ?)+)\t", line):
            found.setdefault(section, []).append((int(insn[1]), bytes.fromhex(insn[2])))
    return found


@pytest.mark.debian_tool("llvm-objdump-19")
def test_instructions_begin_where_objdump_says(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        elf = read_elf(path.read_bytes())
        sections = by_objdump(path)
        assert sections
        for name, expected in sections.items():
            section = elf.section(name)
            assert section
            insns = decoded(elf.bytes_of(section), is_little_endian=elf.is_little_endian)
            at, found = 0, []
            for insn in insns:
                found.append((at // 8, encode_insn(insn, is_little_endian=elf.is_little_endian)))
                at += insn.byte_size
            assert found == expected, path.name


@pytest.mark.debian_tool("clang-19")
def test_llvm_takes_back_the_text_of_every_object(shared: Path, tmp_path: Path) -> None:
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        elf = read_elf(path.read_bytes())
        for section in elf.sections:
            if not section.is_executable or not section.size:
                continue
            code = elf.bytes_of(section)
            insns = [
                insn
                for insn in decoded(code, is_little_endian=elf.is_little_endian)
                if not (insn.opcode == 0x85 and insn.src)  # a call of a symbol
                and not (insn.is_lddw and insn.src)
            ]
            text = "\n".join(for_llvm(format_insn(insn)) for insn in insns)
            expected = b"".join(encode_insn(insn, is_little_endian=elf.is_little_endian) for insn in insns)
            again = assembled(text, tmp_path, cpu="v4", is_little_endian=elf.is_little_endian)
            assert again == expected, (path.name, section.name)
