"""Where the jumps of an object's code lead: read once, for all programs and kernels."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE, JMP, JMP32
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from .code import Code, Function, Place, RawInsn

_CALL, _EXIT, _MAY_GOTO = 0x80, 0x90, 0xE0


class Jumps:
    """The jumps of the functions of *code*."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._targets: dict[str, frozenset[int]] = {}
        self._loops: dict[Place, bool] = {}

    def targets(self, section: str) -> frozenset[int]:
        """Return the instructions of a section that jumps lead to, by number."""
        found = self._targets.get(section)
        if found is None:
            found = self._targets[section] = _targets(self.code.insns(section))
        return found

    def has_loop(self, function: Function) -> bool:
        """Tell whether a jump of *function* leads back, ``may_goto`` left out."""
        found = self._loops.get(function.place)
        if found is None:
            insns = self.code.insns(function.section)
            found = self._loops[function.place] = _has_loop(insns, function)
        return found


def _has_loop(insns: list[RawInsn | None], function: Function) -> bool:
    for index in range(function.start // INSN_SIZE, min(function.end // INSN_SIZE, len(insns))):
        insn = insns[index]
        if insn is None or insn[0] & 7 not in (JMP, JMP32) or insn[0] & 0xF0 in (_CALL, _EXIT):
            continue
        if _distance(insn) < 0 and insn[0] & 0xF0 != _MAY_GOTO:
            return True
    return False


def _targets(insns: list[RawInsn | None]) -> frozenset[int]:
    found: set[int] = set()
    for index, insn in enumerate(insns):
        if insn is None or insn[0] & 7 not in (JMP, JMP32):
            continue
        if insn[0] & 0xF0 not in (_CALL, _EXIT):
            found.add(index + 1 + _distance(insn))
    return frozenset(found)


def _distance(insn: RawInsn) -> int:
    """Return how far a jump leads, in instructions from the one behind it; ``gotol`` has it where others have
    a number."""
    return insn[4] if insn[0] & 0xF0 == 0 and insn[0] & 7 == JMP32 else insn[3]
