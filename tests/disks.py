"""A small disk that is full."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest


@contextlib.contextmanager
def full_disk(folder: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """Yield *folder*, which is made: a disk with *files* and a ``filler``, on which not one byte more can be
    written until that is gone. The test is skipped where none can be mounted."""
    if os.geteuid():
        pytest.skip("needs root, to mount a small disk")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "btfview-test", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        for name, text in files.items():
            (folder / name).write_text(text)
        with pytest.raises(OSError, match="No space left"):
            (folder / "filler").write_bytes(bytes(1 << 17))  # twice the size of the disk
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
