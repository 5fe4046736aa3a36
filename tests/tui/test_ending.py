"""Signals end the program at any moment: the terminal is as it was, no process is left, no file is half.

Each moment is tried with one signal; with ``BTFVIEW_ALL_SIGNALS=1`` with all of them.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.session.rescue import kept_texts
from tests.bench.pty_driver import Terminal
from tests.tui.test_terminal import APP, ENTER_SCREEN, LEAVE_SCREEN, TARGET

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
IS_ALL = os.environ.get("BTFVIEW_ALL_SIGNALS") == "1"
PATIENCE = 15.0
MINE = "// mine"


def drawn(*texts: str) -> Callable[[Terminal], None]:
    return lambda terminal: (terminal.wait_for(texts), None)[1]


def then(keys: str, *texts: str) -> Callable[[Terminal], None]:
    """Press *keys* once the result is there, and wait until *texts* are drawn."""

    def reach(terminal: Terminal) -> None:
        terminal.wait_for(("208",))
        before = len(terminal.output)
        terminal.press(keys)
        if texts:
            terminal.wait_for(texts, since=before)

    return reach


def entered(terminal: Terminal) -> None:
    deadline = time.monotonic() + PATIENCE
    while ENTER_SCREEN not in terminal.output:
        assert time.monotonic() < deadline
        terminal._read(0.1)


def unsaved(terminal: Terminal) -> None:
    then("i", "editing")(terminal)
    terminal.press(MINE)
    terminal.wait_for(("unsaved", MINE))


def saving(terminal: Terminal) -> None:
    unsaved(terminal)
    terminal.press("\x13")


MOMENTS: dict[str, Callable[[Terminal], None]] = {
    "start": entered,
    "first-frame": drawn("1 Source"),
    "clang-busy": drawn("compiling"),
    "result": drawn("208"),
    "recompiling": then("r"),
    "search": then("5/vr", "keep, n N"),
    "dialogue": then("t", "apply"),
    "palette": then("\x10task", "task_struct"),
    "passes": then("P"),
    "listing": then("vvv"),
    "unsaved": unsaved,
    "saving": saving,
    "editor": then("e", "EDITING"),
}


def cases() -> list[object]:
    found: list[object] = []
    for number, name in enumerate(MOMENTS):
        chosen = SIGNALS if IS_ALL else SIGNALS[number % len(SIGNALS) :][:1]
        found += [pytest.param(name, one, id=f"{name}-{one.name}") for one in chosen]
    return found


@pytest.mark.parametrize(("moment", "number"), cases())
def test_a_signal_leaves_terminal_files_and_processes_clean(
    moment: str, number: signal.Signals, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    source = demo.rename(folder / "sched.rs")
    text = source.read_text()
    if moment == "clang-busy":
        (tmp_path / "clang").write_text("#!/bin/sh\nsleep 600 &\nexec sleep 601\n")
        monkeypatch.setenv("BTFVIEW_CLANG", str(tmp_path / "clang"))
        source = source.rename(folder / "a.c")
    (tmp_path / "editor").write_text("#!/bin/sh\necho EDITING\nexec sleep 602\n")
    for program in ("clang", "editor"):
        if (tmp_path / program).exists():
            (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("VISUAL", str(tmp_path / "editor"))
    with Terminal([*APP, str(source), *TARGET]) as terminal:
        before = termios.tcgetattr(terminal._fd)
        MOMENTS[moment](terminal)
        if moment == "editor" and number in (signal.SIGINT, signal.SIGQUIT):
            return  # the terminal's own, and for the editor
        os.kill(terminal.pid, number)
        assert ended_by(terminal) == number
        assert_given_back(terminal, before)
        assert_alone(terminal.pid)
    assert [one.name for one in folder.iterdir()] == [source.name]
    if moment == "saving":
        assert source.read_text().replace(MINE, "") == text
    else:
        assert source.read_text() == text
    kept = [Path(one).read_text() for one in kept_texts(str(source))]
    if moment == "unsaved":
        assert [one.replace(MINE, "") for one in kept if MINE in one] == [text]
    elif moment != "saving":
        assert kept == []


def test_a_screen_that_hangs_is_ended_too(demo: Path) -> None:
    hanging = (
        "import sys, time; from btfview.tui.workbench.screen import WorkbenchScreen; "
        "WorkbenchScreen.action_zoom = lambda screen: (screen.app.bell(), time.sleep(600)); "
        "from btfview.cli.main import main; sys.exit(main())"
    )
    with Terminal([sys.executable, "-c", hanging, str(demo), *TARGET]) as terminal:
        before = termios.tcgetattr(terminal._fd)
        then("z")(terminal)
        time.sleep(0.5)
        os.kill(terminal.pid, signal.SIGTERM)
        assert ended_by(terminal) == signal.SIGTERM
        assert_given_back(terminal, before)
        assert_alone(terminal.pid)


def test_what_the_caller_has_shut_off_ends_nothing(demo: Path) -> None:
    deaf = ["sh", "-c", 'trap "" QUIT; exec "$0" "$@"', *APP, str(demo), *TARGET]
    with Terminal(deaf) as terminal:
        terminal.wait_for(("208",))
        os.kill(terminal.pid, signal.SIGQUIT)
        then("t", "apply")(terminal)


def ended_by(terminal: Terminal) -> int:
    """Return the signal that has ended the program."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        terminal._read(0.1)
        ended = os.waitid(os.P_PID, terminal.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if ended is not None:
            while terminal._read(0):
                pass
            assert ended.si_code == os.CLD_KILLED, f"it exited with {ended.si_status}"
            return ended.si_status
    raise AssertionError("it still runs")


def assert_given_back(terminal: Terminal, before: list[object]) -> None:
    output = terminal.output
    assert output.count(ENTER_SCREEN) == output.count(LEAVE_SCREEN)
    assert output.rfind(b"\x1b[?25h") > output.rfind(b"\x1b[?25l"), "the cursor is shown"
    for mode in (b"1000", b"1003", b"1006", b"2004", b"1004"):  # mouse, paste, focus
        assert output.rfind(b"\x1b[?%sl" % mode) >= output.rfind(b"\x1b[?%sh" % mode), mode
    assert termios.tcgetattr(terminal._fd) == before


def assert_alone(session: int) -> None:
    """No process of the terminal's session runs any more, but for the ended one itself."""
    deadline = time.monotonic() + PATIENCE
    while left := running_in(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def running_in(session: int) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, of = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state not in "ZX":
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
