"""The scripts in demo/, played without a terminal: each text that they wait for comes, so that a screen that
has changed is noticed. What the terminal is told: tests/cli/tool/test_record.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.compiler.options import CompileOptions
from btfview.configuration.screen import ScreenSettings
from btfview.recording.key_script import Caption, KeyPress, Pace, Wait, WaitForText
from btfview.recording.script_file import read_script
from btfview.tui.app import BtfviewApp
from btfview.tui.recorded import is_shown, shown_text
from tests.paths import DEMO

SCRIPTS = [
    pytest.param(
        path, id=path.stem, marks=pytest.mark.debian_tool("biosnoop") if path.stem == "debian_tool" else ()
    )
    for path in sorted(DEMO.glob("*.keys"))
]
OTHERWISE = {"esc": "escape", "lt": "<"}
"""Keys whose names are not Textual's."""


@pytest.mark.parametrize("path", SCRIPTS)
async def test_what_a_script_waits_for_comes(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = read_script(str(path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    copy = tmp_path / Path(script.file).name
    copy.write_bytes(Path(script.file).read_bytes())
    settings = ScreenSettings(theme=script.theme)
    app = BtfviewApp([str(copy)], list(script.targets), CompileOptions(), settings=settings, is_fresh=True)
    seconds, pace = 0.0, 0.6
    async with app.run_test(size=script.size or (160, 50)) as pilot:
        for step in script.steps:
            match step:
                case KeyPress(name):
                    await pilot.press(OTHERWISE.get(name, name))
                    seconds += pace
                case WaitForText(text, where):
                    assert await is_shown(app, text, 60), f"{where}: {shown_text(app)}"
                    await pilot.pause()
                case Wait(more):
                    seconds += more
                case Pace(pace):
                    pass
                case Caption():
                    assert script.size is None or len(step.text) < script.size[0]
    assert seconds < 60, "a recording of under a minute"
