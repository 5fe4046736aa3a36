"""Which types ``==`` and ``<`` compare, and which have a default: by ``derive``, and by ``core``."""

from __future__ import annotations

from .inside import all_inside, parts_inside, parts_outside_choices
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


MAX_COMPARED = 4_000


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
    return any(
        isinstance(part, (OptionType, ResultType)) and _holds_reference(part)
        for part in all_inside(found, parts_outside_choices)
    )


def _holds_reference(found: Type) -> bool:
    return any(isinstance(part, PointerType) and part.is_ref for part in all_inside(found))


def is_compared_in_full(found: Type) -> bool:
    """Whether comparing two values of the type takes no more than :data:`MAX_COMPARED` single comparisons.

    It takes no end of them for a struct that refers to itself, for we write out what rustc calls.
    """
    counts: dict[int, int] = {}
    for part in all_inside(found, _compared_parts):
        inside = [counts.get(id(resolve(inner)), MAX_COMPARED + 1) for inner in _compared_parts(part)]
        counts[id(part)] = sum(inside) or 1
    return counts[id(resolve(found))] <= MAX_COMPARED


def _compared_parts(found: Type) -> tuple[Type, ...]:
    if isinstance(found, PointerType):
        return (found.pointee,) if found.is_ref else ()
    return parts_inside(found)


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


def is_copy(found: Type) -> bool:
    """Whether a value of the type is copied where it is used, not moved (core: ``Copy``)."""
    for part in all_inside(found, _copied_parts):
        if isinstance(part, (StructType, EnumType)) and "Copy" not in part.derives:
            return False
        if isinstance(part, PointerType) and part.is_ref and part.is_mut:
            return False
    return True


def _copied_parts(found: Type) -> tuple[Type, ...]:
    return () if isinstance(found, StructType) else parts_inside(found)


def may_be_in_union(found: Type) -> bool:
    """Whether dropping a value of the type does nothing for sure (rustc: ``allowed_union_field``)."""
    found = resolve(found)
    match found:
        case TupleType(elements):
            return all(map(may_be_in_union, elements))
        case ArrayType(element):
            return may_be_in_union(element)
        case PointerType(is_ref=True):
            return True
    return is_copy(found)


def not_shared(found: Type) -> Type | None:
    """Return the part of *found* that makes it no ``Sync``; None if it is: a raw pointer is not."""
    pending, seen = [resolve(found)], set[int]()
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, PointerType):
            if not part.is_ref:
                return part
            pending.append(resolve(part.pointee))
        elif not (isinstance(part, StructType) and "Sync" in part.derives):
            pending += [resolve(inner) for inner in parts_inside(part)]
    return None
