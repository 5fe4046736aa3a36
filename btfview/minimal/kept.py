"""Which types of a kernel are kept, and which parts of them."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.btf.reader import Btf


class Kept:
    """Types of one BTF, each with no more than what was asked of it.

    Typedefs and modifiers are kept only as types of their own, not between a member and its type: libbpf
    skips them (``skip_mods_and_typedefs``).
    """

    def __init__(self, btf: Btf) -> None:
        self.btf = btf
        self.parts: dict[int, set[int]] = {}
        """Of each type kept, by id, the indices of its members or enumerators that are; of a type without
        such none."""
        self.followed: set[int] = set()
        """Pointers that are kept with what they point to; the others are pointers to void."""

    def behind(self, type_id: int) -> t.BtfType:
        """Return the type behind typedefs and modifiers."""
        return self.btf.skip_modifiers(type_id)

    def keep(self, type_id: int) -> None:
        """Keep a type itself: kind, name, size; of an array the elements as well, of no struct a member."""
        if not type_id or type_id in self.parts:
            return
        self.parts[type_id] = set()
        match self.btf.type(type_id):
            case t.Typedef() | t.Modifier() as named:
                self.keep(self.behind(named.type_id).id)
            case t.Array() as array:
                self.keep(self.behind(array.type_id).id)
                self.keep(self.behind(array.index_type_id).id)
            case t.FuncProto() as proto:
                for part in (proto.type_id, *(param.type_id for param in proto.params)):
                    self.keep(self.behind(part).id)
            case t.Func() as function:
                self.keep_with_pointers(function.type_id)
            case t.Var() as variable:
                self.keep_with_pointers(self.behind(variable.type_id).id)
            case _:
                pass

    def keep_part(self, type_id: int, index: int) -> None:
        """Keep a member of a struct, with its type, or an enumerator."""
        self.keep(type_id)
        if index in self.parts[type_id]:
            return
        self.parts[type_id].add(index)
        owner = self.btf.type(type_id)
        if isinstance(owner, t.Struct):
            self.keep(self.behind(owner.members[index].type_id).id)

    def keep_with_pointers(self, type_id: int) -> None:
        """Keep a type as far as it is compared with another in the sense of type_exists: through pointers,
        arrays and prototypes (libbpf: ``__bpf_core_types_are_compat``)."""
        self.keep(type_id)
        todo, seen = [type_id], set()
        while todo:
            found = self.behind(todo.pop())
            if found.id in seen:
                continue
            seen.add(found.id)
            self.keep(found.id)
            match found:
                case t.Ptr():
                    self.follow(found)
                    todo.append(found.type_id)
                case t.Array():
                    todo.append(found.type_id)
                case t.FuncProto():
                    todo += (found.type_id, *(param.type_id for param in found.params))
                case _:
                    pass

    def follow(self, pointer: t.Ptr) -> None:
        """Keep what *pointer* points to, too: itself, not what it points to in turn."""
        self.keep(pointer.id)
        self.followed.add(pointer.id)
        if pointer.type_id:
            self.keep(self.behind(pointer.type_id).id)

    def keep_whole(self, type_id: int) -> None:
        """Keep all that lies in a type by value: every member of every struct, every enumerator."""
        todo, seen = [type_id], set()
        while todo:
            one = self.behind(todo.pop())
            if one.id in seen:
                continue
            seen.add(one.id)
            match one:
                case t.Struct(members=members):
                    self.keep(one.id)
                    for index, member in enumerate(members):
                        self.keep_part(one.id, index)
                        todo.append(member.type_id)
                case t.Enum(enumerators=enumerators):
                    self.keep(one.id)
                    self.parts[one.id].update(range(len(enumerators)))
                case t.Array():
                    self.keep(one.id)
                    todo.append(one.type_id)
                case _:
                    self.keep_with_pointers(one.id)
        self.keep(type_id)
