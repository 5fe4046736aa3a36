"""What is stored of rustc is used where there is none, and believed where there is one only if it agrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import rustc as module
from tests.rustc import Results, Rustc, digest

TEXT = "pub fn f() -> bool { 1 }\n"
QUESTION = f"errors {digest([TEXT])}"
# What a rustup without a toolchain says, and a rustc that knows one error.
SHIM = "#!/bin/sh\necho 'error: rustup could not choose a version of rustc to run' >&2\nexit 1\n"
RUSTC = """#!/bin/sh
if [ "$1" = --version ]; then echo "rustc 7.8.9 (abc 2030-01-01)"; exit; fi
echo "lib.rs:1:22: error[E0308]: mismatched types" >&2
exit 1
"""


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    for cached in (module.stored, module.version, module.why_no_rustc):
        cached.cache_clear()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of ``PATH``."""
    monkeypatch.setattr(module, "IS_WRITING", False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for cached in (module.stored, module.version, module.why_no_rustc):
        cached.cache_clear()
    return tmp_path


def has_rustc(machine: Path, script: str) -> None:
    path = machine / "rustc"
    path.write_text(script)
    path.chmod(0o755)


def stores(machine: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, object]) -> None:
    path = machine / "rustc.json"
    entries = {key: {"by": "a test", "answer": answer} for key, answer in answers.items()}
    path.write_text(json.dumps({"version": "7.8.9", "answers": entries}))
    monkeypatch.setattr(module, "STORE", path)


def test_a_stored_answer_serves_where_there_is_no_rustc(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores(machine, monkeypatch, {QUESTION: [[1, "E0001"]]})
    assert Rustc("test").errors(TEXT) == {(1, "E0001")}


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(None, "there is no rustc", id="none"),
        pytest.param(SHIM, "rustc does not run: error: rustup could not choose", id="a-shim"),
        pytest.param(
            RUSTC.replace("7.8.9", "7.8.8"), "rustc is 7.8.8, and the answers .* are of 7.8.9", id="older"
        ),
    ],
)
def test_a_new_question_is_skipped_with_the_reason_why_nobody_answers(
    script: str | None, reason: str, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores(machine, monkeypatch, {})
    if script is not None:
        has_rustc(machine, script)
    with pytest.raises(pytest.skip.Exception, match=reason):
        Rustc("test").errors(TEXT)


def test_an_answer_that_rustc_also_gives_is_believed(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores(machine, monkeypatch, {QUESTION: [[1, "E0308"]]})
    has_rustc(machine, RUSTC)
    assert Rustc("test").errors(TEXT) == {(1, "E0308")}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param({QUESTION: [[1, "E0309"]]}, "what is stored is not what rustc says", id="changed"),
        pytest.param({QUESTION: [[1, "E0308"], [2, "E0308"]]}, "what is stored is not", id="one-more"),
        pytest.param({}, "this text is new", id="gone"),
    ],
)
def test_an_answer_changed_by_hand_fails_where_rustc_is(
    answers: dict[str, object], said: str, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores(machine, monkeypatch, answers)
    has_rustc(machine, RUSTC)
    with pytest.raises(AssertionError, match=said):
        Rustc("test").errors(TEXT)


def test_results_differ_with_the_arguments_where_these_are_known() -> None:
    pairs, theirs = [(1, 2), (3, 4)], {"f": [5, 6], "g": [7, 8]}
    digests = {name: digest(values) for name, values in theirs.items()}
    ours = {"f": [5, 6], "g": [7, 9]}
    assert Results(digests, theirs).differing(theirs, pairs) == []
    assert Results(digests, theirs).differing(ours, pairs) == ["g(3, 4): 9, rustc's gives 8"]
    (line,) = Results(digests, None).differing(ours, pairs)
    assert line.startswith("g: not what rustc's gives")
