"""The same unit of work, on the workers of a cluster."""

from __future__ import annotations

from hashlib import sha256

from btfview.analysis.resolve_on import Question
from btfview.bpf.object import read_object
from btfview.core_relo.local import read_local_relos
from btfview.demands.asked import Asked
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.sent import NotThereError, received, sent_target

from .ask import ask_kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.resolve_on import Column
    from btfview.cluster import Cluster
    from btfview.demands.asked import Loading
    from btfview.targets.sent import SentTarget
    from btfview.targets.target import Target

    from .kept import KeptResults, Keys

    Objects = tuple[tuple[str, bytes], ...]
    Wanted = tuple[Target, Sequence[Question]]


def ask_on_cluster(
    cluster: Cluster,
    wanted: Sequence[Wanted],
    loading: Loading,
    kept: KeptResults | None = None,
    keys: Keys | None = None,
) -> list[list[Column | str]]:
    """Return what :func:`.ask.ask_or_find` says of each target and its questions, which were made by
    *loading*, in order. What is kept here is not asked; kernels of an atlas are asked here.

    Raises:
        InputError: the scheduler is lost.
    """
    names: list[list[bytes] | None] = [
        keys.keys(target, [keys.digest(one) for one in questions]) if keys else None
        for target, questions in wanted
    ]
    known = [kept.find(one) if kept and one else {} for one in names]
    found: list[list[Column | str | None]] = [
        [known[at].get(name) for name in one] if one else [None] * len(wanted[at][1])
        for at, one in enumerate(names)
    ]
    left = [(at, [no for no, said in enumerate(one) if said is None]) for at, one in enumerate(found)]
    left = [(at, numbers) for at, numbers in left if numbers]
    asked = [(wanted[at][0], [wanted[at][1][number] for number in numbers]) for at, numbers in left]
    for (at, numbers), said in zip(left, _asked(cluster, asked, loading), strict=True):
        for number, one in zip(numbers, said, strict=True):
            found[at][number] = one
        of_target = names[at]
        if kept and of_target:
            new = zip(numbers, said, strict=True)
            kept.keep({of_target[number]: one for number, one in new if not isinstance(one, str)})
    return [[one for one in row if one is not None] for row in found]


def _asked(cluster: Cluster, wanted: Sequence[Wanted], loading: Loading) -> list[list[Column | str]]:
    numbers: dict[int, int] = {}
    objects: list[tuple[str, bytes]] = []
    for _, questions in wanted:
        for one in questions:
            if id(one) not in numbers:
                numbers[id(one)] = len(objects)
                objects.append((one.object.path, one.object.elf.data))
    shared = tuple(objects)
    digest = sha256(
        repr(loading).encode() + b"".join(sha256(data).digest() for _, data in shared)
    ).hexdigest()
    found: dict[int, list[Column | str]] = {}
    for is_with_content in (False, True):
        left = [
            index
            for index, (target, _) in enumerate(wanted)
            if index not in found and not isinstance(target.root, AtlasTarget)
        ]
        parts = (
            (
                shared,
                digest,
                _sent(wanted[index][0], is_with_content=is_with_content),
                tuple(numbers[id(one)] for one in wanted[index][1]),
                loading,
            )
            for index in left
        )  # one after the other: with their content they would fill the memory
        answers = cluster.run(answer, parts, shared) if left else []
        found |= {index: said for index, said in zip(left, answers, strict=True) if said is not None}
    for index, (target, questions) in enumerate(wanted):
        if index not in found:
            found[index] = ask_kernel(questions, target)
            target.forget()
    return [found[index] for index in range(len(wanted))]


def _sent(target: Target, *, is_with_content: bool) -> SentTarget | None:
    """Return a target as it is sent; None where it is too large, or cannot be read: that is told where it is
    opened, here."""
    try:
        return sent_target(target, is_with_content=is_with_content)
    except InputError:
        return None


def answer(
    objects: Objects, digest: str, sent: SentTarget | None, asking: tuple[int, ...], loading: Loading
) -> list[Column | str] | None:
    """Return, on a worker, what a target says to some of *objects*, by their index; None where its file is
    not here. *digest* is that of all objects and *loading*."""
    if sent is None:
        return None
    questions = _questions(objects, digest, loading)
    try:
        with received(sent) as (target, paths):
            said = ask_kernel([questions[index] for index in asking], target)
    except NotThereError:
        return None
    for here, there in paths.items():
        said = [one.replace(here, there) if isinstance(one, str) else one for one in said]
    return said


_last: dict[str, list[Question]] = {}
"""The questions that this worker was asked last, by the digest of their objects."""


def _questions(objects: Objects, digest: str, loading: Loading) -> list[Question]:
    found = _last.get(digest)
    if found is None:
        found = []
        for path, data in objects:
            obj = read_object(data, path=path)
            found.append(Question(obj, read_local_relos(obj), True, Asked(obj, loading)))
        _last.clear()
        _last[digest] = found
    return found
