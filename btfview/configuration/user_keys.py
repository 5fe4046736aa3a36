"""The keys of the user's own configuration, ``~/.config/btfview/config.toml``."""

from __future__ import annotations

from .key import BOUND, CHOICE, TEXTS, Key
from .keys import FRONTEND, TARGETS
from .themes import THEMES

KEY_SETS = ("both", "vim", "arrows")
LAYOUTS = ("auto", "rows", "tabs")
ROWS = ("by path", "by function", "by type", "worst first")
COLUMNS = ("by age", "every kernel", "as given")

USER_KEYS = (
    Key(
        "theme",
        CHOICE,
        None,
        "The colours of the screen; a theme that is chosen there afterwards holds until this changes.",
        '"high-contrast-dark"',
        THEMES,
    ),
    Key(
        "key-set",
        CHOICE,
        "both",
        "Which keys move in lists: both letters and arrows; vim, where g is the first line everywhere,\n"
        "ctrl+o goes back and ctrl+w to the next pane; arrows alone, so that the letters are free.",
        '"vim"',
        KEY_SETS,
    ),
    Key(
        "keys",
        BOUND,
        {},
        "Keys by the name of the action, as btfview keys lists them: one, or a list; [] is none.",
        '{ compile = "f5", "list.down" = ["down", "ctrl+n"] }',
    ),
    TARGETS,
    Key(
        "flags",
        TEXTS,
        (),
        "Flags for clang, for C sources, before those behind -- on the command line.",
        '["-I", "include"]',
    ),
    FRONTEND,
    Key(
        "arrangement.layout",
        CHOICE,
        "auto",
        "Panes as the terminal has room for, at most two rows of them, or always one at a time.",
        '"tabs"',
        LAYOUTS,
    ),
    Key(
        "arrangement.detail",
        CHOICE,
        "shown",
        "Whether the detail of the selection is shown at the start.",
        '"hidden"',
        ("shown", "hidden"),
    ),
    Key("arrangement.rows", CHOICE, ROWS[0], "The order of records and offsets.", '"worst first"', ROWS),
    Key(
        "arrangement.columns",
        CHOICE,
        COLUMNS[0],
        "The columns of the offsets: by age with equal ones in one, every kernel, or as given.",
        '"every kernel"',
        COLUMNS,
    ),
)
"""In the order in which they are shown."""
