"""Objects and BTF that are small, and become large where somebody forgot a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack

from btfview.bpf.insn import CALL, EXIT, MOV64_IMM, Insn, encode_insn
from btfview.btf.kinds import BTF_MAGIC, BTF_VERSION, BtfKind, CoreReloKind

_INT, _STRUCT = BtfKind.INT << 24, BtfKind.STRUCT << 24
_LONG = b"a" * 100_000
"""Any of its tails is a string; named 6,000 times over, 200 KB become 600 MB."""
_TAILS = 6_000
_EXIT = encode_insn(Insn(EXIT, 0, 0, 0, 0))
_MOVE = encode_insn(Insn(MOV64_IMM, 1, 0, 0, 0))
_PROGRAM = "socket"


def btf_bytes(types: bytes, strings: bytes) -> bytes:
    """Return raw BTF; *strings* begins with the empty one."""
    header = pack("<HBBIIIII", BTF_MAGIC, BTF_VERSION, 0, 24, 0, len(types), len(types), len(strings))
    return header + types + strings


def _int(name_off: int) -> bytes:
    return pack("<IIII", name_off, _INT, 4, 32)


def _struct(name_off: int, members: Sequence[tuple[int, int, int]], size: int) -> bytes:
    """Return a struct with members of (name offset, type, bits)."""
    head = pack("<III", name_off, _STRUCT | len(members), size)
    return head + b"".join(pack("<III", *member) for member in members)


def _tails() -> list[int]:
    """Return offsets into a string section that holds the empty string and the long one."""
    return [1 + step * (len(_LONG) // _TAILS) for step in range(_TAILS)]


def btf_with_tails_as_types() -> bytes:
    return btf_bytes(b"".join(map(_int, _tails())), b"\0" + _LONG + b"\0")


def btf_with_tails_as_members() -> bytes:
    members = [(offset, 1, 32 * index) for index, offset in enumerate(_tails())]
    strings = b"\0" + _LONG + b"\0int\0task_struct\0"
    types = _int(len(_LONG) + 2) + _struct(len(_LONG) + 6, members, 4 * len(members))
    return btf_bytes(types, strings)


def btf_with_tails_as_enumerators() -> bytes:
    values = b"".join(pack("<II", offset, index) for index, offset in enumerate(_tails()))
    strings = b"\0" + _LONG + b"\0pid_type\0"
    return btf_bytes(pack("<III", len(_LONG) + 2, BtfKind.ENUM << 24 | _TAILS, 4) + values, strings)


def btf_with_long_names_in_a_tree() -> bytes:
    """Twenty structs, each twice in the next: a million paths of twenty names of 4 KB."""
    name = b"n" * 4000
    strings = b"\0int\0task_struct\0" + name + b"\0"
    types = _int(1)
    for level in range(20):
        members = [(17, 1 + level, 0), (18, 1 + level, 32 << level)]
        types += _struct(5 if level == 19 else 19, members, 8 << level)
    return btf_bytes(types, strings)


def btf_with_a_tree() -> bytes:
    """Forty structs, each twice in the next: a million members of each, with what is inside."""
    types = _int(1)
    for level in range(40):
        half = 4 << min(level, 20)
        types += _struct(5 if level == 39 else 17, [(17, 1 + level, 0), (17, 1 + level, 8 * half)], 2 * half)
    return btf_bytes(types, b"\0int\0task_struct\0n\0")


def btf_of_different_records(count: int = 100_000) -> bytes:
    """Typedefs whose unused bits all differ, for who keeps a table of what a record's first word means."""
    head = pack("<IIII", 1, _INT, 4, 32)
    records = b"".join(pack("<III", 1, BtfKind.TYPEDEF << 24 | index, 1) for index in range(count))
    return btf_bytes(head + records, b"\0int\0")


