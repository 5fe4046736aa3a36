"""Which definitions of maps aya takes (aya: ``parse_map_def``, ``parse_btf_map_struct``)."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.access_spec import RefusedError
from btfview.frozen import TYPE_CHECKING

from .types import size_of

if TYPE_CHECKING:
    from btfview.bpf.elf import Section
    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf

_OLD_MAP_BYTES = 20
_NUMBERS = frozenset(("type", "key_size", "value_size", "max_entries", "map_flags", "map_extra", "pinning"))
_UNEXPECTED = "BTF error: unexpected BTF type id"


def check_old_maps(obj: BpfObject, section: Section) -> None:
    """Raise RefusedError for a map of a section ``maps`` that is too short."""
    symbols = [symbol for symbol in obj.elf.symbols() if symbol.section_index == section.index]
    if not symbols:
        raise RefusedError(f"no symbols found in the {section.name} section")
    for symbol in symbols:
        if symbol.size < _OLD_MAP_BYTES:
            raise RefusedError(f"error parsing map `{symbol.name}`")


def check_btf_maps(obj: BpfObject, section: Section) -> None:
    """Raise RefusedError for a map of ``.maps`` that is not defined as the macros of libbpf do it. Fields
    that aya does not know it passes over."""
    if not obj.has_btf:
        raise RefusedError("no BTF parsed for object")
    names = {symbol.name for symbol in obj.elf.symbols() if symbol.section_index == section.index}
    if not names:
        raise RefusedError(f"no symbols found in the {section.name} section")
    btf = obj.btf
    for type_id in btf.ids_named(section.name):
        datasec = btf.type(type_id)
        for place in datasec.variables if isinstance(datasec, t.Datasec) else ():
            variable = btf.type(place.type_id)
            struct = btf.skip_modifiers(variable.type_id) if isinstance(variable, t.Var) else None
            if not _is_struct(struct):
                raise RefusedError(_UNEXPECTED)
            assert isinstance(struct, t.Struct)
            _check_struct(btf, struct, variable.name, is_inner=False)
            if variable.name not in names:
                raise RefusedError(f"symbol with name {variable.name} not found in the symbols table")


def _is_struct(found: t.BtfType | None) -> bool:
    return found is not None and found.kind == BtfKind.STRUCT


def _check_struct(btf: Btf, struct: t.Struct, name: str, *, is_inner: bool) -> None:
    for member in struct.members:
        item = btf.type(member.type_id)
        if is_inner and member.name == "pinning":
            raise RefusedError(f"BTF error: BTF map `{name}`: inner map definition cannot be pinned")
        if is_inner and member.name == "values":
            raise RefusedError(f"BTF error: BTF map `{name}`: multi-level map-in-map is not supported")
        if member.name in _NUMBERS:
            array = btf.type(item.type_id) if isinstance(item, t.Ptr) else None
            if not isinstance(array, t.Array):
                raise RefusedError(_UNEXPECTED)
        elif member.name in ("key", "value"):
            if not isinstance(item, t.Ptr):
                raise RefusedError(_UNEXPECTED)
            try:
                size_of(btf, item.type_id)
            except RefusedError as error:
                raise RefusedError(f"BTF error: {error}") from error
        elif member.name == "values":
            _check_values(btf, item, name)


def _check_values(btf: Btf, item: t.BtfType, name: str) -> None:
    """``values`` must be of maps: aya has no arrays of programs that are filled in."""
    if not isinstance(item, t.Array):
        raise RefusedError(_UNEXPECTED)
    if item.length:
        raise RefusedError(f"BTF error: BTF map `{name}`: `values` spec is not a zero-sized array")
    pointer = btf.skip_modifiers(item.type_id)
    pointee = btf.skip_modifiers(pointer.type_id) if isinstance(pointer, t.Ptr) else None
    if not _is_struct(pointee):
        raise RefusedError(_UNEXPECTED)
    assert isinstance(pointee, t.Struct)
    _check_struct(btf, pointee, name, is_inner=True)
