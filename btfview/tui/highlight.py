"""Roles for the words of a source line: a lexer of one regular expression for each language.

It knows one line at a time, plus which lines begin inside a block comment, so that a source of 50,000
lines costs what its visible lines cost. A string that runs over lines is coloured as code after its first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Token: TypeAlias = tuple[int, int, str]
"""Start and end as indices into the line, and a role."""

_C_LIKE = r"""
    (?P<comment>//.*|/\*.*?(?:\*/|$))
  | (?P<string>[bc]?r?\#*"(?:\\.|[^"\\])*(?:"\#*|$)|b?'(?:\\[^']*|[^'\\])')
  | (?P<number>\b\d[\w.]*)
"""
_RUST = re.compile(
    _C_LIKE
    + r"""
  | (?P<dim>\#!?\[[^\]]*\]?)
  | (?P<lifetime>'[A-Za-z_]\w*)
  | (?P<name>[A-Za-z_]\w*!(?!=)|[a-z_]\w*(?=\s*\())
  | (?P<word>[A-Za-z_]\w*)
    """,
    re.VERBOSE,
)
_C = re.compile(
    _C_LIKE
    + r"""
  | (?P<dim>^\s*\#.*)
  | (?P<name>[A-Za-z_]\w*(?=\s*\())
  | (?P<word>[A-Za-z_]\w*)
    """,
    re.VERBOSE,
)
_IR = re.compile(
    r"""
    (?P<comment>;.*)
  | (?P<string>c?"[^"]*(?:"|$))
  | (?P<dim>![\w.]+|\#\d+)
  | (?P<name>@[\w.$-]+|@"[^"]*")
  | (?P<text>%[\w.$-]+)
  | (?P<word>[A-Za-z_][\w.]*)
    """,
    re.VERBOSE,
)


_ASM = re.compile(
    r"""
    (?P<comment>\#.*)
  | (?P<string>"[^"]*(?:"|$))
  | (?P<dim>^\s*\.[\w.]+)
  | (?P<name>^[\w.$]+(?=:))
  | (?P<number>\b(?:0x[0-9a-f]+|\d+)\b)
  | (?P<word>[A-Za-z_][\w.]*)
    """,
    re.VERBOSE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RUST_KEYWORDS = _words(
    "as async await break builtin const continue crate dyn else enum extern false fn for if impl in let loop "
    "match mod move mut pub ref return self Self static struct super trait true type union unsafe use where "
    "while"
)
_RUST_TYPES = _words("bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64")
_C_KEYWORDS = _words(
    "auto break case const continue default do else enum extern for goto if inline register restrict return "
    "sizeof static struct switch typedef typeof union volatile while __attribute__ preserve_access_index"
)
_C_TYPES = _words(
    "bool char double float int long short signed unsigned void size_t pid_t u8 u16 u32 u64 s8 s16 s32 s64 "
    "__u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64"
)
_IR_KEYWORDS = _words(
    "define declare call ret br switch load store add sub mul udiv sdiv icmp select phi getelementptr "
    "inbounds alloca zext sext trunc ptrtoint inttoptr and or xor shl lshr ashr to label elementtype global "
    "constant target source_filename attributes distinct internal private external hidden dso_local"
)
_ASM_KEYWORDS = _words(
    "if goto call exit gotol may_goto ll lock le16 le32 le64 be16 be32 be64 bswap16 bswap32 bswap64"
)
_ASM_REGISTER = re.compile(r"[rw]\d+$")
_IR_TYPE = re.compile(r"(?:i\d+|ptr|void|float|double)$")
_LANGUAGES = {".rs": _RUST, ".c": _C, ".h": _C, ".ll": _IR, ".s": _ASM}


class Highlighter:
    """The roles of one text's words; *suffix* of its file says which language it is in."""

    def __init__(self, text: str, suffix: str) -> None:
        self._pattern = _LANGUAGES.get(suffix)
        is_c_like = self._pattern in (_RUST, _C)
        comments = _block_comments(text, is_nested=self._pattern is _RUST) if is_c_like else ()
        self._comment_starts = [start for start, _ in comments]
        self._comment_ends = [end for _, end in comments]

    def tokens(self, line: str, offset: int) -> Sequence[Token]:
        """Return the coloured words of *line*, which begins at character *offset* of the text."""
        if self._pattern is None or len(line) > 2000:  # nobody reads such a line by its colours
            return ()
        index = bisect_right(self._comment_starts, offset) - 1
        skip = 0
        if index >= 0 and self._comment_starts[index] < offset < self._comment_ends[index]:
            skip = min(self._comment_ends[index] - offset, len(line))
        tokens = _lex(self._pattern, line[skip:])
        if not skip:
            return tokens
        return ((0, skip, "comment"), *((start + skip, end + skip, role) for start, end, role in tokens))


@lru_cache(4096)
def _lex(pattern: re.Pattern[str], line: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for match in pattern.finditer(line):
        kind = match.lastgroup or "text"
        if kind == "word":
            role = _word_role(pattern, match.group())
        elif kind == "name" and match.group() in _keywords(pattern):
            role = "keyword"
        else:
            role = {"lifetime": "type"}.get(kind, kind)
        if role != "text":
            tokens.append((match.start(), match.end(), role))
    return tuple(tokens)


def _keywords(pattern: re.Pattern[str]) -> frozenset[str]:
    keywords = {_RUST: _RUST_KEYWORDS, _C: _C_KEYWORDS, _ASM: _ASM_KEYWORDS}
    return keywords.get(pattern, _IR_KEYWORDS)


def _word_role(pattern: re.Pattern[str], word: str) -> str:
    if word in _keywords(pattern):
        return "keyword"
    if pattern is _RUST:
        return "type" if word in _RUST_TYPES or (word[0].isupper() and not word.isupper()) else "text"
    if pattern is _C:
        return "type" if word in _C_TYPES else "text"
    if pattern is _ASM:
        return "type" if _ASM_REGISTER.match(word) else "text"
    return "type" if _IR_TYPE.match(word) else "text"


_COMMENT_SCAN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|/\*', re.DOTALL)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def _block_comments(text: str, *, is_nested: bool) -> Sequence[tuple[int, int]]:
    """Return start and end offsets of the block comments; Rust's nest, C's do not."""
    if "/*" not in text:
        return ()
    found: list[tuple[int, int]] = []
    position = 0
    while match := _COMMENT_SCAN.search(text, position):
        position = match.end()
        if not match.group().startswith("/*"):
            continue
        depth = 1
        while depth and (edge := _COMMENT_EDGE.search(text, position)):
            position = edge.end()
            if edge.group() == "*/":
                depth -= 1
            elif is_nested:
                depth += 1
        if depth:  # never closed
            position = len(text)
        found.append((match.start(), position))
    return found
