"""What rustc says of a program: as it is stored on every machine, and as it says itself where it is.

A test asks through the fixture ``rustc``. The answers stand in ``tests/expectations/rustc.json``, found by
what was asked; where rustc of the version that gave them is, it is asked as well and must say the same.
``make expectations`` asks anew and stores what it hears.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.paths import EXPECTATIONS

STORE = EXPECTATIONS / "rustc.json"
IS_WRITING = os.environ.get("BTFVIEW_EXPECTATIONS") == "write"
ANEW = "`make expectations` where rustc {version} is asks anew"
# An error of rustc's lints has no code, nor has one of its parser.
_ERROR = re.compile(r"^lib\.rs:(\d+):\d+: error(?:\[(E\d+)\])?: ", re.MULTILINE)

Places = set[tuple[int, str]]
"""Line and code of errors; the code is empty for one that has none."""


@cache
def stored() -> dict[str, Any]:
    """Return what the file holds: ``version`` of the rustc that gave the ``answers``, by question."""
    found: dict[str, Any] = json.loads(STORE.read_text())
    return found


@cache
def version() -> str:
    """Return the version of the rustc on this machine.

    Raises:
        OSError: there is none, or only rustup's proxy without a toolchain.
    """
    if shutil.which("rustc") is None:
        raise OSError("there is no rustc")
    shown = subprocess.run(["rustc", "--version"], capture_output=True, text=True)
    if shown.returncode:
        raise OSError(f"rustc does not run: {(shown.stderr.strip().splitlines() or ['it says nothing'])[0]}")
    return shown.stdout.split()[1]


@cache
def why_no_rustc() -> str | None:
    """Return why rustc cannot be asked here; None where it can."""
    try:
        found = version()
    except OSError as error:
        return str(error)
    wanted = stored()["version"] if STORE.exists() else found
    if found != wanted and not IS_WRITING:
        return f"rustc is {found}, and the answers in {STORE.name} are of {wanted}"
    return None


def ask(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Return what rustc did with *text* as ``lib.rs`` in *folder*."""
    (folder / "lib.rs").write_text(text)
    command = ["rustc", "--edition", "2024", "--color", "never", *options, "lib.rs"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def ask_errors(folder: Path, text: str) -> Places:
    """Return line and code of each error in the library *text*."""
    done = ask(folder, text, "--crate-type", "lib", "--emit", "obj", "--error-format", "short")
    assert done.returncode in (0, 1), done.stderr
    return {(int(line), code) for line, code in _ERROR.findall(done.stderr)}


def ask_messages(folder: Path, text: str) -> list[dict[str, Any]]:
    """Return the messages about the library *text*, as JSON."""
    done = ask(folder, text, "--crate-type", "lib", "--emit", "metadata", "--error-format", "json")
    found: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]
    for message in found:
        if message["code"]:
            message["code"]["explanation"] = message["code"]["explanation"] and "…"  # pages
    return found


def ask_output(folder: Path, text: str, given: str = "", *options: str) -> list[int]:
    """Return the numbers that the program *text* prints, with *given* on its standard input."""
    done = ask(folder, text, *options, "-o", "host")
    assert done.returncode == 0, done.stderr[:3000]
    shown = subprocess.run([folder / "host"], input=given, capture_output=True, text=True, check=True)
    return [int(word) for word in shown.stdout.split()]


@dataclass(frozen=True, slots=True)
class Results:
    """What functions give, called with pairs of numbers."""

    digests: dict[str, str]
    """Of each function's results, by its name."""
    values: dict[str, list[int]] | None
    """The results; None where rustc could not be asked, for they are too many to be stored."""

    def differing(self, ours: dict[str, list[int]], pairs: Sequence[tuple[int, int]]) -> list[str]:
        """Return a line for each function of *ours* that gives others, with the first of them."""
        assert ours.keys() == self.digests.keys()
        found = []
        for name, mine in ours.items():
            if digest(mine) == self.digests[name]:
                continue
            places = () if self.values is None else zip(pairs, mine, self.values[name], strict=True)
            first = next((place for place in places if place[1] != place[2]), None)
            found.append(
                f"{name}: not what rustc's gives (rustc is needed to tell for which arguments)"
                if first is None
                else f"{name}{first[0]}: {first[1]}, rustc's gives {first[2]}"
            )
        return found


