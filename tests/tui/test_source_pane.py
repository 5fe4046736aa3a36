"""The source pane: marks, carets and colours stand where the text is."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.result import Analysis
from btfview.diagnostics import Diagnostic, Label
from btfview.source import Source, Span
from btfview.tui.highlight import Highlighter
from btfview.tui.panes.source import SourcePane
from tests.tui.screen import Driver, running
from tests.tui.test_lists import showing


def analysis_of(text: str, *diagnostics: Diagnostic, path: str = "a.rs") -> Analysis:
    return Analysis(path, "rust", Source(path, text), None, None, (), (), (), diagnostics)


def error(source: str, at: str, label: str = "", **more: object) -> Diagnostic:
    start = source.index(at)
    return Diagnostic("error", "wrong", Span(start, start + len(at)), label=label, **more)  # type: ignore[arg-type]


async def shown(analysis: Analysis, size: tuple[int, int] = (40, 14)) -> list[str]:
    pane = SourcePane()
    fill = lambda: pane.set_source(analysis, (), go_to_problem=True)  # noqa: E731
    async with showing(pane, fill, size) as (app, _):
        return app.lines


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("let x = ", id="ascii"),
        pytest.param("\tlet\tx = ", id="tabs"),
        pytest.param('let s = "日本語"; ', id="wide"),
        pytest.param('let s = "e\u0301"; ', id="combining"),
        pytest.param("let s = '\x1b'; \u202e", id="control"),
    ],
)
async def test_carets_stand_under_what_they_mean(before: str) -> None:
    from rich.cells import cell_len

    text = f"{before}wrong;\n"
    lines = await shown(analysis_of(text, error(text, "wrong", "here")))
    column = cell_len(lines[0][: lines[0].index("wrong")])
    assert lines[1] == " " * 5 + "│" + " " * (column - 6) + "^^^^^ here"
    assert "✖ error: wrong" in lines[2]


async def test_what_is_wrong_is_in_view_however_far_right_it_stands() -> None:
    text = f"{'x + ' * 20}wrong + y;\nlet plain;\n"
    lines = await shown(analysis_of(text, error(text, "wrong", "here")))
    assert lines[0].startswith("▌  1 │ …" if lines[0].startswith("▌") else "   1 │ …")
    assert lines[1].index("^^^^^") == lines[0].index("wrong")
    assert "here" in lines[2]
    assert "let plain;" in lines[4], "no other line is moved"


async def test_an_error_over_lines_is_marked_on_its_first_and_says_its_last() -> None:
    text = "fn f() {\n\tlet a = {\n\t\tb\n\t};\n}\n"
    lines = await shown(analysis_of(text, error(text, "{\n\t\tb\n\t}", "this block")), (60, 14))
    at = next(number for number, line in enumerate(lines) if "let a" in line)
    assert lines[at + 1] == "     │" + " " * (lines[at].index("{") - 6) + "^ this block (to line 4)"
    assert "✖ error: wrong" in lines[at + 2]


async def test_a_diagnostic_shows_its_code_labels_notes_and_hint() -> None:
    text = "struct a;\nlet b;\nlet c;\n"
    found = error(text, "b", code="E0609", hint="do this", notes=("known",), labels=())
    found = Diagnostic(
        found.severity, found.message, found.span, "E0609", None, "do this", ("known",),
        (Label(Span(7, 8), "declared here"),),
    )  # fmt: skip
    lines = [line[1:] for line in await shown(analysis_of(text, found))]
    assert lines[:9] == [
        "  1 │ struct a;",
        "    │        - declared here",
        "  2 │ let b;",
        "    │     ^",
        "    │ ✖ error[E0609]: wrong",
        "    │   note: known",
        "    │   help: do this",
        "  3 │ let c;",
        "  4 │",
    ]


async def test_an_error_at_the_end_of_the_file_has_a_caret() -> None:
    lines = await shown(analysis_of("let a", Diagnostic("error", "expected ;", Span(5, 5))))
    assert lines[1] == "     │      ^"


async def test_a_long_source_opens_on_its_first_error() -> None:
    text = "".join(f"line {number}\n" for number in range(1, 50_001))
    start = text.index("line 40000\n")
    lines = await shown(analysis_of(text, Diagnostic("error", "here", Span(start, start + 4))))
    assert any("40000 │ line 40000" in line for line in lines)
    assert any("✖ error: here" in line for line in lines)


async def test_marks_keep_to_the_right_edge_where_the_code_is_long(demo: Path) -> None:
    async with running(demo, size=(90, 24)) as driver:
        lines = [line for line in driver.lines if "◆" in line]
        assert len(lines) == 2
        assert len({line.index("◆") for line in lines}) == 1
        assert lines[0].endswith("◆ #0 ✔"), "words are left out before code is cut"
        assert lines[1].endswith("◆ #1 ▲")
        await driver.press("l")
        assert any("…" in line and "◆ #0 ✔" in line for line in driver.lines)


async def test_no_code_of_the_demo_is_cut_by_its_marks(demo: Path) -> None:
    async with running(demo, size=(160, 50)) as driver:
        assert any("task_struct, se.vruntime);" in line and "◆ #1" in line for line in driver.pane("source"))


async def test_the_selected_query_is_underlined(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket")
        assert underlined(driver) == "core::btf::field_byte_offset!(task_struct, se.vruntime)"


def underlined(driver: Driver) -> str:
    region = driver.app.screen.query_one("#source").region
    strips = driver.app.screen._compositor.render_strips()[region.y + 1 : region.bottom - 1]
    return "".join(
        segment.text for strip in strips for segment in strip if segment.style and segment.style.underline
    )


async def test_two_queries_of_one_line_are_reached_with_enter(demo: Path) -> None:
    text = demo.read_text().replace(
        "core::btf::field_exists!(task_struct, se.vruntime)",
        "core::btf::field_exists!(task_struct, se) && core::btf::field_exists!(task_struct, se.vruntime)",
    )
    demo.write_text(text)
    async with running(demo, size=(240, 50)) as driver:
        assert "◆ #0 exists ✔ · #1 exists ✔" in driver.text or "#0 exists ✔ as compiled" in driver.text
        assert underlined(driver) == "core::btf::field_exists!(task_struct, se)"
        await driver.press("enter")
        assert underlined(driver) == "core::btf::field_exists!(task_struct, se.vruntime)"
        assert "Detail · #1" in driver.text


# -- colours ----------------------------------------------------------------------------------------


def roles(text: str, suffix: str, line: int = 0) -> list[tuple[str, str]]:
    lines = text.split("\n")
    offset = sum(len(part) + 1 for part in lines[:line])
    tokens = Highlighter(text, suffix).tokens(lines[line], offset)
    return [(lines[line][start:end], role) for start, end, role in tokens]


def test_rust_words_have_roles() -> None:
    assert roles("let x: u64 = f(Some(1)); // no", ".rs") == [
        ("let", "keyword"), ("u64", "type"), ("f", "name"), ("Some", "type"), ("1", "number"),
        ("// no", "comment"),
    ]  # fmt: skip
    assert roles("impl<'a> T<'a> { #[inline] 'x' \"if\\\" // in\" }", ".rs") == [
        ("impl", "keyword"), ("'a", "type"), ("'a", "type"), ("#[inline]", "dim"),
        ("'x'", "string"), ('"if\\" // in"', "string"),
    ]  # fmt: skip
    assert ("field_exists!", "name") in roles("core::btf::field_exists!(a, b)", ".rs")


def test_a_block_comment_reaches_over_lines_and_nests_in_rust_only() -> None:
    text = 'a /* b\n/* c */ d\n e */ if "/*"\nif'
    assert roles(text, ".rs", 1) == [("/* c */ d", "comment")]
    assert roles(text, ".rs", 2) == [(" e */", "comment"), ("if", "keyword"), ('"/*"', "string")]
    assert roles(text, ".rs", 3) == [("if", "keyword")]
    assert roles(text, ".c", 1) == [("/* c */", "comment")]


def test_c_and_ir_have_their_own_words() -> None:
    assert roles("#include <x.h>", ".c") == [("#include <x.h>", "dim")]
    assert roles("int f(void) { return sizeof(a); }", ".c") == [
        ("int", "type"), ("f", "name"), ("void", "type"), ("return", "keyword"), ("sizeof", "keyword"),
    ]  # fmt: skip
    assert roles("%1 = call ptr @llvm.x(i64 0), !dbg !7 ; c", ".ll")[:3] == [
        ("call", "keyword"), ("ptr", "type"), ("@llvm.x", "name"),
    ]  # fmt: skip


def test_an_unknown_language_and_an_endless_line_have_no_colours() -> None:
    assert roles("let x", ".txt") == []
    assert roles("let " * 10_000, ".rs") == []


async def test_an_object_has_the_marks_of_a_source_at_its_lines(demo_object: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "sched.o"
    path.parent.mkdir()
    path.write_bytes(demo_object.read_bytes())
    async with running(path) as driver:
        pane = driver.workbench.source_pane
        place = driver.workbench.session.good.relos[1].place  # type: ignore[union-attr]
        assert place is not None
        await driver.press("right_square_bracket")
        (line,) = driver.marked("source")
        assert line.startswith(f"{place.line} │ ")
        assert line.endswith("◆ #0 exists ✔ as compiled · #1 offset ▲ moved")
        assert pane.cursor_number == 1, "the object's lines are no file that a line number leads into"
        last = driver.workbench.session.good.relos[3].place  # type: ignore[union-attr]
        assert last is not None
        await driver.press("colon", *str(last.line), "enter")
        (line,) = driver.marked("source")
        assert line.startswith(f"{last.line} │ ")
