"""One run of rustc: a folder of its own, the stand-in for ``core::btf`` beside the program, IR back."""

from __future__ import annotations

import contextlib
import os
import re

from btfview.compiler.processes import converse, spawn
from btfview.frozen import frozen

from .flags import CODEGEN, LINTS
from .rewriting.rewrite import STAND_IN
from .toolchain import Toolchain, environment

TYPE_CHECKING = False

if TYPE_CHECKING:
    from btfview.compiler.processes import Exit

_FOLDER = os.path.join(os.path.dirname(__file__), "stand_in")
_BEFORE_2024 = re.compile(r"#\[(?:no_mangle|link_section|export_name)\b|(?<!unsafe )\bextern\s+\"C\"\s*\{")
"""Attributes and blocks that edition 2024 wants to be ``unsafe``."""


def edition_of(text: str) -> str:
    """Return the edition of a single file, which says none: the newest that takes it; a project says its own.

    >>> edition_of("#[no_mangle] fn f() {}"), edition_of("#[unsafe(no_mangle)] fn f() {}")
    ('2021', '2024')
    """
    return "2021" if _BEFORE_2024.search(text) else "2024"


class StandInError(Exception):
    """The stand-in could not be compiled; ``str()`` is what rustc said."""


@frozen
class Compiled:
    end: Exit
    ir: str | None


def stand_in_text(dialect: str) -> str:
    """Return the source of the stand-in for ``core::btf`` in *dialect*, ``repr`` or ``option``."""
    parts = []
    for name in ("query", dialect):
        with open(os.path.join(_FOLDER, f"{name}.rs"), encoding="utf-8") as file:
            parts.append(file.read())
    return "".join(parts)


def compile_stand_in(
    toolchain: Toolchain, dialect: str, folder: str, time_limit: float, wake_fd: int | None
) -> str:
    """Return the path of the stand-in's crate, compiled into *folder* unless it is there.

    Raises:
        StandInError: rustc refuses it, or ends otherwise.
    """
    import hashlib
    import tempfile

    text = stand_in_text(dialect)
    key = hashlib.sha256(f"{toolchain.identity}\n{text}".encode()).hexdigest()[:16]
    path = os.path.join(folder, f"{dialect}-{key}", f"lib{STAND_IN}.rlib")
    if os.path.exists(path):
        return path
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    # In a folder of its own: two that begin at once must not read what the other is writing.
    with tempfile.TemporaryDirectory(prefix="part-", dir=os.path.dirname(path)) as part:
        source = os.path.join(part, f"{STAND_IN}.rs")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        made = os.path.join(part, os.path.basename(path))
        command = [
            toolchain.rustc, "--edition=2021", "--crate-type=rlib", f"--crate-name={STAND_IN}",
            "--emit=link", "-Cpanic=abort", "-Copt-level=2", "--cap-lints=allow",
            f"--remap-path-prefix={part}=", "-o", made, source,
        ]  # fmt: skip
        [end] = converse([(spawn(command, environment()), b"")], time_limit=time_limit, wake_fd=wake_fd)
        if end.code or end.stopped:
            raise StandInError(end.stopped or end.stderr.strip() or f"exit code {end.code}")
        os.replace(made, path)
    return path


def run_rustc(
    toolchain: Toolchain,
    file: str,
    folder: str,
    stand_in: str,
    edition: str,
    time_limit: float,
    wake_fd: int | None,
) -> Compiled:
    """Return what rustc makes of *file*, a name in *folder*, where all that it writes goes too.

    Raises:
        OSError: rustc cannot be started.
    """
    output = os.path.join(folder, "out.ll")
    command = [
        toolchain.rustc, f"--edition={edition}", "--crate-type=lib", "--crate-name=program", *CODEGEN,
        "-Clink-dead-code", f"--emit=llvm-ir={output}", f"--out-dir={folder}", "--error-format=json",
        *LINTS,
        f"--extern={STAND_IN}={stand_in}", f"--remap-path-prefix={folder}{os.sep}=",
        os.path.join(folder, file),
    ]  # fmt: skip
    [end] = converse([(spawn(command, environment()), b"")], time_limit=time_limit, wake_fd=wake_fd)
    text = None
    if not end.code and not end.stopped:
        with contextlib.suppress(OSError), open(output, encoding="utf-8", errors="replace") as opened:
            text = opened.read()
    return Compiled(end, text)
