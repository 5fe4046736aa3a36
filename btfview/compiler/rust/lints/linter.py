"""Lints: what is no error but rarely meant. Each has a name, which ``#[allow(..)]`` and ``#[deny(..)]`` take.

================================= ============================================================================
``unused_btf_query``              the answer of a query is dropped, and its record with it
``unguarded_btf_offset``          an offset or size is used where no exists query says that the field is there
``btf_without_repr_c``            a marked type without ``repr(C)``, which rustc may lay out in another order
``baked_in_offset``               a field of a kernel struct is read at the offset that this file gives it
``btf_name_before_6_1``           a name of more than 128 characters
``unknown_program_section``       libbpf makes no program of the section
``program_context``               a program's argument is not what its kind of program gets
``too_many_frames``               calls go deeper than the verifier follows
``endless_loop``                  nothing leaves a loop, and the verifier refuses it
``arithmetic_overflow``           known values do not fit (rustc's, denied)
``unconditional_panic``           a division by a known zero (rustc's, denied)
``dead_code``                     a function is not called (rustc's)
``unreachable_code``              a query behind a return (rustc's)
``unknown_lints``                 a level for a lint of btfview that does not exist (rustc's)
``unfulfilled_lint_expectations`` a lint of these that ``#[expect(..)]`` waits for does not come (rustc's)
================================= ============================================================================
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from btfview.compiler.result import BakedIn
from btfview.compiler.rust.items.names import similar
from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function, Local
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.typed.walk import walk
from btfview.compiler.rust.types.kinds import PointerType, StructType, format_type, resolve
from btfview.diagnostics import Label
from btfview.source import Span

from . import said
from .baked_in import layout_uses
from .guards import unguarded_queries
from .levels import OWN_LINTS, Teller
from .overflow import known_panics
from .verifier_limits import MAX_FRAMES, deep_calls, endless_loops, has_frame

if TYPE_CHECKING:
    from btfview.compiler.result import Program
    from btfview.compiler.rust.check.program import ProgramChecker
    from btfview.compiler.rust.items.collect import Items


class Linter:
    """Looks at a program without errors."""

    def __init__(self, items: Items, checker: ProgramChecker) -> None:
        self.tree = items.tree
        self.report = items.report
        self.items = items
        self.checker = checker
        self.bodies = checker.bodies
        self._nodes = {function: list(walk(body)) for function, body in self.bodies.items()}
        """All nodes of each body, in source order: several lints look at them."""
        self._teller = Teller(items.tree, items.report.add)
        self._tell = self._teller.tell

    def run(self, program: Program) -> tuple[BakedIn, ...]:
        """Tell *report* what there is to say, at the level that attributes give it.

        Return what is one of the lints only where a target says so.
        """
        self._unused_functions(program)
        asked: dict[Function, list[n.Query]] = {}
        for function, query in self.checker.queries:
            asked.setdefault(function, []).append(query)
        unguarded = unguarded_queries(self.bodies, self.checker.calls) if asked else {}
        for function, queries in asked.items():
            self._dropped_queries(function, queries)
            self._unguarded(unguarded.get(function, []))
        self._types()
        for nodes in self._nodes.values():
            for panic in known_panics(nodes):
                what = "this arithmetic operation will overflow"
                if panic.lint == "unconditional_panic":
                    what = "this operation will panic at runtime"
                self._tell(panic.lint, panic.span, what, label=panic.label, level="deny")
        for function in self.items.functions:
            if function.section is not None:
                self._section(function, function.section)
                self._frames(function)
        if "loop" in self.tree.shown.text or "while true" in self.tree.shown.text:
            self._endless_loops()
        baked_in = self._baked_in()
        if "btf" in self.tree.shown.text:
            self._unknown_lints()
        if "expect" in self.tree.shown.text:
            self._unfulfilled()
        return tuple(one for one in baked_in if self._teller.is_told("baked_in_offset", one.span))

    # ---- functions and queries

    def _unused_functions(self, program: Program) -> None:
        kept = self.checker.reachable()
        counts = Counter(query.function for query in program.queries)
        for function in self.items.functions:
            if function in kept:
                continue
            count = counts[function.symbol]
            lost = f", with its {count} {'query' if count == 1 else 'queries'}" if count else ""
            self._tell(
                "dead_code",
                function.span,
                f"function `{function.path}` is never used",
                label=f"it is dropped from the object{lost}",
                hint="make it `pub`, or call it",
            )
        for query in program.queries:
            if not query.ir_lines:
                label = "it gives no record"
                self._tell("unreachable_code", query.span, "this query cannot be reached", label=label)

    def _dropped_queries(self, function: Function, queries: list[n.Query]) -> None:
        ends = {query.span.start: query.span.end for query in queries}
        read: set[Local] = set()
        bound: list[tuple[Local, Span]] = []
        for node in self._nodes[function]:
            if type(node) is n.LocalPlace:
                read.add(node.local)
            elif (type(node) is n.ExprStatement or type(node) is n.Let) and node.value is not None:
                span = node.value.span
                if ends.get(span.start) != span.end:
                    continue
                if isinstance(node, n.ExprStatement):
                    said.dropped_query(self._teller, span)
                elif isinstance(node.pattern, Binding):
                    bound.append((node.pattern.local, span))
        for local, span in bound:
            if local not in read and not local.name.startswith("_"):
                said.dropped_query(self._teller, span)

    def _unguarded(self, queries: list[n.FieldQuery | n.EnumQuery]) -> None:
        for query in queries:
            if isinstance(query, n.EnumQuery):
                path, is_variant = query.variant.name, True
            else:
                path, is_variant = self.tree.source.text_at(query.path_span), False
            said.unguarded_query(self._teller, query.span, query.root.name, path, is_variant=is_variant)

    # ---- programs

    def _section(self, function: Function, name: str) -> None:
        section = said.known_section(self._teller, function.span, name)
        found = resolve(function.params[0].type) if function.params else None
        if section is None or found is None:
            return
        pointee = resolve(found.pointee) if isinstance(found, PointerType) else None
        behind = pointee.name if isinstance(pointee, StructType) else None if pointee is None else ""
        span = function.params[0].span
        said.wrong_context(self._teller, span, name, section, format_type(found), behind)

    def _frames(self, program: Function) -> None:
        way = deep_calls(program, self.checker.calls)
        if not way:
            return
        framed = [(callee, span) for callee, span in way if has_frame(callee)]
        callee, span = framed[MAX_FRAMES - 1]
        self._tell(
            "too_many_frames",
            span,
            f"`{program.path}` needs {len(framed) + 1} frames, and the verifier allows {MAX_FRAMES}",
            label=f"`{callee.path}` is frame {MAX_FRAMES + 1} here",
            hint="let one of the functions on the way be inlined: take `#[inline(never)]` away",
            labels=(Label(program.span, "frame 1"),),
        )

    def _endless_loops(self) -> None:
        kept = self.checker.reachable()
        for function in self.items.functions:
            for loop in endless_loops(self.bodies[function]) if function in kept else ():
                said.endless_loop(self._teller, loop.span)

    # ---- types

    def _types(self) -> None:
        for struct in self.items.structs:
            self._name(struct.name, struct.span)
            for field in struct.fields:
                self._name(field.name, field.span)
            nameless = next((field for field in struct.fields if field.is_nameless), None)
            if nameless is not None:
                self.report.add(said.nameless_member(nameless.span, nameless.name))
            if struct.marker == "btf_relocatable" and not struct.has_repr_c:
                said.without_repr_c(self._teller, struct.span, struct.name)
        for enum in self.items.enums:
            self._name(enum.name, enum.span)
            for variant in enum.variants:
                self._name(variant.name, variant.span)
        for function in self.items.functions:
            self._name(function.symbol, function.span)
        for static in self.items.statics:
            self._name(static.name, static.span)

    def _name(self, name: str, span: Span) -> None:
        said.long_name(self._teller, span, name)

    def _baked_in(self) -> tuple[BakedIn, ...]:
        """Tell which layouts of kernel structs are this file's; return those that a target has to tell."""
        left: list[BakedIn] = []
        uses = list(self.items.layout_uses)
        for nodes in self._nodes.values():
            uses += layout_uses(nodes)
        for use in uses:
            struct = use.struct
            field = struct.field(use.field) if use.field is not None else None
            here = field.byte_offset if field is not None else struct.size
            if struct.marker is None and not said.is_kernel_struct(struct.name):
                names = tuple(field.name for field in struct.fields)
                left.append(BakedIn(struct.name, use.field, here, use.span, names))
                continue
            declared = struct.span if struct.marker is None else None
            name = field.name if field is not None else None
            said.baked_in(self._teller, use.span, struct.name, name, here, declared)
        return tuple(left)

    def _unknown_lints(self) -> None:
        if not self._teller.has_levels:
            return
        for _, _, names, attribute in list(self._teller.levels.scopes):
            for name in names:
                if "btf" in name and name not in OWN_LINTS:
                    hint = similar(name, list(OWN_LINTS)) or f"known are {', '.join(OWN_LINTS)}"
                    self._tell("unknown_lints", attribute, f"unknown lint: `{name}`", hint=hint)

    def _unfulfilled(self) -> None:
        functions = {function.span.start for function in self.items.functions}
        for extent, level, names, attribute in list(self._teller.levels.scopes):
            if level != "expect":
                continue
            for name in names:
                # rustc finds dead code in more than functions, so there it may be right.
                is_ours = name in OWN_LINTS or (
                    name == "dead_code" and any(extent.start <= start < extent.end for start in functions)
                )
                if is_ours and (attribute, name) not in self._teller.fulfilled:
                    self._tell(
                        "unfulfilled_lint_expectations",
                        attribute,
                        "this lint expectation is unfulfilled",
                        label=f"nothing is found by `{name}` here",
                        hint="take the attribute away",
                    )
