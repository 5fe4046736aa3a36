"""The typed tree: a checked program, ready to be lowered.

Types in it may still be inference variables that were bound later; read them through
:func:`btfview.compiler.types.resolve`. A *place* (:data:`PLACES`) used where a value is wanted is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..record import record
from ..source import Span
from .patterns import (
    Binding as Binding,
)
from .patterns import (
    NonePattern as NonePattern,
)
from .patterns import (
    OrPattern as OrPattern,
)
from .patterns import (
    Pattern as Pattern,
)
from .patterns import (
    RangePattern as RangePattern,
)
from .patterns import (
    RefPattern as RefPattern,
)
from .patterns import (
    ResultPattern as ResultPattern,
)
from .patterns import (
    SomePattern as SomePattern,
)
from .patterns import (
    StructPattern as StructPattern,
)
from .patterns import (
    TuplePattern as TuplePattern,
)
from .patterns import (
    Wildcard as Wildcard,
)
from .types import ArrayType, EnumType, Field, ModulePath, StructType, Type, Variant

if TYPE_CHECKING:
    from tree_sitter import Node


class Local:
    """A parameter or a ``let`` binding."""

    __slots__ = ("helper_number", "is_late", "is_mut", "name", "span", "type")

    def __init__(self, name: str, local_type: Type, span: Span, is_mut: bool) -> None:
        self.name = name
        self.type = local_type
        self.span = span
        self.is_mut = is_mut
        self.is_late = False
        """Declared by a ``let`` without a value."""
        self.helper_number: int | None = None
        """Of a function pointer: the helper it calls."""


class Static:
    __slots__ = (
        "data",
        "is_mut",
        "module",
        "name",
        "node",
        "section",
        "span",
        "symbol",
        "type",
        "visibility",
    )

    def __init__(
        self, name: str, static_type: Type, span: Span, is_mut: bool, node: Node, section: str | None
    ) -> None:
        self.name = name
        self.symbol = name
        self.module: ModulePath = ()
        self.visibility: ModulePath = ()
        self.type = static_type
        self.span = span
        self.is_mut = is_mut
        self.node = node
        self.section = section
        self.data: Constant = 0
        """The initial value."""


class Function:
    """A function with a body, or a kernel helper."""

    __slots__ = (
        "body", "helper_number", "inline", "is_exported", "is_extern_c", "is_no_mangle", "is_unsafe",
        "is_variadic", "module", "name", "node", "owner", "params", "result", "section", "self_param", "span",
        "symbol", "visibility",
    )  # fmt: skip

    def __init__(self, name: str, span: Span, node: Node, owner: StructType | EnumType | None) -> None:
        self.name = name
        self.module: ModulePath = ()
        self.visibility: ModulePath = ()
        self.is_no_mangle = False
        self.span = span
        self.node = node
        self.owner = owner
        self.symbol = name
        self.params: list[Local] = []
        self.result: Type
        self.self_param: Local | None = None
        """The first of :attr:`params`, in a method."""
        self.is_exported = False
        """Kept although unused: ``pub``, ``#[no_mangle]`` or an entry function."""
        self.is_unsafe = False
        self.is_extern_c = False
        self.is_variadic = False
        self.section: str | None = None
        """``link_section``: an entry function."""
        self.inline: str | None = None
        self.helper_number: int | None = None
        self.body: Expr

    @property
    def path(self) -> str:
        before = (self.owner.key,) if self.owner is not None else self.module
        return "::".join((*before, self.name))


Constant: TypeAlias = "int | tuple[Constant, ...]"
"""Value of an integer, bool, char, enum or pointer (0); of an array or tuple; of a struct's fields in
declaration order."""


@record
class Literal:
    """An integer, bool or char."""

    type: Type
    span: Span
    value: int


@record
class ByteString:
    """``b"..."`` or ``c"...".as_ptr()``: a pointer to constant bytes."""

    type: Type
    span: Span
    data: bytes


@record
class ConstValue:
    """The value of a ``const`` item of array or struct type."""

    type: Type
    span: Span
    value: Constant


@record
class UnitValue:
    type: Type
    span: Span


@record
class LocalPlace:
    type: Type
    span: Span
    local: Local


@record
class StaticPlace:
    type: Type
    span: Span
    static: Static


@record
class Deref:
    type: Type
    span: Span
    pointer: Expr


@record
class FieldPlace:
    type: Type
    span: Span
    base: Expr
    struct: StructType
    field: Field


@record
class IndexPlace:
    type: Type
    span: Span
    base: Expr
    """A place, or a value, of array type."""
    index: Expr
    length: int


@record
class TupleField:
    type: Type
    span: Span
    base: Expr
    index: int


@record
class AddressOf:
    type: Type
    span: Span
    place: Expr
    """Where it is no place, a temporary is made of it."""


@record
class Unary:
    """``-`` or ``!``."""

    type: Type
    span: Span
    operator: str
    operand: Expr


@record
class Binary:
    """Arithmetic and bit operations; both sides have the type of the result, but for shifts."""

    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr


@record
class Compare:
    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr


@record
class Logic:
    """``&&`` or ``||``."""

    type: Type
    span: Span
    operator: str
    left: Expr
    right: Expr


@record
class Cast:
    type: Type
    span: Span
    value: Expr


@record
class PointerOffset:
    """*base* moved by *index* strides."""

    type: Type
    span: Span
    base: Expr
    index: Expr
    stride: int
    """Bytes; negative for ``sub``."""


