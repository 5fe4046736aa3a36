"""What lies inside values of a type: each struct once, however many hold it, and without recursion.

A few structs of which each holds the last one twice have a billion parts, and a chain of structs is longer
than any stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .kinds import ArrayType, OptionType, ResultType, StructType, TupleType, Type, resolve


def parts_inside(found: Type) -> tuple[Type, ...]:
    """Return the types of which a value of type *found* directly holds a value."""
    match resolve(found):
        case ArrayType(element, length):
            return (element,) if length else ()
        case OptionType(inner):
            return (inner,)
        case ResultType(ok, err):
            return (ok, err)
        case TupleType(elements):
            return elements
        case StructType() as struct:
            return tuple(field.type for field in struct.fields)
    return ()


def parts_outside_choices(found: Type) -> tuple[Type, ...]:
    """Return :func:`parts_inside`, but none of an ``Option`` or a ``Result``, which may not be there."""
    return () if isinstance(found, (OptionType, ResultType)) else parts_inside(found)


def all_inside(found: Type, parts: Callable[[Type], tuple[Type, ...]] = parts_inside) -> Iterator[Type]:
    """Yield the *parts* of *found*, innermost first and in the order in which they lie, then *found*.

    All are resolved. What holds itself is yielded after its other parts.
    """
    seen: set[int] = set()
    """By identity: to compare two tuples is to compare all that is in them."""
    pending = [(resolve(found), False)]
    while pending:
        part, is_done = pending.pop()
        if is_done:
            yield part
            continue
        if id(part) in seen:
            continue
        seen.add(id(part))
        pending.append((part, True))
        pending += [(resolve(inner), False) for inner in reversed(parts(part))]
