"""Builds the judges: small programs on the real libraries, with the ordinary clients of their registries.

``python -m tests.judges.build`` builds them and says which version of its library each has; CI begins so. A
judge is kept in the user's cache directory, under a name made of its sources. Where it cannot be had, because
there is no compiler or its registry cannot be reached, a test that asks for it is skipped and says so; in CI
it fails.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

JUDGES = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "btfview-judges"
_TRIES = 3
"""Registries are asked as often as that."""
_PINNED = {
    "aya": (JUDGES / "aya" / "Cargo.toml", r'^aya-obj = "=([\d.]+)"', "aya-obj"),
    "cilium": (JUDGES / "cilium" / "go.mod", r"^require github.com/cilium/ebpf v([\d.]+)", "cilium/ebpf"),
}


class NotBuiltError(Exception):
    """A judge cannot be built here; the text says why."""


def judge_of(loader: str) -> Path:
    """Return the judge on the library of *loader*, ``aya`` or ``cilium``; it is built where it is not there.

    The test is skipped where it cannot be built.
    """
    import pytest

    try:
        return _built(loader)
    except NotBuiltError as error:
        pytest.skip(str(error))


def library_of(loader: str) -> str:
    """Return the library and the version that the judge of *loader* is pinned to: ``aya-obj 0.3.0``."""
    file, pattern, name = _PINNED[loader]
    found = re.search(pattern, file.read_text(), re.MULTILINE)
    assert found is not None, f"{file} does not say the version of {name}"
    return f"{name} {found[1]}"


@cache
def _built(loader: str) -> Path:
    """Return the judge, built.

    Raises:
        NotBuiltError: it cannot be built.
    """
    folder = JUDGES / loader
    digest = sha256()
    for source in sorted(path for path in folder.rglob("*") if path.is_file() and "target" not in path.parts):
        digest.update(source.read_bytes())
    judge = _CACHE / f"{loader}-{digest.hexdigest()[:16]}"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f"{loader}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of one run ask for the same judge at once
        if not judge.exists():
            part = _CACHE / f"{loader}.part"
            _BUILDERS[loader](folder, part)
            part.replace(judge)
    return judge


def _build_aya(folder: Path, built: Path) -> None:
    target = _CACHE / "aya-target"
    _run(["cargo", "fetch", "--locked"], folder, tries=_TRIES)
    _run(["cargo", "build", "--release", "--locked", "--offline", "--target-dir", str(target)], folder)
    shutil.copy(target / "release" / "judge-aya", built)


def _build_cilium(folder: Path, built: Path) -> None:
    _run(["go", "mod", "download", "github.com/cilium/ebpf", "golang.org/x/sys"], folder, tries=_TRIES)
    _run(["go", "build", "-trimpath", "-o", str(built), "."], folder)


_BUILDERS = {"aya": _build_aya, "cilium": _build_cilium}


def _run(command: list[str], folder: Path, tries: int = 1) -> None:
    if shutil.which(command[0]) is None:
        raise NotBuiltError(f"the judge of {folder.name} needs {command[0]}, which is not there")
    for _ in range(tries):
        # cargo has rustc read its standard input, which in a worker of xdist is xdist's own.
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
        if not done.returncode:
            return
    raise NotBuiltError(f"the judge of {folder.name}: {' '.join(command[:3])}: {done.stderr.strip()[-600:]}")


def main() -> int:
    """Build all of them, and print what they are; return 1 where one cannot be had."""
    code = 0
    for loader in _BUILDERS:
        try:
            print(f"judge of {loader}: {library_of(loader)}, {_built(loader)}", flush=True)
        except NotBuiltError as error:
            print(error, file=sys.stderr, flush=True)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
