"""Declarative macros: the bundled ``core::btf``, and wrappers like its own that a program defines.

A wrapper has one rule, and its body is one expression of ``builtin # name(..)``, ``if`` with ``else``,
``Some``, ``None``, ``true`` and ``false``. So it is read once into a small tree, which a call fills in:
nothing is expanded as text, and every part of an expansion has the place of the call.
"""

from __future__ import annotations

import os
import re
from functools import cache
from itertools import pairwise
from typing import TypeAlias

from btfview.frozen import frozen
from btfview.source import Span

PRELUDE_FOLDER = os.path.join(os.path.dirname(__file__), "prelude")
"""Holds one Rust source a dialect: ``repr.rs`` and ``option.rs``."""
_HINT = (
    "one rule, its body one expression of `builtin # ..`, `if`/`else`, `Some(..)`, `None`, `true`, `false`"
)
_TOKEN = re.compile(r"\s+|//[^\n]*|/\*.*?\*/|(=>|::|\$?\w+|\S)", re.DOTALL)
_FRAGMENTS = frozenset(["ty", "expr", "ident", "path", "tt", "literal"])
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_MAX_DEPTH = 32

_DEFINITION = re.compile(
    r"^[ \t]*(?:pub(?:\([^()\n]*\))?\s+)?(macro)\s+([A-Za-z_]\w*)\s*(?=[({])", re.MULTILINE
)
"""A ``macro`` 2.0 item, which begins a line. The grammar does not know it."""


class MacroError(Exception):
    """A definition that is no wrapper; caught where items are collected."""

    def __init__(self, message: str, span: Span, hint: str = _HINT) -> None:
        self.message = message
        self.span = span
        self.hint = hint
        super().__init__(message)


@frozen
class BuiltinCall:
    """``builtin # name($a, $($b)+)``."""

    name: str
    arguments: tuple[str, ...]
    """Names of parameters, without their ``$``."""
    span: Span


@frozen
class Choice:
    condition: Template
    then: Template
    otherwise: Template


@frozen
class Wrapped:
    """``Some(..)``."""

    value: Template


@frozen
class Nothing:
    """``None``."""


@frozen
class Truth:
    value: bool


Template: TypeAlias = "BuiltinCall | Choice | Wrapped | Nothing | Truth"


@frozen
class Parameter:
    name: str
    is_repeated: bool
    """``$($name:fragment)+``: takes all that is left."""


@frozen
class Wrapper:
    """A macro that can be called."""

    name: str
    pattern: tuple[Parameter | str, ...]
    """Parameters, and the tokens that stand between them."""
    body: Template
    span: Span
    """The name in its definition; in the prelude, a place there."""
    is_textual: bool = False
    """Made by ``macro_rules!``: known from there on only."""

    @property
    def arity(self) -> int:
        return sum(isinstance(part, Parameter) for part in self.pattern)


# ---- the prelude


@cache
def prelude_text(dialect: str) -> str:
    """Return the source of ``core::btf`` in *dialect*, ``repr`` or ``option``."""
    with open(prelude_path(dialect), encoding="utf-8") as file:
        return file.read()


def prelude_path(dialect: str) -> str:
    return os.path.join(PRELUDE_FOLDER, f"{dialect}.rs")


@cache
def prelude_macro(dialect: str, name: str) -> Wrapper:
    """Return the macro *name* of the prelude; it alone is read, for a program calls few."""
    text = prelude_text(dialect)
    start = text.index(f"pub macro {name}(")
    return read_wrapper(text, Span(start, len(text)))


# ---- definitions


def find_definitions(text: str) -> list[Span]:
    """Return the extents of what looks like ``macro name(..) { .. }`` items, with their ``pub``."""
    found: list[Span] = []
    for match in _DEFINITION.finditer(text):
        if found and match.start() < found[-1].end:
            continue
        tokens = _Tokens(text, match.end(), len(text))
        try:
            opener = tokens.peek()
            tokens.skip_group()
            if opener == "(":
                if tokens.peek() not in _CLOSERS:
                    continue
                tokens.skip_group()
        except MacroError:
            continue  # no macro, or one that the grammar will complain about
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        found.append(Span(start, tokens.end))
    return found


