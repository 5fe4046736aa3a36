"""What all patterns need: what they are matched against, and the names they bind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from btfview.compiler.rust.check.body import MAX_DEPTH, Checker
from btfview.compiler.rust.check.places import check_aligned, check_writable
from btfview.compiler.rust.items.core_names import KEYWORDS
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding, Pattern, Wildcard
from btfview.compiler.rust.typed.tree import Expr
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import PointerType, Type
from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

UNSUPPORTED = (
    "patterns are literals, ranges, constants, names, `_`, `&..`, `ref name`, `(..)`, `[..]`, `S { .. }`, "
    "`Some(..)` and `|`"
)


class Alternatives:
    """The names of a ``|`` pattern while one of its parts behind the first is read."""

    __slots__ = ("first", "rebound")

    def __init__(self, first: dict[str, Local]) -> None:
        self.first = first
        """What the first part bound."""
        self.rebound: set[str] = set()
        """Those of them that this part binds, too."""


@frozen
class Against:
    """What a pattern is matched against, and what stands around it."""

    place: Expr
    """A place, or a value that a temporary is made of."""
    implied_borrow: str = ""
    """``ref`` or ``ref mut`` in a pattern that looks through a reference (reference: binding modes)."""
    is_mut: bool = False
    """Whether ``mut`` stands before the pattern."""
    alternatives: Alternatives | None = None

    def part(self, place: Expr | None = None, *, is_mut: bool = False) -> Against:
        """Return the same for a pattern inside, which is matched against *place*."""
        return Against(place or self.place, self.implied_borrow, is_mut, self.alternatives)


PatternRule: TypeAlias = "Callable[[PatternReader, Node, Type, Against], Pattern]"


class PatternReader:
    """Reads one pattern, or those of all parameters of a function; *rule* reads one kind of syntax."""

    def __init__(self, checker: Checker, rule: PatternRule, *, is_parameter: bool = False) -> None:
        self.checker = checker
        self.names: set[str] = set()
        """Those bound so far."""
        self._rule = rule
        self._is_parameter = is_parameter
        self._refs: dict[Local, str] = {}
        """``ref`` or ``ref mut`` where it is written before the name."""

    def read(self, node: Node, found: Type, against: Against) -> Pattern:
        """Return the pattern *node* for a value of type *found*; its names are bound in the current scope."""
        checker = self.checker
        checker.depth += 1
        try:
            if checker.depth > MAX_DEPTH:
                checker.refuse(node, "this pattern is nested too deeply", "split it up")
                return Wildcard(checker.tree.span(node))
            return self._rule(self, node, found, against)
        finally:
            checker.depth -= 1

    def bind(self, node: Node, found: Type, against: Against, ref: str = "") -> Binding:
        """Return the binding of the name *node* to a value of type *found*.

        *ref* is what stands before the name: ``ref``, ``ref mut`` or nothing. In a pattern that looks through
        a reference the name is one itself, and edition 2024 allows neither ``ref`` nor ``mut`` there.
        """
        checker, is_mut = self.checker, against.is_mut
        span = checker.tree.span(node)
        implied = against.implied_borrow
        if implied and ref:
            message = "cannot explicitly borrow within an implicitly-borrowing pattern"
            checker.refuse(node, message, "take `ref` away, or write `&` before the pattern around it")
        elif implied and is_mut:
            message = "cannot mutably bind by value within an implicitly-borrowing pattern"
            checker.refuse(node, message, "write `&` before the pattern around it")
        kind = ref or implied
        if not kind:
            return Binding(span, self._new_local(node, span, found, against, ""), None)
        place = against.place
        if kind == "ref mut":
            check_writable(checker, place, span, is_borrow=True)
        checker.later(lambda: check_aligned(checker, place, span))
        borrowed = PointerType(found, kind == "ref mut", True)
        local = self._new_local(node, span, borrowed, against, ref)
        return Binding(span, local, None, True)

    def _new_local(self, node: Node, span: Span, found: Type, against: Against, ref: str) -> Local:
        checker, alternatives = self.checker, against.alternatives
        name = checker.tree.name(node)
        if name in KEYWORDS and checker.tree.text(node) in KEYWORDS:
            checker.refuse(node, f"expected identifier, found keyword `{name}`", f"write `r#{name}`")
        known = alternatives.first.get(name) if alternatives is not None else None
        if alternatives is not None and known is not None:
            if self._refs.get(known, "") != ref:
                message = f"variable `{name}` is bound inconsistently across alternatives separated by `|`"
                checker.refuse(node, message, "bind it in the same way in each", "E0409")
            elif not unify(known.type, found):
                checker.mismatch(span, known.type, found, "a name has one type in all parts of a `|` pattern")
            alternatives.rebound.add(name)
            return known
        if name in self.names:
            message, code = f"identifier `{name}` is bound more than once in the same pattern", "E0416"
            if self._is_parameter:
                message, code = f"identifier `{name}` is bound more than once in this parameter list", "E0415"
            checker.refuse(node, message, None, code)
        self.names.add(name)
        local = checker.bind(Local(name, found, span, against.is_mut))
        if ref:
            self._refs[local] = ref
        return local
