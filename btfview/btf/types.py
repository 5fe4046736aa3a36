"""BTF types as small records, taken apart with ``match``.

Every record has an ``id``, which means something in one :class:`~btfview.btf.reader.Btf` only, and a
``kind``. Types refer to each other by id, so that nothing is decoded before it is asked for.
"""

from __future__ import annotations

from btfview.frozen import frozen

from .kinds import BtfKind

INT_SIGNED = 1
INT_CHAR = 2
INT_BOOL = 4


@frozen
class Void:
    id: int = 0
    name = ""
    kind = BtfKind.VOID


@frozen
class Int:
    id: int
    name: str
    byte_size: int
    encoding: int
    """A sum of INT_SIGNED, INT_CHAR and INT_BOOL; kernels set one at most."""
    bit_offset: int
    """Old-style bitfields only (before kernel 4.20); else 0."""
    bits: int
    kind = BtfKind.INT

    @property
    def is_signed(self) -> bool:
        return bool(self.encoding & INT_SIGNED)


@frozen
class Ptr:
    id: int
    type_id: int
    name = ""
    kind = BtfKind.PTR


@frozen
class Array:
    id: int
    type_id: int
    """Type of the elements."""
    index_type_id: int
    length: int
    """Elements; 0 for a flexible array."""
    name = ""
    kind = BtfKind.ARRAY


@frozen
class Member:
    name: str
    """Empty for an anonymous struct or union."""
    type_id: int
    bit_offset: int
    """From the start of the struct."""
    bitfield_size: int
    """Bits; 0 for a member that is no bitfield (or an old-style one, whose Int then has the bits)."""


@frozen
class Struct:
    """A struct or a union, as ``kind`` says."""

    id: int
    name: str
    kind: BtfKind
    byte_size: int
    members: tuple[Member, ...]
    kind_flag: bool
    """Whether member offsets are stored with bitfield sizes."""

    @property
    def is_union(self) -> bool:
        return self.kind == BtfKind.UNION


@frozen
class Enumerator:
    name: str
    value: int
    """Signed where the enum is."""


@frozen
class Enum:
    """An enum of 32 or fewer bits (ENUM) or of 64 (ENUM64), as ``kind`` says."""

    id: int
    name: str
    kind: BtfKind
    byte_size: int
    enumerators: tuple[Enumerator, ...]
    is_signed: bool


@frozen
class Fwd:
    id: int
    name: str
    is_union: bool
    kind = BtfKind.FWD


@frozen
class Typedef:
    id: int
    name: str
    type_id: int
    kind = BtfKind.TYPEDEF


@frozen
class Modifier:
    """const, volatile, restrict, or a type tag (which alone has a name)."""

    id: int
    name: str
    kind: BtfKind
    type_id: int
    kind_flag: bool
    """Of a type tag: it is a compiler attribute, not a ``btf_type_tag``."""


@frozen
class Func:
    id: int
    name: str
    type_id: int
    """A FuncProto."""
    linkage: int
    """0 static, 1 global, 2 extern."""
    kind = BtfKind.FUNC


@frozen
class Param:
    name: str
    type_id: int
    """0 with an empty name as the last parameter: ``...``."""


@frozen
class FuncProto:
    id: int
    type_id: int
    """Type of the result; 0 for void."""
    params: tuple[Param, ...]
    name = ""
    kind = BtfKind.FUNC_PROTO


@frozen
class Var:
    id: int
    name: str
    type_id: int
    linkage: int
    """0 static, 1 global, 2 extern."""
    kind = BtfKind.VAR


@frozen
class DatasecVar:
    type_id: int
    """A Var, or a Func for extern functions."""
    byte_offset: int
    byte_size: int


@frozen
class Datasec:
    id: int
    name: str
    byte_size: int
    variables: tuple[DatasecVar, ...]
    kind = BtfKind.DATASEC


@frozen
class Float:
    id: int
    name: str
    byte_size: int
    kind = BtfKind.FLOAT


@frozen
class DeclTag:
    id: int
    name: str
    type_id: int
    component_index: int
    """Member or parameter that is tagged; -1 for the declaration itself."""
    kind_flag: bool
    """It is a compiler attribute, not a ``btf_decl_tag``."""
    kind = BtfKind.DECL_TAG


@frozen
class Unknown:
    """A kind newer than btfview, skipped by the sizes that the file's layout section gives."""

    id: int
    name: str
    kind_number: int
    kind = BtfKind.VOID


BtfType = (
    Void
    | Int
    | Ptr
    | Array
    | Struct
    | Enum
    | Fwd
    | Typedef
    | Modifier
    | Func
    | FuncProto
    | Var
    | Datasec
    | Float
    | DeclTag
    | Unknown
)
