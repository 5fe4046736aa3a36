"""What holds for every command: bad input, readers that go away, closed and full outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from btfview.cli.commands import COMMANDS
from btfview.cli.main import main
from tests.paths import DEMO, ROOT

SCHED = str(DEMO / "sched.rs")
RENAMED = str(ROOT / "tests" / "fixes" / "renamed.rs")
KERNEL = "6.1.0-56-amd64"
TO_READ: dict[str, list[str]] = {
    "relos": ["{}"],
    "relos -t": [SCHED, "-t", "{}"],
    "explain": ["{}", "-t", KERNEL],
    "check": ["{}", "-t", KERNEL],
    "check -t": [SCHED, "-t", "{}"],
    "check --kconfig": [SCHED, "-t", KERNEL, "--kconfig", "{}"],
    "fix": ["{}", "-t", KERNEL],
    "fix -t": [SCHED, "-t", "{}"],
    "demands": ["{}", "-t", KERNEL],
    "demands -t": [SCHED, "-t", "{}"],
    "verify": ["{}"],
    "compile": ["{}", "-o", "-"],
    "types": ["{}"],
    "types -B": [KERNEL, "-B", "{}"],
    "targets": ["{}"],
    "atlas": ["list", "{}"],
    "minimize": ["{}", "-t", KERNEL, "-o", "/dev/null"],
    "minimize -t": [SCHED, "-t", "{}", "-o", "/dev/null"],
    "extract": ["{}", "-o", "/dev/null"],
    "disasm": ["{}"],
    "patch": ["{}", "-t", KERNEL, "-o", "/dev/null"],
    "diff": ["{}", SCHED],
    "diff --for": [KERNEL, KERNEL, "--for", "{}"],
    "bindings": ["task_struct.pid", "-t", "{}"],
    "record": ["{}", "--keys", "x", "-o", "/dev/null"],
    "play": ["{}"],
    "serve": ["{}", "--port", "0"],
    "config": ["validate", "{}"],
    "report": ["{}", "-o", "/dev/null"],
    "report -t": [SCHED, "-t", "{}", "-o", "/dev/null"],
    "check --config": [SCHED, "--config", "{}"],
    "check --baseline": [SCHED, "--baseline", "{}"],
}
"""A line of each command that reads a file: {} stands for it."""
MAY_BE_EMPTY = ("config", "check --config")
"""A configuration may say nothing."""
TO_WRITE: dict[str, list[str]] = {
    "relos": [SCHED, "-t", KERNEL],
    "explain": [SCHED, "--relo", "1", "-t", KERNEL],
    "check": [SCHED, "-t", KERNEL],
    "fix": [RENAMED, "-t", KERNEL],
    "demands": [SCHED, "-t", KERNEL],
    "verify": [SCHED],
    "compile": [SCHED, "--emit", "ir"],
    "types": [KERNEL],
    "targets": [],
    "atlas": ["build", KERNEL, "-o", "f.atlas"],
    "minimize": [SCHED, "-t", KERNEL, "-o", "-"],
    "extract": [KERNEL],
    "disasm": [SCHED],
    "diff": [KERNEL, "5.10.0-46-amd64", "task_struct"],
    "patch": [SCHED, "-t", KERNEL, "-o", "-"],
    "bindings": ["task_struct.pid", "-t", KERNEL],
    "demo": ["--list"],
    "record": [SCHED, "-t", KERNEL, "--keys", "]", "-o", "-"],
    "play": ["--help"],
    "serve": ["--help"],
    "cache": [],
    "keys": [],
    "doctor": [],
    "completion": ["bash"],
    "rule": [],
    "config": ["show"],
    "schema": ["relos"],
    "report": [SCHED, "-t", KERNEL, "-o", "-"],
}
"""A line of each command that writes to stdout."""
ENVIRON = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "BTFVIEW_CACHE": "0", "LC_ALL": "C.UTF-8"}


def test_no_command_is_forgotten() -> None:
    assert {line.split()[0] for line in TO_READ} | {
        "demo",
        "cache",
        "keys",
        "doctor",
        "completion",
        "rule",
        "schema",
    } == COMMANDS.keys()
    assert TO_WRITE.keys() == COMMANDS.keys()


def bad_file(what: str, folder: Path) -> str:
    path = folder / ("bad.rs" if what == "not-utf-8" else "bad.o")
    match what:
        case "a-folder":
            path.mkdir()
        case "empty":
            path.write_bytes(b"")
        case "noise":
            path.write_bytes(bytes(range(256)) * 8)
        case "cut-short":
            path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(30))
        case "not-utf-8":
            path.write_bytes(b"fn f() {} // \xff\xfe\n")
        case "a-loop":
            path.symlink_to(path)
        case "unreadable":  # for root as well: the first byte of the address space is not mapped
            return "/proc/self/mem"
        case "hostile-name":
            return str(folder / "a\x1b[2J\x07.o")
        case "long-name":
            return str(folder / ("x" * 300))
    return str(path)


BAD = (
    "absent",
    "a-folder",
    "empty",
    "noise",
    "cut-short",
    "not-utf-8",
    "a-loop",
    "unreadable",
    "hostile-name",
)


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (command, what)
        for command in TO_READ
        for what in (*BAD, "long-name")
        if what != "empty" or command not in MAY_BE_EMPTY
    ],
)
def test_bad_input_is_one_line_and_an_exit_code(
    command: str,
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    path = bad_file(what, tmp_path)
    code = main([command.split()[0], *(word.replace("{}", path) for word in TO_READ[command])])
    out, err = capfd.readouterr()
    assert code in (2, 3), err
    said = [line for line in err.splitlines() if line.startswith("btfview: error: ")]
    assert len(said) == 1 or (command == "targets" and "cannot be used" in out), err
    for word in ("Traceback", "internal error", "\x1b", "\x07"):
        assert word not in out + err


@pytest.mark.parametrize("command", TO_WRITE)
def test_a_reader_that_goes_away_is_no_error(command: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "btfview", command, *TO_WRITE[command]]
    line = " ".join(f"'{word}'" for word in words) + " | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**ENVIRON, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
    )
    assert int(done.stdout) in (0, 1), done.stderr
    for word in ("Traceback", "Exception ignored", "internal error"):
        assert word not in done.stderr


@pytest.mark.parametrize(
    ("redirection", "codes", "said"),
    [
        pytest.param(">&-", (0, 1), "", id="stdout-closed"),
        pytest.param(
            ">/dev/full", (3,), "btfview: error: stdout cannot be written: no space left", id="disk-full"
        ),
        pytest.param("<&- >&- 2>&-", (0, 1), "", id="all-closed"),
        pytest.param("2>/dev/full >/dev/null", (0, 1, 3), "", id="stderr-full"),
    ],
)
@pytest.mark.parametrize("command", TO_WRITE)
def test_outputs_that_take_nothing(
    command: str, redirection: str, codes: tuple[int, ...], said: str, tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "btfview", command, *TO_WRITE[command]]
    line = " ".join(f"'{word}'" for word in words) + f" {redirection}"
    done = subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**ENVIRON, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode in codes, done.stderr
    assert said in done.stderr
    for word in ("Traceback", "Exception ignored", "internal error"):
        assert word not in done.stderr


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_an_error_that_cannot_be_told_is_an_exit_code(redirection: str, tmp_path: Path) -> None:
    line = f"'{sys.executable}' -m btfview relos absent.o {redirection}"
    assert subprocess.run(["bash", "-c", line], cwd=tmp_path, env=ENVIRON, check=False).returncode == 3


def test_a_closed_stdout_is_not_taken_by_the_next_file(tmp_path: Path) -> None:
    """With descriptor 1 free, the object that is written would be opened there, and printed into."""
    out = tmp_path / "prog.o"
    line = f"'{sys.executable}' -m btfview compile '{SCHED}' -o '{out}' >&- 2>&- <&-"
    assert subprocess.run(["bash", "-c", line], env=ENVIRON, check=False).returncode == 0
    assert out.read_bytes()[:4] == b"\x7fELF"
    again = tmp_path / "again.o"
    assert main(["compile", SCHED, "-o", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()
