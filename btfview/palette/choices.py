"""What can be gone to: records, fields, functions, kernels, lines and instructions, as choices to search.

A *scope* is one kind of these, with a prefix that asks for it alone. Texts are made for a whole scope at
once, a :class:`Choice` only for what is shown: an object of 20,000 records can be searched as one types.
"""

from __future__ import annotations

import os
import re

from btfview.bpf.insn import INSN_SIZE
from btfview.btf.layout_rows import MEMBER, struct_layout
from btfview.btf.types import Struct
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.views.asks import ask_number

from .goals import ToField, ToFunction, ToInsn, ToKernel, ToLine, ToRecord, ToType
from .matching import find_matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from btfview.analysis.result import Analysis
    from btfview.analysis.type_rows import TypeRow
    from btfview.btf.reader import Btf
    from btfview.views.rows import Row

    from .goals import Goal

COMMANDS, RECORDS, DEMANDS, FIELDS, FUNCTIONS, TYPES, KERNELS, PLACES = (
    "command",
    "record",
    "demand",
    "field",
    "function",
    "type",
    "kernel",
    "place",
)
PREFIXES = {
    ">": COMMANDS,
    "#": RECORDS,
    "!": DEMANDS,
    ".": FIELDS,
    "@": FUNCTIONS,
    "&": TYPES,
    "%": KERNELS,
    ":": PLACES,
}
"""The first letter of a query that asks for one scope."""
_PLACE_WORD = re.compile(r"[^\s:+,]+")
_MAX_PLACES = 200


@frozen
class Choice:
    """One thing that can be gone to."""

    scope: str
    text: str
    """What it is called; the search looks at this."""
    about: str
    goal: Goal


class Scope:
    """The choices of one kind: their texts, and how one becomes a :class:`Choice`."""

    def __init__(self, name: str, texts: Sequence[str], make: Callable[[int], Choice]) -> None:
        self.name = name
        self._low = [text.lower() for text in texts]
        self._make = make

    def find(self, query: str, limit: int) -> tuple[list[tuple[int, Choice]], int]:
        """Return the best *limit* choices with their scores, and how many fit."""
        matches, count = find_matches(self._low, query, limit)
        return [(match.score, self._make(match.index)) for match in matches], count


def split_scope(query: str) -> tuple[str, str]:
    """Return the scope that the first letter asks for, or nothing, and the rest.

    >>> split_scope("#tgid"), split_scope("tgid")
    (('record', 'tgid'), ('', 'tgid'))
    """
    scope = PREFIXES.get(query[:1], "")
    return (scope, query[1:].strip()) if scope else ("", query.strip())


def scopes_of(analysis: Analysis) -> tuple[Scope, ...]:
    """Return records, what else is asked for, fields, functions and kernels of a result."""
    made = (_records, _demands, _fields, _functions, _kernels)
    return tuple(make(analysis) for make in made)


def _records(analysis: Analysis) -> Scope:
    relos = analysis.relos

    def make(index: int) -> Choice:
        linked = relos[index]
        about = f"insn {linked.relo.insn_off // INSN_SIZE} of {linked.program or linked.relo.section}"
        return Choice(RECORDS, texts[index], about, ToRecord(index))

    texts = [f"{linked.path}  #{linked.index} {linked.relo.kind_label}" for linked in relos]
    return Scope(RECORDS, texts, make)


def _demands(analysis: Analysis) -> Scope:
    first, asks = len(analysis.relos), analysis.asks

    def make(index: int) -> Choice:
        ask = asks[index]
        about = f"by {', '.join(ask.programs)}" if ask.programs else "of the object"
        return Choice(DEMANDS, texts[index], about, ToRecord(first + index))

    numbers = (ask_number(analysis, first + index) for index in range(len(asks)))
    texts = [f"{ask.subject}  {number} {ask.kind}" for ask, number in zip(asks, numbers, strict=True)]
    return Scope(DEMANDS, texts, make)


