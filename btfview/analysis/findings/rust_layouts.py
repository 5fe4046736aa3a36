"""Layouts that a Rust source takes from its own declarations, held against those of the targets."""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.btf.types import Struct
from btfview.core_relo.names import essential_name
from btfview.frozen import TYPE_CHECKING

from .finding import WARNINGS, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.btf.reader import Btf
    from btfview.compiler.result import BakedIn

BAKED_IN = "baked_in_offset"


def rust_baked_in(analysis: Analysis) -> Iterator[Finding]:
    """Yield a warning for each place that relies on a layout which a target has in another form.

    Only a type of which the target has every field that the source declares is taken for the kernel's; the
    compiler itself tells of types that are the kernel's for sure.
    """
    program = analysis.compilation.program if analysis.compilation is not None else None
    source = analysis.source
    if program is None or source is None:
        return
    for use in program.baked_in:
        values = {
            column: value
            for group in analysis.column_groups
            if (value := _value_on(analysis.btf_of(group[0]), use)) not in (None, use.value)
            for column in group
        }
        others = [(analysis.targets[column].name, values[column]) for column in sorted(values)]
        if not others:
            continue
        what = f"the offset of `{use.field}` in" if use.field is not None else "the size of"
        shown = ", ".join(f"{value} on {name}" for name, value in others[:3])
        where = source.location(use.span.start)
        yield Finding(
            WARNINGS,
            BAKED_IN,
            f"{what} this file's `{use.root}` is baked in: {use.value} here, {shown}",
            f"mark `{use.root}` with `#[repr(Btf)]` and ask `core::btf`, or give it another name",
            source.file_at(use.span.start)[0].path,
            where.line,
            where.column,
            tuple(name for name, _ in others),
            subject=f"{use.root}.{use.field}" if use.field is not None else use.root,
        )


def _value_on(btf: Btf, use: BakedIn) -> int | None:
    """Return what *btf* has instead; None where its type of that name is another one, or there is none."""
    type_id = btf.first_named(essential_name(use.root), BtfKind.STRUCT, BtfKind.UNION)
    found = btf.type(type_id) if type_id is not None else None
    if not isinstance(found, Struct):
        return None
    offsets = {member.name: member.bit_offset for member in found.members if member.name}
    if not offsets.keys() >= set(use.fields):
        return None
    return found.byte_size if use.field is None else offsets[use.field] // 8
