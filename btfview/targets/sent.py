"""A target as it is sent to another machine: by path and digest of its files, or with what is in them.

A file that a worker has under the same path with the same content is read there: what travels is a line.
Where it has not, the file is sent, as it is, packed or not.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from hashlib import sha256
from tempfile import TemporaryDirectory, mkdtemp

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import MAX_KERNEL, read_input

from .bundled_kernels import BundledTarget
from .open import read_btf_file
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.btf.reader import Btf


class NotThereError(Exception):
    """A file is not there as it was sent by its digest; its path is the argument."""


@frozen
class SentTarget:
    """A target without its BTF."""

    name: str
    path: str
    origin: str
    digest: bytes
    """SHA-256 of the file."""
    content: bytes | None
    """The file, or of one that holds many kernels the BTF; None where it is to be found at its path."""
    base: SentTarget | None
    modules: tuple[SentTarget, ...]

    def is_of(self, path: str) -> bool:
        """Tell whether the file *path* is this target's, its kernel's or a module's."""
        parts = (*self.modules, *((self.base,) if self.base else ()))
        return path == self.path or any(one.is_of(path) for one in parts)


def sent_target(target: Target, *, is_with_content: bool = False, has_modules: bool = True) -> SentTarget:
    """Return *target* as it is sent.

    Raises:
        InputError: a file cannot be read, or is too large to be sent.
    """
    is_one_of_many = isinstance(target, BundledTarget) and is_with_content
    data = bytes(target.btf.data) if is_one_of_many else read_input(target.path, MAX_KERNEL)
    return SentTarget(
        target.name,
        target.path,
        target.origin,
        sha256(data).digest(),
        data if is_with_content else None,
        None if target.base is None else sent_target(target.base, is_with_content=is_with_content),
        tuple(_sent_modules(target, is_with_content=is_with_content)) if has_modules else (),
    )


def _sent_modules(target: Target, *, is_with_content: bool) -> Iterator[SentTarget]:
    for module in target.modules:
        # Its kernel is the target itself, and need not be sent again; what cannot be read is left out, as
        # where it is searched.
        try:
            data = read_input(module.path, MAX_KERNEL)
        except InputError:
            continue
        content = data if is_with_content else None
        digest = sha256(data).digest()
        yield SentTarget(module.name, module.path, module.origin, digest, content, None, ())


@contextmanager
def received(sent: SentTarget) -> Iterator[tuple[Target, dict[str, str]]]:
    """Yield the target, and for each file that was sent with its content the path that it had, by the one
    that it has here.

    Raises:
        NotThereError: it was sent without its content, and is not here.
    """
    with TemporaryDirectory(prefix="btfview-") as folder:
        paths: dict[str, str] = {}
        yield _received(sent, folder, paths), paths


def _received(sent: SentTarget, folder: str, paths: dict[str, str], kernel: Target | None = None) -> Target:
    base = kernel if sent.base is None else _received(sent.base, folder, paths)
    if sent.origin == "bundled" and sent.content is None:
        _path_of(sent, folder, paths)  # as here, so it holds the same kernels
        return BundledTarget(sent.name)
    target = Target(sent.name, _path_of(sent, folder, paths), sent.origin, base=base)
    target.modules = tuple(_received(one, folder, paths, target) for one in sent.modules)
    return target


def _path_of(sent: SentTarget, folder: str, paths: dict[str, str]) -> str:
    if sent.content is None:
        try:
            data = read_input(sent.path, MAX_KERNEL)
        except InputError as error:
            raise NotThereError(sent.path) from error
        if sha256(data).digest() != sent.digest:
            raise NotThereError(sent.path)
        return sent.path
    place = mkdtemp(dir=folder)
    path = os.path.join(place, os.path.basename(sent.path))
    with open(path, "wb") as file:
        file.write(sent.content)
    paths[path] = sent.path
    return path


class DistantTarget(Target):
    """A target that was sent, under the path that it was sent from; its file is looked for when it is first
    asked for."""

    __slots__ = ("_folder", "_sent")

    def __init__(self, sent: SentTarget, folder: str, *, base: Target | None = None) -> None:
        """*folder* takes the files that were sent with their content."""
        kernel = base
        if kernel is None and sent.base is not None:
            kernel = DistantTarget(sent.base, folder)
        super().__init__(sent.name, sent.path, sent.origin, base=kernel)
        self._sent, self._folder = sent, folder
        self.modules = tuple(DistantTarget(one, folder, base=self) for one in sent.modules)

    def read(self, base: Btf | None) -> Btf:
        """Return what its file holds.

        Raises:
            NotThereError: it was sent without its content, and is not here.
            InputError: it cannot be read.
        """
        path = _path_of(self._sent, self._folder, {})
        if self._sent.origin == "bundled" and self._sent.content is None:
            return BundledTarget(self.name).btf
        return read_btf_file(path, base=base)


def unpacked(sent: SentTarget) -> bytes | None:
    """Return, on a worker, the BTF of a target; None where it cannot be read, or stands on another, which is
    told where it is opened."""
    with received(sent) as (target, _):
        try:
            btf = target.btf
        except InputError:
            return None
        return None if btf.base is not None else bytes(btf.data)
