"""Which definitions of maps cilium/ebpf takes (``loadMaps``, ``loadBTFMaps``, ``mapSpecFromBTF``)."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.access_spec import RefusedError
from btfview.frozen import TYPE_CHECKING

from .elf_sections import BTF_MAPS, FUNCTION, MAPS, OBJECT, symbols_of
from .types import size_of

if TYPE_CHECKING:
    from btfview.bpf.elf import Section, Symbol
    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf

_FIELDS = ("type", "key size", "value size", "max entries", "flags")
"""Of a map of the section ``maps``, 4 bytes each."""
_PROGRAM_ARRAY, _ARRAY_OF_MAPS, _HASH_OF_MAPS = 3, 12, 13
"""``BPF_MAP_TYPE_*``."""
_POINTER_SIZE = 8
_NUMBERS = {
    "type": "can't get type",
    "map_flags": "can't get BTF map flags",
    "max_entries": "can't get BTF map max entries",
    "pinning": "can't get pinning",
    "map_extra": "resolving map_extra",
}
"""How an error begins that is about a number of a map's definition."""


def check_maps(obj: BpfObject, kinds: dict[int, str]) -> None:
    """Raise RefusedError for a map of a section ``maps`` that is too short."""
    for index, kind in kinds.items():
        if kind != MAPS:
            continue
        symbols = symbols_of(obj.elf, index)
        if not symbols:
            raise RefusedError(f"load maps: section {obj.elf.sections[index].name}: no symbols")
        for symbol in symbols.values():
            count = symbol.size // 4
            if count < len(_FIELDS):
                raise RefusedError(f"load maps: map {symbol.name}: missing {_FIELDS[count]}")


def check_btf_maps(obj: BpfObject, kinds: dict[int, str]) -> None:
    """Raise RefusedError for a map of ``.maps`` that is not defined as the macros of libbpf do it."""
    for index, kind in kinds.items():
        if kind == BTF_MAPS:
            try:
                _check_section(obj, obj.elf.sections[index])
            except RefusedError as error:
                raise RefusedError(f"load BTF maps: {error}") from error


def _check_section(obj: BpfObject, section: Section) -> None:
    if not obj.has_btf:
        raise RefusedError("missing BTF")
    variables = _variables(obj.btf, section.name)
    symbols = {symbol.name: symbol for symbol in symbols_of(obj.elf, section.index).values()}
    if len(variables) != len(symbols):
        counted = f"{len(symbols)} symbols but {len(variables)} btf.Vars"
        raise RefusedError(f"section {section.name}: contains {counted}")
    data = obj.elf.bytes_of(section)
    for name, variable in variables.items():
        symbol = symbols.get(name)
        if symbol is None:
            raise RefusedError(f"section {section.name}: missing symbol for map {name}")
        if any(data[symbol.value : symbol.value + symbol.size]):
            problem = "initializing BTF map definitions: not supported"
            raise RefusedError(f"section {section.name}: map {name}: {problem}")
        struct = obj.btf.skip_modifiers(variable.type_id)
        if not isinstance(struct, t.Struct):
            raise RefusedError("expected struct, got")
        try:
            _Definition(obj, section, symbol).check(struct)
        except RefusedError as error:
            raise RefusedError(f"map {name}: {error}") from error


def _variables(btf: Btf, section: str) -> dict[str, t.Var]:
    found: dict[str, t.Var] = {}
    for type_id in btf.ids_named(section):
        datasec = btf.type(type_id)
        for place in datasec.variables if isinstance(datasec, t.Datasec) else ():
            variable = btf.type(place.type_id)
            if isinstance(variable, t.Var):
                found[variable.name] = variable
    return found


