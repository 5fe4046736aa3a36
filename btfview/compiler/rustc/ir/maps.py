"""Maps as aya-ebpf writes them, made such that libbpf knows them.

aya puts a ``struct bpf_map_def``, seven integers, into the section ``maps``, which libbpf has refused since
1.0. It reads a map from the type of a variable in ``.maps``: an integer there is the length of an array
behind a pointer (libbpf: ``parse_btf_map_def``).
"""

from __future__ import annotations

import re
import struct

from .questions import bytes_of

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .metadata import Metadata

LEGACY = 'section "maps"'
_FIELDS = ("type", "key_size", "value_size", "max_entries", "map_flags", "id", "pinning")
_POINTER = 64


def is_legacy_map(line: str) -> bool:
    return LEGACY in line


def as_btf_map(line: str, metadata: Metadata, unit: str) -> str:
    """Return the global of a ``bpf_map_def`` as one that says the same by its type.

    Raises:
        ValueError: its value is no ``bpf_map_def``.
    """
    name = line[1:].partition(" = ")[0].strip('"')
    data = b"".join(bytes_of(text) for text in re.findall(r'c"[^"]*"', line.partition(LEGACY)[0]))
    if len(data) < 20:
        raise ValueError(f"the map `{name}` is no `bpf_map_def`")
    values = struct.unpack("<7I", data[:28].ljust(28, b"\0"))
    number = metadata.add('!DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)')
    members: list[str] = []
    for field, value in zip(_FIELDS, values, strict=True):
        if not value or field == "id":
            continue
        count = metadata.add(f"!{{{metadata.add(f'!DISubrange(count: {value})')}}}")
        array = metadata.add(
            f"!DICompositeType(tag: DW_TAG_array_type, baseType: {number}, size: {value * 32}, "
            f"elements: {count})"
        )
        pointer = metadata.add(
            f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: {array}, size: {_POINTER})"
        )
        members.append(
            metadata.add(
                f'!DIDerivedType(tag: DW_TAG_member, name: "{field}", baseType: {pointer}, size: {_POINTER}, '
                f"offset: {len(members) * _POINTER})"
            )
        )
    elements = metadata.add(f"!{{{', '.join(members)}}}")
    size = len(members) * _POINTER
    kind = metadata.add(
        f'distinct !DICompositeType(tag: DW_TAG_structure_type, name: "{name}_def", size: {size}, '
        f"elements: {elements})"
    )
    variable = metadata.add(
        f'distinct !DIGlobalVariable(name: "{name}", scope: {unit}, type: {kind}, isLocal: false, '
        "isDefinition: true)"
    )
    expression = metadata.add(f"!DIGlobalVariableExpression(var: {variable}, expr: !DIExpression())")
    pointers = ", ".join(["ptr"] * len(members))
    spelled = line.partition(" = ")[0]
    return (
        f'{spelled} = dso_local global {{ {pointers} }} zeroinitializer, section ".maps", align 8, '
        f"!dbg {expression}"
    )
