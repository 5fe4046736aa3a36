"""Metadata of a module: nodes by number, their fields read when they are asked for."""

from __future__ import annotations

import re

from .errors import IrError

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"!([0-9]{1,9}) = (.*)")
_MOST_DIGITS = 20
"""Of a number of 64 bits, and its sign."""
_NODE = re.compile(r"(distinct )?!(\w*)([({])(.*)[)}]$")
_REFERENCE = re.compile(r'"[^"]*"|![0-9]+\b')
"""A node's number, or a string, in which there is none."""
_FIELD = re.compile(r'\b(\w++): ("[^"]*"|!\w+\([^()]*\)|[^,"]+)')


class Node:
    """``distinct !DICompositeType(name: "a", size: 64)``; fields as LLVM writes them, strings with quotes."""

    __slots__ = ("fields", "inner", "is_distinct", "kind")

    def __init__(self, kind: str, fields: dict[str, str], *, is_distinct: bool = False) -> None:
        self.kind = kind
        self.fields = fields
        self.is_distinct = is_distinct
        self.inner = ""
        """Of an array: the type of its elements, an array again where :attr:`fields` has the last of all."""

    def get(self, field: str) -> str:
        return self.fields.get(field, "")

    def string(self, field: str) -> str:
        """Return a string's text; an empty one where the field is not there."""
        return self.fields.get(field, '""')[1:-1]

    def number(self, field: str) -> int:
        text = self.fields.get(field, "0")
        is_number = len(text) <= _MOST_DIGITS and text.removeprefix("-").isdecimal()
        return int(text) if is_number else 0

    def __str__(self) -> str:
        inside = ", ".join(f"{name}: {value}" for name, value in self.fields.items())
        return f"{'distinct ' if self.is_distinct else ''}!{self.kind}({inside})"


class Metadata:
    """Nodes by reference (``!12``); what is added gets the next number."""

    def __init__(self, lines: Iterator[str] | list[str]) -> None:
        self._texts: dict[str, str] = {}
        self._nodes: dict[str, Node] = {}
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                raise IrError("a node has no number", line)
            self._texts[f"!{found[1]}"] = found[2]
        self._next = 1 + max((int(reference[1:]) for reference in self._texts), default=-1)

    def text(self, reference: str) -> str:
        node = self._nodes.get(reference)
        return str(node) if node is not None else self._texts.get(reference, "")

    def node(self, reference: str) -> Node | None:
        """Return the node of *reference*, to be read or changed; None for a list and for ``null``."""
        known = self._nodes.get(reference)
        if known is None:
            found = _NODE.match(self._texts.get(reference, ""))
            if found is None or not found[2]:
                return None
            fields = {name: value.strip() for name, value in _FIELD.findall(found[4])}
            known = self._nodes[reference] = Node(found[2], fields, is_distinct=bool(found[1]))
        return known

    def items(self, reference: str) -> list[str]:
        """Return the references in a list ``!{!1, !2}``."""
        return self.items_of(self._texts.get(reference, ""))

    @staticmethod
    def items_of(text: str) -> list[str]:
        """Return the references in ``!{!1, !2}``."""
        text = text.removeprefix("distinct ")
        inside = text[2:-1] if text.startswith("!{") else ""
        return [part.strip() for part in inside.split(",")] if inside else []

    def of_kind(self, *kinds: str) -> Iterator[str]:
        """Yield references of nodes of *kinds* (``DIFile``)."""
        wanted = tuple(f"!{kind}(" for kind in kinds)
        for reference, text in list(self._texts.items()):
            if text.removeprefix("distinct ").startswith(wanted):
                yield reference

    def add(self, text: str) -> str:
        reference = f"!{self._next}"
        self._next += 1
        self._texts[reference] = text
        return reference

    def replace(self, reference: str, text: str) -> None:
        self._nodes.pop(reference, None)
        self._texts[reference] = text

    def copied(self, reference: str, other: Metadata, copies: dict[str, str]) -> str:
        """Return the reference here of what *reference* is in *other*, copied with all that it names.

        *copies* are those already made, by their references in *other*.
        """
        pending, fresh = [reference], []
        while pending:
            one = pending.pop()
            if one in copies:
                continue
            copies[one] = self.add("")
            fresh.append(one)
            pending += [word for word in _REFERENCE.findall(other.text(one)) if word[0] == "!"]
        for one in fresh:
            text = _REFERENCE.sub(lambda found: copies.get(found[0], found[0]), other.text(one))
            self.replace(copies[one], text)
        return copies[reference]

    def lines(self) -> Iterator[str]:
        for reference in self._texts:
            yield f"{reference} = {self.text(reference)}"
