"""Hand the terminal to the user's editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from btfview.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

_PLUS_LINE = frozenset(
    (
        "vi",
        "vim",
        "nvim",
        "view",
        "gvim",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "micro",
        "joe",
        "mg",
        "kak",
        "ne",
    )
)
_COLON_LINE = frozenset(("hx", "helix", "subl", "zed"))
_GOTO_LINE = frozenset(("code", "codium", "code-insiders"))


def editor_command(path: str, line: int) -> list[str]:
    """Return the command that edits *path* at *line* (from 1): ``$VISUAL``, ``$EDITOR`` or ``vi``.

    Editors that are not known get the path alone.

    Raises:
        UsageError: the variable makes no sense, or its program is not there.
    """
    variable = next((name for name in ("VISUAL", "EDITOR") if os.environ.get(name, "").strip()), None)
    wanted = os.environ[variable] if variable else "vi"
    try:
        command = shlex.split(wanted)
    except ValueError as error:
        raise UsageError(f"${variable} is {wanted!r}: {str(error).lower()}") from error
    if not command or shutil.which(command[0]) is None:
        origin = f"${variable}" if variable else "the default editor"
        raise UsageError(f"{origin} is {wanted!r}, which is not there; set $EDITOR to the editor you use")
    program = os.path.basename(command[0])
    path = os.path.join(".", path) if path.startswith(("-", "+")) else path
    if program in _PLUS_LINE:
        return [*command, f"+{line}", path]
    if program in _COLON_LINE:
        return [*command, f"{path}:{line}"]
    if program in _GOTO_LINE:
        return [*command, "--wait", "--goto", f"{path}:{line}"]
    return [*command, path]


def edit_file(app: App[None], path: str, line: int, note_editor: Callable[[int], None]) -> bool:
    """Let the user edit *path*, and return when the editor has ended; false, with a notification, when it
    could not be started.

    *note_editor* is told its process id, and 0 once it has ended.
    """
    try:
        command = editor_command(path, line)
    except UsageError as error:
        app.notify(str(error), title="Edit", severity="error")
        return False
    try:
        with app.suspend(), subprocess.Popen(command) as editor:
            note_editor(editor.pid)
            code = editor.wait()
    except SuspendNotSupported:
        app.notify("This terminal cannot be handed to an editor.", title="Edit", severity="error")
        return False
    except OSError as error:
        app.notify(f"{command[0]}: {error.strerror}", title="Edit", severity="error")
        return False
    finally:
        note_editor(0)
    if code:
        app.notify(f"{command[0]} ended with code {code}", title="Edit", severity="warning")
    return True
