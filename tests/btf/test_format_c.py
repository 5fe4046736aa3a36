"""The C of whole kernels compiles, and clang lays it out as the BTF says."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from btfview.btf import types as t
from btfview.btf.format.as_c import format_c
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError
from btfview.targets.open import read_btf_file
from tests.btf.build import (
    CHAR,
    INT,
    LONG,
    UNSIGNED_CHAR,
    UNSIGNED_INT,
    Described,
    array,
    build_btf,
    const,
    enum,
    enum64,
    float_,
    func,
    func_proto,
    fwd,
    int_,
    ptr,
    ref,
    struct,
    typedef,
    union,
    var,
)

COMPOSITE = (BtfKind.STRUCT, BtfKind.UNION)
TAGGED = (*COMPOSITE, BtfKind.ENUM, BtfKind.ENUM64)


def clang(source: str, path: Path, *options: str, target: str = "bpf") -> None:
    """Compile *source*; every warning of -Wall is a failure."""
    path.write_text(source)
    command = ["clang-19", "-target", target, "-Wall", "-Werror", "-x", "c", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:2000]


def compile_to_btf(source: str, folder: Path, *, target: str = "bpf") -> Btf:
    clang(source, folder / "types.c", "-g", "-O1", "-c", "-o", str(folder / "types.o"), target=target)
    return read_btf_file(str(folder / "types.o"))


def assertions(btf: Btf, type_ids: Iterable[int]) -> str:
    """Return C that does not compile where a size or an offset differs from *btf*'s."""
    lines = []
    for type_id in type_ids:
        found = btf.type(type_id)
        if not isinstance(found, t.Struct | t.Enum) or not found.name or len(tags(btf, found.name)) > 1:
            continue  # a second type of the same name gets another
        if isinstance(found, t.Enum) and not found.enumerators:
            continue
        tag = f"{'enum' if isinstance(found, t.Enum) else found.kind.label} {found.name}"
        lines.append(f'_Static_assert(sizeof({tag}) == {found.byte_size}, "size of {tag}");')
        for member in found.members if isinstance(found, t.Struct) else ():
            if member.name and not member.bitfield_size:
                offset = member.bit_offset // 8
                place = f"__builtin_offsetof({tag}, {member.name})"
                lines.append(f'_Static_assert({place} == {offset}, "{tag}.{member.name}");')
    return "\n".join(lines) + "\n"


def tags(btf: Btf, name: str) -> list[int]:
    return [one for one in btf.ids_named(name) if btf.kind(one) in TAGGED]


def c_of(*described: Described) -> str:
    return "".join(format_c(build_btf(LONG, *described)))


