"""raw and bpftool-json against bpftool itself: the same text, the same JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from btfview.btf.format.as_bpftool import format_bpftool_json, format_raw
from btfview.btf.reader import Btf
from btfview.targets.open import read_btf_file
from tests.btf.build import INT, build_btf, build_btf_bytes, enum, enum64, func, func_proto, int_, ptr, struct
from tests.btf.test_reader import set_name_offset
from tests.btf.test_writer import ONE_OF_EACH_KIND


def bpftool(path: Path, *options: str, base: Path | None = None) -> str:
    with_base = ("-B", str(base)) if base else ()
    command = ["bpftool", *options, *with_base, "btf", "dump", "file", str(path)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def assert_same_as_bpftool(path: Path, btf: Btf, *, base: Path | None = None) -> None:
    # Compared before the assertion: pytest must not show the difference of two texts of 15 MB.
    is_same_text = "".join(format_raw(btf)) == bpftool(path, base=base)
    assert is_same_text
    ours, theirs = "".join(format_bpftool_json(btf)), bpftool(path, "-j", base=base)
    is_same_json = ours == theirs or json.loads(ours) == json.loads(theirs)
    assert is_same_json


@pytest.mark.kernel
@pytest.mark.debian_tool("bpftool")
def test_the_running_kernel(running_kernel: Path) -> None:
    assert_same_as_bpftool(running_kernel, Btf(running_kernel.read_bytes()))


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("6.1.0-56-amd64", id="6.1"),
        pytest.param("6.12.117+deb12-amd64", id="6.12"),
        pytest.param("6.12.117+deb12-arm64", id="arm64"),
        pytest.param("6.12.107+deb13-s390x", id="big-endian"),
        pytest.param("7.2.13+deb14-amd64", id="all-kinds"),
        pytest.param("cilium-testdata-7.1-amd64", id="32-byte-header"),
    ],
)
def test_whole_kernels(name: str, kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf(name)
    assert_same_as_bpftool(path, Btf(path.read_bytes()))


@pytest.mark.debian_tool("bpftool")
def test_a_module_on_its_kernel(kernel_btf: Callable[[str], Path]) -> None:
    base, path = kernel_btf("6.1.0-56-amd64"), kernel_btf("6.1.0-56-amd64.module-nf_conntrack")
    assert_same_as_bpftool(path, Btf(path.read_bytes(), base=Btf(base.read_bytes())), base=base)


@pytest.mark.debian_tool("bpftool")
def test_objects_of_clang_and_gcc(shared: Path) -> None:
    paths = sorted((shared / "corpus" / "obj").glob("*.o"))
    assert paths
    for path in paths:
        assert_same_as_bpftool(path, read_btf_file(str(path)))


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
def test_every_kind(is_little_endian: bool, tmp_path: Path) -> None:
    data = build_btf_bytes(
        *ONE_OF_EACH_KIND,
        enum("large", TOP=0xFFFF_FFFF),
        enum64("largest", TOP=0xFFFF_FFFF_FFFF_FFFF, BOTTOM=0),
        int_("odd", 4, bits=7, bit_offset=3, encoding=2),
        int_("both", 4, encoding=3),
        func("elsewhere", func_proto(ptr(None), a=INT, b=None), linkage=2),
        is_little_endian=is_little_endian,
    )
    path = tmp_path / "all.btf"
    path.write_bytes(data)
    assert_same_as_bpftool(path, Btf(data))


@pytest.mark.debian_tool("bpftool")
def test_names_outside_the_file_and_quotes(tmp_path: Path) -> None:
    data = bytearray(build_btf_bytes(struct('quo"te', size=0), struct("back\\slash", size=0), INT))
    set_name_offset(data, 3, 0x7FFF_0000)
    path = tmp_path / "names.btf"
    path.write_bytes(data)
    btf = Btf(bytes(data))
    assert "".join(format_raw(btf)) == bpftool(path)
    ours = json.loads("".join(format_bpftool_json(btf)))
    assert [one["name"] for one in ours["types"]] == ['quo"te', "back\\slash", "(invalid)"]


def test_names_do_not_reach_the_terminal_as_commands() -> None:
    name = "a\x1b[2J\r\n\x07\x9b"
    btf = build_btf(struct(name, (name, INT, 0), size=4))
    raw, as_json = "".join(format_raw(btf)), "".join(format_bpftool_json(btf))
    assert all(line.removeprefix("\t").isprintable() for line in raw.splitlines())
    assert as_json.rstrip("\n").isprintable()
    assert json.loads(as_json)["types"][1]["name"] == name


def test_some_types_of_a_module_and_its_kernel() -> None:
    base = build_btf(struct("in_kernel", size=4, a=(INT, 0)))
    module = build_btf(struct("in_module", size=8, b=(ptr(INT), 0)), base=base)
    (of_kernel,), (of_module,) = module.ids_named("in_kernel"), module.ids_named("in_module")
    expected = (
        "[5] STRUCT 'in_module' size=8 vlen=1\n\t'b' type_id=4 bits_offset=0\n"
        "[2] STRUCT 'in_kernel' size=4 vlen=1\n\t'a' type_id=1 bits_offset=0\n"
    )
    assert "".join(format_raw(module, (of_module, of_kernel))) == expected


def test_a_file_without_types() -> None:
    btf = build_btf()
    assert "".join(format_raw(btf)) == ""
    assert json.loads("".join(format_bpftool_json(btf))) == {"types": []}


def test_text_comes_in_pieces(kernel_btf: Callable[[str], Path]) -> None:
    """So that a kernel's 15 MB are never in memory at once."""
    btf = Btf(kernel_btf("6.1.0-56-amd64").read_bytes())
    assert all(len(piece) < 2_000_000 for piece in islice(format_bpftool_json(btf), 20))
