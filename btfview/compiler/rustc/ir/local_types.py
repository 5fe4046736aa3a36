"""Types of the user's variables and structs, as rustc's debug info has them."""

from __future__ import annotations

from btfview.frozen import frozen

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .metadata import Metadata, Node

_RECORDS = ("DW_TAG_structure_type", "DW_TAG_union_type")


@frozen
class LocalType:
    struct: str
    """Name of the struct that it is, or that it points to; empty for other types."""
    is_pointer: bool
    shown: str
    """``*mut xdp_md``, as people write it."""


@frozen
class StructLayout:
    byte_size: int
    offsets: dict[str, int]
    """Bytes, by field."""


def local_types(metadata: Metadata, files: Mapping[str, str]) -> dict[tuple[str, int, str], LocalType]:
    """Return the types of variables by file, line and name; *files* has the user's by their nodes."""
    found: dict[tuple[str, int, str], LocalType] = {}
    for reference in metadata.of_kind("DILocalVariable"):
        node = metadata.node(reference)
        if node is not None and (file := files.get(node.get("file"))) is not None:
            place = (file, node.number("line"), node.string("name"))
            found[place] = type_of(metadata, node.get("type"))
    return found


def type_of(metadata: Metadata, reference: str) -> LocalType:
    node = metadata.node(reference)
    if node is None:
        return LocalType("", False, "")
    shown = _without_paths(node.string("name"))
    if node.get("tag") == "DW_TAG_pointer_type":
        behind = metadata.node(node.get("baseType"))
        return LocalType(_struct_name(behind), True, shown)
    return LocalType(_struct_name(node), False, shown)


def struct_layouts(metadata: Metadata) -> dict[str, StructLayout]:
    """Return where the fields of each struct are, by its name."""
    found: dict[str, StructLayout] = {}
    for reference in metadata.of_kind("DICompositeType"):
        node = metadata.node(reference)
        if node is None or node.get("tag") not in _RECORDS:
            continue
        members = [metadata.node(one) for one in metadata.items(node.get("elements"))]
        offsets = {one.string("name"): one.number("offset") // 8 for one in members if one is not None}
        found.setdefault(node.string("name"), StructLayout(node.number("size") // 8, offsets))
    return found


def _struct_name(node: Node | None) -> str:
    if node is None or node.kind != "DICompositeType" or node.get("tag") not in _RECORDS:
        return ""
    return node.string("name")


def _without_paths(name: str) -> str:
    words = name.split(" ")
    return " ".join(word.rpartition("::")[2] for word in words)
