"""The labelled changes of the shared corpus (``changes/changes.tsv``), and how a hint is judged by them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RIGHT, SILENT, VAGUE, MISLEADING, ABSENT = "right", "right, silent on gone", "vague", "misleading", "absent"
GONE_NAMED = "misleading, a gone one named"
LABELS = (RIGHT, SILENT, VAGUE, MISLEADING, GONE_NAMED, ABSENT)


class Change(NamedTuple):
    id: str
    path: str
    kind: str
    last: str
    """The last kernel that has it."""
    first: str
    """The first that lacks it."""
    became: str

    @property
    def is_control(self) -> bool:
        """It resolves on both, and means another thing."""
        return self.id.startswith("S")

    @property
    def is_gone(self) -> bool:
        return self.became == "gone, no replacement"

    @property
    def answers(self) -> list[str]:
        """What counts as right."""
        if self.is_gone or self.became.startswith("semantics changed"):
            return []
        return re.sub(r" \(in part: .*\)$", "", self.became).split(" or ")

    @property
    def parts(self) -> list[str]:
        """What counts as vague: a container of it, a half of it, the nearest thing."""
        named = re.search(r"(?:in part|nearest): ([^)]*)", self.became)
        return named[1].split(", ") if named else []


def read_changes(shared: Path) -> list[Change]:
    lines = (shared / "changes" / "changes.tsv").read_text().splitlines()[1:]
    return [Change(*line.split("\t")[:6]) for line in lines]


def judge(change: Change, named: Sequence[str], reason: str = "") -> str:
    """Return the label of *named*, the hints from the best on; *reason* is what the tool says beside them.

    A hint is written from the root (``task_struct.se.x``) or from the struct that lost the field (``x``).
    """
    if change.is_gone:
        return GONE_NAMED if named else SILENT
    if not re.search(r"[.:]", change.path):  # a type: the program asks for one of its fields
        named = [re.split(r"[.:]", one)[0] for one in named]
    if not named:
        kept = change.path.partition(".")[2].split(".")[0].split("[")[0]
        return VAGUE if " there, but " in reason and re.match(rf"{re.escape(kept)}\b", reason) else ABSENT
    # The program asks for what CO-RE reaches, up to the first pointer.
    reached, is_pointer, _ = change.path.partition("->")
    if is_pointer and _is_same(change, named[0], reached.partition(".")[2]) and change.answers:
        return RIGHT
    # What was asked inside the lost field may stand at the end: fpstate->regs.xsave for state.xsave.
    inside = change.path.rpartition(".")[2]
    if any(
        _is_same(change, named[0], written)
        for answer in change.answers
        for written in (answer, f"{answer}.{inside}")
    ):
        return RIGHT
    near = [*change.answers, *change.parts]
    if any(_is_same(change, one, answer) for one in named[1:] for answer in near):
        return VAGUE
    if any(_is_same(change, named[0], part) or _holds(named[0], part) for part in near):
        return VAGUE
    return MISLEADING


def _is_same(change: Change, hint: str, answer: str) -> bool:
    hint, answer = (re.sub(r"\[\w*\]", "", text) for text in (hint, answer))
    root = re.split(r"[.:]", change.path)[0]
    written = {hint, hint.removeprefix(f"{root}."), hint.removeprefix(f"{root}::")}
    # From each struct on the way, as the answers are written.
    owner = change.path.removeprefix(f"{root}.").split(".")[:-1]
    for depth in range(len(owner)):
        written.add(hint.removeprefix(".".join((root, *owner[: depth + 1])) + "."))
    return answer in written


def _holds(hint: str, answer: str) -> bool:
    """Tell whether *answer* is inside what *hint* names."""
    tail = hint.rpartition(".")[2]
    return re.split(r"\.|->", answer)[0] == tail and tail != answer


def table_line(title: str, counts: Counter[str]) -> str:
    return "  ".join((f"{title:<44}", *(f"{counts[label]:>5}" for label in LABELS)))
