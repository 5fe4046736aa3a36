"""Where branches of a function come together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.types.kinds import (
    ERROR,
    NEVER,
    UNIT,
    Type,
    resolve,
)
from btfview.source import Span

if TYPE_CHECKING:
    from .program import FunctionLowerer


def has_value(found: Type) -> bool:
    found = resolve(found)
    return found is not UNIT and found is not NEVER and found is not ERROR


class Join:
    """Where branches come together, with a slot for their value."""

    def __init__(self, lower: FunctionLowerer, found: Type, span: Span, hint: str) -> None:
        self.lower = lower
        self.type = found
        self.span = span
        self.label = lower.writer.label(hint)
        self.slot = lower.writer.slot("value", found) if has_value(found) else None
        self.is_reached = False

    def arrive(self, value: str) -> None:
        """End a branch that gives *value*."""
        writer = self.lower.writer
        if writer.is_dead:
            return
        if self.slot is not None:
            writer.store(self.type, value, self.slot, self.span)
        writer.jump(self.label, self.span)
        self.is_reached = True

    def finish(self) -> str:
        """Go on after the branches and return the value."""
        writer = self.lower.writer
        if not self.is_reached:
            return "poison"
        writer.start(self.label)
        return writer.load(self.type, self.slot, self.span) if self.slot is not None else ""
