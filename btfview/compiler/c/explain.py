"""What flag is missing, where clang says what it did not find."""

from __future__ import annotations

import contextlib
import os
import re

from btfview.frozen import replace

from .kernel import HEADER

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.diagnostics import Diagnostic
    from btfview.source import Source

    from .database import BuildFlags

_MISSING = re.compile(r"'(?P<name>[^']+)' file not found")
_ARCH = "__TARGET_ARCH"
_ARCHS = "x86, arm64, arm, s390, powerpc, riscv, mips, sparc, loongarch or arc"
_PACKAGES = (
    ("bpf/", "install libbpf's headers (`apt install libbpf-dev`, `dnf install libbpf-devel`)"),
    (("asm/", "linux/", "asm-generic/"), "install the kernel's headers (`apt install linux-libc-dev`)"),
    (
        ("stdio.h", "stdlib.h", "string.h", "unistd.h", "errno.h", "sys/", "gnu/", "bits/"),
        "that is the C library's, which BPF has not: take the types from vmlinux.h or linux/types.h",
    ),
)
_MAX_FOLDERS = 400


def is_missing_header(diagnostic: Diagnostic, name: str) -> bool:
    """Return whether *diagnostic* says that the header *name*, in any folder, was not found."""
    found = _MISSING.search(diagnostic.message)
    return found is not None and os.path.basename(found["name"]) == name


def explain_flags(
    diagnostics: tuple[Diagnostic, ...], source: Source, build: BuildFlags, header_problem: str
) -> tuple[Diagnostic, ...]:
    """Return *diagnostics* with the flag or the package that is missing, where one is, and where the flags
    came from; *header_problem* says why there is no ``vmlinux.h``."""
    explained = []
    for diagnostic in diagnostics:
        hint = _hint(diagnostic.message, source, header_problem) if diagnostic.is_error else None
        if hint and not diagnostic.hint:
            diagnostic = replace(diagnostic, hint=hint)
        explained.append(diagnostic)
    at = next((index for index, one in enumerate(explained) if one.is_error), None)
    if at is not None and build.database:
        note = build.problem or f"with the flags that {build.database} has for it"
        explained[at] = replace(explained[at], notes=(*explained[at].notes, note))
    return tuple(explained)


def _hint(message: str, source: Source, header_problem: str) -> str | None:
    if missing := _MISSING.search(message):
        return _missing_hint(missing["name"], source, header_problem)
    if _ARCH in message:
        return f"say for which kernel: behind the file -- -D__TARGET_ARCH_x86 ({_ARCHS})"
    if "unknown argument" in message or "unsupported option" in message:
        return "clang does not know this flag for BPF: leave it out behind --, or in compile_commands.json"
    return None


def _missing_hint(name: str, source: Source, header_problem: str) -> str:
    if folder := next(_folders_with(name, source), None):
        return f"it is there: behind the file -- -I{folder}"
    if os.path.basename(name) == HEADER and header_problem:
        return (
            f"{header_problem}; give one with -t, or make the header on a machine that has its kernel: "
            f"btfview types running --format c > {HEADER}"
        )
    for names, hint in _PACKAGES:
        if name.startswith(names):
            return f"{hint}, or say behind the file where it is: -- -I FOLDER"
    return "say behind the file where it is: -- -I FOLDER"


def _folders_with(name: str, source: Source) -> Iterator[str]:
    """Yield folders near the source in which *name* is: those above it, what is in them, and the ``include``
    of each."""
    looked = 0
    folder = os.path.dirname(source.path) or "."
    for _ in range(4):
        inner: list[str] = []
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            inner = sorted(
                entry.path for entry in entries if entry.is_dir() and not entry.name.startswith(".")
            )
        for place in (folder, *inner):
            for there in (place, os.path.join(place, "include"), os.path.join(place, "src")):
                looked += 1
                if looked > _MAX_FOLDERS:
                    return
                if os.path.isfile(os.path.join(there, name)):
                    yield os.path.normpath(there)
        if os.path.ismount(folder) or os.path.samefile(folder, os.path.join(folder, "..")):
            return
        folder = os.path.normpath(os.path.join(folder, ".."))
