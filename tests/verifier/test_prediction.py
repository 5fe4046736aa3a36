"""Prediction beside the kernel's answer: silent where they agree; where they differ, the line to report."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from btfview import __version__
from btfview.analysis import prediction
from btfview.bpf.object import BpfObject
from btfview.cli.main import main
from btfview.demands.reasons import FAILS, LOADS
from btfview.demands.verdict import PartVerdict
from btfview.frozen import replace
from tests.tui.screen import WIDE, running

pytestmark = [pytest.mark.kernel, pytest.mark.shared]


@pytest.fixture
def refused(shared: Path) -> str:
    """Both of its programs are refused: they read what no kernel has any more."""
    return str(shared / "cases" / "c" / "log" / "p.o")


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each prediction the contrary of what it is."""
    real = prediction.predict_programs

    def contrary(obj: BpfObject, libbpf: str) -> dict[str, PartVerdict]:
        return {
            name: replace(part, verdict=LOADS if part.verdict == FAILS else FAILS)
            for name, part in real(obj, libbpf).items()
        }

    monkeypatch.setattr(prediction, "predict_programs", contrary)


def test_what_was_predicted_is_not_said_again(refused: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", refused]) == 1
    assert "predicted" not in capsys.readouterr().out
    assert main(["verify", refused, "--json"]) == 1
    for program in json.loads(capsys.readouterr().out)["programs"]:
        found = program["prediction"]
        assert (found["verdict"], found["differs"], found["report"]) == ("fails", False, None)
        assert found["reasons"][0]["demand"] == "core_relo"


@pytest.mark.usefixtures("wrong")
def test_a_difference_is_said_with_the_line_to_report(
    refused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", refused, "--program", "first"]) == 1
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    at = lines.index("please report this line, with the object:")
    assert lines[at - 1].startswith("≠ btfview predicted that it loads")
    report = lines[at + 1]
    machine = os.uname()
    assert report.startswith(f"btfview {__version__}, {machine.release} {machine.machine}, libbpf ")
    assert "p.o first raw_tp/sys_enter: predicted loads" in report
    assert "kernel fails: EINVAL: invalid argument: " in report
    assert main(["verify", refused, "--program", "first", "--json"]) == 1
    (program,) = json.loads(capsys.readouterr().out)["programs"]
    assert program["prediction"]["differs"]
    assert program["prediction"]["report"] == report


@pytest.mark.usefixtures("wrong")
async def test_the_screen_says_it_too(refused: str) -> None:
    async with running(Path(refused), size=WIDE, targets=["running"]) as driver:
        await driver.press("V")
        await driver.until_text("≠ btfview predicted that it loads")
        assert "please report this line" in driver.text
        await driver.press("escape")
        await driver.until(lambda: "≠ kernel: 2 programs not as predicted" in driver.lines[0])
