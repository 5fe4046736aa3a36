"""Small kernels in every wrapping, put together from the documents that define them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.errors import InputError
from btfview.targets.open import find_btf
from tests.btf.build import INT, Described, array, build_btf_bytes, int_, ptr, ref
from tests.btf.build import struct as struct_

LONG = int_("long unsigned int", 8)
TASK = struct_("task_struct", size=24, pid=(INT, 0), next=(ptr(ref("task_struct")), 64), x=(LONG, 128))
SMALL = build_btf_bytes(TASK)
SMALL_BIG_ENDIAN = build_btf_bytes(TASK, is_little_endian=False)


def named_structs(count: int) -> list[Described]:
    """Structs enough for a BTF of some size: 100 give 8 kB."""
    return [
        struct_(f"struct_{n}", size=8 + n % 5 * 4, a=(INT, 0), b=(array(INT, n), 32)) for n in range(count)
    ]


MIDDLE = build_btf_bytes(TASK, *named_structs(300))
"""20 kB: more than one chunk of input for a decompressor."""


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not compress, the same in each run."""
    return random.Random(seed).randbytes(size)


# -- ELF (Tool Interface Standard, ELF-64 object file format) ----------------------------------

ET_REL, ET_EXEC = 1, 2
EM_X86_64, EM_BPF = 62, 247


def elf_file(
    sections: dict[str, bytes], *, elf_type: int = ET_EXEC, machine: int = EM_X86_64, order: str = "<"
) -> bytes:
    """An ELF file with *sections* (all SHT_PROGBITS), their table at the end."""
    names, body, headers = b"\0", b"", [bytes(64)]
    for name, content in {**sections, ".shstrtab": b""}.items():
        name_at = len(names)
        names += name.encode() + b"\0"
        content = names if name == ".shstrtab" else content
        kind = 3 if name == ".shstrtab" else 1
        fields = (name_at, kind, 0, 0, 64 + len(body), len(content), 0, 0, 1, 0)
        headers.append(struct.pack(order + "IIQQQQIIQQ", *fields))
        body += content
    ident = b"\x7fELF" + bytes((2, 1 if order == "<" else 2, 1)) + bytes(9)
    table_at = 64 + len(body)
    head = (elf_type, machine, 1, 0, 0, table_at, 0, 64, 0, 0, 64, len(headers), len(headers) - 1)
    return ident + struct.pack(order + "HHIQQQIHHHHHH", *head) + body + b"".join(headers)


VMLINUX = elf_file({".text": noise(3000), ".BTF": MIDDLE, ".data": bytes(2000)})


# -- kernel images ------------------------------------------------------------------------------


def bzimage(payload: bytes, *, setup_sectors: int = 3) -> bytes:
    """An x86 bzImage (Documentation/arch/x86/boot.rst): *payload* behind the setup code and a stub.

    The payload ends with the unpacked size, and code follows it, as in a real one.
    """
    setup = bytearray((setup_sectors + 1) * 512)
    setup[0:2] = b"MZ"
    setup[0x1F1] = setup_sectors
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", setup, 0x206, 0x20F)
    stub = b"\x90" * 333
    struct.pack_into("<II", setup, 0x248, len(stub), len(payload) + 4)
    return bytes(setup) + stub + payload + struct.pack("<I", len(VMLINUX)) + b"\x90" * 500


def zboot(payload: bytes, compression: str) -> bytes:
    """An EFI zboot image (drivers/firmware/efi/libstub/zboot-header.S)."""
    head = b"MZ\0\0zimg" + struct.pack("<II", 64, len(payload)) + bytes(8)
    return (head + compression.encode()).ljust(64, b"\0") + payload + b"\x90" * 200


def lz4_frame(block: bytes, count: int, *, is_stored: bool = False) -> bytes:
    """Return a frame of *count* equal blocks that do not refer to one another (lz4_Frame_format.md)."""
    size = (len(block) | is_stored << 31).to_bytes(4, "little")
    return b"\x04\x22\x4d\x18\x60\x40\x82" + (size + block) * count + bytes(4)


def plain_image(btf: bytes, magic: bytes = b"ARM\x64") -> bytes:
    """An arm64 (``ARM\\x64``) or riscv (``RSC\\x05``) Image, which is not compressed; BTF somewhere in it."""
    head = (b"MZ" + bytes(0x36) + magic).ljust(64, b"\0")
    return head + noise(4321) + b"\x9f\xeb\x01\x00" + noise(100, 2) + btf + noise(999, 3)


# -- compression ----------------------------------------------------------------------------------


def zstd_compress(data: bytes) -> bytes:
    try:
        from backports import zstd
    except ImportError:
        zstd = pytest.importorskip("compression.zstd", reason="needs backports.zstd, or Python 3.14")
    packed: bytes = zstd.compress(data)
    return packed


def by_command(*command: str) -> Callable[[bytes], bytes]:
    def compress(data: bytes) -> bytes:
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    return compress


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "bzip2": bz2.compress,
    "zstd": zstd_compress,
}
LZ4_COMMANDS: dict[str, Callable[[bytes], bytes]] = {
    "lz4": by_command("lz4", "-c"),
    "lz4-checked": by_command("lz4", "-c", "-B4", "-BX", "--content-size"),
    "lz4-linked": by_command("lz4", "-c", "-9", "-B4", "-BD"),
    "lz4-legacy": by_command("lz4", "-c", "-l"),
}
lz4_tool = pytest.mark.debian_tool("lz4")
ALL_COMPRESSORS = [
    *(pytest.param(one, id=name) for name, one in COMPRESSORS.items()),
    *(pytest.param(one, id=name, marks=lz4_tool) for name, one in LZ4_COMMANDS.items()),
]


def tar_archive(files: dict[str, bytes], tar_format: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def write(path: Path, data: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def problem_of(data: bytes) -> str:
    """What is said of *data*; as of any file, when nothing is wrong."""
    try:
        find_btf(data, "file")
    except InputError as error:
        return str(error)
    return "file: fine"
