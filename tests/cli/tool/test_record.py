"""btfview record: what a terminal shows of a recording; the terminal is tmux."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from btfview.cli.main import main
from btfview.errors import UsageError
from btfview.recording.key_script import KEYS, KeyPress, Pace, Wait, parse_keys
from tests.paths import DEMO

SCHED = str(DEMO / "sched.rs")
KERNELS = ["-t", "6.1.0-56-amd64", "-t", "6.12.117+deb12-amd64"]


def recorded(path: Path) -> tuple[dict[str, Any], list[list[Any]]]:
    """Return header and events of an asciicast v2 file (asciinema's documentation: one JSON a line)."""
    header, *events = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return header, events


class Tmux:
    """A terminal to show a recording in."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self._command = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self.run("new-session", "-d", "-x", str(width), "-y", str(height + 1), "stty -echo; printf R; cat")
        self.wait_for("R")

    def run(self, *words: str) -> str:
        done = subprocess.run([*self._command, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def show(self, text: str) -> None:
        tty = self.run("display", "-p", "#{pane_tty}").strip()
        with open(tty, "w", encoding="utf-8", newline="") as terminal:
            terminal.write(text)

    def wait_for(self, text: str) -> str:
        until = time.monotonic() + 20
        while text not in (shown := self.run("capture-pane", "-p")):
            assert time.monotonic() < until, shown
            time.sleep(0.05)
        return shown


@pytest.mark.debian_tool("tmux")
def test_a_terminal_that_is_given_the_events_shows_the_screen(tmp_path: Path) -> None:
    """208 and 240: task_struct.se.vruntime of the two kernels, pahole -F btf."""
    cast, svg = tmp_path / "a.cast", tmp_path / "a.svg"
    keys = "]<wait 0.2>5"
    arguments = ["--keys", keys, "-o", str(cast), "--svg", str(svg), "--size", "150x45"]
    assert main(["record", SCHED, *KERNELS, *arguments]) == 0
    header, events = recorded(cast)
    assert (header["version"], header["width"], header["height"]) == (2, 150, 45)
    times = [at for at, _, _ in events]
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] == pytest.approx(0.6 + 0.2 + 0.6 + 2.0)  # two keys, a pause, the last hold
    assert {kind for _, kind, _ in events} == {"o"}
    tmux = Tmux(tmp_path, 150, 45)
    try:
        tmux.show(events[0][2])
        assert "208" in tmux.wait_for("sched.rs")
        for _, _, text in events[1:]:
            tmux.show(text)
        shown = tmux.wait_for("▲ 240")
        assert "Source" in shown
        # Nothing is left switched on: mouse, the other screen, a hidden cursor, no wrapping.
        flags = tmux.run("display", "-p", "#{mouse_any_flag}#{alternate_on}#{cursor_flag}#{wrap_flag}")
        assert flags.strip() == "0011"
    finally:
        tmux.run("kill-server")
    assert svg.read_text().startswith("<svg")
    assert "240" in svg.read_text()


def test_two_recordings_of_a_script_have_the_same_times(tmp_path: Path) -> None:
    times = []
    for name in ("a.cast", "b.cast"):
        path = tmp_path / name
        assert (
            main(["record", SCHED, *KERNELS, "--keys", "<pace 0.1>]]5", "-o", str(path), "--size", "80x24"])
            == 0
        )
        times.append([at for at, _, _ in recorded(path)[1]])
    assert times[0] == times[1]
    assert times[0][-1] == pytest.approx(2.3)


def test_what_is_typed_is_done(tmp_path: Path) -> None:
    """The search finds the record, and ``d`` closes the detail."""
    svg, keys = tmp_path / "a.svg", tmp_path / "keys"
    keys.write_text("<pace 0.1>4/load.weight\n<enter>\n")
    assert main(["record", SCHED, *KERNELS, "--keys", f"@{keys}", "--svg", str(svg)]) == 0
    assert "load.weight" in svg.read_text()


def test_stills_and_animation_are_by_caption(tmp_path: Path) -> None:
    """A still is what a caption ends with; the animation has each frame, what they share once, and the
    script's seconds: a key and the last hold are 0.1 and 2."""
    keys, moving, stills = tmp_path / "x.keys", tmp_path / "x.svg", tmp_path / "stills"
    keys.write_text(
        "size 100x30\n<pace 0.1>\ncaption One\nwait #0\ncaption Two\n]\nwait moved: compiled 8, there 208\n"
    )
    words = ["--keys", f"@{keys}", "--animation", str(moving), "--stills", str(stills)]
    assert main(["record", SCHED, *KERNELS, *words]) == 0
    assert sorted(path.name for path in stills.iterdir()) == ["01.svg", "02.svg"]
    one, two = ((stills / name).read_text() for name in ("01.svg", "02.svg"))
    moved = "compiled&#160;8,&#160;there&#160;208"
    assert (">One<" in one, moved in one) == (True, False)
    assert (">Two<" in two, moved in two) == (True, True)
    shown = moving.read_text()
    ElementTree.fromstring(shown)
    assert [shown.count(text) for text in (">One<", ">Two<", moved, "@font-face")] == [1, 1, 1, 0]
    assert " 2.1s step-end infinite" in shown
    assert len(shown) < len(one) + len(two)


def test_the_list_of_files_opened_lately_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert main(["record", SCHED, *KERNELS, "--keys", "]", "-o", str(tmp_path / "a.cast")]) == 0
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["--keys", "]"], 2, "name what to write", id="no-output"),
        pytest.param(
            ["--keys", "]<foo>x<bar>", "-o", "a.cast"],
            2,
            "unknown: <foo> at character 2, <bar> at character 8",
            id="unknown-keys",
        ),
        pytest.param(["--keys", "a<", "-o", "a.cast"], 2, "for < write <lt>", id="open-bracket"),
        pytest.param(["--keys", "<wait x>", "-o", "a.cast"], 2, "unknown: <wait x>", id="wait-for-nothing"),
        pytest.param(["--keys", "]", "-o", "a.cast", "--size", "9x9"], 2, "from 20x5", id="size"),
        pytest.param(["--keys", "]", "-o", "a.cast", "--size", "big"], 2, "such as 160x50", id="no-size"),
        pytest.param(["--keys", "]", "-o", "a.cast", "--time-limit", "0"], 2, "some time", id="no-time"),
        pytest.param(["--keys", "@absent", "-o", "a.cast"], 3, "absent: no such file", id="no-keys-file"),
        pytest.param(["--keys", "]", "-o", "a.cast", "-t", "9.9"], 3, 'no target "9.9"', id="no-target"),
        pytest.param(["--keys", "q]", "-o", "a.cast"], 2, "was left after <", id="left"),
        pytest.param(
            ["--keys", "<wait 30>", "-o", "a.cast", "--time-limit", "2.5"],
            2,
            "--time-limit 2.5 s",
            id="too-long",
        ),
        pytest.param(["--keys", "]", "-o", "none/a.cast"], 3, "cannot be written", id="no-folder"),
    ],
)
def test_errors_say_what_to_do(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["record", SCHED, *arguments]) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "a.cast").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("# x\n\ncaptoin A field\n", '3: "captoin" is no step; there are open FILE, ', id="word"),
        pytest.param("]]\n<foo>\n", "2: unknown: <foo> at character 1", id="key"),
        pytest.param("wait\n", '1: write "wait TEXT"', id="no-text"),
        pytest.param("size 9x9\n", "1: size 9x9: write COLSxROWS", id="size"),
        pytest.param(
            "theme pink\n", '1: no theme is called "pink"; there are high-contrast-dark', id="theme"
        ),
        pytest.param("size 80x24\nsize 90x24", "2: size is said a second time", id="twice"),
        pytest.param("]", "name the FILE to show, or let the script say it: open FILE", id="no-file"),
    ],
)
def test_errors_in_a_script_name_its_line(
    script: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "x.keys"
    keys.write_text(script)
    assert main(["record", "--keys", f"@{keys}", "-o", "-"]) == 2
    place = "" if said.startswith("name") else f"{keys}:"
    assert f"btfview: error: {place}{said}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "targets", "has_architectures"),
    [
        pytest.param([], ["6.1.0-56-amd64"], True, id="project"),
        pytest.param(["--keys", "@own.keys"], ["5.10.0-46-amd64"], False, id="script"),
        pytest.param(["-t", "6.12.117+deb12-amd64"], ["6.12.117+deb12-amd64"], False, id="command-line"),
        pytest.param(["--isolated"], [], False, id="isolated"),
    ],
)
def test_what_a_script_does_not_say_the_project_does_and_never_the_user(
    said: list[str],
    targets: list[str],
    has_architectures: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """docs/how-to/recordings.md; the screen itself is told no more than this."""
    (tmp_path / "own.keys").write_text("target 5.10.0-46-amd64\n]\n")
    (tmp_path / "btfview.toml").write_text(
        'targets = ["6.1.0-56-amd64"]\narchitectures = ["amd64", "arm64"]\nflags = ["-DX=1"]\n'
    )
    (tmp_path / "btfview").mkdir()
    (tmp_path / "btfview" / "config.toml").write_text('targets = ["running"]\nflags = ["-DY=1"]\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    taken: list[Any] = []

    def record_screen(path: str, *words: Any, **more: Any) -> None:
        taken.extend((words[0], words[1].configured_flags, more["choice"]))
        raise UsageError("enough is known")

    monkeypatch.setattr("btfview.recording.record_screen.record_screen", record_screen)
    assert main(["record", SCHED, "--keys", "]", "-o", "a.cast", *said]) == 2
    assert taken[0] == targets
    assert list(taken[1]) == ([] if "--isolated" in said else ["-DX=1"])
    assert taken[2][2] == (["amd64", "arm64"] if has_architectures else [])


def test_a_file_that_cannot_be_read_is_code_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "absent.o"):
        assert main(["record", str(path), "--keys", "]", "-o", str(tmp_path / "a.cast")]) == 3
        assert capsys.readouterr().err.startswith(f"btfview: error: {path}: ")


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    def running() -> set[str]:
        listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        return {
            line for line in listed.splitlines() if "btfview.tui.recorded" in line and str(tmp_path) in line
        }

    source = tmp_path / "prog.rs"
    source.write_text(Path(SCHED).read_text())
    arguments = ["--keys", "<wait 20>", "-o", str(tmp_path / "a.cast"), "--time-limit", "1"]
    assert main(["record", str(source), *KERNELS, *arguments]) == 2
    assert running() == set()


def test_a_script_is_characters_and_names() -> None:
    assert parse_keys("a<DOWN>>\n<lt><wait 1.5><pace 0>é") == (
        KeyPress("a", "a"),
        KeyPress("down", "\x1b[B"),
        KeyPress(">", ">"),
        KeyPress("lt", "<"),
        Wait(1.5),
        Pace(0.0),
        KeyPress("é", "é"),
    )
    for bad in ("<wait -1>", "<wait>", "<wait inf>", "<wait nan>", "<>", "<ctrl+i>", "<ctrl+1>"):
        with pytest.raises(UsageError, match="unknown"):
            parse_keys(bad)


@pytest.mark.debian_tool("tmux")
def test_keys_are_what_a_terminal_sends(tmp_path: Path) -> None:
    """tmux's own names for the same keys (``send-keys``), read back from the program's terminal."""
    names = {
        "up": "Up",
        "down": "Down",
        "left": "Left",
        "right": "Right",
        "home": "Home",
        "end": "End",
        "pageup": "PPage",
        "pagedown": "NPage",
        "insert": "IC",
        "delete": "DC",
        "f1": "F1",
        "f4": "F4",
        "f5": "F5",
        "f8": "F8",
        "esc": "Escape",
        "enter": "Enter",
        "tab": "Tab",
        "shift+tab": "BTab",
        "backspace": "BSpace",
        "ctrl+p": "C-p",
        "ctrl+up": "C-Up",
        "shift+right": "S-Right",
        "space": "Space",
    }
    out = tmp_path / "out"
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    xterm = ["set", "-g", "default-terminal", "xterm-256color", ";", "set", "-g", "xterm-keys", "on"]
    read = f"stty raw -echo; printf R; exec cat > {out}"
    subprocess.run([*tmux, "new-session", "-d", read], check=True)
    try:
        subprocess.run([*tmux, *xterm[:4]], check=True)
        until = time.monotonic() + 20
        while not out.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        for name, theirs in names.items():
            before = out.stat().st_size
            subprocess.run([*tmux, "send-keys", theirs], check=True)
            while out.stat().st_size < before + len(KEYS[name]):
                assert time.monotonic() < until + 40, name
                time.sleep(0.02)
            sent = out.read_bytes()[before:].decode()
            # tmux itself is a screen, whose home and end are vt220's: \x1b[1~ and \x1b[4~
            assert sent in {KEYS[name], {"home": "\x1b[1~", "end": "\x1b[4~"}.get(name)}, name
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def test_many_unknown_keys_are_a_message_of_one_line() -> None:
    """Found by the fuzzer: a line for a terminal that was as long as the script, with its line ends."""
    with pytest.raises(UsageError) as caught:
        parse_keys("<a\n\x1bb>" + f"<{'x' * 5000}>" * 1000)
    assert str(caught.value).isprintable()
    assert "and 991 more" in str(caught.value)
    assert len(str(caught.value)) < 10 * 500
