"""Rows of the detail drawer: one record on one target, explained."""

from __future__ import annotations

from btfview.analysis.findings.other_meaning import meanings_of
from btfview.analysis.hint_finder import HintFinder, question_of
from btfview.analysis.result import Analysis, CellState
from btfview.analysis.suggestions import advice, answer_sentences
from btfview.bpf.insn import BYTES_OF_SIZE, INSN_SIZE, LDX, decode_insn, format_insn
from btfview.btf.types import Struct
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.loaders.names import AYA, LIBBPF, OLD_LIBBPF, title
from btfview.core_relo.outcome import Refused
from btfview.core_relo.patch import POISON_HELPER
from btfview.core_relo.values import bit_window
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.hints.answer import Silent
from btfview.words import plural

from .asks import WHOLE_BTF, ask_detail_rows, ask_title
from .kernels.history import since_text
from .rows import Row, Segment
from .states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.findings.other_meaning import OtherMeaning
    from btfview.analysis.result import Ask, LinkedRelo
    from btfview.btf.reader import Btf
    from btfview.core_relo.access_spec import AccessSpec
    from btfview.core_relo.outcome import CandidateTrace, Outcome

_SHOWN_CANDIDATES = 12


def detail_title(analysis: Analysis, relo_index: int, target_index: int) -> str:
    """Return ``#1 field_byte_offset task_struct.se.vruntime on 6.1.0-56-amd64``."""
    on = f" on {analysis.targets[target_index].name}" if analysis.targets else ""
    if ask := analysis.ask(relo_index):
        return f"{ask_title(analysis, relo_index, ask)}{on}"
    linked = analysis.relos[relo_index]
    return f"#{relo_index} {linked.relo.kind_label} {linked.path}{on}"


def detail_rows(
    analysis: Analysis,
    relo_index: int,
    target_index: int,
    *,
    with_code: bool = False,
    is_beside_source: bool = False,
    finder: HintFinder | None = None,
) -> tuple[Row, ...]:
    """Return what became of a record, or of what else is asked for, on a target, why, and what to write where
    it fails; *with_code* also a block of code that does on both kernels, which is compiled first.

    *is_beside_source* says that its line stands beside this, in the source on show, and is not told again.
    *finder* is of the analysis, and remembers what was found out for other rows."""
    if ask := analysis.ask(relo_index):
        return (*ask_detail_rows(ask, target_index), *_by_libbpf(analysis, ask, target_index))
    linked = analysis.relos[relo_index]
    source, span = analysis.source if is_beside_source else None, linked.span
    is_on_show = source is not None and span is not None and source.is_own(span.start)
    rows = [] if is_on_show else [*_origin(linked)]
    if analysis.targets:
        finder = finder or HintFinder(analysis)
        outcome = _outcome(analysis, relo_index, target_index, finder, with_code=with_code)
        rows = [*outcome, *_end(analysis, relo_index, target_index), *rows]
    else:
        rows.insert(0, Row((Segment("no target chosen: the record as compiled", "dim"),)))
    return tuple(rows)


def _by_libbpf(analysis: Analysis, ask: Ask, target_index: int) -> Iterator[Row]:
    """Yield that an answer is by libbpf's rules, where those of the loader are not known."""
    is_other = analysis.loader not in (LIBBPF, OLD_LIBBPF)
    if is_other and ask.answers and ask.answers[target_index].rule.startswith("libbpf"):
        text = f"So with libbpf; no rule of {title(analysis.loader)} is known that says otherwise."
        yield Row((Segment(text, "dim"),))


def _end(analysis: Analysis, relo_index: int, target_index: int) -> Iterator[Row]:
    """Yield where another loader gives up the object, unless that is at this record; and with which other
    record aya reads one pointer by two layouts."""
    end = analysis.ends[target_index] if analysis.ends else None
    if end is not None and end.record != relo_index:
        yield Row((Segment(f"{title(analysis.loader)} ends the load {end.where}: {end.reason}", "error"),))
    if analysis.loader == AYA:
        from btfview.analysis.findings.mixed_layouts import find_mixed_layouts

        for mixed in find_mixed_layouts(analysis, target_index):
            if relo_index in (mixed.first, mixed.second):
                yield Row((Segment(f"≠ {mixed.message}", "warning"),))


