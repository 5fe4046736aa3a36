"""The typed tree: a checked program, ready to be lowered.

Types in it may still be inference variables that were bound later; read them through
:func:`btfview.compiler.rust.types.kinds.resolve`. A *place* (:data:`PLACES`) where a value is wanted is read.
Nodes hold one another, so they stand in one file: what has a value, then control, then queries.
"""

from __future__ import annotations

from typing import TypeAlias, get_args

from btfview.compiler.rust.types.integer_methods import IntegerOperation
from btfview.compiler.rust.types.kinds import ArrayType, EnumType, Field, StructType, Type, Variant
from btfview.frozen import frozen
from btfview.source import Span

from .definitions import Constant, Function, Local, Static
from .patterns import Pattern

# ---- values


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

    PARTS = ("pointer",)


@frozen
class FieldPlace:
    type: Type
    span: Span
    base: Expr
    struct: StructType
    field: Field

    PARTS = ("base",)


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

    PARTS = ("base", "index")


@frozen
class TupleField:
    type: Type
    span: Span
    base: Expr
    index: int

    PARTS = ("base",)


@frozen
class AddressOf:
    type: Type
    span: Span
    place: Expr
    """Where it is no place, a temporary is made of it."""

    PARTS = ("place",)


@frozen
class Unary:
    """``-`` or ``!``."""

    type: Type
    span: Span
    operator: str
    operand: Expr

    PARTS = ("operand",)


@frozen
class Binary:
    """Arithmetic and bit operations; both sides have the type of the result, but for shifts."""

    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr

    PARTS = ("left", "right")


@frozen
class Compare:
    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr

    PARTS = ("left", "right")


@frozen
class Logic:
    """``&&`` or ``||``."""

    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr

    PARTS = ("left", "right")


@frozen
class Cast:
    type: Type
    span: Span
    value: Expr

    PARTS = ("value",)


@frozen
class PointerOffset:
    """*base* moved by *index* strides."""

    type: Type
    span: Span
    base: Expr
    index: Expr
    stride: int
    """Bytes; negative for ``sub``."""

    PARTS = ("base", "index")


@frozen
class PointerAccess:
    """``read`` (*value* is None) or ``write`` through a raw pointer."""

    type: Type
    span: Span
    pointer: Expr
    value: Expr | None
    is_volatile: bool
    is_aligned: bool

    PARTS = ("pointer", "value")


@frozen
class Opaque:
    """*value*, of which LLVM is to know nothing: ``black_box``."""

    type: Type
    span: Span
    value: Expr

    PARTS = ("value",)


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

    PARTS = ("left", "right")


@frozen
class IntegerMethod:
    """A method of integers that is no plain operator, such as ``saturating_add``."""

    type: Type
    span: Span
    method: IntegerOperation
    operands: tuple[Expr, ...]
    """The receiver first."""

    PARTS = ("operands",)


@frozen
class HelperPointer:
    """The number of a kernel helper as a function pointer."""

    type: Type
    span: Span
    number: int


@frozen
class FunctionPointer:
    """The address of a function of the program, as a static may hold it."""

    type: Type
    span: Span
    function: Function


@frozen
class HelperCall:
    """A call through a :class:`HelperPointer`."""

    type: Type
    span: Span
    number: int
    arguments: tuple[Expr, ...]

    PARTS = ("arguments",)


@frozen
class Call:
    type: Type
    span: Span
    function: Function
    arguments: tuple[Expr, ...]

    PARTS = ("arguments",)


@frozen
class SomeValue:
    type: Type
    span: Span
    value: Expr

    PARTS = ("value",)


@frozen
class NoneValue:
    type: Type
    span: Span


@frozen
class IsSome:
    type: Type
    span: Span
    value: Expr

    PARTS = ("value",)


@frozen
class Try:
    """``value?``: the inner value, or return ``None``."""

    type: Type
    span: Span
    value: Expr

    PARTS = ("value",)


@frozen
class UnwrapOr:
    type: Type
    span: Span
    value: Expr
    default: Expr

    PARTS = ("value", "default")


@frozen
class ResultValue:
    """``Ok(value)`` or ``Err(value)``."""

    type: Type
    span: Span
    is_ok: bool
    value: Expr

    PARTS = ("value",)


@frozen
class StructLiteral:
    type: Type
    span: Span
    struct: StructType
    fields: tuple[tuple[Field, Expr], ...]
    """In the order written, which is the order of evaluation."""
    base: Expr | None = None
    """What ``..base`` takes the other fields from."""

    PARTS = ("fields", "base")


@frozen
class TupleLiteral:
    type: Type
    span: Span
    elements: tuple[Expr, ...]

    PARTS = ("elements",)


@frozen
class ArrayLiteral:
    type: Type
    span: Span
    elements: tuple[Expr, ...]

    PARTS = ("elements",)


@frozen
class ArrayRepeat:
    type: Type
    span: Span
    element: Expr
    length: int

    PARTS = ("element",)


@frozen
class Invalid:
    """What was complained about."""

    type: Type
    span: Span


# ---- control


@frozen
class Block:
    type: Type
    span: Span
    statements: tuple[Statement, ...]
    tail: Expr | None

    PARTS = ("statements", "tail")


