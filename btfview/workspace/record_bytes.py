"""A record as it lies in the object: the 16 bytes of ``struct bpf_core_relo``, field by field."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE
from btfview.frozen import TYPE_CHECKING

from .rows import Row, Segment

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis, LinkedRelo


def record_byte_rows(analysis: Analysis, relo_index: int) -> tuple[Row, ...]:
    """Return a row a field: its place in the section, its bytes, its name and value, and what that means."""
    from btfview.btf.wire import describe_core_relo

    obj = analysis.object
    section = obj.elf.section(".BTF.ext") if obj else None
    if obj is None or section is None:
        return ()
    linked = analysis.relos[relo_index]
    meanings = _meanings(linked)
    return tuple(
        Row(
            (
                Segment(f".BTF.ext+{field.offset:<6} ", "dim"),
                Segment(f"{field.raw.hex(' ')}  ", "number"),
                Segment(f"{field.name:<15}", "name"),
                Segment(f"{field.value:<8} ", "number"),
                Segment(meanings.get(field.name, ""), "comment"),
            )
        )
        for field in describe_core_relo(obj.elf.bytes_of(section), linked.relo.record_offset)
    )


def _meanings(linked: LinkedRelo) -> dict[str, str]:
    relo = linked.relo
    return {
        "insn_off": f"instruction {relo.insn_off // INSN_SIZE} of section {relo.section}",
        "type_id": f"{linked.local_type_kind} {linked.local_type_name}".strip(),
        "access_str_off": f'"{relo.access_str}"',
        "kind": relo.kind_label,
    }
