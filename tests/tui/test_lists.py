"""The lists that panes are made of: cursor, scrolling, cutting, folding, at any size."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.screen import Screen

from btfview import tui
from btfview.analysis.result import CellState
from btfview.frozen import replace
from btfview.tui.app import BtfviewApp
from btfview.tui.messages import ReloSelected, RowOpened
from btfview.tui.panes.offset_columns import short_names
from btfview.tui.panes.offsets import OffsetsPane
from btfview.tui.panes.rows import RowsPane
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.line_list import LineList
from btfview.views.rows import OffsetCell, OffsetRow, OffsetTable, Row, Segment
from tests.views.test_strip import fates


class Shell(App[None]):
    """One list, in a frame, and a note of what it reported."""

    CSS_PATH = str(Path(tui.__file__).parent / BtfviewApp.CSS_PATH)

    def __init__(self, pane: LineList) -> None:
        super().__init__()
        self.pane = pane
        self.selected: list[tuple[int, int | None]] = []
        self.opened: list[str] = []

    def get_default_screen(self) -> Screen[object]:
        pane = self.pane

        class Only(Screen[object]):
            COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)

            def compose(self) -> ComposeResult:
                yield pane

        return Only()

    def on_relo_selected(self, message: ReloSelected) -> None:
        self.selected.append((message.relo, message.target))

    def on_row_opened(self, message: RowOpened) -> None:
        self.opened.append(message.key)

    @property
    def lines(self) -> list[str]:
        """What is inside the frame."""
        strips = self.screen._compositor.render_strips()[1:-1]
        return ["".join(segment.text for segment in strip)[1:-1].rstrip() for strip in strips]


@contextlib.asynccontextmanager
async def showing(
    pane: LineList, fill: Callable[[], object], size: tuple[int, int] = (32, 8)
) -> AsyncIterator[tuple[Shell, Pilot[None]]]:
    app = Shell(pane)
    async with app.run_test(size=size) as pilot:
        fill()
        await pilot.pause()
        yield app, pilot


def rows_pane(rows: Sequence[Row]) -> tuple[RowsPane, Callable[[], object]]:
    pane = RowsPane(id="rows", title="Rows")
    return pane, lambda: pane.set_rows(rows)


def row(text: str, *relos: int, depth: int = 0, is_open: bool = False) -> Row:
    return Row((Segment(text),), relos, text, depth, is_open)


async def test_a_hundred_thousand_rows_scroll_and_keep_the_cursor_in_view() -> None:
    pane, fill = rows_pane([row(f"row {number}", number) for number in range(100_000)])
    async with showing(pane, fill) as (app, pilot):
        assert app.lines[0] == " row 0"
        await pilot.press("G")
        assert app.lines[-1] == " row 99999"
        await pilot.press("pageup")
        assert " row 99994" in app.lines
        await pilot.press("g", "j", "ctrl+d")
        assert pane.cursor == 1 + 2  # half of the five lines that a page moves
        assert app.selected[-1] == (3, None)
        pane.show_selection(54_321)
        await pilot.pause()
        assert app.lines[2] == "▌row 54321"  # with lines before it, and behind it
        assert "54322/100000" in str(pane.border_subtitle)


async def test_a_cut_row_says_so_and_scrolls_sideways() -> None:
    pane, fill = rows_pane([row("0123456789abcdefghijklmnopqrstuvwxyz"), row("short")])
    async with showing(pane, fill, (22, 6)) as (app, pilot):
        assert app.lines[0] == " 0123456789abcdefgh…"
        await pilot.press("l")
        assert app.lines[0] == " …9abcdefghijklmnop…"
        await pilot.press("right", "right", "right")
        assert app.lines[0] == " …ijklmnopqrstuvwxyz"
        assert app.lines[1] == " …"
        await pilot.press("h", "h", "left", "left")
        assert app.lines[0] == " 0123456789abcdefgh…"


async def test_markup_and_control_characters_are_drawn_as_they_are() -> None:
    pane, fill = rows_pane([row("[@click=app.quit]x[/] \x1b[31m \t日本")])
    async with showing(pane, fill, (60, 5)) as (app, _):
        assert app.lines[0] == " [@click=app.quit]x[/] ␛[31m →日本"


async def test_a_tree_folds_and_unfolds_and_shows_a_selection_that_is_folded() -> None:
    rows = [
        row("a", depth=0, is_open=True),
        row("b", depth=1, is_open=True),
        row("c", 7, depth=2),
        row("d", 8, depth=1),
        row("e", depth=0),
    ]
    pane, fill = rows_pane(rows)
    async with showing(pane, fill) as (app, pilot):
        assert app.lines[:5] == [" ▾ a", "   ▾ b", "       c", "     d", "   e"]
        await pilot.press("enter")
        assert app.lines[:3] == [" ▸ a", "   e", ""]
        pane.show_selection(7)
        await pilot.pause()
        assert app.lines[:3] == [" ▾ a", "   ▾ b", "▌      c"]
        await pilot.press("k", "space")
        assert app.lines[:4] == [" ▾ a", "   ▸ b", "     d", "   e"]
        pane.set_rows([row("new", 9), *rows])  # a recompile: what was folded stays so, the cursor on its row
        await pilot.pause()
        assert app.lines[2] == "   ▸ b"
        assert pane.cursor == 2
        assert app.selected == []


async def test_showing_a_selection_reports_nothing_and_prefers_the_row_that_says_most() -> None:
    pane, fill = rows_pane([row("all", 0, 1, 2), row("one", 1), row("other", 2)])
    async with showing(pane, fill) as (app, pilot):
        pane.show_selection(1)
        await pilot.pause()
        assert pane.cursor == 1
        assert app.lines[:3] == ["▌all", "▌one", " other"]
        assert app.selected == []


async def test_enter_goes_through_the_records_of_a_row() -> None:
    pane, fill = rows_pane([row("all", 3, 5), Row((Segment("file"),), key="open:file")])
    async with showing(pane, fill) as (app, pilot):
        await pilot.press("enter")
        pane.show_relo(3)
        await pilot.press("enter")
        pane.show_relo(5)
        await pilot.press("enter")
        assert app.selected == [(3, None), (5, None), (3, None)]
        await pilot.press("j", "enter")
        assert app.opened == ["open:file"]


async def test_a_click_moves_the_cursor_and_a_second_one_activates() -> None:
    pane, fill = rows_pane([row("a", 0), row("b", 1, 2)])
    async with showing(pane, fill) as (app, pilot):
        await pilot.click(offset=(3, 2))
        assert app.selected == [(1, None)]
        pane.show_relo(1)
        await pilot.click(offset=(3, 2))
        assert app.selected == [(1, None), (2, None)]


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    pane, fill = rows_pane([row(f"row {number}") for number in range(50)])
    async with showing(pane, fill) as (app, pilot):
        pane.post_message(MouseScrollDown(pane, 3, 3, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert app.lines[0] != " row 0"
        assert pane.cursor == 0
        await pilot.press("j")  # and a key brings it back into view
        assert " row 1" in app.lines


async def test_a_list_survives_any_size() -> None:
    pane, fill = rows_pane([row("日本語 text " * 3, number) for number in range(9)])
    async with showing(pane, fill) as (app, pilot):
        for size in ((1, 1), (2, 2), (3, 3), (4, 1), (6, 4)):
            await pilot.resize_terminal(*size)
            await pilot.press("j", "l")
        await pilot.resize_terminal(12, 5)
        assert "▌" not in "".join(app.lines)
        assert pane.cursor == 5


def table(columns: Sequence[str], count: int = 3, badges: Sequence[str] = ()) -> OffsetTable:
    rows = tuple(
        OffsetRow(
            number,
            (Segment(f"#{number} offset"),),
            tuple(OffsetCell(CellState.MOVED, str(100 * column + number)) for column in range(len(columns))),
            f"key {number}",
            "task_struct.pid",
        )
        for number in range(count)
    )
    return OffsetTable(tuple(columns), tuple(badges) or ("",) * len(columns), rows)


async def test_the_matrix_shows_whole_columns_and_scrolls_with_the_chosen_kernel() -> None:
    pane = OffsetsPane()
    columns = [f"6.{number}.0-1-amd64" for number in range(12)]
    async with showing(pane, lambda: pane.set_table(table(columns)), (40, 9)) as (app, pilot):
        pane.show_selection(1, 0)
        await pilot.pause()
        assert app.lines[0] == "             6.0  6.1  6.2  6.3  6.4 …"
        assert app.lines[1] == " task_struct.pid"
        assert app.lines[3] == "▌ #1 offset   ▲1│▲101│▲201│▲301│▲401 …"
        assert "6.0.0-1-amd64 · 7 more" in str(pane.border_subtitle)
        for _ in range(6):
            await pilot.press("l")
        assert app.selected[-1] == (1, 6)
        assert app.lines[0].split() == ["…", "6.3", "6.4", "6.5", "6.6", "…"]
        assert app.lines[3] == "▌ #1 offset …│▲301│▲401│▲501│▲601 …"
        await pilot.press("j")
        assert app.selected[-1] == (2, 6)
        for _ in range(9):
            await pilot.press("l")
        assert app.lines[0].endswith("6.11")


@pytest.mark.parametrize(("width", "has_strip"), [(41, False), (48, True)])
async def test_the_chosen_column_has_room_before_the_strip(width: int, has_strip: bool) -> None:
    """A name of 16 letters, its gap and two signs that there are more; the strip gets 8 cells or none."""
    pane = OffsetsPane()
    names = [f"6.1-{letter * 16}" for letter in "abcdefghijklmnopqrstuvwx"]
    shown = replace(table(names), fates=fates(("amd64", ["▲"] * len(names))))
    async with showing(pane, lambda: pane.set_table(shown), (width, 9)) as (app, pilot):
        for position in (0, 1, 23):
            pane.show_selection(1, position)
            await pilot.pause()
            assert names[position][4:] in " ".join(app.lines[:3])
            (line,) = (line for line in app.lines if "#1 offset" in line)
            assert line.rstrip(" …").endswith(f"▲{100 * position + 1}")
            assert ("▲▲" in line) == has_strip


def mixed_table() -> OffsetTable:
    """Three records on three kernels: as compiled on all; moved since the second; missing on the third."""
    states = {"8": CellState.AS_COMPILED, "16": CellState.MOVED, "-": CellState.MISSING}
    rows = [("a", ("8", "8", "8")), ("b", ("8", "16", "16")), ("a", ("16", "16", "-"))]
    return OffsetTable(
        ("one", "two", "three"),
        ("", "", ""),
        tuple(
            OffsetRow(
                relo,
                (Segment(f"#{relo} offset"),),
                tuple(OffsetCell(states[value], value) for value in values),
                f"key {relo}",
                f"t.{path}",
                f"struct {'uv'[relo % 2]}",
            )
            for relo, (path, values) in sorted(enumerate(rows), key=lambda pair: pair[1][0])
        ),
    )


async def test_the_matrix_marks_where_a_value_differs_from_the_kernel_to_the_left() -> None:
    pane = OffsetsPane()
    async with showing(pane, lambda: pane.set_table(mixed_table()), (60, 9)) as (app, pilot):
        pane.show_selection(1, 2)
        await pilot.pause()
        assert [line.split() for line in app.lines[1:6]] == [
            ["t.a"],
            ["#0", "offset", "✔", "8", "✔", "8", "✔", "8"],
            ["#2", "offset", "▲", "16", "▲", "16", "│✖", "-"],
            ["t.b"],
            ["▌", "#1", "offset", "✔", "8│▲", "16", "▲", "16"],
        ]
        assert "three · since two, before: 8" in str(pane.border_subtitle)
        pane.show_selection(2, 2)
        await pilot.pause()
        assert "three · before: 16" in str(pane.border_subtitle)


async def test_the_matrix_is_filtered_and_sorted() -> None:
    pane = OffsetsPane()
    fill = lambda: pane.set_table(mixed_table(), ["f", "g", ""])  # noqa: E731
    async with showing(pane, fill, (60, 12)) as (app, pilot):
        pane.show_selection(2, 0)

        async def listed() -> list[str]:
            await pilot.pause()
            return [
                line.strip(" ▌").split("  ")[0] for line in app.lines[2 if pane.rows.choices else 1 :] if line
            ]

        pane.cycle_filter()
        assert await listed() == ["t.a", "#2 offset"]
        assert app.lines[0] == " problems only: 1 of 3"
        pane.cycle_filter()
        assert await listed() == ["t.a", "#2 offset", "t.b", "#1 offset"]
        assert pane.cursor == 1  # on the selected record
        pane.cycle_filter()
        assert await listed() == ["t.a", "#0 offset", "#2 offset", "t.b", "#1 offset"]
        pane.cycle_order()
        assert await listed() == [
            "f",
            "#0 offset t.a",
            "g",
            "#1 offset t.b",
            "(no function)",
            "#2 offset t.a",
        ]
        pane.cycle_order()
        assert await listed() == ["struct u", "#0 offset t.a", "#2 offset t.a", "struct v", "#1 offset t.b"]
        assert app.lines[0] == " by type"
        pane.cycle_order()
        assert await listed() == ["#2 offset t.a", "#1 offset t.b", "#0 offset t.a"]
        assert app.lines[0] == " worst first"
        pane.cycle_order()
        pane.set_table(table(["one"], 1))
        pane.cycle_filter()
        await pilot.pause()
        assert "no record fails on these targets" in app.lines[2]


def aged_table() -> OffsetTable:
    """One record on five kernels of two architectures, given in no order."""
    names = ("6.12-amd64", "6.1-arm64", "5.10-amd64", "6.1-amd64", "6.6-arm64")
    values = (24, 8, 8, 24, 8)
    row = OffsetRow(
        0,
        (Segment("#0 offset"),),
        tuple(OffsetCell(CellState.MOVED, str(value)) for value in values),
        "key",
        "t.a",
        "struct t",
    )
    return OffsetTable(names, ("",) * 5, (row,), ((2, 3, 0), (1, 4)))


async def test_the_columns_are_arranged_by_architecture_and_age() -> None:
    pane = OffsetsPane()
    async with showing(pane, lambda: pane.set_table(aged_table()), (80, 9)) as (app, pilot):
        pane.show_selection(0, 0)
        await pilot.pause()
        for _ in range(2):
            pane.cycle_arrangement()
        await pilot.pause()
        assert app.lines[0] == " kernels as given"
        assert app.lines[1].split() == ["6.12-amd64", "6.1-arm64", "5.10-amd64", "6.1-amd64", "6.6-arm64"]
        assert app.lines[3].split() == [
            "▌",
            "#0",
            "offset",
            "▲",
            "24",
            "│▲",
            "8",
            "▲",
            "8",
            "│▲",
            "24",
            "│▲",
            "8",
        ]
        # Whatever the arrangement: the first of its architecture with this value, and the value before.
        assert "6.12-amd64 · since 6.1-amd64, before: 8" in str(pane.border_subtitle)
        pane.cycle_arrangement()
        await pilot.pause()
        assert app.lines[0].split() == ["5.10-amd64", "6.1-amd64", "6.12-amd64", "6.1-arm64", "6.6-arm64"]
        # arm64's first is not compared with amd64's last
        assert app.lines[2].split() == [
            "▌",
            "#0",
            "offset",
            "▲",
            "8",
            "│▲",
            "24",
            "▲",
            "24",
            "▲",
            "8",
            "▲",
            "8",
        ]
        assert "6.12-amd64 · since 6.1-amd64" in str(pane.border_subtitle)  # the same target is chosen
        await pilot.press("l")
        assert app.selected[-1] == (0, 1)
        assert "6.1-arm64" in str(pane.border_subtitle)
        await pilot.press("0")
        assert app.selected[-1] == (0, 2)
        await pilot.press("dollar_sign")
        assert app.selected[-1] == (0, 4)


async def test_a_search_in_the_matrix_finds_what_is_out_of_view() -> None:
    pane = OffsetsPane()
    columns = [f"6.{number}.0-1-amd64" for number in range(50)]
    async with showing(pane, lambda: pane.set_table(table(columns, 500)), (60, 12)) as (app, pilot):
        pane.show_selection(3, 2)
        pane.set_query("5399")  # the last record on the last kernel: 100 * 49 + 499
        assert len(pane._hits) == 1
        assert pane.go_to_hit(1)
        await pilot.pause()
        assert app.selected[-1] == (499, 49)
        (found,) = [line for line in app.lines if line.startswith("  #499 offset")]
        assert found.endswith("▲5399")
        pane.set_query("")
        pane.set_query("6.30.")  # a kernel's name leads to its column, and the line stays
        pane.show_hit(next(iter(pane._hits)))
        assert "6.30.0-1-amd64" in str(pane.border_subtitle)
        assert pane.cursor == 500
        pane.set_query("")  # nothing was chosen: back to the column before
        assert "6.49.0-1-amd64" in str(pane.border_subtitle)


async def test_hostile_names_in_the_matrix_are_text_and_cut_with_a_sign() -> None:
    pane = OffsetsPane()
    names = ["[@click=app.quit]x[/]", "\x1b[31m\u202e", "日本語e\u0301", "n" * 10_000]
    async with showing(pane, lambda: pane.set_table(table(names)), (70, 9)) as (app, pilot):
        for position, shown in enumerate(
            ("[@click=app.quit]x[/]", "␛[31m<U+202E>", "日本語e\u0301", "nnnnnnnnnn")
        ):
            pane.show_selection(0, position)
            await pilot.pause()
            assert shown in app.lines[0]
            below = "".join(segment.text for segment in app.screen._compositor.render_strips()[-1])
            assert f" {shown}" in below
            assert not any(ord(char) < 0x20 for line in app.lines for char in line)
        assert app.lines[0].endswith("…")


async def test_a_large_matrix_makes_only_the_lines_in_view() -> None:
    pane = OffsetsPane()
    columns = [f"6.{number}.0-1-amd64" for number in range(50)]
    async with showing(pane, lambda: pane.set_table(table(columns, 500)), (80, 20)) as (app, pilot):
        pane.show_selection(499, 49)
        await pilot.pause()
        assert app.lines[-1].startswith("▌ #499 offset")
        assert "5399" in app.lines[-1]
        assert len(pane._lines) <= 2 * pane.size.height


async def test_the_matrix_marks_targets_that_are_not_whole() -> None:
    pane = OffsetsPane()
    fill = lambda: pane.set_table(table(["one", "two"], badges=["trimmed", ""]))  # noqa: E731
    async with showing(pane, fill, (40, 9)) as (app, _):
        assert app.lines[0].split() == ["one?", "two"]
        assert "one (trimmed)" in str(pane.border_subtitle)


async def test_a_click_on_a_cell_chooses_record_and_kernel() -> None:
    pane = OffsetsPane()
    async with showing(pane, lambda: pane.set_table(table(["one", "two"])), (40, 9)) as (app, pilot):
        y = 1 + next(number for number, line in enumerate(app.lines) if "#2" in line)
        await pilot.click(offset=(1 + app.lines[y - 1].index("102"), y))
        assert app.selected[-1] == (2, 1)


def test_short_names_keep_two_words_and_what_differs() -> None:
    assert short_names(["5.10.0-46-amd64", "6.1.0-56-amd64"]) == [("5.10", ""), ("6.1", "")]
    assert short_names(["6.12.117+deb12-amd64", "6.12.117+deb12-arm64"]) == [
        ("6.12", "amd64"),
        ("6.12", "arm64"),
    ]
    assert short_names(["6.12.1-a", "6.12.2-a"]) == [("6.12", "1"), ("6.12", "2")]
    assert short_names(["same", "same"]) == [("same", ""), ("same", "")]
    assert short_names([""]) == [("", "")]
