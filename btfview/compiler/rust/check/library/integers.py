"""Methods of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.check.arguments import refuse_count
from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.items.names import similar
from btfview.compiler.rust.typed.tree import Cast, Compare, Expr, IntegerMethod, Invalid, Literal, MinMax
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

_SAME = "same"
_SHIFT = "u32"

_SHAPES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("wrapping_add wrapping_sub wrapping_mul wrapping_div wrapping_rem", (_SAME,), "same"),
    ("wrapping_div_euclid wrapping_rem_euclid saturating_div", (_SAME,), "same"),
    ("saturating_add saturating_sub saturating_mul min max div_ceil rem_euclid div_euclid", (_SAME,), "same"),
    ("midpoint next_multiple_of", (_SAME,), "same"),
    ("checked_add checked_sub checked_mul checked_div checked_rem", (_SAME,), "option"),
    ("checked_div_euclid checked_rem_euclid", (_SAME,), "option"),
    ("overflowing_add overflowing_sub overflowing_mul overflowing_div overflowing_rem", (_SAME,), "overflow"),
    ("overflowing_div_euclid overflowing_rem_euclid", (_SAME,), "overflow"),
    ("wrapping_neg wrapping_abs abs signum swap_bytes reverse_bits to_be to_le", (), "same"),
    ("saturating_neg saturating_abs next_power_of_two", (), "same"),
    ("checked_neg checked_abs checked_next_power_of_two", (), "option"),
    ("overflowing_neg overflowing_abs", (), "overflow"),
    ("count_ones count_zeros leading_zeros trailing_zeros leading_ones trailing_ones ilog2", (), "u32"),
    ("checked_ilog2", (), "option_u32"),
    ("wrapping_shl wrapping_shr rotate_left rotate_right unbounded_shl unbounded_shr", (_SHIFT,), "same"),
    ("pow wrapping_pow saturating_pow", (_SHIFT,), "same"),
    ("checked_shl checked_shr checked_pow", (_SHIFT,), "option"),
    ("overflowing_shl overflowing_shr overflowing_pow", (_SHIFT,), "overflow"),
    ("unsigned_abs cast_unsigned", (), "unsigned"),
    ("cast_signed", (), "signed"),
    ("abs_diff", (_SAME,), "unsigned"),
    ("is_positive is_negative is_power_of_two", (), "bool"),
    ("is_multiple_of", (_SAME,), "bool"),
    ("to_ne_bytes to_be_bytes to_le_bytes", (), "bytes"),
    ("clamp", (_SAME, _SAME), "same"),
)
"""Names, what they take beside the receiver, and what they give."""
_METHODS = {name: (takes, gives) for names, takes, gives in _SHAPES for name in names.split()}
_SIGNED_ONLY = {
    "abs", "wrapping_abs", "saturating_abs", "checked_abs", "overflowing_abs", "unsigned_abs", "signum",
    "is_positive", "is_negative", "cast_unsigned", "saturating_neg",
}  # fmt: skip
_UNSIGNED_ONLY = {
    "is_power_of_two", "next_power_of_two", "checked_next_power_of_two", "div_ceil", "next_multiple_of",
    "is_multiple_of", "cast_signed",
}  # fmt: skip
_NO_TYPE_NEEDED = ("min", "max", "clamp")


def method_hint(name: str, found: Type) -> str:
    """Return what to say where an integer has no method *name*."""
    if name == "try_into":
        return "write what it becomes: `u8::try_from(value)`"
    found = resolve(found)
    is_signed = isinstance(found, IntType) and found.is_signed
    if name in (_UNSIGNED_ONLY if is_signed else _SIGNED_ONLY):
        return f"it is one of {'unsigned' if is_signed else 'signed'} integers"
    return similar(name, list(_METHODS)) or (
        "known are wrapping, checked, saturating and overflowing arithmetic, pow, ilog2, shifts, rotates, "
        "counts of bits, bytes and others of `core`"
    )


def integer_method(
    checker: Checker, node: Node, name: str, base: Expr, arguments: list[Node], span: Span
) -> Expr | None:
    """Return the call of a method of an integer; None where it has no such method."""
    if name not in _METHODS:
        return None
    found = resolve(base.type)
    if isinstance(found, InferVar) and name not in _NO_TYPE_NEEDED:
        message = f"can't call method `{name}` on ambiguous numeric type `{{integer}}`"
        return checker.refuse(node, message, "write the type: `1u64`", "E0689")
    takes, gives = _METHODS[name]
    if isinstance(found, IntType):
        if name in (_UNSIGNED_ONLY if found.is_signed else _SIGNED_ONLY):
            return None
        divides = name.endswith(("div", "rem", "_euclid")) and checker.function is not None
        if divides and found.is_signed and checker.cpu != "v4":
            message = f"signed division of `{found.name}` needs BPF cpu v4"
            return checker.refuse(node, message, "compile with `--cpu v4`, or divide unsigned values")
    if len(arguments) != len(takes):
        return refuse_count(checker, node, "method", len(takes), arguments)
    wanted = [found if kind == _SAME else U32 for kind in takes]
    values = [checker.coerced(argument, want) for argument, want in zip(arguments, wanted, strict=True)]
    if any(resolve(value.type) is ERROR for value in values):
        return Invalid(ERROR, span)
    if name in ("min", "max"):
        return MinMax(found, span, name == "max", base, values[0])
    if name in ("cast_signed", "cast_unsigned"):
        return Cast(_result(found, gives), span, base)
    if name in ("to_be", "to_le"):
        return _in_order(checker, name, base, span)
    if name == "to_ne_bytes":
        name = "to_le_bytes" if checker.is_little else "to_be_bytes"
    if name in ("is_positive", "is_negative"):
        return Compare(BOOL, span, ">" if name == "is_positive" else "<", base, Literal(found, span, 0))
    return IntegerMethod(_result(found, gives), span, name, (base, *values))


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
    return IntegerMethod(value.type, span, "swap_bytes", (value,))


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
        return IntegerMethod(owner, span, name, (value,))
    if name in ("from", "try_from"):
        if len(arguments) != 1:
            return refuse_count(checker, node, "function", 1, arguments)
        return (convert if name == "from" else try_convert)(checker, node, owner, checker.expr(arguments[0]))
    if name in _METHODS and not arguments:
        return refuse_count(checker, node, "function", 1 + len(_METHODS[name][0]), arguments)
    if name in _METHODS:
        base = checker.coerced(arguments[0], owner)
        if resolve(base.type) is ERROR:
            return base
        return integer_method(checker, node, name, base, arguments[1:], span)
    return None