def elf_bytes(
    sections: Sequence[tuple[str, int, int, bytes, int, int]],
    names: bytes = b"\0",
    *,
    tails: Sequence[int] = (),
) -> bytes:
    """Return a 64-bit little-endian BPF object with *sections* (name, type, flags, contents, link, info),
    then empty ones that are named by *tails*, offsets into *names*."""
    headers = bytes(64)
    body = bytearray()
    for name, kind, flags, contents, link, info in sections:
        body += bytes(-len(body) % 8)
        headers += pack(
            "<IIQQQQIIQQ", len(names), kind, flags, 0, 64 + len(body), len(contents), link, info, 8, 0
        )
        body += contents
        names += name.encode() + b"\0"
    headers += b"".join(pack("<IIQQQQIIQQ", tail, 1, 0, 0, 64, 0, 0, 0, 1, 0) for tail in tails)
    index = len(headers) // 64
    headers += pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64 + len(body), len(names), 0, 0, 1, 0)
    body += names
    body += bytes(-len(body) % 8)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    table_at = 64 + len(body)
    rest = (1, 247, 1, 0, 0, table_at, 0, 64, 0, 0, 64, index + 1, index)
    return ident + pack("<HHIQQQIHHHHHH", *rest) + bytes(body) + headers


def bpf_object(
    btf: bytes,
    ext: bytes = b"",
    code: bytes = _EXIT,
    symbols: bytes = b"",
    symbol_names: bytes = b"\0",
    section: str = _PROGRAM,
) -> bytes:
    """Return an object with one section of programs."""
    return elf_bytes(
        [
            (section, 1, 6, code, 0, 0),
            (".BTF", 1, 0, btf, 0, 0),
            *([(".BTF.ext", 1, 0, ext, 0, 0)] if ext else []),
            (".symtab", 2, 0, bytes(24) + symbols, 4 + bool(ext), 1),
            (".strtab", 3, 0, symbol_names, 0, 0),
        ]
    )


def ext_bytes(lines: bytes = b"", core_relos: bytes = b"") -> bytes:
    """Return a ``.BTF.ext`` of two lists."""
    header = pack("<HBBI", BTF_MAGIC, BTF_VERSION, 0, 32)
    return header + pack("<6I", 0, 0, 0, len(lines), len(lines), len(core_relos)) + lines + core_relos


def _list(record_size: int, section_name: int, records: Sequence[bytes]) -> bytes:
    return pack("<III", record_size, section_name, len(records)) + b"".join(records)


_ORDINARY = b"\0int\0task_struct\0pid\0socket\0"
_PID_STRUCT = _int(1) + _struct(5, [(17, 1, 0)], 4)


def object_with_tails_as_sections() -> bytes:
    return elf_bytes([(".BTF", 1, 0, btf_bytes(_PID_STRUCT, _ORDINARY), 0, 0)], _LONG + b"\0", tails=_tails())


def object_with_tails_as_symbols() -> bytes:
    symbols = b"".join(pack("<IBBHQQ", offset, 0x12, 0, 1, 0, 8) for offset in _tails())
    return bpf_object(btf_bytes(_PID_STRUCT, _ORDINARY), symbols=symbols, symbol_names=b"\0" + _LONG + b"\0")


def object_with_tails_as_lines() -> bytes:
    strings = _ORDINARY + _LONG + b"\0"
    start = len(_ORDINARY)
    records = [
        pack("<IIII", 8 * index, start + offset - 1, start + offset, 1 << 10)
        for index, offset in enumerate(_tails())
    ]
    return bpf_object(btf_bytes(_PID_STRUCT, strings), ext_bytes(_list(16, 21, records)), _EXIT * _TAILS)


