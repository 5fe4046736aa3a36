"""Every form of output on BTF that nobody would write: a BtfFormatError or text, soon, and never control
characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.btf import types as t
from btfview.btf.format.as_bpftool import format_bpftool_json, format_raw
from btfview.btf.format.as_c import format_c
from btfview.btf.format.as_json import format_json, format_json_list
from btfview.btf.format.as_list import format_list
from btfview.btf.format.as_pahole import format_layout
from btfview.btf.kinds import BtfKind
from btfview.btf.layout_rows import struct_layout
from btfview.btf.query import named_types, nearest_names
from btfview.btf.reader import Btf
from btfview.btf.writer import write_btf
from btfview.errors import BtfFormatError
from tests.btf.build import (
    INT,
    LONG,
    Described,
    array,
    build_btf,
    func_proto,
    ptr,
    ref,
    struct,
    typedef,
    union,
)
from tests.btf.test_damaged import BIG, LITTLE

MANY = 3000


def layouts(btf: Btf, ids: list[int]) -> Iterator[str]:
    for type_id in ids:
        for is_expanded in (False, True):
            with suppress(BtfFormatError):
                yield format_layout(btf, type_id, is_expanded=is_expanded)


def rows(btf: Btf, ids: list[int]) -> Iterator[str]:
    for type_id in ids:
        with suppress(BtfFormatError):
            found = btf.type(type_id)
            if isinstance(found, t.Struct):
                for row in struct_layout(btf, found):
                    assert row.bit_size >= 0
    yield ""


FORMS: dict[str, Callable[[Btf, list[int]], Iterator[str]]] = {
    "layout": layouts,
    "rows": rows,
    "c": lambda btf, _: format_c(btf),
    "c of some": format_c,
    "raw": lambda btf, _: format_raw(btf),
    "bpftool-json": lambda btf, _: format_bpftool_json(btf),
    "json": lambda btf, ids: format_json(btf, "file", ids, is_expanded=True),
    "json list": lambda btf, ids: format_json_list(btf, "file", ids),
    "list": format_list,
}


def print_all(btf: Btf, ids: list[int]) -> None:
    """Print *ids* in every form; only BtfFormatError may come out, and printable lines."""
    for name, form in FORMS.items():
        with suppress(BtfFormatError):
            for piece in form(btf, ids):
                assert all(line.lstrip("\t").isprintable() for line in piece.split("\n")), name
    named_types(btf)
    nearest_names(btf, "nod")


def print_damaged(data: bytes) -> None:
    with suppress(BtfFormatError):
        btf = Btf(data)
        print_all(btf, list(btf.ids()))


@pytest.mark.parametrize("value", [0x7F, 0xFF, None], ids=["7f", "ff", "changed"])
def test_every_changed_byte_is_survived(value: int | None) -> None:
    for position, was in enumerate(LITTLE):
        changed = bytearray(LITTLE)
        changed[position] = was ^ 0x05 if value is None else value
        print_damaged(bytes(changed))


@given(
    data=st.sampled_from([LITTLE, BIG]),
    changes=st.lists(st.tuples(st.integers(0, len(LITTLE) - 1), st.integers(0, 255)), max_size=12),
)
def test_any_few_changes_are_survived(data: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(data)
    for position, value in changes:
        changed[position] = value
    print_damaged(bytes(changed))


def nest(count: int, around: Callable[[int, Described], Described]) -> Described:
    inner: Described = INT
    for depth in range(count):
        inner = around(depth, inner)
    return inner


TYPES_WITHOUT_END = {
    "inside-itself": (struct("s", size=16, a=(ref("s"), 0), b=(ref("s"), 64)),),
    "two-of-two-of-two": (nest(40, lambda n, x: struct(f"s{n}", size=4, a=(x, 0), b=(x, 0))),),
    "two-of-two-anonymous": (
        struct("top", size=4, x=(nest(40, lambda _, x: struct("", ("", x, 0), ("", x, 0), size=4)), 0)),
    ),
    "pointers-to-anonymous": (
        struct("top", size=8, x=(nest(40, lambda _, x: union("", a=(ptr(x), 0), b=(ptr(x), 0), size=8)), 0)),
    ),
    "functions-of-functions": (
        struct("top", size=8, f=(nest(40, lambda _, x: ptr(func_proto(x, a=x, b=x))), 0)),
    ),
    "circle-of-typedefs": (
        typedef("a", ref("b")),
        typedef("b", ref("a")),
        struct("s", size=4, x=(ref("a"), 0)),
    ),
    "array-of-itself": (typedef("loop", array(ref("loop"), 2)), struct("s", size=4, x=(ref("loop"), 0))),
    "4-exbibytes": (
        struct("s", size=0xFFFF_FFFF, x=(array(array(INT, 1 << 31), 1 << 31), 0), y=(INT, 1 << 31)),
    ),
    "far-apart": (struct("s", *((f"m{n}", INT, n << 16) for n in range(0xFFFF)), size=0xFFFF_FFFF),),
    "bits-far-apart": (struct("s", *((f"m{n}", INT, n * 200, 3) for n in range(1 << 15)), size=0xFFFF_FFFF),),
}


@pytest.mark.parametrize("described", TYPES_WITHOUT_END.values(), ids=TYPES_WITHOUT_END.keys())
@pytest.mark.timeout(60)
def test_types_without_end_have_an_end(described: tuple[Described, ...]) -> None:
    """2**40 lines, or 0.5 GB of padding, would not be printed within the limit of time."""
    btf = build_btf(LONG, *described)
    print_all(btf, list(btf.ids())[-2:])


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda n: t.Ptr(n, n - 1), id="pointers"),
        pytest.param(lambda n: t.Array(n, n - 1, 1, 2), id="arrays"),
        pytest.param(lambda n: t.Typedef(n, f"t{n}", n - 1), id="typedefs"),
        pytest.param(lambda n: t.Modifier(n, "", BtfKind.CONST, n - 1, False), id="qualifiers"),
        pytest.param(lambda n: t.FuncProto(n, n - 1, (t.Param("", n - 1),)), id="functions"),
        pytest.param(
            lambda n: t.Struct(n, f"s{n}", BtfKind.STRUCT, 4, (t.Member("a", n - 1, 0, 0),), False),
            id="structs",
        ),
        pytest.param(
            lambda n: t.Struct(n, "", BtfKind.UNION, 4, (t.Member("", n - 1, 0, 0),), False), id="anonymous"
        ),
    ],
)
def test_long_chains_do_not_exhaust_the_stack(make: Callable[[int], t.BtfType]) -> None:
    number = t.Int(1, "int", 4, t.INT_SIGNED, 0, 32)
    last = t.Struct(MANY + 1, "last", BtfKind.STRUCT, 8, (t.Member("m", MANY, 0, 0),), False)
    btf = Btf(write_btf([number, *(make(n) for n in range(2, MANY + 1)), last]))
    print_all(btf, [MANY + 1, MANY, 40])
