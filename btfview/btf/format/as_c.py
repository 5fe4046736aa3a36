"""Types as C that compiles, each after what it needs: a ``vmlinux.h``, or one type with its own.

The form is that of ``bpftool btf dump ... format c`` (guard, ``preserve_access_index``), the order that
of libbpf's btf_dump.c: a struct is complete before it is a member, and declared before it is pointed to.
Where members stand is :mod:`.c_layout`'s part, what they are called :mod:`.c_names`'s.

Differs from bpftool: unnamed bitfields and ``packed`` are put where clang's layout needs them, not by
the alignment that members seem to have; ints that C does not know (``u32`` of a Rust program) get a
typedef; type tags are left out; members that overlap become an array of bytes, with a comment.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.btf.sizes import bitfield_size
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from .c_layout import CLayouts, Padding
from .c_names import CNames, member_name, number_name
from .spelling import join_pointers, split_declaration, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.btf.reader import Btf

_GUARD = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

"""
_PUSH = """\
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

"""
_POP = """\
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

"""
_END_GUARD = "#endif /* __VMLINUX_H__ */\n"
_COMPOSITE = (BtfKind.STRUCT, BtfKind.UNION)
_MAX_DEPTH = 150
"""Types that need one another; real kernels have some 20."""
_MAX_CHAIN = 64
_MAX_INLINE = 20_000
"""Anonymous types inside one definition; real kernels have some 100."""
_SINCE_C23 = frozenset(("bool", "false", "true", "nullptr"))
"""Keywords of C23, which the kernel defines for itself."""
_BEFORE_C23 = "#if __STDC_VERSION__ < 202311L"
_MODE_OF_SIZE = {1: "QI", 2: "HI", 8: "DI"}


def format_c(btf: Btf, type_ids: Iterable[int] | None = None) -> Iterator[str]:
    """Yield C in which *type_ids* are complete; by default all types of *btf*, of a split one its own.

    Functions and variables among *type_ids* are declared ``extern``; without *type_ids* they are left
    out, as bpftool leaves them.

    Raises:
        BtfFormatError: a type does not exist, or no C can hold it (a typedef that needs itself).
    """
    writer = _Writer(btf)
    yield _GUARD
    if btf.pointer_size != 8:
        yield f"/* Pointers have {btf.pointer_size} bytes here: compile for such a target. */\n\n"
    if type_ids is None:
        own_ids = range(btf.start_id, btf.type_count)
        has_records = any(btf.kind(type_id) in _COMPOSITE for type_id in own_ids)
        texts = writer.all_texts(own_ids)
    else:
        for type_id in type_ids:
            writer.write_wanted(type_id)
        has_records = writer.has_records
        texts = iter(writer.take())
    if has_records:  # else clang would warn of an attribute that it has no use for
        yield _PUSH
    yield from texts
    if has_records:
        yield _POP
    yield _END_GUARD


