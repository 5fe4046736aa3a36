"""``macro_rules!`` of a program: its rules, and what a call of it comes to (reference: macros by example).

What a call is given keeps its places; what stands in the macro has that of the whole call, as rustc has it in
debug info. Names that a macro's own ``let`` and patterns bind are told apart from those of its caller.
"""

from __future__ import annotations

from typing import TypeAlias

from btfview.compiler.rust.report import MARK
from btfview.frozen import frozen
from btfview.source import Span

from .fragments import FRAGMENTS, fragment_end
from .shown import Places, Shown
from .tokens import CLOSERS, Token, TokenList, read_tokens

MAX_EXPANDED = 1 << 20
"""Characters that the calls of one source come to at once."""


class RulesError(Exception):
    """A definition or a call that is wrong at *span*, of the text that its tokens are from."""

    def __init__(self, message: str, span: Span, hint: str | None = None) -> None:
        self.message, self.span, self.hint = message, span, hint
        super().__init__(message)


@frozen
class Variable:
    """``$name:fragment`` in a pattern, ``$name`` in what it becomes."""

    name: str
    fragment: str
    span: Span


@frozen
class Repeated:
    """``$( .. ) separator operator``."""

    parts: tuple[Part, ...]
    separator: str
    operator: str
    span: Span


Part: TypeAlias = "Token | Variable | Repeated"


@frozen
class Rule:
    pattern: tuple[Part, ...]
    body: tuple[Part, ...]
    bound: frozenset[str]
    """Names that the body binds itself."""


@frozen
class UserMacro:
    name: str
    rules: tuple[Rule, ...]


@frozen
class Given:
    """What a variable stands for in one call."""

    shown: Shown
    is_grouped: bool
    """Whether it has to be kept together: an expression of more than one token."""


Binding: TypeAlias = "Given | list[dict[str, Binding]]"


# ---- definitions


def read_macro(name: str, text: str, span: Span) -> UserMacro:
    """Return the macro whose rules stand between the brackets at *span* of *text*.

    Raises:
        RulesError: they are no rules.
    """
    tokens = read_tokens(text, span.start + 1, span.end - 1)
    rules: list[Rule] = []
    at = 0
    while at < len(tokens):
        pattern, at = _group(tokens, at, "expected a pattern in brackets", span)
        if tokens.text(at) != "=>":
            raise RulesError(f"expected `=>` in a rule of `{name}`", tokens.span(at, span))
        body, at = _group(tokens, at + 1, "expected what the rule becomes, in brackets", span)
        parts = _parts(tokens, pattern, is_pattern=True)
        _check_names(parts)
        rules.append(Rule(parts, _parts(tokens, body, is_pattern=False), _bound(tokens, body)))
        if at < len(tokens):
            if tokens.text(at) != ";":
                raise RulesError(f"expected `;` behind a rule of `{name}`", tokens.span(at, span))
            at += 1
    if not rules:
        raise RulesError("macros must contain at least one rule", span)
    return UserMacro(name, tuple(rules))


def _check_names(parts: tuple[Part, ...]) -> None:
    """Complain about two variables of one name (rustc: "duplicate matcher binding")."""
    seen: set[str] = set()
    pending = list(parts)
    while pending:
        part = pending.pop(0)
        if isinstance(part, Repeated):
            pending = [*part.parts, *pending]
        elif isinstance(part, Variable):
            if part.name in seen:
                raise RulesError("duplicate matcher binding", part.span, "give it a name of its own")
            seen.add(part.name)


def _group(tokens: TokenList, at: int, message: str, around: Span) -> tuple[range, int]:
    if tokens.text(at) not in CLOSERS:
        raise RulesError(message, tokens.span(at, around))
    end = tokens.partner(at)
    return range(at + 1, end), end + 1


def _parts(tokens: TokenList, stretch: range, *, is_pattern: bool) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = stretch.start
    while at < stretch.stop:
        token = tokens[at]
        if token.text != "$" or at + 1 >= stretch.stop:
            parts.append(token)
            at += 1
            continue
        following = tokens[at + 1]
        if following.text == "(":
            end = tokens.partner(at + 1)
            inner = _parts(tokens, range(at + 2, end), is_pattern=is_pattern)
            group = Span(following.span.start, tokens[end].span.end)
            separator, operator, at = _repetition(tokens, end + 1, stretch.stop, group)
            parts.append(Repeated(inner, separator, operator, token.span))
        elif following.text == "crate":
            parts.append(following)
            at += 2
        elif not following.is_word:
            raise RulesError(f"expected identifier, found `{following.text}`", following.span)
        elif not is_pattern:
            parts.append(Variable(following.name, "", Span(token.span.start, following.span.end)))
            at += 2
        else:
            fragment = tokens.text(at + 3) if at + 3 < stretch.stop and tokens.text(at + 2) == ":" else ""
            if fragment not in FRAGMENTS:
                raise RulesError(
                    f"missing fragment specifier of `${following.text}`" if not fragment
                    else f"invalid fragment specifier `{fragment}`",
                    token.span, f"known are {', '.join(FRAGMENTS)}",
                )  # fmt: skip
            parts.append(Variable(following.name, fragment, Span(token.span.start, following.span.end)))
            at += 4
    return tuple(parts)


