"""Executables that carry BPF objects for their loader: found whole, and opened as if they were the object."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from btfview.bpf.embedded import find_embedded_objects
from btfview.bpf.object import read_object
from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from btfview.errors import ObjectFormatError
from tests.btf.build import INT, struct
from tests.objects import Record, build_object

FIRST = build_object(
    (INT, struct("pair", ("a", INT, 0), ("b", INT, 32), size=8)),
    (Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4),),
)
SECOND = build_object(
    (INT, struct("one", ("a", INT, 0), size=4)), (Record(CoreReloKind.FIELD_EXISTS, "one", "0:0", 1),)
)
HOST = b"\x7fELF\x02\x01\x01" + bytes(11) + (62).to_bytes(2, "little") + bytes(44)
"""The header of an x86-64 executable without sections."""


def test_an_object_is_found_where_it_begins_and_ends() -> None:
    (found,) = find_embedded_objects(HOST + b"padding" + FIRST + b"what follows")
    assert (found.offset, found.data) == (len(HOST) + 7, FIRST)


def test_an_executable_with_one_object_is_read_as_that_object() -> None:
    obj = read_object(HOST + FIRST, path="loader")
    assert (obj.path, obj.embedded_at, obj.elf.data) == ("loader", len(HOST), FIRST)
    assert read_object(FIRST, path="a.o").embedded_at is None


def test_of_several_objects_none_is_guessed() -> None:
    with pytest.raises(
        ObjectFormatError, match=r"with 2 of these in it.*--object N .* 1 \(socket\); 2 \(socket\)"
    ):
        read_object(HOST + FIRST + SECOND, path="loader")


@pytest.mark.parametrize(
    "data",
    [
        HOST,
        HOST + FIRST[:200],
        HOST + FIRST[:64] * 500,
        HOST + b"\x7fELF\x02\x01",
        HOST + b"\x7fELF\x02",
        HOST + b"\x7fELF",
    ],
)
def test_what_only_looks_like_an_object_is_none(data: bytes) -> None:
    assert find_embedded_objects(data) == ()
    with pytest.raises(ObjectFormatError, match="there is none in it; if it is a kernel"):
        read_object(data, path="loader")


@pytest.mark.debian_tool("clang-19")
def test_an_object_in_the_data_of_a_linked_program_is_found(tmp_path: Path) -> None:
    """As libbpf's skeletons and ``include_bytes!`` keep it: an array of the executable's constants."""
    (tmp_path / "prog.o").write_bytes(FIRST)
    source = tmp_path / "loader.s"
    source.write_text('.section .rodata\n.balign 8\n.incbin "prog.o"\n.text\n.globl _start\n_start: ret\n')
    loader = tmp_path / "loader.o"
    subprocess.run(["clang-19", "-c", source.name, "-o", str(loader)], cwd=tmp_path, check=True)
    assert [found.data for found in find_embedded_objects(loader.read_bytes())] == [FIRST]


def test_extract_writes_the_object_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loader, out = tmp_path / "loader", tmp_path / "out.o"
    loader.write_bytes(HOST + FIRST + SECOND)
    assert main(["extract", str(loader), "--object", "2", "-o", str(out)]) == 0
    assert out.read_bytes() == SECOND
    for number in ("0", "3", "-1"):
        assert main(["extract", str(loader), f"--object={number}", "-o", str(out)]) == 2
        assert "there are 2, counted from 1" in capsys.readouterr().err
