"""Find the BTF in a file that is neither raw BTF nor plain ELF: packed, archived, or a kernel image."""

from __future__ import annotations

from btfview.bpf.elf import ELF_MAGIC, EM_BPF, read_elf
from btfview.errors import InputError, TargetError
from btfview.inputs import MAX_KERNEL
from btfview.targets.sections import BtfSections, elf_sections, is_raw_btf

from .archive import is_tar, tar_members
from .budget import Budget
from .compression import compression_of, unpack
from .image import Payload, compressed_places, find_raw_btf, image_kind, payload_of

RAW_BTF = "raw BTF"
_MAX_LAYERS = 4
"""Wrappings inside one another: an image in a tar in an xz has three."""
_ET_REL = 1
_SLOW = ("xz", "lzma", "bzip2")
_SLOW_FROM, _IMAGE_FROM = 128 << 10, 2 << 20
"""Packed bytes from which hashing them and reading BTF from the cache takes a third of unpacking, or less."""
_WITHOUT_BTF = "was the kernel built with CONFIG_DEBUG_INFO_BTF=y? (/boot/config-RELEASE tells)"
_SHORT_HEAD = 1024


def form_of(head: bytes) -> str:
    """Return in words what a file is that begins with *head* (1 KiB is enough): ``xz``, ``raw BTF``.

    >>> form_of(b"BZh91AY&SY"), form_of(b"hello")
    ('bzip2', 'unknown')
    """
    if is_raw_btf(head):
        return RAW_BTF
    if head[:4] == ELF_MAGIC:
        return "ELF"
    how = compression_of(head)
    return how.name if how else image_kind(head) or ("tar" if is_tar(head) else "unknown")


def is_slow(data: bytes) -> bool:
    """Tell whether the BTF of this file should be kept in the cache.

    An xz of a kernel's BTF (1.3 MB) unpacks in 62 ms, and comes from the cache in 6. Images that are not
    compressed are searched as fast as they are hashed.
    """
    form = form_of(data[:_SHORT_HEAD])
    if form in ("arm64 kernel image", "riscv kernel image"):
        return False
    return len(data) >= (_SLOW_FROM if form in _SLOW else _IMAGE_FROM)


def unpack_btf(data: bytes, path: str) -> BtfSections:
    """Return the BTF in the bytes of the file *path*.

    Raises:
        TargetError: there is none, or it cannot be reached.
    """
    return _Search(path, Budget(len(data))).sections(data, 0)


class _Search:
    """The search in one file: all attempts draw on the same budget."""

    def __init__(self, path: str, budget: Budget) -> None:
        self.path = path
        self.budget = budget

    def sections(self, data: bytes, depth: int) -> BtfSections:
        """Return the BTF in *data*, *depth* wrappings deep."""
        if is_raw_btf(data):
            return BtfSections(data)
        if data[:4] == ELF_MAGIC:
            return elf_sections(data, self.path) or self._in_other_elf(data)
        if depth >= _MAX_LAYERS:
            raise TargetError(
                f"wrapped more than {_MAX_LAYERS} times", path=self.path, hint="unpack it first"
            )
        how = compression_of(data)
        if how:
            return self.sections(unpack(data, how, self.budget, self.path), depth + 1)
        if is_tar(data):
            return self._in_archive(data, depth)
        payload = payload_of(data, self.path)
        if payload:
            return self._in_payload(data, payload, depth)
        found = self._anywhere(data)
        if found is None:
            raise self._nothing_found(data, depth)
        return found

    def _in_archive(self, data: bytes, depth: int) -> BtfSections:
        members = [member for member in tar_members(data, self.path) if member.name.endswith(".btf")]
        if len(members) != 1:
            names = ", ".join(member.name for member in members[:5])
            raise TargetError(
                f"the archive holds {len(members)} files named *.btf{': ' if names else ''}{names}",
                path=self.path,
                hint="unpack it, and give the file" if members else None,
            )
        member = members[0]
        self.budget.spend(member.size, self.path, "tar -x")  # a copy, beside the archive
        return self.sections(data[member.offset : member.offset + member.size], depth + 1)

    def _in_payload(self, data: bytes, payload: Payload, depth: int) -> BtfSections:
        end = payload.offset + payload.size
        how = compression_of(data, payload.offset)
        try:
            if how:
                kernel = unpack(memoryview(data)[:end], how, self.budget, self.path, start=payload.offset)
            else:
                self.budget.spend(payload.size, self.path, "vmlinux-to-elf")
                kernel = data[payload.offset : end]
            return self.sections(kernel, depth + 1)
        except TargetError as error:
            raise TargetError(f"{payload.image}: {error.problem}", path=self.path, hint=error.hint) from error

    def _in_other_elf(self, data: bytes) -> BtfSections:
        """Return the BTF in an ELF file without ``.BTF``: one stripped of its section table, or a boot
        wrapper around the kernel (powerpc, mips)."""
        elf = read_elf(data, path=self.path)
        elf_type = int.from_bytes(data[16:18], "little" if elf.is_little_endian else "big")
        is_object = elf_type == _ET_REL
        if not is_object and len(data) <= MAX_KERNEL:
            found = self._anywhere(data)
            if found is not None:
                return found
        hint = _WITHOUT_BTF
        if elf.machine == EM_BPF:
            hint = "compile it with debug information (clang -g)"
        elif is_object and elf.section(".modinfo"):
            hint = "was the module built with CONFIG_DEBUG_INFO_BTF_MODULES=y?"
        elif is_object:
            hint = "it is neither a kernel, a module nor a BPF object"
        raise TargetError("this ELF file has no .BTF section", path=self.path, hint=hint)

    def _anywhere(self, data: bytes) -> BtfSections | None:
        """Return BTF that stands anywhere in *data*, else in any compressed stream in it.

        The first is how arm64 and riscv images hold it; the second finds it on s390x, and in whatever
        else has a kernel inside.
        """
        raw = find_raw_btf(data)
        if raw is not None:
            return BtfSections(raw)
        for place in compressed_places(data):
            try:
                found = self._in_stream(data, place)
            except InputError:  # a magic by chance, or something else than the kernel
                if not self.budget.left:
                    raise
                continue
            if found:
                return found
        return None

    def _in_stream(self, data: bytes, place: int) -> BtfSections | None:
        how = compression_of(data, place)
        assert how is not None
        inner = unpack(data, how, self.budget, self.path, start=place)
        found = elf_sections(inner, self.path) if inner[:4] == ELF_MAGIC else None
        raw = None if found else find_raw_btf(inner)
        return BtfSections(raw) if raw is not None else found

    def _nothing_found(self, data: bytes, depth: int) -> TargetError:
        if not data:
            return TargetError("the file is empty", path=self.path)
        kind = image_kind(data[:_SHORT_HEAD])
        if kind:
            what = "what is packed in it holds no BTF" if depth else f"{kind} without BTF"
            return TargetError(what, path=self.path, hint=_WITHOUT_BTF)
        return TargetError(
            f"no BTF{' in what is packed in it' if depth else ''}: neither raw BTF, ELF, a kernel image, nor "
            "one of these packed",
            path=self.path,
        )
