"""What is worked out about items when it is first asked for, so that their order does not matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from btfview.compiler.rust.report import Report
from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node
    from btfview.compiler.rust.typed.definitions import Constant
    from btfview.compiler.rust.types.kinds import EnumType, StructType, Type


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def span(self) -> Span: ...


_Item = TypeVar("_Item", bound=_Named)
_Fact = TypeVar("_Fact")


class Once(Generic[_Item, _Fact]):
    """One fact about each item of a kind: new, running, known, or wrong, which is None.

    *find* works it out, or tells why not. An item whose fact needs itself is told as a *cycle*, in which
    ``{}`` stands for its name, and is wrong; so is, as *too_deep* and for now, what more than *limit* others
    wait for.
    """

    __slots__ = ("_code", "_cycle", "_find", "_hint", "_known", "_limit", "_report", "_running", "_too_deep")

    def __init__(
        self,
        report: Report,
        find: Callable[[_Item], _Fact | None],
        cycle: str,
        *,
        code: str = "E0391",
        hint: str | None = None,
        limit: int | None = None,
        too_deep: tuple[str, str | None] = ("", None),
    ) -> None:
        self._report = report
        self._find = find
        self._cycle, self._code, self._hint = cycle, code, hint
        self._limit, self._too_deep = limit, too_deep
        self._known: dict[_Item, _Fact | None] = {}
        self._running: list[_Item] = []

    def of(self, item: _Item) -> _Fact | None:
        """Return the fact about *item*; None, told, where there is none."""
        if item in self._known:
            return self._known[item]
        if item in self._running:
            message = self._cycle.format(item.name)
            self._report.error(item.span, message, code=self._code, hint=self._hint)
            self._known[item] = None
            return None
        if self._limit is not None and len(self._running) > self._limit:
            message, hint = self._too_deep
            self._report.error(item.span, message.format(item.name), hint=hint)
            return None
        self._running.append(item)
        try:
            found = self._find(item)
        finally:
            self._running.pop()
        return self._known.setdefault(item, found)  # where it is there, a cycle was met


@frozen
class TypeContext:
    """What a type may name where it is written."""

    self_type: StructType | EnumType | None = None
    """What ``Self`` stands for."""
    allow_infer: bool = False
    """Whether ``_`` may stand for a type: in function bodies."""
    locals_around: Callable[[], frozenset[str]] = frozenset
    """Gives the names of locals, which a constant in it cannot use."""


class TypeFacts(Protocol):
    """What reading a type needs to know of the rest of the program."""

    def complete(self, struct: StructType) -> None:
        """Give *struct* its fields and layout, once."""
        ...

    def complete_enum(self, enum: EnumType) -> None:
        """Give the variants of *enum* their discriminants, once."""
        ...

    def evaluate(self, node: Node, wanted: Type, context: TypeContext) -> Constant | None:
        """Return the value of the constant expression *node* in a type; None, told, where it has none."""
        ...
