"""Damaged ``.BTF`` and ``.BTF.ext``: a BtfFormatError or an answer, never anything else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.btf.ext import read_btf_ext
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError
from tests.btf.build import INT, build_btf, build_btf_bytes, struct
from tests.btf.test_writer import ONE_OF_EACH_KIND

LITTLE = build_btf_bytes(*ONE_OF_EACH_KIND)
BIG = build_btf_bytes(*ONE_OF_EACH_KIND, is_little_endian=False)


def read_everything(data: bytes) -> None:
    """Do with *data* all that can be done; only BtfFormatError may come out."""
    try:
        btf = Btf(data)
    except BtfFormatError:
        return
    for type_id in (*btf.ids(), 0, btf.type_count, -1, 1 << 40):
        for question in (btf.type, btf.kind, btf.name, btf.skip_modifiers, btf.byte_size):
            with suppress(BtfFormatError):
                question(type_id)
    btf.ids_named("node")
    btf.strings_containing("no")
    assert btf.pointer_size in (4, 8)


@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
def test_every_truncation_is_refused(is_little_endian: bool) -> None:
    data = LITTLE if is_little_endian else BIG
    for length in range(len(data)):
        with pytest.raises(BtfFormatError):
            Btf(data[:length])


def test_every_changed_byte_is_survived() -> None:
    """Each byte of a BTF with every kind, set to each of a few values that hurt."""
    for position, was in enumerate(LITTLE):
        for value in (0, 1, 0x7F, 0x80, 0xFF, was ^ 0x13):
            changed = bytearray(LITTLE)
            changed[position] = value
            read_everything(bytes(changed))


@given(
    data=st.sampled_from([LITTLE, BIG]),
    changes=st.lists(st.tuples(st.integers(0, len(LITTLE) - 1), st.integers(0, 255)), max_size=12),
    cut=st.none() | st.integers(0, len(LITTLE)),
)
def test_any_few_changes_are_survived(data: bytes, changes: list[tuple[int, int]], cut: int | None) -> None:
    changed = bytearray(data)
    for position, value in changes:
        changed[position] = value
    read_everything(bytes(changed[:cut]))


@given(st.binary(max_size=200))
def test_any_types_are_survived(types: bytes) -> None:
    types = types[: len(types) // 4 * 4]
    read_everything(header(type_len=len(types), str_off=len(types), str_len=1) + types + b"\0")


def header(
    *,
    hdr_len: int = 24,
    type_off: int = 0,
    type_len: int = 0,
    str_off: int = 0,
    str_len: int = 0,
    version: int = 1,
) -> bytes:
    return pack("<HBBIIIII", 0xEB9F, version, 0, hdr_len, type_off, type_len, str_off, str_len)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "0 bytes are too few", id="empty"),
        pytest.param(b"\x7fELF" + bytes(60), "begins with 7f 45", id="elf"),
        pytest.param(header(version=2) + b"\0", "version 2", id="version"),
        pytest.param(header(hdr_len=0xFFFFFFFC), "header length", id="header-of-4-gibibytes"),
        pytest.param(header(hdr_len=20, str_len=1) + b"\0", "header length 20", id="short-header"),
        pytest.param(header(type_len=0xFFFFFFFC, str_len=1) + b"\0", "type section", id="types-of-4-gib"),
        pytest.param(header(type_off=0xFFFFFFFC, str_len=1) + b"\0", "type section", id="types-at-4-gib"),
        pytest.param(header(str_len=0xFFFFFFFF) + b"\0", "string section", id="strings-of-4-gib"),
        pytest.param(header(type_len=6, str_off=8, str_len=1) + bytes(9), "type section", id="unaligned"),
        pytest.param(header(type_len=12, str_len=12) + bytes(12), "string section", id="overlap"),
        pytest.param(header(str_len=2) + b"\0a", "end with a zero", id="unterminated-strings"),
        pytest.param(header(str_len=2) + b"a\0", "split BTF", id="strings-of-a-module"),
        pytest.param(
            header(type_len=12, str_off=12, str_len=1) + pack("<III", 0, 0x04FF_FFFF, 4) + b"\0",
            r"type \[1\] runs past the end",
            id="16-million-members",
        ),
        pytest.param(
            header(type_len=12, str_off=12, str_len=1) + pack("<III", 0, 20 << 24, 4) + b"\0",
            r"\.BTF offset 28: type \[1\] has the unknown kind 20",
            id="unknown-kind",
        ),
        pytest.param(
            header(type_len=12, str_off=12, str_len=1) + bytes(12) + b"\0", "unknown kind 0", id="kind-0"
        ),
        pytest.param(
            header(type_len=20, str_off=20, str_len=1) + pack("<5I", 0, 2 << 24, 1, 0, 2 << 24) + b"\0",
            r"type \[2\] runs past the end",
            id="two-words-left-over",
        ),
    ],
)
def test_what_is_wrong_is_said(data: bytes, problem: str) -> None:
    with pytest.raises(BtfFormatError, match=problem):
        Btf(data)


def test_an_unknown_kind_is_skipped_by_the_layout_section() -> None:
    """A kind 20 of two words and one an element, as a newer kernel's header would describe it."""
    layouts = b"\0\0\0\0" * 20 + bytes([8, 4, 0, 0])
    types = pack("<III", 1, 20 << 24 | 3, 0) + bytes(8 + 3 * 4) + pack("<IIII", 3, 1 << 24, 4, 32)
    strings = b"\0x\0int\0"
    lengths = (0, len(types), len(types) + len(layouts), len(strings), len(types), len(layouts))
    data = pack("<HBBI6I", 0xEB9F, 1, 0, 32, *lengths) + types + layouts + strings
    btf = Btf(data)
    assert btf.type_count == 3
    assert (btf.name(1), btf.ids_named("int")) == ("x", (2,))
    read_everything(data)


