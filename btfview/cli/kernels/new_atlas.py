"""An atlas that takes its name when it is whole."""

from __future__ import annotations

import contextlib
import os

from btfview.errors import UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.targets.target import Target


class NewAtlas:
    """Written beside the file *path*, which it replaces in the end."""

    def __init__(self, path: str) -> None:
        """Begin it.

        Raises:
            InputError: it cannot be written.
        """
        from btfview.atlas.write import AtlasWriter

        self._path = os.path.realpath(path)
        name = f".btfview-{os.getpid()}-{os.urandom(4).hex()}.atlas"
        self._scratch = os.path.join(os.path.dirname(self._path), name)
        self._writer = AtlasWriter(self._scratch)

    def add(self, target: Target, data: bytes) -> None:
        """Add *data* as the BTF of *target*, told to be from the target's file."""
        from btfview.atlas.write import Given
        from btfview.btf.reader import Btf

        self._writer.add(Given(target.name, os.path.abspath(target.source), len(data), 0), Btf(data))

    def end(self, *, is_kept: bool) -> None:
        """Give it its name, or leave nothing behind.

        Raises:
            UnreadableFileError: the file cannot be replaced.
        """
        self._writer.__exit__(None, None, None)
        try:
            if is_kept:
                os.replace(self._scratch, self._path)
        except OSError as error:
            raise UnreadableFileError(f"cannot be written: {reason_of(error)}", path=self._path) from error
        finally:
            with contextlib.suppress(OSError):
                os.unlink(self._scratch)