def _fields(analysis: Analysis) -> Scope:
    goals: list[tuple[str, ToField]] = []
    if analysis.object is not None:
        btf = analysis.object.btf
        relos: dict[str, list[int]] = {}
        roots: dict[int, None] = {}
        for linked in analysis.relos:
            if linked.local_spec is not None:
                relos.setdefault(linked.path, []).append(linked.index)
                roots.setdefault(linked.relo.type_id)
        seen: set[int] = set()
        for root in roots:
            try:
                goals += _fields_of(btf, root, relos, seen)
            except BtfFormatError:
                continue  # told in the struct tree

    def make(index: int) -> Choice:
        text, goal = goals[index]
        asked = " ".join(f"#{relo}" for relo in goal.relos[:6])
        return Choice(FIELDS, text, f"◆ {asked}" if asked else goal.type_name, goal)

    return Scope(FIELDS, [text for text, _ in goals], make)


def _fields_of(
    btf: Btf, root: int, relos: dict[str, list[int]], seen: set[int]
) -> Iterator[tuple[str, ToField]]:
    struct = btf.skip_modifiers(root)
    if not isinstance(struct, Struct) or struct.id in seen or not struct.name:
        return
    seen.add(struct.id)
    names: dict[tuple[int, ...], str] = {(): ""}
    for row in struct_layout(btf, struct):
        if row.what != MEMBER:
            continue
        outer = names.get(row.path[:-1], "")
        names[row.path] = path = f"{outer}.{row.name}" if outer and row.name else outer or row.name
        if row.name:
            text = f"{struct.name}.{path}"
            key = f"{struct.kind.label} {struct.name}/{'.'.join(map(str, row.path))}"
            asked = tuple(relos.get(text, ()))
            yield text, ToField(key, struct.id, path, asked, row.bit_offset, row.type_name)


def _functions(analysis: Analysis) -> Scope:
    goals: list[ToFunction] = []
    if analysis.object is not None:
        relos: dict[tuple[str, str], list[int]] = {}
        for linked in analysis.relos:
            relos.setdefault((linked.relo.section, linked.program), []).append(linked.index)
        for section, symbols in analysis.object.functions.items():
            for symbol in symbols:
                asked = tuple(relos.get((section, symbol.name), ()))
                count = symbol.size // INSN_SIZE
                goals.append(ToFunction(section, symbol.name, symbol.value, count, asked))

    def make(index: int) -> Choice:
        goal = goals[index]
        about = f"{goal.section}  {goal.insn_count} instructions, {len(goal.relos)} records"
        return Choice(FUNCTIONS, goal.name, about, goal)

    return Scope(FUNCTIONS, [goal.name for goal in goals], make)


def _kernels(analysis: Analysis) -> Scope:
    targets = analysis.targets

    def make(index: int) -> Choice:
        target = targets[index]
        badge = f"{target.badge}  " if target.badge else ""
        return Choice(KERNELS, target.name, f"{badge}{target.path}", ToKernel(index))

    return Scope(KERNELS, [target.name for target in targets], make)


class KernelMembers:
    """The members of the types of one target, for queries such as ``task_struct.se.vru``."""

    def __init__(self, btf: Btf, target: int) -> None:
        self._btf, self._target = btf, target
        self._name = ""
        self._type: tuple[int, Sequence[TypeRow]] | None = None
        """Of the type last asked for: its id and those of its rows that a query can name."""

    def find(self, query: str, limit: int) -> list[tuple[int, Choice]]:
        """Return the best *limit* with their scores; none where the part before the first dot is no type's
        name."""
        name, dot, rest = query.partition(".")
        name = name.strip()
        if not dot or not name:
            return []
        if name != self._name:
            self._name, self._type = name, self._read(name)
        if self._type is None:
            return []
        type_id, rows = self._type
        matches, _ = find_matches([row.path.lower() for row in rows], rest.strip(), limit)
        return [
            (
                match.score,
                Choice(
                    TYPES,
                    f"{name}.{rows[match.index].path}",
                    f"+{rows[match.index].place}  {rows[match.index].type_name}",
                    ToType(self._target, type_id, rows[match.index].path),
                ),
            )
            for match in matches
        ]

    def _read(self, name: str) -> tuple[int, Sequence[TypeRow]] | None:
        from btfview.analysis.type_rows import definition_of, type_rows
        from btfview.btf.query import find_types

        found = find_types(self._btf, name)
        if not found:
            return None
        type_id = definition_of(self._btf, found[0])
        return type_id, [row for row in type_rows(self._btf, type_id) if row.path]


