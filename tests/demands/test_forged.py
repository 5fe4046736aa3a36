"""Objects whose BTF leads in circles: an answer or an error that names what is wrong, and soon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from struct import pack_into, unpack_from

import pytest

from btfview.bpf.elf import read_elf
from btfview.btf.kinds import BtfKind
from btfview.cli.main import main

pytestmark = pytest.mark.shared
_ELEMENT_SIZES = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
_FIXED_SIZES = {1: 4, 3: 12, 14: 4, 17: 4}


def records(data: bytes) -> Iterator[tuple[int, BtfKind, int, int]]:
    """Yield id, kind, place in the file and number of elements of each type (Documentation/bpf/btf.rst)."""
    section = read_elf(data).section(".BTF")
    assert section is not None
    header_len, type_off, type_len = unpack_from("<III", data, section.offset + 4)
    at = section.offset + header_len + type_off
    end, type_id = at + type_len, 1
    while at < end:
        info = unpack_from("<I", data, at + 4)[0]
        kind, count = info >> 24 & 31, info & 0xFFFF
        yield type_id, BtfKind(kind), at, count
        at += 12 + _FIXED_SIZES.get(kind, 0) + _ELEMENT_SIZES.get(kind, 0) * count
        type_id += 1


def pointers_to_themselves(data: bytearray) -> None:
    for type_id, kind, at, _ in records(bytes(data)):
        if kind == BtfKind.PTR:
            pack_into("<I", data, at + 8, type_id)


def prototypes_of_themselves(data: bytearray) -> None:
    """Each returns itself, and takes itself."""
    for type_id, kind, at, count in records(bytes(data)):
        if kind == BtfKind.FUNC_PROTO:
            pack_into("<I", data, at + 8, type_id)
            for index in range(count):
                pack_into("<I", data, at + 12 + 8 * index + 4, type_id)


def functions_that_are_their_own_prototype(data: bytearray) -> None:
    for type_id, kind, at, _ in records(bytes(data)):
        if kind == BtfKind.FUNC:
            pack_into("<I", data, at + 8, type_id)


def structs_in_themselves(data: bytearray) -> None:
    for type_id, kind, at, count in records(bytes(data)):
        if kind in (BtfKind.STRUCT, BtfKind.UNION):
            for index in range(count):
                pack_into("<I", data, at + 12 + 12 * index + 4, type_id)


def typedefs_of_themselves(data: bytearray) -> None:
    for type_id, kind, at, _ in records(bytes(data)):
        if kind in (BtfKind.TYPEDEF, BtfKind.CONST, BtfKind.VOLATILE):
            pack_into("<I", data, at + 8, type_id)


def variables_of_nothing(data: bytearray) -> None:
    """Externs and maps of a type that is far behind the last."""
    for _, kind, at, _ in records(bytes(data)):
        if kind in (BtfKind.VAR, BtfKind.FUNC):
            pack_into("<I", data, at + 8, 1 << 30)


def data_sections_of_themselves(data: bytearray) -> None:
    for type_id, kind, at, count in records(bytes(data)):
        if kind == BtfKind.DATASEC:
            for index in range(count):
                pack_into("<I", data, at + 12 + 12 * index, type_id)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "forge",
    [
        pointers_to_themselves,
        prototypes_of_themselves,
        functions_that_are_their_own_prototype,
        structs_in_themselves,
        typedefs_of_themselves,
        variables_of_nothing,
        data_sections_of_themselves,
    ],
)
def test_what_leads_to_itself_has_an_answer(
    forge: Callable[[bytearray], None],
    shared: Path,
    kernel_btf: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kernel = str(kernel_btf("6.1.0-56-amd64"))
    for name in ("kfunc_weak", "kfunc_strong.argkind", "ksym_vars.typed_wrong_weak", "ops_tcp", "map_types"):
        data = bytearray((shared / "loads" / "objs" / f"{name}.o").read_bytes())
        forge(data)
        path = tmp_path / f"{name}.o"
        path.write_bytes(data)
        for command in ("check", "demands", "relos", "disasm"):
            code = main([command, str(path), "-t", kernel])
            said = capsys.readouterr()
            assert code in (0, 1, 3), (name, command, said.err)
            assert "internal error" not in said.err, (name, command, said.err)
