"""The environment variables that btfview reads, and what they mean, for the reference and the man page."""

from __future__ import annotations

from btfview.frozen import frozen


@frozen
class Variable:
    """One environment variable."""

    name: str
    meaning: str
    """Sentences; what holds where it is not set among them."""


VARIABLES = (
    Variable(
        "BTFVIEW_CLANG",
        "The clang that compiles C: a path, or a name that PATH has. Else the newest clang of PATH, or that "
        "of the Python package ziglang.",
    ),
    Variable(
        "BTFVIEW_RUSTC",
        "The rustc for whole Rust programs: a path, or a name that PATH has. Else the rustc of PATH.",
    ),
    Variable("CARGO", "The cargo for Cargo projects. Else the cargo of PATH."),
    Variable(
        "BTFVIEW_CARGO_SECONDS",
        "How long the build of a Cargo project may take, in seconds; else 600.",
    ),
    Variable(
        "BTFVIEW_CACHE",
        "The size of the cache in MB, else 512; 0 turns it off. In it are unpacked kernels, and what "
        "rustc needs of btfview.",
    ),
    Variable(
        "BTFVIEW_TRACEBACK",
        "Set to anything, an error of btfview itself ends with Python's traceback: for reports of bugs.",
    ),
    Variable("TEXTUAL_DRIVER", "Where Textual draws, in place of the terminal; btfview serve sets it."),
    Variable("NO_COLOR", "Set to anything, nothing is coloured; --color always overrules it."),
    Variable(
        "TERM",
        "What the terminal can; dumb: no colours, and no screen.",
    ),
    Variable("COLORTERM", "truecolor where the terminal has 16 million colours, which TERM does not tell."),
    Variable("VISUAL", "The editor that e opens on the screen."),
    Variable("EDITOR", "The same where VISUAL is not set; else vi."),
    Variable("XDG_CACHE_HOME", "The folder in which btfview/ is the cache. Else ~/.cache."),
    Variable("XDG_CONFIG_HOME", "The folder of your own configuration, btfview/config.toml. Else ~/.config."),
    Variable(
        "XDG_STATE_HOME",
        "The folder of btfview/, with files opened lately, arrangement, reports. Else ~/.local/state.",
    ),
    Variable("PATH", "Where clang, rustc, cargo and editors are looked for; only absolute folders of it."),
    Variable(
        "TMUX",
        "Set by tmux: btfview doctor asks tmux, and not the terminal, whether copies reach the clipboard.",
    ),
    Variable("STY", "Set by GNU screen, which passes no copies on: btfview doctor says so."),
    Variable("TERM_PROGRAM", "The terminal's name, by which btfview doctor knows whether it takes copies."),
    Variable("WT_SESSION", "Set by Windows Terminal, which takes copies."),
)
"""In the order in which they are shown."""
INTERNAL = ("BTFVIEW_STAND_INS", "BTFVIEW_DIALECT", "BTFVIEW_PROGRAM")
"""Set for btfview's own wrapper of rustc, which cargo calls."""