class _Definition:
    """The definition of a map, member by member. What a member is declared as counts, not what is behind a
    typedef."""

    def __init__(self, obj: BpfObject, section: Section, symbol: Symbol) -> None:
        self._obj = obj
        self._btf = obj.btf
        self._section = section
        self._symbol = symbol

    def check(self, struct: t.Struct, *, is_inner: bool = False) -> None:
        sizes = {"key": 0, "value": 0}
        named: set[str] = set()
        map_type = 0
        for position, member in enumerate(struct.members):
            name, item = member.name, self._btf.type(member.type_id)
            if name == "pinning" and is_inner:
                raise RefusedError("inner maps can't be pinned")
            if name in _NUMBERS:
                number = self._number(item, _NUMBERS[name])
                map_type = number if name == "type" else map_type
            elif name in sizes:
                if sizes[name]:
                    raise RefusedError(f"both {name} and {name}_size given")
                if not isinstance(item, t.Ptr):
                    raise RefusedError(f"{name} type is not a pointer")
                named.add(name)
                sizes[name] = self._size(item.type_id, name)
            elif name in ("key_size", "value_size"):
                what = name.removesuffix("_size")
                if what in named or sizes[what]:
                    raise RefusedError(f"both {what} and {name} given")
                sizes[what] = self._number(item, f"can't get BTF {what} size")
            elif name == "values":
                if position != len(struct.members) - 1:
                    raise RefusedError("'values' must be the last member in a BTF map definition")
                if sizes["value"] not in (0, 4):
                    raise RefusedError("value_size must be 0 or 4")
                self._check_values(item, member.bit_offset // 8, map_type, is_inner=is_inner)
            else:
                raise RefusedError(f"unrecognized field {name} in BTF map definition")

    def _number(self, item: t.BtfType, what: str) -> int:
        """Return the number of ``int (*name)[N]``, or of an enum (cilium/ebpf: ``uintFromBTF``)."""
        if isinstance(item, t.Enum):
            if not item.enumerators:
                raise RefusedError(f"{what}: enum has no values")
            return item.enumerators[0].value
        if not isinstance(item, t.Ptr):
            raise RefusedError(f"{what}: not a pointer or enum")
        array = self._btf.type(item.type_id)
        if not isinstance(array, t.Array):
            raise RefusedError(f"{what}: not a pointer to array")
        return array.length

    def _size(self, type_id: int, what: str) -> int:
        try:
            return size_of(self._btf, type_id)
        except RefusedError as error:
            raise RefusedError(f"can't get size of BTF {what}: {error}") from error

    def _check_values(self, item: t.BtfType, offset: int, map_type: int, *, is_inner: bool) -> None:
        pointer = self._btf.type(item.type_id) if isinstance(item, t.Array) else None
        if not isinstance(pointer, t.Ptr):
            what = "not an array of pointers" if isinstance(item, t.Array) else "not an array"
            raise RefusedError(f"can't resolve type of member 'values': {what}")
        pointee = self._btf.type(pointer.type_id)
        if isinstance(pointee, t.Struct) and pointee.kind == BtfKind.STRUCT:
            if map_type not in (_ARRAY_OF_MAPS, _HASH_OF_MAPS):
                raise RefusedError("outer map needs to be an array or a hash of maps")
            if is_inner:
                raise RefusedError("nested inner maps are not supported")
            try:
                self.check(pointee, is_inner=True)
            except RefusedError as error:
                raise RefusedError(f"can't parse BTF map definition of inner map: {error}") from error
        elif isinstance(pointee, t.FuncProto):
            if map_type != _PROGRAM_ARRAY:
                raise RefusedError("map needs to be a program array")
        else:
            raise RefusedError("unsupported value type")
        self._check_contents(offset)

    def _check_contents(self, offset: int) -> None:
        """Entries must name maps and functions by symbols of their own, so that no static program can be one
        (cilium/ebpf: ``resolveBTFValuesContents``)."""
        if offset > self._symbol.size:
            raise RefusedError(
                f"resolving values contents: member offset {offset} exceeds symbol size {self._symbol.size}"
            )
        symbols = self._obj.elf.symbols()
        start, end = self._symbol.value + offset, self._symbol.value + self._symbol.size
        for relocation in self._obj.elf.relocations(self._section):
            is_entry = start <= relocation.offset < end and not (relocation.offset - start) % _POINTER_SIZE
            if not is_entry or relocation.symbol_index >= len(symbols):
                continue
            if symbols[relocation.symbol_index].type not in (FUNCTION, OBJECT):
                raise RefusedError("resolving values contents: unknown relocation type")
