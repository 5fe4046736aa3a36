"""rustc's debug info made such that LLVM's BTF writer and the kernel take it.

What they ask (LLVM: BTFDebug.cpp; kernel: ``btf_name_valid_identifier``, ``btf_struct_check_meta``): names
that are C identifiers, members in the order of their offsets, no ``DW_ATE_UTF``, no parts that vary, every
parameter a local variable with its number.
"""

from __future__ import annotations

import re

from .errors import IrError
from .module import Function

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .metadata import Metadata, Node

_NO_WORD = re.compile(r"\W", re.ASCII)
MAX_NAME = 120
"""Characters of a name; older kernels take 127 (``KSYM_NAME_LEN``)."""


def identifier(name: str) -> str:
    """Return *name* as a C identifier.

    >>> identifier("Entity<u64>"), identifier("(u8, u32)"), identifier("task_struct")
    ('Entity_u64_', '_u8__u32_', 'task_struct')
    """
    found = _NO_WORD.sub("_", name)[:MAX_NAME]
    return f"_{found}" if found[:1].isdecimal() else found


def clean_types(metadata: Metadata) -> None:
    """Make every type one that BTF can hold."""
    names: dict[str, list[str]] = {}
    for reference in metadata.of_kind("DICompositeType"):
        node = metadata.node(reference)
        if node is None:
            continue
        if "name" in node.fields:
            plain = identifier(node.string("name"))
            node.fields["name"] = f'"{plain}"'
            names.setdefault(plain, []).append(reference)
        node.fields.pop("templateParams", None)
        node.fields.pop("vtableHolder", None)
        if node.get("tag") in ("DW_TAG_structure_type", "DW_TAG_union_type"):
            _clean_members(metadata, node)
    for reference in metadata.of_kind("DICompositeType"):
        _flatten_array(metadata, reference)
    for reference in metadata.of_kind("DIBasicType"):
        node = metadata.node(reference)
        if node is not None and node.get("encoding") == "DW_ATE_UTF":
            node.fields["encoding"] = "DW_ATE_unsigned"
    for same in names.values():
        if len(same) > 1:
            _tell_apart(metadata, same)


def is_nameless(name: str) -> bool:
    """Return whether bindgen made up *name* for a member that has none in C.

    >>> is_nameless("__bindgen_anon_1"), is_nameless("__bindgen_anon_x")
    (True, False)
    """
    number = name.removeprefix("__bindgen_anon_")
    return number != name and number.isdecimal()


def leave_out_names(metadata: Metadata) -> None:
    """Take the names from members that have none in C, so that the loader looks inside them (libbpf:
    ``bpf_core_parse_spec``)."""
    for reference in metadata.of_kind("DIDerivedType"):
        if "__bindgen_anon_" not in metadata.text(reference):
            continue
        member = metadata.node(reference)
        if member is not None and member.get("tag") == "DW_TAG_member" and is_nameless(member.string("name")):
            member.fields["name"] = '""'


def _flatten_array(metadata: Metadata, reference: str) -> None:
    """Make an array of arrays one of several dimensions, so that LLVM finds an element of an element
    (BPFAbstractMemberAccess::isValidAIChain). What an access walks into is the node of the inner array."""
    node = metadata.node(reference)
    if node is None or node.get("tag") != "DW_TAG_array_type":
        return
    counts, inner = metadata.items(node.get("elements")), metadata.node(node.get("baseType"))
    node.inner = node.get("baseType")
    base = node.inner
    seen = {reference}
    while inner is not None and inner.get("tag") == "DW_TAG_array_type":
        if base in seen:
            raise IrError("an array is of itself", metadata.text(reference))
        seen.add(base)
        # Those that come later in the text are not flat yet, those before are.
        counts += metadata.items(inner.get("elements"))
        base = inner.get("baseType")
        if len(metadata.items(inner.get("elements"))) > 1:
            break
        inner = metadata.node(base)
    if base != node.inner:
        node.fields["baseType"] = base
        node.fields["elements"] = metadata.add(f"!{{{', '.join(counts)}}}")


def _clean_members(metadata: Metadata, node: Node) -> None:
    members = []
    for element in metadata.items(node.get("elements")):
        member = metadata.node(element)
        if member is None or member.kind != "DIDerivedType":
            metadata_list = metadata.add("!{}")
            node.fields["elements"] = metadata_list
            return
        members.append((member.number("offset"), element))
    if members != sorted(members, key=lambda one: one[0]):
        in_order = ", ".join(element for _, element in sorted(members, key=lambda one: one[0]))
        node.fields["elements"] = metadata.add(f"!{{{in_order}}}")
        # The list belongs to one node: LLVM's lists are shared only where they are equal.


def _tell_apart(metadata: Metadata, references: list[str]) -> None:
    """Give structs and unions of one name in different modules a flavor: LLVM knows a record by its root's
    name (BPFAbstractMemberAccess), and so does the loader up to the flavor."""
    seen: dict[str, str] = {}
    by_depth = sorted(references, key=lambda one: len(_path(metadata, one)))
    for reference in by_depth:
        node = metadata.node(reference)
        if node is None or node.get("tag") not in ("DW_TAG_structure_type", "DW_TAG_union_type"):
            continue
        path = "::".join(_path(metadata, reference))
        name = node.string("name")
        if path in seen.values() or not seen:
            seen.setdefault(name, path)
            continue
        between = "_" if "___" in name.strip("_") else "___"
        new = identifier(f"{name}{between}{path.replace('::', '_')}")
        node.fields["name"] = f'"{new}"'


def _path(metadata: Metadata, reference: str) -> list[str]:
    """Return the modules that a type is in, without its crate."""
    node = metadata.node(reference)
    found: list[str] = []
    seen = {reference}
    while node is not None and (scope := node.get("scope")).startswith("!"):
        if scope in seen:
            raise IrError("a type is in itself", metadata.text(reference))
        seen.add(scope)
        node = metadata.node(scope)
        if node is not None:
            found.append(node.string("name"))
    return found[::-1][1:]


def name_function(metadata: Metadata, function: Function) -> None:
    """Give the DISubprogram of an exported *function* its symbol as name, and each parameter a name."""
    node = metadata.node(function.debug) if function.debug else None
    if node is None:
        return
    node.fields["name"] = f'"{function.name}"'
    for field in ("linkageName", "templateParams", "declaration"):
        node.fields.pop(field, None)
    kind = metadata.node(node.get("type"))
    types = metadata.items(kind.get("types")) if kind is not None else []
    named: dict[int, str] = {}
    for reference in metadata.items(node.get("retainedNodes")):
        variable = metadata.node(reference)
        if variable is not None and variable.number("arg"):
            named.setdefault(variable.number("arg"), reference)
    for number in range(1, max(len(types), 1)):
        variable = metadata.node(named[number]) if number in named else None
        name = identifier(variable.string("name")) if variable is not None else f"unused{number - 1}"
        if variable is None:
            named[number] = metadata.add(
                f'!DILocalVariable(name: "{name}", arg: {number}, scope: {function.debug}, '
                f"file: {node.get('file')}, line: {node.get('line')}, type: {types[number]})"
            )
        else:
            variable.fields["name"] = f'"{name}"'
    arguments = ", ".join(named[number] for number in sorted(named))
    node.fields["retainedNodes"] = metadata.add(f"!{{{arguments}}}")