# -- .BTF.ext --------------------------------------------------------------------------------


def build_ext(*, order: str = "<") -> tuple[bytes, Btf]:
    """Return a ``.BTF.ext`` with one record in each list, and the BTF with its strings."""
    btf = build_btf(struct("pair", size=4, a=(INT, 0)), struct("kprobe/x", size=0), struct("0:0", size=0))
    section, access = btf.string_offsets("kprobe/x")[0], btf.string_offsets("0:0")[0]
    one = [pack(order + "III", size, section, 1) for size in (8, 16, 16)]
    lists = [
        one[0] + pack(order + "II", 0, 1),
        one[1] + pack(order + "IIII", 0, section, access, 7 << 10 | 3),
        one[2] + pack(order + "IIII", 16, 2, access, 2),
    ]
    places, at = [], 0
    for content in lists:
        places += [at, len(content)]
        at += len(content)
    head = pack(order + "HBBI6I", 0xEB9F, 1, 0, 32, *places)
    return head + b"".join(lists), btf


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
def test_ext_is_read_in_both_byte_orders(order: str) -> None:
    data, btf = build_ext(order=order)
    ext = read_btf_ext(data, btf)
    (relo,), (line,), (function,) = ext.core_relos, ext.line_infos, ext.func_infos
    assert (relo.section, relo.insn_off, relo.type_id, relo.access_str) == ("kprobe/x", 16, 2, "0:0")
    assert (relo.kind_label, relo.record_offset) == ("field_exists", len(data) - 16)
    assert (line.line, line.column, line.file) == (7, 3, "kprobe/x")
    assert (function.insn_off, function.type_id) == (0, 1)


def changed_ext() -> Iterator[bytes]:
    data, _ = build_ext()
    for length in range(len(data)):
        yield data[:length]
    for position in range(len(data)):
        for value in (0, 1, 2, 7, 0x7F, 0x80, 0xFF):
            yield data[:position] + bytes([value]) + data[position + 1 :]


def test_every_changed_byte_and_truncation_of_ext_is_survived() -> None:
    _, btf = build_ext()
    for data in changed_ext():
        with suppress(BtfFormatError):
            for relo in read_btf_ext(data, btf).core_relos:
                assert relo.kind_label


def test_one_record_with_a_bad_access_string_does_not_hide_the_others() -> None:
    data, btf = build_ext()
    damaged = data[:-8] + pack("<I", 0x7FFFFFFF) + data[-4:]
    (relo,) = read_btf_ext(damaged, btf).core_relos
    assert relo.access_str == "<string offset 2147483647 is outside .BTF>"


@pytest.mark.parametrize(
    ("position", "value", "problem"),
    [
        pytest.param(4, 0xFFFFFFFF, "header length", id="header-of-4-gib"),
        pytest.param(12, 0xFFFFFFFF, "func_info: list of", id="list-of-4-gib"),
        pytest.param(32, 4, "func_info: record size 4", id="small-records"),
        pytest.param(32, 9, "func_info: record size 9", id="unaligned-records"),
        pytest.param(40, 0x10000000, "268435456 records do not fit", id="many-records"),
    ],
)
def test_what_is_wrong_with_ext_is_said(position: int, value: int, problem: str) -> None:
    data, btf = build_ext()
    with pytest.raises(BtfFormatError, match=problem):
        read_btf_ext(data[:position] + pack("<I", value) + data[position + 4 :], btf)
