"""A bitfield in the load that reads it, drawn."""

from __future__ import annotations

from btfview.btf.types import Struct
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.values import bit_window
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from .rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.btf.reader import Btf
    from btfview.core_relo.access_spec import AccessSpec


def bitfield_rows(analysis: Analysis, relo_index: int, target_index: int) -> Iterator[Row]:
    """Yield a drawing for the program and one for the target, where the field is a bitfield in either."""
    linked = analysis.relos[relo_index]
    kind = linked.relo.kind
    if analysis.object is None or kind is None or not kind.is_field:
        return
    target = analysis.targets[target_index]
    sides = [("program", analysis.object.btf, linked.local_spec)]
    sides.append((target.name, target.btf, analysis.results[relo_index][target_index].outcome.target_spec))
    if any(spec is not None and _is_bitfield(btf, spec) for _, btf, spec in sides):
        width = max(len(name) for name, *_ in sides)
        for name, btf, spec in sides:
            if spec is not None and spec.steps[-1].name is not None:
                yield _drawing(name.ljust(width), btf, spec)


def _is_bitfield(btf: Btf, spec: AccessSpec) -> bool:
    owner = btf.type(spec.steps[-1].type_id)
    return (
        spec.steps[-1].name is not None
        and isinstance(owner, Struct)
        and owner.members[spec.steps[-1].index].bitfield_size > 0
    )


def _drawing(side: str, btf: Btf, spec: AccessSpec) -> Row:
    """Return one row: bits in memory order, 8 to a group, ``#`` for those of the field."""
    try:
        window = bit_window(btf, spec)
    except (RefusedError, BtfFormatError) as error:
        return Row((Segment(f"{side}  ", "dim"), Segment(str(error), "error")))
    about = f"  load of {window.byte_size} at +{window.byte_offset}, {_bits(window.bit_size)} from bit "
    first = window.bit_offset - window.byte_offset * 8
    if window.byte_size > 8:
        return Row(
            (Segment(f"{side}  ", "dim"), Segment(f"{window.byte_size} bytes at +{window.byte_offset}"))
        )
    bits = "".join(
        "#" if first <= bit < first + window.bit_size else "." for bit in range(window.byte_size * 8)
    )
    groups = " ".join(bits[at : at + 8] for at in range(0, len(bits), 8))
    return Row(
        (Segment(f"{side}  ", "dim"), Segment(groups, "number"), Segment(f"{about}{first}", "comment"))
    )


def _bits(count: int) -> str:
    return "1 bit" if count == 1 else f"{count} bits"
