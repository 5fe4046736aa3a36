"""Where a program relies on its own layout of a struct that a kernel may have, too.

rustc tells who touches a field of a struct without a marker (:data:`..rewrite.LAYOUT_NOTE`); whether a
pointer leads there is told by the text and by the types of variables in debug info. Patterns of marked
structs, whole copies, pointer steps and ``size_of`` are found in the tree.
"""

from __future__ import annotations

from btfview.compiler.result import BakedIn
from btfview.compiler.rust.lints import said
from btfview.source import Span

from .walk import around, nodes_of

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from btfview.compiler.rust.lints.levels import Teller
    from btfview.compiler.rust.syntax.tree import Node, Tree
    from btfview.compiler.rustc.files import CrateFiles
    from btfview.compiler.rustc.ir.converted import Converted
    from btfview.compiler.rustc.ir.local_types import LocalType
    from btfview.compiler.rustc.messages import Touched
    from btfview.compiler.rustc.rewriting.rewrite import Rewritten

_STEPS = frozenset(["add", "sub", "offset", "wrapping_add", "wrapping_sub", "wrapping_offset"])
_LITERALS = ("field_initializer", "shorthand_field_initializer", "base_field_initializer")


class LayoutFacts:
    """What is known of the structs and variables of all files of a program."""

    def __init__(self, files: CrateFiles, converted: Converted, touched: Sequence[Touched]) -> None:
        self.layouts = converted.layouts
        self.marked = {struct.name for _, one in files.all() for struct in one.marked}
        self.plain = {
            one.edited.original.text[span.start : span.end]: (one, span)
            for _, one in files.all()
            for span in one.plain
        }
        self._locals: dict[int, dict[tuple[int, str], LocalType]] = {}
        for (file, line, name), kind in converted.locals.items():
            self._locals.setdefault(id(files.find(file)), {})[line, name] = kind
        self._touched: dict[int, list[Touched]] = {}
        for one in touched:
            self._touched.setdefault(id(one.file), []).append(one)

    def locals_of(self, rewritten: Rewritten) -> Mapping[tuple[int, str], LocalType]:
        """Return the types of the variables of a file, by line and name."""
        return self._locals.get(id(rewritten), {})

    def touched_in(self, rewritten: Rewritten) -> Sequence[Touched]:
        return self._touched.get(id(rewritten), ())


def find_layouts(
    teller: Teller, rewritten: Rewritten, files: CrateFiles, facts: LayoutFacts
) -> list[BakedIn]:
    """Tell of the kernel's structs in a file; return those of which a target has to tell."""
    return _Layouts(teller, rewritten, files, facts).run(facts.touched_in(rewritten))