@frozen
class Let:
    span: Span
    pattern: Pattern
    value: Expr | None
    otherwise: Expr | None
    """The diverging block of ``let .. else``."""

    PARTS = ("value", "otherwise")


@frozen
class ExprStatement:
    value: Expr

    PARTS = ("value",)


Statement: TypeAlias = Let | ExprStatement


@frozen
class Assign:
    type: Type
    span: Span
    place: Expr
    value: Expr

    PARTS = ("place", "value")


@frozen
class CompoundAssign:
    type: Type
    span: Span
    operator: str
    """``+`` of ``+=``."""
    place: Expr
    value: Expr

    PARTS = ("place", "value")


@frozen
class If:
    type: Type
    span: Span
    condition: Expr
    """May hold :class:`LetCondition` under ``&&``."""
    then: Expr
    otherwise: Expr | None

    PARTS = ("condition", "then", "otherwise")


@frozen
class LetCondition:
    """``let PATTERN = value`` as a condition."""

    type: Type
    span: Span
    pattern: Pattern
    value: Expr

    PARTS = ("value",)


@frozen
class Arm:
    pattern: Pattern
    guard: Expr | None
    body: Expr
    span: Span

    PARTS = ("guard", "body")


@frozen
class Match:
    type: Type
    span: Span
    value: Expr
    arms: tuple[Arm, ...]

    PARTS = ("value", "arms")


class LoopTarget:
    """What ``break`` and ``continue`` refer to."""

    __slots__ = ("has_break", "label", "takes_value", "type", "word")

    def __init__(self, label: str | None, loop_type: Type, takes_value: bool, word: str = "while") -> None:
        self.word = word
        """``while``, ``for``, ``block`` or ``closure``."""
        self.label = label
        self.type = loop_type
        self.takes_value = takes_value
        self.has_break = False


@frozen
class Loop:
    """``loop``, or ``while`` with its condition."""

    type: Type
    span: Span
    target: LoopTarget
    condition: Expr | None
    body: Expr

    PARTS = ("condition", "body")


@frozen
class ForRange:
    """``for pattern in low..high``, with ``..=`` or ``rev()``."""

    type: Type
    span: Span
    target: LoopTarget
    pattern: Pattern
    low: Expr
    high: Expr
    is_inclusive: bool
    is_reversed: bool
    step: int
    body: Expr
    is_unrolled: bool = False
    """Whether LLVM is to write the body out, so that what depends on the position becomes constant."""

    PARTS = ("low", "high", "body")


@frozen
class Panic:
    """Leaves the function with zero: BPF has no way to panic."""

    type: Type
    span: Span


@frozen
class LabelledBlock:
    """A block that ``break 'label value`` leaves."""

    type: Type
    span: Span
    target: LoopTarget
    body: Expr

    PARTS = ("body",)


@frozen
class Break:
    type: Type
    span: Span
    target: LoopTarget
    value: Expr | None

    PARTS = ("value",)


@frozen
class Continue:
    type: Type
    span: Span
    target: LoopTarget


@frozen
class Return:
    type: Type
    span: Span
    value: Expr | None

    PARTS = ("value",)


# ---- queries


@frozen
class FieldQuery:
    """One relocation: what ``llvm.bpf.preserve.field.info`` answers about *path* of *root*."""

    type: Type
    span: Span
    number: int
    """Which query of its function it is, in the order in which they are checked, from 0."""
    kind: str
    """A key of :data:`btfview.compiler.result.QUERY_KINDS`."""
    root: StructType
    path: tuple[Step, ...]
    path_span: Span


Step: TypeAlias = "tuple[StructType, Field] | tuple[ArrayType, int]"
"""One step of a path: a field of a struct or union, or an element of an array."""


@frozen
class TypeQuery:
    """One relocation about a type as a whole."""

    type: Type
    span: Span
    number: int
    kind: str
    root: StructType | EnumType
    path_span: Span


@frozen
class EnumQuery:
    """One relocation about a variant of an enum."""

    type: Type
    span: Span
    number: int
    kind: str
    root: EnumType
    variant: Variant
    path_span: Span


Query: TypeAlias = FieldQuery | TypeQuery | EnumQuery


Expr: TypeAlias = (
    Literal | ByteString | ConstValue | UnitValue | LocalPlace | StaticPlace | Deref | FieldPlace | IndexPlace
    | AddressOf | Unary | Binary | Compare | Logic | Cast | PointerOffset | PointerAccess | MinMax | Call
    | SomeValue | NoneValue | IsSome | Try | UnwrapOr | Query | StructLiteral | ArrayLiteral
    | ArrayRepeat | Block | If | LetCondition | Match | Loop | Break | Continue | Return | Assign
    | CompoundAssign | Invalid | TupleField | TupleLiteral | IntegerMethod | HelperPointer | FunctionPointer
    | HelperCall | ResultValue | ForRange | LabelledBlock | Panic | Opaque | Zeroed
)  # fmt: skip

PLACES = (LocalPlace, StaticPlace, Deref, FieldPlace, IndexPlace, TupleField)

KINDS = frozenset([*get_args(Expr), Let, ExprStatement, Arm])
"""Classes of what is neither a pattern nor a definition: what is evaluated."""
