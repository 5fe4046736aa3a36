"""What the documents name exists: files, folders, and the names that they are said to hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md")
_PATH = re.compile(r"`((?:btfview|tests|docs|tools|demo|screenshots)/[\w./-]*)`")
_HELD = re.compile(r"`(\w+)`\s+of\s+`(btfview/[\w./]+\.py)`")
_PACKAGES = sorted(path.parent.name for path in (ROOT / "btfview").glob("*/__init__.py"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_in_documents_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    paths = _PATH.findall(text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_file_is_said_to_hold_is_there(name: str) -> None:
    for held, path in _HELD.findall((ROOT / name).read_text()):
        assert re.search(rf"\b(?:def|class) {held}\b|^{held}\b", (ROOT / path).read_text(), re.MULTILINE), (
            held
        )


def test_the_walks_end_where_they_say() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    walks = [line for line in text.partition("## Four walks")[2].splitlines() if line.endswith(" |")][2:]
    assert len(walks) == 4
    for walk in walks:
        _, _, first, then, there, _ = walk.split("|")
        (folder,) = re.findall(r"`(btfview/[\w/]+)`", first)
        at = ROOT / folder
        (inner,) = re.findall(r"`([\w/.]+)`", then)
        assert (at / inner).exists(), walk
        if (at / inner).is_dir():
            at /= inner
        ends = re.findall(r"`([\w/]+\.py)`: `(\w+)`", there) or [(inner, re.findall(r"`(\w+)`", there)[0])]
        for file, function in ends:
            assert f"def {function}(" in (at / file).read_text(), walk


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
def test_every_package_is_told_of(name: str) -> None:
    text = (ROOT / name).read_text()
    told = [package for package in _PACKAGES if re.search(rf"\b{package}\b", text)]
    assert told == _PACKAGES


def test_every_package_says_what_it_is() -> None:
    for path in sorted((ROOT / "btfview").rglob("__init__.py")):
        assert path.read_text().startswith('"""'), path.relative_to(ROOT)


def documents() -> list[Path]:
    return [ROOT / name for name in (*DOCUMENTS, "CHANGELOG.md")]


def test_documents_name_no_place_of_the_writers_machine() -> None:
    for path in documents():
        assert str(ROOT) not in path.read_text(), path.name
        assert not re.search(r"(?<![\w.])/(home|root|tmp)/\w", path.read_text()), path.name
