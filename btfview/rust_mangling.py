"""Rust's mangled symbols as people write them: v0 (RFC 2603), and the legacy form of before 2025."""

from __future__ import annotations

import re

_LEGACY = re.compile(r"_ZN((?:\d+\S+?)+)17h[0-9a-f]{16}E")
_ESCAPES = {"SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ","}
_ESCAPE = re.compile(r"\$(?:([A-Z]+)|u([0-9a-f]{1,6}))\$")
_BASIC = {
    "b": "bool", "c": "char", "e": "str", "u": "()", "a": "i8", "s": "i16", "l": "i32", "x": "i64",
    "n": "i128", "i": "isize", "h": "u8", "t": "u16", "m": "u32", "y": "u64",
    "o": "u128", "j": "usize", "f": "f32", "d": "f64", "z": "!", "p": "_", "v": "...",
}  # fmt: skip
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAX_DEPTH, _MAX_STEPS, _MAX_SYMBOL = 60, 3000, 4096


def read_mangled(symbol: str) -> str:
    """Return the path that *symbol* stands for; what follows neither grammar as it is."""
    if len(symbol) > _MAX_SYMBOL:
        return symbol
    if symbol.startswith("_R"):
        try:
            return _Reader(symbol[2:]).symbol()
        except _NotRustError:
            return symbol
    legacy = _LEGACY.match(symbol)
    return (legacy and _legacy(legacy[1])) or symbol


def _legacy(text: str) -> str:
    parts = []
    while text:
        number = re.match(r"\d+", text)
        if number is None or len(number[0]) > 4:
            return ""
        end = number.end() + int(number[0])
        part = text[number.end() : end]
        if len(part) != int(number[0]) or not part:
            return ""
        text = text[end:]
        # A part may not begin with an escape: an underscore stands before it.
        part = part.removeprefix("_") if part.startswith("_$") else part
        parts.append(_ESCAPE.sub(_unescaped, part).replace("..", "::"))
    return "::".join(parts)


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPES.get(found[1], found[0])
    code = int(found[2], 16)
    return chr(code) if code < 0x110000 and chr(code).isprintable() else found[0]


class _NotRustError(Exception):
    """The symbol does not follow the grammar, or is larger than any that is worth it."""


class _Reader:
    """A v0 symbol behind its ``_R``; the methods are the grammar's productions."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._steps = 0

    def symbol(self) -> str:
        if self._text[:1].isdigit():  # an encoding version of the future
            raise _NotRustError
        path = self._path(is_value=True)
        if self._at < len(self._text) and self._text[self._at] not in ".$":
            self._path(is_value=False)  # the crate that instantiated it
        if self._at < len(self._text) and self._text[self._at] not in ".$":
            raise _NotRustError
        return path

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise _NotRustError
        self._at += 1
        return self._text[self._at - 1]

    def _take(self, char: str) -> bool:
        found = self._text[self._at : self._at + 1] == char
        self._at += found
        return found

    def _deeper(self) -> None:
        self._depth += 1
        self._steps += 1
        if self._depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            raise _NotRustError

    def _base62(self) -> int:
        value = 0
        if self._take("_"):
            return 0
        while (char := self._next()) != "_":
            digit = _DIGITS.find(char)
            if digit < 0 or value > 1 << 64:
                raise _NotRustError
            value = value * 62 + digit
        return value + 1

    def _disambiguator(self) -> int:
        return self._base62() + 1 if self._take("s") else 0

    def _identifier(self) -> str:
        is_punycode = self._take("u")
        number = re.compile(r"0|[1-9]\d{0,4}").match(self._text, self._at)
        if number is None:
            raise _NotRustError
        self._at = number.end()
        self._take("_")
        name = self._text[self._at : self._at + int(number[0])]
        if len(name) != int(number[0]):
            raise _NotRustError
        self._at += len(name)
        if not is_punycode:
            return name
        basic, _, rest = name.rpartition("_")
        try:
            return (
                f"{basic}-{rest}".encode().decode("punycode") if basic else rest.encode().decode("punycode")
            )
        except (UnicodeError, OverflowError) as error:
            raise _NotRustError from error

    def _back(self, is_type: bool, *, is_value: bool = False) -> str:
        position = self._base62()
        if position >= self._at - 1:
            raise _NotRustError
        here, self._at = self._at, position
        text = self._type() if is_type else self._path(is_value=is_value)
        self._at = here
        return text

    def _path(self, *, is_value: bool) -> str:
        self._deeper()
        match self._next():
            case "C":
                self._disambiguator()
                text = self._identifier()
            case "M":
                self._disambiguator()
                self._path(is_value=False)
                text = f"<{self._type()}>"
            case "X":
                self._disambiguator()
                self._path(is_value=False)
                text = f"<{self._type()} as {self._path(is_value=False)}>"
            case "Y":
                text = f"<{self._type()} as {self._path(is_value=False)}>"
            case "N":
                text = self._nested(is_value)
            case "I":
                inner = self._path(is_value=is_value)
                arguments = []
                while not self._take("E"):
                    arguments.append(self._argument())
                text = f"{inner}{'::' if is_value else ''}<{', '.join(arguments)}>"
            case "B":
                text = self._back(False, is_value=is_value)
            case _:
                raise _NotRustError
        self._depth -= 1
        if len(text) > _MAX_SYMBOL:
            raise _NotRustError
        return text

    def _nested(self, is_value: bool) -> str:
        space = self._next()
        outer = self._path(is_value=is_value)
        number = self._disambiguator()
        name = self._identifier()
        if space.isupper():
            kind = {"C": "closure", "S": "shim"}.get(space, space)
            return f"{outer}::{{{kind}{':' + name if name else ''}#{number}}}"
        return f"{outer}::{name}" if name else outer

    def _argument(self) -> str:
        if self._take("L"):
            return "'_" if self._base62() == 0 else "'a"
        return self._constant() if self._take("K") else self._type()

    def _constant(self) -> str:
        if self._take("B"):
            position = self._base62()
            if position >= self._at - 1:
                raise _NotRustError
            here, self._at = self._at, position
            self._deeper()
            text = self._constant()
            self._depth -= 1
            self._at = here
            return text
        kind = self._next()
        if kind == "p":
            return "_"
        sign = "-" if self._take("n") else ""
        digits = re.compile(r"([0-9a-f]*)_").match(self._text, self._at)
        if digits is None or kind not in _BASIC:
            raise _NotRustError
        self._at = digits.end()
        value = int(digits[1] or "0", 16)
        if kind == "b":
            return "true" if value else "false"
        if kind == "c" and value < 0x110000:
            return repr(chr(value))
        return f"{sign}{value}"

    def _type(self) -> str:
        self._deeper()
        kind = self._next()
        match kind:
            case "A":
                element = self._type()
                text = f"[{element}; {self._constant()}]"
            case "S":
                text = f"[{self._type()}]"
            case "T":
                parts = []
                while not self._take("E"):
                    parts.append(self._type())
                text = f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
            case "R" | "Q":
                if self._take("L"):
                    self._base62()
                text = f"&{'mut ' if kind == 'Q' else ''}{self._type()}"
            case "P":
                text = f"*const {self._type()}"
            case "O":
                text = f"*mut {self._type()}"
            case "F":
                text = self._function()
            case "D":
                text = self._dyn()
            case "B":
                text = self._back(True)
            case _ if kind in _BASIC:
                text = _BASIC[kind]
            case _:
                self._at -= 1
                text = self._path(is_value=False)
        self._depth -= 1
        return text

    def _binder(self) -> None:
        if self._take("G"):
            self._base62()

    def _function(self) -> str:
        self._binder()
        words = "unsafe " if self._take("U") else ""
        if self._take("K"):
            abi = "C" if self._take("C") else self._identifier().replace("_", "-")
            words += f'extern "{abi}" '
        parts = []
        while not self._take("E"):
            parts.append(self._type())
        result = self._type()
        return f"{words}fn({', '.join(parts)}){'' if result == '()' else f' -> {result}'}"

    def _dyn(self) -> str:
        self._binder()
        traits = []
        while not self._take("E"):
            trait = self._path(is_value=False)
            bindings = []
            while self._take("p"):
                name = self._identifier()
                bindings.append(f"{name} = {self._type()}")
            if bindings:
                inner = ", ".join(bindings)
                trait = f"{trait[:-1]}, {inner}>" if trait.endswith(">") else f"{trait}<{inner}>"
            traits.append(trait)
        if not self._take("L"):
            raise _NotRustError
        self._base62()
        return f"dyn {' + '.join(traits)}"
