"""Thousands of kernels of an atlas that are the same in what leads to a field are one kernel for code that
reads it."""

from __future__ import annotations

from btfview.analysis.shared_columns import btf_by_name, stand_in, still_agree
from btfview.atlas.needs_kernel import NeedsKernelError
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from btfview.atlas.read import Atlas
    from btfview.atlas.shared_btf import SharedBtf
    from btfview.btf.reader import Btf

LIKE = " and {} like it"
"""Behind the name of a kernel that stands for others, too."""


class OneOfEach:
    """Of *targets*, one of those that are the same in what *look* looks at, which is given a BTF; with all
    that are no kernels of an atlas."""

    def __init__(self, targets: Sequence[Target], look: Callable[[Btf], object]) -> None:
        self.targets: list[Target] = []
        """In the order of the targets, each named with how many it stands for."""
        self._members: list[tuple[SharedBtf, list[Target]]] = []
        members: dict[Atlas, dict[int, Target]] = {}
        for target in targets:
            if isinstance(target, AtlasTarget) and target.can_share:
                members.setdefault(target.atlas, {})[target.kernel.id] = target
        left = {id(target) for of_atlas in members.values() for target in of_atlas.values()}
        for target in targets:
            if not isinstance(target, AtlasTarget) or not target.can_share:
                self.targets.append(target)
            elif id(target) in left:
                alike = self._add(target, members[target.atlas], left, look)
                left -= set(map(id, alike))

    def _add(
        self,
        target: AtlasTarget,
        members: Mapping[int, Target],
        left: Collection[int],
        look: Callable[[Btf], object],
    ) -> Sequence[Target]:
        """Take *target* for those of *members*, kernels of its atlas, that are like it and *left*; return
        them."""
        btf = btf_by_name(target)
        assert btf is not None
        try:
            look(btf)
        except (NeedsKernelError, InputError):
            self.targets.append(target)
            return (target,)
        presence = btf.names.presence
        same = btf.agreeing(presence.all)
        alike = [
            other
            for bit, kernel in enumerate(presence.kernels)
            if same >> bit & 1
            and kernel.is_little_endian == btf.is_little_endian
            and (other := members.get(kernel.id)) is not None
            and id(other) in left
        ]
        one = stand_in(target, btf)
        one.name += LIKE.format(len(alike) - 1) if len(alike) > 1 else ""
        self.targets.append(one)
        self._members.append((btf, alike))
        return alike

    def whole(self) -> list[Target]:
        """Return the same with all their types, which takes half a second each."""
        first = {id(btf): alike[0] for btf, alike in self._members}
        found = []
        for target in self.targets:
            kernel = first.get(id(target.btf), target)
            one = Target(target.name, target.path, target.origin)
            one.hold(kernel.btf)
            kernel.forget()
            found.append(one)
        return found

    def still_agree(self) -> bool:
        """Tell whether they are the same, too, in all that was looked at since. Where not, it is looked at
        from the start the next time."""
        pairs = [(btf, target) for btf, alike in self._members for target in alike]
        return still_agree([btf for btf, _ in pairs], [target for _, target in pairs])
