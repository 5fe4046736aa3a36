"""A BPF object file: its programs, its BTF, and its CO-RE relocations, each at its instruction."""

from __future__ import annotations

from bisect import bisect_right
from struct import pack

from btfview.btf.ext import EMPTY_BTF_EXT, BtfExt, CoreRelo, LineInfo, read_btf_ext
from btfview.btf.kinds import BTF_MAGIC, BTF_VERSION, HEADER_SIZE
from btfview.btf.reader import Btf
from btfview.errors import InputError, ObjectFormatError
from btfview.frozen import TYPE_CHECKING, replace
from btfview.inputs import MAX_OBJECT

from .elf import EM_BPF, STT_FUNC, ElfFile, Symbol, read_elf
from .insn import decode_insn, format_insn

if TYPE_CHECKING:
    from .embedded import EmbeddedObject
    from .insn import Insn

_MAX_LISTED = 4
"""Objects of an executable, and sections of an object, that an error names."""


class BpfObject:
    """A relocatable BPF ELF file, as clang, gcc, rustc and btfview write it."""

    def __init__(self, elf: ElfFile, btf: Btf, ext: BtfExt, *, path: str) -> None:
        self.path = path
        self.embedded_at: int | None = None
        """Where it begins in the file at :attr:`path`, in bytes, if that is an executable that carries it."""
        self.elf = elf
        self.btf = btf
        self.ext = ext
        self._code: dict[str, bytes] = {
            section.name: elf.bytes_of(section) for section in elf.sections if section.is_executable
        }
        self.functions: dict[str, tuple[Symbol, ...]] = self._read_functions()
        """Functions of each section, by start."""
        self._starts = {name: [one.value for one in found] for name, found in self.functions.items()}
        self._lines: dict[str, tuple[list[int], list[LineInfo]]] | None = None

    @property
    def is_little_endian(self) -> bool:
        return self.elf.is_little_endian

    @property
    def has_btf(self) -> bool:
        """Without, it has no record, no type and no source line; its instructions are there all the same."""
        return self.elf.section(".BTF") is not None

    @property
    def core_relos(self) -> tuple[CoreRelo, ...]:
        return self.ext.core_relos

    @property
    def sections(self) -> tuple[str, ...]:
        """Names of the sections that hold instructions and have any."""
        return tuple(name for name, code in self._code.items() if code)

    def _read_functions(self) -> dict[str, tuple[Symbol, ...]]:
        names = {section.index: section.name for section in self.elf.sections if section.is_executable}
        found: dict[str, list[Symbol]] = {}
        for symbol in self.elf.symbols():
            if symbol.type == STT_FUNC and symbol.section_index in names:
                found.setdefault(names[symbol.section_index], []).append(symbol)
        return {name: _apart(sorted(symbols, key=lambda s: s.value)) for name, symbols in found.items()}

    def function_at(self, section: str, insn_off: int) -> Symbol | None:
        """Return the function that holds the instruction at *insn_off*, if any."""
        index = bisect_right(self._starts.get(section, ()), insn_off) - 1
        if index < 0:
            return None
        symbol = self.functions[section][index]
        return symbol if insn_off < symbol.value + symbol.size else None

    def program_of(self, relo: CoreRelo) -> str:
        """Return the name of the function a record lies in; empty where the symbol table has none."""
        function = self.function_at(relo.section, relo.insn_off)
        return function.name if function else ""

    def code(self, section: str) -> bytes:
        """Return the instructions of a section; empty for one that does not exist."""
        return self._code.get(section, b"")

    def insn_at(self, section: str, insn_off: int) -> Insn | None:
        """Return the instruction at a byte offset; None where there is none."""
        try:
            return decode_insn(self.code(section), insn_off, is_little_endian=self.is_little_endian)
        except ValueError:
            return None

    def insn_text(self, section: str, insn_off: int) -> str | None:
        """Return the instruction at a byte offset in the verifier's words; None where there is none."""
        insn = self.insn_at(section, insn_off)
        return format_insn(insn) if insn else None

    def line_at(self, section: str, insn_off: int) -> LineInfo | None:
        """Return the source line that covers an instruction: the last record at or before it, within
        the same function."""
        if self._lines is None:
            self._lines = {}
            for info in self.ext.line_infos:
                offsets, infos = self._lines.setdefault(info.section, ([], []))
                offsets.append(info.insn_off)
                infos.append(info)
        offsets, infos = self._lines.get(section, ([], []))
        index = bisect_right(offsets, insn_off) - 1
        if index < 0:
            return None
        function = self.function_at(section, insn_off)
        return None if function and infos[index].insn_off < function.value else infos[index]


