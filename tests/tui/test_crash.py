"""An error of btfview's own on the screen: what is told, what is kept of it, and the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.errors import EXIT_INTERNAL
from btfview.session.debug_log import close_log, open_log
from btfview.tui.app import BtfviewApp
from btfview.tui.workbench import work
from tests.tui.screen import running


async def test_a_crash_names_the_report_and_keeps_what_was_typed(
    demo: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BTFVIEW_TRACEBACK", raising=False)
    app: BtfviewApp | None = None

    async def crash() -> None:
        nonlocal app
        async with running(demo) as driver:
            app = driver.app
            await driver.press("i", "X")
            monkeypatch.setattr(BtfviewApp, "is_headless", False)
            app._handle_exception(ZeroDivisionError("a bug"))

    with pytest.raises(ZeroDivisionError):
        await crash()
    assert app is not None
    (report,) = (state_home / "btfview" / "crashes").iterdir()
    assert app.crash_told.startswith("btfview: internal error: ZeroDivisionError: a bug")
    assert f"attach {report}, " in app.crash_told
    assert app.return_code == EXIT_INTERNAL
    assert "ZeroDivisionError: a bug" in report.read_text()
    assert list((state_home / "btfview" / "unsaved").iterdir())


async def test_work_that_fails_for_a_fault_of_ours_leaves_a_report_and_the_log_tells(
    demo: Path, tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "debug.log"
    open_log(str(log), ["prog.rs"])
    try:
        async with running(demo) as driver:

            def fail(*_: object) -> None:
                raise KeyError("lost")

            monkeypatch.setattr(work, "answer_request", fail)
            await driver.press("r")
            await driver.until_text("What is shown is unchanged")
    finally:
        close_log()
    (report,) = (state_home / "btfview" / "crashes").iterdir()
    assert "KeyError: 'lost'" in report.read_text()
    lines = log.read_text().splitlines()
    assert "btfview prog.rs" in lines[0]
    for part in (f"asks: {demo}", f"answer: {demo}", "does: recompile", "says: Internal error", "crash: "):
        assert any(part in line for line in lines), part
