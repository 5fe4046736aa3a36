"""Checks a whole source: constants, then bodies, then what only the whole program shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.options import CompileOptions
from btfview.compiler.rust.consts.errors import ConstError
from btfview.compiler.rust.consts.evaluate import evaluate, has_function
from btfview.compiler.rust.items.collect import Items
from btfview.compiler.rust.items.declare import Declarer
from btfview.compiler.rust.items.facts import Once, TypeContext
from btfview.compiler.rust.items.read_type import TypeReader
from btfview.compiler.rust.typed.definitions import Const, Constant, Function, Static
from btfview.compiler.rust.typed.tree import Block, Expr, Query
from btfview.compiler.rust.types.kinds import (
    ERROR,
    I32,
    UNIT,
    EnumType,
    InferVar,
    ModulePath,
    StructType,
    Type,
    format_type,
    resolve,
)
from btfview.diagnostics import Label
from btfview.source import Span

from . import assignments, blocks, branches, calls, operators, paths, places
from .blocks import item_nodes, pattern_names
from .body import Checker, Rule, Rules, Setting
from .initialised import check_initialised
from .patterns.rules import take_parameters_apart
from .queries import macro_calls

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

MAX_CONST_DEPTH = 24
"""Constants that wait for one another: each takes a dozen of Python's thousand stack frames."""


def _refusal(message: str, hint: str | None = None) -> Rule:
    def rule(checker: Checker, node: Node, _expected: Type | None) -> Expr:
        return checker.refuse(node, message, hint)

    return rule


_BY_KIND: dict[str, Rule] = {
    **operators.RULES,
    **assignments.RULES,
    **places.RULES,
    **paths.RULES,
    **calls.RULES,
    **branches.RULES,
    **macro_calls.RULES,
    "closure_expression": _refusal(
        "a closure is supported only as an argument of a method that calls it at once",
        "as in `option.map(|x| x + 1)`; otherwise write a function",
    ),
    "float_literal": _refusal("BPF has no floating point", "use integers"),
    "range_expression": _refusal("ranges are not supported as values", "they stand in patterns and in `for`"),
    "raw_string_literal": _refusal("raw strings are not supported", 'write a byte string: `b"..\\0"`'),
    "generic_function": _refusal("generics are not supported"),
    "async_block": _refusal("`async` is not supported"),
    "await_expression": _refusal("`await` is not supported"),
    "try_block": _refusal("`try` blocks are not supported"),
    "const_block": paths.const_block,
    "gen_block": _refusal("`gen` blocks are not supported"),
}

RULES = Rules(_BY_KIND, branches.check_condition, blocks.scoped_body, calls.call_path)


