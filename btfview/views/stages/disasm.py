"""Rows of the disassembly: instructions under their source lines and records."""

from __future__ import annotations

import os

from btfview.analysis.instructions.disassembly import FunctionListing, InsnLine
from btfview.changes.status import Status
from btfview.core_relo.patch import POISON_HELPER
from btfview.frozen import TYPE_CHECKING
from btfview.rust_names import demangled
from btfview.views.rows import Row, Segment
from btfview.views.states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from btfview.analysis.result import Analysis, CellState
    from btfview.changes.object_changes import InsnChange, ObjectChanges

    _Answer: TypeAlias = tuple[str, str, str, int | None, CellState | None, int | None]

POISON_TEXT = f"call #{POISON_HELPER} (poison)"
DEAD = "dead code there"


def disasm_rows(
    analysis: Analysis,
    functions: Sequence[FunctionListing],
    target_index: int | None,
    changes: ObjectChanges | None = None,
    before: Mapping[tuple[str, int], InsnLine] | None = None,
) -> tuple[Row, ...]:
    """Return, under a title a function, its source lines, its records and its instructions; where
    *functions* were made with a target, each changed instruction also as libbpf would load it there.

    *changes*, where given, are marked: what is new, what an instruction was, what is gone; so is what
    instructions were *before*, on another kernel.

    Instructions have the key ``SECTION+OFFSET``, records their own.
    """
    marks = _Marks(changes, before or {})
    asks: dict[tuple[str, int], list[int]] = {}
    for number, ask in enumerate(analysis.asks, len(analysis.relos)):
        if ask.insn:
            asks.setdefault(ask.insn, []).append(number)
    records = _RecordRows(analysis, target_index)
    return tuple(row for function in functions for row in _function_rows(function, marks, asks, records))


class _Marks:
    """What changed, by the place of an instruction in the newer object."""

    def __init__(self, changes: ObjectChanges | None, before: Mapping[tuple[str, int], InsnLine]) -> None:
        self._before = before
        """On another kernel."""
        self._changes: dict[tuple[str, int], InsnChange] = {}
        self._gone: dict[tuple[str, str, int], list[InsnLine]] = {}
        """By section, function and place: instructions that stood before the one that is there now; at the
        end of a function, after its last."""
        self._sizes: dict[tuple[str, str], tuple[int | None, int | None]] = {}
        for function in changes.functions if changes else ():
            if function.status == Status.SAME:
                continue
            self._sizes[function.section, function.name] = function.old_size, function.new_size
            gone: list[InsnLine] = []
            end = 0
            for change in function.insns:
                if change.new is None:
                    gone += [change.old] if change.old else []
                    continue
                place = (function.section, change.new.insn_off)
                self._changes[place] = change
                if gone:
                    self._gone[function.section, function.name, change.new.insn_off] = gone
                    gone = []
                end = change.new.insn_off + len(change.new.code)
            if gone and end:
                self._gone[function.section, function.name, end] = gone

    def size(self, function: FunctionListing) -> str:
        """Return ``96 → 104 B``; empty for a function of the same size."""
        old, new = self._sizes.get((function.section, function.name), (None, None))
        if new is None or old == new:
            return ""
        return f"  + new, {new} B" if old is None else f"  {old} → {new} B"

    def mark(self, section: str, insn_off: int) -> Segment | None:
        """Return what is to be said of an instruction; None for one that is the same."""
        if (was := self._before.get((section, insn_off))) is not None:
            said = DEAD if was.is_dead else POISON_TEXT if was.is_poisoned else was.text_after
            return Segment(f"  ± on the kernel before: {said}", "warning")
        change = self._changes.get((section, insn_off))
        if change is None or change.status == Status.SAME:
            return None
        if change.old is None:
            return Segment("  + new", "as-compiled")
        return Segment(f"  ± was {change.old.text}", "warning")

    def gone_rows(self, function: FunctionListing, insn_off: int) -> Iterator[Row]:
        """Yield a row for each instruction that stood before the place and is there no more."""
        for line in self._gone.get((function.section, function.name, insn_off), ()):
            yield Row((Segment(f"- {line.text}", "error"), Segment("  gone", "dim")), (), "", 2)


