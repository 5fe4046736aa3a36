"""One kernel's types as the rules ask for them: named fields, signatures, who points where."""

from __future__ import annotations

import sys
from bisect import bisect_right

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.btf.sizes import bitfield_size
from btfview.core_relo.names import essential_name
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.btf.reader import Btf

_MAX_ANONYMOUS = 8
"""Anonymous structs and unions inside each other; kernels have 4 at most."""
_MAX_SPELLINGS = 4
"""Places of a name in the string section; a kernel's writes each once."""
_MAX_FIELDS = 20_000
"""Of one struct; hostile BTF nests anonymous unions so that they multiply."""
_WORDS_OF_NAMED = {4: 3, 5: 3, 6: 2, 13: 2, 19: 3}
"""By kind, the words of a member, parameter or enumerator (struct btf_member, btf_param, btf_enum,
btf_enum64), the first of them its name."""
_COMPOSITES = (BtfKind.STRUCT, BtfKind.UNION)


@frozen
class Field:
    """A named member of a struct, or of an anonymous struct or union in it."""

    name: str
    type_id: int
    bit_offset: int
    """From the start of the struct."""
    bit_size: int
    """Of a bitfield; else 0."""


class Kernel:
    """The types of one kernel (or of one program), and what was found out about them."""

    __slots__ = (
        "_by_name",
        "_containers",
        "_fields",
        "_holders",
        "_signatures",
        "_strings",
        "_words",
        "btf",
        "is_whole",
        "name",
    )

    def __init__(self, name: str, btf: Btf, *, is_whole: bool = True) -> None:
        self.name = name
        self.btf = btf
        self.is_whole = is_whole
        """Whether a type that is not here is not in the kernel; else it may have been left out."""
        self._fields: dict[int, tuple[Field, ...]] = {}
        self._by_name: dict[int, dict[str, Field]] = {}
        self._signatures: dict[int, str] = {}
        self._holders: dict[str, tuple[int, ...]] = {}
        self._containers: dict[int, list[int]] | None = None
        self._strings: dict[Btf, bytes] = {}
        self._words: dict[Btf, bytes] = {}
        """Of the types, for searches in the raw bytes."""

    # -- structs -----------------------------------------------------------------------------

    def fields(self, struct_id: int) -> tuple[Field, ...]:
        """Return the named fields in order, those of anonymous structs and unions in their place."""
        found = self._fields.get(struct_id)
        if found is None:
            fields: list[Field] = []
            struct = self.btf.type(struct_id)
            if isinstance(struct, t.Struct):
                self._collect(struct, 0, frozenset(), fields)
            found = self._fields[struct_id] = tuple(fields)
        return found

    def by_name(self, struct_id: int) -> dict[str, Field]:
        """Return the fields by name; of two of one name the first."""
        found = self._by_name.get(struct_id)
        if found is None:
            found = self._by_name[struct_id] = {
                field.name: field for field in reversed(self.fields(struct_id))
            }
        return found

    def _collect(self, struct: t.Struct, base: int, seen: frozenset[int], found: list[Field]) -> None:
        for member in struct.members:
            if len(found) >= _MAX_FIELDS:
                return
            if member.name:
                size = bitfield_size(self.btf, member)
                found.append(Field(member.name, member.type_id, base + member.bit_offset, size))
                continue
            inner = self.btf.skip_modifiers(member.type_id)
            if isinstance(inner, t.Struct) and inner.id not in seen and len(seen) < _MAX_ANONYMOUS:
                self._collect(inner, base + member.bit_offset, seen | {inner.id}, found)

    def structs(self, name: str) -> list[t.Struct]:
        """Return the structs and unions called *name*, in id order."""
        found = [self.btf.type(type_id) for type_id in self.btf.ids_named(name)] if name else []
        return [one for one in found if isinstance(one, t.Struct)]

    def enums(self, name: str) -> list[t.Enum]:
        found = [self.btf.type(type_id) for type_id in self.btf.ids_named(name)] if name else []
        return [one for one in found if isinstance(one, t.Enum)]

    # -- types -------------------------------------------------------------------------------

    def bare(self, type_id: int) -> t.BtfType:
        """Return the type behind typedefs and modifiers."""
        return self.btf.skip_modifiers(type_id)

    def kind(self, type_id: int) -> str:
        """Return what the loader compares: ``int``, ``pointer``, ``array``, ``struct`` (or union), ``enum``;
        other kinds by their label (libbpf: ``bpf_core_fields_are_compat``)."""
        match self.bare(type_id):
            case t.Int():
                return "int"
            case t.Ptr():
                return "pointer"
            case t.Array():
                return "array"
            case t.Struct():
                return "struct"
            case t.Enum():
                return "enum"
            case other:
                return other.kind.label

    def struct(self, type_id: int) -> t.Struct | None:
        """Return the struct or union that *type_id* is, through arrays."""
        for _ in range(_MAX_ANONYMOUS):
            found = self.bare(type_id)
            if isinstance(found, t.Array):
                type_id = found.type_id
                continue
            return found if isinstance(found, t.Struct) else None
        return None

    def pointee(self, type_id: int) -> t.Struct | None:
        """Return the struct or union that a pointer leads to; of a forward declaration its definition."""
        found = self.bare(type_id)
        if not isinstance(found, t.Ptr):
            return None
        behind = self.bare(found.type_id)
        if isinstance(behind, t.Fwd):
            return next(iter(self.structs(behind.name)), None)
        return behind if isinstance(behind, t.Struct) else None

    def is_per_cpu(self, type_id: int) -> bool:
        """Tell whether a pointer is marked as one into each CPU's memory (``btf_type_tag("percpu")``, which
        not all kernels have)."""
        found = self.bare(type_id)
        type_id = found.type_id if isinstance(found, t.Ptr) else 0
        for _ in range(_MAX_ANONYMOUS):
            inner = self.btf.type(type_id)
            if not isinstance(inner, t.Modifier | t.Typedef):
                break
            if inner.kind == BtfKind.TYPE_TAG and inner.name == "percpu":
                return True
            type_id = inner.type_id
        return False

    def signature(self, type_id: int) -> str:
        """Return a type in a form that can be compared over kernels: ``u32``, ``*struct page``,
        ``[2]struct list_head``. Names of typedefs do not count, nor whether a 64-bit int is called long."""
        found = self._signatures.get(type_id)
        if found is None:
            found = self._signatures[type_id] = self._signature(type_id, 0)
        return found

    def _signature(self, type_id: int, depth: int) -> str:
        if depth > _MAX_ANONYMOUS:
            return "..."
        found = self.bare(type_id)
        match found:
            case t.Int():
                if found.encoding & t.INT_BOOL:
                    return "bool"
                return f"{'i' if found.is_signed else 'u'}{found.byte_size * 8}"
            case t.Ptr():
                return f"*{self._signature(found.type_id, depth + 1)}"
            case t.Array():
                return f"[{found.length}]{self._signature(found.type_id, depth + 1)}"
            case t.Struct() | t.Fwd():
                return f"struct {essential_name(found.name) or self.typedef_of(type_id)}"
            case t.Enum():
                return f"enum {essential_name(found.name) or self.typedef_of(type_id)}"
            case t.FuncProto():
                params = ",".join(self._signature(param.type_id, depth + 1) for param in found.params)
                return f"fn({params})"
            case _:
                return f"{found.kind.label} {found.name}"

    def typedef_of(self, type_id: int) -> str:
        """Return the innermost typedef's name of an anonymous type: ``atomic_t``."""
        name = ""
        for _ in range(_MAX_ANONYMOUS):
            found = self.btf.type(type_id)
            if isinstance(found, t.Typedef):
                name = found.name
            elif not isinstance(found, t.Modifier):
                break
            type_id = found.type_id
        return name

    def byte_size(self, type_id: int) -> int:
        """Return ``sizeof``; 0 of what has none."""
        try:
            return self.btf.byte_size(type_id)
        except BtfFormatError:
            return 0

    # -- the whole kernel --------------------------------------------------------------------

    def holders(self, name: str) -> tuple[int, ...]:
        """Return the ids of the structs, unions and enums that have a member *name* themselves, and of
        prototypes with such a parameter, by a search in the raw bytes: 3 ms in a kernel."""
        found = self._holders.get(name)
        if found is None:
            found = self._holders[name] = tuple(sorted(set(self._find_holders(self.btf, name))))
        return found

    def containers(self, type_id: int) -> tuple[int, ...]:
        """Return the ids of the structs and unions that have a member of this anonymous struct or union. All
        are found at the first question: 20 ms in a kernel."""
        if self._containers is None:
            self._containers = {}
            btf: Btf | None = self.btf
            while btf is not None:
                self._index_containers(btf, self._containers)
                btf = btf.base
        return tuple(self._containers.get(type_id, ()))

    @staticmethod
    def _index_containers(btf: Btf, found: dict[int, list[int]]) -> None:
        words, starts = btf.records()
        structs = [
            (type_id, at)
            for type_id, at in enumerate(starts, btf.start_id)
            if words[at] >> 24 & 0x7F in _COMPOSITES
        ]
        anonymous = {type_id for type_id, at in structs if not words[at - 1]}
        for type_id, at in structs:
            # A member is three words: name, type, offset.
            for inner in words[at + 3 : at + 2 + 3 * (words[at] & 0xFFFFFF) : 3]:
                if inner in anonymous:
                    found.setdefault(inner, []).append(type_id)

    def _find_holders(self, btf: Btf, name: str) -> Iterator[int]:
        """Yield who has one of the string's places among the words behind the first three of its record."""
        if btf.base:
            yield from self._find_holders(btf.base, name)
        words, starts = btf.records()
        if btf not in self._words:
            self._words[btf] = words.tobytes()
        data = self._words[btf]
        for offset in self._places_of(btf, name):
            needle = offset.to_bytes(4, sys.byteorder)
            # Backwards, because that looks for the first byte of the number first, the one that differs most.
            at = data.rfind(needle)
            while at >= 0:
                if at % 4 == 0:
                    index = bisect_right(starts, at // 4) - 1
                    if index >= 0 and _is_name(words[starts[index]], at // 4 - starts[index] - 2):
                        yield btf.start_id + index
                at = data.rfind(needle, 0, at + 3)

    def _places_of(self, btf: Btf, name: str) -> list[int]:
        """Return the offsets at which a string that is just *name* begins, in *btf* and in its base."""
        places = self._places_of(btf.base, name) if btf.base else []
        if btf not in self._strings:
            # A zero stands before each, and so before the first as well.
            self._strings[btf] = b"\0" + btf.string_section()
        section, needle = self._strings[btf], b"\0%b\0" % name.encode("utf-8", "surrogatepass")
        at = section.find(needle)
        while at >= 0 and len(places) < _MAX_SPELLINGS:
            places.append(at + btf.string_start)
            at = section.find(needle, at + 1)
        return places


def _is_name(info: int, at: int) -> bool:
    """Tell whether a word, counted from the first member of the record on, is a member's name."""
    size = _WORDS_OF_NAMED.get(info >> 24 & 0x7F, 0)
    return 0 <= at < size * (info & 0xFFFFFF) and not at % size
