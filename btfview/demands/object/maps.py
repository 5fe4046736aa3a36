"""The maps of an object, as libbpf makes them: those of ``.maps``, and those of struct_ops.

libbpf: ``bpf_object__init_user_btf_maps``, ``parse_btf_map_def``, ``init_struct_ops_maps``.
"""

from __future__ import annotations

from btfview.bpf.elf import STT_SECTION
from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.object import BpfObject

MAPS = ".maps"
STRUCT_OPS_SECTIONS = (".struct_ops", ".struct_ops.link", "?.struct_ops", "?.struct_ops.link")
_NUMBERS = ("type", "max_entries", "map_flags", "key_size", "value_size", "map_extra")
_FIELDS = frozenset([*_NUMBERS, "numa_node", "pinning", "key", "value", "values"])
"""What libbpf knows of a map; another field ends the load (``parse_btf_map_def``)."""


@frozen
class MapDef:
    """A map of ``.maps``."""

    name: str
    type_number: int
    flags: int
    max_entries: int
    key_size: int
    value_size: int
    extra: int
    value_type_id: int
    """In the object's BTF; 0 where only its size is given."""
    inner: MapDef | None = None
    """Of a map of maps."""
    unknown_field: str = ""
    """The first field that is none of a map's; empty for none."""


@frozen
class OpsMember:
    """A member of a struct_ops map's struct."""

    name: str
    type_id: int
    byte_offset: int
    program: str
    """The program that it points to; empty for none, and for data."""


@frozen
class OpsMap:
    """A struct_ops map."""

    name: str
    section: str
    type_id: int
    """The struct, in the object's BTF."""
    type_name: str
    members: tuple[OpsMember, ...]
    data: bytes
    """What the program says is in it, pointers not filled in."""

    @property
    def is_optional(self) -> bool:
        return self.section.startswith("?")

    @property
    def has_link(self) -> bool:
        return self.section.endswith(".link")


def read_maps(obj: BpfObject) -> tuple[MapDef, ...]:
    """Return the maps that the object defines in ``.maps``; one that is malformed is left out."""
    found: list[MapDef] = []
    for variable, _ in _variables(obj, MAPS):
        try:
            struct = obj.btf.skip_modifiers(variable.type_id)
            if isinstance(struct, t.Struct):
                found.append(_read_map(obj, variable.name, struct))
        except BtfFormatError:
            continue
    return tuple(found)


def _read_map(obj: BpfObject, name: str, struct: t.Struct, depth: int = 0) -> MapDef:
    btf = obj.btf
    numbers = dict.fromkeys(_NUMBERS, 0)
    value_type_id, inner = 0, None
    for member in struct.members:
        behind = btf.skip_modifiers(member.type_id)
        if member.name in numbers:
            numbers[member.name] = _number(obj, behind)
        elif member.name == "key" and isinstance(behind, t.Ptr):
            numbers["key_size"] = btf.byte_size(behind.type_id)
        elif member.name == "value" and isinstance(behind, t.Ptr):
            numbers["value_size"] = btf.byte_size(behind.type_id)
            value_type_id = btf.skip_modifiers(behind.type_id).id
        elif member.name == "values" and isinstance(behind, t.Array):
            numbers["value_size"] = 4  # a descriptor
            pointer = btf.skip_modifiers(behind.type_id)
            if isinstance(pointer, t.Ptr) and not depth:
                pointee = btf.skip_modifiers(pointer.type_id)
                if isinstance(pointee, t.Struct):
                    inner = _read_map(obj, f"{name}.inner", pointee, depth + 1)
    return MapDef(
        name,
        numbers["type"],
        numbers["map_flags"],
        numbers["max_entries"],
        numbers["key_size"],
        numbers["value_size"],
        numbers["map_extra"],
        value_type_id,
        inner,
        next((member.name or "(nameless)" for member in struct.members if member.name not in _FIELDS), ""),
    )


def _number(obj: BpfObject, behind: t.BtfType) -> int:
    """Return the number in ``int (*name)[N]`` (libbpf: ``get_map_field_int``), or in ``__ulong``'s enum."""
    if isinstance(behind, t.Ptr):
        array = obj.btf.skip_modifiers(behind.type_id)
        return array.length if isinstance(array, t.Array) else 0
    if isinstance(behind, t.Enum) and behind.enumerators:
        return behind.enumerators[0].value
    return 0


def read_ops_maps(obj: BpfObject) -> tuple[OpsMap, ...]:
    """Return the struct_ops maps of the object."""
    found: list[OpsMap] = []
    for section in STRUCT_OPS_SECTIONS:
        elf_section = obj.elf.section(section)
        if elf_section is None:
            continue
        raw = obj.elf.bytes_of(elf_section)
        programs = dict(_ops_programs(obj, section))
        for variable, place in _variables(obj, section):
            struct = obj.btf.skip_modifiers(variable.type_id)
            if not isinstance(struct, t.Struct):
                continue
            start = place.byte_offset
            members = tuple(
                OpsMember(
                    member.name,
                    member.type_id,
                    member.bit_offset // 8,
                    programs.get(start + member.bit_offset // 8, ""),
                )
                for member in struct.members
            )
            data = raw[start : start + struct.byte_size]
            found.append(OpsMap(variable.name, section, struct.id, struct.name, members, data))
    return tuple(found)


def _ops_programs(obj: BpfObject, section: str) -> Iterator[tuple[int, str]]:
    """Yield where a struct_ops section points to a program, and its name (libbpf:
    ``bpf_object__collect_st_ops_relos``)."""
    elf_section = obj.elf.section(section)
    assert elf_section is not None
    symbols = obj.elf.symbols()
    raw = obj.elf.bytes_of(elf_section)
    for relocation in obj.elf.relocations(elf_section):
        if relocation.symbol_index >= len(symbols):
            continue
        symbol = symbols[relocation.symbol_index]
        if not 0 < symbol.section_index < len(obj.elf.sections):
            continue
        target = obj.elf.sections[symbol.section_index].name
        start = symbol.value
        if symbol.type == STT_SECTION:
            addend = raw[relocation.offset : relocation.offset + 8]
            start += int.from_bytes(addend, "little" if obj.is_little_endian else "big")
        function = obj.function_at(target, start)
        if function:
            yield relocation.offset, function.name


def _variables(obj: BpfObject, section: str) -> Iterator[tuple[t.Var, t.DatasecVar]]:
    for type_id in obj.btf.ids_named(section):
        if obj.btf.kind(type_id) != BtfKind.DATASEC:
            continue
        datasec = obj.btf.type(type_id)
        assert isinstance(datasec, t.Datasec)
        offsets = _symbol_offsets(obj, section)
        for place in datasec.variables:
            variable = obj.btf.type(place.type_id)
            if isinstance(variable, t.Var):
                # The compiler leaves 0 for offsets in DATASEC; libbpf fills them in (btf_fixup_datasec).
                at = offsets.get(variable.name, place.byte_offset)
                yield variable, t.DatasecVar(place.type_id, at, place.byte_size)


def _symbol_offsets(obj: BpfObject, section: str) -> dict[str, int]:
    elf_section = obj.elf.section(section)
    if elf_section is None:
        return {}
    return {
        symbol.name: symbol.value
        for symbol in obj.elf.symbols()
        if symbol.section_index == elf_section.index and symbol.name
    }
