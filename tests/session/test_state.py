"""The state behind the screen: what a new answer changes, what stays, what is refused."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from btfview.analysis.result import Analysis
from btfview.compiler.options import CompileOptions
from btfview.errors import UnreadableFileError
from btfview.frozen import replace
from btfview.session.answer import Answer, Request, answer_request, build_views, read_targets
from btfview.session.state import Selection, Session, carry_selection
from btfview.session.watch import Trouble
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.analyses import analyse_demo

OLD, NEW = "6.1.0-56-amd64", "6.12.117+deb12-amd64"
OPTIONS = CompileOptions()
NOON, LATER = 1000.0, 2000.0


@cache
def targets() -> tuple[Target, ...]:
    return open_target(OLD), open_target(NEW)


@cache
def analysis_of(edit: tuple[str, str] = ("", ""), columns: int = 2) -> Analysis:
    """The demo with one replacement, on the first *columns* targets."""
    return analyse_demo(*edit, targets()[:columns])


def good() -> Analysis:
    return analysis_of()


def broken() -> Analysis:
    return analysis_of(("se.vruntime)", "se.vrun)"))


def answer(request: Request, analysis: Analysis | None, problems: tuple[str, ...] = ()) -> Answer:
    views = build_views(analysis) if analysis and analysis.object is not None else None
    error = None if analysis else UnreadableFileError("no such file", path=request.path)
    return Answer(request, analysis, views, error, targets(), problems)


@pytest.fixture
def session() -> Session:
    """A session with the demo on show and its first record selected."""
    session = Session(None, [OLD, NEW], OPTIONS)
    assert session.accept(answer(session.request("sched.rs"), good()), NOON)
    return session


def test_a_first_answer_is_shown_with_its_first_record_selected(session: Session) -> None:
    assert session.path == "sched.rs"
    assert session.good is session.latest is good()
    assert session.views is not None
    assert len(session.views.summaries) == 4
    assert session.views.problem_count == 0
    assert session.selection == Selection(0, 0)
    assert session.selected_relo is good().relos[0]
    assert session.stale_since is None


def test_a_broken_program_leaves_the_good_result_on_show_and_stale(session: Session) -> None:
    session.select(3, 1)
    session.accept(answer(session.request(), broken()), NOON)
    assert session.latest is broken()
    assert session.good is good()
    assert session.stale_since == NOON
    session.accept(answer(session.request(), broken()), LATER)
    assert session.stale_since == NOON  # since it first was
    session.accept(answer(session.request(), good()), LATER)
    assert not session.stale_since
    assert session.selection == Selection(3, 1)


def test_a_broken_program_opened_first_shows_no_other(session: Session) -> None:
    session.accept(answer(session.request("other.rs"), broken()), NOON)
    assert session.path == "other.rs"
    assert session.good is None
    assert session.selection is None
    assert session.stale_since is None


def test_an_unreadable_file_leaves_the_one_on_show(session: Session) -> None:
    session.accept(answer(session.request("gone.rs"), None), NOON)
    assert session.path == "sched.rs"
    assert session.good is good()
    assert session.stale_since is None
    assert str(session.error) == "gone.rs: no such file"
    session.accept(answer(session.request(), good()), NOON)
    assert session.error is None


def test_the_file_on_show_made_unreadable_is_stale(session: Session) -> None:
    session.accept(answer(session.request(), None), NOON)
    assert session.good is good()
    assert session.stale_since == NOON


def test_an_overtaken_answer_is_refused(session: Session) -> None:
    first, second = session.request(), session.request()
    assert not session.accept(answer(first, broken()), NOON)
    assert session.accept(answer(second, good()), NOON)
    assert not session.accept(answer(second, broken()), NOON)
    assert session.latest is good()


def test_work_that_is_overtaken_keeps_its_file_and_targets(session: Session) -> None:
    session.request("other.rs", targets=[OLD])
    request = session.request()
    assert request.path == "other.rs"
    assert request.targets == (OLD,)


def test_a_selection_finds_its_record_by_key_after_a_recompile(session: Session) -> None:
    session.select(2)
    key = good().relos[2].key
    # A query before it: what was record 2 is record 3 now.
    more = analysis_of(
        (
            "    pub fn sched_vruntime",
            "    pub fn has(&self) -> bool {\n        core::btf::field_exists!(task_struct, se)\n    }\n"
            "    pub fn sched_vruntime",
        )
    )
    session.accept(answer(session.request(), more), NOON)
    assert session.selection is not None
    assert more.relos[session.selection.relo].key == key
    assert session.selection.relo == 3


def test_a_selection_whose_record_is_gone_stays_near(session: Session) -> None:
    assert carry_selection(Selection(3, 1), good(), replace(good(), relos=good().relos[:2])) == Selection(
        1, 1
    )
    assert carry_selection(Selection(3, 1), good(), replace(good(), relos=())) is None
    assert carry_selection(None, None, good()) == Selection(0, 0)


def test_a_selected_target_is_followed_to_its_new_column() -> None:
    turned = replace(good(), targets=good().targets[::-1])
    assert carry_selection(Selection(0, 0), good(), turned) == Selection(0, 1)
    assert carry_selection(Selection(0, 1), good(), analysis_of(columns=1)) == Selection(0, 0)
    assert carry_selection(Selection(0, 0), analysis_of(columns=0), good()) == Selection(0, 0)


def test_stepping_stops_at_the_ends(session: Session) -> None:
    assert not session.step(-1)
    assert session.step(1)
    assert session.step(1)
    assert session.step(1)
    assert not session.step(1)
    assert session.selection == Selection(3, 0)
    assert not session.select(4)
    assert not session.select(-1)
    assert session.select(3, 99)
    assert session.selection == Selection(3, 1)


def test_an_error_of_our_own_ends_the_wait_and_nothing_else(session: Session) -> None:
    request = session.request()
    assert session.abandon(request, KeyError("x"))
    assert session.pending is None
    assert session.good is good()
    assert "internal error: KeyError" in str(session.error)
    assert not session.abandon(request, KeyError("x"))


def test_a_request_without_a_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no file is open"):
        Session(None, [], OPTIONS).request()


def test_targets_that_cannot_be_read_are_named_and_the_others_kept(tmp_path: Path) -> None:
    bad = tmp_path / "bad.btf"
    bad.write_bytes(b"\x9f\xeb\x01")
    found = read_targets([OLD, "nosuch", str(bad), OLD])
    assert [target.name for target in found.targets] == [OLD]
    assert len(found.problems) == 2
    assert "nosuch" in found.problems[0]
    assert "bad.btf" in found.problems[1]
    assert [(broken.target.path, broken.problem) for broken in found.broken] == [
        (str(bad), found.problems[1])
    ]


def test_a_folder_is_all_the_targets_in_it(tmp_path: Path) -> None:
    for name in ("6.12.btf.xz", "6.1.btf.xz"):
        (tmp_path / name).write_bytes(targets()[0].btf.data)
    (tmp_path / "6.18.btf").write_bytes(b"\x9f\xeb\x01")
    found = read_targets([str(tmp_path)])
    assert [target.name for target in found.targets] == ["6.1", "6.12"]
    assert [broken.target.name for broken in found.broken] == ["6.18"]


def test_no_target_is_read_once_nobody_waits() -> None:
    assert read_targets([OLD, NEW], lambda: True).targets == ()


def test_other_targets_of_a_stale_result_are_answered_from_the_last_good_one(tmp_path: Path) -> None:
    path = tmp_path / "sched.rs"
    path.write_text(good().source.text)  # type: ignore[union-attr]
    session = Session(None, [OLD], OPTIONS)
    assert session.accept(answer_request(session.request(str(path))), NOON)
    session.select(1)
    path.write_text(path.read_text().replace("se.vruntime)", "se.vrun)"))
    assert session.accept(answer_request(session.request()), LATER)
    assert session.accept(answer_request(session.request(targets=[OLD, NEW])), LATER + 1)
    assert session.stale_since == LATER
    assert session.views is not None
    # pahole on the two kernels: se at 128, vruntime at 80 and at 112.
    assert [cell.value for cell in session.views.offsets.rows[1].cells] == ["208", "240"]
    assert session.selection == Selection(1, 0)
    path.unlink()
    assert session.accept(answer_request(session.request(targets=[NEW])), LATER + 2)
    assert [cell.value for cell in session.views.offsets.rows[1].cells] == ["240"]


def test_an_edit_tells_what_it_changed_until_the_next(session: Session) -> None:
    assert not session.changes
    edited = analysis_of(
        ("field_byte_offset!(task_struct, se.vruntime)", "field_byte_size!(task_struct, se.vruntime)")
    )
    assert session.accept(answer(session.request(), edited), LATER)
    assert session.changes.new == {1}
    assert session.changes.gone == ("task_struct.se.vruntime",)
    assert session.accept(answer(session.request(), edited), LATER)  # nothing was edited
    assert session.changes.new == {1}
    assert session.accept(answer(session.request(), good()), LATER)
    assert session.changes.new == {1}
    assert session.accept(answer(session.request("other.rs"), good()), LATER)
    assert not session.changes


def test_a_request_is_answered_from_the_file_and_its_targets(tmp_path: Path) -> None:
    path = tmp_path / "sched.rs"
    path.write_text(good().source.text)  # type: ignore[union-attr]
    session = Session(None, [OLD], OPTIONS)
    found = answer_request(session.request(str(path)))
    assert found.error is None
    assert found.views is not None
    # 208: pahole -F btf -C task_struct and -C sched_entity on that kernel say 128 and 80.
    assert found.views.offsets.rows[1].cells[0].value == "208"
    assert found.views.summaries[1].text == "▲ moved"
    gone = answer_request(session.request(str(tmp_path / "gone.rs")))
    assert gone.analysis is None
    assert "gone.rs" in str(gone.error)


def test_what_may_never_end_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.rs"
    os.mkfifo(pipe)
    for path in (str(pipe), "/dev/zero"):
        found = answer_request(Session(None, [path], OPTIONS).request(path))
        assert "not a regular file" in str(found.error)
        assert "not a regular file" in found.target_problems[0]


def test_saves_are_seen_once_and_only_while_watching(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    path.write_text("a")
    session = Session(None, [], OPTIONS)
    assert session.poll_file() is None
    session.request(str(path))
    assert session.poll_file() is None
    path.write_text("ab")
    assert [session.poll_file() is not None for _ in range(3)] == [False, True, False]
    session.set_watching(False)
    path.write_text("abc")
    assert [session.poll_file() for _ in range(3)] == [None] * 3
    session.set_watching(True)
    assert [session.poll_file() is not None for _ in range(3)] == [False, True, False]
    path.unlink()
    session.poll_file()
    trouble = session.poll_file()
    assert isinstance(trouble, Trouble)
    session.lose_file(trouble, NOON)
    assert str(session.error) == "the file is gone"
