"""A project's configuration: found, read, and told what is wrong with it and where."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from btfview.analysis.findings.finding import ERRORS, NOTES, WARNINGS
from btfview.analysis.kernels import kernel_age
from btfview.checks.report import NEVER
from btfview.checks.settings import OFF
from btfview.cli.check_options import FAIL_ON
from btfview.configuration.check import problems_of
from btfview.configuration.find import find_configuration
from btfview.configuration.key import CHOICE, TEXT, Key
from btfview.configuration.keys import ARCHITECTURES, KEYS
from btfview.configuration.read import problems_in, read_configuration
from btfview.configuration.write import shown_text, starter_text
from btfview.errors import ConfigurationError, InputError


def error_of(path: Path, text: str | bytes) -> str:
    """Return what is wrong with a file that holds *text*, without the folder's name."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises((ConfigurationError, InputError)) as caught:
        read_configuration(str(path))
    return str(caught.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("target = []", ':1: unknown key "target"; did you mean targets?', id="near-name"),
        pytest.param("\nfail_on = 1", ':2: unknown key "fail_on"; did you mean fail-on?', id="underscore"),
        pytest.param("x9 = 1", ':1: unknown key "x9"; there are extend, targets, ', id="no-near-name"),
        pytest.param("targets = 3", ":1: targets is a number, and should be a list of strings", id="number"),
        pytest.param(
            "targets = [[]]", ":1: targets is a list, and should be a list of strings", id="list-of-lists"
        ),
        pytest.param("baseline = true", ":1: baseline is true or false, and should be a string", id="bool"),
        pytest.param(
            "baseline = 2024-01-01", ":1: baseline is a date or a time, and should be a string", id="date"
        ),
        pytest.param('\n\nfail-on = "warn"', ':3: fail-on is "warn"; did you mean warning?', id="choice"),
        pytest.param('architectures = ["x86_64"]', ':1: architectures has "x86_64"; there are ', id="arch"),
        pytest.param(
            '[rules]\n\nmising = "off"', ':3: rules: no rule is called "mising"; did you mean missing?',
            id="rule",
        ),
        pytest.param('rules = { ksym = "of" }', ':1: rules: "ksym" is "of"; did you mean off?', id="level"),
        pytest.param(
            '[[allow]]\nrule = "missing"\n[[allow]]\nrecord = "a"', ":3: allow: an entry has no rule",
            id="second-entry",
        ),
        pytest.param(
            '[[allow]]\nrule = "missing"\n\nkernel = "a"', ':4: allow: unknown key "kernel"; did you mean ke',
            id="column",
        ),
        pytest.param(
            '[[allow]]\nrule = "missing"\nkernels = "<5.x"',
            ':3: allow: of the kernels "<5.x" is no version to compare with',
            id="kernels",
        ),
        pytest.param("a = 1\nb = = 2", ":2: it is no TOML: Invalid value", id="syntax"),
        pytest.param("a = 1\na = 2\n", ":2: it is no TOML: Cannot overwrite a value", id="twice"),
        pytest.param(b"\n# \xff", ":2: it is no UTF-8, which TOML is", id="not-utf-8"),
        pytest.param(f"a = {'9' * 5000}", ": it is no TOML: Exceeds the limit", id="huge-number"),
        pytest.param(f"a = {'[' * 50_000}", ": it is nested too deeply", id="deep"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text: str | bytes, said: str, tmp_path: Path) -> None:
    assert error_of(tmp_path / "btfview.toml", text).startswith(f"btfview.toml{said}")


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(
        '[project]\nname = "x"\n[tool.btfview]\ntargets = 1\nbase = 2\n[tool.other]\ntargets = 1\n'
    )
    assert [place.line for place, _ in problems_in(str(path))] == [4, 5]
    with pytest.raises(ConfigurationError, match=r"\(1 more: btfview config validate\)$"):
        read_configuration(str(path))


def test_the_nearest_file_is_taken_and_its_own_before_the_shared(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    outer, shared, own = (
        tmp_path / "btfview.toml",
        below.parent / "pyproject.toml",
        below.parent / "btfview.toml",
    )
    outer.write_text("")
    assert find_configuration(str(below)) == str(outer)
    shared.write_text('[project]\nname = "btfview"\n')  # not a word to the tool
    assert find_configuration(str(below)) == str(outer)
    shared.write_text("[tool.btfview]\n")
    assert find_configuration(str(below)) == str(shared)
    own.write_text("")
    assert find_configuration(str(below)) == str(own)


def test_a_pyproject_of_others_is_not_read_whole(tmp_path: Path) -> None:
    """A broken one that says nothing of btfview is no business of its."""
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nx = = 1\n")
    (tmp_path.parent / "btfview.toml").write_text("")
    try:
        assert find_configuration(str(tmp_path)) == str(tmp_path.parent / "btfview.toml")
    finally:
        (tmp_path.parent / "btfview.toml").unlink()


def test_paths_are_of_the_file_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kernels").mkdir()
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    (tmp_path / "btfview.toml").write_text(
        'targets = ["kernels", "running", "gone/x.btf", "6.*", "@list"]\nbaseline = "known.json"\n'
        'path-prefix-map = { "/build" = "." }\n'
    )
    found = read_configuration("../btfview.toml")
    assert found.values["targets"] == ["../kernels", "running", "../gone/x.btf", "../6.*", "@../list"]
    assert found.values["baseline"] == "../known.json"
    assert found.values["path-prefix-map"] == {"/build": ".."}
    assert found.folder == str(tmp_path)


def test_a_file_extends_another(tmp_path: Path) -> None:
    base, own = tmp_path / "base.toml", tmp_path / "btfview.toml"
    base.write_text('fail-on = "note"\ntargets = ["a"]\nrules = { missing = "note", helper = "note" }\n')
    own.write_text('extend = "base.toml"\ntargets = ["b"]\n\n[rules]\nmissing = "off"\n')
    found = read_configuration(str(own))
    assert found.get("fail-on") == "note"
    assert found.get("targets") == ["b"]
    assert found.get("rules") == {"helper": "note", "missing": "off"}
    assert str(found.places["fail-on"]) == f"{base}:1"
    assert str(found.places["targets"]) == f"{own}:2"


def test_files_that_extend_one_another_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('extend = "btfview.toml"')
    said = error_of(tmp_path / "btfview.toml", 'extend = "b.toml"')
    assert said == "btfview.toml: it extends itself: btfview.toml extends b.toml extends btfview.toml"


def test_an_extended_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = error_of(tmp_path / "btfview.toml", 'extend = "gone.toml"')
    assert said == "gone.toml: no such file or directory; btfview.toml:1 extends it"


def test_what_init_writes_is_right_once_a_key_is_turned_on(tmp_path: Path) -> None:
    path = tmp_path / "btfview.toml"
    text = starter_text()
    path.write_text(text)
    assert read_configuration(str(path)).values == {}
    for key in KEYS:
        line = f"# {key.name} = {key.example}"
        assert line in text
        assert problems_of(tomllib.loads(line.removeprefix("# "))) == (), key.name
        assert all(len(part) <= 100 for part in key.doc.split("\n"))


def test_what_show_prints_is_toml_of_the_same_values(tmp_path: Path) -> None:
    path = tmp_path / "btfview.toml"
    path.write_text('targets = ["a\\u0007\\"b"]\nrules = { "never there" = "off" }\n')
    found = read_configuration(str(path))
    shown = tomllib.loads(shown_text(found))
    assert shown["targets"] == found.get("targets")
    assert shown["rules"] == found.get("rules")
    assert shown["fail-on"] == "error"


def test_keys_may_stand_in_tables_and_be_those_of_another(tmp_path: Path) -> None:
    """As a user's own configuration will have them."""
    keys = (
        Key("screen.theme", CHOICE, "dark", "", '"light"', ("dark", "light")),
        Key("screen.keys.quit", TEXT, "q", "", '"Q"'),
    )
    path = tmp_path / "config.toml"
    path.write_text('[screen]\ntheme = "light"\n[screen.keys]\nquit = "Q"\n')
    found = read_configuration(str(path), keys)
    assert (found.get("screen.theme"), found.get("screen.keys.quit")) == ("light", "Q")
    assert [place.line for place in found.places.values()] == [2, 4]
    for text, said in (
        ('[screen]\n\nthem = "light"', ':3: unknown key "them"; did you mean theme?'),
        ("screen = 1", ":1: screen is a number, and should be a table"),
        ('[screen.keys]\nqit = "q"', ':2: unknown key "qit"; did you mean quit?'),
        ("targets = []", ':1: unknown key "targets"; there are screen'),
    ):
        path.write_text(text)
        with pytest.raises(ConfigurationError) as caught:
            read_configuration(str(path), keys)
        assert str(caught.value) == f"{path}{said}"


def test_words_are_those_of_the_check() -> None:
    by_name = {key.name: key for key in KEYS}
    assert set(ARCHITECTURES) == set(kernel_age.ARCHITECTURES.values())
    assert by_name["fail-on"].choices == FAIL_ON == (ERRORS, WARNINGS, NOTES, NEVER)
    assert by_name["rules"].choices == (ERRORS, WARNINGS, NOTES, OFF)
