"""Ask for what stands in a field's place, in Rust: its offset where the type is the same, else its value."""

from __future__ import annotations

import re

from btfview.bindings.plan import free_name
from btfview.frozen import TYPE_CHECKING
from btfview.hints.answer import Field
from btfview.hints.code.rust import query_of, rust_field, rust_name, rust_structs

from .patch import SUCCESSOR, Edit, Proposal
from .successor import readings_of
from .trouble import plain_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.hints.code.way import Way

    from .rust_places import Call, Function, RustPlace
    from .successor import Readings

_NUMBER = re.compile(
    r"(?:(?:core|std)::option::)?Option\s*<\s*([iu](?:8|16|32|64|size))\s*>|([iu](?:8|16|32|64|size))"
)
_EXTRA = "btf_relocations_extra"


def rust_successors(place: RustPlace) -> Iterator[Proposal]:
    readings = readings_of(place.trouble)
    if readings is None or not isinstance(readings.asked, Field) or not place.calls:
        return
    yield from _other_offset(place, readings)
    yield from _value_first(place, readings)


def _other_offset(place: RustPlace, readings: Readings) -> Iterator[Proposal]:
    """Yield the source with each query asking for the new field where that is there: what is done with the
    answer stays, so both must be of one type."""
    (_, old), *others = readings.ways
    if any(not _is_same(old, way) for _, way in others):
        return
    dialect = place.trouble.analysis.dialect
    block = "\n".join(line for flavor, way in others for line in rust_structs(way, flavor, dialect))
    edit = place.before_item(block)
    if edit is None:
        return
    edits = [edit, *(_asked_for_both(place, call, readings) for call in place.calls)]
    gates = (_EXTRA,) if any(way.has_indices for _, way in others) else ()
    yield Proposal(SUCCESSOR, readings.title, place.with_edits(edits, gates), readings.is_guess)


def _asked_for_both(place: RustPlace, call: Call, readings: Readings) -> Edit:
    asked = place.text[call.start : call.end]
    branches = []
    for flavor, way in readings.ways[1:]:
        query = query_of(way.hops[0], flavor)
        branches.append((f"if {call.prefix}field_exists!{query}", f"{call.prefix}{call.macro}!{query}"))
    line_start = place.text.rfind("\n", 0, call.start) + 1
    line = place.text[line_start : call.start]
    before, behind = line.rstrip(), place.text[call.end :].lstrip()
    if re.fullmatch(r"\s*let \w+(?:: \w+)? =", before) and behind.startswith(";"):
        # All of a statement on its own line: laid out as rustfmt does.
        inset = place.newline + line[: len(line) - len(line.lstrip())]
        text = " else ".join(f"{head} {{{inset}    {body}{inset}}}" for head, body in branches)
        return Edit(call.start, call.end, f"{text} else {{{inset}    {asked}{inset}}}")
    text = " else ".join(f"{head} {{ {body} }}" for head, body in branches)
    return Edit(call.start, call.end, f"({text} else {{ {asked} }})")


def _is_same(old: Way, new: Way) -> bool:
    return old.leaf == new.leaf and len(new.hops) == 1 and not new.mask and not new.is_located


def _value_first(place: RustPlace, readings: Readings) -> Iterator[Proposal]:
    """Yield the source with the value under either name returned before the old way is gone: for functions
    that give a number."""
    if len({function.statement for call in place.calls if (function := place.function(call))}) != 1:
        return
    function = place.function(place.calls[0])
    linked = place.trouble.linked
    assert linked is not None
    if function is None or any(way.is_place for _, way in readings.ways):
        return
    found = _NUMBER.fullmatch(function.returns)
    start = _pointer(function, plain_root(linked), linked.local_type_name)
    if found is None or not start:
        return
    number = found[1] or found[2]
    value = "value" if number == "u64" else f"value as {number}"
    value = f"Some({value})" if found[1] else value
    name = free_name(readings.function, place.trouble.words)
    dialect = place.trouble.analysis.dialect
    block, _ = rust_field(name, readings.ways, readings.comment, dialect)
    edit = place.before_item(block)
    if edit is None or ("fn read_unsigned(" in block and "read_unsigned" in place.trouble.words):
        return
    lines = (f"if let Some(value) = {name}({start}) {{", f"    return {value};", "}")
    gates = (_EXTRA,) if "shift!" in block or any(way.has_indices for _, way in readings.ways) else ()
    edits = [edit, place.before_statement(function.statement, lines)]
    yield Proposal(SUCCESSOR, readings.title, place.with_edits(edits, gates), readings.is_guess)


def _pointer(function: Function, root: str, local: str) -> str:
    """Return the struct's address as the function has it, ``self`` or a parameter; else nothing."""
    types = {rust_name(root), rust_name(local)}
    if function.impl_type in types and re.match(r"\(\s*&(?:mut\s+)?self\b", function.parameters):
        return f"self as *const {function.impl_type} as *const u8"
    for name, of in re.findall(r"(\w+)\s*:\s*(?:\*const|\*mut|&(?:mut\b)?)\s*([\w#]+)", function.parameters):
        if of in types:
            return f"{name} as *const {of} as *const u8"
    return ""
