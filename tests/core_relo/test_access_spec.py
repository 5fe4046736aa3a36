"""Access strings against a BTF: bits from the root, names of paths, and why one is refused."""

from __future__ import annotations

import re

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.access_spec import RefusedError, format_path, parse_access_spec
from tests.btf.build import INT, UNSIGNED_INT, array, build_btf, const, enum, struct, typedef, union

OFFSET, ENUM_VALUE, TYPE_SIZE = (
    CoreReloKind.FIELD_BYTE_OFFSET,
    CoreReloKind.ENUMVAL_VALUE,
    CoreReloKind.TYPE_SIZE,
)
BTF = build_btf(
    struct(
        "t",
        ("", union("", size=8, low=(INT, 0), both=(array(INT, 2), 0)), 64),
        size=24,
        a=(INT, 0),
        bits=(UNSIGNED_INT, 37, 3),
        in_=(const(typedef("in_t", struct("in", size=8, x=(INT, 0), y=(INT, 32)))), 128),
    ),
    enum("e", A=1, B=7),
)


@pytest.mark.parametrize(
    ("access_str", "bit_offset", "path"),
    [
        pytest.param("0", 0, "t", id="root"),
        pytest.param("0:1", 0, "t.a", id="first-named-member"),
        pytest.param("0:2", 37, "t.bits", id="bitfield"),
        pytest.param("0:3:1", 128 + 32, "t.in_.y", id="through-const-and-typedef"),
        pytest.param("0:0", 64, "t", id="anonymous-member-has-no-name"),
        pytest.param("0:0:0", 64, "t.low", id="through-an-anonymous-union"),
        pytest.param("0:0:1:1", 64 + 32, "t.both[1]", id="element"),
        pytest.param("3:1", 3 * 24 * 8, "t[3].a", id="fourth-root"),
    ],
)
def test_access_spec_counts_bits_from_the_root(access_str: str, bit_offset: int, path: str) -> None:
    spec = parse_access_spec(BTF, BTF.ids_named("t")[0], access_str, OFFSET)
    assert (spec.bit_offset, spec.access_str) == (bit_offset, access_str)
    assert format_path(BTF, spec) == path


@pytest.mark.parametrize(
    ("root", "kind", "access_str", "why"),
    [
        pytest.param("t", OFFSET, "0:9", "asks for member 9 of struct t, which has 4", id="member"),
        pytest.param("t", OFFSET, "0:1:0", "goes on into int int, which has no members", id="into-an-int"),
        pytest.param("t", OFFSET, "0:0:1:2", "index 2 is past the end of an array of 2", id="element"),
        pytest.param("t", OFFSET, "0:-1", 'access string "0:-1" is not numbers', id="negative"),
        pytest.param("t", OFFSET, "", 'access string "" is not numbers', id="empty"),
        pytest.param("t", OFFSET, "0:²", "is not numbers", id="a-digit-that-is-no-ascii"),
        pytest.param("t", OFFSET, ":".join("0" * 65), "has 65 levels; 64 are allowed", id="deep"),
        pytest.param("t", TYPE_SIZE, "0:1", 'of a type_size record is not "0"', id="type-with-a-path"),
        pytest.param("t", ENUM_VALUE, "0", "is a struct, not an enum", id="enumerator-of-a-struct"),
        pytest.param("e", ENUM_VALUE, "2", "names no enumerator of enum e, which has 2", id="enumerator"),
    ],
)
def test_a_refusal_says_what_does_not_fit(root: str, kind: CoreReloKind, access_str: str, why: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(why)):
        parse_access_spec(BTF, BTF.ids_named(root)[0], access_str, kind)


def test_the_path_of_an_enumerator_and_of_a_type() -> None:
    (enum_id,) = BTF.ids_named("e")
    assert format_path(BTF, parse_access_spec(BTF, enum_id, "1", ENUM_VALUE)) == "e::B"
    assert format_path(BTF, parse_access_spec(BTF, enum_id, "0", TYPE_SIZE)) == "e"
