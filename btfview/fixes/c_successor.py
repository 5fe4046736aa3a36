"""Read what stands in a field's place on the kernels that lack it, and the field where it is: flavors for
both, and a function that asks for one after the other."""

from __future__ import annotations

import re

from btfview.bindings.plan import free_name
from btfview.frozen import TYPE_CHECKING
from btfview.hints.answer import Enumerator, Field
from btfview.hints.code.c import c_enumerator, c_field
from btfview.hints.code.names import is_writable
from btfview.hints.code.way import Pointer, Way

from .c_places import CPlace
from .patch import SUCCESSOR, Edit, Proposal
from .successor import readings_of
from .trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .c_places import Use
    from .successor import Readings


def c_successors(place: CPlace) -> Iterator[Proposal]:
    readings = readings_of(place.trouble)
    if readings is None:
        return
    asked = readings.asked
    comment = readings.comment
    if isinstance(asked, Enumerator):
        yield from _enumerator(place, readings, comment)
        return
    if not isinstance(asked, Field) or place.use is None:
        return
    function = free_name(readings.function, place.trouble.words)
    ways = readings.ways
    block, _ = c_field(function, ways, comment)
    places = sorted((place, *_same_uses(place)), key=lambda one: one.start)
    edits = [places[0].before_function(block)]
    edits += [_replaced(one, one.use, function, [way for _, way in ways]) for one in places if one.use]
    if None not in edits:
        whole = {edit.start: edit for edit in edits if edit is not None}
        for one, edit in zip(places, edits[1:], strict=False):
            whole = {**(_repeated(one, edit) if edit is not None else {}), **whole}
        text = place.with_edits(whole.values())
        yield Proposal(SUCCESSOR, readings.title, text, readings.is_guess)


def _repeated(place: CPlace, edit: Edit) -> dict[int, Edit]:
    """Return the same edit wherever the function reads the same of the same: LLVM makes one record of
    several, or tells the place of one for the other."""
    function, use = place.function, place.use
    if function is None or use is None or (edit.start, edit.end) != (use.start, use.end):
        return {}
    forms = {place.text[edit.start : edit.end]}
    if use.gives_value and not use.rest and not use.is_bitfield:
        fields = place.trouble.fields
        forms |= {f"BPF_CORE_READ({use.base}, {fields})", f"{use.base}->{fields}"}
    found = re.finditer(
        rf"(?<![\w>.&])(?:{'|'.join(map(re.escape, forms))})(?!\w)", place.code[: function.end]
    )
    return {
        match.start(): Edit(match.start(), match.end(), edit.text)
        for match in found
        if match.start() > function.body
    }


def _same_uses(place: CPlace) -> Iterator[CPlace]:
    """Yield the other places that ask for the same, and fail: one function does for all."""
    trouble = place.trouble
    seen = {place.start}
    for other in trouble.analysis.relos:
        if other.path != trouble.path or other.relo.kind_label != trouble.kind:
            continue
        there = CPlace(Trouble(trouble.analysis, other.index, trouble.finder, trouble.source))
        if there.trouble.failing and there.start >= 0 and there.start not in seen:
            seen.add(there.start)
            yield there


def _replaced(place: CPlace, use: Use, function: str, ways: list[Way]) -> Edit | None:
    """Return what stands for the use: a value where it was one, else a copy to where it went; None where it
    cannot be told."""
    call = f"{function}({use.base})"
    linked = place.trouble.linked
    assert linked is not None
    if any(way.is_place for way in ways):
        return _copied(place, use, call)
    cast = f"(typeof(((typeof({place.trouble.root}) *)0)->{place.trouble.fields}))"
    value = f"{cast}{call}" if all(isinstance(way.leaf, Pointer) for way in ways) else call
    if use.rest:
        value = f"BPF_CORE_READ({', '.join((cast + call, *use.rest))})"
    if use.gives_value:
        return Edit(use.start, use.end, value)
    if use.to and not use.is_text and place.statement is not None and place.is_plain_statement:
        start, end = place.statement
        to = use.to[0]
        target = to[1:].strip() if to.startswith("&") else f"*({to})"
        return Edit(start, end, f"{target} = {value};")
    return None


def _copied(place: CPlace, use: Use, call: str) -> Edit | None:
    """The same for a struct or an array, of which *call* gives the address."""
    if use.rest:
        return None
    if use.is_plain:
        before = place.code[: use.start].rstrip()
        is_address = before.endswith("&") and not before.endswith("&&")
        return Edit(len(before) - 1 if is_address else use.start, use.end, call)
    if use.to:
        size = use.to[1] if len(use.to) > 1 else f"sizeof(*({use.to[0]}))"
        read = "bpf_probe_read_kernel_str" if use.is_text else "bpf_probe_read_kernel"
        return Edit(use.start, use.end, f"{read}({use.to[0]}, {size}, {call})")
    return None


def _enumerator(place: CPlace, readings: Readings, comment: tuple[str, ...]) -> Iterator[Proposal]:
    if place.expression is None or place.trouble.kind != "enumval_value":
        return
    values = []
    for flavor, path in zip(readings.flavors, [path for path, _ in readings.paths], strict=True):
        enum, _, value = path.partition("::")
        if not is_writable(enum) or not is_writable(value):
            return
        values.append((flavor, enum, value))
    assert isinstance(readings.asked, Enumerator)
    name = readings.asked.name.lower()
    while f"value_of_{name}" in place.trouble.words:
        name += "_"
    block, _ = c_enumerator(name, tuple(values), comment)
    edit = place.before_function(block)
    if edit is not None:
        use = Edit(*place.expression, f"value_of_{name}()")
        yield Proposal(SUCCESSOR, readings.title, place.with_edits([edit, use]), readings.is_guess)
