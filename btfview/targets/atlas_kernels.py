"""The kernels of an atlas (:mod:`btfview.atlas`) as targets: ``fleet.atlas``, or ``fleet.atlas:PATTERN``."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from btfview.btf.reader import Btf
from btfview.errors import TargetError
from btfview.frozen import TYPE_CHECKING

from .names import version_key
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.atlas.read import Atlas, AtlasKernel


class AtlasTarget(Target):
    """One kernel of an atlas, or a module on top of one."""

    __slots__ = ("atlas", "kernel")

    def __init__(self, atlas: Atlas, kernel: AtlasKernel, base: Target | None) -> None:
        super().__init__(kernel.name, atlas.path, "file", base=base)
        self.atlas = atlas
        self.kernel = kernel

    @property
    def can_share(self) -> bool:
        """Whether it is a kernel alone, of which each type is known by what it is."""
        return self.base is None and not self.stacked and not self.kernel.is_whole

    @property
    def source(self) -> str:
        return self.kernel.source

    def read(self, base: Btf | None) -> Btf:
        data = self._bytes()
        if base is None:
            return Btf(data, path=f"{self.path}:{self.name}")
        from .module import open_module
        from .sections import BtfSections

        return open_module(BtfSections(data), base, f"{self.path}:{self.name}")

    def _bytes(self) -> bytes:
        """Making a kernel's bytes again takes half a second, so they are kept as what took long to unpack."""
        from . import cache

        if self.kernel.is_whole or not self.kernel.sha256 or not cache.is_on():
            return self.atlas.btf_bytes(self.kernel.id)
        key = self.kernel.sha256.hex()
        data = cache.load(key)
        if data is None:
            data = self.atlas.btf_bytes(self.kernel.id)
            cache.store(key, data)
        return data


def atlas_targets(path: str, pattern: str = "") -> tuple[Target, ...]:
    """Return the kernels of the atlas *path* whose names fit a shell *pattern*, from old to new, each before
    its modules, which come with it.

    Raises:
        InputError: the atlas cannot be read.
        TargetError: no kernel's name fits.
    """
    atlas, by_age = _opened(path)
    modules: dict[int, list[AtlasKernel]] = {}
    kernels: list[AtlasKernel] = []
    for one in by_age:
        if one.on_kernel is None:
            kernels.append(one)
        else:
            modules.setdefault(one.on_kernel, []).append(one)
    found: list[Target] = []
    for one in kernels:
        kernel = AtlasTarget(atlas, one, None)
        kernel.modules = tuple(AtlasTarget(atlas, module, kernel) for module in modules.get(one.id, ()))
        both = (kernel, *kernel.modules)
        found += both if fnmatchcase(one.name, pattern or "*") else _fitting(both, pattern)
    if not found:
        names = [one.name for one in kernels]
        raise TargetError(
            f"no kernel of {len(names)} fits {pattern}" if pattern else "an atlas without kernels",
            path=path,
            hint=f"there are {_some(names)}" if names else "btfview atlas add FILE PLACE",
        )
    return tuple(found)


_last: tuple[tuple[object, ...], Atlas, Sequence[AtlasKernel]] | None = None
"""The atlas that was opened last, and what its file was then: a screen opens what its command has looked
at."""


def _opened(path: str) -> tuple[Atlas, Sequence[AtlasKernel]]:
    """Return an atlas and all that is in it, from old to new."""
    global _last
    from btfview.atlas.read import Atlas

    try:
        status = os.stat(path)
    except OSError:
        _last = None
        return Atlas(path), ()  # which tells why it cannot be opened
    file = path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
    known = _last
    if known is None or known[0] != file:
        atlas = Atlas(path)
        by_age = sorted(atlas.kernels, key=lambda one: (version_key(one.name), one.name))
        known = _last = file, atlas, by_age
    return known[1], known[2]


def _fitting(targets: tuple[Target, ...], pattern: str) -> list[Target]:
    return [target for target in targets if fnmatchcase(target.name, pattern)]


def _some(names: list[str]) -> str:
    if len(names) <= 4:
        return ", ".join(names)
    return f"{names[0]}, {names[1]} ... {names[-1]}"
