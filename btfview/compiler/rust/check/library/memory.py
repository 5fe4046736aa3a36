"""Functions of ``core`` that are not methods: of ``mem``, ``ptr``, ``hint`` and ``cmp``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import refuse_count
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.typed.tree import (
    Assign,
    Block,
    Deref,
    Expr,
    ExprStatement,
    Invalid,
    Let,
    Literal,
    LocalPlace,
    MinMax,
    Opaque,
    Panic,
    PointerAccess,
    Statement,
    UnitValue,
    Zeroed,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.inside import all_inside, parts_outside_choices
from btfview.compiler.rust.types.kinds import (
    BOOL,
    C_VOID,
    CHAR,
    ERROR,
    NEVER,
    UNIT,
    EnumType,
    HelperType,
    PointerType,
    StructType,
    Type,
    format_type,
    is_integer,
    resolve,
)
from btfview.source import Span

from .defaults import default_value
from .sizes import measure

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_COUNTS = {
    "size_of": 0, "align_of": 0, "null": 0, "null_mut": 0, "zeroed": 0, "unreachable_unchecked": 0,
    "spin_loop": 0, "size_of_val": 1, "align_of_val": 1, "take": 1, "drop": 1, "forget": 1, "black_box": 1,
    "assert_unchecked": 1, "read": 1, "read_volatile": 1, "read_unaligned": 1, "swap": 2, "replace": 2,
    "write": 2, "write_volatile": 2, "write_unaligned": 2, "min": 2, "max": 2,
}  # fmt: skip
"""Arguments of each function."""
_UNSAFE = frozenset(
    ["zeroed", "unreachable_unchecked", "assert_unchecked", "read", "read_volatile", "read_unaligned"]
) | {"write", "write_volatile", "write_unaligned"}
_NOT_GENERIC = ("unreachable_unchecked", "spin_loop", "assert_unchecked")


def library_call(
    checker: Checker,
    node: Node,
    full: tuple[str, ...],
    generics: list[Node] | None,
    arguments: list[Node],
    expected: Type | None,
) -> Expr:
    """Return the call of the function *full* of ``items.core_names.LIBRARY_FUNCTIONS``."""
    span, name = checker.tree.span(node), full[-1]
    count = _COUNTS[name]
    if len(arguments) != count:
        return refuse_count(checker, node, "function", count, arguments)
    takes = 0 if name in _NOT_GENERIC else 1
    if generics is not None and len(generics) != takes:
        message = f"function takes {takes} generic arguments but {len(generics)} were supplied"
        return checker.refuse(node, message, None, "E0107")
    if name in _UNSAFE:
        checker.need_unsafe(span, f"call to unsafe function `{name}`")
    if generics is None and name in ("size_of", "align_of"):
        return checker.refuse(node, "type annotations needed", f"write `{name}::<T>()`", "E0282")
    call = _LibraryCall(checker, node, span, name)
    kind: Type = UNIT
    if takes:
        kind = checker.read_type(generics[0]) if generics else checker.new_var(span)
    if resolve(kind) is ERROR:
        return Invalid(ERROR, span)
    if full[1] == "ptr":
        return call.of_ptr(kind, arguments, expected)
    return call.call(kind, arguments, expected)


class _LibraryCall:
    def __init__(self, checker: Checker, node: Node, span: Span, name: str) -> None:
        self.checker = checker
        self.node = node
        self.span = span
        self.name = name

    def reference(self, node: Node, pointee: Type) -> Expr:
        """Return the argument *node* as ``&mut pointee``."""
        return self.checker.coerced(node, PointerType(pointee, True, True))

    def call(self, kind: Type, arguments: list[Node], expected: Type | None) -> Expr:
        checker, span = self.checker, self.span
        match self.name:
            case "size_of" | "align_of":
                return measure(checker, self.node, resolve(kind), self.name)
            case "size_of_val" | "align_of_val":
                value = checker.coerced(arguments[0], PointerType(kind, False, True))
                if resolve(value.type) is ERROR:
                    return value
                found = checker.known(kind, span)
                return measure(checker, self.node, found, self.name.removesuffix("_val"))
            case "swap":
                return self._swap(kind, arguments)
            case "replace":
                place = self.reference(arguments[0], kind)
                return self._replace(kind, place, checker.coerced(arguments[1], kind))
            case "take":
                place = self.reference(arguments[0], kind)
                if resolve(place.type) is ERROR:
                    return place
                return self._replace(kind, place, default_value(checker, self.node, kind))
            case "drop" | "forget" | "assert_unchecked":
                value = checker.coerced(arguments[0], BOOL if self.name == "assert_unchecked" else kind)
                return Block(UNIT, span, (ExprStatement(value),), None)
            case "zeroed":
                return self._zeroed(kind, expected)
            case "black_box":
                return Opaque(kind, span, checker.coerced(arguments[0], kind))
            case "min" | "max":
                return self._min_max(kind, arguments)
            case "unreachable_unchecked":
                return Panic(NEVER, span)
        return UnitValue(UNIT, span)

    def _swap(self, kind: Type, arguments: list[Node]) -> Expr:
        span = self.span
        names = [self._local(PointerType(kind, True, True)) for _ in arguments]
        statements: list[Statement] = [
            self._let(local, self.reference(argument, kind))
            for local, argument in zip(names, arguments, strict=True)
        ]
        one, other = (Deref(kind, span, LocalPlace(local.type, span, local)) for local in names)
        held = self._local(kind)
        statements += [
            self._let(held, one),
            ExprStatement(Assign(UNIT, span, one, other)),
            ExprStatement(Assign(UNIT, span, other, LocalPlace(kind, span, held))),
        ]
        return Block(UNIT, span, tuple(statements), None)

    def _replace(self, kind: Type, reference: Expr, value: Expr) -> Expr:
        span = self.span
        if ERROR in (resolve(reference.type), resolve(value.type)):
            return Invalid(ERROR, span)
        pointer, new, old = self._local(reference.type), self._local(kind), self._local(kind)
        place = Deref(kind, span, LocalPlace(pointer.type, span, pointer))
        statements = (
            self._let(pointer, reference),
            self._let(new, value),
            self._let(old, place),
            ExprStatement(Assign(UNIT, span, place, LocalPlace(kind, span, new))),
        )
        return Block(kind, span, statements, LocalPlace(kind, span, old))

    def _local(self, found: Type) -> Local:
        return Local("value", found, self.span, False)

    def _let(self, local: Local, value: Expr) -> Let:
        return Let(self.span, Binding(self.span, local, None), value, None)

    def _zeroed(self, kind: Type, expected: Type | None) -> Expr:
        checker, node = self.checker, self.node
        if expected is not None:
            unify(kind, expected)

        def check() -> None:
            found = resolve(kind)
            if found is not ERROR and not _may_be_zero(found):
                message = f"the type `{format_type(found)}` does not permit zero-initialization"
                checker.refuse(node, message, "no value of it is all zeros: make one that exists")

        checker.later(check)
        return Zeroed(kind, self.span)

    def _min_max(self, kind: Type, arguments: list[Node]) -> Expr:
        checker, node = self.checker, self.node
        left, right = (checker.coerced(argument, kind) for argument in arguments)

        def check() -> None:
            found = resolve(kind)
            is_ordered = isinstance(found, EnumType) and "Ord" in found.derives
            if not (is_ordered or is_integer(found) or found in (BOOL, CHAR, ERROR, NEVER)):
                message = f"the trait bound `{format_type(found)}: Ord` is not satisfied"
                checker.refuse(node, message, "compare its fields", "E0277")

        checker.later(check)
        return MinMax(kind, self.span, self.name == "max", left, right)

    # ---- core::ptr

    def of_ptr(self, kind: Type, arguments: list[Node], expected: Type | None) -> Expr:
        checker, span, name = self.checker, self.span, self.name
        if name in ("null", "null_mut"):
            wanted = resolve(expected) if expected is not None else None
            if isinstance(wanted, PointerType):
                unify(kind, wanted.pointee)
            return Literal(PointerType(kind, name == "null_mut", False), span, 0)
        verb, _, manner = name.partition("_")
        is_write = verb == "write"
        pointer = checker.coerced(arguments[0], PointerType(kind, is_write, False))
        value = checker.coerced(arguments[1], kind) if is_write else None
        pointee = checker.known(kind, span)
        if pointee is C_VOID or pointee is UNIT:
            message = f"`{format_type(pointee)}` has no value"
            return checker.refuse(self.node, message, "cast the pointer first")
        if ERROR in (resolve(pointer.type), pointee):
            return Invalid(ERROR, span)
        result = UNIT if is_write else kind
        return PointerAccess(result, span, pointer, value, manner == "volatile", manner != "unaligned")


def _may_be_zero(found: Type) -> bool:
    return not any(_is_never_zero(part) for part in all_inside(found, _fixed_parts))


def _fixed_parts(found: Type) -> tuple[Type, ...]:
    is_union = isinstance(found, StructType) and found.is_union
    return () if is_union else parts_outside_choices(found)


def _is_never_zero(found: Type) -> bool:
    match found:
        case PointerType(is_ref=is_ref):
            return is_ref
        case EnumType() as enum:
            return all(variant.value != 0 for variant in enum.variants)
    return isinstance(found, HelperType)
