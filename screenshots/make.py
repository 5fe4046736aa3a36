"""Make the pictures of the README and the recording from the running app: ``make screenshots``.

Each picture is the app on a demo, after some keys, as Textual draws it to SVG; the recording is asciicast v2,
for ``asciinema play``. The targets are the bundled ones, so that all are the same on every machine; times in
the pictures are replaced for the same reason.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from btfview.compiler.options import CompileOptions
from btfview.frozen import frozen
from btfview.recording.key_script import parse_keys
from btfview.recording.record_screen import record_screen
from btfview.targets.find import bundled_targets
from btfview.tui.app import BtfviewApp

FOLDER = Path(__file__).resolve().parent
DEMO = FOLDER.parent / "demo"
TARGETS = [target.name for target in bundled_targets()]
LIMIT = 30.0
"""Seconds until the app must have come to rest."""


@frozen
class Picture:
    name: str
    size: tuple[int, int]
    demo: str
    keys: tuple[str, ...] = ()
    edit: tuple[str, str] | None = None
    """Replaced in the demo while the app shows it, as somebody's editor would."""


PICTURES = (
    Picture("demo", (160, 45), "sched.rs", ("right_square_bracket",)),
    Picture("missing", (160, 45), "task_state.rs", ("right_square_bracket",) * 4),
    Picture(
        "error",
        (140, 40),
        "sched.rs",
        ("right_square_bracket",),
        ("field_byte_offset!(task_struct, se.vruntime)", "field_byte_offset!(task_struct, se.vrun)"),
    ),
    Picture("tabs", (80, 24), "sched.rs", ("right_square_bracket", "5", "l")),
)


TOUR = (
    "<pace 1><wait 1>]]<wait 0.5>5<right><right><wait 0.5>]<wait 0.5>4a<wait 1>a<wait 0.5>"
    "<pace 0.15>/weight<enter><wait 1>"
)
"""The recording: along the records, over the kernels, the disassembly and back, a search."""


def take_tour() -> str:
    """Return the recording as asciicast."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("sched.rs").write_text((DEMO / "sched.rs").read_text())
        steps = parse_keys(TOUR)
        recording = record_screen(
            "sched.rs", TARGETS, CompileOptions(), steps, size=(140, 36), time_limit=2 * LIMIT
        )
        os.chdir(FOLDER)
        cast = recording.asciicast("btfview: CO-RE relocations, from the source to the kernel")
        return re.sub(
            r"(compiled )(\d+)( ms)", lambda found: f"{found[1]}{31:>{len(found[2])}}{found[3]}", cast
        )


async def take(picture: Picture) -> str:
    """Return *picture* as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        path = Path(folder) / picture.demo
        path.write_text((DEMO / picture.demo).read_text())
        os.chdir(folder)
        app = BtfviewApp([picture.demo], TARGETS, CompileOptions())
        session = app.workbench.session
        async with app.run_test(size=picture.size) as pilot:
            await until(lambda: session.good is not None)
            await pilot.press(*picture.keys)
            if picture.edit is not None:
                path.write_text(path.read_text().replace(*picture.edit))
                await until(lambda: session.stale_since is not None)
            await pilot.pause()
            return app.export_screenshot(title="btfview")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for *condition*.

    Raises:
        TimeoutError: it does not come true.
    """
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.02)


def settle(svg: str) -> str:
    """Return *svg* without what differs from run to run (times, the random part of its ids), and without
    fonts from the net: the reader's own monospace font will do."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # would be fetched from elsewhere
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    svg = re.sub(r"(✔(?:&#160;compiled)?)&#160;\d+&#160;ms", r"\1&#160;31&#160;ms", svg)
    return re.sub(r"\d\d:\d\d:\d\d", "12:04:31", svg)


def main() -> int:
    wanted = sys.argv[1:]
    for picture in PICTURES:
        if not wanted or picture.name in wanted:
            svg = settle(asyncio.run(take(picture)))
            path = FOLDER / f"{picture.name}.svg"
            path.write_text(svg, encoding="utf-8")
            print(path.name)
    if not wanted or "tour" in wanted:
        path = FOLDER / "demo.cast"
        path.write_text(take_tour(), encoding="utf-8")
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
