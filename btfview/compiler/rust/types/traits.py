"""Which types ``==`` and ``<`` compare, and which have a default: by ``derive``, and by ``core``."""

from __future__ import annotations

from .kinds import (
    BOOL,
    CHAR,
    ERROR,
    NEVER,
    UNIT,
    ArrayType,
    EnumType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    is_integer,
    resolve,
)

MAX_DEFAULT_LENGTH = 32
"""Longest array that has a default (core: ``impl Default for [T; N]``)."""


def lacks(found: Type, trait: str) -> Type | None:
    """Return the part of *found* that has no *trait* (``PartialEq``, ``PartialOrd``); None if all have it."""
    found = resolve(found)
    if is_integer(found) or found in (BOOL, CHAR, UNIT, ERROR, NEVER):
        return None
    match found:
        case EnumType() | StructType():
            return None if trait in found.derives else found
        case PointerType(pointee, _, is_ref):
            return lacks(pointee, trait) if is_ref else None
        case ArrayType(element):
            return lacks(element, trait)
        case OptionType(inner):
            return lacks(inner, trait)
        case ResultType(ok, err):
            return lacks(ok, trait) or lacks(err, trait)
        case TupleType(elements):
            return next((part for part in (lacks(element, trait) for element in elements) if part), None)
    return found


def holds_optional_reference(found: Type) -> bool:
    """Whether to compare the type means to look behind a pointer that may be null."""
    match resolve(found):
        case OptionType() | ResultType() as choice:
            inside = (choice.inner,) if isinstance(choice, OptionType) else (choice.ok, choice.err)
            return any(map(_holds_reference, inside))
        case ArrayType(element):
            return holds_optional_reference(element)
        case TupleType(elements):
            return any(map(holds_optional_reference, elements))
        case StructType() as struct:
            return any(holds_optional_reference(field.type) for field in struct.fields)
    return False


def _holds_reference(found: Type) -> bool:
    match resolve(found):
        case PointerType(is_ref=is_ref):
            return is_ref
        case OptionType(inner) | ArrayType(element=inner):
            return _holds_reference(inner)
        case ResultType(ok, err):
            return _holds_reference(ok) or _holds_reference(err)
        case TupleType(elements):
            return any(map(_holds_reference, elements))
        case StructType() as struct:
            return any(_holds_reference(field.type) for field in struct.fields)
    return False


def has_default(found: Type) -> bool:
    found = resolve(found)
    if is_integer(found) or found in (BOOL, CHAR, UNIT, ERROR):
        return True
    match found:
        case OptionType():
            return True
        case ArrayType(element, length):
            return length <= MAX_DEFAULT_LENGTH and has_default(element)
        case TupleType(elements):
            return all(map(has_default, elements))
        case StructType() as struct:
            return "Default" in struct.derives
    return False
