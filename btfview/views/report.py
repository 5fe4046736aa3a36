"""An analysis as text for people and as JSON for programs."""

from __future__ import annotations

from btfview.analysis.result import Analysis, CellState
from btfview.bpf.insn import INSN_SIZE, decode_insn, format_insn
from btfview.btf.format.spelling import visible
from btfview.frozen import TYPE_CHECKING
from btfview.rust_names import demangled
from btfview.words import plural

from .rows import column_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from btfview.analysis.result import LinkedRelo
    from btfview.core_relo.outcome import ReloResult

    from .kernels.many_targets import ManyTargets

    HintWriter = Callable[[int, int], list[dict[str, str | None]]]

SCHEMA_VERSION = 1
_OF_RECORD, _PATH = 6, 3
"""Columns of the table before those of the targets, and which of them has the path."""
_MOST_COLUMNS = 12
"""Targets up to which each is a column."""
_MOST_NUMBERS = 40
"""Records that are counted up in a line."""


def report_json(analysis: Analysis) -> dict[str, Any]:
    """Return the report as JSON data: the contract of ``btfview relos --json``.

    ``results[].hints[]``, of what fails there, has ``path``, ``grade`` (``is``, ``likely``, ``perhaps``),
    ``why``, ``reference`` and ``code``, which is null where no block does on both kernels, and after the
    first few of a report.
    """
    report = report_json_in_parts(analysis)
    return {**report, "relocations": list(report["relocations"])}


def report_json_in_parts(analysis: Analysis) -> dict[str, Any]:
    """Return the same, with an iterator over the relocations: of 34,754 the report is 100 MB in memory."""
    hints = _hint_writer(analysis)
    return {
        "schema_version": SCHEMA_VERSION,
        "file": analysis.path,
        **_options_json(analysis),
        "targets": [{"name": target.name, "path": target.path} for target in analysis.targets],
        "relocations": (_relo_json(analysis, linked, hints) for linked in analysis.relos),
        **_demands_json(analysis),
    }


def _demands_json(analysis: Analysis) -> dict[str, Any]:
    """Return ``demands``; nothing where they were not looked at."""
    if not analysis.demands:
        return {}
    from .verdicts import demands_json

    return {"demands": demands_json(analysis)}


def _hint_writer(analysis: Analysis) -> HintWriter:
    """Return what writes the hints for a record on a target: of one that fails there, as ``btfview explain``
    chooses. Where none does, nothing is imported for that."""
    failing = [
        (linked.index, column)
        for linked in analysis.relos
        for column in range(len(analysis.targets))
        if analysis.state(linked.index, column).is_problem
    ]
    if not failing:
        return lambda _relo, _target: []
    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.suggestions import MAX_CODES, hints_json

    finder = HintFinder(analysis)
    finder.write_codes(failing, MAX_CODES)
    known = set(failing)
    return lambda relo, target: hints_json(finder, relo, target) if (relo, target) in known else []


def _options_json(analysis: Analysis) -> dict[str, dict[str, str]]:
    """Return ``options``, what a source was compiled with; nothing for an object."""
    if analysis.compilation is None:
        return {}
    options = analysis.compilation.options
    found = {"cpu": options.cpu, "endian": options.endian, "dialect": options.dialect}
    if analysis.origin == "rust":
        found["frontend"] = analysis.compilation.frontend
    return {"options": found}


def _options_text(analysis: Analysis) -> str:
    """Return ``; compiled with --cpu v4``; empty where all options are the defaults."""
    from btfview.compiler.options import choices_differing

    chosen = choices_differing(analysis.compilation.options) if analysis.compilation else ()
    return f"; compiled with {' '.join(f'--{name} {choice}' for name, choice in chosen)}" if chosen else ""


def _relo_json(analysis: Analysis, linked: LinkedRelo, hints: HintWriter) -> dict[str, Any]:
    relo, place = linked.relo, linked.place
    return {
        "index": linked.index,
        "program": linked.program,
        "section": relo.section,
        "insn_offset": relo.insn_off,
        "kind": relo.kind_label,
        "access": relo.access_str,
        "path": linked.path,
        "local_type": {
            "id": relo.type_id,
            "kind": linked.local_type_kind,
            "name": linked.local_type_name,
        },
        "local_value": linked.local_value,
        "insn": linked.insn_text,
        "source": place
        and {"file": place.file, "line": place.line, "column": place.column, "text": place.text},
        "results": [
            _result_json(analysis, linked, column, result) | {"hints": hints(linked.index, column)}
            for column, result in enumerate(analysis.results[linked.index])
        ],
    }


def _result_json(analysis: Analysis, linked: LinkedRelo, column: int, result: ReloResult) -> dict[str, Any]:
    outcome = result.outcome
    target = analysis.targets[column]
    spec = outcome.target_spec
    target_type = None
    if spec is not None:
        # From the trace, since the target's BTF may have stayed in the process that resolved.
        match = next(trace for trace in outcome.trace.candidates if trace.spec == spec)
        target_type = {"id": match.type_id, "kind": match.kind_label, "name": match.name}
    facts: dict[str, Any] = {
        "target": target.name,
        "status": outcome.status,
        "value": outcome.value,
        "poisoned": outcome.is_poisoned,
        "target_type": target_type,
        "target_spec": spec.access_str if spec else None,
        "insn_before": linked.insn_text,
        "insn_after": _insn_text(analysis, result.insn_after),
        "reason": outcome.reason,
    }
    if result.reach is not None:
        facts["reach"] = result.reach.name.lower()
    if result.alone is not None:
        facts["alone"] = {"status": result.alone.status, "value": result.alone.value}
    return facts


