"""The bundled targets: small, whole in themselves, and true to the kernels they come from."""

from __future__ import annotations

import lzma
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.btf import types as t
from btfview.btf.reader import Btf
from btfview.errors import InputError
from btfview.targets import bundled_kernels
from btfview.targets.bundled_kernels import BUNDLED, FILE, NAMES, bundled_btf, unpack_kernel
from tests.btf.bpftool import bpftool_types
from tests.btf.build import (
    INT,
    VOID,
    array,
    build_btf,
    build_btf_bytes,
    enum,
    enum64,
    func_proto,
    ptr,
    ref,
    struct,
    typedef,
)
from tools.pack_kernels import pack_kernels
from tools.trim_btf import MAX_COMPRESSED, SEEDS, seed_names, trim_btf


def test_the_kernels_are_small_and_all_that_stands_beside_them_is_what_they_are() -> None:
    assert sorted(os.listdir(BUNDLED)) == ["README.md", "kernels.xz"]
    assert os.path.getsize(FILE) <= MAX_COMPRESSED


def test_packed_kernels_come_out_as_they_went_in() -> None:
    # Each kind that is packed by rows of its own, values below zero, and a name that both kernels have.
    first = build_btf_bytes(struct("pair", size=8, a=(INT, 0), b=(INT, 32)), func_proto(INT, far=ptr(INT)))
    second = build_btf_bytes(
        enum("sign", minus=-1, plus=1),
        array(INT, 3),
        typedef("call_t", ptr(func_proto(INT, a=INT))),
        ptr(VOID),
    )
    packed = lzma.decompress(pack_kernels([first, second]))
    assert [unpack_kernel(packed, at, 2) for at in (0, 1)] == [first, second]


def test_a_kind_that_the_file_has_no_place_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"type \[1\] is of kind 19"):
        pack_kernels([build_btf_bytes(enum64("wide", a=1 << 40))])