def object_with_tails_as_access_strings() -> bytes:
    long = b"0:" * (len(_LONG) // 2)
    start = len(_ORDINARY)
    records = [
        pack("<IIII", 8 * index, 2, start + offset - 1, CoreReloKind.FIELD_BYTE_OFFSET)
        for index, offset in enumerate(_tails())
    ]
    btf = btf_bytes(_PID_STRUCT, _ORDINARY + long + b"\0")
    return bpf_object(btf, ext_bytes(core_relos=_list(16, 21, records)), _MOVE * _TAILS)


def object_with_many_records(count: int, last_field: bytes = b"pid") -> bytes:
    """Records of one field, an instruction each, in functions of a hundred; the last is of *last_field*."""
    strings = _ORDINARY + b"0:0\0" + last_field + b"\0"
    types = _PID_STRUCT + _struct(5, [(len(_ORDINARY) + 4, 1, 0)], 4)
    records = [
        pack("<IIII", 8 * index, 2 + (index == count - 1), len(_ORDINARY), CoreReloKind.FIELD_BYTE_OFFSET)
        for index in range(count)
    ]
    names, symbols = b"\0", b""
    for start in range(0, count, 100):
        symbols += pack("<IBBHQQ", len(names), 0x12, 0, 1, 8 * start, 800)
        names += f"f{start}\0".encode()
    ext = ext_bytes(core_relos=_list(16, 21, records))
    return bpf_object(btf_bytes(types, strings), ext, _MOVE * count + _EXIT, symbols, names)


def object_with_small_programs(count: int, section: str = _PROGRAM, *, is_poisoned: bool = False) -> bytes:
    """Programs of a record, a call of helper 9,999 and an exit each; *is_poisoned* where no kernel has the
    field."""
    strings = _ORDINARY + b"0:0\0" + section.encode() + b"\0"
    code = _MOVE + encode_insn(Insn(CALL, 0, 0, 0, 9_999)) + _EXIT
    records = [pack("<IIII", len(code) * index, 2, len(_ORDINARY), 0) for index in range(count)]
    names, symbols = b"\0", b""
    for index in range(count):
        symbols += pack("<IBBHQQ", len(names), 0x12, 0, 1, len(code) * index, len(code))
        names += f"f{index}\0".encode()
    ext = ext_bytes(core_relos=_list(16, len(_ORDINARY) + 4, records))
    btf = btf_bytes(_int(1) + _struct(5, [(21 if is_poisoned else 17, 1, 0)], 4), strings)
    return bpf_object(btf, ext, code * count, symbols, names, section)


def object_with_functions_over_one_another(count: int = 500) -> bytes:
    """Each returns after an instruction, which is poisoned, but says that it reaches to the end."""
    strings = _ORDINARY + b"0:0\0"
    records = [pack("<IIII", 16 * index, 2, len(_ORDINARY), 0) for index in range(count)]
    symbols = b"".join(pack("<IBBHQQ", 1, 0x12, 0, 1, 16 * n, 16 * (count - n)) for n in range(count))
    ext = ext_bytes(core_relos=_list(16, 21, records))
    btf = btf_bytes(_int(1) + _struct(5, [(21, 1, 0)], 4), strings)  # no kernel's task_struct has a socket
    return bpf_object(btf, ext, (_MOVE + _EXIT) * count, symbols, b"\0f\0")


def executable_with_many_headers() -> bytes:
    """A file for another machine that is full of what looks like objects with 16,000 sections."""
    inner = elf_bytes([], tails=[0] * 16_000)
    head = bytearray(inner[:64])
    return b"\x7fELF\x02\x01\x01" + bytes(9) + pack("<HH", 2, 62) + bytes(44) + bytes(head) * 200 + inner * 8


OBJECTS: dict[str, Callable[[], bytes]] = {
    "tails-as-sections": object_with_tails_as_sections,
    "tails-as-symbols": object_with_tails_as_symbols,
    "tails-as-lines": object_with_tails_as_lines,
    "tails-as-access-strings": object_with_tails_as_access_strings,
    "tails-as-types": lambda: bpf_object(btf_with_tails_as_types()),
    "tails-as-members": lambda: bpf_object(btf_with_tails_as_members()),
    "tails-as-enumerators": lambda: bpf_object(btf_with_tails_as_enumerators()),
    "long-names-in-a-tree": lambda: bpf_object(btf_with_long_names_in_a_tree()),
    "functions-over-one-another": object_with_functions_over_one_another,
    "many-records": lambda: object_with_many_records(20_000),
    "many-programs": lambda: object_with_small_programs(800, is_poisoned=True),
    "many-headers": executable_with_many_headers,
}
BTFS: dict[str, Callable[[], bytes]] = {
    "tails-as-types": btf_with_tails_as_types,
    "tails-as-members": btf_with_tails_as_members,
    "tails-as-enumerators": btf_with_tails_as_enumerators,
    "long-names-in-a-tree": btf_with_long_names_in_a_tree,
    "a-tree": btf_with_a_tree,
    "different-records": btf_of_different_records,
}
