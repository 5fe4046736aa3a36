"""What rustc says of queries and markers in words of the stand-in, in the feature's own words and places."""

from __future__ import annotations

import re

from btfview.compiler.rust.items.core_names import OLD_QUERIES
from btfview.compiler.rust.syntax.attributes import OLD_MARKERS
from btfview.source import Span

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .rewriting.query_rules import QueryCall
    from .rewriting.rewrite import Rewritten

    Place = tuple[Rewritten, Span]

_PRIMITIVE = re.compile(r"`([^`]+)` is a primitive type and therefore doesn't have fields")
_NO_FIELD = re.compile(r"no field `([^`]+)` on type `[^`]+`")
_NO_ATTRIBUTE = re.compile(r"cannot find attribute `(\w+)` in this scope")
_NO_FUNCTION = re.compile(r"cannot find function `(\w+)` in module `core::intrinsics`")


def told_as_ours(place: Place, macro: str, text: str, code: str | None) -> tuple[Place, str, str | None]:
    """Return place, text and code of an error of rustc's; *macro* is the query that it comes from, if any."""
    rewritten, span = place
    source = rewritten.edited.original.text
    if (attribute := _NO_ATTRIBUTE.match(text)) and attribute[1] in OLD_MARKERS:
        start = source.rfind("#", 0, span.start)
        return (rewritten, Span(start, source.find("]", start) + 1)), OLD_MARKERS[attribute[1]], None
    if (function := _NO_FUNCTION.match(text)) and function[1] in OLD_QUERIES:
        before = re.search(r"[\w:]*$", source[: span.start])
        start = before.start() if before else span.start
        message = f"`{function[1]}` is an older spelling of the query"
        return (rewritten, Span(start, span.end)), message, None
    call = _call_around(rewritten, span)
    if call is None and not macro:
        return place, text, code
    macro = call.short if call is not None else macro
    if primitive := _PRIMITIVE.match(text):
        return place, f"no field `{source[span.start : span.end]}` on type `{primitive[1]}`", "E0609"
    if field := _NO_FIELD.match(text):
        at = source.rfind(field[1], span.start, span.end)
        if at < 0 and call is not None:  # of a reference on the way rustc points to what leads there
            at = source.find(field[1], span.end, call.span.end)
        return (rewritten, Span(at, at + len(field[1])) if at >= 0 else span), text, code
    if call is None:
        return place, text, code
    if macro.removeprefix("btf_").startswith("enum_"):
        if code == "E0599" and "for enum" not in text:
            carrier = _extent(rewritten, call, 0)
            shown = source[carrier.start : carrier.end]
            return (rewritten, carrier), f"`{call.shown}` cannot ask about `{shown}`", None
        if code == "E0308":
            variant = _extent(rewritten, call, 1)
            enum = _extent(rewritten, call, 0)
            wanted = source[variant.start : variant.end].rpartition("::")[2]
            message = f"no variant named `{wanted}` found for enum `{source[enum.start : enum.end]}`"
            return (rewritten, variant), message, "E0599"
    if macro in ("field_ref", "field_ptr") or "Pointer" in text:
        pointer = _extent(rewritten, call, 0)
        if code == "E0277" and "Pointer" in text:
            return (rewritten, pointer), f"`{call.shown}` needs a pointer to a struct or union", None
        if code in ("E0282", "E0308") and macro == "field_ref":
            return (rewritten, pointer), f"`{call.shown}` needs a reference", None
        if text.startswith("expected expression"):
            return (rewritten, pointer), "this is not an expression", None
    return place, text, code


def _call_around(rewritten: Rewritten, span: Span) -> QueryCall | None:
    return next((call for call in rewritten.calls if call.span.start <= span.start < call.span.end), None)


def _extent(rewritten: Rewritten, call: QueryCall, number: int) -> Span:
    """Return the place of an argument; of the call where it has none."""
    if number >= len(call.arguments) or not call.arguments[number]:
        return call.span
    tokens = call.arguments[number]
    return Span(rewritten.tree.span(tokens[0]).start, rewritten.tree.span(tokens[-1]).end)
