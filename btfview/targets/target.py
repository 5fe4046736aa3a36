"""A target: something that holds a kernel's BTF, opened when it is first asked for."""

from __future__ import annotations

import _thread

from btfview.btf.reader import Btf
from btfview.frozen import TYPE_CHECKING

from .names import module_name
from .open import read_btf_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Kept(_thread._local):  # threading.local, without the time that threading takes
    """What a thread reads; a worker of a cluster has several."""

    most = 0

    def __init__(self) -> None:
        self.targets: list[Target] = []
        """Those that hold a BTF, the first that was read first; none where :func:`keep_open` was not
        called."""


_kept = _Kept()


told_of_opened: list[Callable[[Target], None]] = []
"""Called with each target that has read its BTF, in whichever thread."""


def keep_open(most: int) -> None:
    """Have no more than *most* targets that this thread reads keep their BTF in memory; the first that was
    read forgets it then, and reads it again when it is asked for. Without this, each keeps it."""
    _kept.most = most
    _kept.targets.clear()


class Target:
    """One kernel. Two targets are equal when they are the same file under the same name."""

    __slots__ = ("_btf", "_stacked", "base", "modules", "name", "origin", "path")

    def __init__(self, name: str, path: str, origin: str, *, base: Target | None = None) -> None:
        self.name = name
        """As a column is titled: ``6.1.0-56-amd64``."""
        self.path = path
        self.origin = origin
        """``running``, ``bundled`` or ``file``."""
        self.base = base
        """The kernel, if this is a module on top of it."""
        self.modules: tuple[Target, ...] = ()
        """Its modules, where it is a kernel whose modules are at hand; opened where the kernel lacks
        something (libbpf: ``load_module_btfs``)."""
        self._stacked: tuple[Target, ...] = ()
        self._btf: Btf | None = None

    def hold(self, btf: Btf) -> None:
        """Take its BTF, which was read elsewhere."""
        self._btf = btf

    def stack(self, modules: tuple[Target, ...]) -> None:
        """Put *modules*, some of its own, on top: its BTF has their types, too, from now on."""
        self._stacked = modules
        self._btf = None

    def unstack(self) -> None:
        """Take the modules off again that were put on top."""
        for _ in self._stacked:
            self._btf = self._btf.base if self._btf is not None else None
        self._stacked = ()

    @property
    def stacked(self) -> tuple[Target, ...]:
        return self._stacked

    @property
    def btf(self) -> Btf:
        """The BTF, read once.

        Raises:
            InputError: it cannot be read.
        """
        kept = self._btf  # another thread may have it forgotten meanwhile
        if kept is None:
            base = self.base.btf if self.base else None
            btf = self.read(base)
            for module in self._stacked:
                btf = module.read(btf)
            self._btf = btf
            if _kept.most:
                _kept.targets.append(self)
                if len(_kept.targets) > _kept.most:
                    _kept.targets.pop(0).forget()
            for tell in told_of_opened:
                tell(self)
            return btf
        return kept

    def read(self, base: Btf | None) -> Btf:
        """Return what its file holds, on top of *base* if it is a module's; see :attr:`btf`."""
        return read_btf_file(self.path, base=base)

    @property
    def can_share(self) -> bool:
        """Whether an answer may hold for it because it does for another kernel that is the same in all that
        was looked at: of an atlas, which knows such without opening them."""
        return False

    @property
    def layers(self) -> tuple[tuple[str, Btf], ...]:
        """The modules that its BTF holds, the lowest first, each by name and with what is below it."""
        found: list[tuple[str, Btf]] = []
        names = [module.name for module in reversed(self._stacked)]
        target: Target | None = self
        while target is not None and target.base is not None:
            names.append(target.name)
            target = target.base
        btf: Btf | None = self.btf
        for name in names:
            if btf is None or btf.base is None:
                break
            found.append((module_name(name), btf))
            btf = btf.base
        return tuple(reversed(found))

    @property
    def root(self) -> Target:
        """The kernel, if this is a module on top of it; else itself."""
        return self.base.root if self.base else self

    @property
    def source(self) -> str:
        """The file that its BTF is from: ``path``; of an atlas, the file that was added to it."""
        return self.path

    @property
    def files(self) -> tuple[str, ...]:
        """The files that its BTF is read from."""
        return (self.path, *(self.base.files if self.base else ()))

    def forget(self) -> None:
        """Drop the BTF from memory; it is read again when it is asked for."""
        self._btf = None

    @property
    def badge(self) -> str:
        """``trimmed`` for a bundled target, which has only some of its kernel's types; else empty."""
        return "trimmed" if self.origin == "bundled" else ""

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Target) and (self.name, self.path) == (other.name, other.path)

    def __hash__(self) -> int:
        return hash((self.name, self.path))

    def __repr__(self) -> str:
        return f"Target({self.name!r}, {self.path!r}, {self.origin!r})"
