"""Layouts against pahole, struct by struct over whole kernels; and what pahole cannot be asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.btf.format.as_pahole import format_layout
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.btf.types import FuncProto, Struct
from btfview.errors import BtfFormatError
from tests.btf.build import (
    CHAR,
    INT,
    LONG,
    UNSIGNED_CHAR,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    Described,
    array,
    build_btf,
    build_btf_bytes,
    const,
    datasec,
    decl_tag,
    enum,
    func,
    func_proto,
    fwd,
    ptr,
    ref,
    struct,
    typedef,
    union,
    var,
    volatile,
)
from tests.btf.pahole import comparable, pahole, pahole_structs

WELL_KNOWN = ("task_struct", "sk_buff", "net_device", "page", "mm_struct", "inode", "rq", "vm_fault", "sock")


def layout(btf: Btf, name: str, *, is_expanded: bool = False) -> str:
    return format_layout(btf, btf.ids_named(name)[-1], is_expanded=is_expanded)


def assert_same_as_pahole(path: Path, *options: str, is_expanded: bool = False) -> int:
    """Compare every struct and union that pahole prints; return how many there were."""
    btf = Btf(path.read_bytes())
    count = 0
    for keyword, name, text in pahole_structs(path, *options):
        ids = [one for one in btf.ids_named(name) if btf.kind(one) == BtfKind[keyword.upper()]]
        assert comparable(format_layout(btf, ids[0], is_expanded=is_expanded)) == comparable(text)
        count += 1
    return count


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize("name", ["6.1.0-56-amd64", "6.12.107+deb13-s390x"])
def test_every_struct_of_a_kernel_is_laid_out_as_by_pahole(
    name: str, kernel_btf: Callable[[str], Path]
) -> None:
    assert assert_same_as_pahole(kernel_btf(name)) > 6000


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize("name", ["5.4.0-216-generic-amd64", "6.18.44-fc-amd64"])
def test_nested_structs_are_expanded_as_by_pahole(name: str, kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf(name)
    btf = Btf(path.read_bytes())
    ids = [one for one in btf.ids() if btf.kind(one) in (BtfKind.STRUCT, BtfKind.UNION) and btf.name(one)]
    some = [btf.name(one) for one in random.Random(0).sample(ids, 400)]
    names = ",".join(dict.fromkeys((*WELL_KNOWN, *some)))
    assert assert_same_as_pahole(path, "-E", "-C", names, is_expanded=True) > 350


SMALL = {
    "bitfields": struct(
        "bitfields",
        size=16,
        a=(UNSIGNED_INT, 0, 4),
        b=(UNSIGNED_INT, 4, 16),
        c=(UNSIGNED_CHAR, 32),
        d=(UNSIGNED_INT, 40, 9),
        e=(UNSIGNED_SHORT, 80, 3),
    ),
    "no-hole": struct("tight", size=8, a=(INT, 0), b=(UNSIGNED_SHORT, 32), c=(UNSIGNED_SHORT, 48)),
    "hole-before-first": struct("late", size=12, a=(INT, 64)),
    "packed": struct("packed", size=5, a=(CHAR, 0), b=(INT, 8)),
    "aligned": struct("aligned", size=192, a=(INT, 0), b=(LONG, 512), c=(LONG, 1024)),
    "flexible-array": struct("flexible", size=4, n=(INT, 0), items=(array(INT, 0), 32)),
    "array-of-nothing-alone": struct("alone", size=0, items=(array(INT, 0), 0)),
    "arrays": struct("arrays", size=28, a=(array(CHAR, 6), 0), b=(array(INT, 5), 64)),
    "function-pointer": struct("ops", size=8, f=(ptr(func_proto(ptr(CHAR), a=INT, b=ptr(None))), 0)),
    "anonymous-inside": struct(
        "outer",
        ("", union("", ("", struct("", size=8, x=(INT, 0), y=(INT, 32)), 0), ("z", LONG, 0), size=8), 0),
        ("w", enum("", ONE=1, THREE=3), 64),
        size=16,
    ),
    "padding-of-member": struct("holder", size=24, a=(struct("inner", size=16, l=(LONG, 0), i=(INT, 64)), 0)),
    "cachelines": struct("long", size=200, a=(array(CHAR, 60), 0), b=(array(CHAR, 60), 480), c=(CHAR, 1536)),
    "empty": struct("empty", size=0),
    "union": union("choice", size=8, a=(INT, 0), b=(LONG, 0), c=(array(CHAR, 0), 0)),
}


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize("described", SMALL.values(), ids=SMALL.keys())
@pytest.mark.parametrize("is_expanded", [False, True], ids=["flat", "expanded"])
def test_small_structs_are_laid_out_as_by_pahole(
    described: Described, is_expanded: bool, tmp_path: Path
) -> None:
    path = tmp_path / "small.btf"
    path.write_bytes(build_btf_bytes(LONG, described))  # without a long, pointers have no size to pahole
    options = ("-E",) if is_expanded else ()
    expected = pahole(path, *options, "-C", described.name)
    assert comparable(layout(Btf(path.read_bytes()), described.name, is_expanded=is_expanded)) == comparable(
        expected
    )


@pytest.mark.debian_tool("pahole")
def test_columns_stand_where_paholes_do(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("6.1.0-56-amd64")
    assert layout(Btf(path.read_bytes()), "load_weight") == pahole(path, "-C", "load_weight")
    assert layout(Btf(path.read_bytes()), "list_lru_one") == pahole(path, "-C", "list_lru_one")


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize("name", ["pid_t", "atomic_t", "fl_owner_t", "pid_type", "hrtimer_restart"])
def test_typedefs_and_enums_are_spelled_as_by_pahole(name: str, kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("6.1.0-56-amd64")
    assert comparable(layout(Btf(path.read_bytes()), name)) == comparable(pahole(path, "-C", name))


# -- beyond pahole ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("described", "line"),
    [
        pytest.param(const(ptr(CHAR)), "char * const               m;", id="const-pointer"),
        pytest.param(ptr(const(CHAR)), "const char *               m;", id="pointer-to-const"),
        pytest.param(ptr(ptr(INT)), "int * *                    m;", id="pointer-to-pointer"),
        pytest.param(ptr(array(INT, 4)), "int                        (*m)[4];", id="pointer-to-array"),
        pytest.param(array(ptr(INT), 4), "int *                      m[4];", id="array-of-pointers"),
        pytest.param(array(array(INT, 3), 2), "int                        m[2][3];", id="array-of-arrays"),
        pytest.param(
            array(ptr(func_proto(None, a=INT)), 2),
            "void                       (*m[2])(int a);",
            id="functions",
        ),
        pytest.param(const(array(const(INT), 2)), "const int                  m[2];", id="const-array"),
        pytest.param(volatile(INT), "volatile int               m;", id="volatile"),
    ],
)
def test_declarations_are_c(described: Described, line: str) -> None:
    text = layout(build_btf(struct("s", size=16, m=(described, 0))), "s")
    assert text.splitlines()[1].startswith(f"\t{line}")


@pytest.mark.parametrize(
    ("described", "text"),
    [
        pytest.param(fwd("absent"), "struct absent;\n", id="forward"),
        pytest.param(func("f", func_proto(INT, a=LONG), linkage=0), "static int f(long a);\n", id="function"),
        pytest.param(var("v", array(INT, 2), linkage=2), "extern int v[2];\n", id="variable"),
        pytest.param(INT, "int; /* size: 4 */\n", id="int"),
        pytest.param(decl_tag("mark", INT), "/* tag mark on type [1] */\n", id="tag"),
        pytest.param(typedef("number", INT), "typedef int number;\n", id="typedef"),
        pytest.param(
            datasec(".data", (var("v", INT), 8, 4), size=16),
            "section .data {\n\tint v;"
            + " " * 43
            + "/*     8     4 */\n\n\t/* size: 16, variables: 1 */\n};\n",
            id="section",
        ),
    ],
)
def test_what_is_no_struct_has_a_line_of_its_own(described: Described, text: str) -> None:
    btf = build_btf(described)
    assert format_layout(btf, btf.type_count - 1) == text


def test_a_pointer_to_a_function_is_written_as_a_type() -> None:
    btf = build_btf(ptr(func_proto(INT, a=LONG)))
    proto = next(one for one in btf.ids() if isinstance(btf.type(one), FuncProto))
    assert format_layout(btf, proto) == "int (long a);\n"


def test_a_struct_that_contains_itself_is_shown_once() -> None:
    btf = build_btf(struct("s", ("a", ref("s"), 0), ("b", INT, 64), size=16))
    text = layout(btf, "s", is_expanded=True)
    assert text.count("struct s {") == 1
    assert "struct s                   a;" in text


def test_types_inside_types_without_end_are_cut_off_with_a_word() -> None:
    inner: Described = INT
    for depth in range(40):
        inner = struct(f"level{depth}", ("a", inner, 0), ("b", inner, 0), size=4)
    btf = build_btf(inner)
    lines = layout(btf, "level39", is_expanded=True).splitlines()
    assert len(lines) < 20_100
    assert lines[-1].startswith("/* cut off after 200")


def test_a_struct_of_many_members_is_not_cut_off() -> None:
    """65,535 members is the most before kernel 7.1 (BTF_MAX_VLEN)."""
    btf = build_btf(
        struct("many", *((f"m{index}", INT, index * 32) for index in range(65_535)), size=262_140)
    )
    assert layout(btf, "many").splitlines()[-6:] == [
        "\tint                        m65533;               /* 262132     4 */",
        "\tint                        m65534;               /* 262136     4 */",
        "",
        "\t/* size: 262140, cachelines: 4096, members: 65535 */",
        "\t/* last cacheline: 60 bytes */",
        "};",
    ]


def test_names_do_not_reach_the_terminal_as_commands() -> None:
    name = "a\x1b[2J\n\x9b"
    btf = build_btf(struct(name, (name, ptr(fwd(name)), 0), size=8), typedef(name, INT))
    for type_id in btf.ids():
        for is_expanded in (False, True):
            text = format_layout(btf, type_id, is_expanded=is_expanded)
            assert all(line.lstrip("\t").isprintable() for line in text.split("\n"))


def test_one_reference_to_nowhere_does_not_hide_the_others() -> None:
    data = bytearray(build_btf_bytes(struct("s", ("bad", ptr(INT), 0), ("good", INT, 64), size=16)))
    btf = Btf(bytes(data))
    (struct_id,) = btf.ids_named("s")
    at = 24 + 4 * (btf.place(struct_id)[1] + 3)  # the type of the first member
    data[at : at + 4] = (999).to_bytes(4, "little")
    lines = layout(Btf(bytes(data)), "s").splitlines()
    assert lines[1] == "\t<type [999]>               bad;                  /*     0     0 */"
    assert any(line.startswith("\tint                        good") for line in lines)
    with pytest.raises(BtfFormatError, match="no type"):
        format_layout(btf, 999)


def test_all_structs_stay_below_the_limit(kernel_btf: Callable[[str], Path]) -> None:
    """The longest of 7.0 is bpf_ctx_convert with some 3,800 lines."""
    btf = Btf(kernel_btf("7.0.0-43-generic-amd64").read_bytes())
    large = [one for one in btf.ids() if btf.kind(one) == BtfKind.STRUCT and _size(btf, one) > 4000]
    assert large
    for struct_id in large:
        assert "cut off" not in format_layout(btf, struct_id, is_expanded=True)


def _size(btf: Btf, type_id: int) -> int:
    found = btf.type(type_id)
    assert isinstance(found, Struct)
    return found.byte_size