def _apart(functions: list[Symbol]) -> tuple[Symbol, ...]:
    """Return functions, given by start, each to the beginning of the next at most. In a healthy file they do
    not overlap; 10,000 that all reach to the end would be gone through 10,000 times."""
    apart: list[Symbol] = []
    room: int | None = None
    for function, after in zip(reversed(functions), (None, *reversed(functions)), strict=False):
        if after is not None and function.value < after.value:
            room = after.value - function.value
        is_over = room is not None and function.size > room
        apart.append(replace(function, size=room) if is_over else function)
    return tuple(reversed(apart))


def read_object(data: bytes, *, path: str) -> BpfObject:
    """Return a BPF object from the bytes of its file, or of an executable that carries just one.

    Raises:
        ObjectFormatError: no ELF file, or not for BPF and without just one object that is.
        BtfFormatError: ``.BTF`` or ``.BTF.ext`` is damaged.
    """
    try:
        return _read_object(data, path)
    except InputError as error:
        error.path = error.path or path  # some are raised where only the bytes are known
        raise


def _read_object(data: bytes, path: str) -> BpfObject:
    elf = read_elf(data, path=path)
    if elf.machine == EM_BPF and len(data) > MAX_OBJECT:
        raise ObjectFormatError(
            f"{len(data)} bytes; BPF objects of up to {MAX_OBJECT >> 20} MiB are read",
            path=path,
            hint="llvm-strip -g drops what the loader does not need",
        )
    if elf.machine != EM_BPF:
        embedded = _only_embedded(elf, path)
        obj = _read_object(embedded.data, path)
        obj.embedded_at = embedded.offset
        return obj
    section = elf.section(".BTF")
    if section is None:  # libbpf opens it, and then does not look at .BTF.ext
        return BpfObject(elf, Btf(_empty_btf(elf.is_little_endian), path=path), EMPTY_BTF_EXT, path=path)
    btf = Btf(elf.bytes_of(section), path=path)
    ext_section = elf.section(".BTF.ext")
    ext = read_btf_ext(elf.bytes_of(ext_section), btf, path=path) if ext_section else EMPTY_BTF_EXT
    return BpfObject(elf, btf, ext, path=path)


def _empty_btf(is_little_endian: bool) -> bytes:
    order = "<" if is_little_endian else ">"
    return pack(order + "HBBIIIII", BTF_MAGIC, BTF_VERSION, 0, HEADER_SIZE, 0, 0, 0, 1) + b"\0"


def _only_embedded(elf: ElfFile, path: str) -> EmbeddedObject:
    """Return the BPF object that an ELF file for another machine carries."""
    from .embedded import find_embedded_objects

    found = find_embedded_objects(elf.data)
    if len(found) == 1:
        return found[0]
    problem = f"an ELF file for machine {elf.machine}, not a BPF object (machine {EM_BPF})"
    if not found:
        raise ObjectFormatError(
            f"{problem}, and there is none in it",
            path=path,
            hint="if it is a kernel, give it as a target: -t FILE",
        )
    raise ObjectFormatError(
        f"{problem}, with {len(found)} of these in it",
        path=path,
        hint="choose one: btfview extract --object N FILE -o OUT.o, where N is "
        + "; ".join(f"{number} ({_sections(one)})" for number, one in enumerate(found[:_MAX_LISTED], start=1))
        + ("; ..." if len(found) > _MAX_LISTED else ""),
    )


def _sections(embedded: EmbeddedObject) -> str:
    more = len(embedded.sections) - _MAX_LISTED
    return ", ".join(embedded.sections[:_MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
