"""What commands print, JSON as the standard library writes it, and where they write."""

from __future__ import annotations

import json
import lzma
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.analysis.result import CellState
from btfview.cli.main import main
from btfview.cli.output import format_json, print_json
from btfview.targets.bundled_kernels import bundled_btf
from tests.paths import DEMO

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


@pytest.mark.parametrize("rows", [[], [1], [{"a": []}, None, "\x1b"]])
def test_an_iterator_is_written_as_a_list(rows: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": 1, "rows": iter(rows), "b": iter([])})
    assert capsys.readouterr().out == json.dumps({"a": 1, "rows": rows, "b": []}) + "\n"
    print_json({})
    assert capsys.readouterr().out == "{}\n"


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A program, a kernel and a script of keys, each with a link to it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(DEMO / "sched.rs", "prog.rs")
    Path("kernel.btf.xz").write_bytes(lzma.compress(bundled_btf("6.1.0-56-amd64"), preset=0))
    Path("keys").write_text("2")
    Path("header.h").write_text("int x;")
    Path("link").hardlink_to("kernel.btf.xz")
    Path("soft").symlink_to("keys")
    return {one.name: one.read_bytes() for one in tmp_path.iterdir()}


@pytest.mark.parametrize(
    "command",
    [
        "patch prog.rs -t kernel.btf.xz -o prog.rs",
        "patch prog.rs -t kernel.btf.xz -o link",
        "compile prog.rs -o ./prog.rs",
        "compile prog.rs -o header.h",
        "extract kernel.btf.xz -o kernel.btf.xz",
        "extract kernel.btf.xz -o link",
        "bindings task_struct.pid -t kernel.btf.xz -o link",
        "record prog.rs -t kernel.btf.xz --keys @keys -o keys",
        "record prog.rs -t kernel.btf.xz --keys @keys --svg soft",
        "record prog.rs -t kernel.btf.xz --keys @keys -o kernel.btf.xz",
        "record prog.rs -t kernel.btf.xz --keys @keys -o new --svg new",
        "demo sched -o prog.rs",
    ],
)
def test_no_output_replaces_an_input(
    command: str, inputs: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.split()) in (2, 3)
    assert capsys.readouterr().err.startswith("btfview: error: ")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == inputs