class _Layouts:
    def __init__(self, teller: Teller, rewritten: Rewritten, files: CrateFiles, facts: LayoutFacts) -> None:
        self._teller = teller
        self._rewritten = rewritten
        self._tree: Tree = rewritten.tree
        self._files = files
        self._layouts = facts.layouts
        self._marked, self._plain = facts.marked, facts.plain
        self._locals = facts.locals_of(rewritten)

    def run(self, touched: Sequence[Touched]) -> list[BakedIn]:
        uses: list[tuple[str, str | None, Span]] = []
        places = {(one.span.start, one.span.end): one for one in touched}
        for one in touched:
            node = self._node_at(one.span)
            if node is not None and self._is_behind_pointer(node):
                uses.append((one.struct, one.field, one.span))
        uses += self._patterns(places)
        uses += self._wholes()
        left = [self._tell(*use) for use in dict.fromkeys(sorted(uses, key=lambda use: use[2].start))]
        return [one for one in left if one is not None]

    def _tell(self, struct: str, field: str | None, span: Span) -> BakedIn | None:
        layout = self._layouts.get(struct)
        if layout is None or (field is not None and field not in layout.offsets):
            return None
        value = layout.byte_size if field is None else layout.offsets[field]
        if struct in self._marked or said.is_kernel_struct(struct):
            declared = None
            if struct not in self._marked:
                file, place = self._plain.get(struct, (self._rewritten, Span(0, 0)))
                declared = place if file is self._rewritten else None
                if declared is None:
                    declared = span
            said.baked_in(self._teller, span, struct, field, value, declared)
            return None
        if not self._teller.is_told("baked_in_offset", span):
            return None
        return BakedIn(struct, field, value, self._files.span(self._rewritten, span), tuple(layout.offsets))

    # ---- fields

    def _node_at(self, span: Span) -> Node | None:
        tree = self._tree
        first, last = tree.byte_offset(span.start), tree.byte_offset(max(span.start, span.end - 1))
        return tree.root.descendant_for_byte_range(first, max(first, last))

    def _is_behind_pointer(self, node: Node) -> bool:
        """Return whether a field at *node* is one of a struct that a pointer leads to."""
        found: Node | None = node
        while found is not None and found.type in ("field_identifier", "identifier", "integer_literal"):
            if found.parent is not None and found.parent.type in _LITERALS:
                return False
            if found.parent is None or found.parent.type != "field_expression":
                break
            found = found.parent
        if found is None or found.type in _LITERALS:
            return False
        if found.type == "field_expression":
            return self._leads_behind(found)
        pattern = around(found, {"struct_pattern"}) if found.type != "struct_pattern" else found
        if pattern is not None and around(found, {"macro_invocation"}) is None:
            return self._is_pattern_behind(pattern)
        return True  # in `offset_of!`, or a macro

    def _leads_behind(self, node: Node) -> bool:
        while node.type in ("field_expression", "index_expression", "parenthesized_expression"):
            base = node.child_by_field_name("value") or next(iter(node.named_children), None)
            if base is None:
                return True
            node = base
        if node.type == "unary_expression":
            return self._tree.text(node).startswith("*")
        if node.type in ("self", "identifier"):
            kind = self._type_of(node)
            return kind is None or kind.is_pointer
        return node.type != "struct_expression"

    def _is_pattern_behind(self, pattern: Node) -> bool:
        outer: Node | None = pattern
        while outer is not None and outer.type not in (
            "let_declaration",
            "let_condition",
            "match_arm",
            "parameter",
        ):
            if outer.type == "reference_pattern":
                return True
            outer = outer.parent
        if outer is None:
            return True
        value = outer.child_by_field_name("value")
        if outer.type == "match_arm":
            match = around(outer, {"match_expression"})
            value = match.child_by_field_name("value") if match is not None else None
        if outer.type == "parameter":
            kind = outer.child_by_field_name("type")
            return kind is None or kind.type in ("reference_type", "pointer_type")
        if value is None:
            return True
        if value.type in ("identifier", "self"):
            found = self._type_of(value)
            return found is None or found.is_pointer
        return value.type not in ("struct_expression", "unary_expression")

    # ---- types of variables

    def _type_of(self, name: Node) -> LocalType | None:
        """Return the type of the variable *name*: as its declaration says, or debug info."""
        from btfview.compiler.rustc.ir.local_types import LocalType

        function = around(name, {"function_item", "closure_expression"})
        text = self._tree.text(name)
        if function is None:
            return None
        if text == "self":
            parameters = function.child_by_field_name("parameters")
            own = self._tree.child(parameters, "self_parameter") if parameters is not None else None
            owner = around(function, {"impl_item"})
            kind = owner.child_by_field_name("type") if owner is not None else None
            struct = self._tree.text(kind) if kind is not None else ""
            if own is not None:
                return LocalType(struct, "&" in self._tree.text(own), "")
        declared = self._declaration(function, name, text)
        if declared is None:
            return None
        node, kind = declared
        if kind is not None:
            inner = (
                kind.child_by_field_name("type") if kind.type in ("reference_type", "pointer_type") else kind
            )
            shown = self._tree.text(inner).rpartition("::")[2] if inner is not None else ""
            return LocalType(shown, inner is not kind, "")
        line = self._tree.source.location(self._tree.span(node).start).line
        return self._locals.get((line, text))

    def _declaration(self, function: Node, use: Node, name: str) -> tuple[Node, Node | None] | None:
        """Return where the variable that *use* names is declared, with its type where the text has it."""
        found: tuple[Node, Node | None] | None = None
        for node in nodes_of(function, {"identifier", "shorthand_field_identifier"}):
            if node.start_byte >= use.start_byte:
                break
            if self._tree.text(node) != name or node.parent is None:
                continue
            owner = node.parent
            is_pattern = owner.child_by_field_name("pattern") == node
            if is_pattern and owner.type in ("parameter", "let_declaration"):
                found = node, owner.child_by_field_name("type")
            elif owner.type.endswith("_pattern") or (
                is_pattern and owner.type in ("let_condition", "match_pattern")
            ):
                found = node, None
        return found

    # ---- whole structs

    def _patterns(self, known: dict[tuple[int, int], Touched]) -> Iterator[tuple[str, str | None, Span]]:
        """Yield the fields that patterns of marked structs take out of what a pointer leads to."""
        for pattern in nodes_of(self._tree.root, {"struct_pattern"}):
            kind = pattern.child_by_field_name("type")
            struct = self._tree.text(kind).rpartition("::")[2] if kind is not None else ""
            if struct not in self._marked or not self._is_pattern_behind(pattern):
                continue
            for part in pattern.named_children:
                name = part.child_by_field_name("name") if part.type == "field_pattern" else None
                if name is None:
                    continue
                inner = part.child_by_field_name("pattern") or name
                span = self._tree.span(inner)
                if (span.start, span.end) not in known:
                    yield struct, self._tree.name(name), span

    def _wholes(self) -> Iterator[tuple[str, str | None, Span]]:
        """Yield the places where the size of a struct counts."""
        for node in nodes_of(self._tree.root, {"call_expression", "unary_expression"}):
            struct = self._sized(node) if node.type == "call_expression" else self._copied(node)
            if struct in self._marked or struct in self._plain or (struct and said.is_kernel_struct(struct)):
                yield struct, None, self._tree.span(node)

    def _sized(self, call: Node) -> str:
        """Return the struct of ``size_of::<T>()``, or of a step of a pointer."""
        function = call.child_by_field_name("function")
        if function is None:
            return ""
        if function.type == "generic_function":
            name = function.child_by_field_name("function")
            types = function.child_by_field_name("type_arguments")
            if name is None or types is None or self._tree.text(name).rpartition("::")[2] != "size_of":
                return ""
            return self._tree.text(types).strip("<>").strip().rpartition("::")[2]
        if function.type != "field_expression":
            return ""
        method, base = function.child_by_field_name("field"), function.child_by_field_name("value")
        if method is None or base is None or self._tree.text(method) not in _STEPS:
            return ""
        kind = self._type_of(base) if base.type in ("identifier", "self") else None
        return kind.struct if kind is not None and kind.is_pointer else ""

    def _copied(self, node: Node) -> str:
        """Return the struct that ``*pointer`` takes as a whole."""
        operand = next(iter(node.named_children), None)
        outer = node.parent
        while outer is not None and outer.type == "parenthesized_expression":
            outer = outer.parent
        if operand is None or operand.type not in ("identifier", "self") or outer is None:
            return ""
        if not self._tree.text(node).startswith("*") or outer.type in (
            "field_expression",
            "reference_expression",
        ):
            return ""
        kind = self._type_of(operand)
        return kind.struct if kind is not None and kind.is_pointer else ""
