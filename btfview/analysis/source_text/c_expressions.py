"""Where a C source asks: the expression that a record belongs to.

LLVM's line of a record is the line of an instruction, which is often the one before or after, and its column
is that of the statement. So the words are looked for around it: a call that asks for this kind of record, or
a member access, that names what the record names. What a macro of the source itself expands to stands where
the macro is called. This reads words, not C: where it finds nothing, the line stays what the object says.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from btfview.frozen import TYPE_CHECKING, frozen
from btfview.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.source import Source

_FIELD_KINDS = ("byte_offset", "byte_size", "exists", "signed", "lshift_u64", "rshift_u64")
_CALLS = {
    "bpf_core_field_exists": ("field_exists",),
    "bpf_core_field_size": ("field_byte_size",),
    "bpf_core_field_offset": ("field_byte_offset",),
    "bpf_core_type_exists": ("type_exists",),
    "bpf_core_type_size": ("type_size",),
    "bpf_core_type_matches": ("type_matches",),
    "bpf_core_type_id_local": ("type_id_local",),
    "bpf_core_type_id_kernel": ("type_id_target",),
    "bpf_core_enum_value_exists": ("enumval_exists",),
    "bpf_core_enum_value": ("enumval_value",),
    "__builtin_preserve_field_info": tuple(f"field_{kind}" for kind in _FIELD_KINDS),
    "__builtin_preserve_type_info": ("type_exists", "type_size", "type_matches"),
    "__builtin_btf_type_id": ("type_id_local", "type_id_target"),
    "__builtin_preserve_enum_value": ("enumval_exists", "enumval_value"),
    "__builtin_preserve_access_index": ("field_byte_offset",),
    "bpf_core_read": ("field_byte_offset",),
    "bpf_core_read_str": ("field_byte_offset",),
    "bpf_core_read_user": ("field_byte_offset",),
    "bpf_core_read_user_str": ("field_byte_offset",),
}
"""libbpf's bpf_core_read.h and clang's builtins, with the kinds of records that they make."""
_READS = re.compile(r"BPF_CORE_READ(?:_USER)?(?:_STR)?(?:_INTO)?$")
_BITFIELDS = re.compile(r"BPF_CORE_(?:READ|WRITE)_BITFIELD(?:_PROBED)?$")
_ALL_FIELD_KINDS = tuple(f"field_{kind}" for kind in _FIELD_KINDS)
_NOT_CODE = re.compile(
    r"""/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#(?:\\\r?\n|[^\n])*""",
    re.DOTALL | re.MULTILINE,
)
_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)\(((?:\\\r?\n|[^\n])*)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_STEP = re.compile(r"\s*(?:->|\.)\s*([A-Za-z_]\w*)|\s*\[")
_MAX_DISTANCE = 12
_BRACKETS = re.compile(r"[()\[\]]")
_MAX_DEPTH = 4


@frozen
class _Asked:
    """An expression that may make records."""

    span: Span
    kinds: tuple[str, ...]
    words: tuple[str, ...]
    ends: tuple[int, ...] = ()
    """Of a member access: where each word ends."""


def code_of(text: str) -> str:
    """Return C *text* with blanks for comments, strings and preprocessor lines, so that places stay."""
    return _NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


class CExpressions:
    """The expressions of one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._code = code_of(source.text)
        self._macros = dict(_DEFINE.findall(source.text))
        self._closings = _closings(self._code)
        self._by_line: dict[int, list[_Asked]] = {}
        calls = list(self._calls())
        # What only asks whether a member is there does not read it.
        quiet = [call.span for call in calls if "field_byte_offset" not in call.kinds]
        starts = [span.start for span in quiet]
        ends = list(accumulate((span.end for span in quiet), max))
        accesses = []
        for access in self._accesses():
            before = bisect_right(starts, access.span.start)
            if not before or ends[before - 1] <= access.span.start:
                accesses.append(access)
        for asked in (*calls, *accesses):
            self._by_line.setdefault(source.location(asked.span.start).line, []).append(asked)

    def find(
        self, kind: str, names: Sequence[str], line: int, column: int, *, is_access: bool
    ) -> Span | None:
        """Return the expression that asks for *kind* of *names* (members on the way, a type, an enumerator)
        at or near a recorded place; None where none is found.

        *is_access* says that the instruction reads or writes memory itself: so do member accesses, and a
        ``BPF_CORE_READ`` calls a helper. It decides between two on one line.
        """
        here = self._on_line(kind, names, line, is_access)
        if here:
            at = self._source.offset(line, column)
            return next((span for span in here if span.end > at), here[-1])
        if macro := self._macro_call(line, column):
            return macro
        for distance in range(1, _MAX_DISTANCE + 1):
            for near in (line + distance, line - distance):
                if spans := self._on_line(kind, names, near, is_access):
                    return spans[0]
        return None

    def _on_line(self, kind: str, names: Sequence[str], line: int, is_access: bool) -> list[Span]:
        asked = [one for one in self._by_line.get(line, ()) if kind in one.kinds]
        spans = {one: span for one in asked if (span := _span_of(one, names))}
        of_this_sort = [span for one, span in spans.items() if bool(one.ends) == is_access]
        return sorted(of_this_sort or spans.values(), key=lambda span: span.start)

    def _calls(self) -> Iterator[_Asked]:
        known: dict[tuple[str, int], tuple[str, ...]] = {}
        for call in _CALL.finditer(self._code):
            name = call[1]
            kinds = _kinds_of(name, self._macros, known)
            end = self._closing(call.end() - 1) if kinds else None
            if kinds and end:
                words = tuple(_WORD.findall(self._code, call.end(), end))
                words += () if _is_known(name) else tuple(_WORD.findall(self._macros[name]))
                yield _Asked(Span(call.start(), end), kinds, words)

    def _accesses(self) -> Iterator[_Asked]:
        """Yield each chain of member accesses: ``a->b.c[i]``."""
        position = 0
        while word := _WORD.search(self._code, position):
            position = word.end()
            words, ends = [], []
            while step := _STEP.match(self._code, position):
                if step[1]:
                    position = step.end()
                    words.append(step[1])
                    ends.append(position)
                else:
                    closing = self._closing(step.end() - 1)
                    if closing is None:
                        break
                    position = closing
            if words:
                yield _Asked(Span(word.start(), position), ("field_byte_offset",), tuple(words), tuple(ends))
                # The index of an element may hold an access of its own.
                position = word.end() if "[" in self._code[word.end() : position] else position

    def _macro_call(self, line: int, column: int) -> Span | None:
        """Return the call of one of the source's own macros at a place."""
        call = _CALL.match(self._code, self._source.offset(line, column))
        if call is None or call[1] not in self._macros:
            return None
        end = self._closing(call.end() - 1)
        return Span(call.start(), end) if end else None

    def _closing(self, opening: int) -> int | None:
        """Return the place behind the parenthesis or bracket that closes the one at *opening*."""
        return self._closings.get(opening)


def _closings(code: str) -> dict[int, int]:
    """Return for each parenthesis and bracket that closes the place behind its end."""
    found: dict[int, int] = {}
    open_ones: list[int] = []
    for mark in _BRACKETS.finditer(code):
        if mark[0] in "([":
            open_ones.append(mark.start())
        elif open_ones:
            found[open_ones.pop()] = mark.end()
    return found


def _is_known(name: str) -> bool:
    return name in _CALLS or bool(_READS.match(name) or _BITFIELDS.match(name))


def _kinds_of(
    name: str, macros: dict[str, str], known: dict[tuple[str, int], tuple[str, ...]], depth: int = 0
) -> tuple[str, ...]:
    """Return the kinds of records that a call of *name* makes; of one of *macros* by what is in its body.

    *known* keeps what was found for a name at a depth.
    """
    if name in _CALLS:
        return _CALLS[name]
    if _READS.match(name):
        return ("field_byte_offset",)
    if _BITFIELDS.match(name):
        return _ALL_FIELD_KINDS
    body = macros.get(name)
    if body is None or depth == _MAX_DEPTH:
        return ()
    if (name, depth) not in known:
        kinds = {"field_byte_offset"} if "->" in body else set()
        for call in set(_CALL.findall(body)):
            kinds.update(_kinds_of(call, macros, known, depth + 1))
        known[name, depth] = tuple(kinds)
    return known[name, depth]


def _span_of(asked: _Asked, names: Sequence[str]) -> Span | None:
    """Return where *asked* names all of *names* in order, an access no further than the last of them."""
    if asked.ends:
        for start in range(len(asked.words) - len(names) + 1):
            if list(asked.words[start : start + len(names)]) == list(names):
                return Span(asked.span.start, asked.ends[start + len(names) - 1])
        return None
    rest = iter(asked.words)
    return asked.span if all(name in rest for name in names) else None
