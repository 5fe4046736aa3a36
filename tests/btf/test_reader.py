"""The reader against bpftool (the same types, field by field) and against naive walks."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.bpf.elf import read_elf
from btfview.btf import types as t
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError
from tests.btf.bpftool import as_bpftool, bpftool_types
from tests.btf.build import (
    CHAR,
    INT,
    LONG,
    UNSIGNED_INT,
    array,
    build_btf,
    build_btf_bytes,
    const,
    datasec,
    enum,
    float_,
    func,
    func_proto,
    fwd,
    int_,
    ptr,
    ref,
    struct,
    type_tag,
    typedef,
    union,
    var,
    volatile,
)


def assert_bpftool_agrees(path: Path, btf: Btf, *, base: Path | None = None) -> None:
    printed = bpftool_types(path, base=base)
    assert [one["id"] for one in printed] == list(range(btf.start_id, btf.type_count))
    for expected in printed:
        assert as_bpftool(btf.type(expected["id"])) == expected


@pytest.mark.kernel
@pytest.mark.debian_tool("bpftool")
def test_bpftool_agrees_on_the_running_kernel(running_kernel: Path) -> None:
    assert_bpftool_agrees(running_kernel, Btf(running_kernel.read_bytes()))


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("5.4.0-216-generic-amd64", id="kinds-up-to-15"),
        pytest.param("7.2.13+deb14-amd64", id="all-kinds"),
        pytest.param("6.12.107+deb13-s390x", id="big-endian"),
        pytest.param("cilium-testdata-7.1-amd64", id="32-byte-header"),
    ],
)
def test_bpftool_agrees_on_whole_kernels(name: str, kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf(name)
    assert_bpftool_agrees(path, Btf(path.read_bytes()))


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("module", ["loop", "nf_conntrack", "tcp_bbr"])
def test_bpftool_agrees_on_modules(module: str, kernel_btf: Callable[[str], Path]) -> None:
    base = kernel_btf("6.1.0-56-amd64")
    path = kernel_btf(f"6.1.0-56-amd64.module-{module}")
    assert_bpftool_agrees(path, Btf(path.read_bytes(), base=Btf(base.read_bytes())), base=base)


@pytest.mark.debian_tool("bpftool")
def test_bpftool_agrees_on_the_corpus(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "targets").glob("*.btf")):
        assert_bpftool_agrees(path, Btf(path.read_bytes()))
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        elf = read_elf(path.read_bytes())
        section = elf.section(".BTF")
        assert section
        assert_bpftool_agrees(path, Btf(elf.bytes_of(section)))


# -- names -----------------------------------------------------------------------------------


def ids_by_bpftool(path: Path, *, base: Path | None = None) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for one in bpftool_types(path, base=base):
        found.setdefault(one["name"], []).append(one["id"])
    found.pop("(anon)", None)
    return {name: tuple(ids) for name, ids in found.items()}


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("name", ["6.1.0-56-amd64", "6.12.107+deb13-s390x"])
def test_ids_named_finds_all_of_them(name: str, kernel_btf: Callable[[str], Path]) -> None:
    data = kernel_btf(name).read_bytes()
    expected = ids_by_bpftool(kernel_btf(name))
    pick = random.Random(0)
    most_common = max(expected, key=lambda key: len(expected[key]))
    few = ["task_struct", "int", "f", most_common, *pick.sample(sorted(expected), 8), "no_such_type"]

    one_by_one = Btf(data)  # so many that it changes its way of searching under way
    assert {one: one_by_one.ids_named(one) for one in few} == {one: expected.get(one, ()) for one in few}
    in_one_pass = Btf(data)
    many = [*pick.sample(sorted(expected), 500), *few]
    in_one_pass.index_names(many)
    assert {one: in_one_pass.ids_named(one) for one in many} == {one: expected.get(one, ()) for one in many}


@pytest.mark.debian_tool("bpftool")
def test_ids_named_looks_in_the_base_first(kernel_btf: Callable[[str], Path]) -> None:
    base_path, path = kernel_btf("6.1.0-56-amd64"), kernel_btf("6.1.0-56-amd64.module-nf_conntrack")
    in_base, own = ids_by_bpftool(base_path), ids_by_bpftool(path, base=base_path)
    base = Btf(base_path.read_bytes())
    wanted = [*own, "task_struct", "nowhere"]
    expected = {name: in_base.get(name, ()) + own.get(name, ()) for name in wanted}
    assert any(in_base.get(name) and own.get(name) for name in wanted)

    in_one_pass = Btf(path.read_bytes(), base=base)
    in_one_pass.index_names(wanted)
    assert {name: in_one_pass.ids_named(name) for name in wanted} == expected
    one_by_one = Btf(path.read_bytes(), base=base)
    assert {name: one_by_one.ids_named(name) for name in wanted} == expected


def test_a_name_may_be_the_tail_of_another_string() -> None:
    """The format lets a name begin anywhere in the string section, so strings can share their tails."""
    data = bytearray(build_btf_bytes(struct("mytask", size=4, a=(INT, 0)), struct("zzzz", size=0)))
    btf = Btf(bytes(data))
    (zzzz,) = btf.ids_named("zzzz")
    set_name_offset(data, zzzz, btf.string_offsets("mytask")[0] + 2)
    renamed = Btf(bytes(data))
    assert renamed.ids_named("task") == (zzzz,)
    assert renamed.ids_named("zzzz") == ()


def set_name_offset(data: bytearray, type_id: int, name_off: int) -> None:
    btf = Btf(bytes(data))
    at = btf._types_at + 4 * (btf._info_index(type_id) - 1)
    data[at : at + 4] = name_off.to_bytes(4, "little")


def test_strings_containing_are_whole_strings_of_the_base_and_its_own() -> None:
    base = build_btf(struct("task___old", size=0), struct("task", size=0), struct("___x", size=0))
    module = build_btf(struct("task___new___er", size=0), struct("task__", size=0), base=base)
    assert set(module.strings_containing("___")) == {"task___old", "___x", "task___new___er"}


@pytest.mark.debian_tool("bpftool")
def test_strings_containing_are_all_there_are(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("7.2.13+deb14-amd64")
    names = set(ids_by_bpftool(path))
    found = set(Btf(path.read_bytes()).strings_containing("___"))
    assert found & names == {name for name in names if "___" in name}
    assert found & names


def test_names_that_no_string_can_hold_are_not_found() -> None:
    btf = build_btf(struct("pair", size=8, a=(INT, 0)))
    assert [btf.ids_named(name) for name in ("\udcff", "", "päir")] == [(), (), ()]


def test_one_bad_name_does_not_hide_the_others() -> None:
    data = bytearray(build_btf_bytes(struct("bad", size=0), struct("good", size=0)))
    set_name_offset(data, 1, 0x7FFF_FFFF)
    damaged = Btf(bytes(data))
    for name in ("good", *(f"other{i}" for i in range(20)), "bad"):
        assert damaged.ids_named(name) == ((2,) if name == "good" else ())
    with pytest.raises(BtfFormatError, match="string offset 2147483647 is past the end"):
        damaged.type(1)


# -- following references --------------------------------------------------------------------


def test_skip_modifiers_stops_at_the_first_that_is_none() -> None:
    chain = typedef("number", const(volatile(type_tag("rcu", typedef("inner", LONG)))))
    btf = build_btf(chain)
    found = btf.skip_modifiers(btf.ids_named("number")[0])
    assert isinstance(found, t.Int)
    assert found.name == "long"


def test_a_circle_of_typedefs_is_an_error() -> None:
    btf = build_btf(typedef("a", const(ref("b"))), typedef("b", ref("a")))
    for follow in (btf.skip_modifiers, btf.byte_size):
        with pytest.raises(BtfFormatError, match="circle"):
            follow(btf.ids_named("a")[0])


@pytest.mark.parametrize(
    ("described", "size"),
    [
        pytest.param(INT, 4, id="int"),
        pytest.param(array(array(struct("s", size=12), 3), 5), 180, id="array-of-arrays"),
        pytest.param(array(INT, 0), 0, id="flexible-array"),
        pytest.param(ptr(None), 8, id="pointer"),
        pytest.param(union("u", size=16), 16, id="union"),
        pytest.param(enum("e", size=2), 2, id="enum"),
        pytest.param(typedef("d", const(float_("double", 8))), 8, id="typedef"),
        pytest.param(var("v", array(CHAR, 7)), 7, id="variable"),
        pytest.param(datasec(".bss", size=24), 24, id="section"),
    ],
)
def test_byte_size_is_c_sizeof(described: Any, size: int) -> None:
    btf = build_btf(described)
    assert btf.byte_size(btf.type_count - 1) == size


@pytest.mark.parametrize(
    "described",
    [
        pytest.param(fwd("x"), id="forward-declaration"),
        pytest.param(const(None), id="void"),
        pytest.param(func("f", func_proto()), id="function"),
        pytest.param(array(array(INT, 1 << 20), 1 << 20), id="4-tebibytes"),
        pytest.param(typedef("loop", array(ref("loop"), 1)), id="array-of-itself"),
    ],
)
def test_what_has_no_size_is_an_error(described: Any) -> None:
    btf = build_btf(described)
    with pytest.raises(BtfFormatError):
        btf.byte_size(btf.type_count - 1)


@pytest.mark.parametrize(
    ("described", "size"),
    [
        pytest.param((LONG,), 8, id="long-of-8"),
        pytest.param((int_("long unsigned int", 4),), 4, id="long-of-4"),
        pytest.param((int_("long long", 8), UNSIGNED_INT), 8, id="no-long"),
        pytest.param((struct("long", size=4), int_("unsigned long", 4)), 4, id="struct-called-long"),
        pytest.param((int_("long", 2), int_("long int", 4)), 4, id="long-of-2-does-not-count"),
    ],
)
def test_pointer_size_is_that_of_the_first_long(described: tuple[Any, ...], size: int) -> None:
    """libbpf: determine_ptr_size."""
    assert build_btf(*described).pointer_size == size
