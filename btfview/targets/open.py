"""Open a file that holds BTF, whatever it is wrapped in.

Raw BTF and plain ELF are read here, since a lean command reads no more; :mod:`.unpacking.unpack` does the
rest, and :mod:`.cache` keeps what took it long.
"""

from __future__ import annotations

from btfview.bpf.elf import ELF_MAGIC
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError, TargetError
from btfview.frozen import TYPE_CHECKING
from btfview.inputs import LARGE, MAX_KERNEL, open_input

from .sections import BtfSections, elf_sections, is_raw_btf

if TYPE_CHECKING:
    from typing import Any

    from btfview.inputs import OpenInput


def read_btf_file(path: str, *, base: Btf | None = None) -> Btf:
    """Return the BTF in *path*: raw, in an ELF file, in a kernel image, in a tar archive, and all of these
    compressed.

    With *base*, the file is a module's, on top of that kernel. A module with a distilled base stands on
    that where no *base* is given, and is fitted to *base* where one is (libbpf: ``btf__parse_split``).

    Raises:
        UnreadableFileError: the operating system refuses the file.
        TargetError: it holds no BTF, cannot be unpacked, or does not fit *base*.
        BtfFormatError: its BTF is damaged.
        ObjectFormatError: it is a damaged ELF file.
    """
    sections = read_sections(path)
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


def read_sections(path: str) -> BtfSections:
    """Return the raw BTF in the file *path*; errors as of :func:`read_btf_file`."""
    with open_input(path) as file:
        if file.size > MAX_KERNEL:
            if file.read_at(0, 4) == ELF_MAGIC:
                large: Any = _SlicedFile(file)
                return _find_sections(large, path)
            raise TargetError(
                f"{file.size >> 20} MiB are too much for one kernel",
                path=path,
                hint=f"up to {MAX_KERNEL >> 20} MiB are read, and more of an ELF file alone",
            )
        is_large_btf = file.size >= LARGE and is_raw_btf(file.read_at(0, 2))
        data = file.read_large(MAX_KERNEL) if is_large_btf else file.read(MAX_KERNEL)
    if is_raw_btf(data) or data[:4] == ELF_MAGIC:
        return _find_sections(data, path)
    from . import cache
    from .unpacking.unpack import is_slow

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
    from .unpacking.unpack import unpack_btf

    return unpack_btf(data, path)


class _SlicedFile:
    """A large file with as much of the interface of bytes as :func:`.sections.elf_sections` needs: what is
    looked at is read then, and is not missed when the file is cut meanwhile."""

    def __init__(self, file: OpenInput) -> None:
        self._file = file

    def __len__(self) -> int:
        return self._file.size

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, int):
            return self._file.read_at(index, 1)[0]
        start, stop, _ = index.indices(len(self))
        return self._file.read_at(start, stop - start)