def digest(value: object) -> str:
    """Return 16 hexadecimal digits that tell *value*, of JSON's kinds, from others."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Written:
    """What ``make expectations`` has heard."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def store(self, *, is_whole: bool) -> None:
        """Write the answers, one a line, in the order of the tests that asked.

        Of a run of some tests (not *is_whole*) those that others have asked for stay.
        """
        asked = {answer["by"] for answer in self.answers.values()}
        before = {} if is_whole or not STORE.exists() else stored()["answers"]
        kept = {key: answer for key, answer in before.items() if answer["by"] not in asked}
        in_order = sorted({**kept, **self.answers}.items(), key=lambda item: (item[1]["by"], item[0]))
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in in_order)
        STORE.write_text(f'{{"version": "{version()}", "answers": {{\n{lines}\n}}}}\n')


WRITTEN = Written()


class Rustc:
    """Answers for one test."""

    def __init__(self, test: str) -> None:
        self._test = test

    def errors(self, text: str) -> Places:
        """Return line and code of each error in the library *text*."""
        return {
            (line, code)
            for line, code in self._answer("errors", [text], lambda at: sorted(ask_errors(at, text)))
        }

    def messages(self, text: str) -> list[dict[str, Any]]:
        """Return the messages about the library *text*, as JSON: errors, warnings and what follows them."""
        found: list[dict[str, Any]] = self._answer("messages", [text], lambda at: ask_messages(at, text))
        return found

    def numbers(self, text: str) -> list[int]:
        """Return the numbers that the program *text* prints."""
        found: list[int] = self._answer("numbers", [text], lambda at: ask_output(at, text))
        return found

    def results(self, text: str, names: Sequence[str], pairs: Sequence[tuple[int, int]]) -> Results:
        """Return what the functions *names* of the program *text* give for *pairs* of numbers, which it
        reads one a line; it prints the results of all functions for each. Overflow wraps, as in BPF."""
        given = "".join(f"{a} {b}\n" for a, b in pairs)
        heard: dict[str, list[int]] = {}
        lints = ("-A", "warnings", "-A", "arithmetic_overflow", "-A", "unconditional_panic")

        def called(folder: Path) -> dict[str, str]:
            shown = ask_output(folder, text, given, *lints, "-C", "overflow-checks=off")
            assert len(shown) == len(names) * len(pairs)
            heard.update((name, shown[index :: len(names)]) for index, name in enumerate(names))
            return {name: digest(values) for name, values in heard.items()}

        found: dict[str, str] = self._answer("results", [text, given], called)
        return Results(found, heard or None)

    def _answer(self, kind: str, question: list[str], heard: Callable[[Path], object]) -> Any:
        """Return the stored answer, after rustc where it is has given the same; skip where neither is."""
        key = f"{kind} {digest(question)}"
        here = why_no_rustc()
        if here is None:
            with tempfile.TemporaryDirectory() as folder:
                answer = json.loads(json.dumps(heard(Path(folder))))
            if IS_WRITING:
                WRITTEN.answers.setdefault(key, {"by": self._test, "answer": answer})
                return answer
        entry = stored()["answers"].get(key)
        again = ANEW.format(version=stored()["version"])
        if here is not None:
            if entry is None:
                pytest.skip(f"rustc was not asked about this text, and {here}; {again}")
            return entry["answer"]
        assert entry is not None, f"this text is new, and rustc's answer is not stored; {again}"
        assert entry["answer"] == answer, f"what is stored is not what rustc says; {again}"
        return answer
