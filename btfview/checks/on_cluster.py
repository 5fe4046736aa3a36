"""Findings and their hints, found by the workers of a cluster: nothing here opens a target.

The unit is a file with what all its kernels said to it, for a hint follows a field from one kernel to
another. A worker opens the few that it needs: by path, where it has the same file there. It names one that it
has not, and that one is sent with the next try.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

from btfview.analysis.by_kernel.ask_all import KEPT_OPEN
from btfview.bpf.object import read_object
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen, replace
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.sent import DistantTarget, NotThereError, SentTarget, sent_target
from btfview.targets.target import keep_open

from .find import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.result import Analysis
    from btfview.cluster import Cluster
    from btfview.targets.target import Target

    from .find import CheckTask, FoundIn

_MOST_TRIES = 24
"""For a file: each sends one kernel more to a worker that has none of them."""


@frozen
class SentAnalysis:
    """What is known of a file, as it is sent: without its object and its targets, which cannot be."""

    analysis: Analysis
    object: tuple[str, bytes] | None
    """Its path, and what is in it."""
    targets: tuple[int, ...]
    """By their index among all that are sent."""


@frozen
class Missing:
    """A worker has not the file of a target."""

    target: int
    """Its index."""


def find_on_cluster(cluster: Cluster, analyses: Sequence[Analysis], task: CheckTask) -> list[FoundIn]:
    """Return what :func:`find` does of each of *analyses*, in order. Kernels of an atlas are asked here,
    and so is a file for which a worker would have to be sent more kernels than :data:`_MOST_TRIES`.

    Raises:
        InputError: the scheduler is lost.
    """
    kernels = list(dict.fromkeys(target for one in analyses for target in one.targets))
    number = {target: index for index, target in enumerate(kernels)}
    by_path = tuple(map(_by_path, kernels))
    sent = {
        at: _sent(one, tuple(number[target] for target in one.targets))
        for at, one in enumerate(analyses)
        if not any(isinstance(target.root, AtlasTarget) for target in one.targets)
    }
    found: dict[int, FoundIn] = {}
    whole: dict[int, dict[int, SentTarget]] = {at: {} for at in sent}
    for _ in range(_MOST_TRIES):
        left = [at for at in sent if at not in found]
        if not left:
            break
        parts = ((by_path, sent[at], tuple(whole[at].items()), task) for at in left)
        for at, said in zip(left, cluster.run(find_there, parts, by_path), strict=True):
            if not isinstance(said, Missing):
                found[at] = said
            elif (content := _with_content(kernels[said.target])) and said.target not in whole[at]:
                whole[at][said.target] = content
            else:
                del sent[at]
    return [found[at] if at in found else find(one, task) for at, one in enumerate(analyses)]


def _sent(analysis: Analysis, targets: tuple[int, ...]) -> SentAnalysis:
    obj = analysis.object
    rest = replace(analysis, object=None, targets=(), broken_targets=())
    return SentAnalysis(rest, None if obj is None else (obj.path, obj.elf.data), targets)


def _by_path(target: Target) -> SentTarget | None:
    if isinstance(target.root, AtlasTarget):
        return None
    try:
        return sent_target(target)
    except InputError:
        return None


def _with_content(target: Target) -> SentTarget | None:
    try:
        return sent_target(target, is_with_content=True)
    except InputError:
        return None


def find_there(
    by_path: tuple[SentTarget | None, ...],
    sent: SentAnalysis,
    whole: tuple[tuple[int, SentTarget], ...],
    task: CheckTask,
) -> FoundIn | Missing:
    """Return, on a worker, what :func:`find` does of a file, or which target's file is not here; *whole*
    are those that were sent with what is in them."""
    chosen = dict(enumerate(by_path)) | dict(whole)
    with TemporaryDirectory(prefix="btfview-") as folder:
        targets = []
        for index in sent.targets:
            one = chosen[index]
            if one is None:
                return Missing(index)
            targets.append(DistantTarget(one, folder))
        obj = read_object(sent.object[1], path=sent.object[0]) if sent.object else None
        analysis = replace(sent.analysis, object=obj, targets=tuple(targets))
        keep_open(KEPT_OPEN)
        try:
            return find(analysis, task)
        except NotThereError as error:
            (path,) = error.args
            return Missing(next(index for index in sent.targets if is_of(chosen[index], path)))
        finally:
            keep_open(0)


def is_of(sent: SentTarget | None, path: str) -> bool:
    return sent is not None and sent.is_of(path)