def _function_rows(
    function: FunctionListing,
    marks: _Marks,
    asks: Mapping[tuple[str, int], Sequence[int]],
    records: _RecordRows,
) -> Iterator[Row]:
    count = len(function.lines)
    name = demangled(function.name) or "(no symbol)"
    size = f"  {count} instruction{'s' * (count != 1)}"
    title = (Segment(f"{function.section} · {name}", "title"), Segment(size, "dim"))
    changed = marks.size(function)
    yield Row((*title, Segment(changed, "warning")) if changed else title)
    width = len(str(function.lines[-1].insn_index))
    for line in function.lines:
        if line.line is not None and (line.line.text.strip() or line.line.line):
            place = f"{os.path.basename(line.line.file)}:{line.line.line}"
            text = (Segment(f"; {place}  ", "dim"), Segment(line.line.text.strip(), "comment"))
            yield Row(text, line.relos, "", 1)
        for index in line.relos:
            yield records.row(index)
        yield from marks.gone_rows(function, line.insn_off)
        asked = asks.get((function.section, line.insn_off), ())
        yield _insn_row(function, line, width, marks.mark(function.section, line.insn_off), asked)
    last = function.lines[-1]
    yield from marks.gone_rows(function, last.insn_off + len(last.code))


class _RecordRows:
    """A row for each record; what records of one question and one answer say is put into words once."""

    def __init__(self, analysis: Analysis, target_index: int | None) -> None:
        self._analysis = analysis
        self._target_index = target_index
        self._said: dict[_Answer, tuple[Segment, ...]] = {}

    def row(self, index: int) -> Row:
        linked, target = self._analysis.relos[index], self._target_index
        label, access_str = linked.relo.kind_label, linked.relo.access_str
        state = None if target is None else self._analysis.state(index, target)
        value = None if target is None else self._analysis.value(index, target)
        key = (label, linked.path, access_str, linked.local_value, state, value)
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = _record_segments(*key)
        return Row((Segment(f"◆ #{index} ", "title"), *said), (index,), linked.key, 1)


def _record_segments(
    label: str,
    path: str,
    access_str: str,
    local_value: int | None,
    state: CellState | None,
    value: int | None,
) -> tuple[Segment, ...]:
    segments = [Segment(f"{label} ", "keyword"), Segment(path, "name"), Segment(f"  {access_str}", "dim")]
    if local_value is None:
        segments.append(Segment("  malformed", "error"))
    else:
        segments.append(Segment(f" = {local_value}", "number"))
    if state is not None:
        said = state if value is None else f"{state}: {value}"
        segments.append(Segment(f"  {state.glyph} {said}", state_role(state)))
    return tuple(segments)


def _insn_row(
    function: FunctionListing, line: InsnLine, width: int, mark: Segment | None, asks: Sequence[int]
) -> Row:
    segments = [
        Segment(f"{line.insn_index:>{width}}: ", "dim"),
        Segment(line.text, "dim" if line.is_dead else "text"),
    ]
    if line.is_changed:
        segments.append(Segment("  →  ", "dim"))
        if line.is_poisoned:
            segments.append(Segment(POISON_TEXT, "missing-guarded" if line.is_dead else "missing"))
        else:
            segments.append(Segment(line.text_after, "moved"))
    if line.jump_to is not None:
        segments.append(Segment(f"  → {line.jump_to}", "dim"))
    if line.reference:
        segments.append(Segment(f"  ; {line.reference}", "comment"))
    if line.is_dead:
        segments.append(Segment(f"  ○ {DEAD}", "missing-guarded"))
    if mark is not None:
        segments.append(mark)
    return Row(tuple(segments), (*line.relos, *asks), f"{function.section}+{line.insn_off}", 2)
