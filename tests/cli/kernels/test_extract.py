"""``btfview extract``: the very bytes, out of anything, and never onto a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from btfview.btf.reader import Btf
from btfview.cli.main import main
from tests.btf.bpftool import bpftool_types
from tests.btf.build import build_btf_bytes, ptr, ref, struct
from tests.targets.samples import COMPRESSORS, MIDDLE, SMALL, VMLINUX, bzimage, write

BTFVIEW = [sys.executable, "-m", "btfview"]


@pytest.fixture
def vmlinuz(tmp_path: Path) -> str:
    return write(tmp_path / "vmlinuz", bzimage(COMPRESSORS["xz"](VMLINUX)))


def test_a_file_gets_the_btf_byte_for_byte(vmlinuz: str, tmp_path: Path) -> None:
    out = tmp_path / "out.btf"
    assert main(["extract", vmlinuz, "-o", str(out)]) == 0
    assert out.read_bytes() == MIDDLE


@pytest.mark.parametrize("arguments", [[], ["-o", "-"]])
def test_a_pipe_gets_it_as_well(vmlinuz: str, arguments: list[str]) -> None:
    run = subprocess.run([*BTFVIEW, "extract", vmlinuz, *arguments], capture_output=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, MIDDLE, b"")


@pytest.mark.parametrize("arguments", [[], ["-o", "-"]])
def test_a_terminal_gets_none_of_it(vmlinuz: str, arguments: list[str]) -> None:
    leader, follower = pty.openpty()
    run = subprocess.run([*BTFVIEW, "extract", vmlinuz, *arguments], stdout=follower, stderr=subprocess.PIPE)
    os.close(follower)
    try:
        shown = os.read(leader, 1000)
    except OSError:  # nothing was written, and the other end is closed
        shown = b""
    os.close(leader)
    assert (run.returncode, shown) == (2, b"")
    assert b"stdout is a terminal; name a file with -o" in run.stderr


def test_the_target_itself_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "vmlinux", VMLINUX)
    assert main(["extract", path, "-o", path]) == 2
    assert "give another name with -o" in capsys.readouterr().err
    assert Path(path).read_bytes() == VMLINUX


def test_what_holds_no_btf_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "vmlinuz", bzimage(COMPRESSORS["xz"](VMLINUX)[:-20]))
    assert main(["extract", path, "-o", str(tmp_path / "out")]) == 3
    assert "x86 kernel image: cut short" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(vmlinuz: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", vmlinuz, "-o", "/nowhere/out"]) == 3
    assert "/nowhere/out: cannot be written: no such file or directory" in capsys.readouterr().err


def test_of_a_module_its_own_part_is_written(tmp_path: Path) -> None:
    module = struct("mine", size=8, p=(ptr(ref("task_struct")), 0))
    split = build_btf_bytes(module, base=Btf(SMALL))
    kernel, path = (
        write(tmp_path / "k.btf", SMALL),
        write(tmp_path / "mine.btf.gz", COMPRESSORS["gzip"](split)),
    )
    assert main(["extract", f"{kernel}+{path}", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_bytes() == split


@pytest.mark.debian_tool("bpftool")
def test_bpftool_reads_what_was_extracted(vmlinuz: str, tmp_path: Path) -> None:
    out = tmp_path / "out.btf"
    assert main(["extract", vmlinuz, "-o", str(out)]) == 0
    assert {"task_struct", "struct_299"} <= {item["name"] for item in bpftool_types(out)}
