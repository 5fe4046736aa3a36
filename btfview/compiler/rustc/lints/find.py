"""All lints but those of layouts, and the one of guards, which the object tells (analysis)."""

from __future__ import annotations

import re

from btfview.compiler.rust.lints import said
from btfview.compiler.rust.lints.levels import Teller
from btfview.compiler.rustc.ir.debug_info import is_nameless
from btfview.source import Span

from .layouts import LayoutFacts, find_layouts
from .loops import endless_loops
from .walk import nodes_of

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.compiler.result import BakedIn, Program
    from btfview.compiler.rust.syntax.tree import Node, Tree
    from btfview.compiler.rustc.files import CrateFiles
    from btfview.compiler.rustc.ir.converted import Converted, Exported
    from btfview.compiler.rustc.messages import Touched
    from btfview.compiler.rustc.rewriting.rewrite import Rewritten
    from btfview.diagnostics import Diagnostic

_NAMED = frozenset(
    [
        "struct_item", "union_item", "enum_item", "enum_variant", "field_declaration", "function_item",
        "static_item",
    ]
)  # fmt: skip


def find_lints(
    converted: Converted, files: CrateFiles, program: Program, touched: Sequence[Touched]
) -> tuple[tuple[Diagnostic, ...], tuple[BakedIn, ...]]:
    """Return what the lints have to say, and what is one only where a target says so."""
    found: list[Diagnostic] = []
    left: list[BakedIn] = []
    facts = LayoutFacts(files, converted, touched)
    programs: dict[int, list[Exported]] = {}
    for one in converted.exported:
        if one.section is not None and one.file:
            programs.setdefault(id(files.find(one.file)), []).append(one)
    for _, rewritten in tuple(files.all()):
        if rewritten is not files.main and not (rewritten.marked or rewritten.has_queries or rewritten.plain):
            continue
        told: list[Diagnostic] = []
        teller = Teller(rewritten.tree, told.append)
        _File(teller, told.append, rewritten, files, programs.get(id(rewritten), ()), program).run()
        left += find_layouts(teller, rewritten, files, facts)
        found += (files.moved(rewritten, one) for one in told)
    return tuple(found), tuple(left)


class _File:
    def __init__(
        self,
        teller: Teller,
        add: Callable[[Diagnostic], None],
        rewritten: Rewritten,
        files: CrateFiles,
        programs: Sequence[Exported],
        program: Program,
    ) -> None:
        self._teller = teller
        self._add = add
        self._rewritten = rewritten
        self._tree: Tree = rewritten.tree
        self._files = files
        self._programs = programs
        self._program = program

    def run(self) -> None:
        self._dropped()
        for struct in self._rewritten.marked:
            if struct.marker == "btf_relocatable" and not struct.has_repr_c:
                said.without_repr_c(self._teller, struct.span, struct.name)
        self._nameless()
        for node in nodes_of(self._tree.root, _NAMED):
            name = node.child_by_field_name("name")
            if name is not None:
                said.long_name(self._teller, self._tree.span(name), self._tree.name(name))
        functions = self._functions() if self._programs else {}
        for one in self._programs:
            if one.line in functions:
                self._section(functions[one.line], one)
        for loop in endless_loops(self._tree):
            said.endless_loop(self._teller, self._tree.span(loop))

    def _nameless(self) -> None:
        """Note the first member of each marked struct whose name bindgen made up."""
        marked = {struct.span.start for struct in self._rewritten.marked}
        for node in nodes_of(self._tree.root, {"struct_item", "union_item"}):
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is None or body is None or self._tree.span(name).start not in marked:
                continue
            for field in nodes_of(body, {"field_declaration"}):
                member = field.child_by_field_name("name")
                if member is not None and is_nameless(self._tree.name(member)):
                    self._add(said.nameless_member(self._tree.span(member), self._tree.name(member)))
                    break

    # ---- queries

    def _dropped(self) -> None:
        calls = {
            self._tree.span(node).start: node for node in nodes_of(self._tree.root, {"macro_invocation"})
        }
        base = self._files.span(self._rewritten, Span(0, 0)).start
        starts = {query.span.start - base for query in self._program.queries}
        for start in sorted(starts & calls.keys()):
            node = calls[start]
            around = node.parent
            if around is None:
                continue
            if around.type == "expression_statement" and self._tree.text(around).endswith(";"):
                said.dropped_query(self._teller, self._tree.span(node))
            elif around.type == "let_declaration" and around.child_by_field_name("value") == node:
                pattern = around.child_by_field_name("pattern")
                if pattern is None or pattern.type != "identifier":
                    continue
                name = self._tree.text(pattern)
                if not name.startswith("_") and not self._is_read(name, around):
                    said.dropped_query(self._teller, self._tree.span(node))

    def _is_read(self, name: str, let: Node) -> bool:
        """Return whether anything behind *let* in its block has the *name*."""
        block = let.parent
        if block is None:
            return True
        return any(
            leaf.start_byte >= let.end_byte and self._tree.text(leaf) == name
            for leaf in nodes_of(block, {"identifier", "shorthand_field_identifier"})
        ) or any(
            re.search(rf"\{{{name}\b", self._tree.text(leaf)) for leaf in nodes_of(block, {"string_content"})
        )

    # ---- programs

    def _section(self, function: Node, one: Exported) -> None:
        name = one.section or ""
        named = function.child_by_field_name("name") or function
        section = said.known_section(self._teller, self._tree.span(named), name)
        parameters = function.child_by_field_name("parameters")
        first = self._tree.child(parameters, "parameter") if parameters is not None else None
        pattern = first.child_by_field_name("pattern") if first is not None else None
        if section is None or one.first is None or pattern is None:
            return
        pointee = one.first.struct if one.first.is_pointer else None
        said.wrong_context(self._teller, self._tree.span(pattern), name, section, one.first.shown, pointee)

    def _functions(self) -> dict[int, Node]:
        """Return the functions by the lines of their names, the first where there are several."""
        found: dict[int, Node] = {}
        for node in nodes_of(self._tree.root, {"function_item"}):
            name = node.child_by_field_name("name")
            if name is not None:
                found.setdefault(self._tree.source.location(self._tree.span(name).start).line, node)
        return found