def _repetition(tokens: TokenList, at: int, stop: int, group: Span) -> tuple[str, str, int]:
    """Return separator and operator of the repetition of *group*, and what follows them.

    Raises:
        RulesError: there is no operator; told at what stands in its place, or at what it should be behind.
    """
    first = tokens.text(at) if at < stop else ""
    if first in ("*", "+", "?"):
        return "", first, at + 1
    second = tokens.text(at + 1) if at + 1 < stop else ""
    if first and second == "?":
        raise RulesError(
            "the `?` macro repetition operator does not take a separator", tokens.span(at, group)
        )
    if second not in ("*", "+"):
        place = tokens[at + 1].span if second else tokens[at].span if first else group
        raise RulesError("expected one of: `*`, `+`, or `?`", place, "as in `$($x:expr),*`")
    return first, second, at + 2


_NOT_BOUND = frozenset(["mut", "ref", "box", "true", "false", "self", "crate", "super", "const", "_", "if"])


def _bound(tokens: TokenList, body: range) -> frozenset[str]:
    """Return the names that ``let``, ``for``, closures and arms in *body* bind."""
    found: set[str] = set()
    for at in body:
        match tokens.text(at):
            case "let" | "for":
                end = next(
                    (i for i in range(at, body.stop) if tokens.text(i) in ("=", ";", "in", "else")), at
                )
                found |= _names(tokens, range(at + 1, end))
            case "=>":
                start = at
                while start > body.start and tokens.text(start - 1) not in ("{", ",", "}", ";"):
                    start -= 1
                stop = next((i for i in range(start, at) if tokens.text(i) == "if"), at)
                found |= _names(tokens, range(start, stop))
            case "|" if tokens.text(at - 1) in ("(", ",", "=", "move", "{", "=>", "return"):
                end = next((i for i in range(at + 1, body.stop) if tokens.text(i) == "|"), at)
                found |= _names(tokens, range(at + 1, end))
    return frozenset(found)


def _names(tokens: TokenList, pattern: range) -> set[str]:
    found: set[str] = set()
    is_type = False
    for at in pattern:
        token, before, behind = tokens[at], tokens.text(at - 1), tokens.text(at + 1)
        if token.text == ":":
            is_type = True
        elif token.text in (",", "(", "["):
            is_type = False
        elif (
            token.is_word and not is_type and token.text not in _NOT_BOUND and before not in ("::", "$", "'")
            and behind not in ("::", "(", "{", "!") and not token.text[0].isupper()
        ):  # fmt: skip
            found.add(token.text)
    return found


# ---- calls


def expand_call(macro: UserMacro, text: Shown, call: Span, group: Span, number: int) -> Shown:
    """Return what the *call* of *macro* in *text* comes to; it is given what is in the brackets at *group*.

    Raises:
        RulesError: no rule takes it, or a rule cannot be filled in; its span is in *text*.
    """
    tokens = read_tokens(text.text, group.start + 1, group.end - 1)
    furthest = 0
    for rule in macro.rules:
        found: dict[str, Binding] = {}
        matcher = _Matcher(text, tokens)
        end = matcher.match(rule.pattern, 0, len(tokens), found)
        if end == len(tokens):
            writer = _Writer(text.place(call), rule.bound, number, call)
            writer.write(rule.body, found)
            return writer.shown()
        furthest = max(furthest, matcher.furthest, end if end is not None else 0)
    if furthest < len(tokens):
        raise RulesError(
            f"no rules expected `{tokens[furthest].text}`", tokens[furthest].span, _rules_of(macro)
        )
    raise RulesError("unexpected end of macro invocation", Span(group.end - 1, group.end), _rules_of(macro))


def _rules_of(macro: UserMacro) -> str:
    count = len(macro.rules)
    return f"`{macro.name}!` has {'one rule' if count == 1 else f'{count} rules'}, and none fits"


