"""Questions of somebody who has only the screen and an object compiled elsewhere.

Which field does instruction N of program P read, at which offset on kernel K, what happens on kernel L, and
since which kernel? The answers are those of ``shared/corpus/truth``, made with libbpf.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.screen import SMALL, WIDE, running

PROGRAM = "k17_demo.v3"
OLD, NEW = KERNELS = ("6.1.0-56-amd64", "6.18.44-fc-amd64")


@pytest.mark.shared
@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize("number", [0, 10])
async def test_the_questions_are_answered_by_keys_alone(
    number: int, size: tuple[int, int], shared: Path
) -> None:
    truth: dict[str, dict[str, Any]] = {
        name: json.loads((shared / "corpus" / "truth" / f"{PROGRAM}@{name}.json").read_text())["relocations"][
            number
        ]
        for name in KERNELS
    }
    record = truth[OLD]
    field = record["local_spec"].split()[3]  # "<byte_off> [23] struct task_struct.tgid (0:1 @ offset 4)"
    targets = [str(shared / "btf" / f"{name}.btf.xz") for name in reversed(KERNELS)]
    async with running(shared / "corpus" / "obj" / f"{PROGRAM}.o", size=size, targets=targets) as driver:
        # Which field does instruction N of program P read?
        await driver.press("colon", *record["prog"], "space", *str(record["insn_idx"]))
        await driver.until_text(f"insn {record['insn_idx']} of {record['prog']}")
        await driver.press("enter")
        await driver.until(lambda: any(f"{record['insn_idx']}: " in line for line in driver.marked("disasm")))
        assert f"#{number} " in driver.pane("detail")[0]
        assert field in driver.pane("detail")[0]
        for kernel in KERNELS:
            # At which offset on kernel K, and what happens on L?
            await driver.press("ctrl+p", "percent_sign", *kernel.partition("-")[0], "enter")
            await driver.until(lambda kernel=kernel: f"on {kernel}" in driver.pane("detail")[0])  # type: ignore[misc]
            assert f"there {truth[kernel]['value']}" in "\n".join(driver.pane("detail"))
            await driver.press("enter")  # the cell, with the bytes that libbpf writes
            await driver.until_text("loaded ")
            (loaded,) = [line for line in driver.lines if "loaded  " in line]
            assert bytes.fromhex(truth[kernel]["new_insn"]).hex(" ") in loaded
            await driver.press("escape")
        # And since which kernel?
        before, now = truth[OLD]["value"], truth[NEW]["value"]
        moved = f"since {NEW}; before, on {OLD}: {before}"
        since = moved if before != now else f"since {OLD}, the oldest amd64 here"
        assert since in "\n".join(driver.pane("detail"))
