"""Literals to values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .tree import Tree

if TYPE_CHECKING:
    from .tree import Node

_ESCAPES = {"n": 10, "r": 13, "t": 9, "\\": 92, "0": 0, "'": 39, '"': 34}
_INTEGER = re.compile(r"(0x[0-9a-fA-F_]+?|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)([iu](?:8|16|32|64|128|size))?")
MAX_DIGITS = 60
"""Of an integer literal, with ``0x``: more than any type holds, and read in no time."""


def integer_value(text: str) -> tuple[int, str] | None:
    """Return the value and suffix of an integer literal; None where it is malformed.

    >>> integer_value("0xff_u8"), integer_value("1_000"), integer_value("0b12")
    ((255, 'u8'), (1000, ''), None)
    """
    if text.isdecimal() and text.isascii() and len(text) <= MAX_DIGITS:
        return int(text), ""
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    digits, suffix = match[1].replace("_", ""), match[2] or ""
    if len(digits) > MAX_DIGITS or digits in ("0x", "0o", "0b"):
        return None
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    return int(digits[2:] if base != 10 else digits, base), suffix


def string_value(tree: Tree, node: Node) -> bytes | None:
    """Return the bytes of a string, byte string or C string literal; None for a bad escape.

    A C string ends with the NUL that Rust adds.
    """
    text = tree.text(node)
    opening = text.find('"')
    prefix, body = text[:opening], text[opening + 1 : -1]
    data = _unescape(body, is_byte=prefix == "b")
    return data + b"\0" if data is not None and prefix == "c" else data


def char_value(text: str) -> tuple[int, bool] | None:
    """Return the code of ``'a'`` or ``b'a'`` and whether it is a byte; None for a bad escape."""
    is_byte = text.startswith("b")
    body = text[2:-1] if is_byte else text[1:-1]
    data = _unescape(body, is_byte=is_byte)
    if data is None:
        return None
    if is_byte:
        return (data[0], True) if len(data) == 1 else None
    decoded = data.decode("utf-8", "replace")
    return (ord(decoded), False) if len(decoded) == 1 else None


def _unescape(body: str, *, is_byte: bool) -> bytes | None:
    out = bytearray()
    position = 0
    while position < len(body):
        char = body[position]
        if char != "\\":
            if is_byte and not char.isascii():
                return None
            out += char.encode("utf-8", "replace")
            position += 1
            continue
        escape = body[position + 1 : position + 2]
        if escape == "x":
            digits = body[position + 2 : position + 4]
            if not re.fullmatch(r"[0-9a-fA-F]{2}", digits) or (not is_byte and int(digits, 16) > 127):
                return None
            out.append(int(digits, 16))
            position += 4
        elif escape == "u" and not is_byte:
            match = re.compile(r"\\u\{([0-9a-fA-F_]{1,10})\}").match(body, position)
            code = int(match[1].replace("_", "") or "0", 16) if match else 0x110000
            if match is None or code > 0x10FFFF or 0xD800 <= code < 0xE000:
                return None
            out += chr(code).encode()
            position = match.end()
        elif escape == "\n":
            position += 2
            while position < len(body) and body[position] in " \t\r\n":
                position += 1
        elif escape in _ESCAPES:
            out.append(_ESCAPES[escape])
            position += 2
        else:
            return None
    return bytes(out)
