"""Open a file that holds BTF, whatever it is wrapped in."""

from __future__ import annotations

from ..bpf.elf import ELF_MAGIC, read_elf
from ..btf.reader import Btf
from ..errors import TargetError
from ..source import read_file

_BTF_MAGICS = (b"\x9f\xeb", b"\xeb\x9f")
_XZ, _GZIP = b"\xfd7zXZ\x00", b"\x1f\x8b"
_OTHERS = {
    b"\x28\xb5\x2f\xfd": ("zstd", "zstd -d"),
    b"BZh": ("bzip2", "bunzip2"),
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d"),
    b"\x02\x21\x4c\x18": ("lz4", "lz4 -d"),
}
_MAX_UNPACKED = 1 << 30
"""Bytes; a vmlinux with debug information has some 500 MB."""


def read_btf_file(path: str, *, base: Btf | None = None) -> Btf:
    """Return the BTF in *path*: raw, in an ELF file's ``.BTF``, or one of these packed with xz or gzip.

    Raises:
        UnreadableFileError: the operating system refuses the file.
        TargetError: it holds no BTF, or is packed in another way.
        BtfFormatError: its BTF is damaged.
    """
    return Btf(find_btf(read_file(path), path), base=base, path=path)


def find_btf(data: bytes, path: str) -> bytes:
    """Return the raw BTF in the bytes of the file *path*.

    Raises:
        TargetError: there is none.
    """
    if data[:2] in _BTF_MAGICS:
        return data
    if data[:4] == ELF_MAGIC:
        elf = read_elf(data, path=path)
        section = elf.section(".BTF")
        if section is None:
            raise TargetError(
                "this ELF file has no .BTF section",
                path=path,
                hint="a kernel has one when it is built with CONFIG_DEBUG_INFO_BTF=y",
            )
        return elf.bytes_of(section)
    if data[:6] == _XZ or data[:2] == _GZIP:
        unpacked = _unpack(data, path)
        if unpacked[:6] == _XZ or unpacked[:2] == _GZIP:
            raise TargetError("packed more than once", path=path, hint="unpack it first")
        return find_btf(unpacked, path)
    for magic, (name, command) in _OTHERS.items():
        if data.startswith(magic):
            raise TargetError(
                f"packed with {name}, which is not read", path=path, hint=f"unpack it: {command}"
            )
    if data[514:518] == b"HdrS" or data[:2] == b"MZ":
        raise TargetError(
            "a bootable kernel image, which is not read",
            path=path,
            hint="give its vmlinux, or /sys/kernel/btf/vmlinux of a machine that runs it",
        )
    if not data:
        raise TargetError("the file is empty", path=path)
    raise TargetError("no BTF: neither raw BTF nor an ELF file", path=path)


def _unpack(data: bytes, path: str) -> bytes:
    """Return the contents of an xz or gzip file, of at most 1 GiB."""
    import lzma
    import zlib

    try:
        if data[:6] == _XZ:
            xz = lzma.LZMADecompressor(memlimit=1 << 28)
            unpacked = xz.decompress(data, max_length=_MAX_UNPACKED)
            is_complete = xz.eof
        else:
            gzip = zlib.decompressobj(wbits=31)
            unpacked = gzip.decompress(data, _MAX_UNPACKED)
            is_complete = gzip.eof
    except (lzma.LZMAError, zlib.error) as error:
        raise TargetError(f"cannot be unpacked ({error})", path=path) from error
    if not is_complete:
        too_big = len(unpacked) >= _MAX_UNPACKED
        raise TargetError(
            "unpacks to more than 1 GiB" if too_big else "cut short: it cannot be unpacked", path=path
        )
    return unpacked
