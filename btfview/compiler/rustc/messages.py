"""What rustc says, as diagnostics at the user's places (rustc: "JSON output").

Our ban of field accesses comes as a warning about a *deprecated* field (:mod:`.rewriting.rewrite`); it is
told as the built-in front end tells it, and dropped where upstream has no ban: in queries, patterns and
literals.
"""

from __future__ import annotations

import json
import re

from btfview.diagnostics import SEVERITIES, Diagnostic, Label
from btfview.frozen import frozen
from btfview.source import Span

from .our_words import told_as_ours
from .rewriting.externs import MARK
from .rewriting.rewrite import LAYOUT_NOTE, NOTE, Rewritten

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .files import CrateFiles

_BAN = re.compile(rf"use of deprecated field `(?:[^`]*::)?([^`:]+)::([^`:]+)`: ({NOTE}|{LAYOUT_NOTE})$")
_NO_RULE = re.compile(r"unexpected end of macro invocation|no rules expected")
_UNKNOWN_LINT = re.compile(r"unknown lint: `(\w+)`")
_DEAD = re.compile(r"(?:function|method|associated function) `[^`]+` is never used")
_SUMMARY = re.compile(r"aborting due to|\d+ warnings? emitted|Some errors have detailed|For more information")
_QUIET_CODES = frozenset(["unused_unsafe", "dead_code", "unused_imports", "non_camel_case_types"])
"""Lints that are about how a program looks; of those we have our own word, or none."""


@frozen
class Touched:
    """A field of a struct without a marker in an expression, a pattern or ``offset_of!``."""

    file: Rewritten
    span: Span
    struct: str
    field: str


class Messages:
    """Turns rustc's messages into diagnostics at places in the source of *files*; what is said of other
    files is told beside it."""

    def __init__(self, files: CrateFiles) -> None:
        self._files = files
        self._told: dict[tuple[int, int], int] = {}
        """Ends of the field accesses that were told, by file and start."""
        self.touched: list[Touched] = []
        """Where fields of structs without a marker are touched; filled as messages are read."""

    def read(self, lines: str) -> Iterator[Diagnostic]:
        """Yield the diagnostics in JSON *lines*, what is no JSON of rustc's is left out."""
        for line in lines.splitlines():
            if not line.startswith("{"):
                continue
            message = json.loads(line)
            if message.get("$message_type", "diagnostic") == "diagnostic" and "spans" in message:
                yield from self.diagnostic(message)

    def diagnostic(self, message: dict[str, Any]) -> Iterator[Diagnostic]:
        text, level = message["message"], message["level"]
        code = (message.get("code") or {}).get("code")
        if level.startswith("failure-note") or _SUMMARY.match(text):
            return
        if level == "error: internal compiler error":
            level = "error"
        severity = level if level in SEVERITIES else "note"
        if (ban := _BAN.match(text)) is not None:
            if ban[3] == LAYOUT_NOTE:
                self._note_touched(message["spans"][0], ban[1], ban[2])
            else:
                yield from self._ban(message, ban[1], ban[2])
            return
        if severity != "error" and code in _QUIET_CODES and not self._is_dead_function(message):
            return
        if severity != "error" and _is_our_lint(text):
            return
        primary = [span for span in message["spans"] if span["is_primary"]]
        if primary and all(map(self._is_of_mark, primary)):
            return  # the same is told of the declaration itself
        places = [self._place(span) for span in primary]
        place = next((found for found in places if found is not None), None)
        if place is not None and severity == "error" and _is_in_wrong_call(*place):
            return
        notes = [child["message"] for child in message["children"] if child["level"] == "note"]
        hints = [child["message"] for child in message["children"] if child["level"] == "help"]
        if place is None and primary:
            span = primary[0]
            notes.insert(0, f"in {span['file_name']}:{span['line_start']}:{span['column_start']}")
        labels = []
        for span in message["spans"]:
            found = self._place(span)
            if not span["is_primary"] and span["label"] and found is not None:
                labels.append(Label(self._files.span(*found), span["label"]))
        name = self._query_name(primary[0]) if primary else None
        if name is not None and severity == "error":
            if _NO_RULE.match(text):
                text, code = f"`{name}` does not take these arguments", None
                hints = [_usage(name)]
            elif code == "E0015":
                text, code, hints = (
                    f"`{name}` is not const: the loader answers it",
                    None,
                    ["ask in a function"],
                )
            notes = [note for note in notes if "originates in the macro" not in note]
            if place is not None:
                place, text, code = told_as_ours(place, name, text, code)
        elif place is not None and severity == "error":
            place, text, code = told_as_ours(place, "", text, code)
        yield Diagnostic(
            severity,
            text.replace("\n", " "),
            self._files.span(*place) if place is not None else Span(0, 0),
            code if code and re.fullmatch(r"E\d{4}", code) else None,
            (primary[0]["label"] or None) if primary and place is not None else None,
            hints[0].replace("\n", " ") if hints else None,
            tuple(note.replace("\n", " ") for note in notes),
            tuple(labels),
            code if code and not re.fullmatch(r"E\d{4}", code) else None,
        )

    def _place(self, span: dict[str, Any]) -> tuple[Rewritten, Span] | None:
        """Return the file and the place that the user knows of *span*: of a macro's inside its call."""
        found: dict[str, Any] | None = span
        while found is not None:
            rewritten = self._files.find(found["file_name"])
            if rewritten is not None:
                return rewritten, span_of(rewritten, found)
            found = (found["expansion"] or {}).get("span")
        return None

    def _is_dead_function(self, message: dict[str, Any]) -> bool:
        """Return whether rustc says of a function with a body that nothing calls it."""
        found = self._place(message["spans"][0]) if _DEAD.match(message["message"]) else None
        if found is None:
            return False
        rewritten, span = found
        at = rewritten.tree.byte_offset(span.start)
        name = rewritten.tree.root.descendant_for_byte_range(at, at + 1)
        return name is not None and name.parent is not None and name.parent.type == "function_item"

    def _is_of_mark(self, span: dict[str, Any]) -> bool:
        """Return whether *span* is in what stands behind an ``extern`` block for rustc alone."""
        rewritten = self._files.find(span["file_name"])
        if rewritten is None:
            return False
        first = character(rewritten.edited.text, span["byte_start"])
        return MARK in rewritten.edited.inserted_at(first)

    def _query_name(self, span: dict[str, Any]) -> str | None:
        """Return the macro of ``core::btf`` that *span* comes from."""
        name = None
        expansion = span["expansion"]
        while expansion:
            site = expansion.get("def_site_span")
            if site is not None and "__btf__" in site["file_name"]:
                name = expansion["macro_decl_name"].rstrip("!").rpartition("::")[2]
            expansion = (expansion.get("span") or {}).get("expansion")
        return name

    def _ban(self, message: dict[str, Any], owner: str, field: str) -> Iterator[Diagnostic]:
        span = message["spans"][0]
        if self._query_name(span) is not None:
            return
        found = self._place(span)
        if found is None:
            return
        rewritten, place = found
        marker = f"#[{self._marker(owner)}]"
        text = rewritten.edited.original.text[place.start : place.end]
        expansion = span["expansion"]
        if expansion and "offset_of!" in expansion["macro_decl_name"]:
            place = _names_in(rewritten.edited.original.text, place) or place
            yield Diagnostic(
                "error",
                f"cannot use `offset_of!` with `{marker}` types",
                self._files.span(rewritten, place),
                None,
                f"`{owner}` is relocated: its offsets are known when the program is loaded",
                f"use `core::btf::field_byte_offset!({owner}, {field})`",
            )
            return
        touched = re.search(rf"\.\s*((?:r#)?{re.escape(field)})$", text)
        if touched is not None and self._is_innermost(rewritten, found[1]):
            place = Span(place.start + touched.start(1), place.end)
            yield Diagnostic(
                "error",
                f"cannot access fields of a `{marker}` type directly",
                self._files.span(rewritten, place),
                None,
                f"direct field access is forbidden for `{owner}`",
                f"ask for its place: `core::btf::field_byte_offset!({owner}, {field})`",
            )

    def _note_touched(self, span: dict[str, Any], owner: str, field: str) -> None:
        found = self._place(span)
        if found is not None:
            rewritten, place = found
            expansion = span["expansion"]
            if expansion and "offset_of!" in expansion["macro_decl_name"]:
                place = _names_in(rewritten.edited.original.text, place) or place
            self.touched.append(Touched(rewritten, place, owner, field))

    def _is_innermost(self, rewritten: Rewritten, span: Span) -> bool:
        """Return whether no field that *span* leads through was told: one error is enough for a chain."""
        begun = self._told.setdefault((id(rewritten), span.start), span.end)
        return begun >= span.end

    def _marker(self, owner: str) -> str:
        for _, rewritten in self._files.all():
            for struct in rewritten.marked:
                if struct.name == owner:
                    return struct.marker
        return "btf_relocatable"


