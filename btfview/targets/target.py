"""A target: something that holds a kernel's BTF, opened when it is first asked for."""

from __future__ import annotations

from btfview.btf.reader import Btf
from btfview.frozen import TYPE_CHECKING

from .open import read_btf_file

if TYPE_CHECKING:
    from typing import Any


class Target:
    """One kernel. Two targets are equal when they are the same file under the same name."""

    __slots__ = ("_btf", "base", "name", "origin", "path")

    def __init__(self, name: str, path: str, origin: str, *, base: Target | None = None) -> None:
        self.name = name
        """As a column is titled: ``6.1.0-56-amd64``."""
        self.path = path
        self.origin = origin
        """``running``, ``bundled`` or ``file``."""
        self.base = base
        """The kernel, if this is a module on top of it."""
        self._btf: Btf | None = None

    @property
    def btf(self) -> Btf:
        """The BTF, read once.

        Raises:
            InputError: it cannot be read.
        """
        if self._btf is None:
            base = self.base.btf if self.base else None
            self._btf = read_btf_file(self.path, base=base)
        return self._btf

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
