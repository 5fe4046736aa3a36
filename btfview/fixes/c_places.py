"""Where a C source asks for what fails: the expression, its statement, its function."""

from __future__ import annotations

import re
from functools import cached_property

from btfview.analysis.source_text.c_expressions import code_of
from btfview.analysis.source_text.c_outline import read_c_outline
from btfview.bindings.c_insertion import missing_headers, with_headers
from btfview.bindings.places import newline_of
from btfview.frozen import TYPE_CHECKING, frozen

from .patch import Edit, edited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.source_text.c_outline import CItem, COutline

    from .trouble import Trouble

_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_WORD = re.compile(r"[A-Za-z_]\w*")
_NOT_PLAIN = frozenset(
    ("if", "else", "for", "while", "do", "switch", "case", "default", "return", "goto", "break", "continue")
)
_DECLARATION = re.compile(
    r"(?:const\s+|static\s+|volatile\s+)*(?:struct\s+|union\s+|enum\s+)?\w+[\s*]+\w+\s*(?:[=;,\[]|$)"
)
_READ = re.compile(r"BPF_CORE_READ(_USER)?$")
_INTO = re.compile(r"BPF_CORE_READ(_USER)?(_STR)?_INTO$")
_COPY = re.compile(r"bpf_core_read(_user)?(_str)?$")
_BITS = re.compile(r"BPF_CORE_READ_BITFIELD(_PROBED)?$")


@frozen
class Use:
    """An expression that asks for a field of a struct."""

    start: int
    end: int
    base: str
    """A pointer to the struct that the record's path starts from; empty where that cannot be told."""
    macro: str = ""
    """What is called; empty for a plain access of a member."""
    is_first: bool = True
    """The struct is the one that the expression starts from, with no pointer in between."""
    rest: tuple[str, ...] = ()
    """Members that are read behind the record's field, each behind a pointer."""
    to: tuple[str, ...] = ()
    """Where it is read to, and how many bytes, if the macro is told."""

    @property
    def is_plain(self) -> bool:
        return not self.macro

    @property
    def gives_value(self) -> bool:
        """The expression is the value; else it is written somewhere."""
        return self.is_plain or bool(_READ.match(self.macro) or _BITS.match(self.macro))

    @property
    def is_text(self) -> bool:
        return "_STR" in self.macro or "_str" in self.macro

    @property
    def is_bitfield(self) -> bool:
        return bool(_BITS.match(self.macro))


