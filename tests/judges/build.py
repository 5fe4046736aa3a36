"""Builds the judges: small programs on the real libraries, with the ordinary clients of their registries.

A judge is kept between runs in the user's cache directory. Where it cannot be had, because there is no
compiler or its registry cannot be reached, the test that asks for it is skipped and says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

JUDGES = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "btfview-judges"
_UNREACHABLE = re.compile(
    r"could not resolve|no such host|dial tcp|connection refused|timed out|i/o timeout|network|proxyconnect"
    r"|failed to download|unable to update registry|couldn't connect|offline|server misbehaving|\b50[0-9]\b",
    re.IGNORECASE,
)
"""What cargo and go say where a registry cannot be reached; anything else is an error of ours."""
_TOO_OLD = re.compile(r"requires rustc|requires go >=|toolchain not available", re.IGNORECASE)


def build_aya() -> Path:
    """Return the judge on aya-obj (``tests/judges/aya``)."""
    _require("cargo")
    folder, built = JUDGES / "aya", _CACHE / "aya"
    _run(["cargo", "fetch", "--locked"], folder)
    _run(["cargo", "build", "--release", "--locked", "--offline", "--target-dir", str(built)], folder)
    return built / "release" / "judge-aya"


def build_cilium() -> Path:
    """Return the judge on cilium/ebpf (``tests/judges/cilium``)."""
    _require("go")
    folder, built = JUDGES / "cilium", _CACHE / "judge-cilium"
    _run(["go", "mod", "download", "github.com/cilium/ebpf", "golang.org/x/sys"], folder)
    _run(["go", "build", "-trimpath", "-o", str(built), "."], folder)
    return built


def _require(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"needs {tool}")


def _run(command: list[str], folder: Path) -> None:
    _CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "GOTOOLCHAIN": "local"}
    )
    if not done.returncode:
        return
    said = done.stderr.strip()
    last = said.splitlines()[-1] if said else "it says nothing"
    for reason in (_UNREACHABLE, _TOO_OLD):
        if reason.search(said):
            pytest.skip(f"{' '.join(command[:3])}: {last}")
    pytest.fail(f"{' '.join(command)} in {folder.name}: {said}")
