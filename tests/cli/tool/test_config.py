"""btfview config: what is in force, what is wrong with it, and one to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.configuration.read import read_configuration


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_what_validate_takes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "init"]) == 0
    text = (project / "btfview.toml").read_text()
    assert main(["config", "validate"]) == 0
    assert capsys.readouterr().out.endswith("btfview.toml is fine\n")
    assert main(["config", "init"]) == 3
    assert "init overwrites nothing" in capsys.readouterr().err
    assert (project / "btfview.toml").read_text() == text


def test_init_adds_a_table_to_what_stands_in_a_pyproject(project: Path) -> None:
    path = project / "pyproject.toml"
    path.write_text('[project]\nname = "x"')
    assert main(["config", "init", "pyproject.toml"]) == 0
    text = path.read_text()
    assert text.startswith('[project]\nname = "x"\n\n# ')
    path.write_text(text.replace("# targets", "targets"))
    assert read_configuration(str(path)).values["targets"][-1] == "6.1.0-56-amd64"
    assert main(["config", "init", "pyproject.toml"]) == 3


def test_one_that_says_nothing_is_fine(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "btfview.toml").write_text("")
    assert main(["config", "validate"]) == 0
    assert capsys.readouterr() == ("btfview.toml is fine\n", "")


def test_names_of_files_reach_no_terminal_as_commands(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, code in (("", 0), ("targets = 1\n", 2)):
        (project / "a\x1b[2J.toml").write_text(text)
        assert main(["config", "validate", "a\x1b[2J.toml"]) == code
        said = "".join(capsys.readouterr())
        assert "a\\x1b[2J.toml" in said
        assert "\x1b" not in said


def test_without_any_there_is_nothing_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "validate"]) == 0
    assert main(["config", "path"]) == 1
    assert capsys.readouterr().err.count("btfview config init writes one") == 2
    assert main(["config", "show"]) == 0
    assert "all are defaults" in capsys.readouterr().out


def test_validate_tells_all_and_show_where_a_value_comes_from(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "sub").mkdir()
    (project / "btfview.toml").write_text('fail-on = "note"\nbasline = 1\n\ntargets = 1\n')
    assert main(["config", "validate"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        'btfview: error: btfview.toml:2: unknown key "basline"; did you mean baseline?',
        "btfview: error: btfview.toml:4: targets is a number, and should be a list of strings",
    ]
    assert main(["config", "show"]) == 2
    (project / "btfview.toml").write_text('fail-on = "note"\n')
    capsys.readouterr()
    assert main(["config", "show", "--json"]) == 0
    values = {one["key"]: one for one in json.loads(capsys.readouterr().out)["values"]}
    assert (values["fail-on"]["value"], values["fail-on"]["file"], values["fail-on"]["line"]) == (
        "note", "btfview.toml", 1,
    )  # fmt: skip
    assert values["targets"]["file"] is None
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{project}/btfview.toml\n"
