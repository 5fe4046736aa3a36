"""Files are written at once or not at all, and keep what they had: names, owner, permissions, attributes."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from btfview.errors import FileChangedError, UnreadableFileError
from btfview.session.file_edit import replace_file
from btfview.session.rescue import keep_text, kept_texts, rescue_path, set_apart
from btfview.session.write_file import create_file, is_one_of, write_file

LONG = "n" * 252 + ".rs"
"""255 bytes: as long as a name can be (``NAME_MAX``, linux/limits.h)."""
NOBODY = 65534


def test_a_new_file_has_what_the_umask_leaves_and_nothing_stands_beside_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(str(tmp_path / "new"), b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["new"]


def test_other_names_of_a_file_stay_names_of_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"a longer text")
    other.hardlink_to(one)
    write_file(str(one), b"short")
    assert other.read_bytes() == b"short"
    write_file(str(other), b"a longer text again")
    assert one.read_bytes() == b"a longer text again"
    assert one.stat().st_nlink == 2


def test_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.btfview", b"kept")
    except OSError as error:
        pytest.skip(f"the file system of the tests has no attributes: {error}")
    write_file(str(path), b"new")
    assert (path.read_bytes(), os.getxattr(path, "user.btfview")) == (b"new", b"kept")


def test_what_is_private_is_so_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"old")
    path.chmod(0o600)
    modes = []
    write = os.pwrite

    def watched(file: int, data: bytes, at: int) -> int:
        modes.append(stat.S_IMODE(os.fstat(file).st_mode))
        return write(file, data, at)

    monkeypatch.setattr(os, "pwrite", watched)
    write_file(str(path), b"secret")
    assert modes == [0o600]


@contextlib.contextmanager
def as_nobody() -> Iterator[Path]:
    """An ordinary user's folder; root can write everywhere."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
            os.setegid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def test_a_file_is_saved_in_a_folder_that_takes_no_new_ones() -> None:
    with as_nobody() as folder:
        path = folder / "a.rs"
        path.write_bytes(b"old text")
        folder.chmod(0o555)
        replace_file(str(path), b"old text", b"new")
        assert path.read_bytes() == b"new"
        with pytest.raises(PermissionError):
            create_file(str(folder / "b.rs"), b"x")


def test_a_file_that_may_not_be_written_stays_although_the_folder_may() -> None:
    with as_nobody() as folder:
        path = folder / "a.rs"
        path.write_bytes(b"old")
        path.chmod(0o444)
        with pytest.raises(UnreadableFileError, match="cannot be written: permission denied"):
            replace_file(str(path), b"old", b"new")
        assert path.read_bytes() == b"old"


def test_the_longest_names_can_be_saved_and_rescued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / LONG
    create_file(str(path), b"old")
    replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"new"
    for name in (LONG, "\udcff\n.rs", "ü" * 127):
        keep_text(str(tmp_path / name), "text")
        assert Path(rescue_path(str(tmp_path / name))).read_text() == "text"


def test_without_nameless_files_a_scratch_file_is_made_and_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY)  # opened for writing: EISDIR, as on old kernels
    path = tmp_path / LONG
    write_file(str(path), b"one")
    write_file(str(path), b"two")
    create_file(str(tmp_path / "b"), b"three")
    with pytest.raises(FileExistsError):
        create_file(str(path), b"four")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {LONG: b"two", "b": b"three"}


def test_of_two_writers_that_saw_the_same_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    for round_ in range(50):
        before = b"round %d" % round_
        path.write_bytes(before)
        told: list[str] = []
        start = threading.Barrier(2)

        writers = [
            threading.Thread(target=save, args=(path, before, mine, told, start))
            for mine in (b"mine", b"theirs")
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert sorted(told) == ["changed", "saved"]


def save(path: Path, before: bytes, mine: bytes, told: list[str], start: threading.Barrier) -> None:
    start.wait()
    try:
        replace_file(str(path), before, mine)
    except FileChangedError:
        told.append("changed")
    else:
        told.append("saved")


@pytest.mark.parametrize("names", [1, 2])
def test_what_cannot_be_finished_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: int
) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"the old text")
    if names > 1:
        (tmp_path / "b.rs").hardlink_to(path)
    write, count = os.pwrite, 0

    def full(file: int, data: bytes, at: int) -> int:
        nonlocal count
        count += 1
        if count == 2:
            raise OSError(28, "No space left on device")
        return write(file, data[:5] if count == 1 else data, at)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(str(path), b"another text, and a longer one")
    assert path.read_bytes() == b"the old text"
    assert len(list(tmp_path.iterdir())) == names


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_file(str(pipe), b"x")
    assert os.read(reader, 10) == b"x"
    os.close(reader)
    write_file("/dev/null", b"x")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_an_input_is_known_by_any_name(tmp_path: Path) -> None:
    one, link = tmp_path / "one", tmp_path / "link"
    one.write_bytes(b"")
    link.symlink_to(one)
    assert is_one_of(str(link), ["gone", str(one)])
    assert not is_one_of(str(tmp_path / "new"), [str(one)])


def test_two_processes_that_edit_one_file_rescue_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = str(tmp_path / "a.rs")
    keep_text(path, "mine")
    pid = os.fork()
    if pid == 0:
        keep_text(path, "theirs")
        os._exit(0)
    os.waitpid(pid, 0)
    mine, theirs = rescue_path(path), next(kept for kept in kept_texts(path) if str(pid) in kept)
    assert (Path(mine).read_text(), Path(theirs).read_text()) == ("mine", "theirs")
    apart = set_apart(theirs)
    assert Path(apart).read_text() == "theirs"
    assert kept_texts(path) == [mine]
    alive = subprocess.Popen(["sleep", "60"])
    try:
        start = _start_of(alive.pid)
        os.rename(mine, mine.replace(f"-{os.getpid()}.{_start_of(os.getpid())}-", f"-{alive.pid}.{start}-"))
        assert kept_texts(path) == [], "somebody edits it"
    finally:
        alive.kill()
        alive.wait()
    assert len(kept_texts(path)) == 1


def _start_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
