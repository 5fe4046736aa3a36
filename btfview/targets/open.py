"""Open a file that holds BTF, whatever it is wrapped in.

Raw BTF and plain ELF are read here, since a lean command reads no more; :mod:`.unpack` does the rest, and
:mod:`.cache` keeps what took it long.
"""

from __future__ import annotations

import os
import stat

from btfview.bpf.elf import ELF_MAGIC
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError, TargetError, UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING

from .sections import MAPPED_FROM, BtfSections, elf_sections, is_raw_btf

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO
    from typing import Any

_MAX_FILE = 1 << 30
"""Bytes that are read into memory."""


def read_btf_file(path: str, *, base: Btf | None = None, is_brief: bool = False) -> Btf:
    """Return the BTF in *path*: raw, in an ELF file, in a kernel image, in a tar archive, and all of these
    compressed.

    With *base*, the file is a module's, on top of that kernel. A module with a distilled base stands on
    that where no *base* is given, and is fitted to *base* where one is (libbpf: ``btf__parse_split``).
    *is_brief* is as for :func:`read_input`.

    Raises:
        UnreadableFileError: the operating system refuses the file.
        TargetError: it holds no BTF, cannot be unpacked, or does not fit *base*.
        BtfFormatError: its BTF is damaged.
        ObjectFormatError: it is a damaged ELF file.
    """
    sections = read_sections(path, is_brief=is_brief)
    if base is not None:
        from .module import open_module

        return open_module(sections, base, path)
    if sections.distilled_base is not None:
        return Btf(sections.btf, base=Btf(sections.distilled_base, path=path), path=path)
    try:
        return Btf(sections.btf, path=path)
    except BtfFormatError as error:
        from .module import is_split

        if not is_split(sections.btf):
            raise
        raise TargetError(
            "a module's BTF, which continues its kernel's", path=path, hint=f"give both: KERNEL+{path}"
        ) from error


def find_btf(data: bytes, path: str) -> bytes:
    """Return the raw BTF in the bytes of the file *path*.

    Raises:
        TargetError: there is none.
        ObjectFormatError: it is a damaged ELF file.
    """
    return _find_sections(data, path).btf


def read_sections(path: str, *, is_brief: bool = False) -> BtfSections:
    """Return the raw BTF in the file *path*; errors as of :func:`read_btf_file`."""
    data = read_input(path, is_brief=is_brief)
    if is_raw_btf(data) or data[:4] == ELF_MAGIC:
        return _find_sections(data, path)
    from . import cache
    from .unpack import is_slow

    if not is_slow(data) or not cache.is_on():
        return _find_sections(data, path)
    key = cache.key_of(data)
    kept = cache.load(key)
    if kept is not None:
        return BtfSections(kept)
    sections = _find_sections(data, path)
    if sections.distilled_base is None:  # modules that carry one are small
        cache.store(key, sections.btf)
    return sections


def _find_sections(data: bytes, path: str) -> BtfSections:
    if is_raw_btf(data):
        return BtfSections(data)
    if data[:4] == ELF_MAGIC:
        found = elf_sections(data, path)
        if found is not None:
            return found
    from .unpack import unpack_btf

    return unpack_btf(data, path)


def read_input(path: str, *, is_brief: bool = False) -> bytes:
    """Return the bytes of the file or pipe *path*; of a large ELF file a mapping with the interface of
    bytes.

    With *is_brief*, of raw BTF as well: of a kernel, a command needs a part, and a page that it does not look
    at costs nothing. Only who ends soon may ask for it: where a mapped file is cut, looking ends the process.

    Raises:
        UnreadableFileError: the operating system refuses, or it is nothing to read from.
        TargetError: it is larger than 1 GiB.
    """
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode):
                if status.st_size > MAPPED_FROM:
                    if file.read(4) == ELF_MAGIC:
                        return _map(descriptor)
                    file.seek(0)
                elif is_brief and (mapped := _map_btf(file, descriptor)):
                    return mapped
                if status.st_size > _MAX_FILE:
                    raise TargetError(f"{status.st_size >> 20} MiB are too much for one kernel", path=path)
                return file.readall()
            if stat.S_ISFIFO(status.st_mode):
                os.set_blocking(descriptor, True)
                return _read_pipe(file.read, path)
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a file"
            raise UnreadableFileError(f"is {kind}", path=path)
    except OSError as error:
        raise UnreadableFileError(reason_of(error), path=path) from error
    except ValueError as error:  # a NUL in the path
        raise UnreadableFileError(str(error), path=path) from error


def _map(descriptor: int) -> bytes:
    import mmap

    mapping: Any = mmap.mmap(descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    data: bytes = mapping
    return data


def _map_btf(file: FileIO, descriptor: int) -> bytes | None:
    """Return a mapping of raw BTF; None, with nothing read, for other files and where that is refused (the
    sysfs of kernels before 6.16)."""
    is_btf = is_raw_btf(file.read(4))
    file.seek(0)
    try:
        return _map(descriptor) if is_btf else None
    except (OSError, ValueError):
        return None


def _read_pipe(read: Callable[[int], bytes | None], path: str) -> bytes:
    """Return all that comes out of a pipe: ``-t <(zcat kernel.btf.gz)``."""
    parts: list[bytes] = []
    left = _MAX_FILE
    while part := read(1 << 20):
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise TargetError(f"more than {_MAX_FILE >> 20} MiB are too much for one kernel", path=path)
    return b"".join(parts)
