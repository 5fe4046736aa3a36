"""Text that is being edited and not saved, kept beside the list of recent files: a killed process or a lost
terminal takes no more than the last second of it.

A convenience like that list: where it cannot be written, it is not.
"""

from __future__ import annotations

import contextlib
import hashlib
import os

from .recent import state_folder


def rescue_path(path: str) -> str:
    """Return where the unsaved text of the file *path* is kept."""
    real = os.path.realpath(path)
    number = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
    return os.path.join(state_folder(), "unsaved", f"{number}-{os.path.basename(real)}")


def keep_text(path: str, text: str) -> None:
    """Keep *text*, which is not what the file *path* holds."""
    target = rescue_path(path)
    scratch = f"{target}.{os.getpid()}"
    with contextlib.suppress(OSError, ValueError):
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with open(scratch, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
        os.replace(scratch, target)


def forget_text(path: str) -> None:
    """The text of *path* was saved, or is not wanted."""
    with contextlib.suppress(OSError, ValueError):
        os.unlink(rescue_path(path))


def kept_text(path: str) -> str | None:
    """Return the file that holds text of *path* that was never saved; None where there is none."""
    target = rescue_path(path)
    return target if os.path.isfile(target) else None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
