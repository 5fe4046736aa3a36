"""A kernel's configuration as a file: packed, damaged, or none."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from btfview.demands.kinds.kconfig import read_config
from btfview.errors import InputError
from btfview.inputs import MAX_TEXT

TEXT = b'# Linux/x86 6.1.0\nCONFIG_HZ=250\nCONFIG_BPF=y\nCONFIG_NAME="a=b"\n# CONFIG_KASAN is not set\n'
PACKED = gzip.compress(TEXT, mtime=0)


@pytest.mark.parametrize("data", [TEXT, PACKED, PACKED + b"behind it"], ids=["text", "gzip", "gzip-and-more"])
def test_values_by_name(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(data)
    assert read_config(str(path)) == {"CONFIG_HZ": "250", "CONFIG_BPF": "y", "CONFIG_NAME": '"a=b"'}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"", "no line CONFIG_NAME=value", id="empty"),
        pytest.param(PACKED[:40], "gzip data is cut short", id="cut"),
        pytest.param(PACKED[:10] + b"\xff" * 30, "damaged gzip data", id="no-deflate"),
        pytest.param(PACKED[:-8] + bytes(8), "damaged gzip data", id="another-checksum"),
        pytest.param(gzip.compress(bytes(MAX_TEXT + 1), 1), "more than the 16 MiB", id="bomb"),
    ],
)
def test_what_is_damaged_is_told(data: bytes, told: str, tmp_path: Path) -> None:
    """A deflate stream with an error in it was a traceback (zlib.error)."""
    path = tmp_path / "config.gz"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        read_config(str(path))


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a named pipe"):
        read_config(str(tmp_path / "pipe"))
