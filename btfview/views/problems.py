"""All that is wrong, in one list: diagnostics of the source, then records that fail on a target, then what
else is asked of a kernel and not met there."""

from __future__ import annotations

from btfview.core_relo.loaders.names import title
from btfview.diagnostics import diagnostic_lines
from btfview.frozen import TYPE_CHECKING, assert_never, frozen

from .asks import ask_number, ask_word
from .rows import Row, Segment
from .states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.analysis.result import Analysis, CellState
    from btfview.diagnostics import Diagnostic, LineKind
    from btfview.source import Source

_LOOKS = {"error": ("✖", "error"), "warning": ("▲", "warning")}
_NAMED = 4
"""Targets named in one line; of more the rest is counted."""


@frozen
class SourceProblem:
    """A diagnostic, or a lint's finding."""

    diagnostic: Diagnostic
    source: Source

    @property
    def path(self) -> str:
        """Of its file: the source's, or one that this brought."""
        return self.source.file_at(self.diagnostic.span.start)[0].path

    @property
    def line(self) -> int:
        return self.source.location(self.diagnostic.span.start).line


@frozen
class RecordProblem:
    """A record that fails, or what else is asked for and not met, for one reason, on some targets."""

    relo: int
    """As :attr:`btfview.session.state.Selection.relo` counts."""
    targets: tuple[int, ...]
    """Indices into the targets of the result that is shown."""
    state: CellState
    """One that is a problem."""
    reason: str


@frozen
class LoadProblem:
    """A loader gives up the object on account of what is no record."""

    loader: str
    """Its title."""
    targets: tuple[int, ...]
    """As of :class:`RecordProblem`."""
    where: str
    reason: str


Problem = SourceProblem | LoadProblem | RecordProblem


def severity_look(severity: str) -> tuple[str, str]:
    """Return sign and role of a diagnostic."""
    return _LOOKS.get(severity, ("·", "dim"))


def list_problems(latest: Analysis | None, good: Analysis | None) -> tuple[Problem, ...]:
    """Return the diagnostics of *latest*, errors first, each kind in source order; then the failing records
    of *good*, which is what the panes show."""
    found: list[Problem] = []
    if latest is not None and latest.source is not None:
        order = {"error": 0, "warning": 1}
        diagnostics = sorted(latest.diagnostics, key=lambda one: (order.get(one.severity, 2), one.span.start))
        found += [SourceProblem(diagnostic, latest.source) for diagnostic in diagnostics]
    if good is not None:
        found += [*_ended_loads(good), *_failing_records(good)]
    return tuple(found)


def count_ended(good: Analysis) -> int:
    """Return for how many reasons, other than records, the loader gives up the object."""
    return sum(1 for _ in _ended_loads(good))


def _ended_loads(good: Analysis) -> Iterator[LoadProblem]:
    columns: dict[tuple[str, str], list[int]] = {}
    for column, end in enumerate(good.ends):
        if end is not None and end.record is None:
            columns.setdefault((end.where, end.reason), []).append(column)
    for (where, reason), targets in columns.items():
        yield LoadProblem(title(good.loader), tuple(targets), where, reason)


def _failing_records(good: Analysis) -> Iterator[RecordProblem]:
    for number in range(good.item_count):
        columns: dict[tuple[CellState, str], list[int]] = {}
        for column in range(len(good.targets)):
            state = good.state(number, column)
            if state.is_problem:
                columns.setdefault((state, _reason(good, number, column)), []).append(column)
        for (state, reason), where in columns.items():
            yield RecordProblem(number, tuple(where), state, reason)


def _reason(good: Analysis, number: int, column: int) -> str:
    if ask := good.ask(number):
        return ask.answers[column].why
    return good.results[number][column].outcome.reason or ""


