"""Types as btfview's own JSON: one object a type, with what a program needs of a layout already worked out.

``schema_version`` 1::

    {"schema_version": 1, "file": "vmlinux.btf", "endian": "little", "pointer_size": 8, "types": [
      {"id": 7, "kind": "struct", "name": "list_head", "byte_size": 16, "members": [
         {"name": "next", "type_id": 8, "type": "struct list_head *",
          "bit_offset": 0, "bit_size": 64, "is_bitfield": false, "hole_bits_after": 0}],
       "padding_bits": 0}]}

Every type has ``id``, ``kind`` (as :attr:`BtfKind.label`) and ``name`` (empty if it has none). Beyond that:

============================ =================================================================
struct, union                byte_size, members, padding_bits; a member that is shown expanded
                             has ``members`` itself, their offsets count from the outermost
int                          byte_size, bits, bit_offset, encoding (unsigned signed char bool)
float, datasec               byte_size; datasec: variables (type_id, type, name, byte_offset, byte_size)
enum, enum64                 byte_size, is_signed, values (name, value)
array                        type_id, type, index_type_id, length
ptr typedef const volatile   type_id, type
restrict type_tag
func, var                    type_id, type, linkage (static global extern)
func_proto                   return_type_id, return_type, params (name, type_id, type)
fwd                          is_union
decl_tag                     type_id, component_index (-1: the type itself)
============================ =================================================================

``type`` is C's spelling. In a list without layouts a type has id, kind, name and byte_size (null for
what has no size) only. Fields may be added; none is removed or changes its meaning within a version.
"""

from __future__ import annotations

from json import dumps

from btfview.btf import types as t
from btfview.btf.holes import HoleFinder
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from .spelling import format_type, name_or_invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from btfview.btf.reader import Btf

SCHEMA_VERSION = 1
_MAX_MEMBERS = 20_000
"""After so many, nothing more is expanded; the largest struct of a kernel has 3,000, expanded."""
_NESTED_A_WORD = 4
"""The same for all types together, beside the first so many: members shown inside others, for each word of
the type section. With --expand, a kernel has one for six words."""
_MAX_DEPTH = 16
_LINKAGES = {0: "static", 1: "global", 2: "extern"}
_ENCODINGS = {0: "unsigned", t.INT_SIGNED: "signed", t.INT_CHAR: "char", t.INT_BOOL: "bool"}


def format_json(btf: Btf, file: str, type_ids: Iterable[int], *, is_expanded: bool = False) -> Iterator[str]:
    """Yield the JSON of *type_ids* in pieces, a type a line; of one whose record is damaged its id and an
    ``error``."""
    maker = _Maker(btf, is_expanded)
    return _document(btf, file, map(maker.type, type_ids))


def format_json_list(btf: Btf, file: str, type_ids: Iterable[int]) -> Iterator[str]:
    """Yield the JSON of a list: of each type id, kind, name and size."""
    return _document(btf, file, (_summary(btf, type_id) for type_id in type_ids))


def byte_size_or_none(btf: Btf, type_id: int) -> int | None:
    """Return ``sizeof`` a type; None for one without (a function, a forward declaration)."""
    try:
        return btf.byte_size(type_id)
    except BtfFormatError:
        return None


def _document(btf: Btf, file: str, types: Iterator[dict[str, Any]]) -> Iterator[str]:
    endian = "little" if btf.is_little_endian else "big"
    head = {
        "schema_version": SCHEMA_VERSION,
        "file": file,
        "endian": endian,
        "pointer_size": btf.pointer_size,
    }
    yield dumps(head)[:-1] + ', "types": ['
    before = "\n "
    for item in types:
        yield before + dumps(item)
        before = ",\n "
    yield "\n]}\n"


def _summary(btf: Btf, type_id: int) -> dict[str, Any]:
    return {
        "id": type_id,
        "kind": btf.kind(type_id).label,
        "name": name_or_invalid(btf, type_id),
        "byte_size": byte_size_or_none(btf, type_id),
    }


