"""A save is noticed however the editor writes, and a file half written is not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from btfview.session.recent import RECENT_LIMIT, recent_files, remember_file
from btfview.session.watch import FileWatch, Signature, Trouble, look


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.rs"
    path.write_text("one")
    return path


def polls(watch: FileWatch, count: int = 3) -> list[object]:
    return [seen for seen in (watch.poll() for _ in range(count)) if seen is not None]


def rename_over(path: Path) -> None:
    scratch = path.with_name("scratch")
    scratch.write_text("two")
    times = path.stat()
    os.utime(scratch, ns=(times.st_atime_ns, times.st_mtime_ns))
    scratch.rename(path)


def test_nothing_is_reported_while_nothing_happens(path: Path) -> None:
    assert polls(FileWatch(str(path)), 5) == []


@pytest.mark.parametrize(
    "save",
    [
        pytest.param(lambda path: path.write_text("longer"), id="in-place"),
        pytest.param(rename_over, id="renamed-over-with-the-same-size-and-time"),
        pytest.param(lambda path: path.chmod(0o600), id="permissions"),
        pytest.param(lambda path: (path.unlink(), path.write_text("one")), id="removed-and-made-anew"),
    ],
)
def test_a_save_is_reported_once(path: Path, save) -> None:  # type: ignore[no-untyped-def]
    watch = FileWatch(str(path))
    save(path)
    (seen,) = polls(watch, 4)
    assert isinstance(seen, Signature)


def test_a_file_that_is_still_being_written_is_waited_for(path: Path) -> None:
    watch = FileWatch(str(path))
    for length in range(4, 9):
        path.write_text("x" * length)
        assert watch.poll() is None
    assert isinstance(watch.poll(), Signature)


def test_a_moment_without_the_file_is_not_a_loss(path: Path) -> None:
    watch = FileWatch(str(path))
    path.unlink()
    assert watch.poll() is None
    path.write_text("back")
    (seen,) = polls(watch)
    assert isinstance(seen, Signature)


def test_loss_folder_and_return_are_each_reported(path: Path) -> None:
    watch = FileWatch(str(path))
    path.unlink()
    assert polls(watch) == [Trouble("the file is gone")]
    path.mkdir()
    assert polls(watch) == [Trouble("is a directory now")]
    path.rmdir()
    path.write_text("one")
    assert len(polls(watch)) == 1


def test_a_path_that_no_system_takes_is_trouble(path: Path) -> None:
    assert isinstance(look("a\0b"), Trouble)
    assert isinstance(look(str(path / "below")), Trouble)
    assert isinstance(look("x" * 5000), Trouble)


# -- recent files -----------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "btfview" / "recent.json"


def test_recent_files_are_newest_first_without_repeats_and_without_the_gone(
    path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, gone = path.with_name("b.rs"), path.with_name("c.rs")
    other.write_text("")
    gone.write_text("")
    monkeypatch.chdir(path.parent)
    for each in ("a.rs", "b.rs", "c.rs", "a.rs"):
        remember_file(each)
    gone.unlink()
    assert recent_files() == (str(path), str(other))


def test_the_list_does_not_grow_for_ever(tmp_path: Path, state: Path) -> None:
    for number in range(RECENT_LIMIT + 5):
        each = tmp_path / f"{number}.rs"
        each.write_text("")
        remember_file(str(each))
    assert len(recent_files()) == RECENT_LIMIT


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"3", b'{"a": 1}', b'[1, null, ["x"]]', b"\xff\xfe", b'["a\\u0000b"]', b"[" * 100_000],
    ids=["empty", "cut", "number", "object", "wrong-items", "not-utf8", "zero-byte", "deep"],
)
def test_a_damaged_list_is_an_empty_one(path: Path, state: Path, content: bytes) -> None:
    state.parent.mkdir(parents=True)
    state.write_bytes(content)
    assert recent_files() == ()
    remember_file(str(path))
    assert recent_files() == (str(path),)


def test_a_list_that_cannot_be_written_is_no_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(path))  # a file stands where the folder should be
    remember_file(str(path))
    assert recent_files() == ()


def test_a_relative_state_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As the XDG base directory specification demands."""
    from btfview.session.recent import state_folder

    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "here"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        assert state_folder() == str(tmp_path / ".local" / "state" / "btfview")


def test_a_change_of_an_included_file_is_a_change(path: Path, tmp_path: Path) -> None:
    header = tmp_path / "a.h"
    header.write_text("one")
    os.utime(header, ns=(0, 0))
    watch = FileWatch(str(path))
    watch.include([str(header)])
    assert polls(watch) == []
    header.write_text("longer")
    assert polls(watch) == [look(str(path))]
    assert polls(watch) == []


def test_an_included_file_that_changed_while_it_was_compiled_is_noticed(path: Path, tmp_path: Path) -> None:
    watch = FileWatch(str(path))
    header = tmp_path / "a.h"
    header.write_text("written after the watch began")
    now = time.time_ns()
    os.utime(header, ns=(now, now))
    watch.include([str(header)])
    assert len(polls(watch)) == 1
