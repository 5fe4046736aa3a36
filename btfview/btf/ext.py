"""Read ``.BTF.ext``: which instruction belongs to which function, source line and relocation.

Format: ``struct btf_ext_header``, ``struct bpf_func_info``, ``bpf_line_info`` and ``bpf_core_relo``
(``tools/lib/bpf/btf.h``, ``include/uapi/linux/bpf.h``). Each part is a list of ELF sections, each with
its records; records may be longer than what is read here, never shorter.
"""

from __future__ import annotations

from struct import Struct, unpack_from

from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .kinds import BTF_VERSION, CoreReloKind, byte_order_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .reader import Btf

_SECTION = ".BTF.ext"
_MAX_RECORDS = {"func_info": 1 << 18, "line_info": 1 << 19, "core_relo": 1 << 17}
"""Of each kind; the verifier takes a million instructions, real objects have some thousand records."""


@frozen
class FuncInfo:
    section: str
    insn_off: int
    """Bytes from the start of the section."""
    type_id: int
    """A Func of the object's BTF."""


@frozen
class LineInfo:
    section: str
    insn_off: int
    """Bytes from the start of the section."""
    file: str
    text: str
    """The source line; may be empty."""
    line: int
    column: int


@frozen
class CoreRelo:
    """One CO-RE relocation record (``struct bpf_core_relo``, linux/bpf.h)."""

    index: int
    """In file order over all sections, from 0."""
    section: str
    insn_off: int
    """Bytes from the start of the section; a multiple of 8 in a healthy file."""
    type_id: int
    """Root type, in the object's BTF."""
    access_str: str
    """``"0:1:2"``; for enumerators the index of one, for types ``"0"``."""
    kind_number: int
    """As stored: a newer compiler may know kinds that btfview does not."""
    record_offset: int
    """Bytes from the start of ``.BTF.ext``: where the 16 bytes of this record are."""

    @property
    def kind(self) -> CoreReloKind | None:
        """None for a kind that btfview does not know."""
        return _KINDS.get(self.kind_number)

    @property
    def kind_label(self) -> str:
        """``field_byte_offset``; the bare number of an unknown kind."""
        return _LABELS.get(self.kind_number) or str(self.kind_number)


_KINDS = {int(kind): kind for kind in CoreReloKind}
_LABELS = {int(kind): kind.label for kind in CoreReloKind}


@frozen
class BtfExt:
    func_infos: tuple[FuncInfo, ...]
    line_infos: tuple[LineInfo, ...]
    core_relos: tuple[CoreRelo, ...]


EMPTY_BTF_EXT = BtfExt((), (), ())


def read_btf_ext(data: bytes, btf: Btf, *, path: str | None = None) -> BtfExt:
    """Return the records of a ``.BTF.ext`` section; *btf* holds its strings.

    Raises:
        BtfFormatError: the header, or the size of a list, breaks the format.
    """
    order = _byte_order(data, path)
    (header_len,) = unpack_from(order + "I", data, 4)
    if not 24 <= header_len <= len(data):
        raise BtfFormatError(
            f"header length {header_len} is impossible", section=_SECTION, offset=4, path=path
        )
    lists = unpack_from(order + "4I", data, 8)
    has_core_relo = header_len >= 32
    core = unpack_from(order + "2I", data, 24) if has_core_relo else (0, 0)

    def read(place: tuple[int, ...], fields: str, name: str) -> Iterator[tuple[str, int, tuple[int, ...]]]:
        start, length = header_len + place[0], place[1]
        return _read_list(data, start, length, Struct(order + fields), btf, name, path)

    func_infos = tuple(
        FuncInfo(section, off, type_id) for section, _, (off, type_id) in read(lists[:2], "2I", "func_info")
    )
    line_infos = tuple(
        LineInfo(section, off, btf.string(file), btf.string(line), place >> 10, place & 0x3FF)
        for section, _, (off, file, line, place) in read(lists[2:], "4I", "line_info")
    )
    core_relos = tuple(
        CoreRelo(index, section, off, type_id, _access_str(btf, access), kind, at)
        for index, (section, at, (off, type_id, access, kind)) in enumerate(read(core, "4I", "core_relo"))
    )
    return BtfExt(func_infos, line_infos, core_relos)


def _access_str(btf: Btf, offset: int) -> str:
    """Return the access string, or text that no parser takes when its offset is outside: one bad record
    must not hide the others."""
    try:
        return btf.string(offset)
    except BtfFormatError:
        return f"<string offset {offset} is outside .BTF>"


def _byte_order(data: bytes, path: str | None) -> str:
    if len(data) < 24:
        raise BtfFormatError(
            f"{len(data)} bytes are too few for a header", section=_SECTION, offset=0, path=path
        )
    order = byte_order_of(data)
    if order is None:
        raise BtfFormatError("wrong magic number", section=_SECTION, offset=0, path=path)
    if data[2] != BTF_VERSION:
        raise BtfFormatError(f"version {data[2]} is unknown", section=_SECTION, offset=2, path=path)
    return order


def _read_list(
    data: bytes, start: int, length: int, fields: Struct, btf: Btf, name: str, path: str | None
) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Yield (section name, offset of the record, its fields) for one of the three lists."""
    if not length:
        return

    def broken(problem: str, offset: int) -> BtfFormatError:
        return BtfFormatError(f"{name}: {problem}", section=_SECTION, offset=offset, path=path)

    end = start + length
    if end > len(data) or length < 4:
        raise broken(f"list of {length} bytes does not fit in the section", start)
    order = fields.format[0]
    (record_size,) = unpack_from(order + "I", data, start)
    if record_size < fields.size or record_size % 4:
        raise broken(f"record size {record_size}; at least {fields.size} is needed", start)
    position, left = start + 4, _MAX_RECORDS[name]
    while position < end:
        if position + 8 > end:
            raise broken("section header is cut short", position)
        name_off, count = unpack_from(order + "2I", data, position)
        position += 8
        if position + count * record_size > end:
            raise broken(f"{count} records do not fit", position)
        left -= count
        if left < 0:
            raise broken(f"more than the {_MAX_RECORDS[name]} records that are read", position)
        section = btf.string(name_off)
        for at in range(position, position + count * record_size, record_size):
            yield section, at, fields.unpack_from(data, at)
        position += count * record_size
