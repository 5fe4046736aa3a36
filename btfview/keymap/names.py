"""How keys are written: ``?``, ``pgdn`` by people, ``question_mark`` and ``pagedown`` by Textual."""

from __future__ import annotations

import unicodedata

_REPLACED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Textual's names of characters, where Unicode has others (textual.keys: ``KEY_NAME_REPLACEMENTS``)."""
_UNICODE = {name: of_unicode for of_unicode, name in _REPLACED.items()}
_ALIASES = {
    "esc": "escape",
    "return": "enter",
    "pgdn": "pagedown",
    "pgup": "pageup",
    "del": "delete",
    "ins": "insert",
    "↓": "down",
    "↑": "up",
    "→": "right",
    "←": "left",
}
_SHOWN = {
    "escape": "esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "down": "↓",
    "up": "↑",
    "right": "→",
    "left": "←",
}
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+left_square_bracket": "escape"}
"""What a terminal sends for both (ASCII's control characters)."""
RESERVED = {
    "ctrl+q": "it always quits",
    "ctrl+c": "it copies what is marked, and says how to quit",
}
"""Keys that nothing is bound to, and why."""
_WORDS = frozenset(
    {"escape", "enter", "tab", "space", "backspace", "delete", "insert", "home", "end"}
    | {"pageup", "pagedown", "up", "down", "left", "right"}
)
NAMED = _WORDS | {f"f{number}" for number in range(1, 25)}
MODIFIERS = ("ctrl", "alt", "shift")


class KeyNameError(ValueError):
    """A key is not spelled as one; the text says what is allowed."""


def key_name(written: str) -> str:
    """Return the name that Textual has for a key that a person wrote.

    Raises:
        KeyNameError: there is none, or nothing can be bound to it.

    >>> [key_name(one) for one in ("?", "ctrl+S", "pgdn", "ctrl+↓", "+", "G", "question_mark")]
    ['question_mark', 'ctrl+s', 'pagedown', 'ctrl+down', 'plus', 'G', 'question_mark']
    """
    *modifiers, base = [written] if len(written) == 1 else _parts(written)
    modifiers = sorted({one.lower() for one in modifiers})
    if unknown := [one for one in modifiers if one not in MODIFIERS]:
        raise KeyNameError(f"there is no modifier {unknown[0][:20]}; there are {', '.join(MODIFIERS)}")
    name = _base_name(base)
    if len(name) == 1 and "shift" in modifiers:
        raise KeyNameError(f"shift and a letter is the letter: {name.upper()}")
    if "ctrl" in modifiers and len(name) == 1:
        name = name.lower()
    order = [one for one in ("alt", "ctrl", "shift") if one in modifiers]
    whole = "+".join([*order, name])
    if whole in _SAME:
        raise KeyNameError(f"a terminal sends the same as for {_SAME[whole]}")
    if whole in RESERVED:
        raise KeyNameError(f"nothing else can be bound to it: {RESERVED[whole]}")
    return whole


def _parts(written: str) -> list[str]:
    if written.endswith("++"):  # ctrl and the plus sign
        return [*written[:-2].split("+"), "+"]
    return written.split("+")


def _base_name(base: str) -> str:
    if len(base) == 1 and base not in _ALIASES:
        return _character_name(base)
    name = _ALIASES.get(base.lower(), base.lower())
    if name in NAMED or is_character(name):
        return name
    raise KeyNameError("a key is a character (x, ?), f1 to f24, or one of " + ", ".join(sorted(_WORDS)))


def _character_name(char: str) -> str:
    if char == " ":
        return "space"
    if not char.isprintable():
        raise KeyNameError("that is no character that can be typed")
    if char.isalnum():
        return char
    name = unicodedata.name(char, "").lower().replace("-", "_").replace(" ", "_")
    return _REPLACED.get(name, name)


def is_character(name: str) -> bool:
    """Tell whether a key types a character, as text is typed."""
    return len(name) == 1 or name == "space" or _char_of(name) is not None


def _char_of(name: str) -> str | None:
    if "+" in name or name in NAMED:
        return None
    spelled = _UNICODE.get(name, name).replace("_", " ").upper()
    for one in (spelled, spelled.replace(" ", "-", 1)):
        try:
            return unicodedata.lookup(one)
        except KeyError:
            continue
    return None


def shown_key(name: str) -> str:
    """Return a key as footer and help write it.

    >>> [shown_key(one) for one in ("question_mark", "ctrl+down", "shift+tab", "plus", "pagedown")]
    ['?', 'ctrl+↓', 'shift+tab', '+', 'PgDn']
    """
    *modifiers, base = name.split("+")
    return "+".join([*modifiers, _SHOWN.get(base) or (_char_of(base) if len(base) > 1 else None) or base])
