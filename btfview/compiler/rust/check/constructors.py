"""Rules for tuple structs and unit structs as what a name of theirs stands for: ``Pid(7)``, ``Marker``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.definitions import Alias
from btfview.compiler.rust.typed.tree import Expr, Invalid, StructLiteral
from btfview.compiler.rust.types.kinds import ERROR, StructType, resolve
from btfview.diagnostics import Label
from btfview.source import Span

from .arguments import refuse_count
from .body import Checker

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


def constructor(checker: Checker, full: tuple[str, ...]) -> StructType | None:
    """Return the tuple or unit struct whose constructor the expanded path *full* names."""
    struct = _struct(checker, full)
    return struct if struct is not None and struct.shape != "named" else None


def _struct(checker: Checker, full: tuple[str, ...]) -> StructType | None:
    if len(full) != 1:
        return None
    found = checker.context.self_type if full[0] == "Self" else checker.names.types.get(full[0])
    return found if isinstance(found, StructType) else None


def construct(
    checker: Checker, node: Node, callee: Node, segments: tuple[str, ...], arguments: list[Node]
) -> Expr | None:
    """Return ``Pid(7)``; None where the path names no struct."""
    span = checker.tree.span(node)
    full = checker.names.expand(segments)
    struct = _struct(checker, full)
    if struct is None:
        return _alias(checker, callee, full, "function, tuple struct or tuple variant")
    if struct.shape != "tuple":
        for argument in arguments:
            checker.expr(argument)
        if struct.shape == "unit":
            message = f"expected function, found struct `{struct.name}`"
            return checker.refuse(callee, message, f"it has no fields: write `{struct.name}`", "E0618")
        message = f"expected function, tuple struct or tuple variant, found struct `{struct.name}`"
        return checker.refuse(callee, message, f"write `{struct.name} {{ .. }}`", "E0423")
    if not _is_open(checker, callee, segments, struct):
        for argument in arguments:
            checker.expr(argument)
        return Invalid(struct, span)
    fields = struct.fields
    if len(arguments) != len(fields):
        for argument in arguments:
            checker.expr(argument)
        types = ", ".join(field.type_name for field in fields)
        refuse_count(checker, node, "struct", len(fields), arguments, f"it is `{struct.name}({types})`")
        return Invalid(struct, span)
    given = [
        (field, checker.coerced(argument, field.type))
        for field, argument in zip(fields, arguments, strict=True)
    ]
    return StructLiteral(struct, span, struct, tuple(given))


def call_constructor(
    checker: Checker, node: Node, segments: tuple[str, ...], values: list[Expr]
) -> Expr | None:
    """Return what the constructor makes of *values* where it is named as a function: ``map(Pid)``."""
    struct = constructor(checker, checker.names.expand(segments))
    if struct is None or struct.shape != "tuple" or len(struct.fields) != len(values):
        return None
    span = checker.tree.span(node)
    if not _is_open(checker, node, segments, struct):
        return Invalid(struct, span)
    given = [
        (field, checker.coerce(value, field.type)) for field, value in zip(struct.fields, values, strict=True)
    ]
    return StructLiteral(struct, span, struct, tuple(given))


def struct_value(checker: Checker, node: Node, segments: tuple[str, ...], span: Span) -> Expr | None:
    """Return a unit struct; None where the path names no struct."""
    full = checker.names.expand(segments)
    if len(full) == 1 and full[0] in checker.names.values:
        return None
    struct = _struct(checker, full)
    if struct is None:
        return _alias(checker, node, full, "value")
    if struct.shape == "unit":
        checker.types.check_visible(struct, "unit struct", node)
        return StructLiteral(struct, span, struct, ())
    if struct.shape == "tuple":
        message = f"the constructor of `{struct.name}` is not supported as a function value"
        return checker.refuse(node, message, f"write `{struct.name}(..)`", "E0308")
    message = f"expected value, found struct `{struct.name}`"
    return checker.refuse(node, message, f"write `{struct.name} {{ .. }}`", "E0423")


def taken_apart(checker: Checker, head: Node, segments: tuple[str, ...] | None) -> StructType | None:
    """Return the tuple struct that the pattern ``head(..)`` takes apart; None, told, where it is none."""
    full = checker.names.expand(segments) if segments is not None else ()
    struct = _struct(checker, full)
    if segments is None or struct is None:
        shown = checker.tree.text(head)
        message = f"cannot find tuple struct or tuple variant `{shown}` in this scope"
        code = "E0531"
        if full and isinstance(checker.owner(full[0]), StructType):
            message, code = f"no associated item named `{full[-1]}` found for `{full[0]}`", "E0599"
        checker.refuse(head, message, None, code)
        return None
    if struct.shape != "tuple":
        kind = "unit struct" if struct.shape == "unit" else "struct"
        message = f"expected tuple struct or tuple variant, found {kind} `{struct.name}`"
        hint = f"write `{struct.name}`" if struct.shape == "unit" else f"write `{struct.name} {{ .. }}`"
        checker.refuse(head, message, hint, "E0532")
        return None
    return struct if _is_open(checker, head, segments, struct, is_pattern=True) else None


def _is_open(
    checker: Checker, node: Node, segments: tuple[str, ...], struct: StructType, *, is_pattern: bool = False
) -> bool:
    """Whether the constructor may be named here: all of its fields may."""
    checker.types.check_visible(struct, "tuple struct", node)
    hidden = next((field for field in struct.fields if not checker.names.is_visible(field.visibility)), None)
    if hidden is None:
        return True
    labels = (Label(hidden.span, f"field `{hidden.name}` is private"),)
    message, code = f"tuple struct constructor `{struct.name}` is private", "E0603"
    if len(segments) == 1:  # it was imported, and only the type came along
        verb, code = ("match against", "E0532") if is_pattern else ("initialize", "E0423")
        message = f"cannot {verb} a tuple struct which contains private fields"
    span = checker.tree.span(node.child_by_field_name("name") or node)
    checker.report.error(span, message, code=code, labels=labels, hint="make its fields `pub`")
    return False


def _alias(checker: Checker, node: Node, full: tuple[str, ...], wanted: str) -> Expr | None:
    alias = checker.names.aliases.get(full[0]) if len(full) == 1 else None
    if not isinstance(alias, Alias):
        return None
    message = f"expected {wanted}, found type alias `{alias.name}`"
    found = resolve(checker.types.alias_type(alias))
    hint = "name the struct itself" if isinstance(found, StructType) else None
    if found is ERROR:
        return Invalid(ERROR, checker.tree.span(node))
    return checker.refuse(node, message, hint, "E0423")