@record
class PointerAccess:
    """``read`` (*value* is None) or ``write`` through a raw pointer."""

    type: Type
    span: Span
    pointer: Expr
    value: Expr | None
    is_volatile: bool
    is_aligned: bool


@record
class MinMax:
    type: Type
    span: Span
    is_max: bool
    left: Expr
    right: Expr


@record
class IntegerMethod:
    """A method of integers that is no plain operator, such as ``saturating_add``."""

    type: Type
    span: Span
    name: str
    operands: tuple[Expr, ...]
    """The receiver first."""


@record
class HelperPointer:
    """The number of a kernel helper as a function pointer."""

    type: Type
    span: Span
    number: int


@record
class HelperCall:
    """A call through a :class:`HelperPointer`."""

    type: Type
    span: Span
    number: int
    arguments: tuple[Expr, ...]


@record
class Call:
    type: Type
    span: Span
    function: Function
    arguments: tuple[Expr, ...]


@record
class SomeValue:
    type: Type
    span: Span
    value: Expr


@record
class NoneValue:
    type: Type
    span: Span


@record
class IsSome:
    type: Type
    span: Span
    value: Expr


@record
class Try:
    """``value?``: the inner value, or return ``None``."""

    type: Type
    span: Span
    value: Expr


@record
class UnwrapOr:
    type: Type
    span: Span
    value: Expr
    default: Expr


@record
class ResultValue:
    """``Ok(value)`` or ``Err(value)``."""

    type: Type
    span: Span
    is_ok: bool
    value: Expr


@record
class FieldQuery:
    """One relocation: what ``llvm.bpf.preserve.field.info`` answers about *path* of *root*."""

    type: Type
    span: Span
    kind: str
    """A key of :data:`btfview.compiler.result.QUERY_KINDS`."""
    root: StructType
    path: tuple[Step, ...]
    path_span: Span


Step: TypeAlias = "tuple[StructType, Field] | tuple[ArrayType, int]"
"""One step of a path: a field of a struct or union, or an element of an array."""


@record
class TypeQuery:
    """One relocation about a type as a whole."""

    type: Type
    span: Span
    kind: str
    root: StructType | EnumType
    path_span: Span


@record
class EnumQuery:
    """One relocation about a variant of an enum."""

    type: Type
    span: Span
    kind: str
    root: EnumType
    variant: Variant
    path_span: Span


Query: TypeAlias = FieldQuery | TypeQuery | EnumQuery


@record
class StructLiteral:
    type: Type
    span: Span
    struct: StructType
    fields: tuple[tuple[Field, Expr], ...]
    """In the order written, which is the order of evaluation."""
    base: Expr | None = None
    """What ``..base`` takes the other fields from."""


@record
class TupleLiteral:
    type: Type
    span: Span
    elements: tuple[Expr, ...]


@record
class ArrayLiteral:
    type: Type
    span: Span
    elements: tuple[Expr, ...]


@record
class ArrayRepeat:
    type: Type
    span: Span
    element: Expr
    length: int


@record
class Block:
    type: Type
    span: Span
    statements: tuple[Statement, ...]
    tail: Expr | None


@record
class If:
    type: Type
    span: Span
    condition: Expr
    """May hold :class:`LetCondition` under ``&&``."""
    then: Expr
    otherwise: Expr | None


@record
class LetCondition:
    """``let PATTERN = value`` as a condition."""

    type: Type
    span: Span
    pattern: Pattern
    value: Expr


@record
class Arm:
    pattern: Pattern
    guard: Expr | None
    body: Expr
    span: Span


@record
class Match:
    type: Type
    span: Span
    value: Expr
    arms: tuple[Arm, ...]


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


@record
class Loop:
    """``loop``, or ``while`` with its condition."""

    type: Type
    span: Span
    target: LoopTarget
    condition: Expr | None
    body: Expr


@record
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


@record
class LabelledBlock:
    """A block that ``break 'label value`` leaves."""

    type: Type
    span: Span
    target: LoopTarget
    body: Expr


@record
class Break:
    type: Type
    span: Span
    target: LoopTarget
    value: Expr | None


@record
class Continue:
    type: Type
    span: Span
    target: LoopTarget


@record
class Return:
    type: Type
    span: Span
    value: Expr | None


@record
class Assign:
    type: Type
    span: Span
    place: Expr
    value: Expr


@record
class CompoundAssign:
    type: Type
    span: Span
    operator: str
    """``+`` of ``+=``."""
    place: Expr
    value: Expr


@record
class Invalid:
    """What was complained about."""

    type: Type
    span: Span


Expr: TypeAlias = (
    Literal | ByteString | ConstValue | UnitValue | LocalPlace | StaticPlace | Deref | FieldPlace | IndexPlace
    | AddressOf | Unary | Binary | Compare | Logic | Cast | PointerOffset | PointerAccess | MinMax | Call
    | SomeValue | NoneValue | IsSome | Try | UnwrapOr | Query | StructLiteral | ArrayLiteral
    | ArrayRepeat | Block | If | LetCondition | Match | Loop | Break | Continue | Return | Assign
    | CompoundAssign | Invalid | TupleField | TupleLiteral | IntegerMethod | HelperPointer | HelperCall
    | ResultValue | ForRange | LabelledBlock
)  # fmt: skip

PLACES = (LocalPlace, StaticPlace, Deref, FieldPlace, IndexPlace, TupleField)


@record
class Let:
    span: Span
    pattern: Pattern
    value: Expr | None
    otherwise: Expr | None
    """The diverging block of ``let .. else``."""


@record
class ExprStatement:
    value: Expr


Statement: TypeAlias = Let | ExprStatement
