"""Other loaders on the screen: whose answers it shows, where they differ, and why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from btfview.analysis import resolve_on
from btfview.analysis.resolve_on import Column, Question
from btfview.analysis.result import CellState
from btfview.compiler.options import CompileOptions
from btfview.core_relo.loaders.names import CILIUM
from btfview.demands.kernel.kernel import Kernel
from btfview.errors import BtfFormatError
from btfview.session.screen_state import ScreenState
from btfview.targets.target import Target
from btfview.tui.app import BtfviewApp
from btfview.views.rows import DIFFER
from tests.core_relo.loaders.differences import (
    DIFFERENCES,
    Difference,
    compile_program,
    kernel_bytes,
    programs,
)
from tests.tui.screen import MIDDLE, SMALL, WIDE, Driver, running

CASES = {case.title: case for case in DIFFERENCES}
pytestmark = pytest.mark.debian_tool("clang-19")


def made(case: Difference, folder: Path) -> tuple[Path, Path]:
    """Return the object and the kernel of a difference that ``docs/loaders.md`` tells."""
    compile_program(programs()[case.title], folder)
    kernel = folder / "kernel.btf"
    kernel.write_bytes(kernel_bytes(case))
    return folder / "prog.o", kernel


def shown(driver: Driver) -> tuple[str, list[tuple[CellState, int | None]]]:
    """Return whose answers the screen has, and the answers."""
    good = driver.workbench.session.good
    assert good is not None
    return good.loader, [(good.state(relo, 0), good.value(relo, 0)) for relo in range(len(good.relos))]


async def differ(driver: Driver) -> list[str]:
    """Return, once it is known, the rows of pane 4 that are marked."""
    await driver.press("4")
    await driver.until(lambda: driver.workbench.relocations_pane.rows.differing)
    return [line.strip("│ ▌") for line in driver.pane("relocations") if DIFFER in line]


async def by(driver: Driver, loader: str) -> list[tuple[CellState, int | None]]:
    """Return the answers of the next loader, which is *loader*."""
    await driver.press("L")
    await driver.until(lambda: shown(driver)[0] == loader)
    return shown(driver)[1]


async def test_two_layouts_of_one_name(tmp_path: Path) -> None:
    obj, kernel = made(CASES["Two structs of one name"], tmp_path)
    async with running(obj, size=WIDE, targets=[str(kernel)]) as driver:
        assert shown(driver) == ("libbpf", [(CellState.MOVED, 4), (CellState.MISSING, None)])
        assert [line.split()[0] for line in await differ(driver)] == ["#0", "#1"]
        offsets = [line for line in driver.pane("offsets") if DIFFER in line]
        assert len(offsets) == 2
        await driver.press("D")
        await driver.until(lambda: "Detail · #1" in driver.text)
        detail = "\n".join(driver.pane("detail"))
        assert "libbpf 1.7.0, libbpf 1.1.2: poisons the instruction" in detail
        assert "cilium/ebpf 0.22.0: ends the load: 2 and 4 disagree" in detail
        assert "aya-obj 0.3.0: writes 16" in detail
        assert "Declare each layout as a struct of its own flavor" in detail
        await driver.press("D")
        await driver.until(lambda: "Detail · #0" in driver.text)
        assert await by(driver, "cilium") == [(CellState.AMBIGUOUS, None)] * 2
        assert "· by cilium" in driver.lines[0]
        assert "cilium/ebpf 0.22.0 ends the load on 1 of 1 kernel" in driver.lines[1]
        assert "cilium/ebpf 0.22.0 refuses the whole object." in "\n".join(driver.pane("detail"))
        assert await by(driver, "aya") == [(CellState.MOVED, 4), (CellState.MOVED, 16)]
        assert "ends the load" not in driver.lines[1]
        assert "one pointer is read by two layouts" in "\n".join(driver.pane("detail"))
        assert (await differ(driver))[1].startswith("#1")


async def test_a_field_of_another_size(tmp_path: Path) -> None:
    obj, kernel = made(CASES["A field has another size"], tmp_path)
    async with running(obj, size=SMALL, targets=[str(kernel)]) as driver:
        assert shown(driver) == ("libbpf", [(CellState.ERROR, None)])
        assert len(await differ(driver)) == 1
        assert await by(driver, "cilium") == [(CellState.MOVED, 8)]
        assert await by(driver, "aya") == [(CellState.ERROR, None)]
        assert "· by aya" in driver.lines[0]
        await driver.press("p")
        await driver.until_text("original type int has size 4")
    assert ScreenState().loader == "aya"
    app = BtfviewApp([str(obj)], [str(kernel)], CompileOptions(), "cilium")
    assert app.workbench.session.loader == "cilium"
    async with running(obj, size=SMALL, targets=[str(kernel)]) as driver:
        assert shown(driver) == ("aya", [(CellState.ERROR, None)])


async def test_a_typedef_of_that_name(tmp_path: Path) -> None:
    obj, kernel = made(CASES["The kernel knows it by a typedef"], tmp_path)
    async with running(obj, size=MIDDLE, targets=[str(kernel)]) as driver:
        # A kernel of one type may have been trimmed of others.
        assert shown(driver) == ("libbpf", [(CellState.UNKNOWN, None)])
        assert await by(driver, "cilium") == [(CellState.MOVED, 4)]
        await differ(driver)
        await driver.until_text("only cilium/ebpf looks behind")
        await driver.press("Y")
        await driver.until_text("--relo 0 --loader cilium")
        # An answer that was asked for by another loader's rules is brought to the one in force.
        work = driver.workbench.session.request(is_forced=True)
        assert work.loader == "cilium"


async def test_a_kernel_damaged_where_only_another_loader_looks_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    obj, kernel = made(CASES["Two structs of one name"], tmp_path)
    other = Path(shutil.copy(kernel, tmp_path / "other.btf"))
    ask = resolve_on.ask_target

    def damaged(question: Question, target: Target) -> tuple[Column, Kernel | None]:
        if question.loader == CILIUM and target.path == str(other):
            raise BtfFormatError("type 7 is damaged", offset=96, path=target.path)
        return ask(question, target)

    monkeypatch.setattr(resolve_on, "ask_target", damaged)
    async with running(obj, size=WIDE, targets=[str(kernel), str(other)]) as driver:
        await by(driver, CILIUM)
        good = driver.workbench.session.good
        assert good is not None
        assert [target.path for target in good.targets] == [str(kernel)]
        (problem,) = driver.workbench.session.broken_targets.values()
        assert problem == f"{other}: .BTF offset 96: type 7 is damaged"
        said = [one.message for one in driver.app._notifications]
        assert problem in said
        assert not any("internal error" in one.lower() for one in said)
