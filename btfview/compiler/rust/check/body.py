"""The state of checking one body, and what every rule needs: scopes, expectations, coercions.

The rules themselves are functions ``rule(checker, node, expected) -> Expr`` in the modules beside this one,
one a syntax node; :mod:`.program` joins them. *expected* is what the surroundings require; a rule uses it
to infer, and :meth:`Checker.coerced` holds the result to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from btfview.compiler.rust.items.collect import Items
from btfview.compiler.rust.items.facts import TypeContext, TypeFacts
from btfview.compiler.rust.items.names import Names
from btfview.compiler.rust.items.read_type import TypeReader
from btfview.compiler.rust.report import MARK, Report
from btfview.compiler.rust.syntax.tree import Tree, UnsupportedSyntaxError
from btfview.compiler.rust.typed.definitions import Constant, Function, Local
from btfview.compiler.rust.typed.tree import Cast, Expr, Invalid, LoopTarget, Query
from btfview.compiler.rust.types.infer import is_too_complex, unify
from btfview.compiler.rust.types.kinds import (
    ERROR,
    I32,
    NEVER,
    ArrayType,
    EnumType,
    InferVar,
    IntType,
    ModulePath,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    resolve,
)
from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node
    from btfview.compiler.rust.typed.definitions import Const, Static

MAX_DEPTH = 700
"""Nesting of expressions; a block and a term of a sum count, too. :data:`STACK` is enough for as many."""
STACK = 20_000
"""Frames that Python needs at most. Those of Python's own functions take no room on the thread's stack."""

_NESTED = frozenset([TupleType, ArrayType, OptionType, ResultType, PointerType])

Rule: TypeAlias = "Callable[[Checker, Node, Type | None], Expr]"


@frozen
class Rules:
    """What checks each kind of syntax. Rules need one another, so they are handed in."""

    by_kind: dict[str, Rule]
    """Of expressions, by the kind of their node."""
    condition: Callable[[Checker, Node], Expr]
    """Checks a condition; names that its ``let`` binds go into the current scope (:mod:`.branches`)."""
    block: Rule
    """Checks a block without its label (:mod:`.blocks`)."""
    call: Callable[[Checker, Node, list[Expr]], Expr]
    """Calls the function that a path names, with values (:mod:`.calls`)."""


@frozen
class Setting:
    """What the checks of all bodies and constants of one source share."""

    rules: Rules
    tree: Tree
    report: Report
    names: Names
    types: TypeReader
    items: Items
    dialect: str | None
    """``repr``, ``option``, or None where the source does not tell."""
    cpu: str
    is_little: bool
    """The byte order of the target."""


class BodyFacts(TypeFacts, Protocol):
    """What a body needs of the rest of the program."""

    def const_value(self, const: Const) -> Constant | None: ...

    def declare_value(self, value: Const | Static) -> None:
        """Read the type of *value*, if that has not been its turn."""
        ...

    def declare_function(self, function: Function) -> bool:
        """Read the signature of *function*, if that has not been its turn; return whether it is known."""
        ...

    def declare_block(self, checker: Checker, nodes: list[Node]) -> ModulePath:
        """Take in the items of a block and return the module that holds them; *nodes* are all its parts."""
        ...


class Checker:
    """Checks one function body, or one constant."""

    def __init__(
        self,
        setting: Setting,
        facts: BodyFacts,
        function: Function | None,
        self_type: StructType | EnumType | None,
        outer_locals: frozenset[str],
    ) -> None:
        self.rules = setting.rules
        self.tree = setting.tree
        self.report = setting.report
        self.names = setting.names
        self.types = setting.types
        self.items = setting.items
        self.dialect = setting.dialect
        self.cpu = setting.cpu
        self.is_little = setting.is_little
        self.function = function
        """None for a constant."""
        self.facts = facts
        self.outer_locals = outer_locals
        """Names of locals around this body, which it cannot use."""
        self.context = TypeContext(self_type, True, self.locals_around)
        """What the types written in this body may name."""
        self.scopes: list[dict[str, Local]] = [{}]
        self.block_modules: dict[int, ModulePath] = {}
        """By the index of a scope: the module that holds the items of its block."""
        self.loops: list[LoopTarget] = []
        self.closure: LoopTarget | None = None
        """What ``return`` and ``?`` leave inside a closure."""
        self.has_late = False
        """Whether there is a ``let`` without a value."""
        self.unsafe_depth = 0
        self.depth = 0
        self.calls: list[tuple[Function, Span]] = []
        self.queries: list[Query] = []
        self._open: list[InferVar] = []
        self._deferred: list[Callable[[], None]] = []

    # ---- expressions

    def expr(self, node: Node, expected: Type | None = None) -> Expr:
        """Return the typed form of *node*; ``Invalid``, told, where it has none."""
        rule = self.rules.by_kind.get(node.type)
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                return self.refuse(node, "this expression is nested too deeply", "split it up with `let`")
            if rule is None:
                return self.refuse(node, f"this syntax is not supported: {node.type.replace('_', ' ')}")
            found = rule(self, node, expected)
            if type(found.type) in _NESTED and is_too_complex(found.type):
                message = "the type of this expression is too complex"
                return self.refuse(node, message, "use a struct for a part of it")
            return found
        except UnsupportedSyntaxError as error:
            return self.refuse(error.node, error.what or "this syntax is not supported")
        finally:
            self.depth -= 1

    @property
    def const_context(self) -> str:
        """Return where only what is constant may be done, in rustc's words; "" where anything may."""
        if self.function is None:
            return "constants"
        return "constant functions" if self.function.is_const else ""

    def refuse_unstable(self, node: Node, what: str) -> Expr:
        """Refuse what rustc does not let a constant do yet; *what* names it."""
        message = f"cannot call conditionally-const {what} in {self.const_context}"
        return self.refuse(node, message, "write it out with `if` or `match`", "E0658")

    def coerced(self, node: Node, expected: Type) -> Expr:
        """Return *node* as a value of type *expected*, or complain."""
        return self.coerce(self.expr(node, expected), expected)

    def coerce(self, expr: Expr, expected: Type) -> Expr:
        """Return *expr* as *expected*, by the coercions of Rust that we have: never to anything, ``&mut`` to
        ``&``, a reference to a raw pointer, ``*mut`` to ``*const`` (reference: type coercions)."""
        if expr.type is expected:
            return expr
        found, wanted = resolve(expr.type), resolve(expected)
        if found is wanted or found is NEVER or found is ERROR or wanted is ERROR:
            return expr
        if isinstance(found, PointerType) and isinstance(wanted, PointerType):
            weaker = (found.is_mut or not wanted.is_mut) and (found.is_ref or not wanted.is_ref)
            if weaker and unify(found.pointee, wanted.pointee):
                same = found.is_mut == wanted.is_mut and found.is_ref == wanted.is_ref
                return expr if same else Cast(wanted, expr.span, expr)
        elif unify(found, wanted):
            return expr
        self.mismatch(expr.span, wanted, found)
        return Invalid(ERROR, expr.span)

    def mismatch(self, span: Span, wanted: Type, found: Type, hint: str | None = None) -> None:
        wanted, found = resolve(wanted), resolve(found)
        if wanted is ERROR or found is ERROR:
            return
        shown = "integer" if isinstance(found, InferVar) and found.is_int else f"`{format_type(found)}`"
        if hint is None and isinstance(found, OptionType) and unify(found.inner, wanted):
            hint = "take the value out with `?`, `match` or `if let Some(..)`"
            if self.dialect == "option":
                hint += "; with `#[repr(Btf)]` a query gives the plain `usize`"
        elif hint is None and isinstance(wanted, OptionType) and unify(wanted.inner, found):
            hint = "wrap it: `Some(..)`"
        self.report.error(
            span,
            "mismatched types",
            code="E0308",
            label=f"expected `{format_type(wanted)}`, found {shown}",
            hint=hint,
        )

    def refuse(self, node: Node, message: str, hint: str | None = None, code: str | None = None) -> Expr:
        span = self.tree.span(node)
        self.report.error(span, message, hint=hint, code=code)
        return Invalid(ERROR, span)

    def merge(self, found: Type | None, expr: Expr) -> tuple[Type, Expr]:
        """Return the common type of branches so far and of *expr*, and *expr* as that type."""
        if found is None or resolve(found) is NEVER:
            return expr.type, expr
        return found, self.coerce(expr, found)

    # ---- inference

    def new_var(self, span: Span, *, is_int: bool = False, is_needed: bool = True) -> InferVar:
        """Return a type to be found out; where it *is_needed*, not finding it is an error."""
        var = InferVar(span, is_int)
        if is_needed or is_int:
            self._open.append(var)
        return var

    def later(self, check: Callable[[], None]) -> None:
        """Run *check* when all types are known."""
        self._deferred.append(check)

    def finish(self) -> None:
        """Settle what inference left open, then run the checks that waited for it."""
        for var in self._open:
            left = resolve(var)
            if isinstance(left, InferVar):
                if left.is_int:
                    left.bound = I32
                else:
                    left.bound = ERROR
                    self.report.error(
                        var.span, "type annotations needed", code="E0282", label="cannot infer the type",
                        hint="write the type: `let name: Type = ..`",
                    )  # fmt: skip
        for check in self._deferred:
            check()

    def known(self, found: Type, span: Span) -> Type:
        """Return *found* resolved; complain where inference has not got there, as rustc does."""
        found = resolve(found)
        if isinstance(found, InferVar) and not found.is_int:
            self.report.error(span, "type annotations needed", code="E0282", label="cannot infer the type")
            found.bound = ERROR
            return ERROR
        return found

    # ---- scopes

    def scope(self) -> _Scope:
        """Return a context in which new names hold no longer than it lasts."""
        return _Scope(self.scopes)

    def bind(self, local: Local) -> Local:
        self.scopes[-1][local.name] = local
        return local

    def lookup(self, name: str) -> Local | None:
        if self.block_modules:
            return self._lookup_among_items(name)
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def lookup_at(self, node: Node, name: str) -> Local | None:
        """Return the local that *name* at *node* is: what a macro's own body names is none of its caller's
        (reference: macros by example, hygiene)."""
        local = self.lookup(name)
        places = self.tree.shown.places
        if local is None or places is None or MARK in name:
            return local  # a marked name is one that the macro binds itself
        at = self.tree.shown_span(node).start
        is_macros = places.ends[at] - places.starts[at] > 1  # it has the place of the whole call
        return None if is_macros and local.span != self.tree.span(node) else local

    def _lookup_among_items(self, name: str) -> Local | None:
        for depth in range(len(self.scopes) - 1, -1, -1):
            if name in self.scopes[depth]:
                return self.scopes[depth][name]
            module = self.block_modules.get(depth)
            if module is not None and self.names.holds(module, name):
                return None
        return None

    def visible_names(self) -> list[str]:
        return [name for scope in self.scopes for name in scope]

    def locals_around(self) -> frozenset[str]:
        """Return the names that a constant or an item here sees and cannot use."""
        return self.outer_locals.union(*self.scopes)

    # ---- types

    def read_type(self, node: Node) -> Type:
        """Return the type that *node* writes, in which ``_`` may stand for one."""
        return self.types.read(node, self.context)

    def owner(self, key: str) -> StructType | EnumType | IntType | None:
        """Return the type that stands before ``::`` in a path, if it is one that has items."""
        return self.types.owner(key, self.context)

    # ---- rules about places

    def need_unsafe(self, span: Span, what: str) -> None:
        if not self.unsafe_depth:
            self.report.error(
                span, f"{what} is unsafe and requires unsafe block", code="E0133", label=what,
                hint="put it into `unsafe { .. }`",
            )  # fmt: skip


class _Scope:  # contextlib's way takes four times as long, and every block opens one
    __slots__ = ("_scopes",)

    def __init__(self, scopes: list[dict[str, Local]]) -> None:
        self._scopes = scopes

    def __enter__(self) -> None:
        self._scopes.append({})

    def __exit__(self, *_exception: object) -> None:
        self._scopes.pop()
