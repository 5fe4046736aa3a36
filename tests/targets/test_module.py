"""Modules on top of kernels: the right one is joined, a wrong one is refused, a distilled base is fitted."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.btf import types as t
from btfview.btf.reader import Btf
from btfview.errors import InputError, TargetError
from btfview.targets.find import open_target
from btfview.targets.module import open_module
from btfview.targets.open import read_btf_file
from btfview.targets.sections import BtfSections
from tests.btf.bpftool import as_bpftool, bpftool_types
from tests.btf.build import (
    INT,
    Described,
    array,
    build_btf,
    build_btf_bytes,
    enum,
    fwd,
    int_,
    ptr,
    ref,
    struct,
    typedef,
    union,
)
from tests.targets.samples import COMPRESSORS, ET_REL, SMALL, SMALL_BIG_ENDIAN, elf_file, named_structs, write

LIST_HEAD = struct("list_head", size=16, next=(ptr(ref("list_head")), 0))
KERNEL = build_btf(LIST_HEAD, *named_structs(40))
MODULE = struct("my_device", size=32, list=(ref("list_head"), 0), struct_7=(ptr(ref("struct_7")), 128))


def module_bytes(kernel: Btf = KERNEL) -> bytes:
    """A module that shares names with its kernel: a member is called as a struct of the kernel is."""
    return build_btf_bytes(MODULE, typedef("list_head", ref("my_device")), base=kernel)


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda btf: btf, id="raw"),
        pytest.param(lambda btf: elf_file({".modinfo": b"", ".BTF": btf}, elf_type=ET_REL), id="ko"),
        pytest.param(
            lambda btf: COMPRESSORS["xz"](elf_file({".modinfo": b"", ".BTF": btf}, elf_type=ET_REL)),
            id="ko-xz",
        ),
    ],
)
def test_a_module_continues_its_kernel(wrap: Callable[[bytes], bytes], tmp_path: Path) -> None:
    kernel = write(tmp_path / "6.1.btf", KERNEL.data)
    module = write(tmp_path / "mine.ko", wrap(module_bytes()))
    target = open_target(f"{kernel}+{module}")
    assert target.name == "6.1+mine"
    (device,) = target.btf.ids_named("my_device")
    assert device >= KERNEL.type_count
    found = target.btf.type(device)
    assert isinstance(found, t.Struct)
    assert target.btf.name(found.members[0].type_id) == "list_head"


@pytest.mark.parametrize("name", ["loop.btf", "loop.ko"])
def test_a_module_without_its_kernel_says_how_to_give_both(name: str, tmp_path: Path) -> None:
    data = module_bytes() if name == "loop.btf" else elf_file({".BTF": module_bytes()}, elf_type=ET_REL)
    path = write(tmp_path / name, data)
    with pytest.raises(TargetError) as caught:
        read_btf_file(path)
    assert (
        str(caught.value) == f"{path}: a module's BTF, which continues its kernel's; give both: KERNEL+{path}"
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(SMALL, "a kernel's own BTF, not a module's", id="a-kernel"),
        pytest.param(SMALL_BIG_ENDIAN, "of another byte order than", id="byte-order"),
    ],
)
def test_what_is_no_module_of_this_kernel_is_refused(data: bytes, problem: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=problem):
        read_btf_file(write(tmp_path / "file", data), base=KERNEL)


@pytest.mark.shared
@pytest.mark.parametrize("module", ["loop", "nf_conntrack", "tcp_bbr"])
def test_real_modules_join_their_kernel_and_no_other(
    module: str, shared: Path, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """bpftool reads the joined BTF type by type the same; on a kernel two builds away it would give wrong
    names without a word."""
    path = shared / "btf" / f"6.1.0-56-amd64.module-{module}.btf.xz"
    raw = tmp_path / "module.btf"
    raw.write_bytes(lzma.decompress(path.read_bytes()))
    kernel = kernel_btf("6.1.0-56-amd64")
    btf = open_target(f"{kernel}+{path}").btf
    own = range(btf.start_id, btf.type_count)
    assert [as_bpftool(btf.type(type_id)) for type_id in own] == bpftool_types(raw, base=kernel)
    for other in ("6.1.0-56-cloud-amd64", "6.1.0-56-rt-amd64", "6.12.117+deb12-amd64"):
        with pytest.raises(TargetError, match=r"made for another kernel than .*names that it takes"):
            _ = open_target(f"{kernel_btf(other)}+{path}").btf


# -- distilled bases --------------------------------------------------------------------------


def distilled(base: list[Described], *module: Described) -> bytes:
    """A ``.ko`` whose BTF stands on a ``.BTF.base`` of *base*."""
    base_btf = build_btf(*base)
    split = build_btf_bytes(*module, base=base_btf)
    return elf_file({".modinfo": b"", ".BTF": split, ".BTF.base": base_btf.data}, elf_type=ET_REL)


USES_PTR = struct("mine", size=8, p=(ptr(ref("thing")), 0))
USES_PTR_TOO = struct("too", size=8, p=(ptr(ref("thing")), 0))
USES_VALUE = struct("mine", size=64, v=(typedef("thing_t", array(ref("thing"), 2)), 0))
UINT = int_("int", 4)

THING = struct("thing", size=16, a=(INT, 0))
BIG_THING = struct("thing", size=24, a=(INT, 0))
SIZED = struct("thing", size=16)
"""A struct in a distilled base has its size and no members."""


@pytest.mark.parametrize(
    ("base", "module", "kernel"),
    [
        pytest.param([SIZED], USES_VALUE, [THING], id="same-size"),
        pytest.param([SIZED], USES_PTR, [BIG_THING], id="other-size-behind-a-pointer"),
        pytest.param([fwd("thing")], USES_PTR, [THING], id="declared-in-the-base"),
        pytest.param([fwd("thing", is_union=True)], USES_PTR, [union("thing", size=4)], id="declared-union"),
        pytest.param([fwd("thing")], USES_PTR, [fwd("thing")], id="declared-in-both"),
        pytest.param([enum("thing", size=4)], USES_PTR, [enum("thing", A=1)], id="enum"),
        pytest.param([SIZED], USES_PTR, [THING, typedef("thing", INT)], id="other-kind-of-the-name"),
        pytest.param([SIZED], USES_VALUE, [THING, union("thing", size=24)], id="size-tells-two-apart"),
    ],
)
def test_a_distilled_base_is_fitted_to_any_kernel_that_has_its_types(
    base: list[Described], module: Described, kernel: list[Described], tmp_path: Path
) -> None:
    filler = named_structs(9)
    on = build_btf(*filler, *kernel)
    btf = read_btf_file(write(tmp_path / "mine.ko", distilled(base, module)), base=on)
    assert btf.base is on
    (mine,) = btf.ids_named("mine")
    found = btf.type(mine)
    assert isinstance(found, t.Struct)
    inner = btf.type(found.members[0].type_id)
    while isinstance(inner, t.Ptr | t.Typedef | t.Array):
        inner = btf.type(inner.type_id)
    assert inner.name == "thing"
    assert inner.id < on.type_count


@pytest.mark.parametrize(
    ("base", "module", "kernel", "problem"),
    [
        pytest.param(
            [SIZED],
            USES_VALUE,
            [BIG_THING],
            "struct thing (16 bytes), the kernel has struct thing (24",
            id="size",
        ),
        pytest.param([SIZED], USES_PTR, [INT], "the kernel has nothing of that name", id="missing"),
        pytest.param([SIZED], USES_PTR, [union("thing", size=16)], "the kernel has union thing", id="kind"),
        pytest.param(
            [fwd("thing")], USES_PTR, [THING, fwd("thing")], "several could be meant", id="ambiguous"
        ),
        pytest.param(
            [int_("thing", 4)],
            USES_PTR,
            [int_("thing", 4, encoding=1)],
            "(4 bytes, unsigned), the kernel has int",
            id="sign",
        ),
        pytest.param(
            [typedef("thing", INT)], USES_PTR, [THING], "a typedef, which a distilled base", id="typedef"
        ),
    ],
)
def test_a_distilled_base_that_does_not_fit_says_what_differs(
    base: list[Described], module: Described, kernel: list[Described], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_btf_file(write(tmp_path / "mine.ko", distilled(base, module)), base=build_btf(*kernel))
    assert problem in str(caught.value)


def test_a_module_with_a_distilled_base_stands_alone_on_it(tmp_path: Path) -> None:
    """As libbpf does where no kernel is given (btf_parse_elf: owns_base)."""
    btf = read_btf_file(write(tmp_path / "mine.ko", distilled([SIZED], USES_PTR)))
    assert [btf.name(type_id) for type_id in btf.ids()] == ["thing", "", "mine"]


DISTILLED_BY_LIBBPF = Path(__file__).parent / "distilled"
"""Made by btf__distill_base of libbpf 1.7 from 6.1.0-56-amd64's module tcp_bbr (see README there)."""


