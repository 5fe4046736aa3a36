"""Types of the language, their layout, and the little inference it needs.

Layout is that of ``repr(C)`` on BPF: pointers and ``usize`` have 64 bits, every scalar is aligned to
its size. A struct without ``repr(C)`` has no promised layout in Rust; here it has this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node


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
    def btf_name(self) -> str:
        """The name in debug info: rustc calls the fields of a tuple struct ``__0``, ``__1``."""
        return f"__{self.name}" if self.name.isdecimal() else self.name


ModulePath: TypeAlias = "tuple[str, ...]"
"""Names of a module from the root of the file, which is ``()``."""


class StructType:
    """A struct or union; one object an item, so identity is equality."""

    __slots__ = (
        "align", "btf_name", "derives", "fields", "has_repr_c", "is_transparent", "is_union", "key",
        "marker", "min_align", "module", "name", "node", "packed", "shape", "size", "span", "tuple",
        "visibility",
    )  # fmt: skip

    def __init__(self, name: str, span: Span, is_union: bool, node: Node, module: ModulePath = ()) -> None:
        self.name = name
        self.module = module
        self.key = "::".join((*module, name))
        """The path from the root of the file, by which :class:`.names.Names` holds it."""
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
        self.size = -1
        """Bytes; negative until laid out."""
        self.align = 1

    def field(self, name: str) -> Field | None:
        for field in self.fields:
            if field.name == name:
                return field
        return None

    def lay_out(self) -> None:
        """Give every field its offset, and the type its size and alignment, as C does."""
        position = end = 0
        align = self.min_align
        for field in self.fields:
            field_align = align_of(field.type)
            if self.packed is not None:
                field_align = min(field_align, self.packed)
            field.byte_offset = 0 if self.is_union else _round_up(position, field_align)
            position = field.byte_offset + size_of(field.type)
            end = max(end, position)
            align = max(align, field_align)
        self.align = align
        self.size = _round_up(end, align)


@frozen
class Variant:
    name: str
    span: Span
    value: int


class EnumType:
    """A C-like enum; one object an item."""

    __slots__ = (
        "btf_name", "derives", "has_repr", "key", "module", "name", "node", "repr", "span", "state",
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
        self.state = "new"
        """``new``, ``running`` or ``done``: whether the discriminants are known."""

    def variant(self, name: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.name == name), None)


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


_WITHOUT_PARTS = frozenset([IntType, NamedType, StructType, EnumType])
MAX_PARTS = 4_000
MAX_NESTING = 32


def resolve(found: Type) -> Type:
    """Return *found*, or what it was inferred to be."""
    while type(found) is InferVar and found.bound is not None:
        found = found.bound
    return found


def unify(left: Type, right: Type) -> bool:
    """Make both types the same by binding what is open in them; return whether that is possible."""
    if left is right:
        return True
    left, right = resolve(left), resolve(right)
    if left is right or left is ERROR or right is ERROR:
        return True
    if isinstance(left, InferVar):
        return _bind(left, right)
    if isinstance(right, InferVar):
        return _bind(right, left)
    match left, right:
        case PointerType(), PointerType():
            same_kind = left.is_mut == right.is_mut and left.is_ref == right.is_ref
            return same_kind and unify(left.pointee, right.pointee)
        case ArrayType(), ArrayType():
            return left.length == right.length and unify(left.element, right.element)
        case OptionType(), OptionType():
            return unify(left.inner, right.inner)
        case ResultType(), ResultType():
            return unify(left.ok, right.ok) and unify(left.err, right.err)
        case TupleType(), TupleType():
            return _unify_all(left.elements, right.elements)
        case HelperType(), HelperType():
            return _unify_all((*left.params, left.result), (*right.params, right.result))
        case IntType(), IntType():
            return left.name == right.name
    return False


def _unify_all(left: tuple[Type, ...], right: tuple[Type, ...]) -> bool:
    return len(left) == len(right) and all(unify(one, other) for one, other in zip(left, right, strict=True))


def _bind(var: InferVar, to: Type) -> bool:
    if isinstance(to, InferVar):
        if var.is_int:
            to.is_int = True
        var.bound = to
        return True
    if var.is_int and not isinstance(to, IntType):
        return False
    if _occurs(var, to):
        return False
    var.bound = to
    return True


def _occurs(var: InferVar, inside: Type) -> bool:
    match resolve(inside):
        case InferVar() as other:
            return other is var
        case PointerType(pointee):
            return _occurs(var, pointee)
        case ArrayType(element):
            return _occurs(var, element)
        case OptionType(inner):
            return _occurs(var, inner)
        case ResultType(ok, err):
            return _occurs(var, ok) or _occurs(var, err)
        case TupleType(elements):
            return any(_occurs(var, element) for element in elements)
    return False


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


def is_pair(found: Type) -> bool:
    """Whether the type is an ``Option`` kept as a flag and a scalar."""
    if type(found) is InferVar:
        found = resolve(found)
    return isinstance(found, OptionType) and is_scalar(found.inner) and not is_nullable_pointer(found)


_IN_REGISTERS = frozenset([IntType, NamedType, PointerType, EnumType, HelperType, InferVar])
"""Types of which no value lives in memory only; most that are asked about."""


def is_aggregate(found: Type) -> bool:
    """Whether values of the type live in memory only."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) in _IN_REGISTERS:
        return False
    if isinstance(found, OptionType):
        return not is_scalar(found.inner)
    if isinstance(found, ResultType):
        return not all(is_scalar(part) or resolve(part) is UNIT for part in (found.ok, found.err))
    return isinstance(found, (StructType, ArrayType, TupleType))


