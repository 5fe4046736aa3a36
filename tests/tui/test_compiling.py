"""The loop as a user sees it: what is compiled again and what is not, and what the header says of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.compiler.backend import LlvmAnswer
from btfview.compiler.llvm_protocol import LlvmJob
from btfview.compiler.worker import Worker

from .screen import Driver, running

Edit = Callable[[Path, str, str], None]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[LlvmJob]:
    """The jobs that LLVM got."""
    jobs: list[LlvmJob] = []
    run = Worker.run

    def counted(self: Worker, job: LlvmJob, epoch: int | None = None) -> LlvmAnswer:
        jobs.append(job)
        return run(self, job, epoch)

    monkeypatch.setattr(Worker, "run", counted)
    return jobs


async def saved(driver: Driver, header: str) -> None:
    await driver.until(lambda: header in driver.lines[0])
    await driver.settled()


async def test_a_file_saved_without_a_change_is_not_compiled_again(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        assert "✔ compiled" in driver.lines[0]
        os.utime(demo, (1, 1))
        await saved(driver, "✔ unchanged")
        assert len(runs) == 1


async def test_an_edit_undone_brings_the_earlier_result_back(
    demo: Path, edit: Edit, runs: list[LlvmJob]
) -> None:
    async with running(demo) as driver:
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await saved(driver, "±")
        assert "✔ compiled" in driver.lines[0]
        edit(demo, "before: u64,\n    vruntime: u64", "vruntime: u64")
        await saved(driver, "✔ cached")
        assert len(runs) == 2
        assert any("± was 16" in line for line in driver.pane("relocations"))


async def test_r_compiles_whatever_is_known(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        await driver.press("r")
        await driver.until(lambda: len(runs) == 2)
        await driver.settled()
        assert "✔ compiled" in driver.lines[0]


async def test_other_targets_compile_nothing(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        driver.workbench.start_work(targets=["6.1.0-56-amd64"])
        await driver.until(lambda: "1 target" in driver.lines[0])
        assert "✔ unchanged" in driver.lines[0]
        assert len(runs) == 1
