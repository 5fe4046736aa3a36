"""Hard times on a real terminal: huge input, files that go away, a killed compiler, a tiny window.

What is checked each time: the screen says what happened or goes on, and q gives the terminal back.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from btfview.targets.find import open_target
from tests.bench.many_records import write_program
from tests.bench.processes import family
from tests.bench.pty_driver import Terminal, drawn_text
from tests.tui.screen import running
from tests.tui.test_terminal import APP, LEAVE_SCREEN, TARGET, exit_code

LIMIT = 60.0
"""Seconds until a huge input is on show, on a loaded machine."""


@contextlib.contextmanager
def opened(*arguments: str | Path) -> Iterator[Terminal]:
    """The app on *arguments*; in the end q must give the terminal back as it was."""
    with Terminal([*APP, *map(str, arguments)]) as terminal:
        yield terminal
        terminal.press("q")
        assert exit_code(terminal) == 0
        assert terminal.output.count(LEAVE_SCREEN) == 1
        assert "Traceback" not in drawn_text(terminal.output)


def press(terminal: Terminal, keys: str, *shows: str) -> None:
    """Press *keys* and wait until all of *shows* has been drawn anew."""
    before = len(terminal.output)
    terminal.press(keys)
    terminal.wait_for(shows, since=before, limit=LIMIT)


def test_a_source_of_50_000_lines_opens_on_its_error(tmp_path: Path, demo: Path) -> None:
    path = tmp_path / "long.rs"
    function = "pub fn f{0}(a: u64) -> u64 {{\n    let b = a + {0};\n\n    b ^ 1\n}}\n"
    text = demo.read_text()
    text += "".join(function.format(number) for number in range((49_990 - text.count("\n")) // 5))
    text += "\n" * (49_999 - text.count("\n")) + "pub fn last() { nothing_of_that_name() }\n"
    assert text.count("\n") == 50_000
    path.write_text(text)
    with opened(path, *TARGET) as terminal:
        # rustc 1.95: error[E0425]: cannot find function `nothing_of_that_name` in this scope, line 50000.
        terminal.wait_for((r"50000 │\s+pub\s+fn\s+last", "E0425", "✖ 1 error"), limit=LIMIT)
        press(terminal, "g", r"  1 │")
        press(terminal, "\x06", r" \d\d │")
        press(terminal, "G", r"50000 │")
        press(terminal, "/f9700(\r", r"pub\s+fn\s+f9700")


@pytest.mark.debian_tool("clang-19")
def test_an_object_of_20_000_records_can_be_walked(tmp_path: Path) -> None:
    source, path = tmp_path / "many.c", tmp_path / "many.o"
    source.write_text(write_program(20_000))
    subprocess.run(["clang-19", "-O2", "-g", "-target", "bpf", "-c", source, "-o", path], check=True)
    with opened(path, *TARGET) as terminal:
        terminal.wait_for((r"20000 records", r"#0 +field_exists"), limit=LIMIT)
        press(terminal, "4G", r"Detail · d\d+")
        press(terminal, "5\x1b[Hj", r"Detail · #\d+ ")
        press(terminal, "]", r"Detail · #\d+ ")
        terminal.wait_until_quiet(1.0)  # a search types ahead of what the keys before it do to other panes
        press(terminal, "4/no_such_field\r", r"/no_such_field +1 of 1 ")


def test_a_file_replaced_by_a_folder_in_a_tiny_window(demo: Path) -> None:
    with opened(demo, *TARGET) as terminal:
        terminal.wait_for(("208",))
        before = len(terminal.output)
        terminal.resize(20, 5)
        demo.rename(demo.with_suffix(".bak"))
        demo.mkdir()
        terminal.wait_until_quiet(1.5)
        terminal.resize(160, 48)
        terminal.wait_for(("is a directory now", "stale since", "vruntime"), since=before)
        before = len(terminal.output)
        demo.rmdir()
        demo.with_suffix(".bak").rename(demo)
        terminal.wait_for((r"✔ \w+",), since=before)


def test_a_target_that_is_deleted_or_cut_while_it_is_open(demo: Path, tmp_path: Path) -> None:
    target = tmp_path / "own.btf"
    target.write_bytes(open_target("6.1.0-56-amd64").btf.data)
    with opened(demo, "-t", target) as terminal:
        terminal.wait_for(("208", "✔ compiled"))
        target.write_bytes(target.read_bytes()[:100])
        press(terminal, "r", r"✔ \w+")
        target.unlink()
        press(terminal, "b", "Types of own", "struct")  # what was read stays readable
        press(terminal, "task_struct\r", r"struct task_struct \[")
        press(terminal, "\x1b\x1b", "208")
        press(terminal, "r", r"✔ \w+")
        target.mkdir()
        press(terminal, "r", r"✔ \w+")


def test_a_compiler_killed_while_idle_is_replaced(demo: Path) -> None:
    with opened(demo, *TARGET) as terminal:
        terminal.wait_for(("208", "✔ compiled"))
        terminal.wait_until_quiet(0.5)
        app, *compilers = family(terminal.pid)
        assert app == terminal.pid
        assert compilers
        for pid in compilers:
            os.kill(pid, signal.SIGKILL)
        demo.write_text(demo.read_text().replace("sched_vruntime", "another_name"))
        terminal.press("r")
        terminal.wait_for(("another_name",), limit=LIMIT)


def test_a_compiler_killed_at_work_is_told_and_replaced(demo: Path) -> None:
    with opened(demo, *TARGET) as terminal:
        terminal.wait_for(("208", "✔ compiled"))
        terminal.wait_until_quiet(0.5)
        _, *compilers = family(terminal.pid)
        for pid in compilers:
            os.kill(pid, signal.SIGSTOP)  # so that it is still at work when it is killed
        before = len(terminal.output)
        demo.write_text(demo.read_text().replace("sched_vruntime", "another_name"))
        terminal.press("r")
        terminal.wait_for(("compiling",), since=before)
        for pid in compilers:
            os.kill(pid, signal.SIGKILL)
        terminal.wait_for(("another_name",), since=before, limit=LIMIT)


async def test_a_disk_that_is_full_on_export_is_told_and_what_was_there_stays(
    demo: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.txt"
    report.write_text("the last report")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with running(demo) as driver:
        await driver.press("x", "ctrl+u")
        driver.app.screen.query_one(Input).value = str(report)
        await driver.press("enter")
        await driver.until_text("enter again overwrites")
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # Python ignores the signal and gets an error
        try:
            await driver.press("enter")
            await driver.until_text("file too large")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert report.read_text() == "the last report"
        await driver.press("enter")
        await driver.until(lambda: "▲ 240" in report.read_text())


def test_a_terminal_of_any_size_goes_on(demo: Path) -> None:
    with opened(demo, *TARGET) as terminal:
        terminal.wait_for(("208", "✔ compiled"))
        for columns, lines in ((20, 5), (1, 1), (400, 3), (20, 5), (160, 48)):
            terminal.resize(columns, lines)
            terminal.press("]")
            terminal.wait_until_quiet(0.3)
        press(terminal, "[", r"Detail · d\d")
