"""The reference is complete: what the code declares and reads is in it. It is made anew each time."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from btfview.cli.commands import COMMANDS, make_parser
from btfview.cli.environment import INTERNAL, VARIABLES
from btfview.cli.tool.schema import NAMES, schema_text
from btfview.compiler.rustc.cargo.project import TIME_LIMIT
from btfview.configuration.keys import KEYS as CONFIGURATION
from btfview.configuration.user_keys import USER_KEYS
from btfview.glossary import GLOSSARY
from btfview.keymap.places import all_names
from btfview.keymap.table import KEYS
from btfview.rules.catalogue import RULES
from tests.pages import blocks, commands
from tests.paths import ROOT
from tools.docs.man_page import man_page
from tools.docs.reference import pages

DOCS = ROOT / "docs"
_STANDARD = {"HOME", "TMPDIR", "CPATH", "C_INCLUDE_PATH"}
"""Handed on to compilers, and nothing else."""


@cache
def page(name: str) -> str:
    return pages()[f"reference/{name}.md"]


@pytest.mark.parametrize("name", ["screen", *COMMANDS])
def test_every_option_of_a_command_is_told_of(name: str) -> None:
    title = "btfview" if name == "screen" else f"btfview {name}"
    part = page("commands").partition(f"## {title}\n")[2].partition("\n## ")[0]
    man = man_page()
    for action in make_parser(name)._actions:
        for flag in action.option_strings or [str(action.metavar or next(iter(action.choices or ())))]:
            assert flag in part
            assert flag.replace("-", "\\-") in man
    assert "%(" not in part


def test_every_key_rule_word_and_member_is_told_of() -> None:
    for key in KEYS:
        assert f"`{key.id}`" in page("keys")
    for one in (*CONFIGURATION, *USER_KEYS):
        assert f"### {one.name}\n" in page("configuration")
    for one in USER_KEYS:
        assert f"# {one.name}\n" in page("configuration")
    for name in all_names():
        assert f"`{name}`" in page("keys")
    for rule in RULES:
        assert f"## {rule.id}\n" in page("rules")
    for entry in GLOSSARY:
        assert entry.word in page("glossary").replace("\\", "")
    for name in NAMES:
        for member in re.findall(r'"(\w+)": \{', schema_text(name).partition('"properties"')[2]):
            assert member in page("json") or member in ("properties", "items", "additionalProperties")
        assert json.loads(schema_text(name))["title"] in page("json")


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_table_has_as_many_cells_in_each_row(name: str) -> None:
    """Else a sign of a text was taken for the end of a cell (GitHub Flavored Markdown, 4.10)."""
    columns = 0
    for line in pages()[name].splitlines():
        if line.startswith("|"):
            cells = len(re.sub(r"\\\|", "", line).split("|"))
            assert columns in (0, cells), line
            columns = cells
        else:
            columns = 0


def variables_read() -> set[str]:
    """Return the names of the environment variables that the package reads: arguments and subscripts of an
    ``environ``, constants that stand there among them, and those of btfview wherever their names stand."""
    found: set[str] = set()
    for path in (ROOT / "btfview").rglob("*.py"):
        text = path.read_text()
        if path.name == "environment.py" and path.parent.name == "cli":
            continue
        found |= set(re.findall(r"\bBTFVIEW_[A-Z_]+\b", text))
        for node in ast.walk(ast.parse(text)) if "environ" in text else ():
            match node:
                case ast.Call(
                    func=ast.Attribute(value=holder, attr="get" | "pop"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    pass
                case ast.Subscript(value=holder, slice=ast.Constant(value=str(name))):
                    pass
                case _:
                    continue
            if ast.unparse(holder).rpartition(".")[2] == "environ":
                found.add(name)
    return found


def test_every_environment_variable_is_documented() -> None:
    read = variables_read()
    assert {"BTFVIEW_CLANG", "NO_COLOR", "XDG_STATE_HOME"} <= read
    told = {variable.name for variable in VARIABLES}
    assert read - told - set(INTERNAL) - _STANDARD == set()
    assert told - read == {"VISUAL", "EDITOR", "TEXTUAL_DRIVER"}  # a loop, and Textual itself, reads these
    (limit,) = [one.meaning for one in VARIABLES if one.name == "BTFVIEW_CARGO_SECONDS"]
    assert f"else {TIME_LIMIT:g}." in limit


def test_every_variable_of_the_tests_is_told_of_to_contributors() -> None:
    used = {
        name
        for path in ROOT.glob("tests/**/*.py")
        for name in re.findall(r"\bBTFVIEW_[A-Z_]+\b", path.read_text())
    }
    told = (ROOT / "CONTRIBUTING.md").read_text()
    assert [name for name in sorted(used - {one.name for one in VARIABLES}) if name not in told] == []


def test_the_man_page_is_well_formed() -> None:
    page = man_page()
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "EXIT STATUS", "CHECK"):
        assert f"\n.SH {section}\n" in page
    if shutil.which("man") is None:
        return
    done = subprocess.run(
        ["man", "--warnings", "-E", "utf-8", "-l", "-"],
        input=page,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MANWIDTH": "200"},
    )
    assert done.stderr == ""
    assert "0 fine, 1 findings" in done.stdout


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def _command_lines(path: Path) -> list[str]:
    """Return what a page shows of btfview's command lines, as code or in a block."""
    text = path.read_text()
    lines = re.findall(r"`(btfview [^`\n]+)`", text)
    for block in blocks(text):
        shown = (
            [command for command, _ in commands(block.text)]
            if block.language == "console"
            else block.text.split("\n")
        )
        lines += [line.strip() for line in shown if line.strip().startswith("btfview ")]
    return lines


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_options_in_the_documents_are_those_of_their_commands(path: Path) -> None:
    for line in _command_lines(path):
        own = line.partition(" -- ")[0].partition(" | ")[0]
        words = own.split()[1:]
        name = words[0] if words and words[0] in COMMANDS else "screen"
        known = {flag for action in make_parser(name)._actions for flag in action.option_strings} | {
            "--version"
        }
        used = {word.partition("=")[0].rstrip(",;") for word in words if re.match(r"--?[a-z]", word)}
        assert used <= known, line


def test_every_page_is_in_the_menu() -> None:
    menu = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text())["nav"]
    listed = set(re.findall(r"[\w/-]+\.md", str(menu)))
    assert listed == {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")} | pages().keys()


def test_functions_named_as_libbpfs_are_those_that_the_code_follows() -> None:
    named = set(re.findall(r"`(bpf_core_\w+)`", (DOCS / "core.md").read_text())) - {"bpf_core_relo"}
    followed = "".join(file.read_text() for file in (ROOT / "btfview").rglob("*.py"))
    assert len(named) > 10
    assert [name for name in sorted(named) if name not in followed] == []
