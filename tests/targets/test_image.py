"""BTF found by its own form, and images known by their headers."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.errors import TargetError
from btfview.targets.open import find_btf
from btfview.targets.unpacking.image import Payload, find_raw_btf, payload_of
from btfview.targets.unpacking.unpack import form_of
from tests.targets.samples import (
    COMPRESSORS,
    MIDDLE,
    SMALL,
    SMALL_BIG_ENDIAN,
    VMLINUX,
    bzimage,
    noise,
    plain_image,
    problem_of,
    tar_archive,
    zboot,
)


@pytest.mark.parametrize("before", [0, 1, 2, 3, 4096, 5001])
@pytest.mark.parametrize("btf", [SMALL, SMALL_BIG_ENDIAN, MIDDLE])
def test_btf_is_found_at_any_offset_and_of_either_byte_order(btf: bytes, before: int) -> None:
    assert find_raw_btf(noise(before) + btf + noise(100, 2)) == btf


def test_the_largest_btf_is_taken() -> None:
    assert find_raw_btf(SMALL + noise(9) + MIDDLE + noise(9, 2) + SMALL_BIG_ENDIAN) == MIDDLE


def broken(**fields: int) -> bytes:
    """MIDDLE with fields of its header changed (struct btf_header, linux/btf.h)."""
    places = {"version": (2, "B"), "hdr_len": (4, "I"), "type_off": (8, "I"), "type_len": (12, "I")}
    places |= {"str_off": (16, "I"), "str_len": (20, "I")}
    data = bytearray(MIDDLE)
    for name, value in fields.items():
        at, code = places[name]
        struct.pack_into("<" + code, data, at, value)
    return bytes(data)


TYPE_LEN = struct.unpack_from("<I", MIDDLE, 12)[0]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(broken(version=2), id="version"),
        pytest.param(broken(hdr_len=20), id="header-too-short"),
        pytest.param(broken(hdr_len=26), id="header-not-aligned"),
        pytest.param(broken(hdr_len=0x40000000), id="header-huge"),
        pytest.param(broken(type_len=0), id="no-types"),
        pytest.param(broken(type_len=TYPE_LEN - 4), id="walk-does-not-end-there"),
        pytest.param(broken(type_len=TYPE_LEN + 4), id="types-in-strings"),
        pytest.param(broken(str_len=0xFFFFFFFF), id="strings-outside"),
        pytest.param(broken(str_len=4), id="last-string-does-not-end"),
        pytest.param(MIDDLE[:-1], id="cut-short"),
        pytest.param(MIDDLE[:24], id="header-alone"),
        pytest.param(b"\x9f\xeb\x01\x00", id="magic-alone"),
        pytest.param(b"", id="empty"),
    ],
)
def test_what_only_begins_like_btf_is_passed_over(data: bytes) -> None:
    assert find_raw_btf(b"x" + data) is None
    assert find_raw_btf(b"x" + data + noise(7) + SMALL + noise(3)) == SMALL


@pytest.mark.parametrize(
    ("data", "form"),
    [
        pytest.param(bzimage(b""), "x86 kernel image", id="bzimage"),
        pytest.param(zboot(b"", "gzip"), "EFI zboot kernel image", id="zboot"),
        pytest.param(plain_image(b""), "arm64 kernel image", id="arm64"),
        pytest.param(plain_image(b"", b"RSC\x05"), "riscv kernel image", id="riscv"),
        # arch/arm/boot/compressed/head.S: _magic_sig
        pytest.param(bytes(0x24) + struct.pack("<I", 0x016F2818), "arm kernel image", id="arm"),
        pytest.param(b"MZ" + bytes(99), "EFI image", id="efi"),
        pytest.param(SMALL, "raw BTF", id="raw"),
        pytest.param(SMALL_BIG_ENDIAN, "raw BTF", id="raw-big-endian"),
        pytest.param(VMLINUX, "ELF", id="elf"),
        pytest.param(tar_archive({"a": b""}), "tar", id="tar"),
        pytest.param(COMPRESSORS["xz"](b""), "xz", id="xz"),
        pytest.param(b"hello", "unknown", id="text"),
        pytest.param(b"", "unknown", id="empty"),
    ],
)
def test_a_form_is_told_by_the_first_kilobyte(data: bytes, form: str) -> None:
    assert form_of(data[:1024]) == form


def test_the_payload_of_an_x86_image_is_where_the_boot_protocol_says() -> None:
    """Documentation/arch/x86/boot.rst: setup_sects 0 means 4; payload_offset counts from the end of setup."""
    image = bzimage(b"PAYLOAD", setup_sectors=27)
    payload = payload_of(image, "file")
    assert payload is not None
    assert image[payload.offset :][:7] == b"PAYLOAD"
    assert payload.size == len(b"PAYLOAD") + 4
    oldest = bytearray(bzimage(b"PAYLOAD", setup_sectors=4))
    oldest[0x1F1] = 0
    assert payload_of(bytes(oldest), "file") == Payload("x86 kernel image", 5 * 512 + 333, 11)


def test_an_x86_image_older_than_the_payload_fields_is_searched() -> None:
    """Boot protocol 2.07 and older do not tell where the payload is."""
    image = bytearray(bzimage(COMPRESSORS["gzip"](VMLINUX)))
    struct.pack_into("<H", image, 0x206, 0x207)
    struct.pack_into("<II", image, 0x248, 0xFFFFFFFF, 0xFFFFFFFF)
    assert payload_of(bytes(image), "file") is None
    assert find_btf(bytes(image), "file") == MIDDLE


@pytest.mark.parametrize("at", [0x248, 0x24C], ids=["offset", "length"])
def test_a_payload_outside_the_file_is_an_error(at: int) -> None:
    image = bytearray(bzimage(COMPRESSORS["xz"](VMLINUX)))
    struct.pack_into("<I", image, at, 0xFFFFFFF0)
    with pytest.raises(TargetError, match="says that its kernel lies at"):
        find_btf(bytes(image), "file")


IMAGES = [
    bzimage(COMPRESSORS["gzip"](VMLINUX)),
    zboot(COMPRESSORS["bzip2"](VMLINUX), "bzip2"),
    plain_image(SMALL),
    VMLINUX[:3300],
    tar_archive({"k.btf": SMALL}),
    COMPRESSORS["xz"](SMALL),
]


@pytest.mark.parametrize("image", IMAGES, ids=["bzimage", "zboot", "plain", "elf", "tar", "xz"])
def test_a_file_that_is_cut_short_anywhere_is_an_error_or_still_read(image: bytes) -> None:
    """Byte by byte through the headers, then in steps: what is left may hold all of its BTF."""
    for length in (*range(min(len(image), 1200)), *range(1200, len(image), 97)):
        assert problem_of(image[:length]).startswith("file: ")


@given(st.sampled_from(IMAGES), st.data())
def test_a_damaged_file_is_an_error_or_still_read(image: bytes, data: st.DataObject) -> None:
    damaged = bytearray(image)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, min(len(damaged), 700) - 1) | st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    kept = damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    assert problem_of(bytes(kept)).startswith("file: ")
    assert form_of(bytes(kept[:1024]))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["6.12.107+deb13-s390x", "6.1.0-50-arm64", "cilium-testdata-7.1-amd64"])
def test_whole_kernels_are_found_in_noise(name: str, shared: Path) -> None:
    """Big-endian, large, and with the 32-byte header of kernel 7.1."""
    packed = (shared / "btf" / f"{name}.btf.xz").read_bytes()
    raw = find_btf(packed, name)
    assert find_raw_btf(noise(100_001) + raw + noise(50_000, 2)) == raw
