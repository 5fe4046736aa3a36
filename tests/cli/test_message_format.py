"""``--message-format json``: the shape is rustc's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from btfview.cli.main import main
from tests.rustc import Rustc


def messages(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def shape(value: Any) -> Any:
    """Return the keys of *value*, all the way down."""
    if isinstance(value, dict):
        return {
            key: shape(item) for key, item in value.items() if key not in ("code", "children", "explanation")
        }
    if isinstance(value, list):
        return shape(value[0]) if value else []
    return None


@pytest.mark.parametrize("command", ["compile", "relos"])
def test_each_diagnostic_is_a_line_of_json(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.rs"
    path.write_text("// ö\npub fn g() -> bool { 1u8 }\n")
    assert main([command, str(path), "--message-format", "json"]) == 4
    shown = capsys.readouterr()
    found = messages(shown.err)
    assert shown.out == ""
    assert len(found) == len(shown.err.splitlines())
    mismatch = next(item for item in found if item["message"] == "mismatched types")
    assert (mismatch["level"], mismatch["code"]["code"]) == ("error", "E0308")
    (span,) = mismatch["spans"]
    # One letter of the first line has two bytes.
    assert (span["line_start"], span["column_start"], span["column_end"]) == (2, 22, 25)
    assert path.read_bytes()[span["byte_start"] : span["byte_end"]] == b"1u8"
    assert mismatch["rendered"].startswith("error[E0308]: mismatched types\n")


def test_the_shape_is_that_of_rustc(
    rustc: Rustc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "/* größe */ pub fn f() -> bool { 1u8 }\n"
    monkeypatch.chdir(tmp_path)
    Path("lib.rs").write_text(text)
    main(["compile", "lib.rs", "--message-format", "json"])
    theirs, ours = rustc.messages(text)[0], messages(capsys.readouterr().err)[0]
    assert shape(ours) == shape(theirs)
    place = (
        "file_name",
        "byte_start",
        "byte_end",
        "line_start",
        "line_end",
        "column_start",
        "column_end",
        "text",
    )
    mine, other = (item["spans"][0] for item in (ours, theirs))
    assert {key: mine[key] for key in place} == {key: other[key] for key in place}
    assert (ours["level"], ours["code"]["code"]) == (theirs["level"], theirs["code"]["code"])


def test_without_it_diagnostics_are_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rs"
    path.write_text("pub fn g() -> bool { 1u8 }\n")
    assert main(["compile", str(path)]) == 4
    assert capsys.readouterr().err.startswith("error[E0308]: mismatched types\n")
