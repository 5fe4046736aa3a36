"""One kernel with all objects."""

from __future__ import annotations

from btfview.analysis.declared import declared_fields
from btfview.analysis.resolve_on import ask_target
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, replace
from btfview.hints.kernel import Kernel

from .slim import slim_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.resolve_on import Column, Question
    from btfview.targets.target import Target

    from .kept import KeptResults, Keys


def ask_kernel(questions: Sequence[Question], target: Target) -> list[Column | str]:
    """Return, for each question, what the target says to it, or why it cannot be used; without type ids and
    traces, so that the answer is small and mostly that of other kernels, too."""
    target.unstack()
    try:
        if len(questions) > 1:  # the names of all in one pass, in place of a pass for each
            target.btf.index_names({name for one in questions for name in _names_of(one)})
    except InputError as error:
        return [str(error)] * len(questions)
    return [_ask(question, target) for question in questions]


def ask_or_find(
    questions: Sequence[Question], target: Target, kept: KeptResults | None, keys: Keys | None
) -> list[Column | str]:
    """Return the same, of answers that are kept where there are such; the others are kept then."""
    names = keys.keys(target, [keys.digest(one) for one in questions]) if keys else None
    if kept is None or names is None:
        return ask_kernel(questions, target)
    known = kept.find(names)
    left = [index for index, name in enumerate(names) if name not in known]
    if not left:
        return [known[name] for name in names]
    new = dict(zip(left, ask_kernel([questions[index] for index in left], target), strict=True))
    kept.keep({names[index]: one for index, one in new.items() if not isinstance(one, str)})
    return [new[index] if index in new else known[name] for index, name in enumerate(names)]


def _names_of(question: Question) -> set[str]:
    return question.asked.names(question.relos) if question.asked else set()


def _ask(question: Question, target: Target) -> Column | str:
    target.unstack()  # what one object needs of modules is not there for the next
    try:
        column = ask_target(question, target)[0]
        fields = declared_fields(question.relos, column.results, Kernel(target.name, target.btf))
        return replace(column, results=slim_results(column.results), declared=fields)
    except InputError as error:
        return str(error)
