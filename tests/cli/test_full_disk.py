"""A disk that is full: every command that writes says so, and what stood there before stands there still."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from btfview.bindings.make import HEADING
from btfview.cli.main import main
from btfview.errors import UnreadableFileError
from btfview.session.file_edit import replace_file
from tests.paths import DEMO

SOURCE, KERNEL = str(DEMO / "sched.rs"), "6.1.0-56-amd64"
COMMANDS = {
    "compile": ("compile", SOURCE),
    "compile-asm": ("compile", SOURCE, "--emit", "asm"),
    "patch": ("patch", SOURCE, "-t", KERNEL),
    "extract": ("extract", KERNEL),
    "bindings": ("bindings", "task_struct.pid", "-t", KERNEL),
    "record": ("record", SOURCE, "-t", KERNEL, "--size", "20x5", "--keys", "2"),
}


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in which not one byte more can be written."""
    if os.geteuid():
        pytest.skip("needs root, to mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "btfview-test", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        (folder / "old").write_text(f"{HEADING}\nold")
        with pytest.raises(OSError, match="No space left"):
            (folder / "filler").write_bytes(bytes(1 << 17))  # twice the size of the disk
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_leaves_the_old_file(
    name: str, full_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (full_disk / "old").read_bytes()
    code = main([*COMMANDS[name], "-o", str(full_disk / "old")])
    assert code == 3
    assert "old: cannot be written: no space left on device" in capsys.readouterr().err
    assert (full_disk / "old").read_bytes() == before
    assert sorted(os.listdir(full_disk)) == ["filler", "old"]


def test_a_demo_leaves_no_half_of_it(full_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "sched", "-o", str(full_disk / "new.rs")]) == 3
    assert "no space left on device" in capsys.readouterr().err
    assert sorted(os.listdir(full_disk)) == ["filler", "old"]


@pytest.mark.parametrize("names", [1, 2])
def test_a_saved_source_stays_what_it_was(full_disk: Path, names: int) -> None:
    old = full_disk / "old"
    before = old.read_bytes()
    if names > 1:
        (full_disk / "other").hardlink_to(old)
    with pytest.raises(UnreadableFileError, match="no space left"):
        replace_file(str(old), before, bytes(100_000))
    assert old.read_bytes() == before
