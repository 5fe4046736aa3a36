"""A kernel's BTF read out of its atlas, a name at a time, and a note of all that was looked at.

Two kernels that agree in all that one question looked at have one answer to it: the same steps read the same
words in both. So the note says for which kernels an answer holds.

Type ids are no kernel's: each name has a row of them, in the order in which a kernel has its types of that
name. What depends on ids of several names, or looks at more than names lead to, is not answered here but
refused.
"""

from __future__ import annotations

from array import array

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import LONG_NAMES, Btf
from btfview.btf.strings import MAX_NAME
from btfview.frozen import TYPE_CHECKING

from .needs_kernel import NeedsKernelError
from .presence import Presence
from .words import NAMED, REFERENCE, kind_of, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from btfview.errors import BtfFormatError

    from .read import Atlas

_FIRST_ID, _FIRST_UNNAMED = 1 << 40, 1 << 32
"""Beyond the ids of any kernel: a mistake between the two is an error, not another type."""
_ROW = 1 << 12
"""Types of one name; kernels have some hundred tags of one."""
_FLAVOR = "___"
_FLAVOR_BYTES = _FLAVOR.encode()


class AtlasNames:
    """What all kernels of an atlas have in common when they are read so."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        with atlas.damage_told():
            self.presence = Presence(atlas)
        self.strings = atlas.strings
        self.number_of = dict(zip(self.strings, range(len(self.strings)), strict=True))
        self._last_of, self._before = _by_name(atlas.names, len(self.strings))
        self._sorted: dict[int, tuple[tuple[int, int], ...]] = {}
        self._rows: dict[int, int] = {}
        self._row_names: list[int] = []
        self._unnamed: dict[int, int] = {}
        self._unnamed_types: list[int] = []
        self._decoded: dict[int, t.BtfType] = {}
        self._texts: dict[int, str] = {}
        self._flavored: tuple[str, ...] | None = None
        self.always: set[int] = set()
        """Names, by their numbers, that are looked at in each kernel from the start."""

    # -- names -----------------------------------------------------------------------------------

    def types_of(self, name: int) -> tuple[tuple[int, int], ...]:
        """Return the number of each type of a name, in any kernel, and the kernels that have it; by rank."""
        found = self._sorted.get(name)
        if found is None:
            atlas, numbers, number = self.atlas, [], self._last_of[name]
            while number:
                if kind_of(atlas.info(number)) != REFERENCE:
                    numbers.append(number)
                number = self._before[number]
            numbers.reverse()
            numbers.sort(key=atlas.rank)
            found = self._sorted[name] = tuple((one, self.presence.of_type(one)) for one in numbers)
        return found

    def flavored(self) -> tuple[str, ...]:
        """Return the names of types, in any kernel, that are flavors of others by some loader's rules."""
        if self._flavored is None:
            self._flavored = tuple(
                one.decode("utf-8", "replace")
                for one in _with_flavors(self.strings)
                if self._last_of[self.number_of[one]]
            )
        return self._flavored

    def text(self, number: int) -> str:
        found = self._texts.get(number)
        if found is None:
            found = self._texts[number] = self.strings[number][:MAX_NAME].decode("utf-8", "replace")
        return found

    # -- ids -------------------------------------------------------------------------------------

    def id_of(self, name: int, rank: int) -> int:
        """Return the id of a kernel's type of a name, counted from 0."""
        if rank >= _ROW:
            raise NeedsKernelError("too many types of one name")
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = len(self._row_names)
            self._row_names.append(name)
        return _FIRST_ID + row * _ROW + rank

    def id_of_reference(self, reference: int) -> int:
        """Return the id of what a word in a type stands for."""
        if reference & NAMED:
            return self.id_of(reference ^ NAMED, 0)
        if not reference:
            return 0
        if kind_of(self.atlas.info(reference)) == REFERENCE:
            return self.id_of(self.atlas.names[reference], self.atlas.rank(reference))
        found = self._unnamed.get(reference)
        if found is None:
            found = self._unnamed[reference] = _FIRST_UNNAMED + len(self._unnamed_types)
            self._unnamed_types.append(reference)
        return found

    def named(self, type_id: int) -> tuple[int, int] | None:
        """Return name and rank of an id; None for a type without a name."""
        if type_id < _FIRST_ID:
            return None
        row, rank = divmod(type_id - _FIRST_ID, _ROW)
        return self._row_names[row], rank

    def unnamed(self, type_id: int) -> int:
        """Return the number of the type without a name that has an id."""
        index = type_id - _FIRST_UNNAMED
        if not 0 <= index < len(self._unnamed_types):
            raise NeedsKernelError("an id of another kernel")
        return self._unnamed_types[index]

    # -- types -----------------------------------------------------------------------------------

    def decode(self, number: int, type_id: int) -> t.BtfType:
        found = self._decoded.get(number)
        if found is None:
            with self.atlas.damage_told():
                found = self._decoded[number] = self._decode(number, type_id)
        return found

    def _decode(self, number: int, type_id: int) -> t.BtfType:
        atlas = self.atlas
        info, body = atlas.info(number), list(atlas.body(number))
        words = [atlas.names[number], info, *replaced(info, body, _same, self.id_of_reference)]
        return _Record(self, type_id, words).type(type_id)


