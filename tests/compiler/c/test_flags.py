"""Flags of the user and of a build: which are kept, which are refused, and where a project says them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from btfview.compiler.c.database import find_build_flags
from btfview.compiler.c.flags import build_flags, check_flags
from btfview.errors import UsageError


@pytest.mark.parametrize(
    ("flag", "why"),
    [
        ("-o", "an -o of its own"),
        ("-oout.o", "an -o of its own"),
        ("-c", "--emit"),
        ("-S", "--emit asm"),
        ("-emit-llvm", "--emit ir"),
        ("-MMD", "watched without it"),
        ("--target=x86_64", "--endian"),
        ("-mcpu=v4", "--cpu"),
        ("-mbig-endian", "--endian"),
        ("-g0", "no records"),
        ("other.c", "files stand before it"),
        ("-", "files stand before it"),
        ("-I", "its value is missing"),
    ],
)
def test_a_flag_that_would_change_what_is_made_is_refused_with_what_to_do(flag: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_flags(["-Wall", flag])


def test_flags_that_say_what_the_source_means_are_taken() -> None:
    check_flags(["-Iinclude", "-I", "include", "-DX=1", "-D", "X", "-include", "x.h", "-Wall", "-std=gnu11"])


def test_of_a_build_what_the_source_means_is_kept_and_paths_are_the_builds() -> None:
    words = "-g -O2 -Wall -target bpf -m64 -Iinclude -I ../lib -isystem /usr/lib/x -DA -D B=1 -include pre.h"
    words += " -MMD -MF x.d -Wp,-MMD,y.d -fplugin=evil.so -foptimization-record-file=z -fno-builtin"
    words += " -mcpu=v2 --sysroot=root -c src/a.c -o a.o"
    assert build_flags(words.split(), "/p") == (
        *("-O2", "-Wall", "-I/p/include", "-I/lib", "-isystem", "/usr/lib/x", "-DA", "-DB=1"),
        *("-include", "/p/pre.h", "-fno-builtin", "-mcpu=v2", "--sysroot=/p/root"),
    )


def write_database(folder: Path, *entries: object) -> Path:
    path = folder / "compile_commands.json"
    path.write_text(json.dumps(entries))
    return path


def test_the_database_is_found_upwards_and_read_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    source = tmp_path / "src" / "deep" / "a.c"
    source.touch()
    command = """clang -c '-DTEXT="a b"' -DQ=\\"x\\" -Iinc src/deep/a.c"""
    database = write_database(tmp_path, {"directory": ".", "file": "src/deep/a.c", "command": command})
    found = find_build_flags(str(source))
    assert (found.database, found.problem) == (str(database), "")
    assert found.flags == ('-DTEXT="a b"', '-DQ="x"', f"-I{tmp_path}/inc")


def test_the_database_of_a_build_folder_is_found_and_that_for_bpf_wins(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "a.c").touch()
    entry = {"directory": str(tmp_path), "file": "a.c"}
    write_database(
        tmp_path / "build",
        {"directory": str(tmp_path), "file": "b.c", "arguments": ["cc", "-DOTHER"]},
        {**entry, "arguments": ["cc", "-DHOST"]},
        {**entry, "arguments": ["clang", "--target=bpf", "-DBPF"]},
    )
    assert find_build_flags(str(tmp_path / "a.c")).flags == ("-DBPF",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "has no entry for"),
        ("{}", "not a list of commands"),
        ("[", "cannot be read"),
        ("[1]", "an entry has no file"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"file": "a.c", "command": "cc \'x"}]', "No closing quotation"),
        ('[{"file": "a.c", "directory": 1}]', "neither arguments nor a command"),
        ('[{"file": "a.c", "arguments": [1]}]', "neither arguments nor a command"),
    ],
)
def test_a_database_that_says_nothing_says_why(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "a.c").touch()
    (tmp_path / "compile_commands.json").write_text(text)
    found = find_build_flags(str(tmp_path / "a.c"))
    assert found.flags == ()
    assert problem in found.problem
