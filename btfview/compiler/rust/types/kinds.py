"""The kinds of types that a program has, and what each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


@frozen
class IntType:
    """One of the module's constants, compared by identity."""

    name: str
    bits: int
    is_signed: bool

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.is_signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - int(self.is_signed))) - 1

    def wrap(self, value: int) -> int:
        """Return *value* modulo 2**bits, in the range of the type.

        >>> I8.wrap(200), U8.wrap(-1)
        (-56, 255)
        """
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if value > self.maximum else value


@frozen
class NamedType:
    """A type without parts: one of the module's constants, compared by identity."""

    name: str

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@frozen
class PointerType:
    """``*const T``, ``*mut T``, ``&T`` or ``&mut T``."""

    pointee: Type
    is_mut: bool
    is_ref: bool


@frozen
class ArrayType:
    element: Type
    length: int


@frozen
class OptionType:
    """``Option``: a nullable pointer, a flag and a scalar in registers, or in memory."""

    inner: Type


@frozen
class ResultType:
    """``Result``: in registers where both sides are scalars or ``()``, else in memory."""

    ok: Type
    err: Type


@frozen
class TupleType:
    """Two or more elements, or one; ``()`` is :data:`UNIT`. Laid out as ``repr(C)`` would."""

    elements: tuple[Type, ...]


@frozen
class HelperType:
    """A function pointer, of which the only values are numbers of kernel helpers."""

    params: tuple[Type, ...]
    result: Type
    is_unsafe: bool


class Field:
    """One field of a struct or union."""

    __slots__ = ("byte_offset", "index", "name", "span", "type", "type_name", "visibility")

    def __init__(self, name: str, span: Span, type_name: str, field_type: Type, index: int) -> None:
        self.name = name
        self.span = span
        self.type_name = type_name
        self.type = field_type
        self.index = index
        """Declaration order, from 0: the index that reaches ``.BTF.ext``."""
        self.byte_offset = 0
        self.visibility: ModulePath = ()
        """The module inside which the field may be named."""

    @property
    def is_nameless(self) -> bool:
        """Whether C has no name for it: bindgen calls a nameless struct or union ``__bindgen_anon_1``."""
        number = self.name.removeprefix("__bindgen_anon_")
        return number != self.name and number.isdecimal() and isinstance(resolve(self.type), StructType)

    @property
    def btf_name(self) -> str:
        """The name in debug info: rustc calls the fields of a tuple struct ``__0``, ``__1``."""
        return f"__{self.name}" if self.name.isdecimal() else self.name


ModulePath: TypeAlias = "tuple[str, ...]"
"""Names of a module from the root of the file, which is ``()``."""


class StructType:
    """A struct or union; one object an item, so identity is equality."""

    __slots__ = (
        "_by_name", "align", "btf_name", "derives", "fields", "has_repr_c", "is_transparent", "is_union",
        "key", "marker", "min_align", "module", "name", "node", "packed", "shape", "size", "span", "tuple",
        "visibility",
    )  # fmt: skip

    def __init__(self, name: str, span: Span, is_union: bool, node: Node, module: ModulePath = ()) -> None:
        self.name = name
        self.module = module
        self.key = "::".join((*module, name))
        """The path from the root of the file, by which the names of the items hold it."""
        self.btf_name = name
        """With a flavor where another type of the file has the same name."""
        self.visibility: ModulePath = ()
        self.span = span
        self.is_union = is_union
        self.node = node
        self.shape = "named"
        """``named``, ``tuple`` or ``unit``: how its fields are written."""
        self.tuple: TupleType | None = None
        """What it stands for, where a query walks through a tuple (:func:`struct_of_tuple`)."""
        self.marker: str | None = None
        self.has_repr_c = False
        """Whether Rust promises the layout: ``repr(C)``, ``repr(Btf)`` or ``repr(transparent)``."""
        self.is_transparent = False
        self.derives: frozenset[str] = frozenset()
        self.packed: int | None = None
        """``packed(N)``: no field is aligned to more."""
        self.min_align = 1
        """``align(N)``."""
        self.fields: list[Field] = []
        self._by_name: dict[str, Field] = {}
        self.size = -1
        """Bytes; negative until laid out."""
        self.align = 1

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name)

    def add(self, field: Field) -> None:
        """Make *field* the last one."""
        self.fields.append(field)
        self._by_name[field.name] = field


@frozen
class Variant:
    name: str
    span: Span
    value: int


