"""The little inference that the language needs: two types are made the same, or cannot be."""

from __future__ import annotations

from .kinds import (
    ERROR,
    ArrayType,
    EnumType,
    HelperType,
    InferVar,
    IntType,
    NamedType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    parts_of,
    resolve,
)

_WITHOUT_PARTS = frozenset([IntType, NamedType, StructType, EnumType])


MAX_PARTS = 4_000


MAX_NESTING = 32


def unify(left: Type, right: Type) -> bool:
    """Make both types the same by binding what is open in them; return whether that is possible."""
    if left is right:
        return True
    left, right = resolve(left), resolve(right)
    if left is right or left is ERROR or right is ERROR:
        return True
    if isinstance(left, InferVar):
        return _bind(left, right)
    if isinstance(right, InferVar):
        return _bind(right, left)
    match left, right:
        case PointerType(), PointerType():
            same_kind = left.is_mut == right.is_mut and left.is_ref == right.is_ref
            return same_kind and unify(left.pointee, right.pointee)
        case ArrayType(), ArrayType():
            return left.length == right.length and unify(left.element, right.element)
        case OptionType(), OptionType():
            return unify(left.inner, right.inner)
        case ResultType(), ResultType():
            return unify(left.ok, right.ok) and unify(left.err, right.err)
        case TupleType(), TupleType():
            return _unify_all(left.elements, right.elements)
        case HelperType(), HelperType():
            return _unify_all((*left.params, left.result), (*right.params, right.result))
        case IntType(), IntType():
            return left.name == right.name
    return False


def _unify_all(left: tuple[Type, ...], right: tuple[Type, ...]) -> bool:
    return len(left) == len(right) and all(unify(one, other) for one, other in zip(left, right, strict=True))


def _bind(var: InferVar, to: Type) -> bool:
    if isinstance(to, InferVar):
        if var.is_int:
            to.is_int = True
        var.bound = to
        return True
    if var.is_int and not isinstance(to, IntType):
        return False
    if _occurs(var, to):
        return False
    var.bound = to
    return True


def _occurs(var: InferVar, inside: Type) -> bool:
    match resolve(inside):
        case InferVar() as other:
            return other is var
        case PointerType(pointee):
            return _occurs(var, pointee)
        case ArrayType(element):
            return _occurs(var, element)
        case OptionType(inner):
            return _occurs(var, inner)
        case ResultType(ok, err):
            return _occurs(var, ok) or _occurs(var, err)
        case TupleType(elements):
            return any(_occurs(var, element) for element in elements)
    return False


def is_too_complex(found: Type) -> bool:
    """Whether a type has more parts than :data:`MAX_PARTS`, or is nested deeper than :data:`MAX_NESTING`.

    A few lines make a tuple of a billion parts: ``let b = (a, a); let c = (b, b);`` and so on.
    """
    if type(found) is PointerType and type(found.pointee) in _WITHOUT_PARTS:
        return False  # nearly all that are asked about
    pending: list[tuple[Type, int]] = [(found, 0)]
    count = 0
    while pending:
        part, depth = pending.pop()
        part = resolve(part)
        count += 1
        if count > MAX_PARTS or depth > MAX_NESTING:
            return True
        match part:
            case PointerType(inner) | ArrayType(inner) | OptionType(inner):
                pending.append((inner, depth + 1))
            case TupleType() | ResultType():
                pending += [(inner, depth + 1) for inner in parts_of(part)]
    return False
