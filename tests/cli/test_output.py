"""What commands print: JSON as the standard library writes it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.analysis.result import CellState
from btfview.cli.output import format_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(DATA)
def test_json_is_what_the_standard_library_writes(data: object) -> None:
    assert format_json(data) == json.dumps(data)


@pytest.mark.parametrize(
    "data",
    [
        "\ud800\x1b[2J\u202e",
        {"": [(), {}, [1, True, 1.5, None]]},
        1 << 80,
        {CellState.MOVED: [CellState.MISSING_GUARDED]},
    ],
)
def test_strange_json_too(data: object) -> None:
    assert format_json(data) == json.dumps(data)


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError):
        format_json({"a": object()})
