"""A page of the documentation, followed literally: files are written, commands run, what they print compared.

In a page a fenced block with a ``title`` is a file, ``sh`` are commands, one a line, that must end well,
``console`` are commands (behind ``$``) each with what it prints; ``...`` there stands for any lines, and
behind a blank for the rest of one. All other blocks are only shown.
With ``BTFVIEW_SNAPSHOTS=write`` the page gets what is printed, but for outputs with ``...``.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.frozen import frozen
from tests.paths import ROOT

IS_WRITING = os.environ.get("BTFVIEW_SNAPSHOTS") == "write"
_FENCE = re.compile(r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.M | re.S)
_SHELL = set("|<>&;$*?~`(){}!")
"""Signs for which a command line is left to bash."""


@frozen
class Block:
    """A fenced block."""

    language: str
    title: str
    text: str
    start: int
    """Where its text begins in the page."""


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page.

    >>> blocks('```c title="a.c"' + chr(10) + 'int a;' + chr(10) + '```' + chr(10))
    [Block(language='c', title='a.c', text='int a;\\n', start=17)]
    """
    return [
        Block(found["language"], found["title"] or "", found["text"], found.start("text"))
        for found in _FENCE.finditer(page)
    ]


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield the command lines of a ``console`` block, each with what it prints.

    >>> list(commands("$ a \\\\\\n  b\\nx\\n$ c\\n"))
    [('a \\\\\\n  b', 'x\\n'), ('c', '')]
    """
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        found = re.match(r"(?:.*\\\n)*.*", part)
        assert found is not None
        yield found[0], part[found.end() + 1 :]


def follow(path: Path, folder: Path) -> None:
    """Do in *folder* what the page at *path* says.

    Raises:
        AssertionError: a command fails, or prints something else; it names the command.
    """
    page = path.read_text()
    written = page
    found = [block for block in blocks(page) if block.title or block.language in ("sh", "console")]
    assert found, path
    outputs: list[tuple[Block, str]] = []
    for block in found:
        if block.title:
            file = folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text)
        elif block.language == "sh":
            for command in re.findall(r"(?:.*\\\n)*.+", block.text):
                code, said = run(command, folder)
                assert code == 0, f"{path.name}: {command}\n{said}"
        else:
            made = ""
            for command, expected in commands(block.text):
                code, said = run(command, folder)
                assert code in (0, 1), f"{path.name}: {command}\n{said}"  # 1: findings
                assert "Traceback" not in said
                fits = is_alike(said, expected)
                assert fits or IS_WRITING, f"{path.name}: {command}\nprints\n{said}\nand not\n{expected}"
                made += f"$ {command}\n{expected if fits else said}"
            outputs.append((block, made))
    for block, made in reversed(outputs):
        written = written[: block.start] + made + written[block.start + len(block.text) :]
    if written != page:
        path.write_text(written)


def run(command: str, folder: Path) -> tuple[int, str]:
    """Return the exit code of a command line and what it prints, paths of *folder* from there on; of btfview
    itself in this process, since a new one takes a fifth of a second."""
    words = shlex.split(command.replace("\\\n", "")) if _SHELL.isdisjoint(command) else []
    if words[:1] == ["btfview"]:
        printed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        with contextlib.chdir(folder), redirect_stdout(printed), redirect_stderr(printed):
            code = main(words[1:])
        said = printed.buffer.getvalue().decode()
    else:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        code, said = done.returncode, done.stdout
    return code, said.replace(f"{folder}/", "").replace(str(folder), ".")


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a shell in which ``btfview`` is this one."""
    programs = folder.parent / "bin"
    programs.mkdir(exist_ok=True)
    shim = programs / "btfview"
    shim.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m btfview "$@"\n'
    )
    shim.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "BTFVIEW_CACHE": "0",
    }


def is_alike(said: str, expected: str) -> bool:
    """Tell whether a command printed what is expected.

    >>> is_alike("a\\nb c\\nd\\n", "a\\nb ...\\n...\\n"), is_alike("a\\n", "b\\n")
    (True, False)
    """
    pattern = ""
    for line in expected.splitlines():
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            beginning = line.removesuffix(" ...")
            pattern += re.escape(beginning) + ("\n" if beginning == line else r" .*\n")
    return re.fullmatch(pattern, said) is not None


def needs_headers() -> None:
    """Skip the test where libbpf's headers are not."""
    if not Path("/usr/include/bpf/bpf_helpers.h").exists():
        pytest.skip("needs libbpf's headers (libbpf-dev)")
