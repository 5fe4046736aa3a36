"""Which names code can be written with."""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from .way import Way

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,199}")
_C_KEYWORDS = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum"),
        *("extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return"),
        *("short", "signed", "sizeof", "static", "struct", "switch", "typedef", "typeof", "union"),
        *("unsigned", "void", "volatile", "while"),
    )
)
NOT_RUST = frozenset(("self", "Self", "super", "crate", "_"))
"""Words that Rust does not even take raw."""


def unwritable(way: Way) -> str | None:
    """Return a name on the way that C or Rust cannot write; None where there is none."""
    names = (name for hop in way.hops for name in (hop.root, *(part.name for part in hop.parts)))
    return next((name for name in names if not is_writable(name)), None)


def is_writable(name: str) -> bool:
    return is_c_name(name) and name not in NOT_RUST


def is_c_name(name: str) -> bool:
    return bool(_IDENTIFIER.fullmatch(name)) and name not in _C_KEYWORDS


def tame(name: str) -> str:
    """Return the name of a kernel, which is that of a file, as a comment can hold it."""
    return re.sub(r"[^A-Za-z0-9.+_-]", "_", name)[:80]
