"""The sources of one crate as rustc is shown them: a folder like the crate's own, rewritten where need be.

Both sides know it: the wrapper that cargo calls in place of rustc (:mod:`.cargo.wrapper`), and whoever reads
what rustc says about the files in that folder.
"""

from __future__ import annotations

import contextlib
import os
import re

from btfview.source import Source

from .rewriting.rewrite import MAX_TOLD, Rewritten, rewrite

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = re.compile(
    r"btf_relocatable|repr\([^)]*Btf|core::btf|core::\{[^;]*\bbtf\b|builtin\s*#\s*btf|btf_relocations"
)
_REPR_C = re.compile(r"\brepr\s*\([^)]*\bC\b")
_EXTERNS = re.compile(r'\bextern\s*(?:"[^"]*"\s*)?\{')
_FETCHED = tuple(
    os.path.join(os.sep, *parts, "")
    for parts in (("registry", "src"), ("git", "checkouts"), ("rustlib", "src"), ("rustc",))
)
MAX_FILES = 5_000
"""Sources of a crate; a folder with more is none that a crate begins in."""


def read_dep_info(path: str) -> list[str]:
    """Return the files that a crate is made of, as rustc's dep-info at *path* has them; none where it has
    not been written (rustc: ``write_out_deps``, in the form of make)."""
    text = read_text(path) or ""
    for line in text.splitlines():
        target, _, names = line.partition(": ")
        if target.endswith(".d"):
            return [name.replace("\\ ", " ") for name in re.split(r"(?<!\\) ", names) if name]
    return []


def is_own(folder: str) -> bool:
    """Return whether a crate's *folder* is the user's own, and not one that cargo fetched."""
    return not any(part in f"{folder}{os.sep}" for part in _FETCHED)


def needs_rewriting(text: str, *, is_own: bool) -> bool:
    """Return whether *text* may have something that rustc does not know: most crates have nothing."""
    if is_own and ("target_arch" in text or _EXTERNS.search(text)):
        return True
    if is_own and len(text) <= MAX_TOLD and _REPR_C.search(text):
        return True
    return _WORDS.search(text) is not None


def sources_under(folder: str) -> Iterator[str]:
    """Yield the Rust files below *folder*, by paths relative to it; links to folders are not followed."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "target" and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".rs"):
                count += 1
                if count > MAX_FILES:
                    return
                yield os.path.relpath(os.path.join(place, name), folder)


def read_text(path: str) -> str | None:
    """Return the text of a file; None where it is none or cannot be read."""
    with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        return file.read()
    return None


def mirror(crate: str, folder: str) -> list[Rewritten]:
    """Make of *folder* a copy of the folder *crate*, its sources rewritten; return those that changed.

    All else is a link: what a program includes is found where it looks for it.
    """
    changed: list[Rewritten] = []
    own = is_own(crate)
    _clear(folder)
    for place, folders, names in os.walk(crate):
        folders[:] = [name for name in folders if name != "target" and not name.startswith(".")]
        there = os.path.normpath(os.path.join(folder, os.path.relpath(place, crate)))
        os.makedirs(there, exist_ok=True)
        for name in names:
            path, copy = os.path.join(place, name), os.path.join(there, name)
            text = read_text(path) if name.endswith(".rs") else None
            if text is None or not needs_rewriting(text, is_own=own):
                os.symlink(os.path.abspath(path), copy)
                continue
            rewritten = rewrite(Source(path, text), is_own=own)
            changed.append(rewritten)
            with open(copy, "w", encoding="utf-8") as file:
                file.write(rewritten.edited.text)
    return changed


def _clear(folder: str) -> None:
    if os.path.isdir(folder):
        import shutil

        shutil.rmtree(folder)