def _insn_text(analysis: Analysis, code: bytes) -> str | None:
    if not code or analysis.object is None:
        return None
    return format_insn(decode_insn(code, is_little_endian=analysis.object.is_little_endian))


def report_text(analysis: Analysis, width: int = 0) -> str:
    """Return the report as a table, a title a function; below it what fails, and why. Of a table wider than
    *width*, if that is given, the targets go on in further ones, with number and path of the records. Where
    there are many, each record has a line for all on which it has one answer.

    Names from files stand in it as text that a terminal does not obey.
    """
    count, targets = len(analysis.relos), len(analysis.targets)
    lines = [
        f"{analysis.path}: {plural(count, 'record')}"
        + (f", {plural(targets, 'target')}" if targets else "")
        + _options_text(analysis)
    ]
    many = _many_targets(analysis)
    rows = [_header(analysis, many)] + [_cells(analysis, linked, many) for linked in analysis.relos]
    widths = [column_width(row[column] for row in rows) for column in range(len(rows[0]))]
    for chosen in _tables(widths, width) if count else ():
        chosen_widths = [widths[column] for column in chosen]
        lines += ["", _align([rows[0][column] for column in chosen], chosen_widths)]
        place: tuple[str, str] | None = None
        for linked, cells in zip(analysis.relos, rows[1:], strict=True):
            if (linked.relo.section, linked.program) != place:
                place = (linked.relo.section, linked.program)
                names = (linked.relo.section, demangled(linked.program))
                lines.append(" · ".join(part for part in names if part))
            lines.append(_align([cells[column] for column in chosen], chosen_widths))
            lines += many.lines(linked, width) if many else ()
    if not targets and count:
        lines += ["", "No target given: -t running, or another that `btfview targets` lists."]
    reasons = [*_reasons(analysis, many), *_guarded(analysis)]
    if reasons:
        lines += ["", *(part for line in reasons for part in _wrapped(line, width))]
    return "\n".join(map(visible, lines))


def _wrapped(line: str, width: int) -> list[str]:
    if not width or len(line) <= width:
        return [line]
    from btfview.fitted import wrapped

    return wrapped(line, width, " " * 4)


def _many_targets(analysis: Analysis) -> ManyTargets | None:
    """Return the targets where there are too many for columns; else None."""
    if len(analysis.targets) <= _MOST_COLUMNS:
        return None
    from .kernels.many_targets import ManyTargets

    return ManyTargets(analysis)


def _header(analysis: Analysis, many: ManyTargets | None) -> list[str]:
    targets = () if many else (target.name for target in analysis.targets)
    return ["", "insn", "kind", "path", "access", "compiled", *targets]


def _cells(analysis: Analysis, linked: LinkedRelo, many: ManyTargets | None) -> list[str]:
    relo = linked.relo
    cells = [
        f"  #{linked.index}",
        str(relo.insn_off // INSN_SIZE),
        relo.kind_label,
        linked.path,
        relo.access_str,
    ]
    cells.append("malformed" if linked.local_value is None else str(linked.local_value))
    for column in range(0 if many else len(analysis.targets)):
        state, value = analysis.state(linked.index, column), analysis.value(linked.index, column)
        cells.append(f"{state.glyph} {state if value is None else value}")
    return cells


def _tables(widths: list[int], width: int) -> Iterator[list[int]]:
    """Yield the columns of each table: the first has all that tell of the record, the others two of these.
    Only there may no target have room."""
    gap = 2
    chosen, is_empty = list(range(_OF_RECORD)), False
    for column in range(_OF_RECORD, len(widths)):
        used = sum(widths[one] + gap for one in chosen)
        if width and used + widths[column] > width and not is_empty:
            yield chosen
            chosen, is_empty = [0, _PATH], True
        chosen.append(column)
        is_empty = False
    yield chosen


def _align(cells: list[str], widths: list[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _reasons(analysis: Analysis, many: ManyTargets | None) -> Iterator[str]:
    """Yield a line for each record that has no value, or none that is known, and the targets on which that is
    so."""
    for linked in analysis.relos:
        targets_of: dict[tuple[CellState, str], list[int]] = {}
        for column, result in enumerate(analysis.results[linked.index]):
            state = analysis.state(linked.index, column)
            reason = result.outcome.reason or ""
            if state == CellState.UNKNOWN:
                reason = f"this BTF was trimmed of {linked.root}: a whole one tells (-t FILE)"
            if state.is_problem or state == CellState.UNKNOWN:
                why = (state, reason)
                targets_of.setdefault(why, []).append(column)
        for (state, reason), columns in targets_of.items():
            if len(columns) == len(analysis.targets) > 1:
                where = "all targets"
            elif many:
                where = many.told(columns)
            else:
                where = ", ".join(analysis.targets[column].name for column in columns)
            yield f"{state.glyph} #{linked.index} {linked.path} {state} on {where}: {reason}"


def _guarded(analysis: Analysis) -> Iterator[str]:
    """Yield one line for all records that are missing somewhere and do no harm there."""
    indices = [
        linked.index
        for linked in analysis.relos
        if any(
            analysis.state(linked.index, column) == CellState.MISSING_GUARDED
            for column in range(len(analysis.targets))
        )
    ]
    if indices:
        numbers = " ".join(f"#{index}" for index in indices[:_MOST_NUMBERS])
        if len(indices) > _MOST_NUMBERS:
            numbers += f" and {len(indices) - _MOST_NUMBERS} more"
        glyph = CellState.MISSING_GUARDED.glyph
        yield f"{glyph} missing on some target without harm: {numbers} (btfview explain --relo N)"
