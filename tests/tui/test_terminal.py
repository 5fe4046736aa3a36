"""The app as a program on a terminal: it starts, hands the terminal to an editor, and gives it back."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from btfview.compiler.compile import TIME_LIMIT
from tests.bench.pty_driver import Terminal, drawn_text

APP = [sys.executable, "-c", "import sys; from btfview.cli.main import main; sys.exit(main())"]
TARGET = ["-t", "6.1.0-56-amd64"]
ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
"""The alternate screen of xterm and its descendants."""


def exit_code(terminal: Terminal, silence: float = 20) -> int:
    """Return the exit code, after reading what is still drawn; fails after *silence* seconds of nothing."""
    while terminal._read(silence):
        pass
    ended = os.waitid(os.P_PID, terminal.pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    return ended.si_status


def test_it_draws_all_panes_and_leaves_the_terminal_as_it_was(demo: Path) -> None:
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        terminal.wait_for(("1 Source", "2 Structs", "3 IR", "5 Target offsets", "✔ compiled", "208"))
        assert terminal.output.count(ENTER_SCREEN) == 1
        terminal.press("q")
        assert exit_code(terminal) == 0
        assert terminal.output.count(LEAVE_SCREEN) == 1
        assert "Traceback" not in drawn_text(terminal.output)


def test_the_editor_gets_the_terminal_and_the_edit_is_compiled(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "EDITING"; sed -i s/sched_vruntime/edited_name/ "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        terminal.wait_for(("208",))
        before = len(terminal.output)
        terminal.press("e")
        terminal.wait_for(("EDITING", "edited_name"), since=before)
        output = terminal.output[before:]
        assert output.index(LEAVE_SCREEN) < output.index(b"EDITING") < output.index(ENTER_SCREEN)
        terminal.press("q")
        assert exit_code(terminal) == 0


def test_q_does_not_wait_for_a_clang_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clang = tmp_path / "clang-hangs"
    clang.write_text("#!/bin/sh\nexec sleep 600\n")
    clang.chmod(0o755)
    monkeypatch.setenv("BTFVIEW_CLANG", str(clang))
    source = tmp_path / "a.c"
    source.write_text("int x;\n")
    with Terminal([*APP, str(source), *TARGET]) as terminal:
        terminal.wait_for(("compiling",))
        terminal.press("q")
        assert exit_code(terminal, silence=TIME_LIMIT / 2) == 0


def test_keys_typed_in_one_go_reach_the_pane_that_the_first_one_chose(demo: Path) -> None:
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        terminal.wait_for(("208", "Detail"))
        before = len(terminal.output)
        terminal.press("4/0:0:0:0\r")
        terminal.wait_for(("/0:0:0:0 1 of 2", "#2 field_exists task_struct.se.load.weight"), since=before)
        terminal.press("q")
        assert exit_code(terminal) == 0


def test_it_ends_when_its_terminal_is_gone_even_without_a_hangup_signal(demo: Path) -> None:
    deaf = ["sh", "-c", 'trap "" HUP; exec "$0" "$@"', *APP, str(demo), *TARGET]
    terminal = Terminal(deaf)
    try:
        terminal.wait_for(("1 Source",))
    finally:
        os.close(terminal._fd)
    for _ in range(150):
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.1)
    else:
        os.kill(terminal.pid, signal.SIGKILL)
        os.waitpid(terminal.pid, 0)
        pytest.fail("it still runs 15 seconds after its terminal went away")
    assert os.waitstatus_to_exitcode(status) == 129


LIGHT_GROUND = re.compile(rb"48;5;25[2-5]m")
"""The lightest of xterm's 24 greys as background."""


def wait_for_bytes(terminal: Terminal, wanted: bytes, since: int = 0) -> None:
    """Read on until *wanted* has been written behind byte *since*."""
    while wanted not in terminal.output[since:]:
        assert terminal._read(15), "nothing more is written"


def test_ctrl_z_gives_the_terminal_back_and_fg_draws_again(demo: Path) -> None:
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        terminal.wait_for(("208",))
        before = len(terminal.output)
        terminal.press("\x1a")
        wait_for_bytes(terminal, LEAVE_SCREEN, since=before)
        assert os.waitid(os.P_PID, terminal.pid, os.WSTOPPED | os.WNOWAIT) is not None
        before = len(terminal.output)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for(("1 Source", "208"), since=before)
        terminal.press("q")
        assert exit_code(terminal) == 0


@pytest.mark.parametrize(
    ("answer", "is_light"),
    [
        pytest.param("\x1b]11;rgb:ffff/fafa/f0f0\x1b\\", True, id="light"),
        pytest.param("\x1b]11;rgb:1e1e/1e1e/2e2e\x07", False, id="dark"),
    ],
)
def test_a_light_terminal_gets_the_light_theme(
    demo: Path, state_home: Path, answer: str, is_light: bool
) -> None:
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        wait_for_bytes(terminal, b"\x1b]11;?")
        terminal.press(answer[:9])
        terminal.press(answer[9:])
        terminal.wait_for(("1 Source", "208", "Detail"))
        terminal.press("?")
        terminal.wait_for(("Keys here: Source",))  # no letter of the answer was taken for a key
        assert bool(LIGHT_GROUND.search(terminal.output)) == is_light
        terminal.press("q")
        terminal.press("q")
        assert exit_code(terminal) == 0
    assert not (state_home / "btfview" / "screen.json").exists()  # the user has chosen nothing


def test_a_theme_that_was_chosen_is_kept_and_nothing_is_asked(demo: Path, state_home: Path) -> None:
    (state_home / "btfview").mkdir(parents=True)
    (state_home / "btfview" / "screen.json").write_text('{"theme": "textual-light"}')
    with Terminal([*APP, str(demo), *TARGET]) as terminal:
        terminal.wait_for(("1 Source", "208"))
        assert b"\x1b]11;?" not in terminal.output
        assert LIGHT_GROUND.search(terminal.output)
        terminal.press("q")
        assert exit_code(terminal) == 0
