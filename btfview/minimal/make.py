"""Make a minimal BTF, and prove it: it is asked what the whole kernel was asked."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import LIBBPF
from btfview.core_relo.names import essential_name
from btfview.core_relo.outcome import Resolved
from btfview.core_relo.resolve import resolve_relos
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .demanded import keep_demands
from .kept import Kept
from .walk import Care, keep_answer
from .write import write_kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.resolve_on import Question
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.demands.kernel.kernel import Kernel

    Results = tuple[ReloResult, ...]
    Root = tuple[str, str]
    """Essential name and kind: records of one root share their candidates."""


@frozen
class Minimal:
    """A minimal BTF."""

    data: bytes
    type_count: int
    record_count: int
    moved_ids: int
    """Records that ask for the id of a type: it has another one in a BTF of fewer types."""
    unlike: tuple[str, ...]
    """Records, in words, whose answer is another one although all of their candidates are kept: by libbpf's
    rules there is none."""


def make_minimal(
    questions: Sequence[Question],
    target: Btf,
    kernels: Sequence[Kernel | None] = (),
    loaders: Sequence[str] = (LIBBPF,),
) -> Minimal:
    """Return a BTF by which each object gets of *loaders* the answers of *target*, which may have modules on
    top of it.

    *kernels* are those that the questions' demands are for; without them nothing of demands is kept.

    Raises:
        BtfFormatError: the target is damaged where a record leads to.
    """
    try:
        return _make(questions, target, kernels, loaders)
    except RecursionError as error:
        raise BtfFormatError("types nest too deep for a minimal BTF", path=target.path) from error
    except ValueError as error:  # a struct of more members than every reader takes
        raise BtfFormatError(f"cannot be made minimal: {error}", path=target.path) from error


def _make(
    questions: Sequence[Question], target: Btf, kernels: Sequence[Kernel | None], loaders: Sequence[str]
) -> Minimal:
    answers = {loader: [_resolve(one, target, loader) for one in questions] for loader in (LIBBPF, *loaders)}
    care: dict[Root, Care] = {}
    while True:
        kept = Kept(target)
        for loader, of_each in answers.items():
            for one, results in zip(questions, of_each, strict=True):
                _keep_all(kept, one, results, care, is_others=loader != LIBBPF)
        for one, kernel in zip(questions, kernels, strict=False):
            if one.asked is not None and kernel is not None:
                keep_demands(kept, one.asked, kernel)
        small = Btf(write_kept(kept))
        unlike = [
            found for one in loaders for found in _find_unlike(questions, one, answers[one], target, small)
        ]
        roots = {_root(relo) for _, relo in unlike if care.get(_root(relo), Care.FIRST) < Care.WHOLE}
        if not roots:
            break
        for root in roots:
            care[root] = Care(care.get(root, Care.FIRST) + 1)
    words = tuple(f"{one.object.path}: {relo.path} ({_label(relo)})" for one, relo in unlike)
    count = sum(len(one.relos) for one in questions)
    return Minimal(
        bytes(small.data), small.type_count - 1, count, _count_ids(questions, answers[LIBBPF]), words
    )


def _resolve(question: Question, btf: Btf, loader: str) -> Results:
    if loader != LIBBPF:
        from btfview.core_relo.loaders.resolve_as import resolve_as

        return resolve_as(loader, question.object, question.relos, btf).results
    return resolve_relos(question.object, question.relos, btf, finds_reach=False)


def _count_ids(questions: Sequence[Question], answers: Sequence[Results]) -> int:
    return sum(
        relo.kind == CoreReloKind.TYPE_ID_TARGET and isinstance(result.outcome, Resolved)
        for one, results in zip(questions, answers, strict=True)
        for relo, result in zip(one.relos, results, strict=True)
    )


def _label(relo: LocalRelo) -> str:
    return relo.kind.label if relo.kind else "unknown kind"


def _root(relo: LocalRelo) -> Root:
    return essential_name(relo.type_name), relo.type_kind


def _keep_all(
    kept: Kept, question: Question, results: Results, care: dict[Root, Care], *, is_others: bool
) -> None:
    """Keep what gives *results* again; of those of another loader than libbpf what libbpf's do not keep."""
    seen: set[tuple[int, int]] = set()
    for relo, result in zip(question.relos, results, strict=True):
        # Records that ask the same share a result, and there may be tens of thousands.
        key = (id(result.outcome), relo.relo.type_id)
        if key not in seen:
            seen.add(key)
            wanted = care.get(_root(relo), Care.FIRST)
            if wanted == Care.WHOLE or not is_others:
                keep_answer(kept, question.object.btf, relo, result, wanted)


def _find_unlike(
    questions: Sequence[Question], loader: str, answers: Sequence[Results], target: Btf, small: Btf
) -> list[tuple[Question, LocalRelo]]:
    """Return the records that *loader* answers by *small* in another way than by *target*."""
    return [
        (one, relo)
        for one, before in zip(questions, answers, strict=True)
        for relo, was, is_now in zip(one.relos, before, _resolve(one, small, loader), strict=True)
        if not _is_same(relo, was, is_now, target, small)
    ]


def _is_same(relo: LocalRelo, was: ReloResult, is_now: ReloResult, target: Btf, small: Btf) -> bool:
    """Tell whether two answers load the same program; of an id, whether it is of the same type."""
    ours, theirs = was.outcome, is_now.outcome
    if (ours.status, ours.is_poisoned) != (theirs.status, theirs.is_poisoned):
        return False
    is_id = relo.kind == CoreReloKind.TYPE_ID_TARGET
    if is_id and isinstance(ours, Resolved) and isinstance(theirs, Resolved):
        before, now = ours.new_val, theirs.new_val
        return (target.kind(before), target.name(before)) == (small.kind(now), small.name(now))
    return (ours.value, was.insn_after) == (theirs.value, is_now.insn_after)
