"""One answer for all kernels of an atlas that are the same in what it looks at.

A question is put to one kernel, by way of a BTF that notes what is looked at; the kernels that agree in all
of that have the same answer, for the same steps would read the same. The next question goes to one of those
that are left. What holds type ids, which each kernel has its own of, is asked of the kernel itself, and so is
what no name leads to.
"""

from __future__ import annotations

from functools import cache

from btfview.atlas.needs_kernel import NeedsKernelError
from btfview.atlas.search import TypeSearch
from btfview.atlas.shared_btf import AtlasNames, SharedBtf
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.outcome import Ambiguous, Refused
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, replace
from btfview.hints.kernel import Kernel as HintKernel
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.target import Target

from .resolve_on import ask_target, resolve_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.atlas.read import Atlas
    from btfview.demands.kernel.kernel import Kernel, Release

    from .resolve_on import BrokenTarget, Column, Question


_known: dict[Atlas, AtlasNames] = {}
"""Of each atlas that was read so: it takes as long as to make a kernel, and once."""


def _names_of(atlas: Atlas) -> AtlasNames:
    found = _known.get(atlas)
    if found is None:
        found = _known[atlas] = AtlasNames(atlas)
    return found


def btf_by_name(target: Target) -> SharedBtf | None:
    """Return the types of a kernel of an atlas, read name by name; None of any other target."""
    if not isinstance(target, AtlasTarget) or not target.can_share:
        return None
    names = _names_of(target.atlas)
    return SharedBtf(names, names.presence.bit_of[target.kernel.id])


def read_by_name(target: Target) -> HintKernel | None:
    """The same as the rules of hints ask for it."""
    btf = btf_by_name(target)
    return _KernelByName(target.name, btf) if btf is not None else None


@cache
def _search_of(names: AtlasNames) -> TypeSearch:
    return TypeSearch(names)


class _KernelByName(HintKernel):
    """A kernel of an atlas as the rules of hints ask for it."""

    __slots__ = ("_shared",)

    def __init__(self, name: str, btf: SharedBtf) -> None:
        super().__init__(name, btf)
        self._shared = btf

    def holders(self, name: str) -> tuple[int, ...]:
        return _search_of(self._shared.names).having_name(self._shared, name)

    def containers(self, type_id: int) -> tuple[int, ...]:
        return _search_of(self._shared.names).having_type(self._shared, type_id)


def resolve_shared(
    question: Question, targets: Sequence[Target], *, jobs: int = 1
) -> list[Column | BrokenTarget]:
    """Return what :func:`.resolve_on.resolve_on` does; the same column where it is the same answer, with type
    ids that are no kernel's."""
    shared = {index: column for column, indices in shared_columns(question, targets) for index in indices}
    rest = [index for index in range(len(targets)) if index not in shared]
    # A kernel is made once a process, also below its modules: more processes than kernels save no time.
    jobs = min(jobs, len({targets[index].root for index in rest}))
    own = resolve_on(question, [targets[index] for index in rest], jobs=jobs)
    found: dict[int, Column | BrokenTarget] = {**shared, **dict(zip(rest, own, strict=True))}
    return [found[index] for index in range(len(targets))]


def shared_columns(question: Question, targets: Sequence[Target]) -> Iterator[tuple[Column, Sequence[int]]]:
    """Yield the answers of those *targets* that can share one, each with the indices of all that it is of."""
    if any(relo.kind == CoreReloKind.TYPE_ID_TARGET for relo in question.relos):
        return
    places: dict[Atlas, dict[int, int]] = {}
    for index, target in enumerate(targets):
        if isinstance(target, AtlasTarget) and target.can_share:
            places.setdefault(target.atlas, {})[target.kernel.id] = index
    for atlas, index_of in places.items():
        if len(index_of) > 1 or atlas in _known:
            names = _names_of(atlas)
            of_bit = {names.presence.bit_of[kernel]: index for kernel, index in index_of.items()}
            yield from _Asker(question, names, targets, of_bit).answers()


