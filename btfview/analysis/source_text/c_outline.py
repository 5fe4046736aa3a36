"""Where the items of a C source begin and end, and which headers it includes: enough to put code between.

This reads brackets, not C. What comes of it is compiled before it is kept.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from btfview.frozen import frozen

from .c_expressions import code_of

_MARK = re.compile(r"[{}()\[\];]")
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|endif|include)\b((?:\\\r?\n|[^\n])*)", re.MULTILINE)
_INCLUDE = re.compile(r"[ \t]*([<\"][^>\"\n]+[>\"])")
_NOT_BLANK = re.compile(r"\S")
_CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(\s*([A-Za-z_]\w*)?")
_TAGGED = re.compile(r"\b(?:struct|union|enum)\s+([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(?:=|;|\[|$)")


@frozen
class CItem:
    """A function, a declaration or a definition."""

    start: int
    end: int
    """Behind its brace or semicolon."""
    body: int
    """Of a function, where its brace opens; else -1."""
    name: str
    is_conditional: bool
    """It stands in an ``#if``."""

    @property
    def is_function(self) -> bool:
        return self.body >= 0

    def __str__(self) -> str:
        return f"{self.name}()" if self.is_function else self.name or "a declaration"


@frozen
class COutline:
    items: tuple[CItem, ...]
    headers: tuple[str, ...]
    """As they are named: ``<bpf/bpf_helpers.h>``, ``"vmlinux.h"``."""
    headers_end: int
    """Behind the line of the last include that is in no ``#if`` and before the first item; where the first
    could stand, if there is none."""
    is_sound: bool
    """The brackets go together."""

    def item_at(self, offset: int) -> CItem | None:
        """Return the item that a place lies in."""
        at = bisect_right([item.start for item in self.items], offset) - 1
        return self.items[at] if at >= 0 and offset < self.items[at].end else None


def read_c_outline(text: str) -> COutline:
    code = code_of(text)
    spans, is_sound = _spans(code)
    headers: list[str] = []
    depths = [(0, 0)]
    """From each place on: how many ``#if`` it is in."""
    headers_end = -1
    first = spans[0][0] if spans else len(text)
    for line in _DIRECTIVE.finditer(_without_comments(text)):
        depth = depths[-1][1]
        if line[1] == "include":
            if name := _INCLUDE.match(line[2]):
                headers.append(name[1])
            if not depth and line.start() < first:
                headers_end = _next_line(text, line.end())
        else:
            depths.append((line.start(), max(0, depth + (-1 if line[1] == "endif" else 1))))
    if headers_end < 0:
        leading = re.match(r"(?:\s*(?:/\*.*?\*/|//[^\n]*))*\s*", text, re.DOTALL)
        headers_end = min(leading.end() if leading else 0, first)
    starts = [start for start, _ in depths]
    items = []
    for start, body, end in spans:
        is_conditional = depths[bisect_right(starts, start) - 1][1] > 0
        items.append(CItem(start, end, body, _name(code[start : body if body >= 0 else end]), is_conditional))
    return COutline(tuple(items), tuple(headers), headers_end, is_sound)


def _spans(code: str) -> tuple[list[tuple[int, int, int]], bool]:
    """Return start, opening brace of a function and end of each item; and whether brackets go together."""
    spans: list[tuple[int, int, int]] = []
    open_ones: list[str] = []
    start, brace = -1, -1
    end = 0
    for mark in _MARK.finditer(code):
        char = mark[0]
        if not open_ones:
            start = _first_word(code, end)
        if char in "({[":
            if not open_ones and char == "{":
                brace = mark.start()
            open_ones.append(char)
            continue
        if char != ";":
            if not open_ones or open_ones.pop() + char not in ("()", "{}", "[]"):
                return spans, False
            is_body = char == "}" and not open_ones and code[start:brace].rstrip().endswith(")")
            if not is_body:
                continue
        elif open_ones:
            continue
        end = mark.end()
        if start < end:
            spans.append((start, brace if char == "}" else -1, end))
    return spans, not open_ones


def _first_word(code: str, position: int) -> int:
    found = _NOT_BLANK.search(code, position)
    return found.start() if found else len(code)


def _next_line(text: str, position: int) -> int:
    return text.find("\n", position) + 1 or len(text)


def _without_comments(text: str) -> str:
    return re.sub(
        r"/\*.*?(?:\*/|\Z)|//[^\n]*", lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.DOTALL
    )


def _name(head: str) -> str:
    """Return what an item is called: a function that a macro declares (``BPF_PROG(name, ...)``) by the first
    word in the macro's parentheses."""
    calls = _CALLED.findall(head)
    if calls and head.rstrip().endswith(")"):
        name, first = calls[-1]
        for name, first in calls:
            if name.isupper() and first and name != "SEC":
                return str(first)
        return str(name)
    named = _TAGGED.search(head)
    return (named[1] or named[2] or "") if named else ""
