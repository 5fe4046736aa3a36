"""What is declared of a key of the configuration, and the kinds of values that there are."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from typing import Any

TEXT, TEXTS, PATH, CHOICE, CHOICES, MAP, TABLES, FLAGS, BOUND = (
    "text",
    "texts",
    "path",
    "choice",
    "choices",
    "map",
    "tables",
    "flags",
    "bound",
)
"""Kinds: a string, a list of strings, a path from the file's folder on, one of some words, a list of such, a
table of strings, an array of tables, flags for clang that a stranger may give, keys by names of actions."""
EXPECTED = {
    TEXT: "a string",
    TEXTS: "a list of strings",
    PATH: "a string, a path",
    CHOICE: "a string",
    CHOICES: "a list of strings",
    MAP: "a table of strings",
    TABLES: "an array of tables",
    FLAGS: "a list of strings",
    BOUND: "a table of keys",
}


@frozen
class Key:
    """One key."""

    name: str
    """``fail-on``; one of a table with dots."""
    kind: str
    default: Any
    doc: str
    """One or two sentences, in lines of at most 100 characters."""
    example: str
    """As TOML, behind the equals sign; what ``config init`` writes as a comment."""
    choices: tuple[str, ...] = ()
    """For CHOICE and CHOICES; for MAP those of its values."""
    columns: tuple[str, ...] = ()
    """For TABLES: the keys that a table may have, the first of which it must have."""
    is_by_rule: bool = False
    """For MAP and TABLES: the names, and the first column, are rules of ``check``."""
