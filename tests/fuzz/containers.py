"""Kernel images, archives and packed files of every kind, as targets."""

from __future__ import annotations

import bz2
import gzip
import lzma

from btfview.targets.open import find_btf
from btfview.targets.unpacking.unpack import form_of
from tests.targets.samples import (
    SMALL,
    bzimage,
    elf_file,
    lz4_frame,
    noise,
    plain_image,
    tar_archive,
    zboot,
    zstd_compress,
)


def seeds() -> list[bytes]:
    elf = elf_file({".BTF": SMALL})
    stored = lz4_frame(SMALL, 1, is_stored=True)
    return [
        elf,
        bzimage(gzip.compress(elf, mtime=0)),
        zboot(zstd_compress(plain_image(SMALL)), "x"),
        plain_image(SMALL),
        lzma.compress(SMALL),
        lzma.compress(SMALL, lzma.FORMAT_ALONE),
        bz2.compress(SMALL),
        zstd_compress(SMALL),
        stored,
        gzip.compress(tar_archive({"a/6.1.btf": SMALL}), mtime=0),
        noise(500) + gzip.compress(SMALL, mtime=0) + noise(99),
    ]


def run(data: bytes) -> None:
    form_of(data[:1024])
    find_btf(data, "input")
