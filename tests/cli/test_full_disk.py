"""A disk that is full: every command that writes says so, and what stood there before stands there still."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from btfview.bindings.rust import HEADING
from btfview.cli.main import main
from btfview.errors import UnreadableFileError
from btfview.session.file_edit import replace_file
from tests.disks import full_disk
from tests.paths import DEMO

SOURCE, KERNEL = str(DEMO / "sched.rs"), "6.1.0-56-amd64"
COMMANDS = {
    "compile": ("compile", SOURCE),
    "compile-asm": ("compile", SOURCE, "--emit", "asm"),
    "patch": ("patch", SOURCE, "-t", KERNEL),
    "extract": ("extract", KERNEL),
    "bindings": ("bindings", "task_struct.pid", "-t", KERNEL),
    "check": ("check", SOURCE, "-t", KERNEL, "--format", "sarif"),
    "report": ("report", SOURCE, "-t", KERNEL),
    "record": ("record", SOURCE, "-t", KERNEL, "--size", "20x5", "--keys", "2"),
}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder in which not one byte more can be written."""
    with full_disk(tmp_path / "disk", {"old": f"{HEADING}\nold"}) as folder:
        yield folder


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_leaves_the_old_file(name: str, full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (full / "old").read_bytes()
    code = main([*COMMANDS[name], "-o", str(full / "old")])
    assert code == 3
    assert "old: cannot be written: no space left on device" in capsys.readouterr().err
    assert (full / "old").read_bytes() == before
    assert sorted(os.listdir(full)) == ["filler", "old"]


def test_a_demo_leaves_no_half_of_it(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "sched", "-o", str(full / "new.rs")]) == 3
    assert "no space left on device" in capsys.readouterr().err
    assert sorted(os.listdir(full)) == ["filler", "old"]


@pytest.mark.parametrize("names", [1, 2])
def test_a_saved_source_stays_what_it_was(full: Path, names: int) -> None:
    old = full / "old"
    before = old.read_bytes()
    if names > 1:
        (full / "other").hardlink_to(old)
    with pytest.raises(UnreadableFileError, match="no space left"):
        replace_file(str(old), before, bytes(100_000))
    assert old.read_bytes() == before
