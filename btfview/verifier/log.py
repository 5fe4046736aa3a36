"""The verifier's log of one program: where it stopped, what the registers held there, why, and what it
cost."""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_REASON = 12
"""Lines: Linux 7.3 ends a log with a report of several."""
_INSN = re.compile(r"\s*([0-9]{1,7}): (?:\(([0-9a-f]{2})\) (.*)|(<invalid .*))")
_STATE = re.compile(r"(?:from [0-9]{1,7} to )?[0-9]{1,7}: (?:safe|(?:frame[0-9]: )?(?:R[0-9]|fp-).*)$")
"""All that is known at an instruction; behind an instruction stands only what it changed."""
_CALL = "85"
_CALLER_SAVED = ("R0", "R1", "R2", "R3", "R4", "R5")
_REGISTER = re.compile(r"(?:^|(?<=[\s;]))(R(?:10|[0-9])|fp-[0-9]{1,3})(?:_[a-zA-Z]{1,3})?=")
_PROCESSED = re.compile(
    r"processed ([0-9]{1,10}) insns .*total_states ([0-9]{1,10}) peak_states ([0-9]{1,10})"
)
_TIME = re.compile(r"verification time ([0-9]{1,12}) usec")
_STACK = re.compile(r"stack depth ([0-9+]{1,200})")
_COMMENT = re.compile(r"; (.*)$")
_NOISE = (
    "func#", "Live regs", "mark_precise", "last_idx", "regs=", "parent ", "propagating", "arg#", "Validating",
    "caller:", "callee:", "returning from callee", "to caller at", "BPF program is too large", "safe",
)  # fmt: skip


@frozen
class VerifierLog:
    """What a log tells."""

    stopped_at: int | None
    """Number of the last instruction that was looked at, in the loaded program; None where the log has
    none."""
    insn_text: str
    registers: tuple[tuple[str, str], ...]
    """Name and contents, in the verifier's words, before that instruction; the stack's slots behind."""
    comment: str
    """The source line printed last."""
    reason: tuple[str, ...]
    """The lines after the instruction: why the program is refused."""
    processed: int | None = None
    """Instructions that were followed, those of all paths added up."""
    total_states: int | None = None
    microseconds: int | None = None
    stack: str = ""
    """Bytes of stack, a number for each function: ``24+0``."""


def read_verifier_log(log: str) -> VerifierLog:
    """Return what *log* tells; of an empty one, nothing.

    Time is linear in the log: its end is what counts, and registers are followed from the last full state.
    """
    lines = log.splitlines()
    last = _last_insn(lines)
    reason = [line.strip() for line in lines[last + 1 :] if _is_reason(line)]
    stopped_at, text, comment = None, "", ""
    registers: dict[str, str] = {}
    if last >= 0:
        found = _INSN.match(lines[last])
        assert found is not None
        stopped_at = int(found[1])
        text = (f"({found[2]}) {found[3]}" if found[2] else found[4]).split(";", 1)[0].strip()
        registers = _registers_before(lines, last)
        comment = _comment_before(lines, last)
    processed = _PROCESSED.search(log)
    took, stack = _TIME.search(log), _STACK.search(log)
    return VerifierLog(
        stopped_at,
        text,
        tuple(sorted(registers.items(), key=_by_name)),
        comment,
        tuple(reason[:MAX_REASON]),
        int(processed[1]) if processed else None,
        int(processed[2]) if processed else None,
        int(took[1]) if took else None,
        stack[1] if stack else "",
    )


def _last_insn(lines: list[str]) -> int:
    """Return the index of the last line that is an instruction; -1 where none is."""
    for index in range(len(lines) - 1, -1, -1):
        is_live_list = lines[index].startswith("  ")  # of registers, before the first instruction
        if not is_live_list and _INSN.match(lines[index]):
            return index
    return -1


def _is_reason(line: str) -> bool:
    text = line.strip()
    return bool(
        text
        and not text.startswith(_NOISE)
        and not text.startswith("; ")
        and not (_PROCESSED.search(text) or _TIME.match(text) or _STACK.match(text) or _STATE.match(text))
    )


def _registers_before(lines: list[str], last: int) -> dict[str, str]:
    start = last
    while start > 0 and not _STATE.match(lines[start]):
        start -= 1
    registers = dict(_assignments(lines[start]))
    for line in lines[start + 1 : last]:
        found = _INSN.match(line)
        if found is None:
            continue
        if found[2] == _CALL:
            for name in _CALLER_SAVED:
                registers.pop(name, None)
        registers.update(_assignments(line.partition(" ; ")[2]))
    return registers


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of ``R1_w=scalar(umax=255,var_off=(0x0; 0xff)) R2=ctx()``."""
    position = 0
    while found := _REGISTER.search(text, position):
        end, depth = found.end(), 0
        while end < len(text) and (depth or text[end] != " "):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield found[1], text[found.end() : end]
        position = end


def _comment_before(lines: list[str], last: int) -> str:
    for index in range(last, -1, -1):
        if lines[index].startswith("; "):
            found = _COMMENT.match(lines[index])
            return found[1] if found else ""
    return ""


def _by_name(item: tuple[str, str]) -> tuple[bool, int]:
    name = item[0]
    return name.startswith("fp"), int(name.lstrip("Rfp-"))
