"""What ``bpftool -j btf dump`` prints, and btfview's types in the same words."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind

_LINKAGES = {0: "static", 1: "global", 2: "extern"}
_ENCODINGS = {0: "(none)", t.INT_SIGNED: "SIGNED", t.INT_CHAR: "CHAR", t.INT_BOOL: "BOOL"}


def bpftool_types(path: Path, *, base: Path | None = None) -> list[dict[str, Any]]:
    """Return the types of a file as bpftool prints them; of a split BTF its own ones only."""
    options = ["-B", str(base)] if base else []
    command = ["bpftool", "-j", *options, "btf", "dump", "file", str(path)]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    types: list[dict[str, Any]] = json.loads(printed)["types"]
    return types


def as_bpftool(item: t.BtfType) -> dict[str, Any]:
    """Return one type as ``dump_btf_type`` in bpftool's btf.c prints it."""
    head = {"id": item.id, "kind": BtfKind(item.kind).name, "name": item.name or "(anon)"}
    return head | _details(item)


def _enum_value(enum: t.Enum, value: int) -> int:
    """bpftool prints an unsigned 32-bit value from 2**31 on with its sign extended to 64 bits."""
    is_extended = enum.kind == BtfKind.ENUM and value >= 1 << 31
    return value + (0xFFFF_FFFF << 32) if is_extended else value


def _details(item: t.BtfType) -> dict[str, Any]:
    match item:
        case t.Int():
            return {
                "size": item.byte_size,
                "bits_offset": item.bit_offset,
                "nr_bits": item.bits,
                "encoding": _ENCODINGS.get(item.encoding, "UNKN"),
            }
        case t.Struct():
            members = [
                {"name": m.name or "(anon)", "type_id": m.type_id, "bits_offset": m.bit_offset}
                | ({"bitfield_size": m.bitfield_size} if m.bitfield_size else {})
                for m in item.members
            ]
            return {"size": item.byte_size, "vlen": len(members), "members": members}
        case t.Enum():
            values = [{"name": one.name, "val": _enum_value(item, one.value)} for one in item.enumerators]
            encoding = "SIGNED" if item.is_signed else "UNSIGNED"
            return {"encoding": encoding, "size": item.byte_size, "vlen": len(values), "values": values}
        case t.Array():
            return {
                "type_id": item.type_id,
                "index_type_id": item.index_type_id,
                "nr_elems": item.length,
            }
        case t.Fwd():
            return {"fwd_kind": "union" if item.is_union else "struct"}
        case t.Func() | t.Var():
            return {"type_id": item.type_id, "linkage": _LINKAGES[item.linkage]}
        case t.FuncProto():
            params = [{"name": one.name or "(anon)", "type_id": one.type_id} for one in item.params]
            return {"ret_type_id": item.type_id, "vlen": len(params), "params": params}
        case t.Datasec():
            places = [
                {"type_id": one.type_id, "offset": one.byte_offset, "size": one.byte_size}
                for one in item.variables
            ]
            return {"size": item.byte_size, "vlen": len(places), "vars": places}
        case t.Float():
            return {"size": item.byte_size}
        case t.DeclTag():
            return {"type_id": item.type_id, "component_idx": item.component_index}
        case t.Ptr() | t.Typedef() | t.Modifier():
            return {"type_id": item.type_id}
        case t.Void() | t.Unknown():
            raise AssertionError(item)