class _Maker:
    def __init__(self, btf: Btf, is_expanded: bool) -> None:
        self._btf = btf
        self._is_expanded = is_expanded
        self._finder = HoleFinder(btf)
        self._members_left = _MAX_MEMBERS
        self._nested_left = _MAX_MEMBERS + _NESTED_A_WORD * len(btf.records()[0])
        self._open: list[int] = []

    def type(self, type_id: int) -> dict[str, Any]:
        """Return the object of one type."""
        try:
            found = self._btf.type(type_id)
        except BtfFormatError as error:
            return {"id": type_id, "kind": "damaged", "name": "", "error": str(error)}
        kind = f"unknown_{found.kind_number}" if isinstance(found, t.Unknown) else found.kind.label
        return {"id": type_id, "kind": kind, "name": found.name, **self._details(found)}

    def _details(self, found: t.BtfType) -> dict[str, Any]:
        match found:
            case t.Struct():
                self._members_left = _MAX_MEMBERS
                padding = self._padding_bits(found)
                return {
                    "byte_size": found.byte_size,
                    "members": self._members(found, 0),
                    "padding_bits": padding,
                }
            case t.Int():
                encoding = _ENCODINGS.get(found.encoding, str(found.encoding))
                places = {"byte_size": found.byte_size, "bits": found.bits, "bit_offset": found.bit_offset}
                return {**places, "encoding": encoding}
            case t.Enum():
                values = [{"name": one.name, "value": one.value} for one in found.enumerators]
                return {"byte_size": found.byte_size, "is_signed": found.is_signed, "values": values}
            case t.Float():
                return {"byte_size": found.byte_size}
            case t.Array():
                places = {"index_type_id": found.index_type_id, "length": found.length}
                return {**self._referred(found.type_id), **places}
            case t.Ptr() | t.Typedef() | t.Modifier():
                return self._referred(found.type_id)
            case t.Func() | t.Var():
                linkage = _LINKAGES.get(found.linkage, str(found.linkage))
                return {**self._referred(found.type_id), "linkage": linkage}
            case t.FuncProto():
                params = [{"name": one.name, **self._referred(one.type_id)} for one in found.params]
                text = format_type(self._btf, found.type_id)
                return {"return_type_id": found.type_id, "return_type": text, "params": params}
            case t.Fwd():
                return {"is_union": found.is_union}
            case t.DeclTag():
                return {"type_id": found.type_id, "component_index": found.component_index}
            case t.Datasec():
                return {"byte_size": found.byte_size, "variables": self._variables(found)}
            case _:
                return {}

    def _referred(self, type_id: int) -> dict[str, Any]:
        return {"type_id": type_id, "type": format_type(self._btf, type_id)}

    def _variables(self, section: t.Datasec) -> list[dict[str, Any]]:
        return [
            {
                "name": self._name(one.type_id),
                **self._referred(one.type_id),
                "byte_offset": one.byte_offset,
                "byte_size": one.byte_size,
            }
            for one in section.variables
        ]

    def _name(self, type_id: int) -> str:
        try:
            return self._btf.name(type_id)
        except BtfFormatError:
            return ""

    def _padding_bits(self, struct: t.Struct) -> int:
        holes = self._finder.holes(struct)
        return holes.padding * 8 + holes.bit_padding

    def _members(self, struct: t.Struct, base: int) -> list[dict[str, Any]]:
        places = self._finder.holes(struct).places
        self._open.append(struct.id)
        self._members_left -= len(places)
        if len(self._open) > 1:
            self._nested_left -= len(places)
        made = []
        for member, place in zip(struct.members, places, strict=True):
            one = {
                "name": member.name,
                **self._referred(member.type_id),
                "bit_offset": base + place.bit_offset,
                "bit_size": place.bitfield_size or place.byte_size * 8,
                "is_bitfield": bool(place.bitfield_size),
                "hole_bits_after": place.hole * 8 + place.bit_hole,
            }
            if inner := self._shown(member):
                one["members"] = self._members(inner, base + place.bit_offset)
            made.append(one)
        self._open.pop()
        return made

    def _shown(self, member: t.Member) -> t.Struct | None:
        """Return the struct to be shown inside: any with --expand, else one without a name."""
        if len(self._open) > _MAX_DEPTH or min(self._members_left, self._nested_left) <= 0:
            return None
        try:
            inner = self._btf.skip_modifiers(member.type_id)
        except BtfFormatError:  # its own "type" says so
            return None
        if not isinstance(inner, t.Struct) or inner.id in self._open:
            return None
        return inner if self._is_expanded or not inner.name else None