# -- lines and instructions ----------------------------------------------------------------------------


def find_places(analysis: Analysis, quoted: Sequence[Row], query: str) -> list[Choice]:
    """Return the line and the instructions with the number in *query*: ``21``, ``sched.rs:21``,
    ``on_exec 20``.

    Words beside the number narrow it to files, functions and sections that hold them. An instruction is
    counted from the start of its function, as the verifier does for a program, and in a section of several
    functions from that of the section too, as the panes do. *quoted* are the rows of an object's lines.
    """
    tokens = _PLACE_WORD.findall(query.lower())
    numbers = [token for token in tokens if token.isdecimal()]
    if not numbers or len(numbers[-1]) > 9:
        return []
    number = int(numbers[-1])
    tokens.reverse()
    tokens.remove(numbers[-1])
    places = [
        *_lines_at(analysis, quoted, number, tokens),
        *_insns_at(analysis, number, tokens),
    ]
    return places[:_MAX_PLACES]


def _holds(text: str, words: Sequence[str]) -> bool:
    low = text.lower()
    return all(word in low for word in words)


def _lines_at(
    analysis: Analysis, quoted: Sequence[Row], number: int, words: Sequence[str]
) -> Iterator[Choice]:
    source = analysis.source
    if source is not None:
        if 1 <= number <= source.line_count and _holds(os.path.basename(source.path), words):
            text = source.line(number).strip()
            relos = tuple(
                linked.index
                for linked in analysis.relos
                if linked.span is not None
                and source.is_own(linked.span.start)
                and source.location(linked.span.start).line == number
            )
            title = f"line {number} of {os.path.basename(source.path)}"
            yield Choice(PLACES, title, text, ToLine(number, "", text, relos))
        return
    for row in quoted:
        file, _, line = row.key.rpartition(":")
        if line == str(number) and _holds(os.path.basename(file), words):
            text = "".join(segment.text for segment in row.segments[1:]).strip()
            title = f"line {number} of {os.path.basename(file)}"
            yield Choice(PLACES, title, text, ToLine(number, row.key, text, row.relos))


def _insns_at(analysis: Analysis, number: int, words: Sequence[str]) -> Iterator[Choice]:
    obj = analysis.object
    if obj is None:
        return
    relos: dict[tuple[str, int], list[int]] = {}
    for linked in analysis.relos:
        relos.setdefault((linked.relo.section, linked.relo.insn_off), []).append(linked.index)

    def choice(title: str, section: str, insn_off: int) -> Choice:
        marks = "".join(
            f"  ◆ #{index} {analysis.relos[index].path}" for index in relos.get((section, insn_off), ())
        )
        text = obj.insn_text(section, insn_off) or "no instruction there"
        return Choice(PLACES, title, f"{text}{marks}  {section}", ToInsn(section, insn_off))

    own: list[Choice] = []
    in_sections: list[Choice] = []
    for section in obj.sections:
        symbols = obj.functions.get(section, ())
        for symbol in symbols:
            insn_off = symbol.value + INSN_SIZE * number
            if INSN_SIZE * number < symbol.size and _holds(f"{symbol.name} {section}", words):
                own.append(choice(f"insn {number} of {symbol.name}", section, insn_off))
        insn_off = INSN_SIZE * number
        is_counted_otherwise = not symbols or insn_off >= symbols[0].value + symbols[0].size
        if is_counted_otherwise and insn_off < len(obj.code(section)):
            holder = obj.function_at(section, insn_off)
            name = holder.name if holder else ""
            if _holds(f"{name} {section}", words):
                inside = f", in {name}" if name else ""
                in_sections.append(choice(f"insn {number} of section {section}{inside}", section, insn_off))
    yield from own
    yield from in_sections
