"""Where the jumps of an object's code lead: read once, for all programs and kernels."""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE, JMP, JMP32
from btfview.frozen import TYPE_CHECKING

from .code import EXTERN, FUNCTION

if TYPE_CHECKING:
    from .code import Code, Function, Place, RawInsn

_CALL, _EXIT, _MAY_GOTO = 0x80, 0x90, 0xE0
_JA, _JA32, _GOTOX = 0x05, 0x06, 0x0D
MAX_FRAMES = 8
"""MAX_CALL_FRAMES: functions in a chain of calls, the program itself among them."""
_LEAVING = ("bpf_throw", "bpf_iter_")
"""How externs begin that end a path, or bound loops in which they are called."""


class Jumps:
    """The jumps of the functions of *code*."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._targets: dict[str, frozenset[int]] = {}
        self._loops: dict[Place, bool] = {}
        self._callees: dict[Place, dict[Place, Place]] = {}
        self._that_leave: set[Place] | None = None
        self._endless: dict[Place, tuple[Place, ...]] = {}

    def targets(self, section: str) -> frozenset[int]:
        """Return the instructions of a section that jumps lead to, by number."""
        found = self._targets.get(section)
        if found is None:
            found = self._targets[section] = _targets(self.code.insns(section))
        return found

    def callees(self, function: Function) -> dict[Place, Place]:
        """Return the functions that *function* calls, not those whose address it takes, each with the first
        call of it."""
        found = self._callees.get(function.place)
        if found is None:
            insns = self.code.insns(function.section)
            found = self._callees[function.place] = {}
            for at, ref in function.refs:
                insn = insns[at // INSN_SIZE]
                if ref.what == FUNCTION and insn is not None and insn[0] == CALL:
                    found.setdefault((ref.name, ref.offset), (function.section, at))
        return found

    def too_deep(self, program: Function) -> tuple[Place, ...]:
        """Return the calls of a chain of one function more than the verifier allows, dead ones among them, as
        it counts (``check_max_stack_depth``); empty where no chain is as long."""
        chains: dict[Place, tuple[Place, ...]] = {program.place: ()}
        for _ in range(MAX_FRAMES):
            longer: dict[Place, tuple[Place, ...]] = {}
            for place, chain in chains.items():
                function = self.code.functions.get(place)
                for callee, call in self.callees(function).items() if function else ():
                    if callee in self.code.functions:
                        longer.setdefault(callee, (*chain, call))
            chains = longer
        return next(iter(chains.values()), ())

    def endless(self, function: Function) -> tuple[Place, ...]:
        """Return the heads of the loops of *function* that nothing leads out of, whatever the values: the
        verifier follows them until it sees a state again, or has seen a million instructions.

        What ends a path or a loop by other rules counts as a way out: ``bpf_throw``, ``may_goto``, open-coded
        iterators, computed jumps, and the call of a function that has one of these.
        """
        found = self._endless.get(function.place)
        if found is None:
            found = self._endless[function.place] = tuple(
                (function.section, index * INSN_SIZE) for index in self._find_endless(function)
            )
        return found

    def _find_endless(self, function: Function) -> list[int]:
        opcodes = self.code.object.code(function.section)[function.start : function.end : INSN_SIZE]
        # The last instruction of such a loop leads nowhere but back.
        if _JA not in opcodes and _JA32 not in opcodes:
            return []
        insns = self.code.insns(function.section)
        start, end = function.start // INSN_SIZE, min(function.end // INSN_SIZE, len(insns))
        leaving = self._leaving_calls(function)
        before: dict[int, list[int]] = {}
        out: list[int] = []
        for index in range(start, end):
            insn = insns[index]
            after = [] if index in leaving else _successors(insn, index)
            if not after or not all(start <= one < end for one in after):
                out.append(index)
                continue
            for one in after:
                before.setdefault(one, []).append(index)
        seen = set(out)
        while out:
            for index in before.get(out.pop(), ()):
                if index not in seen:
                    seen.add(index)
                    out.append(index)
        heads = {
            head
            for head, sources in before.items()
            if head not in seen and any(source >= head and source not in seen for source in sources)
        }
        return sorted(heads)

    def _leaving_calls(self, function: Function) -> set[int]:
        return {
            at // INSN_SIZE
            for at, ref in function.refs
            if (ref.what == EXTERN and ref.name.startswith(_LEAVING))
            or (ref.what == FUNCTION and self._may_leave((ref.name, ref.offset)))
        }

    def _may_leave(self, place: Place) -> bool:
        """Tell whether the function at *place*, or one that it calls, has such a call; there may be no
        function at all."""
        if self._that_leave is None:
            functions = self.code.functions.values()
            self._that_leave = {
                one.place
                for one in functions
                if any(ref.what == EXTERN and ref.name.startswith(_LEAVING) for _, ref in one.refs)
            }
        function = self.code.functions.get(place)
        if function is None or not self._that_leave:
            return function is None
        return any(one.place in self._that_leave for one in self.code.joined(function))

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


def _successors(insn: RawInsn | None, index: int) -> list[int]:
    """Return the instructions that may follow; none where the path ends, or nobody knows."""
    if insn is None:
        return [index + 1]  # the second half of an ldimm64
    opcode = insn[0]
    if opcode & 7 not in (JMP, JMP32) or opcode & 0xF0 == _CALL:
        return [index + 1]
    if opcode & 0xF0 in (_EXIT, _MAY_GOTO) or opcode == _GOTOX:
        return []
    target = index + 1 + _distance(insn)
    return [target] if opcode in (_JA, _JA32) else [index + 1, target]


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
