"""The harness itself: it waits for what it says, and a command that fails is not a fast one."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.build_ir import build_ir
from btfview.source import Source
from tests.bench import entries
from tests.bench.big_source import c_source, rust_source
from tests.bench.entries import FirstFrame, FrontEnd, Growth, Keys, Race, Recompile
from tests.bench.fit import plane_slopes
from tests.bench.many_records import write_program
from tests.bench.measure import (
    CommandFailedError,
    measure_cpu,
    measure_first_frame,
    measure_keys,
    measure_race,
    peak_size,
    run_once,
)
from tests.bench.measure_compiler import measure_front_end, measure_growth, measure_recompile
from tests.bench.places import Places, SkippedError
from tests.bench.processes import (
    cpu_milliseconds,
    family,
    open_files,
    private_size,
    shared_size,
    thread_count,
)
from tests.bench.pty_driver import COLUMNS, LINES, ScreenTimeoutError, Terminal, drawn_text

ECHO = [
    "sh",
    "-c",
    "stty -echo -icanon; printf '\\033[1mrea\\033[0;31mdy\\033[m'; while true; do "
    "key=$(dd bs=1 count=1 2>/dev/null); sleep 0.1; printf 'got %s' \"$key\"; done",
]


def test_escape_sequences_are_no_text() -> None:
    output = b"\x1b[?1049h\x1b[2;3Hse\x1b]0;title\x07\x1b[38;2;1;2;3m \xe2\x9c\x94\x1b(B\x1b="
    assert drawn_text(output).split() == ["se", "\N{HEAVY CHECK MARK}"]


def test_the_terminal_has_the_size_it_says() -> None:
    with Terminal(["sh", "-c", "stty size; sleep 5"]) as terminal:
        terminal.wait_for((rf"^{LINES} {COLUMNS}\b",))


def test_a_key_is_answered_after_it_was_pressed() -> None:
    with Terminal(ECHO) as terminal:
        terminal.wait_for(("rea", "dy"))
        drawn = len(terminal.output)
        pressed = terminal.press("x")
        shown = terminal.wait_for(("got x",), since=drawn)
        assert pressed < shown <= terminal.wait_until_quiet(0.05)


def test_what_never_appears_is_an_error_that_shows_the_screen() -> None:
    with (
        Terminal(["sh", "-c", "echo something else"]) as terminal,
        pytest.raises(ScreenTimeoutError, match="never drew panes; the last it drew: 'something else'"),
    ):
        terminal.wait_for(("something", "panes"))
    with pytest.raises(ScreenTimeoutError, match="never drew panes"):
        measure_first_frame(FirstFrame("x", "true", ("panes",), 1), 1)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("false", "`false` ended with 1: no message"),
        ("sh -c 'echo one; echo two >&2; exit 3'", "ended with 3: two"),
        ("/nonexistent/program", "/nonexistent/program: No such file or directory"),
    ],
)
def test_a_command_that_fails_is_not_measured(command: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError) as raised:
        run_once(command, tmp_path)
    assert message in str(raised.value)


def test_commands_of_a_race_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    race = Race("x", f"sh -c 'printf a >> {log}'", f"sh -c 'printf b >> {log}'", 1)
    ours, peer = measure_race(race, 3, tmp_path)
    assert log.read_text() == "ab" * 5
    assert min(ours, peer) > 0


def test_what_takes_long_is_run_so_often_as_it_says(tmp_path: Path) -> None:
    log = tmp_path / "log"
    measure_race(Race("x", f"sh -c 'printf a >> {log}'", "true", 1, most=2), 9, tmp_path)
    assert log.read_text() == "aa"


def test_processor_time_is_that_of_children_too(tmp_path: Path) -> None:
    busy = "import time; end = time.process_time() + 0.1\nwhile time.process_time() < end: pass"
    assert measure_cpu(shlex.join(["sh", "-c", f"python3 -c '{busy}' && true"]), 1, tmp_path) >= 100
    assert measure_cpu("sleep 0.2", 1, tmp_path) < 100


def test_a_plane_through_times_tells_what_a_layout_and_a_kernel_add() -> None:
    layouts, kernels = (40, 36, 60, 66, 90), (50, 150, 500, 1500, 5000)
    times = [300 + 9 * layout + 0.25 * kernel for layout, kernel in zip(layouts, kernels, strict=True)]
    assert plane_slopes(layouts, kernels, times) == pytest.approx((9, 0.25))


def test_the_memory_of_a_command_is_counted() -> None:
    # 200 MB that are touched: CPython's bytearray is calloc'ed, so it is written to.
    assert 200 <= peak_size("python3 -c 'b = bytearray(b\"x\") * 200_000_000'") < 260
    with pytest.raises(CommandFailedError):
        peak_size("false")


def test_the_size_of_who_measures_is_not_that_of_the_command() -> None:
    held = bytearray(b"x") * 200_000_000
    assert peak_size("true") < 50
    assert held


def test_every_entry_uses_only_words_that_are_replaced() -> None:
    words = dict.fromkeys(("btfview", "repo", "tmp", *entries.WORDS), "")
    for entry in entries.ENTRIES:
        fields = ("command", "peer", "source", "short", "peer_source", "object")
        commands = [getattr(entry, field) for field in fields if hasattr(entry, field)]
        assert all("{" not in command.format(**words) for command in commands)


def test_keys_are_timed_until_what_they_lead_to_is_drawn() -> None:
    # The shell waits 100 ms before it answers, and works hardly at all.
    waited, worked = measure_keys(Keys("x", shlex.join(ECHO), ("rea", "dy"), ("a", "b"), "got [ab]", 1), 3)
    assert waited >= 100 > worked


def test_what_is_not_on_this_machine_is_a_reason_to_skip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.bench.places.install_btfview", lambda tmp: tmp / "btfview")
    monkeypatch.setattr("tests.bench.places.RUNNING_KERNEL", tmp_path / "vmlinux")
    monkeypatch.setattr("tests.bench.places.SHARED", tmp_path)
    places = Places(tmp_path)
    assert "{btfview} {repo}".format_map(places).startswith(f"{tmp_path}/btfview /")
    for word, reason in (("corpus", "no corpus at"), ("kernel", "this kernel has no"), ("kernels3", "no")):
        with pytest.raises(SkippedError, match=reason):
            f"{{{word}}}".format_map(places)
    with pytest.raises(KeyError):
        "{korpus}".format_map(places)


@pytest.mark.debian_tool("clang-19", "llvm-objdump-19")
def test_the_program_of_many_records_has_so_many(tmp_path: Path) -> None:
    source, path = tmp_path / "many.c", tmp_path / "many.o"
    source.write_text(write_program(123))
    subprocess.run(["clang-19", "-O2", "-g", "-target", "bpf", "-c", source, "-o", path], check=True)
    dump = ["llvm-objdump-19", "-dr", str(path)]
    text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    assert text.count("CO-RE") == 123


def test_a_process_is_counted_with_those_that_it_started() -> None:
    script = "import subprocess, sys; subprocess.run(['sleep', '60'])"
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        try:
            while len(members := family(parent.pid)) < 2:
                pass

            assert thread_count(members[0]) == 1
            assert open_files(members[0]) >= 3
            assert 0 < private_size(members[0]) <= shared_size(members[0])
            assert cpu_milliseconds(members[0]) > 0
        finally:
            for pid in family(parent.pid):
                os.kill(pid, 9)


def test_generated_sources_are_as_long_as_they_say_and_right(tmp_path: Path) -> None:
    for lines in (500, 2_000):
        text = rust_source(lines)
        assert lines <= text.count("\n") < lines + 250
        result = build_ir(Source("lib.rs", text), CompileOptions())
        assert [item.message for item in result.diagnostics if item.is_error] == []
    assert 500 <= c_source(500).count("\n") < 600


@pytest.mark.debian_tool("clang-19")
def test_the_generated_c_is_right(tmp_path: Path) -> None:
    path = tmp_path / "500.c"
    path.write_text(c_source(500))
    subprocess.run(["clang-19", "-g", "-target", "bpf", "-fsyntax-only", path], check=True)


def test_the_compiler_is_measured_in_this_process(tmp_path: Path) -> None:
    path = tmp_path / "500.rs"
    path.write_text(rust_source(500))
    ours, _ = measure_front_end(FrontEnd("x", str(path), "true", 1), 1, tmp_path)
    long, short = measure_growth(Growth("x", str(path), str(path), 1), 1)
    warm, _ = measure_recompile(Recompile("x", str(path), "true", 1), 1, tmp_path)
    assert min(ours, long, short, warm) > 0