class EnumType:
    """A C-like enum; one object an item."""

    __slots__ = (
        "_by_name", "btf_name", "derives", "has_repr", "key", "module", "name", "node", "repr", "span",
        "variants", "visibility",
    )  # fmt: skip

    def __init__(self, name: str, span: Span, node: Node, module: ModulePath) -> None:
        self.name = name
        self.span = span
        self.node = node
        self.module = module
        self.key = "::".join((*module, name))
        self.btf_name = name
        self.visibility: ModulePath = ()
        self.derives: frozenset[str] = frozenset()
        self.has_repr = False
        """Whether ``repr`` names an integer or ``C``; else :attr:`repr` is the smallest that fits."""
        self.repr: IntType = ISIZE
        self.variants: list[Variant] = []
        self._by_name: dict[str, int] = {}

    def variant(self, name: str) -> Variant | None:
        index = self._by_name.get(name)
        return None if index is None else self.variants[index]

    def add(self, variant: Variant) -> None:
        """Make *variant* the last one."""
        self._by_name.setdefault(variant.name, len(self.variants))
        self.variants.append(variant)


class InferVar:
    """A type not known yet. ``is_int`` limits it to integers; what is left of those becomes ``i32``."""

    __slots__ = ("bound", "is_int", "span")

    def __init__(self, span: Span, is_int: bool) -> None:
        self.span = span
        self.is_int = is_int
        self.bound: Type | None = None


Type: TypeAlias = (
    IntType | NamedType | PointerType | ArrayType | OptionType | ResultType | TupleType | HelperType
    | StructType | EnumType | InferVar
)  # fmt: skip

BOOL = NamedType("bool")
CHAR = NamedType("char")
UNIT = NamedType("()")
NEVER = NamedType("!")
C_VOID = NamedType("c_void")
"""``core::ffi::c_void``: one byte, of no use but behind a pointer."""
ERROR = NamedType("{error}")
"""The type of what was already complained about; fits everything, so that nothing else is."""

I8, I16, I32, I64 = (IntType(f"i{bits}", bits, True) for bits in (8, 16, 32, 64))
U8, U16, U32, U64 = (IntType(f"u{bits}", bits, False) for bits in (8, 16, 32, 64))
ISIZE, USIZE = IntType("isize", 64, True), IntType("usize", 64, False)


PRIMITIVES: dict[str, Type] = {
    known.name: known for known in (I8, I16, I32, I64, ISIZE, U8, U16, U32, U64, USIZE, BOOL, CHAR)
}

C_TYPES: dict[str, Type] = {
    "c_void": C_VOID, "c_char": I8, "c_schar": I8, "c_uchar": U8, "c_short": I16, "c_ushort": U16,
    "c_int": I32, "c_uint": U32, "c_long": I64, "c_ulong": U64, "c_longlong": I64, "c_ulonglong": U64,
}  # fmt: skip
"""``core::ffi`` on a BPF target: LP64, signed ``char``."""


def resolve(found: Type) -> Type:
    """Return *found*, or what it was inferred to be."""
    while type(found) is InferVar and found.bound is not None:
        found = found.bound
    return found


def format_type(found: Type) -> str:
    """Return *found* as it is written in Rust."""
    match resolve(found):
        case IntType(name) | NamedType(name):
            return name
        case PointerType(pointee, is_mut, is_ref):
            if is_ref:
                return f"&{'mut ' if is_mut else ''}{format_type(pointee)}"
            return f"*{'mut' if is_mut else 'const'} {format_type(pointee)}"
        case ArrayType(element, length):
            return f"[{format_type(element)}; {length}]"
        case OptionType(inner):
            return f"Option<{format_type(inner)}>"
        case ResultType(ok, err):
            return f"Result<{format_type(ok)}, {format_type(err)}>"
        case TupleType(elements):
            inside = ", ".join(format_type(element) for element in elements)
            return f"({inside},)" if len(elements) == 1 else f"({inside})"
        case HelperType(params, result, is_unsafe):
            inside = ", ".join(format_type(param) for param in params)
            arrow = "" if resolve(result) is UNIT else f" -> {format_type(result)}"
            return f'{"unsafe " if is_unsafe else ""}extern "C" fn({inside}){arrow}'
        case StructType() | EnumType() as item:
            return item.name
        case InferVar() as var:
            return "{integer}" if var.is_int else "_"


def is_integer(found: Type) -> bool:
    found = resolve(found)
    return isinstance(found, IntType) or (isinstance(found, InferVar) and found.is_int)


def is_scalar(found: Type) -> bool:
    """Whether a value of the type fits one BPF register."""
    if type(found) is InferVar:
        found = resolve(found)
    return isinstance(found, (IntType, PointerType, EnumType)) or found is BOOL or found is CHAR


def is_nullable_pointer(found: Type) -> bool:
    """Whether the type is an ``Option`` whose ``None`` is a null pointer, as Rust promises for references."""
    if type(found) is InferVar:
        found = resolve(found)
    if not isinstance(found, OptionType):
        return False
    inner = resolve(found.inner)
    return isinstance(inner, PointerType) and inner.is_ref


def parts_of(found: Type) -> tuple[Type, ...]:
    """Return the types that lie one after another in a tuple, a ``Result`` or an ``Option`` pair."""
    match resolve(found):
        case TupleType(elements):
            return elements
        case ResultType(ok, err):
            return (BOOL, ok, err)
        case OptionType(inner):
            return (BOOL, inner)
    return ()
