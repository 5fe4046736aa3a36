"""Files that the tests of the screen open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.compile_file import compile_path
from btfview.source import read_source
from tests.paths import DEMO


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's list of recent files."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A copy of the demo, to be edited."""
    path = tmp_path / "sched.rs"
    path.write_text((DEMO / "sched.rs").read_text())
    return path


@pytest.fixture
def demo_object(tmp_path: Path) -> Path:
    """The demo, compiled."""
    path = tmp_path / "sched.o"
    compiled = compile_path("demo.rs", source=read_source(str(DEMO / "sched.rs")))
    assert compiled.object is not None
    path.write_bytes(compiled.object)
    return path


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replace text in a file as an editor that writes a new file and renames it over the old."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        scratch = path.with_suffix(".tmp")
        scratch.write_text(text.replace(old, new))
        scratch.rename(path)

    return replace