class _Asker:
    def __init__(
        self,
        question: Question,
        names: AtlasNames,
        targets: Sequence[Target],
        of_bit: dict[int, int],
    ) -> None:
        self._question = question
        self._names = names
        self._targets = targets
        self._of_bit = of_bit
        self._kernels = names.presence.kernels
        self._is_little = sum(1 << bit for bit in of_bit if self._kernels[bit].is_little_endian)
        self._with_modules = sum(1 << bit for bit, index in of_bit.items() if targets[index].modules)
        self._by_release: dict[Release | None, int] | None = None

    def answers(self) -> Iterator[tuple[Column, Sequence[int]]]:
        left = sum(1 << bit for bit in self._of_bit)
        for bit in sorted(self._of_bit, key=self._of_bit.__getitem__):
            if not left >> bit & 1:
                continue
            answer = self._answer(bit, left)
            left &= ~(1 << bit)
            if answer is None:
                continue
            column, same = answer
            left &= ~same
            yield column, [self._of_bit[member] for member in _bits(same)]

    def _answer(self, bit: int, left: int) -> tuple[Column, int] | None:
        """Return the answer of one kernel and, of those *left*, all that share it; None where the kernel
        itself is to be asked."""
        btf = SharedBtf(self._names, bit)
        try:
            column, kernel = ask_target(self._question, _StandIn(self._targets[self._of_bit[bit]], btf))
        except (NeedsKernelError, InputError):
            return None
        if _holds_ids(column):
            return None
        # Where it matters that a kernel has no modules, it may matter that another has some.
        same = left & (self._is_little if btf.is_little_endian else ~self._is_little) & ~self._with_modules
        same |= 1 << bit
        if kernel is not None and kernel.is_release_asked:
            same &= self._with_release(kernel) | 1 << bit
        return replace(column, shared=btf), btf.agreeing(same)

    def _with_release(self, kernel: Kernel) -> int:
        from btfview.demands.kernel.kernel import release_of

        if self._by_release is None:
            self._by_release = {}
            for bit, index in self._of_bit.items():
                release = release_of(self._targets[index].name)
                self._by_release[release] = self._by_release.get(release, 0) | 1 << bit
        return self._by_release[kernel.release]


def is_alike(kernel: Kernel, target: Target) -> bool:
    """Tell whether what was asked about *kernel* beside its types is the same of *target*."""
    from btfview.demands.kernel.kernel import release_of

    if kernel.is_alone:
        return False
    return not kernel.is_release_asked or release_of(target.name) == kernel.release


def stand_in(target: Target, btf: SharedBtf) -> Target:
    """Return *target* with what it shares with others in the place of its BTF."""
    return _StandIn(target, btf)


class _StandIn(Target):
    """A kernel of which each name is read by itself."""

    __slots__ = ()

    def __init__(self, target: Target, btf: SharedBtf) -> None:
        super().__init__(target.name, target.path, target.origin)
        self._btf = btf
        if target.modules:
            self.modules = _Unopened(target.modules)


class _Unopened(tuple[Target, ...]):
    """Modules: an answer that looks into them is of their kernel alone."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Target]:
        raise NeedsKernelError("the kernel's modules")


def still_agree(shared: Sequence[SharedBtf | None], targets: Sequence[Target]) -> bool:
    """Tell whether answers that are shared are so, too, after all that was looked at since. Where not, all
    that was looked at is looked at from the start the next time."""
    members: dict[int, tuple[SharedBtf, list[Target]]] = {}
    for one, target in zip(shared, targets, strict=True):
        if one is not None:
            members.setdefault(id(one), (one, []))[1].append(target)
    is_so = True
    for btf, sharing in members.values():
        bits = 0
        for target in sharing:
            assert isinstance(target, AtlasTarget)
            bits |= 1 << btf.names.presence.bit_of[target.kernel.id]
        is_so &= btf.agreeing(bits) == bits
    if not is_so:
        for btf, _ in members.values():
            btf.names.always |= btf.looked_at.keys()
    return is_so


def _holds_ids(column: Column) -> bool:
    """Tell whether words of the answer may name a type by its id."""
    for result in column.results:
        for outcome in (result.outcome, result.alone):
            if isinstance(outcome, Ambiguous) or (
                isinstance(outcome, Refused) and "type [" in outcome.reason
            ):
                return True
    return False


def _bits(number: int) -> list[int]:
    """
    >>> _bits(0b1101)
    [0, 2, 3]
    """
    return [at for at, bit in enumerate(reversed(f"{number:b}")) if bit == "1"]
