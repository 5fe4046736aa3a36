"""What the documents name exists: files, folders, and the names that they are said to hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.keys import format_key

from btfview.cli.commands import COMMANDS
from btfview.tui.workbench.screen import WorkbenchScreen
from tests.paths import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md")
_PATH = re.compile(r"`((?:btfview|tests|docs|tools|demo|screenshots)/[\w./-]*)`")
_HELD = re.compile(r"`(\w+)`\s+of\s+`(btfview/[\w./]+\.py)`")
_LINK = re.compile(r"\]\(((?!\w+:)[^)#]+)\)")
_PACKAGES = sorted(path.parent.name for path in (ROOT / "btfview").glob("*/__init__.py"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_in_documents_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    paths = _PATH.findall(text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_in_documents_lead_to_a_file(name: str) -> None:
    folder = (ROOT / name).parent
    assert [link for link in _LINK.findall((ROOT / name).read_text()) if not (folder / link).exists()] == []


def test_every_picture_is_shown() -> None:
    made = {f"screenshots/{path.name}" for path in (ROOT / "screenshots").glob("*.svg")}
    assert made == {link for link in _LINK.findall((ROOT / "README.md").read_text()) if link.endswith(".svg")}


def test_every_command_is_told_of() -> None:
    table = (ROOT / "README.md").read_text().partition("| command | gives |")[2].partition("\n\n")[0]
    firsts = " ".join(line.split(" | ")[0] for line in table.splitlines())
    told = set(re.findall(r"`(?:btfview )?(\w+)[^`]*`", firsts))
    assert told == COMMANDS.keys()


def test_every_key_of_the_workbench_is_told_of() -> None:
    table = (ROOT / "README.md").read_text().partition("| key | does |")[2].partition("\n\n")[0]
    told = {*re.findall(r"`([^`]+)`", table), "1", "2", "3", "4", "5"}  # `1` … `5`
    told |= {key.replace("↑", "up").replace("↓", "down") for key in told}
    bindings = [binding for binding in WorkbenchScreen.BINDINGS if isinstance(binding, Binding)]
    keys = {format_key(key) for binding in bindings for key in binding.key.split(",")}
    assert keys - told == {"shift+tab", "f1", "q", "esc"}  # the usual ones, which the footer shows


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
