"""How far a fragment of a macro's pattern reaches (reference: macros by example, follow-set ambiguity rules).

An expression may be followed by ``=>``, ``,`` and ``;`` alone, so it ends before the first of them, and needs
no parser; what is no expression is found when the whole is parsed.
"""

from __future__ import annotations

from .tokens import CLOSERS, TokenList

FRAGMENTS = (
    "block", "expr", "expr_2021", "ident", "item", "lifetime", "literal", "meta", "pat", "pat_param", "path",
    "stmt", "tt", "ty", "vis",
)  # fmt: skip
_NO_EXPRESSION = frozenset(
    [",", ";", "=>", ")", "]", "}", ".", "=", "==", "!=", ">", ">=", "<=", "+", "/", "%", "^", "?", ":", "@",
     "let", "else", "as", "where", "in", "fn", "struct", "enum", "use", "mod", "pub", "impl", "trait", "type"]
)  # fmt: skip
_CLOSING = frozenset(CLOSERS.values())


def fragment_end(tokens: TokenList, fragment: str, at: int, stop: int) -> int | None:
    """Return the token behind a *fragment* that begins at token *at*; None where none does."""
    if fragment == "vis":
        return _visibility(tokens, at, stop)
    if at >= stop or tokens.text(at) in _CLOSING:
        return None
    first = tokens[at]
    match fragment:
        case "tt":
            end = tokens.partner(at) + 1 if first.text in CLOSERS else at + 1
        case "ident":
            return at + 1 if first.is_word and first.text != "_" else None
        case "lifetime":
            return at + 1 if first.text.startswith("'") and not first.text.endswith("'") else None
        case "literal":
            end = at + (first.text == "-")
            is_literal = end < stop and (
                tokens.text(end)[:1].isdigit()
                or tokens.text(end)[-1:] in "\"'"
                or tokens.text(end) in ("true", "false")
            )
            return end + 1 if is_literal else None
        case "block":
            return tokens.partner(at) + 1 if first.text == "{" else None
        case "ty":
            return _type(tokens, at, stop)
        case "path":
            return _path(tokens, at, stop)
        case "pat":
            return _until(tokens, at, stop, ("=>", ",", "=", "if", "in"))
        case "pat_param":
            return _until(tokens, at, stop, ("=>", ",", "=", "if", "in", "|"))
        case "meta":
            end_of_path = _path(tokens, at, stop)
            if end_of_path is None:
                return None
            if tokens.text(end_of_path) in CLOSERS and end_of_path < stop:
                return tokens.partner(end_of_path) + 1
            return _until(tokens, at, stop, (",", ";", "=>"))
        case "item":
            return _item(tokens, at, stop)
        case _:  # an expression or a statement
            if first.text in _NO_EXPRESSION and not (fragment == "stmt" and first.text == "let"):
                return None
            return _until(tokens, at, stop, (",", ";", "=>"))
    return end if end <= stop else None


def _until(tokens: TokenList, at: int, stop: int, ends: tuple[str, ...]) -> int | None:
    """Return the first of *ends* that stands in no bracket, or *stop*; None where that is *at*."""
    here = at
    while here < stop and tokens.text(here) not in ends and tokens.text(here) not in _CLOSING:
        if tokens.text(here) in CLOSERS:
            here = tokens.partner(here)
        elif tokens.text(here) == "::" and tokens.text(here + 1) == "<":
            here = _angle(tokens, here + 1, stop) - 1
        here += 1
    return min(here, stop) if here > at else None


def _angle(tokens: TokenList, at: int, stop: int) -> int:
    """Return the token behind the ``<..>`` that begins at *at*."""
    depth = 0
    while at < stop:
        text = tokens.text(at)
        if text in CLOSERS:
            at = tokens.partner(at)
        depth += {"<": 1, ">": -1, "<<": 2, ">>": -2}.get(text, 0)
        at += 1
        if depth <= 0:
            break
    return at


def _visibility(tokens: TokenList, at: int, stop: int) -> int:
    if at >= stop or tokens.text(at) != "pub":
        return at
    is_limited = tokens.text(at + 1) == "(" and tokens.text(at + 2) in ("crate", "self", "super", "in")
    return tokens.partner(at + 1) + 1 if is_limited and at + 1 < stop else at + 1


def _item(tokens: TokenList, at: int, stop: int) -> int | None:
    while at < stop and tokens.text(at) not in ("{", ";"):
        at = tokens.partner(at) + 1 if tokens.text(at) in CLOSERS else at + 1
    if at >= stop:
        return None
    return tokens.partner(at) + 1 if tokens.text(at) == "{" else at + 1


def _path(tokens: TokenList, at: int, stop: int) -> int | None:
    start = at
    if tokens.text(at) == "<":
        at = _angle(tokens, at, stop)
    elif tokens.text(at) != "::":
        if not (tokens[at].is_word and tokens.text(at) != "_"):
            return None
        at += 1
    while at < stop:
        if tokens.text(at) == "::" and at + 1 < stop and tokens[at + 1].is_word:
            at += 2
        elif tokens.text(at) == "<" or (tokens.text(at) == "::" and tokens.text(at + 1) == "<"):
            at = _angle(tokens, at + (tokens.text(at) == "::"), stop)
        else:
            break
    return at if at > start else None


def _type(tokens: TokenList, at: int, stop: int) -> int | None:
    if at >= stop:
        return None
    text = tokens.text(at)
    if text in ("&", "&&"):
        at += 1
        at += tokens.text(at).startswith("'")
        at += tokens.text(at) == "mut"
        return _type(tokens, at, stop)
    if text == "*":
        return _type(tokens, at + 2, stop) if tokens.text(at + 1) in ("const", "mut") else None
    if text in ("(", "["):
        return tokens.partner(at) + 1
    if text in ("!", "_"):
        return at + 1
    if text in ("unsafe", "extern", "fn"):
        while at < stop and tokens.text(at) != "(":
            at += 1
        at = tokens.partner(at) + 1
        return _type(tokens, at + 1, stop) if at < stop and tokens.text(at) == "->" else min(at, stop)
    if text in ("dyn", "impl"):
        return _path(tokens, at + 1, stop) if at + 1 < stop else None
    return _path(tokens, at, stop)
