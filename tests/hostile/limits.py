"""Run a command with 512 MB and 2 seconds of processor time.

``python -m tests.hostile.limits`` reads lines ``[FOLDER, ARGUMENT...]`` of JSON, runs ``btfview ARGUMENT...``
with what it says in files of FOLDER, and prints how that ended. What commands import is loaded once, and each
command is a fork of that: the limits are for the file that it reads.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from btfview.frozen import frozen
from tests.paths import ROOT

MEMORY = 512 << 20
"""Bytes of address space, of which the interpreter and its libraries have some 50 MB."""
SECONDS = 2
"""Of processor time, on a machine where nothing else runs."""
_SHARED = 2
"""As much longer it takes where two processes share a core."""
_PATIENCE = 100
"""Seconds by the clock after which a command is given up."""


@frozen
class Ended:
    """How a command ended."""

    code: int
    """Its exit code; negative for the signal that ended it."""
    stderr: str


class Commands:
    """Runs one command after the other; made by :func:`commands`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def run(self, *arguments: str | Path) -> Ended:
        """Return how ``btfview ARGUMENTS`` ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(self._folder), *map(str, arguments)]) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return Ended(code, (self._folder / "stderr").read_text("utf-8", "replace"))


@contextmanager
def commands(folder: Path) -> Iterator[Commands]:
    """Have commands run, what they say going to files of *folder*."""
    command = [sys.executable, "-m", "tests.hostile.limits"]
    environ = {**os.environ, "BTFVIEW_CACHE": "0"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environ) as process:
        try:
            yield Commands(process, folder)
        finally:
            process.kill()


def assert_ended(ended: Ended, what: str) -> None:
    """Assert that a command said what it found, or what is wrong, and was not ended for its greed."""
    said = ended.stderr[-2000:]
    assert ended.code >= 0, f"{what}: ended by {signal.Signals(-ended.code).name}: {said}"
    assert ended.code in (0, 1, 2, 3, 4), f"{what}: exit {ended.code}: {said}"
    assert "Traceback" not in said, f"{what}: {said}"


def _import_all() -> None:
    """Import what commands import; the screen, which few of them open, they import themselves."""
    import btfview

    for module in pkgutil.walk_packages(btfview.__path__, "btfview."):
        if not module.name.startswith("btfview.tui") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    importlib.import_module("elftools.elf.elffile")


def _become(folder: Path, arguments: list[str]) -> None:
    """Make this process one that a shell has started for ``btfview ARGUMENTS``, within the limits."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, folder / "stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, folder / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["btfview", *arguments]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * _SHARED, SECONDS * _SHARED + 1))
    signal.alarm(_PATIENCE)


def _serve() -> None:
    """Run a command a line of standard input. Returns in the process of a command, for it to begin."""
    while line := sys.stdin.readline():
        folder, *arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(Path(folder), arguments)
            return
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    sys.exit()


if __name__ == "__main__":
    from btfview.cli.main import main

    _import_all()
    _serve()
    sys.exit(main())
