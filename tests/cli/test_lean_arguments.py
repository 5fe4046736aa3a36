"""The plain parser reads what argparse reads, or hands the line over."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.cli.commands import COMMANDS, load, make_parser
from btfview.cli.lean_arguments import LeanParser, NotPlainError

WORDS = st.sampled_from(
    [
        *(
            "a.o",
            "page",
            "",
            "-",
            "--",
            "-x",
            "-1",
            "running",
            "v3",
            "v9",
            "big",
            "--help",
            "--nonsense",
            "3",
        ),
        *(
            "-t",
            "--target",
            "--target=x",
            "--targ",
            "-tx",
            "--json",
            "--json=1",
            "--cpu",
            "--cpu=v2",
            "--endian",
        ),
        *(
            "-o",
            "--output",
            "out",
            "--emit",
            "ir",
            "--format",
            "--format=c",
            "json",
            "-E",
            "--expand",
            "--all",
        ),
        *(
            "--kind",
            "struct",
            "-B",
            "--base=",
            "-j",
            "--jobs=2",
            "--jobs",
            "x",
            "--force",
            "-EE",
            "a b",
            "-a b",
        ),
    ]
)


def lean_values(name: str, words: list[str]) -> dict[str, Any] | None:
    """Return what the plain parser makes of *words*; None where it wants argparse."""
    command: Any = load(name)
    lean: Any = LeanParser()
    command.add_arguments(lean)
    try:
        values: dict[str, Any] = vars(lean.parse_args(words))
    except NotPlainError:
        return None
    return values


def argparse_values(name: str, words: list[str]) -> dict[str, Any] | None:
    """Return what argparse makes of *words*; None where it says that they are wrong."""
    parser = make_parser(name)
    try:
        with redirect_stderr(StringIO()):
            return vars(parser.parse_intermixed_args(words))
    except SystemExit:
        return None


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"completion"} | {"screen"}))
@given(data=st.data())
def test_both_parsers_read_the_same(name: str, data: st.DataObject) -> None:
    words = data.draw(st.lists(WORDS, max_size=6).filter(lambda words: "--help" not in words))
    lean = lean_values(name, words)
    assert lean is None or lean == argparse_values(name, words)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("types", "running task_struct --expand"),
        ("types", "vmlinux.btf --format c struct page"),
        ("types", "--kind struct --kind union -B base module.btf"),
        ("relos", "prog.o -t running --target=6.1 --json"),
        ("relos", "prog.rs --cpu v4 --endian big -j 2"),
        ("compile", "prog.rs -o out.o --emit asm"),
        ("targets", ""),
        ("disasm", "prog.o -t running"),
    ],
)
def test_ordinary_lines_need_no_argparse(name: str, line: str) -> None:
    lean = lean_values(name, line.split())
    assert lean is not None
    assert lean == argparse_values(name, line.split())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("--help", id="help"),
        pytest.param("", id="nothing"),
        pytest.param("file --format nonsense", id="choice"),
        pytest.param("file --form c", id="abbreviation"),
        pytest.param("file --base", id="value-missing"),
        pytest.param("file -Bbase", id="short-option-with-its-value"),
        pytest.param("file --expand=yes", id="value-too-many"),
        pytest.param("file -- --expand", id="double-dash"),
    ],
)
def test_what_is_not_plain_is_left_to_argparse(line: str) -> None:
    assert lean_values("types", line.split()) is None


def test_rules_that_it_does_not_know_make_it_stand_back() -> None:
    lean: Any = LeanParser()
    for parser in (lean, ArgumentParser()):
        parser.add_argument("--level", action="count", default=0)
    with pytest.raises(NotPlainError):
        lean.parse_args(["--level"])