def test_a_damaged_file_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Cut, of other content, and not there: an error that says what to do."""
    for content, said in (
        (Path(FILE).read_bytes()[:-9], "cannot be read"),
        (lzma.compress(b"\1"), "damaged"),
    ):
        path = tmp_path / "kernels.xz"
        path.write_bytes(content)
        monkeypatch.setattr(bundled_kernels, "FILE", str(path))
        monkeypatch.setattr(bundled_kernels, "_unpacked", [])
        with pytest.raises(InputError, match=said):
            bundled_btf(NAMES[0])
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        bundled_btf(NAMES[0])


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_to_a_type(name: str) -> None:
    btf = Btf(bundled_btf(name))
    for type_id in btf.ids():
        match btf.type(type_id):
            case t.Struct(members=members):
                used = [member.type_id for member in members]
            case t.Ptr(type_id=inner) | t.Typedef(type_id=inner) | t.Modifier(type_id=inner):
                used = [inner]
            case t.Array(type_id=inner, index_type_id=index):
                used = [inner, index]
            case t.FuncProto(type_id=inner, params=params):
                used = [inner, *(param.type_id for param in params)]
            case _:
                used = []
        assert all(0 <= one < btf.type_count for one in used)


@pytest.mark.debian_tool("bpftool", "clang-19")
@pytest.mark.parametrize("name", NAMES)
def test_bpftool_makes_a_header_of_it_that_compiles(name: str, tmp_path: Path) -> None:
    raw, header = tmp_path / "trimmed.btf", tmp_path / "trimmed.h"
    raw.write_bytes(bundled_btf(name))
    with header.open("w") as out:
        subprocess.run(["bpftool", "btf", "dump", "file", raw, "format", "c"], stdout=out, check=True)
    subprocess.run(["clang-19", "-fsyntax-only", "-w", "-x", "c", header], check=True)
    assert "struct task_struct {" in header.read_text()


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize("name", ["5.10.0-46-amd64", "6.1.0-56-amd64"])  # pahole 1.24 knows no newer kinds
def test_pahole_prints_seeds_as_in_the_whole_kernel(
    name: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    raw = tmp_path / "trimmed.btf"
    raw.write_bytes(bundled_btf(name))
    btf = Btf(raw.read_bytes())
    seeds = [
        seed
        for seed in (one.rstrip("*") for one in seed_names(SEEDS))
        if any(isinstance(btf.type(found), t.Struct) for found in btf.ids_named(seed))
    ]
    assert len(seeds) > 100

    def printed(path: Path) -> str:
        command = ["pahole", "-F", "btf", "-C", ",".join(seeds), str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    whole = printed(kernel_btf(name))
    assert "struct task_struct {" in whole
    assert printed(raw) == whole


def shape(types: dict[int, Any], type_id: int) -> object:
    """Return what bpftool says of a type and all it holds by value, without ids."""
    one: Any = types[type_id] if type_id else {"kind": "VOID"}
    match one["kind"]:
        case "PTR":
            target = types.get(one["type_id"], {"name": "void"})
            return ("PTR", target["name"])
        case "STRUCT" | "UNION":
            members = [
                (m["name"], m["bits_offset"], m.get("bitfield_size"), shape(types, m["type_id"]))
                for m in one["members"]
            ]
            return (one["kind"], one["name"], one["size"], members)
        case "ARRAY":
            return ("ARRAY", one["nr_elems"], shape(types, one["type_id"]))
        case "FUNC_PROTO" | "FWD":
            return (one["kind"], one["name"])
        case _:
            rest = {key: value for key, value in one.items() if key not in ("id", "type_id")}
            return (rest, shape(types, one["type_id"]) if "type_id" in one else None)


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_to_the_bit_what_they_are_in_the_whole_kernel(
    name: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    raw = tmp_path / "trimmed.btf"
    raw.write_bytes(bundled_btf(name))
    wanted = {seed.rstrip("*") for seed in seed_names(SEEDS)}

    def shapes(path: Path) -> dict[tuple[str, str], list[object]]:
        types = {one["id"]: one for one in bpftool_types(path)}
        found: dict[tuple[str, str], list[object]] = {}
        for type_id, one in types.items():
            if one["name"] in wanted and one["kind"] in ("STRUCT", "UNION", "ENUM", "ENUM64", "TYPEDEF"):
                found.setdefault((one["kind"], one["name"]), []).append(shape(types, type_id))
        return found

    whole = shapes(kernel_btf(name))
    assert len(whole) > 100
    assert shapes(raw) == whole


def test_bundled_files_are_what_the_script_makes(kernel_btf: Callable[[str], Path]) -> None:
    for name in NAMES:
        assert trim_btf(kernel_btf(name).read_bytes(), seed_names(SEEDS))[0] == bundled_btf(name)


# -- the rules, on small BTF -----------------------------------------------------------------

FAR = struct("far", size=4, x=(INT, 0))
NEAR = struct("near", size=16, a=(INT, 0), b=(ptr(FAR), 64))
SEED = struct("seed", size=24, inner=(NEAR, 0), next=(ptr(ref("seed")), 128))


def trimmed(*names: str) -> tuple[Btf, set[str]]:
    unused = struct("unused", size=0)
    call = typedef("call_t", ptr(func_proto(INT, far=ptr(FAR))))
    data, absent = trim_btf(build_btf_bytes(unused, SEED, call), names)
    return Btf(data), absent


def test_what_a_seed_contains_is_kept_and_what_it_points_to_is_declared() -> None:
    btf, _ = trimmed("seed")
    (seed,), (near,), (far,) = (btf.ids_named(name) for name in ("seed", "near", "far"))
    assert isinstance(whole := btf.type(seed), t.Struct)
    assert whole.members[0].type_id == near
    assert btf.type(whole.members[1].type_id) == t.Ptr(whole.members[1].type_id, seed)
    assert isinstance(btf.type(near), t.Struct)
    assert btf.type(far) == t.Fwd(far, "far", False)
    assert btf.ids_named("unused") == ()


def test_what_a_starred_seed_points_to_is_kept() -> None:
    btf, _ = trimmed("near*")
    assert isinstance(btf.type(btf.ids_named("far")[0]), t.Struct)


def test_types_keep_their_order() -> None:
    original = build_btf(struct("unused", size=0), SEED)
    names = [original.name(type_id) for type_id in original.ids() if original.name(type_id) != "unused"]
    btf, _ = trimmed("seed")
    assert [btf.name(type_id) for type_id in btf.ids()] == names


def test_function_pointers_keep_their_parameters() -> None:
    btf, _ = trimmed("call_t")
    (proto,) = (found for found in map(btf.type, btf.ids()) if isinstance(found, t.FuncProto))
    assert proto.params[0].name == "far"


def test_names_that_are_absent_are_told() -> None:
    _, absent = trimmed("seed", "no_such_type*")
    assert absent == {"no_such_type"}
