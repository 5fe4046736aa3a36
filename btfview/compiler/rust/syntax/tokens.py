"""Text to Rust's tokens, as macros see them (reference: tokens)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from btfview.frozen import frozen
from btfview.source import Span

CLOSERS = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<text>(?:b|c|br|cr|r)?"(?:\\.|[^"\\])*"|(?:br|cr|r)(?P<hashes>\#+)".*?"(?P=hashes)
      |b?'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\])'|\d[\w]*(?:\.\d\w*)?)
    |(?P<word>(?:r\#)?\w+)
    |(?P<other>'\w+|<<=|>>=|\.\.\.|\.\.=|::|->|=>|==|!=|<=|>=|&&|\|\||\+=|-=|\*=|/=|%=|\^=|&=|\|=|<<|>>|\.\.|.)
    """,
    re.DOTALL | re.VERBOSE,
)


@frozen
class Token:
    text: str
    span: Span
    is_word: bool
    """An identifier or a keyword."""
    has_space: bool
    """Whether something that is no token stands before it."""

    @property
    def name(self) -> str:
        return self.text.removeprefix("r#")


class TokenList:
    """Tokens of a stretch, and the partner of each bracket."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._partners: dict[int, int] = {}
        pending: list[int] = []
        for index, token in enumerate(tokens):
            if token.text in CLOSERS:
                pending.append(index)
            elif token.text in (")", "]", "}") and pending:
                self._partners[pending.pop()] = index

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, index: int) -> Token:
        return self._tokens[index]

    def __iter__(self) -> Iterator[Token]:
        return iter(self._tokens)

    def text(self, index: int) -> str:
        """Return the token there; an empty string outside."""
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def span(self, index: int, around: Span) -> Span:
        """Return the place of that token; behind the last the end of *around*."""
        return self._tokens[index].span if index < len(self._tokens) else Span(around.end - 1, around.end)

    def partner(self, index: int) -> int:
        """Return what closes the bracket there; for one that nothing closes, the end."""
        return self._partners.get(index, len(self._tokens))


def read_tokens(text: str, start: int, end: int) -> TokenList:
    """Return the tokens of ``text[start:end]``; spans are of *text*."""
    found: list[Token] = []
    position, has_space = start, False
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            break
        if match["blank"] is not None:
            has_space = True
        else:
            found.append(Token(match[0], Span(position, match.end()), match["word"] is not None, has_space))
            has_space = False
        position = match.end()
    return TokenList(found)
