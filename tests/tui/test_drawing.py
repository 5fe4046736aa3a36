"""Text from files is safe to draw, measured in cells, and cut so that the cut shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from btfview.tui.drawing import crop, visible, width_of
from btfview.tui.screens.paths import common_beginning, complete_path
from btfview.tui.workbench.layout.arrangement import choose_layout


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        pytest.param("a\x1b[2Jb", "a␛[2Jb", id="escape"),
        pytest.param("\x00\n\r\x7f", "␀␊␍␡", id="controls"),
        pytest.param("\x9b", "<U+009B>", id="c1"),
        pytest.param("a\u202eb\u2066", "a<U+202E>b<U+2066>", id="bidi"),
        pytest.param("a\u200b\ufeff", "a<U+200B><U+FEFF>", id="zero-width"),
        pytest.param("\udc80", "<U+DC80>", id="surrogate"),
        pytest.param("a\u00a0b", "a␣b", id="no-break-space"),
        pytest.param("e\u0301", "e\u0301", id="combining"),
        pytest.param("\u0301a", "◌\u0301a", id="combining-first"),
        pytest.param("e" + "\u0301" * 50, "e" + "\u0301" * 3 + "…", id="many-marks"),
        pytest.param("\u26a0\ufe0f", "\u26a0", id="variation-selector"),
        pytest.param("日本", "日本", id="wide"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, drawn: str) -> None:
    assert visible(text) == drawn


@given(st.text(st.characters(), max_size=60))
def test_visible_text_is_printable_and_stays_so(text: str) -> None:
    drawn = visible(text)
    assert all(char.isprintable() for char in drawn)
    drawn.encode("utf-8")


@given(
    st.lists(st.text(st.sampled_from("ab日é\u0301 "), max_size=6), max_size=5),
    st.integers(0, 30),
    st.integers(0, 20),
)
def test_a_crop_fits_and_shows_where_it_cut(texts: list[str], start: int, width: int) -> None:
    pieces = [(visible(text), str(number)) for number, text in enumerate(texts)]
    total = width_of(pieces)
    cropped = crop(pieces, start, width)
    text = "".join(part for part, _ in cropped)
    assert cell_len(text) <= width
    if width and total:
        is_one_sign = len(text) == 1 and total > start + width  # one cell stands for both ends
        assert text.startswith("…") == (start > 0 or is_one_sign)
        assert text.endswith("…") == (total > start + width or (start > 0 and len(text) == 1))
    if not start and 0 < width >= total:
        assert cropped == pieces


@pytest.mark.parametrize(
    ("size", "layout"),
    [
        ((200, 50), "wide"),
        ((199, 50), "rows"),
        ((140, 20), "rows"),
        ((140, 15), "tabs"),
        ((139, 28), "rows"),
        ((100, 24), "tabs"),
        ((99, 60), "tabs"),
        ((80, 24), "tabs"),
        ((1, 1), "tabs"),
    ],
)
def test_the_layout_follows_the_size(size: tuple[int, int], layout: str) -> None:
    assert choose_layout(*size) == layout


def test_completion_puts_beginnings_first_and_folders_before_files(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("prog.rs", "my_prog.c", "prog.txt", ".hidden.rs"):
        (tmp_path / name).write_text("")
    (tmp_path / "programs").mkdir()
    found = complete_path(f"{tmp_path}/prog", (".rs", ".c"), with_all=False)
    assert [entry.path.removeprefix(f"{tmp_path}/") for entry in found.entries] == [
        "programs/",
        "prog.rs",
        "my_prog.c",
    ]
    assert found.hidden == 1
    assert common_beginning(f"{tmp_path}/pr", complete_path(f"{tmp_path}/pr")) == f"{tmp_path}/prog"
    assert [entry.path for entry in complete_path(f"{tmp_path}/.h").entries] == [f"{tmp_path}/.hidden.rs"]
    assert "no such file" in complete_path(f"{tmp_path}/none/").problem
    assert complete_path("\0/x").problem