def _outcome(
    analysis: Analysis, relo_index: int, target_index: int, finder: HintFinder, *, with_code: bool
) -> Iterator[Row]:
    linked = analysis.relos[relo_index]
    result = analysis.results[relo_index][target_index]
    outcome, state = result.outcome, analysis.state(relo_index, target_index)
    role = state_role(state)
    yield Row(
        (
            Segment(f"{state.glyph} {_verdict(linked, state, outcome)}", role),
            Segment("    "),
            *_instruction(analysis, linked, result.insn_after),
        )
    )
    if state == CellState.UNKNOWN:
        yield from trimmed_rows(linked)
    elif outcome.reason:
        yield Row((Segment(outcome.reason, role),))
    for sentence in advice(analysis, relo_index, target_index):
        yield from _sentence_rows(sentence)
    yield from _hints(analysis, relo_index, target_index, finder, with_code=with_code)
    if text := since_text(analysis, relo_index, target_index):
        yield Row((Segment(text, "dim"),))
    yield from bitfield_rows(analysis, relo_index, target_index)
    for trace in outcome.trace.candidates[:_SHOWN_CANDIDATES]:
        yield _candidate(trace, outcome.reason, has_id=not analysis.shared_btf(target_index))
    if len(outcome.trace.candidates) > _SHOWN_CANDIDATES:
        more = len(outcome.trace.candidates) - _SHOWN_CANDIDATES
        yield Row((Segment(f"and {more} more candidates", "dim"),))
    yield Row((Segment(outcome.trace.summary, "comment"),))
    if result.alone is not None:
        value = "" if result.alone.value is None else f" ({result.alone.value})"
        text = f"The order matters: alone in its object, this record would be {result.alone.status}{value}."
        yield Row((Segment(text, "warning"),))


def trimmed_rows(linked: LinkedRelo) -> Iterator[Row]:
    """Yield why a trimmed kernel tells nothing of a record, and how to know."""
    why = f"this BTF was trimmed: it lacks {linked.root}, which its kernel may well have"
    yield Row((Segment(why),))
    yield Row((Segment(WHOLE_BTF, "text"),))


_last_meanings: tuple[Analysis, int, tuple[OtherMeaning, ...]] | None = None
"""Of the record that was asked about last: from kernel to kernel it is the same one."""


def _meanings_of(analysis: Analysis, linked: LinkedRelo, finder: HintFinder) -> tuple[OtherMeaning, ...]:
    global _last_meanings
    known = _last_meanings
    if known is None or known[0] is not analysis or known[1] != linked.index:
        known = _last_meanings = analysis, linked.index, meanings_of(analysis, linked, finder)
    return known[2]


def _hints(
    analysis: Analysis, relo_index: int, target_index: int, finder: HintFinder, *, with_code: bool
) -> Iterator[Row]:
    """Yield a row for each thing that the kernel may have instead, in the words of ``btfview check``."""
    linked = analysis.relos[relo_index]
    for found in _meanings_of(analysis, linked, finder):
        if target_index in found.columns:
            yield Row((Segment(f"It is {found.words}.", "warning"),))
    if not finder.is_missing(relo_index, target_index) or question_of(linked) is None:
        return
    answer = finder.answer(relo_index, target_index)
    if isinstance(answer, Silent) and analysis.lacks_type(relo_index, target_index):
        return  # the type itself may have been left out of a trimmed kernel
    for sentence in answer_sentences(answer, linked.path):
        yield Row((Segment(sentence, "name"),))
    for hint in finder.hints(relo_index, target_index)[:1] if with_code else ():
        for line in finder.code(relo_index, target_index, hint).expandtabs(4).splitlines():
            yield _code_row(line)


def _sentence_rows(sentence: str) -> Iterator[Row]:
    """Yield a sentence, and what it says to write as a line of code below it."""
    told, colon, code = sentence.partition("Ask first: ")
    yield Row((Segment((told + colon).rstrip(), "text"),))
    if code:
        yield _code_row(code)


def _code_row(line: str) -> Row:
    return Row((Segment(f"    {line}", "text"),), is_code=True)


