"""Methods of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import refuse_count
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.items.names import similar
from btfview.compiler.rust.typed.tree import Cast, Compare, Expr, IntegerMethod, Invalid, Literal, MinMax
from btfview.compiler.rust.types.integer_methods import FROM_BYTES, METHODS, SAME, IntegerOperation
from btfview.compiler.rust.types.kinds import (
    BOOL,
    ERROR,
    PRIMITIVES,
    U8,
    U32,
    ArrayType,
    InferVar,
    IntType,
    OptionType,
    TupleType,
    Type,
    resolve,
)
from btfview.compiler.rust.types.layout import size_of
from btfview.source import Span

from .conversions import convert, try_convert

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_NO_TYPE_NEEDED = ("min", "max", "clamp")
_DIVIDES = ("div", "rem", "div_euclid", "rem_euclid")


def method_hint(name: str, found: Type) -> str:
    """Return what to say where an integer has no method *name*."""
    if name == "try_into":
        return "write what it becomes: `u8::try_from(value)`"
    found = resolve(found)
    method = METHODS.get(name)
    if method is not None and _is_of_others(method, found):
        return f"it is one of {method.only} integers"
    return similar(name, list(METHODS)) or (
        "known are wrapping, checked, saturating and overflowing arithmetic, pow, ilog2, shifts, rotates, "
        "counts of bits, bytes and others of `core`"
    )


def _is_of_others(method: IntegerOperation, found: Type) -> bool:
    """Whether only signed integers have *method* and *found* is none, or the other way round."""
    is_signed = isinstance(found, IntType) and found.is_signed
    return method.only == ("unsigned" if is_signed else "signed")


def integer_method(
    checker: Checker, node: Node, name: str, base: Expr, arguments: list[Node], span: Span
) -> Expr | None:
    """Return the call of a method of an integer; None where it has no such method."""
    method = METHODS.get(name)
    if method is None:
        return None
    found = resolve(base.type)
    if isinstance(found, InferVar) and name not in _NO_TYPE_NEEDED:
        message = f"can't call method `{name}` on ambiguous numeric type `{{integer}}`"
        return checker.refuse(node, message, "write the type: `1u64`", "E0689")
    if isinstance(found, IntType):
        if _is_of_others(method, found):
            return None
        divides = method.operation in _DIVIDES and checker.function is not None
        if divides and found.is_signed and checker.cpu != "v4":
            message = f"signed division of `{found.name}` needs BPF cpu v4"
            return checker.refuse(node, message, "compile with `--cpu v4`, or divide unsigned values")
    if len(arguments) != len(method.takes):
        return refuse_count(checker, node, "method", len(method.takes), arguments)
    wanted = [found if kind == SAME else U32 for kind in method.takes]
    values = [checker.coerced(argument, want) for argument, want in zip(arguments, wanted, strict=True)]
    if any(resolve(value.type) is ERROR for value in values):
        return Invalid(ERROR, span)
    if name in ("min", "max"):
        return MinMax(found, span, name == "max", base, values[0])
    if name in ("cast_signed", "cast_unsigned"):
        return Cast(_result(found, method.gives), span, base)
    if name in ("to_be", "to_le"):
        return _in_order(checker, name, base, span)
    if name == "to_ne_bytes":
        method = METHODS["to_le_bytes" if checker.is_little else "to_be_bytes"]
    if name in ("is_positive", "is_negative"):
        return Compare(BOOL, span, ">" if name == "is_positive" else "<", base, Literal(found, span, 0))
    return IntegerMethod(_result(found, method.gives), span, method, (base, *values))


def _result(found: Type, gives: str) -> Type:
    match gives:
        case "option":
            return OptionType(found)
        case "overflow":
            return TupleType((found, BOOL))
        case "u32":
            return U32
        case "bool":
            return BOOL
        case "option_u32":
            return OptionType(U32)
        case "unsigned" | "signed":
            assert isinstance(found, IntType)
            return PRIMITIVES[gives[0].replace("s", "i") + found.name[1:]]
        case "bytes":
            return ArrayType(U8, size_of(found))
    return found


def _in_order(checker: Checker, name: str, value: Expr, span: Span) -> Expr:
    """Return *value* turned round where the byte order that *name* ends with is not the target's."""
    if name.endswith("be") != checker.is_little:
        return value
    return IntegerMethod(value.type, span, METHODS["swap_bytes"], (value,))


def integer_function(
    checker: Checker, node: Node, owner: IntType, name: str, arguments: list[Node]
) -> Expr | None:
    """Return ``u32::from(..)``, ``u32::from_be(..)`` or ``u32::min(a, b)``; None if there is none."""
    span = checker.tree.span(node)
    if name in ("from_be", "from_le", "from_ne_bytes", "from_be_bytes", "from_le_bytes"):
        if len(arguments) != 1:
            return refuse_count(checker, node, "function", 1, arguments)
        if not name.endswith("bytes"):
            return _in_order(checker, name, checker.coerced(arguments[0], owner), span)
        value = checker.coerced(arguments[0], ArrayType(U8, size_of(owner)))
        if resolve(value.type) is ERROR:
            return value
        if name == "from_ne_bytes":
            name = "from_le_bytes" if checker.is_little else "from_be_bytes"
        return IntegerMethod(owner, span, FROM_BYTES[name], (value,))
    if name in ("from", "try_from"):
        if len(arguments) != 1:
            return refuse_count(checker, node, "function", 1, arguments)
        return (convert if name == "from" else try_convert)(checker, node, owner, checker.expr(arguments[0]))
    if name in METHODS and not arguments:
        return refuse_count(checker, node, "function", 1 + len(METHODS[name].takes), arguments)
    if name in METHODS:
        base = checker.coerced(arguments[0], owner)
        if resolve(base.type) is ERROR:
            return base
        return integer_method(checker, node, name, base, arguments[1:], span)
    return None
