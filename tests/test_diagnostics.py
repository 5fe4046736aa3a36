"""Diagnostics as text: where rustc puts its carets, and nothing that a terminal would obey."""

from __future__ import annotations

import pytest

from btfview.diagnostics import Diagnostic, Label, diagnostic_lines, format_diagnostic
from btfview.source import Source, Span
from tests.rustc import Rustc


def wrong(text: str, at: str, path: str = "a.rs") -> str:
    start = text.index(at)
    found = Diagnostic("error", "no", Span(start, start + len(at)), label="here")
    return format_diagnostic(found, Source(path, text))


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("", id="ascii"),
        pytest.param("\tlet _a = 1;\t", id="tabs"),
        pytest.param('let _a = "\u65e5\u672c\u8a9e"; ', id="wide"),
        pytest.param('let _a = "e\u0301e\u0301"; ', id="combining"),
        pytest.param('let _a = "\uff21"; ', id="full-width"),
    ],
)
def test_carets_stand_where_rustc_puts_them(before: str, rustc: Rustc) -> None:
    text = f"fn main() {{\n{before}nowhere();\n}}\n"
    (rendered,) = (
        item["rendered"] for item in rustc.messages(text) if item["level"] == "error" and item["spans"]
    )
    (theirs,) = (line for line in rendered.split("\n") if "^^^^^^^" in line)
    (ours,) = (line for line in wrong(text, "nowhere").split("\n") if "^^^^^^^" in line)
    assert ours.partition("^^^^^^^")[0] == theirs.partition("^^^^^^^")[0]


def test_a_span_over_lines_says_where_it_ends() -> None:
    text = "fn f() {\n  a\n  b\n}\n"
    lines = wrong(text, "{\n  a\n  b\n}").split("\n")
    assert lines[4] == "  |        ^ here (to line 4)"
    assert "to line" not in wrong(text, "fn f() {\n")  # the newline belongs to the line that it ends


def test_labels_over_lines_say_it_too() -> None:
    text = "one\ntwo\nthree\n"
    found = Diagnostic("error", "no", Span(0, 3), labels=(Label(Span(4, 13), "from here"),))
    assert "--- from here (to line 3)" in format_diagnostic(found, Source("a.rs", text))


def test_nothing_reaches_a_terminal_as_a_command() -> None:
    text = 'let s = "\x1b[2J"; wrong\n'
    shown = wrong(text, "wrong", path="\x1b]0;x\x07.rs")
    assert all(char.isprintable() for line in shown.split("\n") for char in line)


def test_each_line_says_what_it_is_whatever_stands_in_it() -> None:
    text = "one ^ | --> two\n= help: three\n"
    found = Diagnostic(
        "error",
        "no | ^",
        Span(0, 3),
        label="| here",
        hint="a\nb",
        notes=("why ^\n| more",),
        labels=(Label(Span(16, 22), "^ there"),),
    )
    assert [(line.strip(), kind) for line, kind in diagnostic_lines(found, Source("a.rs", text))] == [
        ("error: no | ^", "title"),
        ("--> a.rs:1:1", "place"),
        ("|", "place"),
        ("1 | one ^ | --> two", "source"),
        ("| ^^^ | here", "carets"),
        ("2 | = help: three", "source"),
        ("| ------ ^ there", "label"),
        ("= note: why ^", "note"),
        ("| more", "note"),
        ("= help: a", "help"),
        ("b", "help"),
    ]