# -- whole kernels ---------------------------------------------------------------------------


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("name", "target"),
    [
        pytest.param("6.1.0-56-amd64", "bpf", id="6.1"),
        pytest.param("7.0.0-43-generic-amd64", "bpf", id="7.0-fms-extensions"),
        pytest.param("6.12.117+deb12-arm64", "bpf", id="arm64"),
        pytest.param("6.12.107+deb13-s390x", "bpfeb", id="big-endian"),
    ],
)
def test_all_types_of_a_kernel_compile_to_their_layout(
    name: str, target: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    btf = Btf(kernel_btf(name).read_bytes())
    source = "".join(format_c(btf)) + assertions(btf, btf.ids())
    assert source.count("_Static_assert") > 45_000
    clang(source, tmp_path / "vmlinux.h", "-fsyntax-only", target=target)


@pytest.mark.debian_tool("clang-19")
def test_all_types_of_a_module_compile_to_their_layout(
    kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    base = Btf(kernel_btf("6.1.0-56-amd64").read_bytes())
    btf = Btf(kernel_btf("6.1.0-56-amd64.module-nf_conntrack").read_bytes(), base=base)
    own = assertions(btf, range(btf.start_id, btf.type_count))
    assert own.count("_Static_assert") > 100
    clang("".join(format_c(btf)) + own, tmp_path / "module.h", "-fsyntax-only")


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize("standard", ["gnu99", "gnu11", "gnu23"])
def test_what_has_become_a_keyword_is_left_to_the_compiler(
    standard: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """``bool``, ``false`` and ``true`` are C's own since C23, and the kernel defines each."""
    btf = Btf(kernel_btf("6.1.0-56-amd64").read_bytes())
    enums = (type_id for type_id in btf.ids() if btf.kind(type_id) == BtfKind.ENUM and not btf.name(type_id))
    truths = [one for one in enums if {each.name for each in _enumerators(btf, one)} == {"false", "true"}]
    source = "".join(format_c(btf, (*btf.ids_named("bool"), *truths)))
    assert "typedef _Bool bool;" in source
    assert "true = 1" in source
    use = "bool is_set(void) { return true && !false; }"
    clang(f"{source}\n{use}\n", tmp_path / "bool.h", f"-std={standard}", "-fsyntax-only")


def _enumerators(btf: Btf, type_id: int) -> tuple[t.Enumerator, ...]:
    found = btf.type(type_id)
    return found.enumerators if isinstance(found, t.Enum) else ()


@pytest.mark.debian_tool("clang-19")
def test_each_type_compiles_alone_with_what_it_needs(
    kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    btf = Btf(kernel_btf("6.1.0-56-amd64").read_bytes())
    named = [one for one in btf.ids() if btf.kind(one) in TAGGED and btf.name(one)]
    well_known = [
        btf.ids_named(name)[0]
        for name in ("task_struct", "sk_buff", "kvm_pgtable_walker", "file")
        if btf.ids_named(name)
    ]
    for type_id in (*well_known, *random.Random(0).sample(named, 40)):
        source = "".join(format_c(btf, (type_id,))) + assertions(btf, (type_id,))
        clang(source, tmp_path / "one.h", "-fsyntax-only")


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("name", "target"),
    [("6.18.44-fc-amd64", "bpf"), ("6.12.107+deb13-s390x", "bpfeb")],
    ids=["little", "big"],
)
def test_bitfields_come_back_at_their_bits(
    name: str, target: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """Compiled again with debug information, members have the same bit offsets, sizes and names."""
    btf = Btf(kernel_btf(name).read_bytes())
    ids = [
        one
        for one in btf.ids()
        if btf.kind(one) in COMPOSITE and has_bitfields(btf, one) and len(tags(btf, btf.name(one))) == 1
    ]
    assert len(ids) > 250
    variables = (f"{btf.kind(one).label} {btf.name(one)} variable_{one};\n" for one in ids)
    source = "#define BPF_NO_PRESERVE_ACCESS_INDEX\n" + "".join(format_c(btf, ids)) + "".join(variables)
    again = compile_to_btf(source, tmp_path, target=target)
    for type_id in ids:
        (new_id,) = tags(again, btf.name(type_id))
        assert members_of(again, new_id) == members_of(btf, type_id)


def has_bitfields(btf: Btf, type_id: int) -> bool:
    found = btf.type(type_id)
    assert isinstance(found, t.Struct)
    return bool(found.name) and any(member.bitfield_size for member in found.members)


def members_of(btf: Btf, type_id: int, base: int = 0) -> list[tuple[str, int, int, int]]:
    """Return (name, bit offset, bits of a bitfield, byte size), anonymous members taken apart, padding
    left out."""
    found = btf.type(type_id)
    assert isinstance(found, t.Struct)
    rows = []
    for member in found.members:
        inner = btf.skip_modifiers(member.type_id)
        if not member.name and isinstance(inner, t.Struct):
            rows += members_of(btf, inner.id, base + member.bit_offset)
        elif not member.name.startswith("__pad_"):
            size = btf.byte_size(member.type_id)
            rows.append((member.name, base + member.bit_offset, member.bitfield_size, size))
    return rows


# -- one by one ------------------------------------------------------------------------------


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    "described",
    [
        pytest.param(struct("s", size=5, a=(CHAR, 0), b=(INT, 8)), id="packed"),
        pytest.param(struct("s", size=12, a=(LONG, 0), b=(INT, 64)), id="packed-by-its-size"),
        pytest.param(struct("s", size=64, a=(INT, 0)), id="padding"),
        pytest.param(struct("s", size=5000, a=(INT, 0), b=(INT, 39_000)), id="padding-of-4-kB"),
        pytest.param(struct("s", size=5000, a=(INT, 0, 3), b=(INT, 39_000, 3)), id="padding-between-bits"),
        pytest.param(struct("s", size=16), id="nothing-but-padding"),
        pytest.param(struct("s", size=0), id="empty"),
        pytest.param(
            struct("s", size=4, n=(INT, 0), rest=(array(LONG, 0), 32)), id="misplaced-flexible-array"
        ),
        pytest.param(union("s", size=24, a=(INT, 0), b=(LONG, 0)), id="union-with-padding"),
        pytest.param(union("s", size=5, a=(INT, 0), b=(array(CHAR, 5), 0)), id="packed-union"),
        pytest.param(struct("s", size=8, a=(INT, 0), b=(INT, 16)), id="overlap"),
        pytest.param(struct("s", size=8, a=(INT, 32), b=(INT, 0)), id="descending"),
        pytest.param(struct("s", size=8, a=(fwd("absent"), 0)), id="member-without-a-size"),
        pytest.param(struct("s", size=8, a=(INT, 30, 4), b=(INT, 34, 30)), id="bitfield-across-units"),
        pytest.param(
            struct("s", size=8, a=(UNSIGNED_CHAR, 0, 3), b=(INT, 3, 20)), id="bitfields-of-two-types"
        ),
        pytest.param(
            struct("s", size=24, a=(struct("p", size=5, x=(CHAR, 0), y=(INT, 8)), 0), b=(LONG, 128)),
            id="packed-member",
        ),
        pytest.param(struct("s", size=8, a=(enum("e", size=1, A=1), 0), b=(INT, 32)), id="enum-of-a-byte"),
        pytest.param(
            struct(
                "s",
                size=16,
                a=(enum64("w", BIG=1 << 40), 0),
                b=(enum64("n", signed=True, LOW=-(1 << 63)), 64),
            ),
            id="enum64",
        ),
        pytest.param(struct("s", size=8, a=(enum("neg", signed=True, A=-1, B=2), 0)), id="signed-enum"),
        pytest.param(struct("s", size=8, a=(enum("top", A=0xFFFF_FFFF), 0)), id="unsigned-enum"),
    ],
)
def test_sizes_and_offsets_are_kept(described: Described, tmp_path: Path) -> None:
    btf = build_btf(LONG, described)
    (struct_id,) = btf.ids_named("s")
    text = "".join(format_c(btf))
    found = btf.type(struct_id)
    assert isinstance(found, t.Struct)
    checks = assertions(btf, (struct_id,))
    if "no C can lay them out so" in text:
        assert "__bytes[8]" in text
        checks = checks.splitlines()[0]
    clang(text + checks, tmp_path / "s.h", "-fsyntax-only")


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    "described",
    [
        pytest.param((struct("list", size=8, next=(ptr(ref("list")), 0)),), id="points-to-itself"),
        pytest.param(
            (struct("a", size=8, b=(ptr(ref("b")), 0)), struct("b", size=8, a=(ref("a"), 0))), id="circle"
        ),
        pytest.param((typedef("fn", ptr(func_proto(INT, s=ptr(fwd("later")), e=LONG))),), id="function-type"),
        pytest.param((struct("ops", size=8, f=(ptr(func_proto(None, x=ptr(ref("ops")))), 0)),), id="ops"),
        pytest.param(
            (typedef("row", array(array(INT, 2), 3)), struct("m", size=24, r=(ref("row"), 0))), id="array"
        ),
        pytest.param((typedef("bits", struct("", size=4, a=(INT, 0, 3))),), id="typedef-of-anonymous"),
        pytest.param(
            (struct("s", size=8, p=(ptr(struct("", size=4, a=(INT, 0))), 0)),), id="pointer-to-anonymous"
        ),
        pytest.param(
            (struct("s", size=8, f=(const(ptr(const(ptr(func_proto(ptr(const(CHAR))))))), 0)),),
            id="qualified",
        ),
        pytest.param((func("f", func_proto(INT, a=ptr(fwd("x")))), var("v", LONG)), id="code-is-left-out"),
        pytest.param((enum("", RED=1), enum("", GREEN=2)), id="constants"),
        pytest.param((int_("u32", 4), int_("isize", 8, encoding=1), int_("u128", 16)), id="rust-ints"),
        pytest.param(
            (int_("long int", 4, encoding=1), float_("float", 4), float_("f64", 8)), id="other-sizes"
        ),
        pytest.param((float_("long double", 16), int_("odd", 3)), id="unknown-sizes"),
        pytest.param(
            (struct("Option<u8>", size=4, __0=(INT, 0)), struct("core::S", size=4, i=(INT, 0))),
            id="rust-names",
        ),
        pytest.param((struct("int", size=4, **{"while": (INT, 0)}),), id="keywords"),
        pytest.param((typedef("__builtin_va_list", ptr(None)),), id="builtin"),
        pytest.param(
            (typedef("t", enum("", A=1)), enum("other", A=2), typedef("A", INT)), id="same-identifier"
        ),
        pytest.param((fwd("u", is_union=True), struct("u", size=4, a=(INT, 0))), id="same-tag-other-keyword"),
        pytest.param((func("g", func_proto(None, **{"if": INT})),), id="parameter-called-if"),
    ],
)
def test_it_compiles(described: tuple[Described, ...], tmp_path: Path) -> None:
    btf = build_btf(LONG, *described)
    clang("".join(format_c(btf)), tmp_path / "all.h", "-fsyntax-only")
    clang("".join(format_c(btf, btf.ids())), tmp_path / "each.h", "-fsyntax-only")


@pytest.mark.debian_tool("clang-19")
def test_two_types_of_one_name_are_told_apart_by_a_flavor(tmp_path: Path) -> None:
    """CO-RE ignores what follows ``___`` (libbpf: bpf_core_essential_name_len)."""
    one, two = struct("same", size=4, a=(INT, 0)), struct("same", size=8, b=(LONG, 0))
    text = c_of(struct("user", size=16, x=(one, 0), y=(two, 64)))
    assert "struct same x;" in text
    assert "struct same___2 y;" in text
    clang(text, tmp_path / "two.h", "-fsyntax-only")


@pytest.mark.debian_tool("clang-19")
def test_an_anonymous_enum_in_two_structs_defines_its_constants_once(tmp_path: Path) -> None:
    shared = enum("", ON=1)
    text = c_of(struct("a", size=4, e=(shared, 0)), struct("b", size=4, e=(shared, 0)))
    assert [line.strip() for line in text.splitlines() if "ON" in line] == ["ON = 1,", "ON___2 = 1,"]
    clang(text, tmp_path / "enum.h", "-fsyntax-only")


@pytest.mark.debian_tool("clang-19")
def test_a_tagged_struct_without_a_member_name_is_repeated_inside(tmp_path: Path) -> None:
    """-fms-extensions, which kernel 7.0 uses; plain C would declare nothing there."""
    inner = struct("inner", size=4, x=(INT, 0))
    text = c_of(struct("outer", ("", inner, 0), size=8, y=(INT, 32)))
    check = '_Static_assert(__builtin_offsetof(struct outer, x) == 0, "x");\n'
    clang(text + check, tmp_path / "ms.h", "-fsyntax-only")


def test_one_type_brings_only_what_it_needs() -> None:
    btf = build_btf(
        struct("needed", size=4, a=(INT, 0)),
        struct("pointed", size=4, a=(INT, 0)),
        struct("unrelated", size=4, a=(INT, 0)),
        struct("wanted", size=16, n=(ref("needed"), 0), p=(ptr(ref("pointed")), 64)),
    )
    text = "".join(format_c(btf, btf.ids_named("wanted")))
    assert "struct needed {" in text
    assert "struct pointed;" in text
    assert "struct pointed {" not in text
    assert "unrelated" not in text


def test_functions_are_declared_where_they_are_asked_for() -> None:
    btf = build_btf(func("f", func_proto(ptr(fwd("s")), a=UNSIGNED_INT)))
    assert "extern struct s *f(unsigned int a);" in "".join(format_c(btf, btf.ids_named("f")))


@pytest.mark.parametrize(
    "described",
    [
        pytest.param((struct("s", size=4, a=(ref("s"), 0)),), id="struct-inside-itself"),
        pytest.param((typedef("a", ref("b")), typedef("b", ref("a"))), id="circle-of-typedefs"),
        pytest.param((typedef("a", array(ref("a"), 1)),), id="array-of-itself"),
    ],
)
def test_what_no_c_can_say_is_an_error(described: tuple[Described, ...]) -> None:
    with pytest.raises(BtfFormatError, match="no C can say that"):
        c_of(*described)


def test_the_memory_of_anonymous_types_is_bounded() -> None:
    inner: Described = INT
    for _ in range(40):
        inner = union("", ("a", ptr(inner), 0), ("b", ptr(inner), 0), size=8)
    with pytest.raises(BtfFormatError, match="too many others"):
        c_of(struct("top", size=8, x=(inner, 0)))
