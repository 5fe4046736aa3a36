"""Where a Rust source asks for what fails: the calls of query macros, their statement, their function."""

from __future__ import annotations

import re
from functools import cached_property

from btfview.bindings.places import newline_of
from btfview.bindings.rust_insertion import with_gates
from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.outline import read_outline
from btfview.compiler.rust.syntax.tree import parse
from btfview.frozen import TYPE_CHECKING, frozen

from .patch import Edit, edited, indentation_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.compiler.rust.syntax.outline import Outline
    from btfview.compiler.rust.syntax.tree import Node, Tree

    from .trouble import Trouble

_QUERY = re.compile(r"((?:\w+\s*::\s*)*)(\w+)!\s*\((.*)\)", re.DOTALL)


@frozen
class Call:
    """One call of a query macro."""

    start: int
    end: int
    prefix: str
    """``core::btf::`` or what else stands before the macro's name."""
    macro: str
    arguments: str
    """As written: ``task_struct, se.vruntime``."""


@frozen
class Function:
    returns: str
    """The type, as written; empty for none."""
    parameters: str
    body_start: int
    statement: int
    """Where the statement begins that the call stands in."""
    impl_type: str
    """Of a method the type that it is of."""


class RustPlace:
    """The places of what fails in its source: LLVM merges equal queries, so that one record may have
    several."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.text = trouble.text
        self.newline = newline_of(trouble.text)

    @cached_property
    def outline(self) -> Outline:
        return read_outline(self.trouble.source)

    @cached_property
    def _tree(self) -> Tree:
        return parse(self.trouble.source, Report())

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """In the order of the source; none where one of them is in another file, or in no plain call."""
        linked, compilation = self.trouble.linked, self.trouble.analysis.compilation
        program = compilation.program if compilation else None
        if linked is None or program is None:
            return ()
        found: dict[int, Call] = {}
        for index in linked.queries:
            span = program.queries[index].span
            if not self.trouble.source.is_own(span.start):
                return ()
            match = _QUERY.fullmatch(self.text, span.start, span.end)
            if match is None:
                return ()
            found[span.start] = Call(span.start, span.end, match[1], match[2], match[3].strip())
        return tuple(found[start] for start in sorted(found))

    def function(self, call: Call) -> Function | None:
        """Return the function around a call; None in a constant, a closure or a macro."""
        node = self._innermost(call)
        statement = -1
        while node is not None:
            parent = node.parent
            if node.type in ("closure_expression", "macro_definition", "const_item", "static_item"):
                return None
            if parent is not None and parent.type == "block" and statement < 0:
                statement = self._tree.span(node).start
            if node.type == "function_item":
                body = node.child_by_field_name("body")
                if body is None or statement < 0:
                    return None
                returns = node.child_by_field_name("return_type")
                parameters = node.child_by_field_name("parameters")
                return Function(
                    self._tree.text(returns) if returns is not None else "",
                    self._tree.text(parameters) if parameters is not None else "",
                    self._tree.span(body).start + 1,
                    statement,
                    self._impl_type(node),
                )
            node = parent
        return None

    def _innermost(self, call: Call) -> Node | None:
        node: Node = self._tree.root
        while True:
            inner = next(
                (
                    child
                    for child in node.children
                    if self._tree.span(child).start <= call.start and call.end <= self._tree.span(child).end
                ),
                None,
            )
            if inner is None:
                return node
            node = inner

    def _impl_type(self, function: Node) -> str:
        node = function.parent
        while node is not None and node.type != "impl_item":
            node = node.parent
        named = node.child_by_field_name("type") if node is not None else None
        return self._tree.text(named) if named is not None else ""

    def before_item(self, block: str) -> Edit | None:
        """Return the edit that puts *block* before the item that the first call is in."""
        item = next((one for one in self.outline.items if one.start <= self.calls[0].start < one.end), None)
        if item is None:
            return None
        body = block.strip("\n").replace("\n", self.newline)
        return Edit(item.start, item.start, body + self.newline * 2)

    def before_statement(self, at: int, lines: Sequence[str]) -> Edit:
        """Return the edit that puts *lines* before a statement, as far in as it is."""
        indentation = indentation_at(self.text, at)
        if indentation is None:
            return Edit(at, at, " ".join(line.strip() for line in lines) + " ")
        return Edit(at, at, "".join(f"{line}{self.newline}{indentation}" for line in lines))

    def with_edits(self, edits: Iterable[Edit], gates: tuple[str, ...] = ()) -> str:
        """Return the source with *edits*, and *gates* in its ``#![feature(..)]``."""
        text, _ = with_gates(edited(self.text, edits), self.outline, gates, self.newline)
        return text
