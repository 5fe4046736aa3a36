"""An answer that grows: records at once, then kernel by kernel; what is last is the whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from btfview.compiler.options import CompileOptions
from btfview.session import progress
from btfview.session.answer import Answer, answer_request
from btfview.session.state import Selection, Session
from tests.paths import DEMO
from tests.tui.screen import KERNELS

STATE = """#![feature(btf_relocations)] #![allow(unguarded_btf_offset)]
#[repr(Btf)]
pub struct task_struct { state: i64 }
#[unsafe(no_mangle)]
pub fn state(_p: usize) -> usize { core::btf::field_byte_offset!(task_struct, state) }
"""
OLD, NEW, NEWER = "5.10.0-46-amd64", *KERNELS
"""``state`` is ``__state`` since 5.14: the kernel's commit 2f064a59a11f."""


@pytest.fixture(autouse=True)
def at_each_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_STEP_SECONDS", 0.0)
    monkeypatch.setattr(progress, "_SHARE", 0)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return Path(shutil.copy(DEMO / "sched.rs", tmp_path))


def open_file(session: Session, path: Path) -> tuple[list[Answer], Answer]:
    """What is reported of *path*, each taken in, and the whole answer, which is not yet."""
    reported: list[Answer] = []

    def report(answer: Answer) -> None:
        reported.append(answer)
        assert session.accept(answer, 0.0)
        assert session.pending is request

    request = session.request(str(path))
    return reported, answer_request(request, report=report)


def test_what_is_reported_grows_to_the_whole(demo: Path) -> None:
    session = Session(None, KERNELS, CompileOptions())
    reported, whole = open_file(session, demo)
    done = [answer.progress[0] for answer in reported if answer.progress]
    assert done == sorted(done)
    assert done[-1] == 1, "after the last of two kernels the whole answer follows"
    assert all(answer.progress and answer.progress[1] in (0, 2) for answer in reported)
    assert session.good is not None
    assert len(session.good.relos) == 4
    assert session.accept(whole, 0.0)
    assert session.pending is None
    assert whole.progress is session.progress is None
    assert [target.name for target in session.good.targets] == KERNELS
    assert not session.changes.changed
    assert not session.is_unchanged


def test_a_change_of_the_file_is_answered_at_once(demo: Path) -> None:
    session = Session(None, KERNELS, CompileOptions())
    _, whole = open_file(session, demo)
    session.accept(whole, 0.0)
    demo.write_text(demo.read_text().replace("vruntime: u64", "before: u64,\n    vruntime: u64"))
    reported, again = open_file(session, demo)
    assert reported == [], "the kernels are there already"
    assert again.progress is None


def test_a_request_in_between_asks_for_all_kernels_again(demo: Path) -> None:
    session = Session(None, KERNELS, CompileOptions())
    open_file(session, demo)
    request = session.request()
    assert request.targets == tuple(KERNELS)
    assert session.progress is None


@pytest.mark.parametrize(
    ("given", "selected"),
    [
        pytest.param([NEWER, OLD, NEW], NEW, id="oldest-that-fails"),
        pytest.param([OLD, NEWER], NEWER, id="only-one-fails"),
        pytest.param([OLD], OLD, id="a-single-one"),
    ],
)
def test_the_kernel_selected_at_first_is_the_first_on_which_something_fails(
    given: list[str], selected: str, tmp_path: Path
) -> None:
    path = tmp_path / "state.rs"
    path.write_text(STATE)
    session = Session(None, given, CompileOptions())
    _, whole = open_file(session, path)
    assert session.accept(whole, 0.0)
    assert session.good is not None
    assert session.selection is not None
    assert session.good.targets[session.selection.target].name == selected


def test_without_failures_it_is_the_oldest_and_what_the_user_chose_meanwhile_stays(demo: Path) -> None:
    session = Session(None, KERNELS[::-1], CompileOptions())
    _, whole = open_file(session, demo)
    assert session.accept(whole, 0.0)
    assert session.selection == Selection(0, 1)
    chosen = Session(None, KERNELS[::-1], CompileOptions())
    _, whole = open_file(chosen, demo)
    assert chosen.select(2, 0)
    assert chosen.accept(whole, 0.0)
    assert chosen.selection == Selection(2, 0)
