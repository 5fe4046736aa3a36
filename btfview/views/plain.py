"""Every pane as linear text, one after the other: for a screen reader, for a pipe, without signs or colours.

Headings begin a line, what stands below them is indented; a state is a word, a column a sentence.
"""

from __future__ import annotations

import re

from btfview.analysis.result import Analysis, CellState
from btfview.btf.format.spelling import visible
from btfview.frozen import TYPE_CHECKING
from btfview.rust_names import demangled
from btfview.words import plural

from .asks import ask_number, ask_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .rows import Row

_MOST_DETAILS = 50
"""Records that are explained; of others the command is named that explains one."""
_SIGNS = str.maketrans({"→": "to", "·": ",", "│": ",", "▌": None, "◆": None, "⇄": "differs", "≠": "not"})
_STATE_SIGNS = "".join(state.glyph for state in CellState)
_CANDIDATE = re.compile(rf"^([{re.escape(_STATE_SIGNS)}]) (?=\[\d+\])")
_FITS = {"✔": "fits: ", "✖": "does not fit: ", "≠": "fits, as others do: ", "!": "error: "}
_GAPS = re.compile(r",? {2,},?\s*")
_RECORDS = re.compile(r"◆((?: [#d]\d+)+)")


def plain_lines(analysis: Analysis) -> Iterator[str]:
    """Yield the lines: what fails, source, structs, intrinsics, records, offsets, detail."""
    for part in (_summary, _problems, _source, _structs, _intrinsics, _records, _offsets, _details):
        yield from map(visible, part(analysis))
        if part is not _details:
            yield ""


def spoken(text: str) -> str:
    """Return a row's text in words: signs of states are left out where the word follows, gaps are commas.

    >>> spoken("▲ moved: compiled 8, there 208    insn 4  r2 = 8 → r2 = 208")
    'moved: compiled 8, there 208, insn 4, r2 = 8 to r2 = 208'
    >>> spoken("✔ [165] struct task_struct  pid +2416  ◆ #0 #1")
    'fits: [165] struct task_struct, pid +2416, records 0 1'
    """
    if text.isascii() and text[1:2] != " ":  # most; thousands of them may be told
        return _GAPS.sub(", ", text.strip().replace("  ; ", ": "))
    text = _CANDIDATE.sub(lambda found: _FITS.get(found[1], ""), text)
    if text[:2].strip() in _STATE_SIGNS and text[1:2] == " ":
        text = text[2:]
    text = _RECORDS.sub(lambda found: "records" + found[1].replace("#", ""), text).replace("  ; ", ": ")
    return _GAPS.sub(", ", text.strip()).translate(_SIGNS)


def _summary(analysis: Analysis) -> Iterator[str]:
    kernels = plural(len(analysis.targets), "kernel")
    yield f"File {analysis.path}: {plural(len(analysis.relos), 'record')} on {kernels}"
    failing = [number for number in range(analysis.item_count) if analysis.fails(number)]
    if analysis.targets:
        fail = "fails" if len(failing) == 1 else "fail"
        yield f"  {len(failing) or 'none'} of {analysis.item_count} {fail} on some kernel"
    for column, target in enumerate(analysis.targets):
        count = sum(1 for number in failing if analysis.state(number, column).is_problem)
        told = f", {target.badge}" if target.badge else ""
        fails = f"{count} failing" if count else "nothing fails"
        yield f"  kernel {column + 1}, {target.name}{told}: {fails}"


def _problem_columns(analysis: Analysis, number: int) -> list[int]:
    return [at for at in range(len(analysis.targets)) if analysis.state(number, at).is_problem]


def _problems(analysis: Analysis) -> Iterator[str]:
    from .problems import SourceProblem, list_problems, problem_row

    found = list_problems(analysis, analysis)
    yield f"Problems: {len(found) or 'none'}"
    for number, problem in enumerate(found, 1):
        severity = problem.diagnostic.severity if isinstance(problem, SourceProblem) else "fails"
        yield f"  {number}, {severity}: {spoken(problem_row(problem, analysis).text)}"


