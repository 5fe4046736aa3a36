"""Read ``.BTF``: an index over the bytes, and types that are decoded when they are asked for.

A kernel's BTF has 100,000 to 200,000 types. Finding where each record starts is one pass over the
type section (10 ms); names are searched in the string section, so that no table of all names is
built before somebody wants it. :mod:`.wire` describes the same format for people, with construct.

Source of the format: ``Documentation/bpf/btf.rst``; bounds as ``btf_parse_hdr`` in libbpf's btf.c.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from struct import unpack_from

from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from . import types as t
from .kinds import BTF_VERSION, HEADER_SIZE, BtfKind, byte_order_of
from .strings import OverlapError, StringTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MAX_BTF = 32 << 20
"""Bytes; four times that of the largest kernels, twice what the kernel takes (``BTF_MAX_SIZE``)."""

# Words (u32) after struct btf_type's three: a fixed number, and a number for each of vlen elements.
_FIXED_WORDS = {1: 1, 3: 3, 14: 1, 17: 1}
_ELEMENT_WORDS = {4: 3, 5: 3, 6: 2, 13: 2, 15: 3, 19: 3}
_KINDS = tuple(BtfKind)
"""By number: three times as fast as a call of the class."""
_LAST_KIND = max(BtfKind)
_MANY_SIZES = 10_000
"""Different info words, of which a kernel has some 300."""

LONG_NAMES = frozenset(
    (
        *("long", "long int", "int long", "unsigned long", "long unsigned", "unsigned long int"),
        *("unsigned int long", "long unsigned int", "long int unsigned", "int unsigned long"),
        "int long unsigned",
    )
)
"""libbpf (``determine_ptr_size``): the size of an int so named is the size of a pointer."""

_FOLLOWED = (t.Modifier, t.Typedef)
_MAX_CHAIN = 64
"""Longest chain of typedefs and modifiers that is followed; real ones are below 10."""
_LAZY_STEP = 1 << 15
"""Words that are looked at at once where records are found as they are asked for: 5,000 types."""
_RAW_SEARCHES = 3
"""String offsets up to which a search in the raw bytes is faster than a pass over all records."""
_PART = 1 << 18
"""Bytes of the type section that are searched at once for the first type of a name."""
_BIG_STRINGS = 1 << 18
"""Bytes; a kernel has some 2 MB of strings, an object or a module a few KB."""
_DICT_AFTER = 8
_MANY_NAMES = 64
"""Searches, and names in one search, from which on a table of all names pays."""


class Btf:
    """One BTF: its own types on top of those of its base, if it is split.

    Type ids count through: 0 is void, then the base's, then this one's.
    """

    def __init__(
        self, data: bytes, *, base: Btf | None = None, path: str | None = None, is_lazy: bool = False
    ) -> None:
        """Index *data*, a whole ``.BTF`` section.

        With *is_lazy*, records are found only as far as questions reach: 10 ms less for one struct among
        the first of a kernel. Damage behind it is then not seen.

        Raises:
            BtfFormatError: the header or a record breaks the format.
        """
        self.path = path
        self.base = base
        self._data = data
        self.is_little_endian, self._types_at, types_len, self._strings_at, strings_len = self._read_header()
        self._strings_end = self._strings_at + strings_len
        self._strings = StringTable(data, self._strings_at, self._strings_end)
        self.string_start: int = base.string_end if base else 0
        self.string_end: int = self.string_start + strings_len
        self.start_id: int = base.type_count if base else 1
        self._words, self._name_words = self._read_words(self._types_at, types_len)
        self._types_end = self._types_at + 4 * len(self._words)
        self._layout: tuple[tuple[int, int], ...] = ()
        self._record_sizes: dict[int, int] = {}
        self._info_at = array("I", (1,) if len(self._words) else ())
        """Word index of each record's ``info``, in id order; until all are found, of one more place where
        the next record begins."""
        self._is_complete = not self._info_at
        if not is_lazy:
            self._scan(len(self._words))
        self._types: dict[int, t.BtfType] = {}
        self._ids_by_name: dict[str, tuple[int, ...]] = {}
        self._all_ids_by_name: dict[str, list[int]] | None = None
        self._places: dict[str, int] = {}
        """Where names stand in a large string section, -1 for nowhere: modules ask their kernel for them."""
        self._searches = 0
        self._pointer_size = 0

    @property
    def data(self) -> bytes:
        """The bytes that this BTF was read from."""
        return self._data

    @property
    def root(self) -> Btf:
        """The kernel's own BTF, if this is a module's on top of it; else itself."""
        found = self
        while found.base is not None:
            found = found.base
        return found

    # -- the bytes ---------------------------------------------------------------------------

    def _read_header(self) -> tuple[bool, int, int, int, int]:
        data = self._data
        if len(data) > MAX_BTF:
            raise self._broken(f"{len(data)} bytes are more than the {MAX_BTF >> 20} MiB that are read", 0)
        if len(data) < HEADER_SIZE:
            raise self._broken(f"{len(data)} bytes are too few for a BTF header of {HEADER_SIZE}", 0)
        order = byte_order_of(data)
        if order is None:
            raise self._broken(f"no BTF: begins with {bytes(data[:2]).hex(' ')}, not 9f eb or eb 9f", 0)
        version, _flags, header_len = unpack_from(order + "BBI", data, 2)
        if version != BTF_VERSION:
            raise self._broken(f"BTF version {version}; only version {BTF_VERSION} is known", 2)
        if not HEADER_SIZE <= header_len <= len(data):
            raise self._broken(f"header length {header_len} is impossible", 4)
        type_off, type_len, string_off, string_len = unpack_from(order + "4I", data, 8)
        room = len(data) - header_len
        if type_off + type_len > room or type_off % 4 or type_len % 4:
            raise self._broken(f"type section {type_off}+{type_len} does not fit in {room} bytes", 8)
        if string_off + string_len > room or string_off < type_off + type_len:
            raise self._broken(f"string section {string_off}+{string_len} does not fit in {room} bytes", 16)
        strings_at = header_len + string_off
        if string_len and data[strings_at + string_len - 1]:
            raise self._broken("string section does not end with a zero byte", strings_at)
        if string_len and not self.base and data[strings_at]:
            raise self._broken(
                "string section does not begin with an empty string; is it split BTF "
                "(a module's), to be opened with its kernel?",
                strings_at,
            )
        if header_len >= 32:
            self._layout_at = (header_len, *unpack_from(order + "2I", data, 24))
        else:
            self._layout_at = (0, 0, 0)
        return order == "<", header_len + type_off, type_len, strings_at, string_len

    def _read_words(self, start: int, length: int) -> tuple[memoryview, memoryview]:
        """Return the type section as host-order u32 words (all of a record's fields are such words),
        and the same shifted by one: there, the index of a record's ``info`` gives its ``name_off``."""
        view = memoryview(self._data)[start - 4 : start + length]
        if self.is_little_endian == (sys.byteorder == "little") and start % 4 == 0:
            shifted = view.cast("I")
        else:
            words = array("I", view.tobytes())
            if self.is_little_endian != (sys.byteorder == "little"):
                words.byteswap()
            shifted = memoryview(words)
        return shifted[1:], shifted

    @property
    def type_count(self) -> int:
        """One more than the last type id."""
        self._scan(len(self._words))
        return self.start_id + len(self._info_at)

    def _scan(self, stop: int) -> None:
        """Find the records that begin before word *stop*.

        This loop is what opening a kernel costs: 75 ns a type. A plain dict from info word to record
        size (a kernel has some 300 different ones) is faster than any arithmetic on it.
        """
        if self._is_complete or self._info_at[-1] >= stop < len(self._words):
            return
        words = self._words[:stop]
        found, size_of = self._info_at, self._record_sizes
        append = found.append
        position = found[-1]
        while len(size_of) < _MANY_SIZES:
            try:
                while True:
                    position += size_of[words[position]]
                    append(position)
            except KeyError:
                info = words[position]
                size_of[info] = self._record_words(info, len(found) - 1 + self.start_id, position)
            except IndexError:
                break
        while position < stop:  # a table of them all would be larger than the file
            position += self._record_words(words[position], len(found) - 1 + self.start_id, position)
            append(position)
        end = len(self._words) + 1
        if position > end or (stop == end - 1 and position < end):
            last = len(found) - 2 + self.start_id
            raise self._broken(f"record of type [{last}] runs past the end of the type section", None)
        if position < end:
            return
        found.pop()
        self._is_complete = True

    def _has_record(self, index: int) -> bool:
        """Tell whether there is a record *index*, after finding so many of them."""
        while not self._is_complete and index >= len(self._info_at) - 1:
            self._scan(min(self._info_at[-1] + _LAZY_STEP, len(self._words)))
        return 0 <= index < len(self._info_at)

    def _record_words(self, info: int, type_id: int, position: int) -> int:
        """Return the size of a record. 7 bits of kind and 24 of vlen as from kernel 7.1 on: older
        files have zeros in the bits that were added."""
        kind, vlen = info >> 24 & 0x7F, info & 0xFFFFFF
        if 1 <= kind <= _LAST_KIND:
            return 3 + _FIXED_WORDS.get(kind, 0) + _ELEMENT_WORDS.get(kind, 0) * vlen
        layout = self._read_layout()
        if kind < len(layout) and kind:
            info_size, element_size = layout[kind]
            return 3 + (info_size + element_size * vlen) // 4
        raise self._broken(
            f"type [{type_id}] has the unknown kind {kind}, and no layout section tells its size",
            self._types_at + position * 4,
        )

    def _read_layout(self) -> tuple[tuple[int, int], ...]:
        """Return (fixed bytes, bytes an element) for each kind (``struct btf_layout``, kernel 7.1)."""
        header_len, offset, length = self._layout_at
        if not self._layout and length:
            raw = self._data[header_len + offset : header_len + offset + length]
            self._layout = tuple((raw[i], raw[i + 1]) for i in range(0, len(raw) - 3, 4))
        return self._layout

    def _broken(self, problem: str, offset: int | None) -> BtfFormatError:
        return BtfFormatError(problem, offset=offset, path=self.path)

    # -- strings -----------------------------------------------------------------------------

    def string(self, offset: int) -> str:
        """Return the string at *offset* of the string section (the base's comes first), of one of more than
        4,096 bytes the beginning.

        Raises:
            BtfFormatError: *offset* is outside, or the strings that were asked for overlap too much.
        """
        if offset < self.string_start:
            assert self.base is not None
            return self.base.string(offset)
        if offset >= self.string_end:
            if offset == 0:
                return ""
            raise self._broken(f"string offset {offset} is past the end ({self.string_end})", None)
        try:
            return self._strings.at(offset - self.string_start)
        except OverlapError as error:
            raise self._broken(str(error), None) from error

    # -- types -------------------------------------------------------------------------------

    def type(self, type_id: int) -> t.BtfType:
        """Return type *type_id*, decoded once.

        Raises:
            BtfFormatError: there is no such id, or its record points outside the file.
        """
        found = self._types.get(type_id)
        if found is None:
            if 0 < type_id < self.start_id and self.base:
                return self.base.type(type_id)
            found = self._types[type_id] = self._decode(type_id)
        return found

    def kind(self, type_id: int) -> BtfKind:
        """Return the kind of *type_id* without decoding the rest (VOID for an unknown kind)."""
        if type_id == 0:
            return BtfKind.VOID
        if type_id < self.start_id and self.base:
            return self.base.kind(type_id)
        number = self._words[self._info_index(type_id)] >> 24 & 0x7F
        return _KINDS[number] if number <= _LAST_KIND else BtfKind.VOID

    def name(self, type_id: int) -> str:
        """Return the name of *type_id* without decoding the rest; empty for an anonymous type."""
        if type_id == 0:
            return ""
        if type_id < self.start_id and self.base:
            return self.base.name(type_id)
        return self.string(self._words[self._info_index(type_id) - 1])

    def name_offsets(self, type_id: int) -> list[int]:
        """Return where the names of one of this BTF's own types stand, as :meth:`string` takes them: its own
        and those of its members, enumerators or parameters."""
        words, at = self._words, self._info_index(type_id)
        kind, vlen = words[at] >> 24 & 0x7F, words[at] & 0xFFFFFF
        size = _ELEMENT_WORDS.get(kind, 0) if kind != BtfKind.DATASEC else 0
        return [self._name_words[at], *words[at + 2 : at + 2 + size * vlen : size or 1]]

    def is_string_start(self, offset: int) -> bool:
        """Tell whether a string begins at *offset* of this BTF's own strings, and not inside another."""
        at = self._strings_at + offset - self.string_start
        return at == self._strings_at or (at < self._strings_end and not self._data[at - 1])

    def _name_or_empty(self, info_at: int) -> str:
        """Return a name where one bad type must not hide the others (libbpf: ``btf__name_by_offset``
        returns NULL, its callers go on)."""
        try:
            return self.string(self._name_words[info_at])
        except BtfFormatError:
            return ""

    def place(self, type_id: int) -> tuple[Btf, int]:
        """Return the BTF (this or its base) that holds the record of *type_id*, and the index of the
        record's info word in that one's :meth:`records`.

        Raises:
            BtfFormatError: there is no such type, or it is void, which has no record.
        """
        if 0 < type_id < self.start_id and self.base:
            return self.base.place(type_id)
        return self, self._info_index(type_id)

    def records(self) -> tuple[memoryview, array[int]]:
        """Return the own type section as host-order u32 words, and in it the index of the info word of
        each record, in id order from ``start_id`` on: for who goes through all types."""
        self._scan(len(self._words))
        return self._words, self._info_at

    def string_section(self) -> bytes:
        """Return the own string section; its first byte is string offset ``string_start``."""
        return self._data[self._strings_at : self._strings_end]

    def ids(self) -> Iterator[int]:
        """Iterate over all type ids but void, the base's first."""
        return iter(range(1, self.type_count))

    def _info_index(self, type_id: int) -> int:
        index = type_id - self.start_id
        if not self._has_record(index):
            raise self._broken(f"there is no type [{type_id}]; the last is [{self.type_count - 1}]", None)
        return self._info_at[index]

    def _decode(self, type_id: int) -> t.BtfType:
        if type_id == 0:
            return t.Void()
        words = self._words
        at = self._info_index(type_id)
        name = self.string(self._name_words[at])
        info, size_or_type = words[at], words[at + 1]
        number, vlen, flag = info >> 24 & 0x7F, info & 0xFFFFFF, bool(info >> 31)
        if number > _LAST_KIND:
            return t.Unknown(type_id, name, number)
        kind = _KINDS[number]
        rest = at + 2
        match kind:
            case BtfKind.STRUCT | BtfKind.UNION:
                members = self._decode_members(rest, vlen, flag)
                return t.Struct(type_id, name, kind, size_or_type, members, flag)
            case BtfKind.PTR:
                return t.Ptr(type_id, size_or_type)
            case BtfKind.INT:
                data = words[rest]
                return t.Int(type_id, name, size_or_type, data >> 24 & 0xF, data >> 16 & 0xFF, data & 0xFF)
            case BtfKind.ARRAY:
                return t.Array(type_id, words[rest], words[rest + 1], words[rest + 2])
            case BtfKind.TYPEDEF:
                return t.Typedef(type_id, name, size_or_type)
            case BtfKind.CONST | BtfKind.VOLATILE | BtfKind.RESTRICT | BtfKind.TYPE_TAG:
                return t.Modifier(type_id, name, kind, size_or_type, flag)
            case BtfKind.ENUM | BtfKind.ENUM64:
                values = self._decode_enumerators(rest, vlen, kind, flag)
                return t.Enum(type_id, name, kind, size_or_type, values, flag)
            case BtfKind.FWD:
                return t.Fwd(type_id, name, flag)
            case BtfKind.FUNC:
                return t.Func(type_id, name, size_or_type, vlen)
            case BtfKind.FUNC_PROTO:
                params = tuple(
                    t.Param(self.string(words[i]), words[i + 1]) for i in range(rest, rest + 2 * vlen, 2)
                )
                return t.FuncProto(type_id, size_or_type, params)
            case BtfKind.VAR:
                return t.Var(type_id, name, size_or_type, words[rest])
            case BtfKind.DATASEC:
                variables = tuple(
                    t.DatasecVar(words[i], words[i + 1], words[i + 2])
                    for i in range(rest, rest + 3 * vlen, 3)
                )
                return t.Datasec(type_id, name, size_or_type, variables)
            case BtfKind.FLOAT:
                return t.Float(type_id, name, size_or_type)
            case BtfKind.DECL_TAG:
                return t.DeclTag(type_id, name, size_or_type, _signed32(words[rest]), flag)
            case BtfKind.VOID:
                raise self._broken(f"type [{type_id}] has kind 0", self._types_at + at * 4)

    def _decode_members(self, at: int, count: int, flag: bool) -> tuple[t.Member, ...]:
        words, string = self._words, self.string
        if flag:
            return tuple(
                t.Member(string(words[i]), words[i + 1], words[i + 2] & 0xFFFFFF, words[i + 2] >> 24)
                for i in range(at, at + 3 * count, 3)
            )
        return tuple(
            t.Member(string(words[i]), words[i + 1], words[i + 2], 0) for i in range(at, at + 3 * count, 3)
        )

    def _decode_enumerators(
        self, at: int, count: int, kind: BtfKind, is_signed: bool
    ) -> tuple[t.Enumerator, ...]:
        words, string = self._words, self.string
        if kind == BtfKind.ENUM64:
            values = [words[i + 1] | words[i + 2] << 32 for i in range(at, at + 3 * count, 3)]
            if is_signed:
                values = [value - (value >> 63 << 64) for value in values]
            names = (string(words[i]) for i in range(at, at + 3 * count, 3))
        else:
            values = [words[i + 1] for i in range(at, at + 2 * count, 2)]
            if is_signed:
                values = [_signed32(value) for value in values]
            names = (string(words[i]) for i in range(at, at + 2 * count, 2))
        return tuple(map(t.Enumerator, names, values))

    # -- following references ----------------------------------------------------------------

    def skip_modifiers(self, type_id: int) -> t.BtfType:
        """Return the type behind const, volatile, restrict, type tags and typedefs
        (libbpf: ``skip_mods_and_typedefs``).

        Raises:
            BtfFormatError: the chain is a loop.
        """
        for _ in range(_MAX_CHAIN):
            found = self.type(type_id)
            if not isinstance(found, _FOLLOWED):
                return found
            type_id = found.type_id
        raise self._broken(f"typedefs and modifiers of type [{type_id}] go in a circle", None)

    def byte_size(self, type_id: int) -> int:
        """Return ``sizeof`` of a type (libbpf: ``btf__resolve_size``).

        Raises:
            BtfFormatError: the type has no size (void, a function, a forward declaration), its
                arrays nest too deep, or its size passes 4 GiB.
        """
        count = 1
        for _ in range(_MAX_CHAIN):
            found = self.skip_modifiers(type_id)
            match found:
                case t.Int() | t.Struct() | t.Enum() | t.Float() | t.Datasec():
                    size = found.byte_size
                case t.Ptr():
                    size = self.pointer_size
                case t.Array():
                    count *= found.length
                    type_id = found.type_id
                    continue
                case t.Var():
                    type_id = found.type_id
                    continue
                case _:
                    raise self._broken(f"type [{found.id}] ({found.kind.label}) has no size", None)
            if count * size >= 1 << 32:
                raise self._broken(f"type [{type_id}] is larger than 4 GiB", None)
            return count * size
        raise self._broken(f"arrays of type [{type_id}] nest deeper than {_MAX_CHAIN}", None)

    @property
    def pointer_size(self) -> int:
        """Bytes of a pointer: the size of the first int named ``long`` or so; 8 where there is none.

        BTF does not hold it (libbpf: ``determine_ptr_size``)."""
        if not self._pointer_size:
            self._pointer_size = self.base.pointer_size if self.base else self._find_pointer_size()
        return self._pointer_size

    def _find_pointer_size(self) -> int:
        words = self._words
        index = 0
        while self._has_record(index):  # the int is among the first types of every kernel
            at = self._info_at[index]
            index += 1
            is_word = words[at] >> 24 == BtfKind.INT and words[at + 1] in (4, 8)
            if is_word and self._name_or_empty(at) in LONG_NAMES:
                return words[at + 1]
        return 8

    # -- names -------------------------------------------------------------------------------

    def ids_named(self, name: str) -> tuple[int, ...]:
        """Return the ids of all types called exactly *name*, in id order, the base's first."""
        found = self._ids_by_name.get(name)
        if found is None:
            self.index_names((name,))
            found = self._ids_by_name[name]
        return found

    def first_named(self, name: str, *kinds: BtfKind) -> int | None:
        """Return the first type called *name* that is of one of *kinds*; None where there is none.

        All ids of a name cost a search of the whole type section; this one ends where the type stands, and
        the lists of a kernel's BPF mostly stand in its first tenth.
        """
        is_fast = (
            name not in self._ids_by_name
            and not self.base
            and self._all_ids_by_name is None
            and self.is_little_endian == (sys.byteorder == "little")
        )
        if not is_fast:
            return next((one for one in self.ids_named(name) if self.kind(one) in kinds), None)
        offsets = self._string_offsets_of([name])
        for start in range(self._types_at, self._types_end if offsets else 0, _PART):
            end = min(start + _PART, self._types_end)
            indexes = (i for offset in offsets for i in self._records_with_name(offset, start, end))
            for type_id in sorted(self.start_id + index for index in indexes):
                if self.kind(type_id) in kinds:
                    return type_id
        return None

    def in_id_order(self, ids: Iterable[int]) -> list[int]:
        """Return *ids*, of types of several names, in the order in which they stand in the file."""
        return sorted(ids)

    def index_names(self, names: Iterable[str]) -> None:
        """Find the ids of several names in one pass; later questions for them cost nothing."""
        missing = [name for name in names if name and name not in self._ids_by_name]
        self._ids_by_name.setdefault("", ())
        if not missing:
            return
        if self.base:
            self.base.index_names(missing)
        self._searches += 1
        is_few = self._searches < _DICT_AFTER and len(missing) < _MANY_NAMES
        own = self._ids_of(missing) if is_few else self._full_index()
        for name in missing:
            before = self.base.ids_named(name) if self.base else ()
            self._ids_by_name[name] = (*before, *own.get(name, ()))

    def strings_containing(self, part: str) -> tuple[str, ...]:
        """Return the strings (of the base as well) that hold *part*, in one sweep."""
        found = dict.fromkeys(self.base.strings_containing(part)) if self.base else {}
        data, end, needle = self._data, self._strings_end, part.encode()
        position = data.find(needle, self._strings_at, end)
        while position >= 0:
            start = data.rfind(b"\0", self._strings_at, position) + 1
            stop = data.find(b"\0", position, end)
            found[data[max(start, self._strings_at) : stop].decode("utf-8", "replace")] = None
            position = data.find(needle, stop, end)
        return tuple(found)

    def _ids_of(self, wanted: list[str]) -> dict[str, list[int]]:
        """Search the string section, then the type section: no table of all names is built."""
        by_offset = self._string_offsets_of(wanted)
        names, starts = self._name_words, self._info_at
        if len(by_offset) <= _RAW_SEARCHES and self.is_little_endian == (sys.byteorder == "little"):
            indexes: Iterable[int] = sorted(
                i
                for offset in by_offset
                for i in self._records_with_name(offset, self._types_at, self._types_end)
            )
        else:  # one pass over all records
            self._scan(len(self._words))
            indexes = [index for index, at in enumerate(starts) if names[at] in by_offset]
        found: dict[str, list[int]] = {name: [] for name in wanted}
        for index in indexes:
            found[by_offset[names[starts[index]]]].append(self.start_id + index)
        return found

    def string_offsets(self, name: str) -> list[int]:
        """Return every offset at which *name* can be read: a name may be the tail of another string."""
        return [*(self.base.string_offsets(name) if self.base else ()), *self._own_offsets(name)]

    def _own_offsets(self, name: str) -> Iterator[int]:
        needle = name.encode("utf-8", "surrogatepass") + b"\0"  # not every argv is text
        position = self._data.find(needle, self._strings_at, self._strings_end)
        while position >= 0:
            yield position - self._strings_at + self.string_start
            position = self._data.find(needle, position + 1, self._strings_end)

    def _string_offsets_of(self, wanted: list[str]) -> dict[int, str]:
        """Return where each of *wanted* stands in the string sections.

        In a section as large as a kernel's the first place is taken for the only one. Whoever writes BTF of
        that size (pahole, libbpf, the kernel) writes each string once and shares no tails; to look for
        more would cost 1 ms a name.
        """
        found = self.base._string_offsets_of(wanted) if self.base else {}
        if self._strings_end - self._strings_at < _BIG_STRINGS:
            return found | {offset: name for name in wanted for offset in self._own_offsets(name)}
        for name in wanted:
            at = self._places.get(name)
            if at is None:
                at = self._places[name] = self._first_place(name)
            if at >= 0:
                found[at] = name
        return found

    def _first_place(self, name: str) -> int:
        start = self._strings_at
        needle = b"\0%b\0" % name.encode("utf-8", "surrogatepass")
        at = self._data.find(needle, start - 1, self._strings_end)
        return at + 1 - start + self.string_start if at >= 0 else -1

    def _records_with_name(self, name_off: int, start: int, end: int) -> Iterator[int]:
        """Yield the index of each record that has *name_off*, from the last on, by a search in the raw
        bytes *start* to *end*: 3 ms in a kernel, a third of what a pass over all records costs.

        Backwards, because that looks for the first byte of the number first, the one that differs most.
        """
        needle = name_off.to_bytes(4, sys.byteorder)
        position = self._data.rfind(needle, start, end)
        while position >= 0:
            at = position - self._types_at
            if at % 4 == 0:
                info_at = at // 4 + 1
                if info_at < len(self._words) and self._words[info_at] >> 24 & 0x7F:  # else a member's name
                    self._scan(info_at + 1)
                    index = bisect_left(self._info_at, info_at)
                    if self._has_record(index) and self._info_at[index] == info_at:
                        yield index
            position = self._data.rfind(needle, start, position + 3)

    def _full_index(self) -> dict[str, list[int]]:
        if self._all_ids_by_name is None:
            self._scan(len(self._words))
            table: dict[str, list[int]] = {}
            for type_id, info_at in enumerate(self._info_at, self.start_id):
                table.setdefault(self._name_or_empty(info_at), []).append(type_id)
            self._all_ids_by_name = table
        return self._all_ids_by_name


def _signed32(value: int) -> int:
    return value - (value >> 31 << 32)