def _by_name(names: Sequence[int], count: int) -> tuple[array[int], array[int]]:
    """Return of each name, by its number, the last type that has it, and of each type the one before it of
    the same name; 0 stands for none."""
    last, before = array("I", bytes(4 * count)), array("I", bytes(4 * len(names)))
    for number, name in enumerate(names):
        before[number] = last[name]
        last[name] = number
    last[0] = 0
    return last, before


def _with_flavors(strings: Sequence[bytes]) -> Iterator[bytes]:
    everything = b"\0%b\0" % b"\0".join(strings)
    at = everything.find(_FLAVOR_BYTES)
    while at >= 0:
        start, end = everything.rfind(b"\0", 0, at) + 1, everything.find(b"\0", at)
        yield everything[start:end]
        at = everything.find(_FLAVOR_BYTES, end)


def _same(number: int) -> int:
    return number


class _Record(Btf):
    """One record, with numbers of strings where a BTF has their offsets."""

    def __init__(self, names: AtlasNames, type_id: int, words: list[int]) -> None:
        self.path = names.atlas.path
        self.base = None
        self.start_id = type_id
        self._names = names
        self._name_words, self._words = words, words[1:]  # type: ignore[assignment]
        self._info_at = array("I", (0,))
        self._is_complete = True
        self._types = {}

    def string(self, offset: int) -> str:
        return self._names.text(offset)


