"""Ask first: the use of a field or enumerator behind a query whether it is there.

What is asked about a type is 0 without it (libbpf: ``bpf_core_calc_type_relo``), and needs none.
"""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING

from .patch import GUARD, Edit, Proposal, indentation_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .c_places import CPlace

_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_PLACES = ("__builtin_preserve_access_index", "bpf_core_field_offset", "bpf_core_read")
_VOID = re.compile(r"\bvoid\s+\w+\s*\([^*]*$")


def c_guards(place: CPlace) -> Iterator[Proposal]:
    """Yield guards, from the nearest around the use to one that leaves the function: of the expression where
    it is a value, of the statement, of the rest of the function."""
    for query in _queries(place):
        yield from _guards_with(place, query)


def _guards_with(place: CPlace, query: str) -> Iterator[Proposal]:
    title = f"ask first whether {place.trouble.path} is there"
    use, found = place.use, place.expression
    if found is not None and (use.gives_value if use is not None else _gives_value(place, found[0])):
        start, end = found
        text = f"{query} ? {place.text[start:end]} : 0"
        if place.statement is None or not is_whole_value(place, place.statement, start, end):
            text = f"({text})"
        yield Proposal(GUARD, f"{title}, else take 0", place.with_edits([Edit(start, end, text)]))
    if place.statement is None or place.function is None:
        return
    start, end = place.statement
    if place.is_plain_statement and use is not None and use.to:
        # What is not read must not stay as it was: the verifier refuses a stack that nobody has written.
        size = use.to[1] if len(use.to) > 1 else f"sizeof(*({use.to[0]}))"
        edits = (guarded_statement(place, start, query), _else(place, start, end, use.to[0], size))
        yield Proposal(GUARD, f"{title}, else take 0", place.with_edits(edits))
    if place.is_plain_statement:
        edit = guarded_statement(place, start, query)
        yield Proposal(GUARD, f"{title}, else leave the statement out", place.with_edits([edit]))
    head = place.code[place.function.start : place.function.body]
    leave = "return;" if _VOID.search(head) else "return 0;"
    gap, inset = _gaps(place, start)
    edit = Edit(start, start, f"if (!{query}){inset}{leave}{gap}")
    yield Proposal(GUARD, f"{title}, else leave the function", place.with_edits([edit]))


def _else(place: CPlace, start: int, end: int, to: str, size: str) -> Edit:
    """Return the edit that clears what the guarded statement would have written."""
    gap, inset = _gaps(place, start)
    return Edit(end, end, f"{gap}else{inset}__builtin_memset({to}, 0, {size});")


def guarded_statement(place: CPlace, start: int, query: str) -> Edit:
    """Return the edit that puts ``if (query)`` before the statement that begins at *start*."""
    _, inset = _gaps(place, start)
    return Edit(start, start, f"if ({query}){inset}")


def _gaps(place: CPlace, start: int) -> tuple[str, str]:
    """Return what comes between two statements as far in as the one that begins at *start*, and before one
    that is further in."""
    indentation = indentation_at(place.text, start)
    return (
        (" ", " ")
        if indentation is None
        else (f"{place.newline}{indentation}", f"{place.newline}{indentation}\t")
    )


def is_whole_value(place: CPlace, statement: tuple[int, int], start: int, end: int) -> bool:
    """Tell whether an expression is all that its statement assigns or returns, so that it needs no
    brackets."""
    before = place.code[statement[0] : start].rstrip()
    return not place.code[end : statement[1] - 1].strip() and (
        before == "return" or (before.endswith("=") and not before.endswith(("==", "!=", "<=", ">=")))
    )


def _gives_value(place: CPlace, start: int) -> bool:
    """Tell whether 0 can stand for a call: not where it is an address, or an offset that is added to one."""
    call = _CALL.match(place.code, start)
    return call is not None and not call[1].startswith(_PLACES)


def _queries(place: CPlace) -> Iterator[str]:
    trouble = place.trouble
    kind, root, fields = trouble.kind, trouble.root, trouble.fields
    if kind.startswith("field_") and fields:
        use = place.use
        if use is not None and use.is_first and re.fullmatch(r"\w+", use.base):
            yield f"bpf_core_field_exists({use.base}->{fields})"
        yield f"bpf_core_field_exists((({root} *)0)->{fields})"
    elif kind.startswith("enumval_"):
        yield f"bpf_core_enum_value_exists({root}, {fields})"
