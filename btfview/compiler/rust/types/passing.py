"""How a value of a type travels: in one register, in a pair, or in memory."""

from __future__ import annotations

from .kinds import (
    C_VOID,
    UNIT,
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
    is_nullable_pointer,
    is_scalar,
    resolve,
)


def is_pair(found: Type) -> bool:
    """Whether the type is an ``Option`` kept as a flag and a scalar."""
    if type(found) is InferVar:
        found = resolve(found)
    return isinstance(found, OptionType) and is_scalar(found.inner) and not is_nullable_pointer(found)


_IN_REGISTERS = frozenset([IntType, NamedType, PointerType, EnumType, HelperType, InferVar])
"""Types of which no value lives in memory only; most that are asked about."""


def is_aggregate(found: Type) -> bool:
    """Whether values of the type live in memory only."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) in _IN_REGISTERS:
        return False
    if isinstance(found, OptionType):
        return not is_scalar(found.inner)
    if isinstance(found, ResultType):
        return not all(is_scalar(part) or resolve(part) is UNIT for part in (found.ok, found.err))
    return isinstance(found, (StructType, ArrayType, TupleType))


def is_movable(found: Type) -> bool:
    """Whether a value of the type can be put into an ``Option``, a ``Result`` or a tuple."""
    found = resolve(found)
    return found is not C_VOID and not isinstance(found, HelperType)


def is_indirect(found: Type) -> bool:
    """Whether a function takes and returns values of the type by a pointer to them."""
    if type(found) is InferVar:
        found = resolve(found)
    return type(found) not in _IN_REGISTERS and (isinstance(found, ResultType) or is_aggregate(found))
