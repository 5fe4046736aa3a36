"""What a wheel leaves out of the sources: prose, and nothing that Python runs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.paths import ROOT
from tools.build_py import without_prose


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param('"""Module."""\nx = 1\n', "\nx = 1\n", id="module"),
        pytest.param('"""Package."""\n', "", id="nothing-else"),
        pytest.param(
            'def f():\n    """One.\n\n    Two.\n    """\n', "def f():\n    pass\n\n\n\n", id="alone"
        ),
        pytest.param('class A:\n    x = 1\n    """x."""\n', "class A:\n    x = 1\n\n", id="of-a-field"),
        pytest.param('class A:\n    """A."""\n    """x."""\n', "class A:\n    pass\n\n", id="two"),
        pytest.param('x = "# not"  # a comment\n', 'x = "# not"\n', id="comment"),
        pytest.param('f = lambda: "kept"\n', 'f = lambda: "kept"\n', id="value"),
        pytest.param('x = 1; "é"; y = 2\n', 'x = 1; "é"; y = 2\n', id="beside-code"),
        pytest.param('def f():\n    "é"  # why\n    g()\n', "def f():\n\n    g()\n", id="with-comment"),
    ],
)
def test_prose_goes_and_lines_stay(text: str, left: str) -> None:
    assert without_prose(text) == left


def test_the_largest_modules_keep_their_code_on_its_lines() -> None:
    """By Python's own parser; that no module changes otherwise is asserted where each is written."""
    for path in sorted((ROOT / "btfview").rglob("*.py"), key=lambda path: path.stat().st_size)[-3:]:
        before, after = (ast.parse(text) for text in (path.read_text(), without_prose(path.read_text())))
        calls = [
            [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call)] for tree in (before, after)
        ]
        assert calls[0] == calls[1]
        assert len(calls[0]) > 100
        assert len(without_prose(path.read_text()).encode()) < Path(path).stat().st_size


def call_lines(tree: ast.AST) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call)]
