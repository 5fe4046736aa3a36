"""Methods of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import refuse_count
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.check.places import address_of
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.typed.tree import (
    AddressOf,
    Assign,
    Block,
    Break,
    Cast,
    Compare,
    Deref,
    Expr,
    ExprStatement,
    ForRange,
    If,
    IndexPlace,
    Invalid,
    LabelledBlock,
    Let,
    Literal,
    LocalPlace,
    LoopTarget,
    NoneValue,
    SomeValue,
    Statement,
)
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    NEVER,
    UNIT,
    USIZE,
    ArrayType,
    OptionType,
    PointerType,
    Type,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.traits import lacks
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_COUNTS = {
    "len": 0, "is_empty": 0, "as_ptr": 0, "as_mut_ptr": 0, "first": 0, "last": 0, "first_mut": 0,
    "last_mut": 0,    "get": 1, "get_mut": 1, "contains": 1, "fill": 1, "swap": 2,
}  # fmt: skip
"""Arguments of each method."""
ARRAY_METHODS = tuple(_COUNTS)


def array_method(
    checker: Checker, node: Node, name: str, base: Expr, array: ArrayType, arguments: list[Node], span: Span
) -> Expr | None:
    """Return the call of a method of an array; None where it has no such method."""
    count = _COUNTS.get(name)
    if count is None:
        return None
    if len(arguments) != count:
        return refuse_count(checker, node, "method", count, arguments)
    if name == "len":
        return Literal(USIZE, span, array.length)
    if name == "is_empty":
        return Literal(BOOL, span, int(not array.length))
    is_mut = name in ("as_mut_ptr", "fill", "swap") or name.endswith("_mut")
    address = address_of(checker, base, span, is_mut=is_mut, is_raw=False)
    if not isinstance(address, AddressOf):
        return address
    if name in ("as_ptr", "as_mut_ptr"):
        return Cast(PointerType(array.element, is_mut, False), span, address)
    return _ArrayCall(checker, node, array, span, address).call(name, is_mut, arguments)


class _ArrayCall:
    def __init__(
        self, checker: Checker, node: Node, array: ArrayType, span: Span, address: AddressOf
    ) -> None:
        self.checker = checker
        self.node = node
        self.array = array
        self.span = span
        self.start = Local("start", address.type, span, False)
        self.lets: list[Statement] = [self._let(self.start, address)]

    def call(self, name: str, is_mut: bool, arguments: list[Node]) -> Expr:
        checker, element = self.checker, self.array.element
        match name:
            case "contains":
                wanted = checker.coerced(arguments[0], PointerType(element, False, True))
                return self._contains(wanted)
            case "fill":
                return self._fill(checker.coerced(arguments[0], element))
            case "swap":
                return self._swap([checker.coerced(argument, USIZE) for argument in arguments])
            case "get" | "get_mut":
                index = checker.coerced(arguments[0], USIZE)
            case _:
                last = max(self.array.length - 1, 0) if name.startswith("last") else 0
                index = Literal(USIZE, self.span, last)
        return self._get(index, is_mut)

    def _let(self, local: Local, value: Expr) -> Let:
        return Let(self.span, Binding(self.span, local, None), value, None)

    def _keep(self, value: Expr) -> Expr:
        """Return *value* as it is now, worked out before anything else of the call."""
        if isinstance(value, Literal):
            return value
        local = Local("value", value.type, self.span, False)
        self.lets.append(self._let(local, value))
        return LocalPlace(local.type, self.span, local)

    def _element(self, index: Expr) -> Expr:
        array = Deref(self.array, self.span, LocalPlace(self.start.type, self.span, self.start))
        return IndexPlace(self.array.element, self.span, array, index, self.array.length)

    def _block(self, found: Type, *values: Expr, tail: Expr | None) -> Expr:
        statements = [*self.lets, *(ExprStatement(value) for value in values)]
        return Block(found, self.span, tuple(statements), tail)

    def _get(self, index: Expr, is_mut: bool) -> Expr:
        span, length = self.span, Literal(USIZE, self.span, self.array.length)
        if resolve(index.type) is ERROR:
            return index
        index = self._keep(index)
        reference = PointerType(self.array.element, is_mut, True)
        option = OptionType(reference)
        some = SomeValue(option, span, AddressOf(reference, span, self._element(index)))
        inside = Compare(BOOL, span, "<", index, length)
        return self._block(option, tail=If(option, span, inside, some, NoneValue(option, span)))

    def _each(self, body: Expr, position: Local) -> Expr:
        span, low, high = (
            self.span,
            Literal(USIZE, self.span, 0),
            Literal(USIZE, self.span, self.array.length),
        )
        target = LoopTarget(None, UNIT, False, word="for")
        pattern = Binding(span, position, None)
        return ForRange(UNIT, span, target, pattern, low, high, False, False, 1, body)

    def _contains(self, wanted: Expr) -> Expr:
        checker, node, span, element = self.checker, self.node, self.span, self.array.element
        if resolve(wanted.type) is ERROR:
            return Invalid(BOOL, span)

        def check() -> None:
            if lacks(element, "PartialEq") is not None:
                message = f"can't compare `{format_type(element)}` with `{format_type(element)}`"
                checker.refuse(node, message, "derive `PartialEq` for it", "E0277")

        checker.later(check)
        behind = Deref(element, span, self._keep(wanted))
        position = Local("position", USIZE, span, False)
        target = LoopTarget(None, BOOL, True, word="block")
        target.has_break = True
        same = Compare(BOOL, span, "==", self._element(LocalPlace(USIZE, span, position)), behind)
        found = Break(NEVER, span, target, Literal(BOOL, span, 1))
        loop = self._each(If(UNIT, span, same, found, None), position)
        return LabelledBlock(BOOL, span, target, self._block(BOOL, loop, tail=Literal(BOOL, span, 0)))

    def _fill(self, value: Expr) -> Expr:
        if resolve(value.type) is ERROR:
            return value
        given, position = self._keep(value), Local("position", USIZE, self.span, False)
        place = self._element(LocalPlace(USIZE, self.span, position))
        return self._block(UNIT, self._each(Assign(UNIT, self.span, place, given), position), tail=None)

    def _swap(self, indices: list[Expr]) -> Expr:
        if any(resolve(index.type) is ERROR for index in indices):
            return Invalid(ERROR, self.span)
        one, other = (self._element(index) for index in [self._keep(index) for index in indices])
        values = [self._keep(one), self._keep(other)]
        stores = [
            Assign(UNIT, self.span, place, value) for place, value in zip((other, one), values, strict=True)
        ]
        return self._block(UNIT, *stores, tail=None)
