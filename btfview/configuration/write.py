"""A configuration as TOML: what is in force, and one to begin with."""

from __future__ import annotations

from btfview.fitted import with_path
from btfview.frozen import TYPE_CHECKING

from .keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .key import Key
    from .read import Configuration


def starter_text(table: str = "", keys: Sequence[Key] = KEYS) -> str:
    """Return a file that says nothing yet, each key as a comment with its text; with *table* as that."""
    about = "What btfview does here" if keys is KEYS else "How btfview's screen is for you"
    parts = [f"# {about}; btfview config show tells what is in force."]
    if table:
        parts.append(f"[{table}]")
    for key in keys:
        doc = "\n".join(f"# {line}" for line in key.doc.split("\n"))
        parts.append(f"\n{doc}\n# {key.name} = {key.example}")
    return "\n".join(parts) + "\n"


def shown_text(configuration: Configuration | None, keys: Sequence[Key] = KEYS, width: int = 0) -> str:
    """Return what is in force as TOML, each value with where it comes from, in lines of *width*."""
    lines = []
    for key in keys:
        value = configuration.get(key.name) if configuration else key.default
        place = configuration.places.get(key.name) if configuration else None
        told = str(place) if place else "default"
        if value is None:
            lines.append(f"# {key.name} is not set")
        else:
            lines.append(with_path(f"{key.name} = {toml_value(value)}  # ", told, width))
    return "\n".join(lines)


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it, in one line.

    >>> toml_value({"a b": ["c", 'd"']}), toml_value(())
    ('{ "a b" = ["c", "d\\\\""] }', '[]')
    """
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        held = ", ".join(f"{_key(name)} = {toml_value(one)}" for name, one in value.items())
        return f"{{ {held} }}" if held else "{}"
    return f"[{', '.join(map(toml_value, value))}]"


def _key(name: str) -> str:
    return name if name.replace("-", "").isalnum() and name.isascii() else _string(name)


def _string(text: str) -> str:
    """Return a basic string (TOML 1.0, "String"), what does not print escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    parts = []
    for char in escaped:
        code = ord(char)
        if 0xD800 <= code < 0xE000:
            parts.append("\N{REPLACEMENT CHARACTER}")
        elif char.isprintable():
            parts.append(char)
        else:
            parts.append(f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")
    return f'"{"".join(parts)}"'
