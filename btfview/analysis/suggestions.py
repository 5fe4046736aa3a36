"""For a record that fails on a target: what to do, and what the program may ask for instead there."""

from __future__ import annotations

from btfview.bpf.reach import Reach
from btfview.core_relo.loaders.names import LIBBPF, title
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.hints.answer import Gone, Named, Silent

from .result import CellState
from .source_text.own_language import fitted_read, guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.hints.answer import Answer

    from .hint_finder import HintFinder
    from .result import Analysis

MAX_CODES = 8
"""Blocks of code that one report tries: each is compiled, in 0.1 s."""
_HOW_REACHED = {
    None: "The loader cannot answer it.",
    Reach.DEAD: "No path of a loaded program leads here on this kernel: the verifier drops it as dead code.",
    Reach.OFF: 'Its program is off by default (SEC("?...")): not even relocated, unless it is turned on.',
    Reach.OTHERWISE: "What .rodata holds as compiled keeps the verifier away; a loader may set it otherwise.",
    Reach.MAYBE: "The verifier may come to this instruction, and would then refuse the program.",
    Reach.CERTAIN: "The verifier refuses the program, which can reach this instruction.",
}


def answer_sentences(answer: Answer, path: str) -> tuple[str, ...]:
    """Return in words what stands for *path*, one sentence a hint, the best first."""
    match answer:
        case Named(hints):
            return tuple(f"{path} {hint.grade.words} {hint.path} ({hint.reasons})" for hint in hints)
        case Gone(_, why):
            return (f"{path} is gone ({why})",)
        case Silent(why):
            return (why,)
        case _:
            assert_never(answer)


def hints_json(
    finder: HintFinder, relo_index: int, target_index: int, max_codes: int = MAX_CODES
) -> list[dict[str, str | None]]:
    """Return the hints as JSON data, the best first; nothing where there is none. ``code`` is null where no
    block does on both kernels, and for all hints after the first *max_codes* different ones: each is
    compiled, together with others where :meth:`.hint_finder.HintFinder.write_codes` was asked before."""
    finder.write_codes([(relo_index, target_index)], max_codes)
    return [
        {
            "path": hint.path,
            "grade": hint.grade.key,
            "why": hint.reasons,
            "reference": hint.reference,
            "code": finder.known_code(relo_index, target_index, hint) or None,
        }
        for hint in finder.hints(relo_index, target_index)
    ]


def advice(analysis: Analysis, relo_index: int, target_index: int) -> Iterator[str]:
    """Yield what to do about a failure, in the language of the source."""
    linked, state = analysis.relos[relo_index], analysis.state(relo_index, target_index)
    reach = analysis.results[relo_index][target_index].reach
    loader = LIBBPF if analysis.loader == LIBBPF else title(analysis.loader)
    question = guard(analysis, linked) if state == CellState.MISSING else ""
    if question:
        yield f"{_HOW_REACHED[reach]} Ask first: {question}"
    elif state == CellState.MISSING_GUARDED and reach is not None:
        yield _HOW_REACHED[reach]
    elif state == CellState.AMBIGUOUS:
        yield f"{loader} refuses the whole object. Tell the candidates apart by a field that only one has."
    elif state == CellState.ERROR and reach is not None:
        yield _HOW_REACHED[reach]
        yield fitted_read(analysis)
    elif state == CellState.ERROR:
        yield f"{loader} refuses the whole object on account of this record."
