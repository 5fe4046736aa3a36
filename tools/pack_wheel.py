"""Pack a wheel again, as small as deflate allows: ``python -m tools.pack_wheel WHEEL``. What is in it stays.

A wheel holds a thousand small files, and deflate is all that installers read. Zopfli writes the same format
in 3 % less, and takes its time: a minute.
"""

from __future__ import annotations

import os
import sys
import zipfile
from unittest import mock

import zopfli.zlib


class Zopfli:
    """What :func:`zlib.compressobj` returns, as far as the zipfile module needs it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def compress(self, data: bytes) -> bytes:
        self._data += data
        return b""

    def flush(self) -> bytes:
        packed: bytes = zopfli.zlib.compress(bytes(self._data))
        return packed[2:-4]  # without zlib's header and checksum: a zip archive has its own


def pack(path: str) -> None:
    """Write the zip archive *path* anew: the same files in the same order, under the same names and dates."""
    beside = f"{path}.new"
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as new,
        # The zipfile module asks this function for what it calls compress and flush of.
        mock.patch.object(zipfile, "_get_compressor", side_effect=lambda *_: Zopfli()),
    ):
        for info in old.infolist():
            new.writestr(info, old.read(info), zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(beside) as new:
        if [(one.filename, one.CRC) for one in old.infolist()] != [
            (one.filename, one.CRC) for one in new.infolist()
        ]:
            raise SystemExit(f"{beside} does not hold what {path} holds")
        if new.testzip() is not None:
            raise SystemExit(f"{beside} is damaged")
    os.replace(beside, path)


if __name__ == "__main__":
    for wheel in sys.argv[1:]:
        pack(wheel)
