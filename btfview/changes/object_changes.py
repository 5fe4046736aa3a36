"""What differs between two objects in bytes: sections, functions, instructions.

:mod:`.selection_changes` compares what the records mean; this compares what the loader gets.
"""

from __future__ import annotations

from btfview.analysis.instructions.disassembly import disassemble
from btfview.bpf.elf import SHF_ALLOC
from btfview.frozen import TYPE_CHECKING, frozen

from .shortest_edit import MAX_EDITS, common_ends, shortest_edit
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from typing import Any

    from btfview.analysis.instructions.disassembly import FunctionListing, InsnLine
    from btfview.analysis.result import Analysis
    from btfview.bpf.object import BpfObject


@frozen
class SectionChange:
    """One section that a loader reads: instructions, data, ``.BTF``, ``.BTF.ext``."""

    name: str
    status: Status
    old_size: int | None
    """Bytes; None where the older object has no such section."""
    new_size: int | None


@frozen
class InsnChange:
    """One step of the way from the older instructions of a function to the newer."""

    status: Status
    old: InsnLine | None
    """None for one that was added."""
    new: InsnLine | None
    """None for one that was removed."""


@frozen
class FunctionChange:
    """One function, or the code of a section that has no symbol."""

    section: str
    name: str
    """ELF symbol; empty for code without one."""
    status: Status
    old_size: int | None
    """Bytes; None where the older object has no such function."""
    new_size: int | None
    insns: tuple[InsnChange, ...]
    """All instructions of both, in order; empty where none differs."""
    is_rough: bool = False
    """More than :data:`MAX_EDITS` differ: all between the first and the last are given as removed and
    added, although some of them may be the same."""

    def count(self, status: Status) -> int:
        """Return how many instructions were *status*."""
        return sum(change.status == status for change in self.insns)


@frozen
class ObjectChanges:
    """All sections and functions of both objects; those that only the older has come last."""

    sections: tuple[SectionChange, ...] = ()
    functions: tuple[FunctionChange, ...] = ()
    is_other_byte_order: bool = False
    """The byte order changed, and with it nearly every byte. Instructions are then the same when they say the
    same."""

    def __bool__(self) -> bool:
        return any(one.status != Status.SAME for one in self.sections) or any(
            one.status != Status.SAME for one in self.functions
        )

    @property
    def old_code_size(self) -> int:
        """Bytes of all functions before."""
        return sum(function.old_size or 0 for function in self.functions)

    @property
    def new_code_size(self) -> int:
        return sum(function.new_size or 0 for function in self.functions)

    @property
    def insn_count(self) -> int:
        """Instructions that were added, removed or changed."""
        return sum(self.count(status) for status in (Status.ADDED, Status.REMOVED, Status.CHANGED))

    def count(self, status: Status) -> int:
        """Return how many instructions were *status* in all functions."""
        return sum(function.count(status) for function in self.functions)


def compare_objects(old: Analysis, new: Analysis) -> ObjectChanges:
    """Return what the object of *new* has different from that of *old*.

    Sections are told apart by name, functions by section and name. An instruction that refers to a map, a
    variable or a function is the same when it refers to the same one, wherever that lies now: the distance in
    it is the linker's.
    """
    if old.object is None or new.object is None:
        return ObjectChanges()
    before = _functions(disassemble(old))
    after = _functions(disassemble(new))
    is_other = old.object.is_little_endian != new.object.is_little_endian
    token = _token_of_text if is_other else _token
    functions = [
        _compare_functions(before.pop(key, None), function, token) for key, function in after.items()
    ]
    functions += [_compare_functions(function, None, token) for function in before.values()]
    sections = tuple(_compare_sections(old.object, new.object))
    return ObjectChanges(sections, tuple(functions), is_other)


def _functions(listed: Sequence[FunctionListing]) -> dict[tuple[str, str, int], FunctionListing]:
    """Return *listed* by section, name and which of those: a damaged file may repeat a name."""
    found: dict[tuple[str, str, int], FunctionListing] = {}
    seen: dict[tuple[str, str], int] = {}
    for function in listed:
        name = (function.section, function.name)
        nth = seen[name] = seen.get(name, -1) + 1
        found[*name, nth] = function
    return found


# -- sections -------------------------------------------------------------------------------------


def _compare_sections(old: BpfObject, new: BpfObject) -> Iterator[SectionChange]:
    before, after = _sections(old), _sections(new)
    for name in (*after, *(name for name in before if name not in after)):
        was, is_now = before.get(name), after.get(name)
        if was is None:
            status = Status.ADDED
        elif is_now is None:
            status = Status.REMOVED
        else:
            status = Status.SAME if was == is_now else Status.CHANGED
        yield SectionChange(name, status, was and was[0], is_now and is_now[0])


def _sections(obj: BpfObject) -> dict[str, tuple[int, bytes]]:
    """Return size and contents of the sections that a loader reads; those of one name count as one."""
    found: dict[str, tuple[int, bytes]] = {}
    for section in obj.elf.sections:
        if section.size and (section.flags & SHF_ALLOC or section.name in (".BTF", ".BTF.ext")):
            size, data = found.get(section.name, (0, b""))
            found[section.name] = size + section.size, data + obj.elf.bytes_of(section)
    return found