def problem_row(problem: Problem, good: Analysis | None) -> Row:
    """Return a problem as one line; *good* holds the record of a :class:`RecordProblem`."""
    if isinstance(problem, SourceProblem):
        return _source_row(problem)
    assert good is not None
    if isinstance(problem, LoadProblem):
        return _load_row(problem, good)
    ask = good.ask(problem.relo)
    if ask:
        called, kind, subject = ask_number(good, problem.relo), ask.kind, ask.subject
        word = ask_word(problem.state)
    else:
        linked = good.relos[problem.relo]
        called, kind, subject = f"#{problem.relo}", linked.relo.kind_label, linked.path
        word = problem.state
    role = state_role(problem.state)
    segments = (
        Segment(f"{problem.state.glyph} ", role),
        Segment(f"{called} {kind} ", "keyword"),
        Segment(subject, "name"),
        Segment(f"  {word}", role),
        Segment(f" on {_named(problem.targets, good)}", "text"),
        Segment(f"  {problem.reason}", "dim"),
    )
    return Row(segments, (problem.relo,), f"{called} {problem.state} {problem.targets[0]}")


def _named(targets: tuple[int, ...], good: Analysis) -> str:
    names = [good.targets[column].name for column in targets]
    where = "all targets" if len(names) == len(good.targets) > 1 else ", ".join(names[:_NAMED])
    if len(names) > _NAMED and where != "all targets":
        where += f" and {len(names) - _NAMED} more"
    return where


def _load_row(problem: LoadProblem, good: Analysis) -> Row:
    segments = (
        Segment(f"! {problem.loader} ends the load", "error"),
        Segment(f" on {_named(problem.targets, good)} {problem.where}", "text"),
        Segment(f"  {problem.reason}", "dim"),
    )
    return Row(segments, (), f"{problem.loader} {problem.where} {problem.targets[0]}")


def _source_row(problem: SourceProblem) -> Row:
    diagnostic, source = problem.diagnostic, problem.source
    glyph, role = severity_look(diagnostic.severity)
    where = source.location(diagnostic.span.start)
    name = diagnostic.code or diagnostic.lint or ""
    segments = (
        Segment(f"{glyph} ", role),
        Segment(f"{diagnostic.severity}{f'[{name}]' if name else ''}", role),
        Segment(f"  {diagnostic.message}", "text"),
        Segment(f"  {problem.path}:{where.line}:{where.column}", "dim"),
    )
    return Row(segments, (), f"{diagnostic.span.start} {diagnostic.message}")


def problem_detail(problem: Problem, good: Analysis | None, *, loader_key: str = "L") -> Sequence[Row]:
    """Return all that is known of a problem: the source with carets, notes and help; or each candidate that
    was tried for a record on the first target that it fails on. *loader_key* is what the screen has for
    another loader."""
    if isinstance(problem, SourceProblem):
        severity = problem.diagnostic.severity
        return [
            Row((Segment(line, _line_role(kind, severity)),))
            for line, kind in diagnostic_lines(problem.diagnostic, problem.source)
        ]
    if isinstance(problem, LoadProblem):
        return [
            Row((Segment(f"{problem.loader} does not take the object: {problem.reason}", "error"),)),
            Row((Segment(f"{loader_key} shows what another loader makes of it.", "dim"),)),
        ]
    assert good is not None
    from .detail import detail_rows

    return detail_rows(good, problem.relo, problem.targets[0])


def _line_role(kind: LineKind, severity: str) -> str:
    match kind:
        case "title":
            return "title"
        case "source":
            return "text"
        case "carets":
            return severity_look(severity)[1]
        case "help":
            return "as-compiled"
        case "place" | "label" | "note":
            return "dim"
        case _:
            assert_never(kind)


def count_problems(problems: Sequence[Problem]) -> dict[str, int]:
    """Return how many errors, warnings, notes and failing records there are, as the header counts them; what
    else is asked for counts with the records."""
    counts = {"error": 0, "warning": 0, "note": 0}
    records: set[int] = set()
    loads = sum(isinstance(problem, LoadProblem) for problem in problems)
    for problem in problems:
        if isinstance(problem, SourceProblem):
            counts[problem.diagnostic.severity] += 1
        elif isinstance(problem, RecordProblem):
            records.add(problem.relo)
    return {**counts, "record": len(records) + loads}
