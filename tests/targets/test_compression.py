"""Compressed streams: several in a row, what follows them, and how much they may become."""

from __future__ import annotations

import bz2
import gzip
import lzma
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.errors import InputError, TargetError
from btfview.targets.open import find_btf
from btfview.targets.unpacking.budget import Budget
from btfview.targets.unpacking.compression import COMPRESSIONS, compression_of, unpack
from tests.targets.samples import (
    ALL_COMPRESSORS,
    COMPRESSORS,
    LZ4_COMMANDS,
    MIDDLE,
    lz4_frame,
    lz4_tool,
    noise,
    problem_of,
    zstd_compress,
)

Compress = Callable[[bytes], bytes]
MIB = 1 << 20
SMALL_INPUT_BOUND = 64 * MIB
"""What an input below 1 MiB may unpack to."""


def unpacked(data: bytes, *, start: int = 0, size: int | None = None) -> bytes:
    how = compression_of(data, start)
    assert how is not None
    return unpack(data, how, Budget(size or len(data)), "file", start=start)


@pytest.mark.parametrize("compress", ALL_COMPRESSORS)
def test_a_stream_ends_where_it_ends(compress: Compress) -> None:
    """In a kernel image other bytes stand before and behind: its size, code, zeros."""
    packed = compress(MIDDLE)
    for after in (b"", b"\xc0\xff\xee\xfe", bytes(5000), noise(5000)):
        assert unpacked(b"before" + packed + after, start=6) == MIDDLE


@pytest.mark.parametrize("compress", [one for one in ALL_COMPRESSORS if one.id != "lzma"])
def test_streams_in_a_row_are_one_file(compress: Compress) -> None:
    """As gzip(1), xz(1), pbzip2 and pzstd read and write them."""
    assert unpacked(compress(b"first " * 999) + compress(MIDDLE)) == b"first " * 999 + MIDDLE


def test_padding_between_xz_streams_is_no_data() -> None:
    """xz file format 1.2.1, section 2.2: stream padding, a multiple of four zero bytes."""
    assert unpacked(lzma.compress(b"a") + bytes(8) + lzma.compress(b"b")) == b"ab"


@pytest.mark.parametrize(
    "compress",
    [
        *(pytest.param(one, id=name) for name, one in COMPRESSORS.items()),
        pytest.param(LZ4_COMMANDS["lz4"], id="lz4", marks=lz4_tool),
        pytest.param(LZ4_COMMANDS["lz4-legacy"], id="lz4-legacy", marks=lz4_tool),
    ],
)
def test_a_small_file_may_become_64_mib_and_no_more(compress: Compress) -> None:
    packed = compress(bytes(SMALL_INPUT_BOUND))
    assert len(unpacked(packed, size=1)) == SMALL_INPUT_BOUND
    packed = compress(bytes(SMALL_INPUT_BOUND + 1))
    with pytest.raises(
        TargetError, match=r"unpacks to more than 64 MiB.*decompression bomb.*unpack it yourself"
    ):
        unpacked(packed, size=1)


def test_a_large_file_may_become_64_times_as_much_up_to_256_mib() -> None:
    """With the file itself, 320 MiB."""
    sizes = (1, MIB, 3 * MIB, 16 * MIB, 100 * MIB, 128 * MIB)
    assert [Budget(size).bound // MIB for size in sizes] == [64, 64, 192, 256, 220, 192]


@pytest.mark.parametrize("kind", ["gzip", "xz", "bzip2", "zstd"])
def test_a_bomb_is_refused_in_little_memory(kind: str, tmp_path: Path) -> None:
    """128 MiB of zeros, packed twice, so that the file is some 100 bytes."""
    path = tmp_path / "bomb"
    path.write_bytes(COMPRESSORS[kind](COMPRESSORS[kind](bytes(128 * MIB))))
    script = (
        "import resource; from btfview.targets.open import read_btf_file;"
        "resource.setrlimit(resource.RLIMIT_DATA, (230 << 20, 230 << 20));"
        "from btfview.errors import TargetError\n"
        f"try: read_btf_file({str(path)!r})\n"
        "except TargetError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "decompression bomb" in run.stdout, run.stderr


def test_an_xz_that_wants_gigabytes_of_dictionary_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(MIDDLE, filters=filters))
    at = packed.index(b"\x21\x01") + 2  # LZMA2, one byte of properties: the size of the dictionary
    packed[at] = 39  # 3 GiB (xz file format 1.2.1, section 5.3.1)
    header_end = 12 + (packed[12] + 1) * 4
    packed[header_end - 4 : header_end] = zlib.crc32(packed[12 : header_end - 4]).to_bytes(4, "little")
    with pytest.raises(TargetError, match="Memory usage limit exceeded"):
        unpacked(bytes(packed))


@pytest.mark.parametrize("compress", ALL_COMPRESSORS)
def test_damage_is_an_error_that_names_the_file_or_harmless(compress: Compress) -> None:
    packed = compress(MIDDLE)
    for at in range(0, len(packed), max(len(packed) // 50, 1)):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        assert problem_of(bytes(damaged)).startswith("file: ")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(gzip.compress(b"", mtime=0) * 50_000, id="empty-gzip-members"),
        pytest.param(lzma.compress(b"") * 30_000, id="empty-xz-streams"),
        pytest.param(bz2.compress(b"") * 70_000, id="empty-bzip2-streams"),
        pytest.param(b"\x1f\x8b\x08\0" * 250_000, id="gzip-magics"),
        pytest.param(b"x" + b"\x28\xb5\x2f\xfd" * 250_000, id="zstd-magics"),
        pytest.param(b"x" + b"\x5d\0\0\x80\0" + b"\xff" * 8 + b"\x5d\0\0\x80\0" * 100_000, id="lzma-headers"),
        pytest.param(b"x" + b"\x9f\xeb\x01\x00" * 250_000, id="btf-magics"),
        pytest.param(gzip.compress(b"x" + b"\x9f\xeb\x01\x00" * (15 * MIB), mtime=0), id="packed-btf-magics"),
        pytest.param(gzip.compress(b"x" + b"\xfd7zXZ\0" * (10 * MIB), mtime=0), id="packed-xz-magics"),
        pytest.param(zstd_compress(b"") * 200_000, id="empty-zstd-frames"),
        pytest.param(lzma.compress(b"x") + bytes(100 * MIB), id="xz-padding"),
        pytest.param(lz4_frame(b"\x10x", 500_000), id="lz4-blocks-of-a-byte"),
        pytest.param(lz4_frame(b"", 500_000, is_stored=True), id="lz4-blocks-of-nothing"),
    ],
)
@pytest.mark.timeout(20)
def test_a_megabyte_of_traps_is_gone_through_quickly(data: bytes) -> None:
    """Each costs the square of its size where somebody forgot; the time allowed is far more than needed."""
    with pytest.raises(InputError):
        find_btf(data, "file")


def test_each_compression_is_known_by_what_begins_it() -> None:
    for name, compress in COMPRESSORS.items():
        how = compression_of(compress(MIDDLE))
        assert how is not None
        assert how.name == name
    assert len({how.name for how in COMPRESSIONS}) == len(COMPRESSIONS)
    assert compression_of(b"BZhello") is None
    assert compression_of(b"\x5d\0\0 but not lzma") is None
    assert compression_of(b"") is None


def test_zstd_without_a_module_for_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zstd_compress(MIDDLE)
    for name in ("backports.zstd", "compression.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(TargetError, match=r"pip install backports\.zstd, or unpack it: zstd -d"):
        unpacked(packed)