def distilled_tcp_bbr(tmp_path: Path) -> str:
    sections = {
        ".modinfo": b"",
        ".BTF": (DISTILLED_BY_LIBBPF / "tcp_bbr.BTF").read_bytes(),
        ".BTF.base": (DISTILLED_BY_LIBBPF / "tcp_bbr.BTF.base").read_bytes(),
    }
    return write(tmp_path / "tcp_bbr.ko", elf_file(sections, elf_type=ET_REL))


@pytest.mark.shared
def test_what_libbpf_distilled_is_fitted_as_libbpf_does(
    kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """``bpftool -j btf dump -B 6.12.117+deb12-amd64.btf file tcp_bbr.ko`` of bpftool 7.8 (libbpf 1.8), whose
    libbpf fits it, printed what ``expected.json`` holds."""
    import json

    module = distilled_tcp_bbr(tmp_path)
    btf = open_target(f"{kernel_btf('6.12.117+deb12-amd64')}+{module}").btf
    expected = json.loads((DISTILLED_BY_LIBBPF / "tcp_bbr-on-6.12.117+deb12-amd64.json").read_text())["types"]
    own = range(btf.start_id, btf.type_count)
    assert [as_bpftool(btf.type(type_id)) for type_id in own] == expected


@pytest.mark.shared
def test_a_module_that_was_distilled_and_fitted_to_its_own_kernel_is_what_it_was(
    shared: Path, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """Every type of the original is there again, under an id and with references of the same kernel."""
    kernel = kernel_btf("6.1.0-56-amd64")
    fitted = open_target(f"{kernel}+{distilled_tcp_bbr(tmp_path)}").btf
    original = open_target(f"{kernel}+{shared / 'btf' / '6.1.0-56-amd64.module-tcp_bbr.btf.xz'}").btf
    for type_id in range(original.start_id, original.type_count):
        before = original.type(type_id)
        if isinstance(before, t.Struct) and before.name:
            after = next(fitted.type(i) for i in fitted.ids_named(before.name) if i >= fitted.start_id)
            assert isinstance(after, t.Struct)
            assert [m.name for m in after.members] == [m.name for m in before.members]
            assert [fitted.byte_size(m.type_id) for m in after.members] == [
                original.byte_size(m.type_id) for m in before.members
            ]


@given(st.data())
def test_a_damaged_module_is_an_error_or_still_read(data: st.DataObject) -> None:
    """In the split part or in the distilled base, on a kernel or alone."""
    on = build_btf(*named_structs(9), THING)
    base_btf = build_btf(SIZED)
    parts = [bytearray(build_btf_bytes(USES_VALUE, USES_PTR_TOO, base=base_btf)), bytearray(base_btf.data)]
    for _ in range(data.draw(st.integers(1, 6))):
        part = data.draw(st.sampled_from(parts))
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    sections = BtfSections(bytes(parts[0]), bytes(parts[1]) if data.draw(st.booleans()) else None)
    try:
        open_module(sections, on, "file")
    except InputError as error:
        said = str(error)
    else:
        said = "file: fine"
    assert said.startswith("file: ")
