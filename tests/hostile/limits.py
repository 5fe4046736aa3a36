"""Run a command as users do, with 512 MB and 2 seconds of processor time."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.paths import ROOT

MEMORY = 512 << 20
"""Bytes of address space, of which the interpreter and its libraries have some 40 MB."""
SECONDS = 2


def run_limited(
    *arguments: str | Path, stdin: int | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Return how ``btfview ARGUMENTS`` ended."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))

    command = [sys.executable, "-m", "btfview", *map(str, arguments)]
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "BTFVIEW_CACHE": "0", **(environ or {})},
        preexec_fn=limit,
        timeout=120,
    )


def assert_ended(run: subprocess.CompletedProcess[bytes], what: str) -> None:
    """Assert that a command said what it found, or what is wrong, and was not ended for its greed."""
    said = run.stderr[-2000:].decode("utf-8", "replace")
    assert run.returncode >= 0, f"{what}: ended by {signal.Signals(-run.returncode).name}: {said}"
    assert run.returncode in (0, 1, 2, 3, 4), f"{what}: exit {run.returncode}: {said}"
    assert "Traceback" not in said, f"{what}: {said}"