def has_unspecified_layout(found: Type) -> bool:
    """Whether Rust promises nothing about where the parts of the type lie (reference: type layout)."""
    found = resolve(found)
    while isinstance(found, ArrayType):
        found = resolve(found.element)
    return isinstance(found, (OptionType, ResultType)) and not is_nullable_pointer(found)


def is_movable(found: Type) -> bool:
    """Whether a value of the type can be put into an ``Option``, a ``Result`` or a tuple."""
    found = resolve(found)
    return found is not C_VOID and not isinstance(found, HelperType)


def is_indirect(found: Type) -> bool:
    """Whether a function takes and returns values of the type by a pointer to them."""
    if type(found) is InferVar:
        found = resolve(found)
    return type(found) not in _IN_REGISTERS and (isinstance(found, ResultType) or is_aggregate(found))


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


def is_too_complex(found: Type) -> bool:
    """Whether a type has more parts than :data:`MAX_PARTS`, or is nested deeper than :data:`MAX_NESTING`.

    A few lines make a tuple of a billion parts: ``let b = (a, a); let c = (b, b);`` and so on.
    """
    if type(found) is PointerType and type(found.pointee) in _WITHOUT_PARTS:
        return False  # nearly all that are asked about
    pending: list[tuple[Type, int]] = [(found, 0)]
    count = 0
    while pending:
        part, depth = pending.pop()
        part = resolve(part)
        count += 1
        if count > MAX_PARTS or depth > MAX_NESTING:
            return True
        match part:
            case PointerType(inner) | ArrayType(inner) | OptionType(inner):
                pending.append((inner, depth + 1))
            case TupleType() | ResultType():
                pending += [(inner, depth + 1) for inner in parts_of(part)]
    return False


def offsets_of(found: Type) -> tuple[int, ...]:
    """Return the byte offsets of :func:`parts_of`."""
    return _lay_out_parts(found)[0]


def _lay_out_parts(found: Type) -> tuple[tuple[int, ...], int]:
    """Return the byte offsets of :func:`parts_of`, and where the last one ends.

    Each part is asked once for its size: twice, and a nest of tuples would take time by powers of two.
    """
    found = resolve(found)
    # LLVM has no member without a size that is worth the name: `()` in a Result takes a byte there.
    least = 1 if isinstance(found, ResultType) else 0
    offsets: list[int] = []
    end = 0
    for part in parts_of(found):
        offsets.append(_round_up(end, align_of(part)))
        end = offsets[-1] + max(size_of(part), least)
    return tuple(offsets), end


def size_of(found: Type) -> int:
    """Return the bytes a value takes; 0 for types that have no value."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) is IntType:  # nearly all that are asked for
        return found.bits // 8
    match found:
        case IntType(bits=bits):
            return bits // 8
        case PointerType():
            return 8
        case ArrayType(element, length):
            return size_of(element) * length
        case StructType() as struct:
            return max(struct.size, 0)
        case OptionType(inner) as option:
            if is_nullable_pointer(option):
                return 8
            align = align_of(inner)
            return _round_up(size_of(inner) + align, align)
        case ResultType() | TupleType() as parts:
            return _round_up(_lay_out_parts(parts)[1], align_of(parts))
        case HelperType():
            return 8
        case EnumType() as enum:
            return enum.repr.bits // 8
        case NamedType() as named:
            return {BOOL: 1, CHAR: 4, C_VOID: 1}.get(named, 0)
        case InferVar():
            return 4


def align_of(found: Type) -> int:
    """Return the alignment in bytes."""
    if type(found) is InferVar:
        found = resolve(found)
    if type(found) is IntType:
        return found.bits // 8
    match found:
        case ArrayType(element):
            return align_of(element)
        case StructType() as struct:
            return struct.align
        case OptionType(inner):
            return align_of(inner)
        case ResultType() | TupleType() as parts:
            return max((align_of(part) for part in parts_of(parts)), default=1)
        case other:
            return max(size_of(other), 1)


def _round_up(value: int, align: int) -> int:
    return -(-value // align) * align


def struct_of_tuple(found: TupleType) -> StructType:
    """Return a tuple as a struct with fields ``0``, ``1``, which a query can walk.

    What takes no room has no member in debug info, so it is left out and not counted.
    """
    struct = StructType(format_type(found), Span(0, 0), False, None)  # type: ignore[arg-type]
    struct.tuple = found
    for number, (element, offset) in enumerate(zip(found.elements, offsets_of(found), strict=True)):
        if size_of(element):
            index = len(struct.fields)
            field = Field(str(number), struct.span, format_type(element), element, index)
            field.byte_offset = offset
            struct.fields.append(field)
    struct.size, struct.align = size_of(found), align_of(found)
    return struct


def _library_struct(name: str) -> StructType:
    """Return a struct of ``core`` without fields; it is laid out, so nothing asks for its syntax."""
    struct = StructType(name, Span(0, 0), False, None)  # type: ignore[arg-type]
    struct.derives = frozenset(["Clone", "Copy", "Debug", "PartialEq", "Eq"])
    struct.lay_out()
    return struct


TRY_FROM_INT_ERROR = _library_struct("TryFromIntError")
"""``core::num::TryFromIntError``."""
INFALLIBLE = _library_struct("Infallible")
"""``core::convert::Infallible``, of which there is no value."""
