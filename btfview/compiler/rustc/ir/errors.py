"""What is wrong with IR that rustc wrote."""

from __future__ import annotations

from btfview.errors import CompilerError

_LONGEST = 100


class IrError(CompilerError):
    """A line is not as rustc is known to write it: a newer one may, or a program in its place."""

    def __init__(self, problem: str, line: str) -> None:
        shown = "".join(char if char.isprintable() else "?" for char in line[: _LONGEST + 1].strip())
        self.line = f"{shown[:_LONGEST]}…" if len(shown) > _LONGEST else shown
        super().__init__(f"{problem}: {self.line}")
