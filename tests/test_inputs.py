"""Every input is read to its end within its bound, or it is said why not: no hang, no crash."""

from __future__ import annotations

import io
import itertools
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from btfview.btf.reader import Btf
from btfview.errors import InputError, UnreadableFileError
from btfview.inputs import LARGE, OpenInput, open_input, read_input, read_stdin
from tests.paths import ROOT
from tests.targets.samples import MIDDLE, SMALL

MIB = 1 << 20


@pytest.mark.parametrize("size", [0, 1, 65_536, LARGE + 1], ids=str)
def test_a_file_is_read_whole(size: int, tmp_path: Path) -> None:
    path, data = tmp_path / "file", os.urandom(size)
    path.write_bytes(data)
    assert read_input(str(path), 2 * MIB) == data
    if size:
        with open_input(str(path)) as file:
            assert file.read_large(2 * MIB)[:] == data
    with open_input(str(path)) as file:
        assert file.read_at(size // 2, 10) == data[size // 2 :][:10]


def test_a_bound_is_kept_and_named(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(MIB))
    assert len(read_input(str(path), MIB)) == MIB
    path.write_bytes(bytes(MIB + 1))
    with pytest.raises(InputError, match=f"{path}: has 1048577 bytes; more than 1 MiB are not read"):
        read_input(str(path), MIB)
    with open_input(str(path)) as file, pytest.raises(InputError, match="more than 1 MiB"):
        file.read_large(MIB)


def test_what_a_kernel_makes_up_says_no_size_and_is_read() -> None:
    assert b"Name:" in read_input("/proc/self/status", MIB)


def test_what_a_kernel_shows_by_pages_is_read_whole(running_kernel: Path) -> None:
    data = read_input(str(running_kernel), 64 * MIB)
    assert len(data) == running_kernel.stat().st_size
    with open_input(str(running_kernel)) as file:
        assert file.read_large(64 * MIB)[:] == data


def test_a_pipe_is_read_to_its_end_however_slowly_it_comes() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        for _ in range(3):
            os.write(writing, b"x" * 1000)
            threading.Event().wait(0.02)
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    assert read_input(f"/dev/fd/{reading}", MIB) == b"x" * 3000
    thread.join()
    os.close(reading)


def test_a_pipe_without_end_is_given_up_at_the_bound() -> None:
    run = subprocess.run(
        ["bash", "-c", '"$0" -m btfview relos /dev/stdin < <(yes)', sys.executable],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (run.returncode, run.stderr) == (
        3,
        "btfview: error: /dev/stdin: has more than the 256 MiB that are read\n",
    )


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(os.mkfifo, "is a named pipe; save it to a file first", id="named-pipe"),
        pytest.param(os.mkdir, "is a directory", id="directory"),
        pytest.param(lambda path: os.symlink("/dev/zero", path), "is not a file", id="device"),
        pytest.param(lambda path: os.symlink("/nowhere", path), "no such file or directory", id="nothing"),
        pytest.param(lambda path: os.symlink(path, path), "too many levels of symbolic links", id="circle"),
        pytest.param(
            lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
            "no such device or address",
            id="socket",
        ),
    ],
)
def test_what_is_no_file_is_refused_and_named(make: object, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "input"
    assert callable(make)
    make(path)
    with pytest.raises(UnreadableFileError) as caught:
        read_input(str(path), MIB)
    assert str(caught.value).startswith(f"{path}: {problem}")


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path), str(tmp_path / "pipe"), "/dev/zero", __file__):
        with pytest.raises(InputError):
            read_input(path, 10)
    assert len(os.listdir("/proc/self/fd")) == before


def test_standard_input_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"log")))
    assert read_stdin(MIB) == b"log"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(MIB + 1))))
    with pytest.raises(InputError, match="standard input: has more than the 1 MiB that are read"):
        read_stdin(MIB)


@pytest.mark.parametrize("way", ["read", "read_large", "read_at"])
def test_a_file_that_was_cut_since_it_was_opened_is_told(way: str, tmp_path: Path) -> None:
    path = tmp_path / "k.btf"
    path.write_bytes(bytes(2 * MIB))
    with open_input(str(path)) as file:
        os.truncate(path, MIB)
        arguments = (MIB - 5, 10) if way == "read_at" else (4 * MIB,)
        with pytest.raises(UnreadableFileError, match="had 2097152 bytes, and was cut short while"):
            getattr(file, way)(*arguments)


def test_a_file_that_grows_is_read_as_it_is_then(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 10)
    with open_input(str(path)) as file:
        path.write_bytes(b"y" * 30)
        assert file.read(MIB) == b"y" * 30
    with open_input(str(path)) as file:
        path.write_bytes(bytes(2 * MIB))
        with pytest.raises(InputError, match="more than the 1 MiB"):
            file.read(MIB)


@pytest.mark.parametrize("moment", range(20))
def test_cutting_raw_btf_while_it_is_read_is_told(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kernel may give a part of what is asked for; here it gives a twentieth, and the file is cut between
    two of them, to nothing or to a part."""
    from btfview.cli.main import main

    path = tmp_path / "k.btf"
    path.write_bytes(MIDDLE * (1 + 2 * LARGE // len(MIDDLE)))
    size = path.stat().st_size
    real, parts = os.readv, itertools.count()

    def part(descriptor: int, buffers: Sequence[memoryview]) -> int:
        if next(parts) == moment:
            os.truncate(path, size * moment // 40)
        return real(descriptor, [buffers[0][: size // 20]])

    monkeypatch.setattr(os, "readv", part)
    assert main(["types", str(path), "--all"]) == 3
    told = capsys.readouterr()
    assert told.err == f"btfview: error: {path}: had {size} bytes, and was cut short while it was read\n"
    assert not told.out


@pytest.mark.parametrize("moment", range(20))
def test_cutting_raw_btf_in_mid_run_ends_no_process(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it has been read, whatever becomes of the file is of no consequence; a mapping would be SIGBUS."""
    path = tmp_path / "k.btf"
    path.write_bytes(MIDDLE * (1 + 2 * LARGE // len(MIDDLE)))  # BTF may have bytes behind its strings
    script = (
        "import os, sys; from btfview.inputs import OpenInput\n"
        "path, moment = sys.argv[1], int(sys.argv[2])\n"
        "real = os.pread if moment % 2 else os.readv\n"
        "def cut(*arguments):\n"
        "    result = real(*arguments)\n"
        "    os.truncate(path, 4096 * (moment // 2))\n"
        "    return result\n"
        "setattr(os, real.__name__, cut)\n"
        "from btfview.cli.main import main\n"
        "sys.exit(main(['types', path, '--all']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path), str(moment)], capture_output=True, text=True
    )
    assert run.returncode in (0, 3), (run.returncode, run.stderr)
    if moment % 2:  # cut after its head was looked at
        assert run.returncode == 3
        assert "error: " in run.stderr
    else:
        assert "task_struct" in run.stdout


def test_btf_in_large_memory_is_btf(tmp_path: Path) -> None:
    path = tmp_path / "k.btf"
    path.write_bytes(SMALL + bytes(LARGE))
    with open_input(str(path)) as file:
        assert isinstance(file, OpenInput)
        btf = Btf(file.read_large(4 * MIB))
    assert btf.ids_named("task_struct")
