"""Write what is kept of a kernel's types as BTF."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.reader import LONG_NAMES
from btfview.btf.writer import write_btf
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

    from .kept import Kept

_POINTER_SIZE = 8
"""What libbpf takes a BTF's pointers for that has no int called long (``determine_ptr_size``)."""


def write_kept(kept: Kept) -> bytes:
    """Return a whole BTF of what is kept, types in their old order under new ids.

    Ints, floats, pointers, arrays and prototypes that say the same are one type.
    """
    _keep_pointer_size(kept)
    numbers = _Numbers(kept)
    return write_btf(numbers.types(), is_little_endian=kept.btf.root.is_little_endian)


def _keep_pointer_size(kept: Kept) -> None:
    """Keep an int that says how large pointers are, where that is asked and another size than is taken."""
    btf = kept.btf
    if btf.pointer_size == _POINTER_SIZE or all(btf.kind(one) != t.Ptr.kind for one in kept.parts):
        return
    if not any(btf.kind(one) == t.Int.kind and btf.name(one) in LONG_NAMES for one in kept.parts):
        longs = (one for name in sorted(LONG_NAMES) for one in btf.root.ids_named(name))
        kept.keep(next(one for one in longs if _is_int_of(btf, one, btf.pointer_size)))


def _is_int_of(btf: Btf, type_id: int, size: int) -> bool:
    found = btf.type(type_id)
    return isinstance(found, t.Int) and found.byte_size == size


class _Numbers:
    """The new ids of types that are kept."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._first: dict[tuple[object, ...], int] = {}
        """Of types that say the same, the one that is written."""
        self._stands_for: dict[int, int] = {0: 0}
        for old in sorted(kept.parts):
            self._find(old)
        written = sorted(set(self._stands_for.values()) - {0})
        self._new_ids = {0: 0} | {old: new for new, old in enumerate(written, 1)}

    def _find(self, old: int) -> int:
        found = self._stands_for.get(old)
        if found is None:
            self._stands_for[old] = old  # for hostile types that hold themselves
            key = self._key(self._kept.btf.type(old))
            found = self._stands_for[old] = self._first.setdefault(key, old) if key else old
        return found

    def _key(self, item: t.BtfType) -> tuple[object, ...]:
        """Return what a type says, of one that may stand for all that say it; else nothing."""
        match item:
            case t.Int() | t.Float():
                return (replace(item, id=0),)
            case t.Ptr():
                return t.Ptr, self._target_of(item)
            case t.Array():
                return t.Array, self._behind(item.type_id), self._behind(item.index_type_id), item.length
            case t.FuncProto():
                params = ((one.name, self._behind(one.type_id)) for one in item.params)
                return t.FuncProto, self._behind(item.type_id), *params
            case _:
                return ()

    def _behind(self, type_id: int) -> int:
        return self._find(self._kept.behind(type_id).id)

    def _target_of(self, pointer: t.Ptr) -> int:
        return self._behind(pointer.type_id) if pointer.id in self._kept.followed else 0

    def types(self) -> list[t.BtfType]:
        return [self._renumbered(old) for old in self._new_ids if old]

    def _new_id(self, type_id: int) -> int:
        return self._new_ids[self._behind(type_id)]

    def _renumbered(self, old: int) -> t.BtfType:
        own, kept = self._new_ids[old], self._kept
        match kept.btf.type(old):
            case t.Struct() as found:
                members = (found.members[index] for index in sorted(kept.parts[old]))
                moved = tuple(replace(one, type_id=self._new_id(one.type_id)) for one in members)
                return replace(found, id=own, members=moved)
            case t.Enum() as found:
                enumerators = tuple(found.enumerators[index] for index in sorted(kept.parts[old]))
                return replace(found, id=own, enumerators=enumerators)
            case t.Ptr() as found:
                return replace(found, id=own, type_id=self._new_ids[self._target_of(found)])
            case t.Array() as found:
                index = self._new_id(found.index_type_id)
                return replace(found, id=own, type_id=self._new_id(found.type_id), index_type_id=index)
            case t.FuncProto() as found:
                params = tuple(replace(one, type_id=self._new_id(one.type_id)) for one in found.params)
                return replace(found, id=own, type_id=self._new_id(found.type_id), params=params)
            case t.Func() as found:  # its prototype is behind no typedef
                return replace(found, id=own, type_id=self._new_ids[self._find(found.type_id)])
            case t.Typedef() | t.Modifier() | t.Var() as found:
                return replace(found, id=own, type_id=self._new_id(found.type_id))
            case t.Int() | t.Float() | t.Fwd() as found:
                return replace(found, id=own)
            case found:
                raise BtfFormatError(
                    f"type [{old}] ({found.kind.label}) is no type of a field", path=kept.btf.path
                )
