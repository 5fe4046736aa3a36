"""Values of a spec; bitfields by what a program does with them: load, shift left, shift right."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.access_spec import RefusedError, parse_access_spec
from btfview.core_relo.values import bit_window, calc_value
from tests.btf.build import (
    INT,
    UNSIGNED_CHAR,
    UNSIGNED_INT,
    UNSIGNED_LONG,
    UNSIGNED_SHORT,
    array,
    build_btf,
    struct,
)

KINDS = {
    "offset": CoreReloKind.FIELD_BYTE_OFFSET,
    "size": CoreReloKind.FIELD_BYTE_SIZE,
    "lshift": CoreReloKind.FIELD_LSHIFT_U64,
    "rshift": CoreReloKind.FIELD_RSHIFT_U64,
}
TYPES = {1: UNSIGNED_CHAR, 2: UNSIGNED_SHORT, 4: UNSIGNED_INT, 8: UNSIGNED_LONG}


@given(
    data=st.binary(min_size=32, max_size=32),
    type_size=st.sampled_from(list(TYPES)),
    bit_offset=st.integers(0, 120),
    bits=st.integers(1, 64),
    is_little_endian=st.booleans(),
)
def test_a_bitfield_is_read_with_one_load_and_two_shifts(
    data: bytes, type_size: int, bit_offset: int, bits: int, is_little_endian: bool
) -> None:
    """What BPF_CORE_READ_BITFIELD_PROBED (bpf_core_read.h) does with the four values gives the field.

    Bits of a byte count from the least significant one in little-endian structs, else from the other end.
    """
    assume(bits <= type_size * 8)
    btf = build_btf(struct("t", size=32, m=(TYPES[type_size], bit_offset, bits)))
    spec = parse_access_spec(btf, btf.ids_named("t")[0], "0:0", KINDS["offset"])
    try:
        value = {
            word: calc_value(btf, spec, kind, is_little_endian=is_little_endian).value
            for word, kind in KINDS.items()
        }
    except RefusedError:
        # No aligned load of 8 bytes covers it.
        assert bit_offset // 64 != (bit_offset + bits - 1) // 64
        return
    window = data[value["offset"] : value["offset"] + value["size"]]
    loaded = int.from_bytes(window, "little" if is_little_endian else "big")
    read = (loaded << value["lshift"] & (1 << 64) - 1) >> value["rshift"]
    if is_little_endian:
        expected = int.from_bytes(data, "little") >> bit_offset
    else:
        expected = int.from_bytes(data, "big") >> (len(data) * 8 - bit_offset - bits)
    assert read == expected & (1 << bits) - 1
    assert value["size"] in (1, 2, 4, 8)
    assert value["size"] >= type_size
    assert value["offset"] % value["size"] == 0


def test_the_window_of_a_plain_field_is_the_field() -> None:
    btf = build_btf(struct("t", size=16, a=(INT, 32), b=(array(INT, 2), 64)))
    window = bit_window(btf, parse_access_spec(btf, btf.ids_named("t")[0], "0:1", KINDS["offset"]))
    assert (window.byte_offset, window.byte_size, window.bit_size, window.is_bitfield) == (8, 8, 64, False)


@pytest.mark.parametrize(
    ("access_str", "size"),
    [
        pytest.param("0:0", 4, id="plain"),
        pytest.param("0:1", 2, id="innermost-element-of-an-array"),
        pytest.param("0:1:1", 2, id="innermost-element-of-an-element"),
        pytest.param("0:2", 12, id="struct"),
    ],
)
def test_the_size_that_a_load_takes_is_that_of_the_innermost_element(access_str: str, size: int) -> None:
    """libbpf from 1.6 on (``bpf_core_calc_field_relo``); before, that of the whole array."""
    btf = build_btf(
        struct(
            "t",
            size=64,
            a=(INT, 0),
            b=(array(array(UNSIGNED_SHORT, 3), 2), 32),
            c=(struct("in", size=12, x=(INT, 0)), 160),
        )
    )
    spec = parse_access_spec(btf, btf.ids_named("t")[0], access_str, KINDS["offset"])
    assert calc_value(btf, spec, KINDS["offset"], is_little_endian=True).byte_size == size
