"""Instructions that came after the first BPF: which programs hold, and which kernels know.

``Documentation/bpf/standardization/instruction-set.rst``; the verifier refuses some wherever they stand
(``resolve_pseudo_ldimm64``, ``check_cfg``), others where they are reached only (``do_check``).
"""

from __future__ import annotations

from struct import unpack_from

from btfview.bpf.insn import INSN_SIZE
from btfview.demands.demand import Met, NotMet, Unknown, trimmed
from btfview.demands.kernel.kernel import ATTACH_TYPE, FUNC_ID, MAP_TYPE
from btfview.demands.kernel.releases import ATOMICS, CPU_V4, LOAD_ACQUIRE, MAY_GOTO, Clock
from btfview.demands.object.code import positions
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.code import Code, Function

_OPCODES = (
    b"\x34\x37\x3c\x3f\x94\x97\x9c\x9f"  # division, which is signed with an offset
    b"\xbc\xbf"  # moves, which extend the sign with one
    b"\xd7\x06\x81\x89\x91\xe5\xdb\xc3\xcb\xd3\x0d"
)
_WORDS = {
    0xD7: "bswap",
    0x06: "gotol",
    0x81: "ldsx",
    0x89: "ldsx",
    0x91: "ldsx",
    0xE5: "may_goto",
    0x0D: "gotox",
}
_SINCE = {
    "may_goto": MAY_GOTO,
    "load_acquire": LOAD_ACQUIRE,
    "store_release": LOAD_ACQUIRE,
    "atomic": ATOMICS,
}
_SINCE |= {"addr_space_cast": MAY_GOTO}
_FETCH_OR_MORE = 0x01
_PLAIN_ATOMICS = frozenset((0x00,))
"""The add without a result, which is the old XADD."""


@frozen
class NewInsn:
    """An instruction that not every kernel knows."""

    word: str
    """``sdiv``, ``gotol``, ``may_goto``; ``atomic`` for those that return what was there."""

    @property
    def subject(self) -> str:
        return self.word

    @property
    def clock(self) -> Clock:
        return _SINCE.get(self.word, CPU_V4)

    def names(self) -> tuple[str, ...]:
        clock = self.clock
        return (clock.enum or clock.name, ATTACH_TYPE, FUNC_ID, MAP_TYPE)

    def is_always_refused(self, kernel: Kernel) -> bool:
        """Tell whether the verifier refuses it where it can not be reached, too."""
        if self.word in ("atomic", "load_acquire", "store_release"):
            return ATOMICS.has_come(kernel) is False
        return self.word in ("bswap", "gotol", "ldsx", "may_goto", "gotox")

    def answer(self, kernel: Kernel) -> Answer:
        rule = "kernel bpf_opcode_in_insntable" if self.word in _WORDS.values() else "kernel do_check"
        clock = self.clock
        if self.word == "gotox":
            return Unknown("computed jumps came with 6.19; nothing in BTF tells of them", rule)
        has_come = clock.has_come(kernel)
        if has_come is None:
            return trimmed("it lacks what would tell its age", rule)
        if has_come:
            return Met(f"the kernel has {clock.name}, which came with {clock.release} as well", rule)
        if self.word == "gotol" and ATOMICS.has_come(kernel):
            # Debian's 6.1.192 takes gotol: stable releases have it as part of a fix.
            return Unknown("gotol came with 6.6, and with some stable releases before", rule)
        cpu = "v3" if clock is CPU_V4 else "v2" if self.word == "atomic" else ""
        instead = f"compile with -mcpu={cpu}" if cpu else ""
        return NotMet(f"{self.word} came with {clock.release}; the kernel has no {clock.name}", rule, instead)


def find_new_insns(code: Code, function: Function) -> Iterator[tuple[int, NewInsn]]:
    """Yield the instructions of a function that not every kernel knows, by their place in its section."""
    data = code.object.code(function.section)
    opcodes = data[function.start : function.end : INSN_SIZE]
    for index in positions(opcodes, _OPCODES):
        at = function.start + index * INSN_SIZE
        opcode, _, off, imm = unpack_from(code.order + "BBhi", data, at)
        word = _word(opcode, off, imm)
        if word and not _is_second_half(data, at, function.start):
            yield at, NewInsn(word)


def _is_second_half(data: bytes, at: int, start: int) -> bool:
    return at - INSN_SIZE >= start and data[at - INSN_SIZE] == 0x18


def _word(opcode: int, off: int, imm: int) -> str:
    if opcode in _WORDS:
        return _WORDS[opcode]
    if opcode in (0xDB, 0xC3, 0xCB, 0xD3):
        if imm == 0x100:
            return "load_acquire"
        if imm == 0x110:
            return "store_release"
        return "" if imm in _PLAIN_ATOMICS else "atomic"
    if not off:
        return ""
    if opcode in (0xBF, 0xBC):
        if opcode == 0xBF and off in (1, -1):
            return "addr_space_cast" if off == 1 else ""
        return "movsx" if off in (8, 16, 32) else ""
    return "sdiv" if opcode < 0x90 else "smod"