def _is_in_wrong_call(rewritten: Rewritten, span: Span) -> bool:
    return any(call.start <= span.start <= call.end for call in rewritten.wrong_calls)


def _names_in(text: str, call: Span) -> Span | None:
    """Return the place of the path in a *call* of ``offset_of!``."""
    inside = re.match(r"[^,]*,\s*", text[call.start : call.end])
    if inside is None:
        return None
    start = call.start + inside.end()
    return Span(start, start + len(text[start : call.end - 1].strip()))


def _is_our_lint(text: str) -> bool:
    """Return whether rustc complains about the name of a lint of ours, which it does not know."""
    found = _UNKNOWN_LINT.match(text)
    if found is None:
        return False
    from btfview.compiler.rust.lints.levels import OWN_LINTS

    return found[1] in OWN_LINTS


def _usage(name: str) -> str:
    if name.startswith(("type_", "btf_type_")):
        return f"expects a type: `{name}!(task_struct)`"
    if name.startswith(("enum_", "btf_enum_")):
        return f"expects an enum and its variant: `{name}!(pid_type, PIDTYPE_PGID)`"
    if name in ("field_ref", "field_ptr"):
        return f"expects a pointer to the carrier and a field path: `{name}!(task, se.vruntime)`"
    return f"expects a carrier type and a field path: `{name}!(task_struct, se.vruntime)`"


def span_of(rewritten: Rewritten, span: dict[str, Any]) -> Span:
    """Return the place of rustc's *span* in the user's text."""
    text = rewritten.edited.text
    first = character(text, span["byte_start"])
    return rewritten.edited.span(first, character(text, span["byte_end"]))


def character(text: str, byte: int) -> int:
    """Return the index of the character at *byte* of the UTF-8 of *text*."""
    if text.isascii():
        return byte
    return len(text.encode("utf-8", "replace")[:byte].decode("utf-8", "ignore"))


def unique(diagnostics: Iterator[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in the order of their places, each once."""
    found = {(one.span.start, one.span.end, one.message, one.notes): one for one in diagnostics}
    return tuple(sorted(found.values(), key=lambda one: (one.span.start, one.span.end)))
