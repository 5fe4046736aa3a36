"""Make the pictures of the README and the recording from the running app: ``make screenshots``.

Each picture is the app on a demo, after some keys, as Textual draws it to SVG; the recording is asciicast v2,
for ``asciinema play``. Sources and kernels are files of the repository; times are those of the machine that
made the pictures. The C source needs clang and the headers of libbpf.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from btfview.compiler.options import CompileOptions
from btfview.frozen import frozen
from btfview.recording.pictures import settle_svg
from btfview.recording.record_screen import record_screen
from btfview.recording.script_file import read_script
from btfview.targets.find import bundled_targets
from btfview.tui.app import BtfviewApp
from btfview.tui.screens.fix import FixScreen

FOLDER = Path(__file__).resolve().parent
DEMO = FOLDER.parent / "demo"
BUNDLED = tuple(target.name for target in bundled_targets())
FLEET = (str(FOLDER / "kernels.atlas"),)
"""Kernels of four architectures, each cut down to ``task_struct`` and what that contains
(``tools/trim_btf.py``: ``trim_btf(kernel, ["task_struct"])``, then ``btfview atlas build``)."""
LIMIT = 30.0
"""Seconds until the app must have come to rest."""


@frozen
class Picture:
    name: str
    size: tuple[int, int]
    demo: str
    keys: tuple[str, ...] = ()
    targets: tuple[str, ...] = BUNDLED
    theme: str = "textual-dark"
    edit: tuple[str, str] | None = None
    """Replaced in the demo while the app shows it, as somebody's editor would."""


PICTURES = (
    Picture("demo", (160, 50), "sched.rs", ("right_square_bracket",)),
    Picture("fails", (160, 50), "renamed_field.rs", ("right_curly_bracket",), FLEET),
    Picture("fix", (140, 40), "renamed_field.rs", ("right_curly_bracket", "F"), FLEET),
    Picture("bytes", (160, 20), "sched.rs", ("right_square_bracket", "2", "M", "c", "c")),
    Picture("c_source", (160, 45), "renamed_field.bpf.c", ("right_curly_bracket",)),
    Picture(
        "error",
        (140, 40),
        "sched.rs",
        ("right_square_bracket",),
        edit=("field_byte_offset!(task_struct, se.vruntime)", "field_byte_offset!(task_struct, se.vrun)"),
    ),
    Picture("tabs", (80, 24), "renamed_field.rs", ("right_curly_bracket", "5")),
    Picture("light", (160, 45), "task_state.rs", ("right_square_bracket",) * 4, theme="textual-light"),
)


TOUR = "renamed_field"
"""The recording: a field that was renamed fails on all kernels but the oldest, why, the fix with what the
strip becomes, the fix written, and nothing fails any more."""


def take_tour() -> tuple[str, str]:
    """Return the recording as asciicast, and as a picture that moves."""
    script = read_script(str(DEMO / f"{TOUR}.keys"))
    assert script.size is not None
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        demo = Path(script.file).name
        Path(demo).write_text((DEMO / demo).read_text())
        recording = record_screen(
            demo,
            script.targets,
            CompileOptions(),
            script,
            size=script.size,
            time_limit=2 * LIMIT,
            has_frames=True,
        )
        os.chdir(FOLDER)
        title = "btfview: a field that the kernel renamed, and the fix"
        return recording.asciicast(title), recording.animation


async def take(picture: Picture) -> str:
    """Return *picture* as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        path = Path(folder) / picture.demo
        path.write_text((DEMO / picture.demo).read_text())
        os.chdir(folder)
        app = BtfviewApp([picture.demo], list(picture.targets), CompileOptions())
        session = app.workbench.session
        async with app.run_test(size=picture.size) as pilot:
            app.theme = picture.theme
            await until(lambda: session.good is not None and session.pending is None)
            await pilot.press(*picture.keys)
            if picture.edit is not None:
                path.write_text(path.read_text().replace(*picture.edit))
                await until(lambda: session.stale_since is not None)
            await pilot.pause()
            screen = app.screen
            if isinstance(screen, FixScreen):
                await until(lambda: screen.is_done)
            await pilot.pause()
            os.chdir(FOLDER)
            return app.export_screenshot(title="btfview")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for *condition*.

    Raises:
        TimeoutError: it does not come true.
    """
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.02)


def main() -> int:
    wanted = sys.argv[1:]
    for picture in PICTURES:
        if not wanted or picture.name in wanted:
            svg = settle_svg(asyncio.run(take(picture)))
            path = FOLDER / f"{picture.name}.svg"
            path.write_text(svg, encoding="utf-8")
            print(path.name)
    if not wanted or "tour" in wanted:
        for name, text in zip(("demo.cast", f"{TOUR}.svg"), take_tour(), strict=True):
            (FOLDER / name).write_text(text, encoding="utf-8")
            print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