# -- functions ------------------------------------------------------------------------------------


def _compare_functions(
    old: FunctionListing | None, new: FunctionListing | None, token: Callable[[InsnLine], Hashable]
) -> FunctionChange:
    any_of = new or old
    assert any_of is not None
    before, after = (old.lines if old else ()), (new.lines if new else ())
    if old is None or new is None:
        status, is_rough = Status.ADDED if old is None else Status.REMOVED, False
        insns = (
            *(InsnChange(status, line, None) for line in before),
            *(InsnChange(status, None, line) for line in after),
        )
    else:
        insns, is_rough = _compare_insns(before, after, token)
        status = Status.CHANGED if insns else Status.SAME
    return FunctionChange(
        any_of.section,
        any_of.name,
        status,
        _size(before) if old else None,
        _size(after) if new else None,
        insns,
        is_rough,
    )


def _size(lines: Sequence[InsnLine]) -> int:
    return sum(len(line.code) for line in lines)


def _compare_insns(
    old: Sequence[InsnLine], new: Sequence[InsnLine], token: Callable[[InsnLine], Hashable]
) -> tuple[tuple[InsnChange, ...], bool]:
    """Return the way from *old* to *new*, empty where they are the same, and whether it is a rough one."""
    before, after = [token(line) for line in old], [token(line) for line in new]
    if before == after:
        return (), False
    start, tail = common_ends(before, after)
    old_end, new_end = len(before) - tail, len(after) - tail
    pairs = shortest_edit(before[start:old_end], after[start:new_end], MAX_EDITS)
    is_rough = pairs is None
    changes = [InsnChange(Status.SAME, old[index], new[index]) for index in range(start)]
    old_at, new_at = start, start
    for old_index, new_index in (*(pairs or ()), (old_end - start, new_end - start)):
        old_index, new_index = old_index + start, new_index + start
        changes += _pair(old[old_at:old_index], new[new_at:new_index])
        if new_index < new_end:
            changes.append(InsnChange(Status.SAME, old[old_index], new[new_index]))
        old_at, new_at = old_index + 1, new_index + 1
    changes += [InsnChange(Status.SAME, old[old_end + index], new[new_end + index]) for index in range(tail)]
    return tuple(changes), is_rough


def _token(line: InsnLine) -> tuple[bytes, str]:
    """Return what makes an instruction the same as another."""
    return (line.code[:2], line.reference) if line.reference else (line.code, "")


def _token_of_text(line: InsnLine) -> tuple[object, ...]:
    """The same for objects of two byte orders; of an instruction with a reference the number is left out."""
    if line.reference and line.insn is not None:
        return line.insn.opcode, line.insn.dst, line.insn.src, line.reference
    return (line.text,)


def _pair(removed: Sequence[InsnLine], added: Sequence[InsnLine]) -> Iterator[InsnChange]:
    """Yield the changes of one place: an instruction whose operands alone differ was changed."""
    at = 0
    for line in removed:
        twin = next(
            (index for index in range(at, len(added)) if added[index].code[:1] == line.code[:1]), None
        )
        if twin is None:
            yield InsnChange(Status.REMOVED, line, None)
            continue
        for extra in added[at:twin]:
            yield InsnChange(Status.ADDED, None, extra)
        yield InsnChange(Status.CHANGED, line, added[twin])
        at = twin + 1
    for extra in added[at:]:
        yield InsnChange(Status.ADDED, None, extra)


# -- JSON -----------------------------------------------------------------------------------------


def object_changes_json(changes: ObjectChanges) -> dict[str, Any]:
    """Return *changes* as JSON data.

    ``sections[]`` and ``functions[]`` have ``status`` (``same``, ``added``, ``removed``, ``changed``),
    ``old_size`` and ``new_size`` in bytes (null where there is none). A function that is not ``same`` has
    ``insns[]``, those alone that differ: ``status``, and ``old`` and ``new``, each null or ``insn_offset``,
    ``bytes`` (hex) and ``text``. ``rough`` says that no shortest difference was looked for;
    ``other_byte_order`` that instructions were compared by what they say.
    """
    return {
        "other_byte_order": changes.is_other_byte_order,
        "sections": [
            {"name": one.name, "status": one.status, "old_size": one.old_size, "new_size": one.new_size}
            for one in changes.sections
        ],
        "functions": [
            {
                "section": one.section,
                "name": one.name,
                "status": one.status,
                "old_size": one.old_size,
                "new_size": one.new_size,
                "rough": one.is_rough,
                "insns": [
                    {
                        "status": change.status,
                        "old": _line_json(change.old),
                        "new": _line_json(change.new),
                    }
                    for change in one.insns
                    if change.status != Status.SAME
                ],
            }
            for one in changes.functions
        ],
    }


def _line_json(line: InsnLine | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {"insn_offset": line.insn_off, "bytes": line.code.hex(), "text": line.text}