class _Writer:
    def __init__(self, btf: Btf) -> None:
        self._btf = btf
        self._names = CNames()
        self._layouts = CLayouts(btf)
        self._texts: list[str] = []
        self.has_records = False
        """Whether a struct or union was written."""
        self._done: set[int] = set()
        """Ids of what is complete: structs, enums, typedefs, numbers that got a typedef."""
        self._declared: set[str] = set()
        """``struct task_struct`` and so on, forward or complete."""
        self._busy: list[int] = []
        """Ids of what waits for something it needs."""
        self._enum_uses: dict[int, int] = {}
        """How often each enum was written: an anonymous one stands in every definition that uses it."""
        self._inline_count = 0
        self._depth = 0
        """Tabs before the line that is being written."""

    def take(self) -> list[str]:
        """Return what was written since the last call."""
        texts, self._texts = self._texts, []
        return texts

    def all_texts(self, type_ids: Iterable[int]) -> Iterator[str]:
        """Yield the text of all types that have a name, and of the anonymous enums that none holds."""
        for type_id in type_ids:
            self.write(type_id)
            yield from self.take()
        self.write_loose_enums(type_ids)
        yield from self.take()

    def write(self, type_id: int) -> None:
        """Write a type that has a name, and what it needs; nothing for what is no type in C."""
        found = self._btf.type(type_id)
        if found.name and isinstance(found, t.Int | t.Float | t.Struct | t.Enum | t.Fwd | t.Typedef):
            self._require(type_id, True, 0)

    def write_wanted(self, type_id: int) -> None:
        """Write a type that was asked for, which may be one that :meth:`write` leaves out."""
        found = self._btf.type(type_id)
        match found:
            case t.Func() | t.Var():
                self._require(found.type_id, isinstance(found, t.Var), 0)
                self._texts.append(f"extern {self._declare(found.type_id, member_name(found.name))};\n\n")
            case t.Struct(name=""):
                self._require(type_id, True, 0)
                self._texts.append(f"{self._composite(found, f'{found.kind.label} anon_{type_id}')};\n\n")
            case t.Enum(name=""):
                self.write_loose_enums((type_id,))
            case t.Datasec():
                for variable in found.variables:
                    self.write_wanted(variable.type_id)
            case t.DeclTag() | t.Void() | t.Unknown():
                word = found.kind.label if found.kind else "unknown kind"
                self._texts.append(f"/* type [{type_id}], {word} {visible(found.name)}: no type in C */\n\n")
            case t.Ptr() | t.Array() | t.Modifier() | t.FuncProto():
                self._require(type_id, True, 0)
                self._texts.append(f"typedef {self._declare(type_id, f'type_{type_id}')};\n\n")
            case _:
                self._require(type_id, True, 0)

    def write_loose_enums(self, type_ids: Iterable[int]) -> None:
        """Write those anonymous enums that no definition holds: they are there for their constants."""
        for type_id in type_ids:
            if self._btf.kind(type_id) in (BtfKind.ENUM, BtfKind.ENUM64) and type_id not in self._enum_uses:
                found = self._btf.type(type_id)
                if isinstance(found, t.Enum) and not found.name and found.enumerators:
                    text = f"{self._enum(found)};\n"
                    if any(one.name in _SINCE_C23 for one in found.enumerators):
                        text = f"{_BEFORE_C23}\n{text}#endif\n"
                    self._texts.append(f"{text}\n")

    # -- what must come before ---------------------------------------------------------------

    def _require(self, type_id: int, is_complete: bool, depth: int) -> None:
        """Write what must stand before a declaration with this type; *is_complete* where its size counts."""
        if depth > _MAX_DEPTH:
            raise self._refuse(type_id, f"needs types that need types, more than {_MAX_DEPTH} deep")
        for _ in range(_MAX_CHAIN):
            found = self._btf.type(type_id)
            match found:
                case t.Ptr():
                    is_complete = False
                case t.Array():
                    is_complete = True
                case t.Modifier():
                    pass
                case t.FuncProto():
                    if found.id in self._done:
                        return
                    is_complete = False
                    for param in found.params:
                        self._require(param.type_id, False, depth + 1)
                    self._done.add(found.id)
                case t.Typedef():
                    self._write_once(found, depth)
                    if not is_complete:
                        return
                case t.Struct(name=""):
                    if found.id not in self._done:
                        self._require_members(found, depth)
                        self._done.add(found.id)
                    return
                case t.Struct() if not is_complete:
                    self._forward(found)
                    return
                case t.Struct() | t.Int() | t.Float():
                    self._write_once(found, depth)
                    return
                case t.Enum():
                    if found.name:
                        self._write_once(found, depth)
                    return
                case t.Fwd():
                    self._forward(found)
                    return
                case _:
                    return
            type_id = found.type_id
        raise self._refuse(type_id, f"is a chain of more than {_MAX_CHAIN} pointers, arrays and typedefs")

    def _require_members(self, struct: t.Struct, depth: int) -> None:
        if struct.id in self._busy:
            raise self._refuse(struct.id, "contains itself")
        self._busy.append(struct.id)
        for member in struct.members:
            self._require(member.type_id, True, depth + 1)
        self._busy.pop()

    def _forward(self, found: t.Struct | t.Fwd) -> None:
        tag = self._names.tag(found)
        if tag not in self._declared:
            self._declared.add(tag)
            self._texts.append(f"{tag};\n\n")

    def _write_once(self, found: t.Struct | t.Enum | t.Typedef | t.Int | t.Float, depth: int) -> None:
        if found.id in self._done:
            return
        match found:
            case t.Struct():
                self._require_members(found, depth)
                tag = self._names.tag(found)
                self._declared.add(tag)
                text = self._composite(found, tag)
            case t.Enum():
                text = self._enum(found)
            case t.Typedef():
                if found.id in self._busy:
                    raise self._refuse(found.id, "needs itself")
                self._busy.append(found.id)
                self._require(found.type_id, False, depth + 1)
                self._busy.pop()
                name = self._names.identifier(found.name, found.id)
                text = f"typedef {self._declare(found.type_id, name)}"
                if name in _SINCE_C23:
                    text = f"{_BEFORE_C23}\n{text};\n#endif"
            case _:
                spelled, meaning = number_name(found)
                self._done.add(found.id)
                if not meaning:
                    return
                text = f"typedef {meaning} {self._names.identifier(spelled, found.id)}"
        self._done.add(found.id)
        self._texts.append(f"{text}\n\n" if text.endswith("#endif") else f"{text};\n\n")

    def _refuse(self, type_id: int, problem: str) -> BtfFormatError:
        name = visible(self._btf.name(type_id)) or "anonymous"
        return BtfFormatError(f"type [{type_id}] ({name}) {problem}: no C can say that", path=self._btf.path)

    # -- text --------------------------------------------------------------------------------

    def _declare(self, type_id: int, name: str) -> str:
        base, pointers, declarator = split_declaration(
            self._btf, type_id, name, base_name=self._base, clean=member_name
        )
        if base == "...":
            raise self._refuse(type_id, "takes functions that take functions without end")
        right = join_pointers(pointers, declarator)
        return base if not right else f"{base} {right}"

    def _base(self, found: t.BtfType) -> str:
        match found:
            case t.Struct(name="") | t.Enum(name=""):
                return self._inline(found)
            case t.Struct() | t.Enum() | t.Fwd():
                return self._names.tag(found)
            case t.Typedef():
                return self._names.identifier(found.name, found.id)
            case t.Int() | t.Float():
                spelled, meaning = number_name(found)
                return self._names.identifier(spelled, found.id) if meaning else spelled
            case _:
                return "void"

    def _inline(self, found: t.Struct | t.Enum) -> str:
        self._inline_count += 1
        if found.id in self._busy or self._inline_count > _MAX_INLINE:
            raise self._refuse(found.id, "contains itself, or too many others")
        if isinstance(found, t.Enum):
            return self._enum(found)
        self._busy.append(found.id)
        text = self._composite(found, found.kind.label)
        self._busy.pop()
        return text

    def _composite(self, struct: t.Struct, head: str) -> str:
        """Return a whole struct or union, without the semicolon."""
        self.has_records = True
        if not self._depth:
            self._inline_count = 0
        layout = self._layouts.layout(struct)
        self._depth += 1
        tabs = "\t" * self._depth
        lines = [f"{head} {{"]
        if layout.opaque_size is not None:
            lines.append(f"{tabs}/* members overlap or have no size: no C can lay them out so */")
            lines.append(f"{tabs}unsigned char __bytes[{layout.opaque_size}];")
        for item in layout.items:
            if isinstance(item, Padding):
                lines += [tabs + line for line in item.lines()]
            else:
                lines.append(tabs + self._member(item))
        self._depth -= 1
        lines.append("\t" * self._depth + ("} __attribute__((packed))" if layout.is_packed else "}"))
        return "\n".join(lines)

    def _member(self, member: t.Member) -> str:
        bits = bitfield_size(self._btf, member)
        if bits:
            name = member_name(member.name or f"__unnamed_{member.bit_offset}")
            return f"{self._declare(member.type_id, name)}: {bits};"
        if member.name:
            return f"{self._declare(member.type_id, member_name(member.name))};"
        inner = self._btf.skip_modifiers(member.type_id)
        if isinstance(inner, t.Struct):
            # One that has a tag (-fms-extensions) must be repeated without it to be a member in plain C.
            return f"{self._inline(inner)};"
        return f"{self._declare(member.type_id, f'__unnamed_{member.bit_offset}')};"

    def _enum(self, enum: t.Enum) -> str:
        head = self._names.tag(enum) if enum.name else "enum"
        if not enum.enumerators:
            return head
        use = self._enum_uses[enum.id] = self._enum_uses.get(enum.id, 0) + 1
        tabs = "\t" * self._depth
        lines = [f"{head} {{"]
        for index, enumerator in enumerate(enum.enumerators):
            # The same anonymous enum in two structs would define its constants twice.
            name = self._names.identifier(enumerator.name, enum.id, index, use)
            lines.append(f"{tabs}\t{name} = {_constant(enumerator.value)},")
        mode = _MODE_OF_SIZE.get(enum.byte_size)
        lines.append(f"{tabs}}}" + (f" __attribute__((mode({mode})))" if mode else ""))
        return "\n".join(lines)


def _constant(value: int) -> str:
    if value == -(1 << 63):
        return "-9223372036854775807LL - 1"
    if -(1 << 31) <= value < 1 << 31:
        return str(value)
    if value < 0:
        return f"{value}LL"
    return f"{value}U" if value < 1 << 32 else f"{value}ULL"
