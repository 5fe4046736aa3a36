"""What comes of rustc's modules: modules for BPF, and what was found in them."""

from __future__ import annotations

from btfview.frozen import frozen

from .local_types import LocalType, StructLayout
from .places import Place
from .questions import Asked


@frozen
class SourceFile:
    """A file of the user's, as rustc was shown it and as it is."""

    path: str
    """As the user knows it."""
    text: str
    public: frozenset[tuple[int, str]] = frozenset()
    """Line and name of the functions that are public. rustc keeps small ones for those who inline them."""


@frozen
class Exported:
    symbol: str
    name: str
    """``task_struct::vruntime``."""
    section: str | None
    file: str
    """As rustc calls it; empty for one that is not the user's."""
    line: int
    first: LocalType | None
    """The type of the first parameter."""


@frozen
class Wrong:
    """A query that cannot be asked."""

    file: str
    line: int
    column: int
    message: str
    code: str | None
    element: int | None = None
    """The element of an array that it is about."""


@frozen
class Converted:
    modules: tuple[str, ...]
    """The program's own first; LLVM links them."""
    asked: tuple[Asked, ...]
    exported: tuple[Exported, ...]
    wrong: tuple[Wrong, ...]
    locals: dict[tuple[str, int, str], LocalType]
    """Of the user's variables, by file, line and name."""
    layouts: dict[str, StructLayout]
    """Of structs, by name."""
    missing: dict[str, Place | None]
    """Symbols that nothing defines and that are no helpers, with where the user's files lead to them."""