class _Matcher:
    def __init__(self, text: Shown, tokens: TokenList) -> None:
        self._text = text
        self._tokens = tokens
        self.furthest = 0

    def match(self, parts: tuple[Part, ...], at: int, stop: int, found: dict[str, Binding]) -> int | None:
        """Return where what *parts* take ends, from token *at* on; None where they do not fit."""
        for part in parts:
            self.furthest = max(self.furthest, min(at, stop))
            if isinstance(part, Token):
                if at >= stop or self._tokens.text(at) != part.text:
                    return None
                at += 1
            elif isinstance(part, Variable):
                end = fragment_end(self._tokens, part.fragment, at, stop)
                if end is None:
                    return None
                found[part.name] = self._given(part.fragment, at, end)
                at = end
            else:
                end = self._repeated(part, at, stop, found)
                if end is None:
                    return None
                at = end
        return at

    def _repeated(self, part: Repeated, at: int, stop: int, found: dict[str, Binding]) -> int | None:
        rounds: list[dict[str, Binding]] = []
        while at < stop:
            start = at
            if rounds and part.separator:
                if self._tokens.text(start) != part.separator:
                    break
                start += 1
            inner: dict[str, Binding] = {}
            end = self.match(part.parts, start, stop, inner)
            if end is None or end == at:
                break
            rounds.append(inner)
            at = end
            if part.operator == "?":
                break
        if part.operator == "+" and not rounds:
            return None
        for name in names_in(part.parts):
            found[name] = rounds
        return at

    def _given(self, fragment: str, at: int, end: int) -> Given:
        if at == end:
            return Given(Shown("", Places([], [])), False)
        span = Span(self._tokens[at].span.start, self._tokens[end - 1].span.end)
        is_one = end - at == 1 or (self._tokens.text(at) in CLOSERS and self._tokens.partner(at) == end - 1)
        return Given(self._text.part(span), fragment == "expr" and not is_one)


def names_in(parts: tuple[Part, ...]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if isinstance(part, Variable):
            found.append(part.name)
        elif isinstance(part, Repeated):
            found += names_in(part.parts)
    return found


_BEFORE, _BEHIND = (
    frozenset(["(", "[", "{", ",", ";", "=", "=>", ""]),
    frozenset([")", "]", "}", ",", ";", ""]),
)
"""What an expression may stand between without brackets of its own."""


class _Writer:
    def __init__(self, place: Span, bound: frozenset[str], number: int, call: Span) -> None:
        self._place, self._bound, self._number, self._call = place, bound, number, call
        self._texts: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._last = ""
        self._size = 0

    def shown(self) -> Shown:
        return Shown("".join(self._texts), Places(self._starts, self._ends))

    def write(self, parts: tuple[Part, ...], found: dict[str, Binding]) -> None:
        for index, part in enumerate(parts):
            if isinstance(part, Token):
                self._token(parts, index, part)
            elif isinstance(part, Variable):
                given = found.get(part.name)
                if given is None:
                    self._own(f"${part.name}", True)  # not bound: the grammar complains about the `$`
                elif isinstance(given, list):
                    message = f"variable `{part.name}` is still repeating at this depth"
                    raise RulesError(message, self._call, "put it into `$( .. )*`")
                else:
                    behind = parts[index + 1] if index + 1 < len(parts) else None
                    is_open = behind is not None and not (
                        isinstance(behind, Token) and behind.text in _BEHIND
                    )
                    self._fill_in(given, is_open=is_open or self._last not in _BEFORE)
            else:
                self._rounds(part, found)

    def _rounds(self, part: Repeated, found: dict[str, Binding]) -> None:
        repeated = {
            name: rounds for name in names_in(part.parts) if isinstance(rounds := found.get(name), list)
        }
        counts = {len(rounds) for rounds in repeated.values()}
        if not repeated:
            raise RulesError("a repetition without a variable that repeats", self._call)
        if len(counts) > 1:
            shown = ", ".join(f"`{name}` {len(rounds)} times" for name, rounds in repeated.items())
            raise RulesError(f"meta-variables repeat differently: {shown}", self._call)
        for index in range(counts.pop()):
            if index and part.separator:
                self._own(part.separator, True)
            inner = {name: rounds[index][name] for name, rounds in repeated.items() if name in rounds[index]}
            self.write(part.parts, found | inner)

    def _fill_in(self, given: Given, *, is_open: bool) -> None:
        if given.is_grouped and is_open:
            self._own("(", True)
        self._own(" ", False)
        self._add(given.shown)
        self._own(" ", False)
        if given.is_grouped and is_open:
            self._own(")", True)
        self._last = "x"

    def _token(self, parts: tuple[Part, ...], index: int, token: Token) -> None:
        text = token.text
        if text in self._bound and token.is_word:
            behind = _text_at(parts, index + 1)
            before = _text_at(parts, index - 1)
            is_label = behind == ":" and before in ("{", ",") and _text_at(parts, index + 2) != ":"
            if before not in (".", "::") and behind not in ("::", "!") and not is_label:
                text = f"{token.name}{MARK}{self._number}"
        if token.has_space or (token.is_word and self._last[-1:].isalnum()):
            self._own(" ", False)
        self._own(text, True)

    def _own(self, text: str, is_token: bool) -> None:
        self._texts.append(text)
        self._starts += [self._place.start] * len(text)
        self._ends += [self._place.end] * len(text)
        self._count(len(text))
        if is_token:
            self._last = text

    def _add(self, shown: Shown) -> None:
        assert shown.places is not None
        self._texts.append(shown.text)
        self._starts += shown.places.starts
        self._ends += shown.places.ends
        self._count(len(shown.text))

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > MAX_EXPANDED:
            raise RulesError("this macro call becomes too long", self._call)


def _text_at(parts: tuple[Part, ...], index: int) -> str:
    part = parts[index] if 0 <= index < len(parts) else None
    return part.text if isinstance(part, Token) else ""
