"""The action and the hooks for pre-commit are what their readers take."""

from __future__ import annotations

import importlib.resources
import json
import re
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from btfview.cli.commands import COMMANDS
from btfview.cli.main import main
from tests.paths import ROOT


def read_yaml(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text())


def test_the_action_is_valid_by_github_s_schema() -> None:
    folder = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "github-actions.json").read_text("utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(read_yaml("action.yml"))


def test_the_action_names_each_input_it_declares() -> None:
    """An input in a script itself, not in its environment, would be read as a command."""
    action = read_yaml("action.yml")
    used = set()
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
        used |= {re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", one)[1] for one in step.get("env", {}).values()}  # type: ignore[index]
        for name in step.get("env", {}):
            assert f"${name}" in step["run"] or f"${{{name}" in step["run"]
    assert used == action["inputs"].keys()


def test_hooks_run_commands_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """pre-commit's documentation, "Creating new hooks": id, name, entry and language are required."""
    hooks = read_yaml(".pre-commit-hooks.yaml")
    assert [hook["id"] for hook in hooks] == ["btfview-check", "btfview-config"]
    for hook in hooks:
        assert {"id", "name", "entry", "language"} <= hook.keys()
        program, command, *_ = hook["entry"].split()
        assert program == "btfview"
        assert command in COMMANDS
        assert main([command, "--help"]) == 0
        capsys.readouterr()
    assert [re.search(hooks[0]["files"], name) is not None for name in ("a.bpf.c", "b/a.bpf.o", "a.c")] == [
        True,
        True,
        False,
    ]
    assert re.search(hooks[1]["files"], "sub/btfview.toml")
