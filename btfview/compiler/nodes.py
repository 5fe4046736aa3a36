"""The typed tree: a checked program, ready to be lowered.

Types in it may still be inference variables that were bound later; read them through
:func:`btfview.compiler.rust.types.kinds.resolve`. A *place* (:data:`PLACES`) where a value is wanted is read.

This module gathers the parts under one name: :mod:`.definitions` (what names stand for), :mod:`.node_values`,
:mod:`.node_control`, :mod:`.node_queries` and :mod:`.patterns`.
"""

from __future__ import annotations

from typing import TypeAlias, get_args

from .definitions import (
    Constant,
    Function,
    Local,
    Static,
)
from .node_control import (
    Arm,
    Assign,
    Block,
    Break,
    CompoundAssign,
    Continue,
    ExprStatement,
    ForRange,
    If,
    LabelledBlock,
    Let,
    LetCondition,
    Loop,
    LoopTarget,
    Match,
    Panic,
    Return,
    Statement,
)
from .node_queries import (
    EnumQuery,
    FieldQuery,
    Query,
    Step,
    TypeQuery,
)
from .node_values import (
    AddressOf,
    ArrayLiteral,
    ArrayRepeat,
    Binary,
    ByteString,
    Call,
    Cast,
    Compare,
    ConstValue,
    Deref,
    FieldPlace,
    HelperCall,
    HelperPointer,
    IndexPlace,
    IntegerMethod,
    Invalid,
    IsSome,
    Literal,
    LocalPlace,
    Logic,
    MinMax,
    NoneValue,
    Opaque,
    PointerAccess,
    PointerOffset,
    ResultValue,
    SomeValue,
    StaticPlace,
    StructLiteral,
    Try,
    TupleField,
    TupleLiteral,
    Unary,
    UnitValue,
    UnwrapOr,
    Zeroed,
)
from .patterns import (
    ArrayPattern,
    Binding,
    NonePattern,
    OrPattern,
    Pattern,
    RangePattern,
    RefPattern,
    ResultPattern,
    SomePattern,
    StructPattern,
    TuplePattern,
    Wildcard,
)

Expr: TypeAlias = (
    Literal | ByteString | ConstValue | UnitValue | LocalPlace | StaticPlace | Deref | FieldPlace | IndexPlace
    | AddressOf | Unary | Binary | Compare | Logic | Cast | PointerOffset | PointerAccess | MinMax | Call
    | SomeValue | NoneValue | IsSome | Try | UnwrapOr | Query | StructLiteral | ArrayLiteral
    | ArrayRepeat | Block | If | LetCondition | Match | Loop | Break | Continue | Return | Assign
    | CompoundAssign | Invalid | TupleField | TupleLiteral | IntegerMethod | HelperPointer | HelperCall
    | ResultValue | ForRange | LabelledBlock | Panic | Opaque | Zeroed
)  # fmt: skip

PLACES = (LocalPlace, StaticPlace, Deref, FieldPlace, IndexPlace, TupleField)

KINDS = frozenset([*get_args(Expr), Let, ExprStatement, Arm])
"""Classes of what is neither a pattern nor a definition: what is evaluated."""

__all__ = [
    "KINDS",
    "PLACES",
    "AddressOf",
    "Arm",
    "ArrayLiteral",
    "ArrayPattern",
    "ArrayRepeat",
    "Assign",
    "Binary",
    "Binding",
    "Block",
    "Break",
    "ByteString",
    "Call",
    "Cast",
    "Compare",
    "CompoundAssign",
    "ConstValue",
    "Constant",
    "Continue",
    "Deref",
    "EnumQuery",
    "Expr",
    "ExprStatement",
    "FieldPlace",
    "FieldQuery",
    "ForRange",
    "Function",
    "HelperCall",
    "HelperPointer",
    "If",
    "IndexPlace",
    "IntegerMethod",
    "Invalid",
    "IsSome",
    "LabelledBlock",
    "Let",
    "LetCondition",
    "Literal",
    "Local",
    "LocalPlace",
    "Logic",
    "Loop",
    "LoopTarget",
    "Match",
    "MinMax",
    "NonePattern",
    "NoneValue",
    "Opaque",
    "OrPattern",
    "Panic",
    "Pattern",
    "PointerAccess",
    "PointerOffset",
    "Query",
    "RangePattern",
    "RefPattern",
    "ResultPattern",
    "ResultValue",
    "Return",
    "SomePattern",
    "SomeValue",
    "Statement",
    "Static",
    "StaticPlace",
    "Step",
    "StructLiteral",
    "StructPattern",
    "Try",
    "TupleField",
    "TupleLiteral",
    "TuplePattern",
    "TypeQuery",
    "Unary",
    "UnitValue",
    "UnwrapOr",
    "Wildcard",
    "Zeroed",
]  # fmt: skip
