"""Small BPF objects, byte by byte as a test wants them: records that no compiler would write, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, pack_into, unpack_from

from btfview.bpf.insn import EXIT, MOV64_IMM, Insn, encode_insn
from btfview.btf.kinds import CoreReloKind
from tests.btf.build import Described, build_btf_bytes, build_types

SECTION = "socket"
"""A program type that every kernel has and that libbpf knows by this name."""


@dataclass(frozen=True, slots=True)
class Record:
    """A relocation and the instruction it is for."""

    kind: CoreReloKind | int
    root: str | int
    """Name of a local type, or its id."""
    access_str: str
    insn: Insn | int
    """An int stands for ``r1 = INT``."""

    @property
    def instruction(self) -> Insn:
        return Insn(MOV64_IMM, 1, 0, 0, self.insn) if isinstance(self.insn, int) else self.insn


def build_object(
    local: Sequence[Described],
    records: Sequence[Record],
    *,
    is_little_endian: bool = True,
    functions: Sequence[tuple[str, int, int]] | None = None,
    insn_offs: Sequence[int] | None = None,
    tail: Sequence[Insn] = (Insn(MOV64_IMM, 0, 0, 0, 0), Insn(EXIT, 0, 0, 0, 0)),
    has_empty_infos: bool = False,
) -> bytes:
    """Return an ELF object whose section ``socket`` holds the instructions of *records*, then *tail*.

    *functions* are (name, offset, size), by default one over the whole section; *insn_offs*, where
    given, are what the records say of the place of their instructions. ``.BTF.ext`` has no functions and
    lines, which libbpf takes, or with *has_empty_infos* the sizes of such records, as cilium/ebpf needs it.
    """
    types = build_types(*local)
    ids = {item.name: item.id for item in reversed(types)}
    code, places = b"", []
    for record in records:
        places.append(len(code))
        code += encode_insn(record.instruction, is_little_endian=is_little_endian)
    code += b"".join(encode_insn(insn, is_little_endian=is_little_endian) for insn in tail)
    strings = [SECTION, *(record.access_str for record in records)]
    btf, offsets = _with_strings(
        build_btf_bytes(*local, is_little_endian=is_little_endian), strings, is_little_endian
    )
    order = "<" if is_little_endian else ">"
    fields = [
        pack(
            order + "4I",
            place,
            ids[record.root] if isinstance(record.root, str) else record.root,
            offset,
            int(record.kind),
        )
        for record, place, offset in zip(records, insn_offs or places, offsets[1:], strict=True)
    ]
    core = pack(order + "3I", 16, offsets[0], len(fields)) + b"".join(fields)
    header = pack(order + "HBBI", 0xEB9F, 1, 0, 32)
    infos = pack(order + "2I", 8, 16) if has_empty_infos else b""
    places_of = (0, 4, 4, 4, 8) if has_empty_infos else (0, 0, 0, 0, 0)
    ext = header + pack(order + "6I", *places_of, len(core)) + infos + core
    return _elf(code, functions or [("prog", 0, len(code))], btf, ext, order)


def _with_strings(btf: bytes, strings: Sequence[str], is_little_endian: bool) -> tuple[bytes, list[int]]:
    """Return *btf* with *strings* added at the end of its string section, and their offsets."""
    order = "<" if is_little_endian else ">"
    (length,) = unpack_from(order + "I", btf, 20)
    out, offsets = bytearray(btf), []
    for text in strings:
        offsets.append(length)
        out += text.encode() + b"\0"
        length += len(text.encode()) + 1
    pack_into(order + "I", out, 20, length)
    return bytes(out), offsets


def _elf(code: bytes, functions: Sequence[tuple[str, int, int]], btf: bytes, ext: bytes, order: str) -> bytes:
    names = b"\0"
    symbols = bytes(24)
    for name, start, size in functions:
        symbols += pack(order + "IBBHQQ", len(names), 0x12, 0, 1, start, size)  # GLOBAL FUNC in section 1
        names += name.encode() + b"\0"
    parts = [
        # name, type, flags, contents, link, info, entry size
        (SECTION, 1, 6, code, 0, 0, 0),
        (".BTF", 1, 0, btf, 0, 0, 0),
        (".BTF.ext", 1, 0, ext, 0, 0, 0),
        (".symtab", 2, 0, symbols, 5, 1, 24),
        (".strtab", 3, 0, b"", 0, 0, 0),
    ]
    starts = []
    for name, *_ in parts:
        starts.append(len(names))
        names += name.encode() + b"\0"
    parts[-1] = (".strtab", 3, 0, names, 0, 0, 0)
    body, headers = b"", bytes(64)
    for (_, kind, flags, contents, link, info, entry), start in zip(parts, starts, strict=True):
        body += bytes(-len(body) % 8)
        headers += pack(
            order + "IIQQQQIIQQ", start, kind, flags, 0, 64 + len(body), len(contents), link, info, 8, entry
        )
        body += contents
    body += bytes(-len(body) % 8)
    ident = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    rest = (1, 247, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, len(parts) + 1, len(parts))
    return ident + pack(order + "HHIQQQIHHHHHH", *rest) + body + headers
