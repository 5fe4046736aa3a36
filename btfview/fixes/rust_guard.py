"""Ask first, in Rust: leave the function where the field or enumerator is not there."""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING

from .patch import GUARD, Edit, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .rust_places import RustPlace

_INTEGER = re.compile(r"[iu](?:8|16|32|64|128|size)")
_OPTION = re.compile(r"(?:(?:core|std)::option::)?Option\s*<")


def rust_guards(place: RustPlace) -> Iterator[Proposal]:
    edits: dict[int, Edit] = {}
    values = set()
    for call in place.calls:
        function = place.function(call)
        query = query_for(call.macro)
        value = _nothing(function.returns) if function is not None else None
        if function is None or query is None or value is None:
            return
        lines = (
            f"if !{call.prefix}{query}!({call.arguments}) {{",
            f"    return{value and f' {value}'};",
            "}",
        )
        edits.setdefault(function.statement, place.before_statement(function.statement, lines))
        values.add(value or "nothing")
    if edits:
        title = f"ask first whether {place.trouble.path} is there, else return {' or '.join(sorted(values))}"
        yield Proposal(GUARD, title, place.with_edits(edits.values()))


def query_for(macro: str) -> str | None:
    """Return the macro that asks whether what *macro* is about is there; None for one that does so itself, or
    that is about a type, and so 0 without it (libbpf: ``bpf_core_calc_type_relo``)."""
    if macro.endswith("exists"):
        return None
    if macro.startswith("field_"):
        return "field_exists"
    return "enum_value_exists" if macro.startswith("enum_value") else None


def _nothing(returns: str) -> str | None:
    """Return the value of a type that stands for nothing; empty for no type, None where there is none."""
    if returns in ("", "()"):
        return ""
    if _OPTION.match(returns):
        return "None"
    if _INTEGER.fullmatch(returns):
        return "0"
    if returns == "bool":
        return "false"
    if returns.startswith("*const "):
        return "core::ptr::null()"
    return "core::ptr::null_mut()" if returns.startswith("*mut ") else None
