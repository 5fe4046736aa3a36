"""The rustc of this machine: where it is, what it is, and whether its IR can be read here."""

from __future__ import annotations

import os

from btfview.compiler.processes import converse, spawn
from btfview.errors import CompilerError
from btfview.frozen import frozen

TYPE_CHECKING = False

if TYPE_CHECKING:
    from btfview.compiler.processes import Exit

RUSTC_VARIABLE = "BTFVIEW_RUSTC"
OUR_LLVM = 22
"""Major version of the LLVM in llvmlite, which reads the textual IR of older ones too."""
OLDEST = (1, 85)
"""The first rustc with edition 2024 and ``unsafe(no_mangle)``."""
_TIME_LIMIT = 20.0
_KEPT = ("PATH", "HOME", "TMPDIR", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME", "LANG", "LD_LIBRARY_PATH")
"""What rustc may know of the environment: where toolchains are. ``RUSTFLAGS`` is for cargo alone."""


@frozen
class Toolchain:
    rustc: str
    """Path of the program; of rustup's proxy where that is what is on ``PATH``."""
    version: str
    """``1.95.0``."""
    identity: str
    """What tells it from others: the whole of ``rustc -vV``."""
    host: str
    """``x86_64-unknown-linux-gnu``."""
    llvm: int
    """Major version of its LLVM."""


_known: dict[tuple[str, int, str], Toolchain] = {}


def find_toolchain(folder: str | None = None) -> Toolchain:
    """Return the rustc to use in *folder*, where a ``rust-toolchain.toml`` may choose another:
    ``$BTFVIEW_RUSTC`` (a path, or a name on ``PATH``) or ``rustc``.

    Raises:
        CompilerError: there is none, it does not run, or it is too old or too new; says what to do.
    """
    path = _program()
    key = (path, os.stat(path).st_mtime_ns, os.path.abspath(folder) if folder else "")
    known = _known.get(key)
    if known is None:
        known = _known[key] = _ask(path, folder)
    return known


def is_there() -> bool:
    """Return whether a rustc that can be used is there."""
    try:
        find_toolchain()
    except CompilerError:
        return False
    return True


def environment() -> dict[str, str]:
    """Return the environment that rustc is run in."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C", "RUSTUP_AUTO_INSTALL": "0"}


def search_path(name: str) -> str | None:
    """Return the program *name* on ``PATH``; nothing is taken from the working directory."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _program() -> str:
    wanted = os.environ.get(RUSTC_VARIABLE, "")
    path = wanted if "/" in wanted else search_path(wanted or "rustc")
    if path is None or not os.path.isfile(path):
        if wanted:
            raise CompilerError(f"{RUSTC_VARIABLE} is {wanted!r}, and there is no such program")
        raise CompilerError(
            "this needs rustc, and there is none on PATH; install it (https://rustup.rs) "
            f"or set {RUSTC_VARIABLE} to its path"
        )
    return os.path.abspath(path)


def _ask(path: str, folder: str | None) -> Toolchain:
    command = [path, "-vV"]
    if folder:
        command = ["/bin/sh", "-c", 'cd "$1" && exec "$2" -vV', "sh", folder, path]
    try:
        [end] = converse([(spawn(command, environment()), b"")], time_limit=_TIME_LIMIT)
    except OSError as error:
        raise CompilerError(
            f"{path} could not be started: {(error.strerror or str(error)).lower()}"
        ) from error
    text = end.stdout.decode("utf-8", "replace")
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    if end.code or end.stopped or "release" not in fields:
        raise CompilerError(f"{path} does not run: {_why(end)}")
    version = fields["release"]
    toolchain = Toolchain(path, version, text, fields.get("host", ""), _major(fields.get("LLVM version", "")))
    if _numbers(version) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise CompilerError(
            f"rustc {version} is too old: {oldest} or newer is needed; `rustup update stable`"
        )
    if toolchain.llvm > OUR_LLVM:
        raise CompilerError(
            f"rustc {version} writes the IR of LLVM {toolchain.llvm}, and btfview reads that of "
            f"LLVM {OUR_LLVM} and older; install rustc 1.95 and set {RUSTC_VARIABLE} to it"
        )
    return toolchain


def _why(end: Exit) -> str:
    if end.stopped:
        return f"it was stopped ({end.stopped})"
    lines = [line.strip() for line in end.stderr.splitlines() if line.strip()]
    if lines and "rustup" in end.stderr:
        return f"{lines[0].removeprefix('error: ')}; `rustup default stable` installs a toolchain"
    return lines[0] if lines else f"exit code {end.code}"


def _major(version: str) -> int:
    head = version.partition(".")[0]
    return int(head) if head.isdecimal() else 0


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdecimal())
