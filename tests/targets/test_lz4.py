"""LZ4: the plain decoder and the system's give the same, on what lz4(1) writes and on damage."""

from __future__ import annotations

import ctypes
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.errors import TargetError
from btfview.targets.unpacking import lz4
from btfview.targets.unpacking.budget import Budget
from btfview.targets.unpacking.lz4 import decode_block, unpack_lz4
from tests.targets.samples import LZ4_COMMANDS, MIDDLE, lz4_tool, noise

HELLO_FRAME = bytes.fromhex("04224d186440a7110000007368656c6c6f2c20070060776f726c640a000000009d9773df")
"""``printf 'hello, hello, world\\n' | lz4 -c | xxd -p`` with lz4 1.9.4."""
HELLO_LEGACY = bytes.fromhex("02214c18110000007368656c6c6f2c20070060776f726c640a")
"""The same with ``-l``."""


def unpacked(data: bytes) -> bytes:
    return bytes(unpack_lz4(data, Budget(len(data)), "file"))


@pytest.fixture(params=["native", "python"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "python":
        monkeypatch.setattr(lz4, "_native_decoder", lambda: None)
    elif lz4._native_decoder() is None:
        pytest.skip("no liblz4 on this machine")
    return str(request.param)


@pytest.mark.usefixtures("decoder")
class TestBothDecoders:
    def test_what_lz4_writes_is_read(self) -> None:
        assert unpacked(HELLO_FRAME) == unpacked(HELLO_LEGACY) == b"hello, hello, world\n"

    @lz4_tool
    @pytest.mark.parametrize("command", LZ4_COMMANDS)
    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(bytes(300_000), id="zeros"),
            pytest.param(noise(100_000), id="stored-blocks"),
            pytest.param(MIDDLE * 20, id="linked-blocks"),
            pytest.param(b"ab" * 40 + b"abc" * 700, id="overlapping-matches"),
        ],
    )
    def test_every_frame_form_is_read(self, command: str, data: bytes) -> None:
        assert unpacked(LZ4_COMMANDS[command](data)) == data

    @lz4_tool
    def test_a_legacy_frame_of_several_blocks_is_read(self) -> None:
        data = noise(100_000) * 200  # 20 MB: three blocks of 8 MiB
        assert unpacked(LZ4_COMMANDS["lz4-legacy"](data)) == data

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            pytest.param(b"\x04\x22\x4d\x18", "cut short", id="no-header"),
            pytest.param(HELLO_FRAME[:-9], "cut short", id="block-cut-short"),
            pytest.param(HELLO_FRAME[:-1], "cut short", id="checksum-cut-short"),
            pytest.param(b"\x04\x22\x4d\x18\x00\x40\xa7", "frame version 0", id="version"),
            pytest.param(b"\x04\x22\x4d\x18\x65\x40\xa7", "dictionary", id="dictionary"),
            pytest.param(b"\x04\x22\x4d\x18\x60\x10\xa7", "block size code 1", id="block-size-code"),
            pytest.param(
                b"\x04\x22\x4d\x18\x60\x40\xa7\xff\xff\xff\x7f", "2147483647 bytes", id="huge-block"
            ),
            pytest.param(b"\x04\x22\x4d\x18\x60\x40\xa7\x03\0\0\0\x10a\1\0\0\0\0", "a block", id="no-offset"),
            pytest.param(
                b"\x04\x22\x4d\x18\x60\x40\xa7\x04\0\0\0\x10a\x09\0\0\0\0\0", "block", id="far-match"
            ),
            pytest.param(b"\x02\x21\x4c\x18", "no block", id="empty-legacy"),
            pytest.param(b"\x02\x21\x4c\x18\xff\xff\xff\x00", "no block|cut short", id="legacy-size"),
            pytest.param(HELLO_LEGACY[:-1], "cut short", id="legacy-cut-short"),
        ],
    )
    def test_damage_is_named(self, data: bytes, problem: str) -> None:
        with pytest.raises(TargetError, match=problem):
            unpacked(data)


def compressed_block(data: bytes) -> bytes:
    """One block by liblz4's compressor, which we did not write."""
    try:
        library = ctypes.CDLL("liblz4.so.1")
    except OSError:
        pytest.skip("no liblz4 on this machine")
    room = ctypes.create_string_buffer(library.LZ4_compressBound(len(data)))
    size = library.LZ4_compress_default(data, room, len(data), len(room))
    return room.raw[:size]


@given(st.lists(st.binary(max_size=40), max_size=30), st.randoms(use_true_random=False))
def test_plain_python_decodes_what_liblz4_encodes(parts: list[bytes], shuffler: random.Random) -> None:
    data = b"".join(shuffler.choices(parts, k=60)) if parts else b""
    out = bytearray(b"before")
    decode_block(compressed_block(data), out, len(out), len(data))
    assert bytes(out) == b"before" + data


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(max_size=50))
def test_plain_python_judges_any_bytes_as_liblz4_does(block: bytes, capacity: int, history: bytes) -> None:
    native = lz4._native_decoder()
    if native is None:
        pytest.skip("no liblz4 on this machine")
    results: list[bytes | None] = []
    for decode in (native, decode_block):
        out = bytearray(history)
        try:
            decode(block, out, 0, capacity)
            results.append(bytes(out))
        except ValueError:
            results.append(None)
    # liblz4 is stricter: the last literals must be five or more, a match must not reach the end.
    assert results[0] in (None, results[1])
