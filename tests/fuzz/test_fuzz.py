"""Every fuzz target takes its seeds and some thousand inputs within the limits, and these limits hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from random import Random

import pytest

from tests.fuzz.mutate import mutate
from tests.fuzz.runner import TooSlowError, load, targets
from tests.paths import ROOT

COUNTS = {"atlas": 80, "elf": 1000, "ir": 600, "rust": 400, "rustc_ir": 300}
"""The slower ones; 2,000 for each of the others, so that all take a minute. ``make fuzz`` runs as many as one
wants."""


@pytest.mark.parametrize("target", targets())
def test_some_inputs_are_read_or_refused(target: str) -> None:
    count = str(COUNTS.get(target, 2000))
    command = [sys.executable, "-m", "tests.fuzz", target, "--count", count, "--seed", "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 findings" in run.stdout


@pytest.mark.parametrize(
    ("what", "error"),
    [
        pytest.param("while True: pass", "TooSlowError", id="a-hang"),
        pytest.param("bytearray(600 << 20)", "MemoryError", id="memory"),
        pytest.param("(lambda f: f(f))(lambda f: f(f))", "RecursionError", id="recursion"),
        pytest.param("{}[1]", "KeyError", id="a-traceback"),
    ],
)
def test_an_input_that_does_not_keep_the_limits_is_a_finding(what: str, error: str) -> None:
    script = (
        "from tests.fuzz.runner import limit, try_input\n"
        "limit()\n"
        f"def run(data):\n    {what}\n"
        "print(type(try_input(run, b'')).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == f"{error}\n", done.stderr


@pytest.mark.parametrize("target", targets())
def test_the_same_seed_gives_the_same_inputs(target: str) -> None:
    module = load(target)
    change = getattr(module, "mutate", mutate)
    runs = [[change(dice, module.seeds()) for _ in range(20)] for dice in (Random(7), Random(7))]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 10


def test_time_of_others_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processor time is measured: a machine that is busy gives no findings."""
    from tests.fuzz import runner

    monkeypatch.setattr(runner, "SECONDS", 0.2)
    sleep: Callable[[bytes], None] = lambda _: __import__("time").sleep(0.4)  # noqa: E731
    assert runner.try_input(sleep, b"") is None
    assert issubclass(TooSlowError, Exception)