def read_wrapper(text: str, extent: Span) -> Wrapper:
    """Return the macro that stands at *extent* of *text*: ``macro_rules!`` or ``macro``.

    Raises:
        MacroError: it is more than a wrapper around builtins.
    """
    tokens = _Tokens(text, extent.start, extent.end)
    if tokens.accept("pub") and tokens.peek() == "(":
        tokens.skip_group()
    is_rules = tokens.accept("macro_rules")
    tokens.expect("!" if is_rules else "macro")
    name, span = tokens.take_name("a macro's name")
    if not is_rules and tokens.peek() == "(":
        pattern = _read_pattern(tokens)
        body = _read_body(tokens)
        return Wrapper(name, pattern, body, span)
    closer = _CLOSERS.get(tokens.take(), "")
    pattern = _read_pattern(tokens)
    tokens.expect("=>")
    body = _read_body(tokens)
    tokens.accept(";")
    if tokens.peek() != closer:
        raise MacroError("a macro of more than one rule is not supported", tokens.here())
    return Wrapper(name, pattern, body, span, is_rules)


def _read_pattern(tokens: _Tokens) -> tuple[Parameter | str, ...]:
    closer = _CLOSERS.get(tokens.take(), "")
    parts: list[Parameter | str] = []
    while tokens.peek() != closer:
        where = tokens.here()
        if parts and isinstance(parts[-1], Parameter) and parts[-1].is_repeated and not tokens.at("$", "("):
            raise MacroError("`$(..)+` must be the last parameter", where)
        word = tokens.take()
        if word == "$" and tokens.peek() == "(":
            repeated = _read_repetition(tokens, where)
            if repeated is not None:
                parts.append(repeated)
            elif tokens.peek() != closer:
                raise MacroError("`$(,)?` must be the last part of the pattern", where)
        elif word.startswith("$") and len(word) > 1:
            parts.append(Parameter(word[1:], False))
            _read_fragment(tokens)
        elif word in (",", ";", "=>"):
            parts.append(word)
        else:
            raise MacroError(f"`{word}` is not supported in a macro's pattern", where)
    names = [part.name for part in parts if isinstance(part, Parameter)]
    for first, second in pairwise(parts):
        if isinstance(first, Parameter) and isinstance(second, Parameter):
            raise MacroError(f"`${first.name}` and `${second.name}` need a `,` between them", tokens.here())
    if len(set(names)) != len(names):
        raise MacroError("duplicate matcher binding", tokens.here())
    tokens.expect(closer)
    return tuple(parts)


def _read_repetition(tokens: _Tokens, where: Span) -> Parameter | None:
    """Return the parameter of ``$($name:fragment)+``; None for ``$(,)?``."""
    tokens.expect("(")
    if tokens.accept(","):
        tokens.expect(")")
        if not (tokens.accept("?") or tokens.accept("*")):
            raise MacroError("a repeated `,` is taken as `$(,)?` only", where)
        return None
    name = tokens.take()
    if not name.startswith("$") or len(name) < 2:
        raise MacroError("a repetition holds one parameter: `$($fields:expr)+`", where)
    _read_fragment(tokens)
    tokens.expect(")")
    if not (tokens.accept("+") or tokens.accept("*")):
        raise MacroError("a repetition is `$($fields:expr)+`", where)
    return Parameter(name[1:], True)


def _read_fragment(tokens: _Tokens) -> None:
    tokens.expect(":")
    where = tokens.here()
    fragment = tokens.take()
    if fragment not in _FRAGMENTS:
        raise MacroError(
            f"fragment `{fragment}` is not supported", where, f"known are {', '.join(sorted(_FRAGMENTS))}"
        )


def _read_body(tokens: _Tokens) -> Template:
    where = tokens.here()
    opener = tokens.take()
    if opener not in _CLOSERS:
        raise MacroError("a macro's body stands in brackets", where)
    body = _read_template(tokens, 0)
    if tokens.peek() != _CLOSERS[opener]:
        raise MacroError("a macro's body must be one expression", tokens.here())
    tokens.take()
    return body