class SharedBtf(Btf):
    """One kernel; what was looked at is in :attr:`looked_at` and :attr:`words`."""

    def __init__(self, names: AtlasNames, bit: int) -> None:
        self.kernel = kernel = names.presence.kernels[bit]
        self.path = f"{names.atlas.path}:{kernel.name}"
        self.base = None
        self.start_id = 1
        self.is_little_endian = kernel.is_little_endian
        self.names = self._names = names
        self._bit = bit
        self._types: dict[int, t.BtfType] = {}
        self._ids_by_name: dict[str, tuple[int, ...]] = {}
        self._pointer_size = 0
        self.looked_at: dict[int, tuple[int, ...]] = {}
        """For each name that was looked up, by its number, the types that this kernel has of it."""
        self.words: dict[int, bool] = {}
        """Whether this kernel has a string, by its number, where that was asked."""
        for name_number in names.always:
            self._types_named(name_number)

    def has(self, number: int) -> bool:
        """Tell whether this kernel has a type, by its number."""
        return bool(self._names.presence.of_type(number) >> self._bit & 1)

    def agreeing(self, kernels: int) -> int:
        """Return those of *kernels* (bits) that have the same in all that was looked at."""
        names, presence = self._names, self._names.presence
        for name, mine in self.looked_at.items():
            for number, having in names.types_of(name):
                kernels &= having if number in mine else ~having
        for word, is_there in self.words.items():
            having = presence.of_string(word)
            kernels &= having if is_there else ~having
        return kernels

    # -- what a Btf answers ----------------------------------------------------------------------

    @property
    def type_count(self) -> int:
        return 1 << 62  # whatever has an id is the kernel's own

    def _types_named(self, name: int) -> tuple[int, ...]:
        found = self.looked_at.get(name)
        if found is None:
            bit = self._bit
            found = tuple(number for number, having in self._names.types_of(name) if having >> bit & 1)
            self.looked_at[name] = found
        return found

    def number_of(self, type_id: int) -> int:
        """Return the number of the type that has an id."""
        place = self._names.named(type_id)
        if place is None:
            return self._names.unnamed(type_id)
        name, rank = place
        found = self._types_named(name)
        if rank >= len(found):
            raise NeedsKernelError("a reference to a type that is not there")
        return found[rank]

    def type(self, type_id: int) -> t.BtfType:
        found = self._types.get(type_id)
        if found is None:
            found = t.Void() if not type_id else self._names.decode(self.number_of(type_id), type_id)
            self._types[type_id] = found
        return found

    def kind(self, type_id: int) -> BtfKind:
        if not type_id:
            return BtfKind.VOID
        return BtfKind(kind_of(self._names.atlas.info(self.number_of(type_id))))

    def name(self, type_id: int) -> str:
        place = self._names.named(type_id)
        return self._names.text(place[0]) if place else ""

    def ids_named(self, name: str) -> tuple[int, ...]:
        found = self._ids_by_name.get(name)
        if found is None:
            number = self._names.number_of.get(name.encode("utf-8", "surrogatepass"))
            ranks = range(len(self._types_named(number))) if number else ()
            found = tuple(self._names.id_of(number, rank) for rank in ranks) if number else ()
            self._ids_by_name[name] = found
        return found

    def ids(self) -> Iterator[int]:
        raise NeedsKernelError("all types")

    def first_named(self, name: str, *kinds: BtfKind) -> int | None:
        return next((one for one in self.ids_named(name) if self.kind(one) in kinds), None)

    def index_names(self, names: Iterable[str]) -> None:
        """Nothing to do: each name is found by itself."""

    def in_id_order(self, ids: Iterable[int]) -> list[int]:
        found = sorted(ids)
        if len({(one - _FIRST_ID) // _ROW for one in found}) > 1:
            raise NeedsKernelError("the order of types of several names")
        return found

    def strings_containing(self, part: str) -> tuple[str, ...]:
        """Return flavored names alone, those of other kernels among them: they lead to no type here."""
        if part != _FLAVOR:
            raise NeedsKernelError("a search in all strings")
        return self._names.flavored()

    def string_offsets(self, name: str) -> list[int]:
        number = self._names.number_of.get(name.encode("utf-8", "surrogatepass"))
        if number is None:
            return []
        is_there = bool(self._names.presence.of_string(number) >> self._bit & 1)
        self.words[number] = is_there
        return [number] if is_there else []

    def is_string_start(self, offset: int) -> bool:
        return offset in self.words

    def _find_pointer_size(self) -> int:
        sizes = set()
        for name in sorted(LONG_NAMES):
            for type_id in self.ids_named(name):
                found = self.type(type_id)
                if isinstance(found, t.Int) and found.byte_size in (4, 8):
                    sizes.add(found.byte_size)
        if len(sizes) > 1:
            raise NeedsKernelError("pointers of two sizes")
        return sizes.pop() if sizes else 8

    # -- what it does not ------------------------------------------------------------------------

    def _broken(self, problem: str, offset: int | None) -> BtfFormatError:
        raise NeedsKernelError(f"{problem}, at {offset}")  # such words hold ids

    @property
    def data(self) -> bytes:
        raise NeedsKernelError("the bytes")

    def records(self) -> tuple[memoryview, array[int]]:
        raise NeedsKernelError("all records")

    def string_section(self) -> bytes:
        raise NeedsKernelError("all strings")

    def string(self, offset: int) -> str:
        raise NeedsKernelError(f"the string at {offset}")

    def place(self, type_id: int) -> tuple[Btf, int]:
        raise NeedsKernelError(f"the record of {type_id}")

    def name_offsets(self, type_id: int) -> list[int]:
        raise NeedsKernelError(f"the strings of {type_id}")
