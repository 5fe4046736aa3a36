"""Minimal BTF of many kernels: those of an atlas that are the same in what is looked at share one."""

from __future__ import annotations

from btfview.analysis.resolve_on import ask_target
from btfview.atlas.needs_kernel import NeedsKernelError
from btfview.atlas.shared_btf import AtlasNames, SharedBtf
from btfview.core_relo.loaders.names import LIBBPF
from btfview.demands.kernel.kernel import Kernel
from btfview.errors import InputError
from btfview.forked import forked
from btfview.frozen import TYPE_CHECKING, replace
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.names import module_name

from .demanded import demanded_modules
from .make import make_minimal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from btfview.analysis.resolve_on import Question
    from btfview.atlas.read import Atlas
    from btfview.targets.target import Target

    from .make import Minimal

    Asked = tuple[Question, ...]

_EACH = 8
"""Kernels that a process makes minimal before they are written: some 2 s."""


def minimal_of_each(
    asked: Mapping[Target, Asked], loaders: Sequence[str] = (LIBBPF,), jobs: int = 1
) -> Iterator[tuple[Target, Minimal | str]]:
    """Yield each target with its minimal BTF for what it is asked by *loaders*, or why it cannot be read; in
    order. *jobs* processes make them, each kernel in one of them."""
    # Other loaders look at more than names lead to.
    shared = _Shared(asked if {*loaders} == {LIBBPF} else {})

    def make(target: Target) -> Minimal | str:
        try:
            return _of_target(asked[target], target, loaders)
        except InputError as error:
            return str(error)
        finally:
            target.forget()

    targets = list(asked)
    at_once = jobs * _EACH if jobs > 1 else 1
    for start in range(0, len(targets), at_once):
        part = targets[start : start + at_once]
        known: dict[Target, Minimal | str | None] = {target: shared.of(target) for target in part}
        left = [target for target in part if known[target] is None]
        known |= zip(left, forked(make, left, jobs), strict=True)
        for target, found in known.items():
            assert found is not None
            yield target, found


def _of_target(questions: Sequence[Question], target: Target, loaders: Sequence[str]) -> Minimal:
    _stack_modules(questions, target)
    kernels = [one.asked.kernel(target) if one.asked else None for one in questions]
    return make_minimal(questions, target.btf, kernels, loaders)


def _stack_modules(questions: Sequence[Question], target: Target) -> None:
    """Put those of the target's modules on top of it in which an object finds something that the kernel
    lacks."""
    if not target.modules:
        return
    wanted: dict[str, Target] = {}
    for one in questions:
        target.stack(())
        ask_target(replace(one, asked=None), target)
        wanted |= {module.name: module for module in target.stacked}
        if one.asked:
            names = demanded_modules(one.asked, one.asked.kernel(target))
            wanted |= {module.name: module for module in target.modules if module_name(module.name) in names}
    target.stack(tuple(module for module in target.modules if module.name in wanted))


class _Shared:
    """Minimal BTF that several kernels of an atlas have in common."""

    def __init__(self, asked: Mapping[Target, Asked]) -> None:
        self._asked = asked
        self._names: dict[Atlas, AtlasNames] = {}
        self._known: dict[Target, Minimal] = {}
        self._left: dict[Atlas, dict[int, AtlasTarget]] = {}
        """Of each atlas the kernels that have none yet, by their bit."""
        places: dict[Atlas, list[AtlasTarget]] = {}
        for target in asked:
            if isinstance(target, AtlasTarget) and target.can_share and not target.modules:
                places.setdefault(target.atlas, []).append(target)
        for atlas, targets in places.items():
            if len(targets) > 1:
                names = self._names[atlas] = AtlasNames(atlas)
                self._left[atlas] = {names.presence.bit_of[one.kernel.id]: one for one in targets}

    def of(self, target: Target) -> Minimal | None:
        """Return the minimal BTF of a kernel; None where it is to be made of the kernel itself."""
        if target not in self._known and isinstance(target, AtlasTarget) and target.atlas in self._left:
            names = self._names[target.atlas]
            bit = names.presence.bit_of.get(target.kernel.id, -1)  # a module, a kernel that is kept whole
            if self._left[target.atlas].pop(bit, None) is not None:
                self._make(target, bit, names, self._left[target.atlas])
        return self._known.pop(target, None)

    def _make(self, target: AtlasTarget, bit: int, names: AtlasNames, left: dict[int, AtlasTarget]) -> None:
        questions = self._asked[target]
        btf = SharedBtf(names, bit)
        kernels = [Kernel(btf, target.name) if one.asked else None for one in questions]
        try:
            found = make_minimal(questions, btf, kernels)
        except (NeedsKernelError, InputError):
            return
        self._known[target] = found
        if any(one.is_release_asked for one in kernels if one):
            return
        wanted = [*map(id, questions)]
        same = [
            one
            for one, other in left.items()
            if [*map(id, self._asked[other])] == wanted
            and other.kernel.is_little_endian == btf.is_little_endian
        ]
        agreeing = btf.agreeing(sum(1 << one for one in same))
        for one in same:
            if agreeing >> one & 1:
                self._known[left.pop(one)] = found
