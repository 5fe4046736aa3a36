"""Where branches of a function come together."""

from __future__ import annotations

from btfview.compiler.rust.types.kinds import (
    ERROR,
    NEVER,
    UNIT,
    Type,
    resolve,
)
from btfview.source import Span

from .writer import FunctionWriter


def has_value(found: Type) -> bool:
    found = resolve(found)
    return found is not UNIT and found is not NEVER and found is not ERROR


class Join:
    """Where branches come together, with a slot for their value."""

    def __init__(self, writer: FunctionWriter, found: Type, span: Span, hint: str) -> None:
        self._writer = writer
        self.type = found
        self.span = span
        self.label = writer.label(hint)
        self.slot = writer.slot("value", found) if has_value(found) else None
        self.is_reached = False

    def arrive(self, value: str) -> None:
        """End a branch that gives *value*."""
        writer = self._writer
        if writer.is_dead:
            return
        if self.slot is not None:
            writer.store(self.type, value, self.slot, self.span)
        writer.jump(self.label, self.span)
        self.is_reached = True

    def finish(self) -> str:
        """Go on after the branches and return the value."""
        writer = self._writer
        if not self.is_reached:
            return "poison"
        writer.start(self.label)
        return writer.load(self.type, self.slot, self.span) if self.slot is not None else ""
