"""btfview play, on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from btfview.cli.main import main
from tests.paths import DEMO


def test_a_key_stops_it_and_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    script = tmp_path / "x.keys"
    script.write_text(f"open {DEMO}/sched.rs\nsize 100x30\ncaption Some words\nwait sched.rs\n<wait 500>\n")
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 31, 100, 0, 0))  # 30, and the caption
    before = termios.tcgetattr(terminal)
    command = [sys.executable, "-m", "btfview", "play", str(script), "-t", "6.1.0-56-amd64"]
    shown = b""
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as playing:
        while b" Some words" not in shown:
            shown += os.read(master, 65536)
            assert b"error" not in shown, shown
        os.write(master, b"x")
        while b"\x1b[?1049l" not in shown:
            shown += os.read(master, 65536)
        assert playing.wait() == 0
    assert shown.index(b"\x1b[?1049h") < shown.index(b"\x1b[31;1H") < shown.index(b" Some words")
    assert termios.tcgetattr(terminal) == before
    os.close(master)
    os.close(terminal)


def test_without_a_terminal_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "sched"]) == 2
    assert "is played on a terminal, and this is none; btfview record" in capsys.readouterr().err
    assert main(["play", "sched", "--speed", "0"]) == 2
    assert "--speed 0: from 0.1 to 100 times" in capsys.readouterr().err
    assert main(["play", "nothing"]) == 3
    assert "nothing: no such file" in capsys.readouterr().err
