"""Writing into a user's file: what was not edited stays byte for byte, and nothing is ever lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.errors import FileChangedError, InputError, UnreadableFileError, UsageError
from btfview.session.file_edit import FileText, read_editable, replace_file


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        pytest.param(b"a\nb\n", "a\nx\nb\n", b"a\nx\nb\n", id="unix"),
        pytest.param(b"a\r\nb\r\n", "a\nx\nb\n", b"a\r\nx\r\nb\r\n", id="dos"),
        pytest.param(b"a\r\nb\nc\r\n", "a\nb!\nc\n", b"a\r\nb!\nc\r\n", id="mixed-changed-line"),
        pytest.param(b"a\nb", "a\nb\nc", b"a\nb\nc", id="no-final-newline-line-added"),
        pytest.param(b"a\r\nb", "a\nb\nc", b"a\r\nb\r\nc", id="no-final-newline-dos"),
        pytest.param(b"a\r\nb\r\n", "b\n", b"b\r\n", id="first-removed"),
        pytest.param(b"a\nb\n", "a", b"a", id="cut-off"),
        pytest.param(b"", "x\n", b"x\n", id="empty"),
        pytest.param(b"x\n", "", b"", id="emptied"),
        pytest.param(b"\xef\xbb\xbfa\n", "b\n", b"\xef\xbb\xbfb\n", id="byte-order-mark"),
        pytest.param(b"\ta \n\n", "\ta \nb\n", b"\ta \nb\n", id="tabs-and-blanks-at-the-end"),
    ],
)
def test_lines_keep_their_ends(data: bytes, text: str, expected: bytes) -> None:
    assert FileText("a.rs", data).with_text(text) == expected


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.sampled_from(["\n", "\r\n"]))),
    st.sampled_from("ab"),
)
def test_text_that_is_not_edited_gives_the_same_bytes(lines: list[tuple[str, str]], tail: str) -> None:
    for end in ("", tail):
        data = ("".join(line + ending for line, ending in lines) + end).encode()
        file = FileText("a.rs", data)
        assert file.with_text(file.text) == data


@given(st.text("ab\n"), st.text("ab\n"))
def test_any_edit_of_a_unix_file_gives_that_text(before: str, after: str) -> None:
    assert FileText("a.rs", before.encode()).with_text(after) == after.encode()


@given(st.text("ab\n"), st.text("ab\n"))
def test_any_edit_of_a_dos_file_gives_that_text(before: str, after: str) -> None:
    file = FileText("a.rs", before.replace("\n", "\r\n").encode())
    edited = file.with_text(after)
    assert edited.replace(b"\r\n", b"\n") == after.encode()
    assert b"\r\n" in edited or "\n" not in after or "\n" not in before


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"a\n\xff\n", "not UTF-8 text (line 2, byte 2)", id="latin-1"),
        pytest.param(b"a\n b\x1b[2J\n", ":2:3 holds the character U+001B", id="escape"),
        pytest.param("\u202ex".encode(), ":1:1 holds the character U+202E", id="right-to-left"),
        pytest.param(b"a\rb\n", "U+000D", id="lone-carriage-return"),
    ],
)
def test_what_a_screen_cannot_show_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(data)
    with pytest.raises((UsageError, InputError)) as caught:
        read_editable(str(path))
    assert says in str(caught.value)


def test_a_read_only_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    path, pipe = tmp_path / "a.rs", tmp_path / "pipe"
    path.write_text("x")
    path.chmod(0o444)
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="read-only"):
        read_editable(str(path))
    for other in (tmp_path, pipe):
        with pytest.raises(UsageError, match="not a regular file"):
            read_editable(str(other))
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_editable(str(tmp_path / "none"))


def test_a_file_is_replaced_with_its_permissions_and_through_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.rs", tmp_path / "link.rs"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    replace_file(str(link), b"old", b"new")
    assert path.read_bytes() == b"new"
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.rs", "link.rs"]


def test_what_another_program_wrote_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"theirs")
    with pytest.raises(FileChangedError, match="was changed by another program"):
        replace_file(str(path), b"old", b"mine")
    assert path.read_bytes() == b"theirs"
    path.unlink()
    with pytest.raises(FileChangedError, match="is gone"):
        replace_file(str(path), b"old", b"mine")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnreadableFileError, match="cannot be written: no space left"):
        replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