def _read_template(tokens: _Tokens, depth: int) -> Template:
    where = tokens.here()
    word = tokens.take()
    if depth > _MAX_DEPTH:
        raise MacroError("this macro is nested too deeply", where)
    match word:
        case "builtin":
            return _read_builtin(tokens, where)
        case "if":
            condition = _read_template(tokens, depth + 1)
            then = _read_block(tokens, depth)
            if not tokens.accept("else"):
                raise MacroError("`if` in a macro needs its `else`", tokens.here())
            return Choice(condition, then, _read_block(tokens, depth))
        case "Some":
            tokens.expect("(")
            value = _read_template(tokens, depth + 1)
            tokens.expect(")")
            return Wrapped(value)
        case "None":
            return Nothing()
        case "true" | "false":
            return Truth(word == "true")
        case "unsafe":
            return _read_block(tokens, depth)
        case "(" | "{":
            inner = _read_template(tokens, depth + 1)
            tokens.expect(_CLOSERS[word])
            return inner
    raise MacroError(f"`{word}` is not supported in a macro's body", where)


def _read_block(tokens: _Tokens, depth: int) -> Template:
    if tokens.peek() == "if":  # `else if`
        return _read_template(tokens, depth + 1)
    tokens.expect("{")
    inner = _read_template(tokens, depth + 1)
    tokens.expect("}")
    return inner


def _read_builtin(tokens: _Tokens, where: Span) -> BuiltinCall:
    tokens.expect("#")
    name, _ = tokens.take_name("a builtin's name")
    tokens.expect("(")
    arguments: list[str] = []
    while tokens.peek() != ")":
        at = tokens.here()
        word = tokens.take()
        if word == "$" and tokens.peek() == "(":
            tokens.take()
            word = tokens.take()
            tokens.expect(")")
            if not (tokens.accept("+") or tokens.accept("*")):
                raise MacroError("a repetition is `$($fields)+`", at)
        if not word.startswith("$") or len(word) < 2:
            raise MacroError("a builtin in a macro is given the macro's parameters", at)
        arguments.append(word[1:])
        if tokens.peek() != ")":
            tokens.expect(",")
    end = tokens.here().end
    tokens.take()
    return BuiltinCall(name, tuple(arguments), Span(where.start, end))


class _Tokens:
    """The tokens of a stretch of text, one after another; ``""`` at its end."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._limit = end
        self._next: tuple[str, Span] = ("", Span(start, start))
        self.end = start
        """Where the token taken last ended."""
        self._read(start)

    def _read(self, position: int) -> None:
        while position < self._limit:
            match = _TOKEN.match(self._text, position, self._limit)
            if match is None:
                break
            position = match.end()
            if match[1] is not None:
                self._next = (match[1], Span(*match.span(1)))
                return
        self._next = ("", Span(self._limit, self._limit))

    def peek(self) -> str:
        return self._next[0]

    def here(self) -> Span:
        return self._next[1]

    def at(self, first: str, second: str) -> bool:
        return self.peek() == first and self._text[self.here().end : self.here().end + 1] == second

    def take(self) -> str:
        token, span = self._next
        if not token:
            raise MacroError("this macro ends too early", span)
        self.end = span.end
        self._read(span.end)
        return token

    def accept(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.take()
        return True

    def expect(self, token: str) -> None:
        if self.peek() != token:
            shown = self.peek() or "its end"
            raise MacroError(f"expected `{token}` in this macro, found `{shown}`", self.here())
        self.take()

    def take_name(self, what: str) -> tuple[str, Span]:
        span, name = self.here(), self.peek()
        if not name.isidentifier():
            raise MacroError(f"expected {what}, found `{name}`", span)
        return self.take(), span

    def skip_group(self) -> None:
        """Take a bracket and everything up to its partner."""
        expected = [_CLOSERS.get(self.take(), "")]
        while expected:
            token = self.take()
            if token in _CLOSERS:
                expected.append(_CLOSERS[token])
            elif token in (")", "]", "}") and token != expected.pop():
                raise MacroError(f"`{token}` closes nothing", self.here())