def _source(analysis: Analysis) -> Iterator[str]:
    from btfview.analysis.fates import fates_of
    from btfview.analysis.source_text.recorded_source import LEFT_OUT

    from .offset_table import summarise_relo
    from .source import source_rows

    rows, fates = source_rows(analysis), fates_of(analysis)
    yield f"Source: {plural(len(rows), 'line')}"
    for number, row in enumerate(rows, 1):
        if row.text == LEFT_OUT:
            yield "  (lines are left out)"
        elif row.text.strip():
            # Of an object the row has the number of the line in its file itself.
            yield f"  line {number}: {row.text}" if analysis.source else f"  {row.text}"
        for relo in row.relos:
            fate = spoken(summarise_relo(analysis, relo, fates).text) or "no kernel was given"
            yield f"    here {_called(analysis, relo)}: {fate}"


def _structs(analysis: Analysis) -> Iterator[str]:
    from .layouts.struct_tree import struct_tree

    yield "Structs, as the program declares them:"
    yield from _tree([one.row for one in struct_tree(analysis)])


def _intrinsics(analysis: Analysis) -> Iterator[str]:
    from .stages.intrinsics import intrinsic_rows

    yield "Intrinsics, by which the compiler is asked:"
    yield from _tree(intrinsic_rows(analysis))


def _tree(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield f"  {'  ' * row.depth}{spoken(row.text)}"
    if not rows:
        yield "  none"


def _records(analysis: Analysis) -> Iterator[str]:
    yield f"Relocation records: {len(analysis.relos) or 'none'}"
    for linked in analysis.relos:
        relo = linked.relo
        yield f"  {_called(analysis, linked.index)}"
        where = demangled(linked.program) or "no function"
        yield f"    in {where}, section {relo.section}, instruction {relo.insn_off // 8}: {linked.insn_text}"
        yield f"    access string {relo.access_str}, compiled as {linked.local_value}"
    for number in range(len(analysis.relos), analysis.item_count):
        yield f"  {_called(analysis, number)}"


def _offsets(analysis: Analysis) -> Iterator[str]:
    yield "Offsets, what each record becomes on the kernels:"
    for number in range(analysis.item_count):
        yield f"  {_called(analysis, number)}:"
        answers: dict[tuple[CellState, str], list[int]] = {}
        for column in range(len(analysis.targets)):
            answer = analysis.state(number, column), _value(analysis, number, column)
            answers.setdefault(answer, []).append(column)
        for (state, value), columns in answers.items():
            names = ", ".join(analysis.targets[column].name for column in columns)
            where = "all kernels" if len(columns) == len(analysis.targets) > 1 else names
            yield f"    {_word(analysis, number, state)}{value} on {where}"
        if not analysis.targets:
            yield "    no kernel was given"


def _details(analysis: Analysis) -> Iterator[str]:
    from .detail import detail_rows, detail_title

    yield "Detail, why it is so; where it fails, on the first kernel on which it does:"
    numbers = sorted(range(analysis.item_count), key=lambda one: not analysis.fails(one))
    for number in numbers[:_MOST_DETAILS]:
        column = next(iter(_problem_columns(analysis, number)), 0)
        yield f"  {spoken(detail_title(analysis, number, column))}:"
        for row in detail_rows(analysis, number, column):
            yield f"    {'  ' * row.depth}{row.text if row.is_code else spoken(row.text)}"
    if len(numbers) > _MOST_DETAILS:
        rest = plural(len(numbers) - _MOST_DETAILS, "record")
        yield f"  {rest} more: btfview explain FILE --relo NUMBER -t TARGET explains one"


def _called(analysis: Analysis, number: int) -> str:
    if ask := analysis.ask(number):
        return f"demand {ask_number(analysis, number)}, {ask.kind} {ask.subject}"
    linked = analysis.relos[number]
    return f"record {number}, {linked.relo.kind_label} {linked.path}"


def _word(analysis: Analysis, number: int, state: CellState) -> str:
    return ask_word(state) if analysis.ask(number) else state.value


def _value(analysis: Analysis, number: int, column: int) -> str:
    if ask := analysis.ask(number):
        why = ask.answers[column].why
        return f": {spoken(why)}" if why else ""
    value = analysis.results[number][column].outcome.value
    return "" if value is None else f", value {value}"
