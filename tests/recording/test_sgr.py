"""Fewer style sequences, the same look: tmux shows both."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from btfview.recording.sgr import StyleWriter

COLOURS = ["31", "92", "44", "103", "38;5;200", "48;5;17", "38;2;1;2;3", "48;2;200;0;9", "39", "49"]
OTHERS = ["", "0", "1", "2", "3", "4", "7", "9"]
WORDS = ["a", "bc ", "  ", "ä", "\x1b[K", "\r\n", "\x1b[3;5H", "\x1b[2;1H"]
SIZE = (40, 12)


def styled(seed: int) -> str:
    choose = random.Random(seed)
    pieces = []
    for _ in range(60):
        if choose.random() < 0.6:
            codes = choose.choices(COLOURS + OTHERS, k=choose.randint(1, 3))
            pieces.append(f"\x1b[{';'.join(codes)}m")
        else:
            pieces.append(choose.choice(WORDS))
    return "".join(pieces) + "\x1b[0m"


@pytest.mark.debian_tool("tmux")
def test_a_terminal_shows_the_same(tmp_path: Path) -> None:
    """``capture-pane -e`` gives back text with the styles of each cell."""
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]

    def run(*words: str) -> str:
        return subprocess.run([*tmux, *words], capture_output=True, text=True, check=True).stdout

    width, height = map(str, SIZE)
    run("new-session", "-d", "-x", width, "-y", height, "stty raw -echo; printf R; cat")
    try:
        until = time.monotonic() + 20
        while "R" not in run("capture-pane", "-p"):
            assert time.monotonic() < until
            time.sleep(0.05)
        tty = run("display", "-p", "#{pane_tty}").strip()

        def shown(text: str, number: int) -> str:
            with open(tty, "w", encoding="utf-8", newline="") as terminal:
                terminal.write(f"\x1b[0m\x1b[2J\x1b[H{text}\x1b[0m\x1b[12;1Hend {number}.")
            while f"end {number}." not in (seen := run("capture-pane", "-e", "-p")):
                assert time.monotonic() < until + 60
                time.sleep(0.01)
            return seen.replace(f"end {number}.", "")

        for seed in range(40):
            text = styled(seed)
            # In two pieces, cut between sequences, as the screen writes them.
            cut = text.index("\x1b", len(text) // 2)
            writer = StyleWriter()
            rewritten = writer.write(text[:cut]) + writer.write(text[cut:])
            assert len(rewritten) <= len(text)
            assert shown(text, 2 * seed) == shown(rewritten, 2 * seed + 1), repr(text)
    finally:
        run("kill-server")


def test_the_style_at_the_end_of_a_piece_is_carried_on() -> None:
    writer = StyleWriter()
    assert writer.write("\x1b[1;31ma") == "\x1b[1;31ma"
    assert writer.write("\x1b[0m\x1b[1;31mb\x1b[0m") == "b\x1b[0m"
    assert writer.write("c") == "c"


@pytest.mark.parametrize(
    "text", ["\x1b[38m", "\x1b[38;2;1mx", "\x1b[;;mx", "\x1b[999999mx", "\x1b[1", "\x1b[38;9;1mx"]
)
def test_odd_sequences_are_no_error(text: str) -> None:
    assert StyleWriter().write(text).replace("\x1b[0", "").endswith(text[-1:])