class ProgramChecker:
    """Fills in the bodies of all functions and the values of all constants of *items*."""

    def __init__(self, items: Items, dialect: str | None, options: CompileOptions) -> None:
        self.tree = items.tree
        self.report = items.report
        self.names = items.names
        self.items = items
        self.types = TypeReader(items.tree, items.names, items.report, self)
        self.declarer = Declarer(items, self.types, self)
        self.setting = Setting(
            RULES, items.tree, items.report, items.names, self.types, items, dialect, options.cpu,
            options.endian == "little",
        )  # fmt: skip
        self.calls: dict[Function, list[tuple[Function, Span]]] = {}
        self.queries: list[tuple[Function, Query]] = []
        """In source order."""
        self._values: Once[Const, Constant] = Once(
            self.report, self._find_value, "cycle detected when evaluating `{}`", limit=MAX_CONST_DEPTH,
            too_deep=("too many constants depend on one another", "write the value"),
        )  # fmt: skip
        self._initial_values: Once[Static, Constant] = Once(
            self.report,
            self._find_initial_value,
            "cycle detected when evaluating initializer of static `{}`",
        )
        self._bodies: Once[Function, Expr] = Once(
            self.report, self._check_function, "cycle detected when evaluating a constant inside of `{}`"
        )
        self._evaluated: set[Function] = set()
        """Functions that constants call."""

    def check(self) -> None:
        self.declarer.declare()
        count = len(self.items.functions)
        for const in self.items.consts:
            self.const_value(const)
        for static in self.items.statics:
            if not static.is_external:
                self.static_value(static)
        for function in self.items.functions:  # to which blocks add theirs meanwhile
            self._bodies.of(function)
        if len(self.items.functions) > count or self._evaluated:
            self.queries.sort(key=lambda found: found[1].span.start)
        if self._evaluated:  # what only constants call gives no code
            kept = self._reached_from(
                [item for item in self.items.functions if item.is_exported or item not in self._evaluated]
            )
            self.items.functions[:] = [item for item in self.items.functions if item in kept]
        self._check_recursion()

    def declare_block(self, checker: Checker, nodes: list[Node]) -> ModulePath:
        """Take in the items of a block and return the module that holds them; *nodes* are all its parts.

        Their bodies are checked in their turn; nothing of the body around is to be seen there.
        """
        inside = checker.function.name if checker.function is not None else "const"
        module = self.items.collect_block(item_nodes(nodes), inside)
        if checker.context.self_type is not None:
            self.names.method_blocks.add(module)
        known = self.names.block_locals[module] = checker.locals_around()
        new = self.declarer.declare()
        bodies: list[Function | Const | Static] = [*new.functions, *new.consts, *new.statics]
        for node in nodes:
            if node.type == "let_declaration":
                known |= pattern_names(self.tree, node)
            for item in bodies:
                if node.start_byte <= item.node.start_byte < node.end_byte:
                    item.outer_locals = known
        for const in new.consts:
            self.const_value(const)
        for static in new.statics:
            if not static.is_external:
                self.static_value(static)
        return module

    # ---- constants

    def const_value(self, const: Const) -> Constant | None:
        """Return the value of a ``const`` item; None, told once, where it has none."""
        return self._values.of(const)

    def _find_value(self, const: Const) -> Constant | None:
        self.declarer.declare_value(const)
        value = self._initial_value(const)
        return None if resolve(const.type) is ERROR else value

    def static_value(self, static: Static) -> Constant | None:
        """Return what *static* begins with; None, told once, where it has no value."""
        return self._initial_values.of(static)

    def _find_initial_value(self, static: Static) -> Constant | None:
        self.declarer.declare_value(static)
        value = None if resolve(static.type) is ERROR else self._initial_value(static)
        if value is not None:
            static.data = value
        return value

    def _initial_value(self, item: Const | Static) -> Constant | None:
        value_node = item.node.child_by_field_name("value")
        if value_node is None:
            self.report.error(item.span, "free constant item without body", hint="give it a value: `= ..;`")
            return None
        owner = item.owner if isinstance(item, Const) else None
        with self.names.inside(item.module):
            return self._evaluate(
                value_node, item.type, owner, item.outer_locals, is_static=isinstance(item, Static)
            )

    def evaluate(self, node: Node, wanted: Type, context: TypeContext) -> Constant | None:
        """Return the value of a constant in a body or a type; None, told, where it has none."""
        return self._evaluate(node, wanted, context.self_type, context.locals_around())

    def _evaluate(
        self,
        node: Node,
        wanted: Type,
        self_type: StructType | EnumType | None,
        outer_locals: frozenset[str],
        *,
        is_static: bool = False,
    ) -> Constant | None:
        errors = len(self.report.diagnostics)
        checker = Checker(self.setting, self, None, self_type, outer_locals)
        expr = checker.coerced(node, wanted)
        checker.finish()
        if checker.has_late:
            check_initialised(expr, self.report)
        if len(self.report.diagnostics) != errors or resolve(expr.type) is ERROR:
            return None
        left = resolve(wanted)
        if isinstance(left, InferVar) and left.is_int:
            left.bound = I32  # of a `const` block, which says nothing of its type
        try:
            value = evaluate(expr, self)
            if not is_static and has_function(value):
                raise ConstError(expr.span, "a constant that holds a function is not supported: use a static")
            return value
        except ConstError as error:
            labels = (Label(error.inside, "it fails here"),) if error.inside is not None else ()
            hint = None if error.inside is not None else "constants are literals, arithmetic and `const fn`"
            if error.message:
                self.report.error(error.span, error.message, code=error.code, hint=hint, labels=labels)
            return None

    # ---- types and bodies

    def complete(self, struct: StructType) -> None:
        """Give *struct* its fields and layout, once."""
        self.declarer.complete(struct)

    def complete_enum(self, enum: EnumType) -> None:
        """Give the variants of *enum* their discriminants, once."""
        self.declarer.complete_enum(enum)

    def declare_value(self, value: Const | Static) -> None:
        """Read the type of *value*, if that has not been its turn."""
        self.declarer.declare_value(value)

    def declare_function(self, function: Function) -> bool:
        """Read the signature of *function*, if that has not been its turn; return whether it is known."""
        return self.declarer.declare_function(function)

    def body_of(self, function: Function) -> Expr | None:
        """Return the body of a ``const fn`` that a constant calls; None, told, where it has errors."""
        self._evaluated.add(function)
        return self._bodies.of(function)

    @property
    def bodies(self) -> dict[Function, Expr]:
        """Return the bodies of the functions that are kept, in source order, of a program without errors."""
        found = {function: self._bodies.of(function) for function in self.items.functions}
        return {function: body for function, body in found.items() if body is not None}

    def _check_function(self, function: Function) -> Expr | None:
        errors = len(self.report.diagnostics)
        body_node = function.node.child_by_field_name("body")
        if body_node is None:
            self.report.error(function.span, "free function without a body", hint="write `{ .. }`")
            return None
        with self.names.inside(function.module):
            body = self._check_body(function, body_node)
        return body if len(self.report.diagnostics) == errors else None

    def _check_body(self, function: Function, body_node: Node) -> Expr:
        checker = Checker(self.setting, self, function, function.owner, function.outer_locals)
        checker.unsafe_depth = int(function.is_unsafe)
        for param in function.params:
            if param.name != "_":
                checker.bind(param)
        lets = take_parameters_apart(checker, function)
        body = self._checked_body(checker, function, body_node)
        body = Block(body.type, body.span, lets, body) if lets else body
        checker.finish()
        if checker.has_late:
            check_initialised(body, self.report)
        self.calls[function] = checker.calls
        self.queries += [(function, query) for query in checker.queries]
        return body

    def _checked_body(self, checker: Checker, function: Function, node: Node) -> Expr:
        result = function.result
        body = checker.expr(
            node, None if resolve(result) is UNIT and not self.tree.children(node) else result
        )
        if resolve(body.type) is UNIT and resolve(result) not in (UNIT, ERROR):
            type_node = function.node.child_by_field_name("return_type") or node
            last = self.tree.children(node)[-1:]
            hint = "remove this semicolon" if last and last[0].type == "expression_statement" else None
            labels = (
                (Label(self.tree.span(last[0].children[-1]), "remove this semicolon"),)
                if hint and last
                else ()
            )
            self.report.error(
                self.tree.span(type_node),
                "mismatched types",
                code="E0308",
                label=f"expected `{format_type(result)}`, found `()`",
                hint=hint or "end the body with a value, or `return` one",
                labels=labels,
            )
            return body
        return checker.coerce(body, result)

    # ---- the whole program

    def _check_recursion(self) -> None:
        """Refuse recursion: private functions are inlined, and the verifier ends at eight frames."""
        done: set[Function] = set()
        for root in self.items.functions:
            path: list[tuple[Function, list[tuple[Function, Span]]]] = []
            if root not in done:
                path.append((root, list(self.calls.get(root, ()))))
            while path:
                function, pending = path[-1]
                if not pending:
                    done.add(function)
                    path.pop()
                    continue
                callee, span = pending.pop(0)
                if any(callee is caller for caller, _ in path):
                    self.report.error(
                        span,
                        f"recursion is not supported: `{callee.path}` comes back to itself",
                        hint="BPF allows eight frames; write a loop",
                    )
                elif callee not in done and callee in self.calls:
                    path.append((callee, list(self.calls[callee])))

    def reachable(self) -> set[Function]:
        """Return the functions that are kept: exported ones and what they call."""
        return self._reached_from([function for function in self.items.functions if function.is_exported])

    def _reached_from(self, pending: list[Function]) -> set[Function]:
        found = set(pending)
        while pending:
            for callee, _ in self.calls.get(pending.pop(), ()):
                if callee not in found:
                    found.add(callee)
                    pending.append(callee)
        return found
