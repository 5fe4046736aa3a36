"""What libbpf and the kernel refuse of an object by itself, whatever the kernel: its BTF, its functions.

The kernel's ``btf_struct_check_meta``, ``btf_name_valid_identifier`` and the like; libbpf's
``bpf_object__reloc_code`` (a function without func_info).
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf

    from .facts import ObjectFacts

_MAX_NAME = 128
"""KSYM_NAME_LEN, as BTF has it."""
_NAMED = frozenset((BtfKind.TYPEDEF, BtfKind.FUNC, BtfKind.VAR, BtfKind.INT, BtfKind.FLOAT))
_NAMELESS = frozenset(
    (BtfKind.PTR, BtfKind.ARRAY, BtfKind.CONST, BtfKind.VOLATILE, BtfKind.RESTRICT, BtfKind.FUNC_PROTO)
)
_MAX_PROBLEMS = 20
_SECTIONS_WITH_TYPES = frozenset(
    (".maps", ".struct_ops", ".struct_ops.link", "?.struct_ops", "?.struct_ops.link")
)


@frozen
class BtfProblem:
    """A type of the object's BTF that the kernel refuses."""

    type_id: int
    name: str
    why: str


def needs_missing_btf(obj: BpfObject) -> str:
    """Return the section for which libbpf needs the BTF that an object has not; empty where it opens it
    (``libbpf_needs_btf``). Externs are looked at later, each by itself."""
    if obj.has_btf:
        return ""
    return next((one.name for one in obj.elf.sections if one.name in _SECTIONS_WITH_TYPES), "")


def btf_problems(obj: BpfObject) -> tuple[BtfProblem, ...]:
    """Return what the kernel refuses of the object's BTF, at most 20; libbpf then loads without it, where
    nothing needs it."""
    found: list[BtfProblem] = []
    for type_id in obj.btf.ids():
        name = ""
        try:
            name = obj.btf.name(type_id)
            why = _why_refused(obj.btf, type_id, name)
        except BtfFormatError as error:
            why = error.problem
        if why:
            found.append(BtfProblem(type_id, name, why))
            if len(found) == _MAX_PROBLEMS:
                break
    return tuple(found)


def _why_refused(btf: Btf, type_id: int, name: str) -> str | None:
    kind = btf.kind(type_id)
    if kind == BtfKind.DATASEC:
        return None if name else "Invalid name: a section without one"
    if name and kind in _NAMELESS:
        return f'Invalid name: {kind.label} called "{name}"'
    if not name:
        return f"Invalid name: {kind.label} without one" if kind in _NAMED else None
    if kind not in (BtfKind.DECL_TAG, BtfKind.TYPE_TAG, BtfKind.INT, BtfKind.FLOAT) and not is_valid_name(
        name
    ):
        return f'Invalid name: "{name}"'
    if kind in (BtfKind.STRUCT, BtfKind.UNION):
        return _struct_problem(btf.type(type_id))
    if kind in (BtfKind.ENUM, BtfKind.ENUM64):
        enum = btf.type(type_id)
        assert isinstance(enum, t.Enum)
        bad = next((one.name for one in enum.enumerators if not is_valid_name(one.name)), None)
        return f'Invalid name: enumerator "{bad}"' if bad is not None else None
    return None


def _struct_problem(struct: t.BtfType) -> str | None:
    assert isinstance(struct, t.Struct)
    last, is_union, bits = 0, struct.is_union, 8 * struct.byte_size + 7
    for member in struct.members:
        name, at = member.name, member.bit_offset
        if name and not is_valid_name(name):
            return f'Invalid name: member "{name}"'
        if is_union and at:
            return f"Invalid member bits_offset: {name} of a union is not at 0"
        if not is_union and at < last:
            return f"Invalid member bits_offset: {name} stands behind a member with a higher offset"
        if at > bits:
            return f"Member bits_offset exceeds its struct size: {name}"
        last = at
    return None


def is_valid_name(name: str) -> bool:
    """Tell whether the kernel takes *name* for a type or a member (``__btf_name_valid``).

    >>> is_valid_name("task_struct"), is_valid_name("a.b"), is_valid_name("Vec<u8>"), is_valid_name("7up")
    (True, True, False, False)
    """
    if not (len(name) < _MAX_NAME and name.isascii()):
        return False
    return name.isidentifier() or name.replace(".", "_").isidentifier()


def functions_without_info(facts: ObjectFacts) -> Iterator[tuple[str, str]]:
    """Yield program and function where libbpf refuses a function that has no func_info, though the program
    has (``bpf_object__reloc_code``, ``adjust_prog_btf_ext_info``)."""
    have = {(info.section, info.insn_off) for info in facts.object.ext.func_infos}
    if not have:
        return
    for program in facts.programs:
        if program.function.place not in have:
            continue
        for function in program.joined[1:]:
            if function.place not in have:
                yield program.name, function.name