class CPlace:
    """The place of what fails in its source."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.text = trouble.text
        self.code = code_of(trouble.text)
        self.newline = newline_of(trouble.text)

    @cached_property
    def outline(self) -> COutline:
        return read_c_outline(self.text)

    @property
    def start(self) -> int:
        """Where the expression begins; -1 where that is not known."""
        item = self.trouble.linked or self.trouble.ask
        span = item.span if item else None
        return span.start if span is not None and self.trouble.source.is_own(span.start) else -1

    @cached_property
    def function(self) -> CItem | None:
        found = self.outline.item_at(self.start) if self.start >= 0 and self.outline.is_sound else None
        return found if found is not None and found.is_function else None

    # -- the expression ---------------------------------------------------------------------------

    @cached_property
    def expression(self) -> tuple[int, int] | None:
        """Begin and end of a whole call or access; None where only the line is known."""
        linked = self.trouble.linked
        if self.start < 0 or linked is None or linked.span is None:
            return None
        start, end = linked.span.start, linked.span.end
        call = _CALL.match(self.code, start)
        if call is not None:
            closing = self.closing(call.end() - 1)
            return (start, closing) if closing == end else None
        text = self.code[start:end]
        is_access = bool(_WORD.match(text)) and ("->" in text or "." in text) and ";" not in text
        return (start, end) if is_access else None

    @cached_property
    def use(self) -> Use | None:
        """The expression taken apart; None where it is of no known form."""
        found = self.expression
        fields = tuple(_WORD.findall(re.sub(r"\[[^\]]*\]", "", self.trouble.fields)))
        if found is None or not fields:
            return None
        start, end = found
        call = _CALL.match(self.code, start)
        if call is None:
            return self._access(start, end, fields)
        arguments = self.arguments(call.end() - 1)
        name = call[1]
        if _READ.match(name) and len(arguments) > 1:
            return self._read(start, end, name, (), arguments, fields)
        if _INTO.match(name) and len(arguments) > 2:
            return self._read(start, end, name, arguments[:1], arguments[1:], fields)
        if _BITS.match(name) and len(arguments) == 2:
            return self._read(start, end, name, (), arguments, fields)
        if _COPY.match(name) and len(arguments) == 3 and arguments[2].startswith("&"):
            inner = self._split(arguments[2][1:].strip(), fields)
            base = inner or ""
            return Use(start, end, base, name, True, (), arguments[:2]) if base else None
        return None

    def _read(
        self,
        start: int,
        end: int,
        name: str,
        to: tuple[str, ...],
        arguments: tuple[str, ...],
        fields: tuple[str, ...],
    ) -> Use | None:
        """Take ``BPF_CORE_READ(task, mm, pgd)`` apart: of which pointer it reads which member."""
        first, *members = arguments
        for number, member in enumerate(members):
            if tuple(_WORD.findall(re.sub(r"\[[^\]]*\]", "", member))) == fields:
                user = "_USER" if "_USER" in name else ""
                base = f"BPF_CORE_READ{user}({', '.join((first, *members[:number]))})" if number else first
                return Use(start, end, base, name, not number, tuple(members[number + 1 :]), to)
        return None

    def _access(self, start: int, end: int, fields: tuple[str, ...]) -> Use | None:
        base = self._split(self.text[start:end], fields)
        return Use(start, end, base) if base else None

    @staticmethod
    def _split(text: str, fields: tuple[str, ...]) -> str:
        """Return the pointer before ``->a.b[1]``; empty where *text* does not end in *fields*."""
        steps = r"(?:\s*\[[^\]]*\])*\s*\.\s*".join(map(re.escape, fields))
        found = re.fullmatch(rf"(.*?)\s*(->|\.)\s*{steps}(?:\s*\[[^\]]*\])*", text.strip(), re.DOTALL)
        if found is None:
            return ""
        return found[1] if found[2] == "->" else f"&{found[1]}"

    # -- around it --------------------------------------------------------------------------------

    @cached_property
    def statement(self) -> tuple[int, int] | None:
        """Begin and end (behind the semicolon) of the statement around the expression; None where brackets
        do not tell."""
        return statement_around(self, self.start)

    @property
    def is_plain_statement(self) -> bool:
        """The statement can stand behind an ``if``: it declares nothing, and is no part of one itself."""
        if self.statement is None:
            return False
        begin, end = self.statement
        text = self.code[begin:end]
        word = _WORD.match(text)
        return (
            not (word and word[0] in _NOT_PLAIN)
            and not _DECLARATION.match(text)
            and ":" not in text.split("?")[0]
        )

    def arguments(self, opening: int) -> tuple[str, ...]:
        """Return the arguments of a call, as written."""
        closing = self.closing(opening)
        if closing is None:
            return ()
        parts, depth, begin = [], 0, opening + 1
        for position in range(opening + 1, closing - 1):
            char = self.code[position]
            depth += (char in "([{") - (char in ")]}")
            if char == "," and not depth:
                parts.append(self.text[begin:position].strip())
                begin = position + 1
        parts.append(self.text[begin : closing - 1].strip())
        return tuple(parts)

    def closing(self, opening: int) -> int | None:
        """Return the place behind the parenthesis that closes the one at *opening*."""
        depth = 0
        for position in range(opening, len(self.code)):
            depth += (self.code[position] in "([{") - (self.code[position] in ")]}")
            if not depth:
                return position + 1
        return None

    # -- making a text ----------------------------------------------------------------------------

    def with_edits(self, edits: Iterable[Edit]) -> str:
        """Return the source with *edits*, and the includes that libbpf's macros need and it lacks."""
        edits = tuple(edits)
        compilation = self.trouble.analysis.compilation
        missing = missing_headers(self.outline, self.text, compilation.headers if compilation else ())
        with_them, shift = with_headers(self.text, self.outline, missing)
        if shift:
            at = self.outline.headers_end
            edits = (*edits, Edit(at, at, with_them[at : at + shift]))
        return edited(self.text, edits)

    def before_function(self, block: str) -> Edit | None:
        """Return the edit that puts *block* before the function, outside of any ``#if``."""
        if self.function is None:
            return None
        at = self.outline.headers_end
        for item in self.outline.items:
            if item.end > self.function.start:
                break
            line_end = self.text.find("\n", item.end)
            if (
                not item.is_conditional
                and not self.code[item.end : line_end if line_end >= 0 else None].strip()
            ):
                at = line_end + 1 if line_end >= 0 else len(self.text)
        body = block.strip("\n").replace("\n", self.newline)
        lead = self.newline if self.text[:at].strip() else ""
        tail = "" if self.text[at : at + 1] in ("\n", "\r") else self.newline
        return Edit(at, at, f"{lead}{body}{self.newline}{tail}")


def statement_around(place: CPlace, offset: int) -> tuple[int, int] | None:
    """Return begin and end (behind the semicolon) of the statement that *offset* is in; None where brackets
    do not tell."""
    function = place.outline.item_at(offset) if offset >= 0 and place.outline.is_sound else None
    if function is None or not function.is_function:
        return None
    begin = function.body + 1
    depth = 0
    for position in range(begin, function.end):
        char = place.code[position]
        depth += (char in "([") - (char in ")]")
        if char not in "{};" or depth:
            continue
        if position < offset:
            begin = position + 1
        elif char == ";":
            text = place.code[begin:position]
            return begin + len(text) - len(text.lstrip()), position + 1
        else:
            return None  # a block begins before the statement ends
    return None