def _verdict(linked: LinkedRelo, state: CellState, outcome: Outcome) -> str:
    kind, value = linked.relo.kind, outcome.value
    if isinstance(outcome, Refused) and outcome.is_passed_over:
        return "not loaded: as compiled"
    if state != CellState.UNKNOWN and kind is not None and kind.is_existence and value is not None:
        return "it is there: 1" if value else "it is not there: 0"
    match state:
        case CellState.AS_COMPILED:
            return f"as compiled: {value}"
        case CellState.MOVED:
            word = "moved" if linked.relo.kind_label == "field_byte_offset" else "changed"
            return f"{word}: compiled {linked.local_value}, there {value}"
        case CellState.MISSING_GUARDED:
            if value is not None:
                return f"it is not there: {value}"
            return "missing there: poisoned, but it cannot run"
        case CellState.MISSING:
            return "missing there: poisoned"
        case CellState.UNKNOWN | CellState.AMBIGUOUS | CellState.ERROR:
            return state
        case _:
            assert_never(state)


def _instruction(analysis: Analysis, linked: LinkedRelo, after: bytes) -> Iterator[Segment]:
    if analysis.object is None or linked.insn_text is None:
        return
    yield Segment(f"insn {linked.relo.insn_off // INSN_SIZE}  ", "dim")
    yield Segment(linked.insn_text)
    text = format_insn(decode_insn(after, is_little_endian=analysis.object.is_little_endian))
    if text == f"call unknown#{POISON_HELPER}":
        yield Segment(" → ")
        yield Segment(f"call #{POISON_HELPER} (poison)", "missing")
    elif text != linked.insn_text:
        yield Segment(" → ")
        yield Segment(text, "moved")


def _candidate(trace: CandidateTrace, told: str | None, *, has_id: bool) -> Row:
    """Return how far a candidate went; why no further, unless that was *told* of the record already."""
    like = CellState.AS_COMPILED if trace.is_match else CellState.MISSING
    glyph, role = like.glyph, state_role(like)
    steps = " → ".join(trace.steps)
    where = f"  {steps}" if steps else ""
    path = f"  ({trace.spec.access_str})" if trace.spec and trace.spec.raw else ""
    return Row(
        (
            Segment(f"{glyph} ", role),
            Segment(f"[{trace.type_id}] " if has_id else "", "dim"),
            Segment(f"{trace.kind_label} {trace.name}", "type"),
            Segment(where, "name"),
            Segment(path, "dim"),
            Segment("" if trace.is_match or trace.verdict == told else f"  {trace.verdict}", role),
        )
    )


def _origin(linked: LinkedRelo) -> Iterator[Row]:
    place = linked.place
    if place:
        yield Row(
            (
                Segment(f"{place.file}:{place.line}:{place.column}  ", "dim"),
                Segment(place.text),
            )
        )


def bitfield_rows(analysis: Analysis, relo_index: int, target_index: int) -> Iterator[Row]:
    """Yield a drawing for the program and one for the target, where the field is a bitfield in either."""
    linked = analysis.relos[relo_index]
    kind = linked.relo.kind
    if analysis.object is None or kind is None or not kind.is_field:
        return
    target = analysis.targets[target_index]
    sides = [("program", analysis.object.btf, linked.local_spec)]
    there = analysis.btf_of(target_index)
    sides.append((target.name, there, analysis.results[relo_index][target_index].outcome.target_spec))
    if any(spec is not None and _is_bitfield(btf, spec) for _, btf, spec in sides):
        width = max(len(name) for name, *_ in sides)
        for name, btf, spec in sides:
            if spec is not None and spec.steps[-1].name is not None:
                yield _drawing(name.ljust(width), btf, spec)
        insn = analysis.object.insn_at(linked.relo.section, linked.relo.insn_off)
        if insn is not None and insn.class_ == LDX:
            size = plural(BYTES_OF_SIZE[insn.opcode & 0x18], "byte")
            text = f"the instruction loads {size} where the unit begins; which bits of it, is compiled in"
            yield Row((Segment(text, "warning"),))


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
    about = (
        f"  load of {window.byte_size} at +{window.byte_offset}, {plural(window.bit_size, 'bit')} from bit "
    )
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
