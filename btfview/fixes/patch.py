"""A changed text, proposed; and the same, proven."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.result import Analysis

GUARD, SUCCESSOR, RENAME, BITFIELD, WEAK = "guard", "successor", "rename", "bitfield", "weak"
KINDS = (SUCCESSOR, BITFIELD, WEAK, RENAME, GUARD)


@frozen
class Edit:
    """What comes in the place of a part of the text."""

    start: int
    end: int
    text: str


@frozen
class Proposal:
    """A text that may mend it. Nobody has tried it."""

    kind: str
    """One of :data:`KINDS`."""
    title: str
    """In words: ``ask first whether task_struct.state is there``."""
    text: str
    """The whole source."""
    is_guess: bool = False
    """What it reads in place of the old is a guess."""


@frozen
class Fix:
    """A proposal that compiles, and with which something loads that did not."""

    proposal: Proposal
    failing: tuple[bool, ...]
    """For each target of the analysis, whether it fails there as the source is."""
    failing_after: tuple[bool, ...]
    """The same with the fix."""
    after: Analysis
    """Of the changed text, on the same targets."""

    @property
    def kind(self) -> str:
        return self.proposal.kind

    @property
    def fate(self) -> str:
        """``fails on 9 of 31 → 0 of 31``."""
        count = len(self.failing)
        return f"fails on {sum(self.failing)} of {count} → {sum(self.failing_after)} of {count}"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return *text* with *edits*, which do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def indentation_at(text: str, offset: int) -> str | None:
    """Return what stands before *offset* on its line, if that is blank; else None."""
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return before if not before.strip() else None
