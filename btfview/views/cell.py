"""Rows of the cell screen: all that is known of one record on one target."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE, decode_insn, format_insn
from btfview.frozen import TYPE_CHECKING

from .detail import detail_rows
from .kernels.history import history_rows
from .rows import Row, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis, LinkedRelo

INSTRUCTION, RECORD, HISTORY = "Instruction", "Record in .BTF.ext", "From kernel to kernel"
"""Titles, and keys of their rows."""


def cell_rows(analysis: Analysis, relo_index: int, target_index: int) -> tuple[Row, ...]:
    """Return, under titles, the outcome and its reason, the instruction and the record byte by byte, and
    what becomes of the record from kernel to kernel. Without targets *target_index* is not looked at."""
    rows: list[Row] = []
    if analysis.targets:
        target = analysis.targets[target_index]
        badge = f" ({target.badge})" if target.badge else ""
        where = "bundled with btfview" if target.origin == "bundled" else target.path
        rows.append(Row((Segment(f"On {target.name}{badge}", "title"), Segment(f"  {where}", "dim"))))
    else:
        rows.append(Row((Segment("As compiled", "title"),)))
    rows += _below(detail_rows(analysis, relo_index, target_index))
    if analysis.ask(relo_index) and len(analysis.targets) > 1:
        rows += [Row(()), _title(HISTORY), *_below(history_rows(analysis, relo_index, target_index))]
    if analysis.ask(relo_index):
        return tuple(rows)
    insn = list(_insn_rows(analysis, relo_index, target_index))
    if insn:
        rows += [Row(()), _title(INSTRUCTION), *_below(insn)]
    record = record_byte_rows(analysis, relo_index)
    if record:
        rows += [Row(()), _title(RECORD), *_below(record)]
    if len(analysis.targets) > 1:
        rows += [Row(()), _title(HISTORY)]
        rows += _below(history_rows(analysis, relo_index, target_index))
    return tuple(rows)


def _title(text: str) -> Row:
    return Row((Segment(text, "title"),), key=text)


def _below(rows: Iterator[Row] | list[Row] | tuple[Row, ...]) -> Iterator[Row]:
    for row in rows:
        yield Row(row.segments, row.relos, row.key, row.depth + 1)


def _insn_rows(analysis: Analysis, relo_index: int, target_index: int) -> Iterator[Row]:
    """Yield where the instruction is, and its bytes as compiled and as loaded."""
    obj, linked = analysis.object, analysis.relos[relo_index]
    if obj is None or linked.insn_text is None:
        return
    relo = linked.relo
    place = f"instruction {relo.insn_off // INSN_SIZE} of section {relo.section}"
    function = obj.function_at(relo.section, relo.insn_off)
    if function is not None:
        own = (relo.insn_off - function.value) // INSN_SIZE
        place = f"instruction {own} of {function.name}" + (
            f", {place}" if function.value else f" ({relo.section})"
        )
    yield Row((Segment(place, "dim"),))
    insn = obj.insn_at(relo.section, relo.insn_off)
    size = insn.byte_size if insn else INSN_SIZE
    before = obj.code(relo.section)[relo.insn_off : relo.insn_off + size]
    yield _bytes_row("compiled", before, linked.insn_text)
    if analysis.targets:
        after = analysis.results[relo_index][target_index].insn_after
        if after:
            text = format_insn(decode_insn(after, is_little_endian=obj.is_little_endian))
            yield _bytes_row("loaded", after, text, before)


def _bytes_row(side: str, code: bytes, text: str, other: bytes = b"") -> Row:
    """Return a row; the bytes that differ from those of *other* stand out."""
    segments = [Segment(f"{side:<9} ", "dim")]
    for at, byte in enumerate(code):
        is_changed = bool(other) and other[at : at + 1] != bytes((byte,))
        segments.append(Segment(f"{byte:02x}", "moved" if is_changed else "number"))
        segments.append(Segment("  " if at % INSN_SIZE == INSN_SIZE - 1 else " "))
    segments.append(Segment(f"  {text}"))
    return Row(tuple(segments))


def record_byte_rows(analysis: Analysis, relo_index: int) -> tuple[Row, ...]:
    """Return a row a field: its place in the section, its bytes, its name and value, and what that means."""
    try:
        from btfview.btf.wire import describe_core_relo
    except ModuleNotFoundError as error:
        from btfview.packages import missing_text

        return (Row((Segment(missing_text(error.name or ""), "comment"),)),)
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
