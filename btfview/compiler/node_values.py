"""Places, operators, calls and literals, a part of the typed tree (:mod:`.nodes`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.frozen import frozen
from btfview.source import Span

from .definitions import Constant, Function, Local, Static
from .rust.types.kinds import Field, StructType, Type

if TYPE_CHECKING:
    from .nodes import Expr


@frozen
class Literal:
    """An integer, bool or char."""

    type: Type
    span: Span
    value: int


@frozen
class ByteString:
    """``b"..."`` or ``c"...".as_ptr()``: a pointer to constant bytes."""

    type: Type
    span: Span
    data: bytes


@frozen
class ConstValue:
    """The value of a ``const`` item of array or struct type."""

    type: Type
    span: Span
    value: Constant


@frozen
class UnitValue:
    type: Type
    span: Span


@frozen
class LocalPlace:
    type: Type
    span: Span
    local: Local


@frozen
class StaticPlace:
    type: Type
    span: Span
    static: Static


@frozen
class Deref:
    type: Type
    span: Span
    pointer: Expr


@frozen
class FieldPlace:
    type: Type
    span: Span
    base: Expr
    struct: StructType
    field: Field


@frozen
class IndexPlace:
    type: Type
    span: Span
    base: Expr
    """A place, or a value, of array type."""
    index: Expr
    length: int
    is_inside: bool = False
    """Whether the index is known to be less than the length, so that nothing is checked."""


@frozen
class TupleField:
    type: Type
    span: Span
    base: Expr
    index: int


@frozen
class AddressOf:
    type: Type
    span: Span
    place: Expr
    """Where it is no place, a temporary is made of it."""


@frozen
class Unary:
    """``-`` or ``!``."""

    type: Type
    span: Span
    operator: str
    operand: Expr


@frozen
class Binary:
    """Arithmetic and bit operations; both sides have the type of the result, but for shifts."""

    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr


@frozen
class Compare:
    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr


@frozen
class Logic:
    """``&&`` or ``||``."""

    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr


@frozen
class Cast:
    type: Type
    span: Span
    value: Expr


@frozen
class PointerOffset:
    """*base* moved by *index* strides."""

    type: Type
    span: Span
    base: Expr
    index: Expr
    stride: int
    """Bytes; negative for ``sub``."""


@frozen
class PointerAccess:
    """``read`` (*value* is None) or ``write`` through a raw pointer."""

    type: Type
    span: Span
    pointer: Expr
    value: Expr | None
    is_volatile: bool
    is_aligned: bool


@frozen
class Opaque:
    """*value*, of which LLVM is to know nothing: ``black_box``."""

    type: Type
    span: Span
    value: Expr


@frozen
class Zeroed:
    """All bytes zero."""

    type: Type
    span: Span


@frozen
class MinMax:
    type: Type
    span: Span
    is_max: bool
    left: Expr
    right: Expr


@frozen
class IntegerMethod:
    """A method of integers that is no plain operator, such as ``saturating_add``."""

    type: Type
    span: Span
    name: str
    operands: tuple[Expr, ...]
    """The receiver first."""


@frozen
class HelperPointer:
    """The number of a kernel helper as a function pointer."""

    type: Type
    span: Span
    number: int


@frozen
class HelperCall:
    """A call through a :class:`HelperPointer`."""

    type: Type
    span: Span
    number: int
    arguments: tuple[Expr, ...]


@frozen
class Call:
    type: Type
    span: Span
    function: Function
    arguments: tuple[Expr, ...]


@frozen
class SomeValue:
    type: Type
    span: Span
    value: Expr


@frozen
class NoneValue:
    type: Type
    span: Span


@frozen
class IsSome:
    type: Type
    span: Span
    value: Expr


@frozen
class Try:
    """``value?``: the inner value, or return ``None``."""

    type: Type
    span: Span
    value: Expr


@frozen
class UnwrapOr:
    type: Type
    span: Span
    value: Expr
    default: Expr


@frozen
class ResultValue:
    """``Ok(value)`` or ``Err(value)``."""

    type: Type
    span: Span
    is_ok: bool
    value: Expr


@frozen
class StructLiteral:
    type: Type
    span: Span
    struct: StructType
    fields: tuple[tuple[Field, Expr], ...]
    """In the order written, which is the order of evaluation."""
    base: Expr | None = None
    """What ``..base`` takes the other fields from."""


@frozen
class TupleLiteral:
    type: Type
    span: Span
    elements: tuple[Expr, ...]


@frozen
class ArrayLiteral:
    type: Type
    span: Span
    elements: tuple[Expr, ...]


@frozen
class ArrayRepeat:
    type: Type
    span: Span
    element: Expr
    length: int


@frozen
class Invalid:
    """What was complained about."""

    type: Type
    span: Span
