"""``btfview cache``."""

import json
from pathlib import Path

import pytest

from btfview.cli.main import main
from tests.paths import DEMO

KERNELS = [word for name in ("5.10.0-46-amd64", "6.1.0-56-amd64") for word in ("-t", name)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("BTFVIEW_CACHE", "100")
    monkeypatch.setattr("btfview.analysis.by_kernel.ask_all._LEAST_UNITS", 1)
    return tmp_path / "btfview"


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[int, int]]:
    capsys.readouterr()
    assert main(["cache", "list", "--json"]) == 0
    return {
        one["name"]: (one["entries"], one["limit"]) for one in json.loads(capsys.readouterr().out)["parts"]
    }


def test_it_lists_and_clears(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache"]) == 0
    assert str(folder) in capsys.readouterr().out
    assert told(capsys) == {"kernels": (0, 100_000_000), "answers": (0, 25_000_000)}
    check = ["check", str(DEMO / "renamed_field.rs"), *KERNELS, "--json"]
    code = main([*check, "--no-cache"])
    plain = capsys.readouterr().out
    assert told(capsys)["answers"] == (0, 25_000_000)
    for _ in range(2):
        assert main(check) == code
        assert capsys.readouterr().out == plain
    assert told(capsys)["answers"][0] == 2
    assert main(["cache", "path"]) == 0
    assert capsys.readouterr().out == f"{folder}\n"
    assert main(["cache", "clear"]) == 0
    assert "MB removed" in capsys.readouterr().out
    assert told(capsys) == {"kernels": (0, 100_000_000), "answers": (0, 25_000_000)}
    assert not list(folder.iterdir())


def test_a_cache_that_is_turned_off_keeps_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BTFVIEW_CACHE", "0")
    main(["check", str(DEMO / "renamed_field.rs"), *KERNELS])
    assert not folder.exists()
    assert main(["cache"]) == 0
    assert "turned off" in capsys.readouterr().out


def test_json_is_of_the_list_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "clear", "--json"]) == 2
    assert "--json is for list" in capsys.readouterr().err
