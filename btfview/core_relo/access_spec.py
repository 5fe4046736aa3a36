"""Access strings, parsed against a BTF.

``"0:1:2"`` counts: the first number indexes the root type as an array (``p[0]``), each further one is a
member of a struct or union, or an element of an array. Anonymous members count, though no name stands for
them; so a spec has both, the raw indices and the named steps (libbpf: ``struct bpf_core_spec``).
"""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.types import Array, Enum, Struct
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

MAX_SPEC_LEN = 64
"""libbpf: ``BPF_CORE_SPEC_MAX_LEN``."""
OFFSET_MASK = (1 << 32) - 1


class RefusedError(Exception):
    """libbpf refuses the record; the text says why. Never leaves this package."""


@frozen
class AccessStep:
    """One named member, or one array index (libbpf: ``struct bpf_core_accessor``)."""

    type_id: int
    """The struct or union that has the member; of an index the element type."""
    index: int
    name: str | None
    """Member or enumerator; None for an array index."""


@frozen
class AccessSpec:
    root_type_id: int
    raw: tuple[int, ...]
    """As in the access string; empty for a type-based kind."""
    steps: tuple[AccessStep, ...]
    bit_offset: int
    """From the start of the root type; modulo 2**32, as libbpf counts."""

    @property
    def access_str(self) -> str:
        """``"0:18:3"``; ``"0"`` for a type-based kind."""
        return ":".join(map(str, self.raw)) or "0"


def parse_access_spec(btf: Btf, type_id: int, access_str: str, kind: CoreReloKind) -> AccessSpec:
    """Return *access_str* as a spec on type *type_id* (libbpf: ``bpf_core_parse_spec``).

    Raises:
        RefusedError: the string, or the way it walks, does not fit the type.
    """
    if kind.is_type:
        if access_str != "0":
            raise RefusedError(f'access string "{access_str}" of a {kind.label} record is not "0"')
        return AccessSpec(type_id, (), (), 0)
    raw = _parse_numbers(access_str)
    try:
        if kind.is_enumval:
            return _parse_enumerator(btf, type_id, raw)
        return _parse_field(btf, type_id, raw)
    except BtfFormatError as error:
        raise RefusedError(error.problem) from error


def _parse_numbers(access_str: str) -> tuple[int, ...]:
    parts = access_str.split(":")
    if len(parts) > MAX_SPEC_LEN:
        raise RefusedError(f"access string has {len(parts)} levels; {MAX_SPEC_LEN} are allowed")
    if not all(part.isascii() and part.isdigit() and len(part) < 11 for part in parts):
        raise RefusedError(f'access string "{access_str[:80]}" is not numbers with colons between')
    return tuple(map(int, parts))


def _parse_enumerator(btf: Btf, type_id: int, raw: tuple[int, ...]) -> AccessSpec:
    enum = btf.skip_modifiers(type_id)
    if not isinstance(enum, Enum):
        raise RefusedError(f"type [{type_id}] is a {enum.kind.label}, not an enum")
    if len(raw) != 1 or raw[0] >= len(enum.enumerators):
        raise RefusedError(
            f'access string "{":".join(map(str, raw))}" names no enumerator of enum {enum.name}, '
            f"which has {len(enum.enumerators)}"
        )
    step = AccessStep(enum.id, raw[0], enum.enumerators[raw[0]].name)
    return AccessSpec(type_id, raw, (step,), 0)


def _parse_field(btf: Btf, type_id: int, raw: tuple[int, ...]) -> AccessSpec:
    current = btf.skip_modifiers(type_id)
    steps = [AccessStep(current.id, raw[0], None)]
    bit_offset = raw[0] * btf.byte_size(current.id) * 8
    for index in raw[1:]:
        match current:
            case Struct():
                if index >= len(current.members):
                    raise RefusedError(
                        f"the access string asks for member {index} of {current.kind.label} "
                        f"{current.name or '(anonymous)'}, which has {len(current.members)}"
                    )
                member = current.members[index]
                bit_offset += member.bit_offset
                if member.name:
                    steps.append(AccessStep(current.id, index, member.name))
                current = btf.skip_modifiers(member.type_id)
            case Array():
                if not is_flexible(btf, steps[-1], current) and index >= current.length:
                    raise RefusedError(f"index {index} is past the end of an array of {current.length}")
                current = btf.skip_modifiers(current.type_id)
                steps.append(AccessStep(current.id, index, None))
                bit_offset += index * btf.byte_size(current.id) * 8
            case _:
                raise RefusedError(
                    f"the access string goes on into {current.kind.label} {current.name}".rstrip()
                    + ", which has no members"
                )
    return AccessSpec(type_id, raw, tuple(steps), bit_offset & OFFSET_MASK)


def is_flexible(btf: Btf, step: AccessStep, array: Array) -> bool:
    """Return whether *array*, reached by *step*, is a flexible array: of no length, and the last member
    (libbpf: ``is_flex_arr``)."""
    if step.name is None or array.length:
        return False
    owner = btf.type(step.type_id)
    return isinstance(owner, Struct) and step.index == len(owner.members) - 1


def format_path(btf: Btf, spec: AccessSpec) -> str:
    """Return *spec* as people write it: ``task_struct.se.vruntime``, ``rlimit[3].rlim_cur``,
    ``pid_type::PIDTYPE_PID``."""
    root = btf.type(spec.root_type_id)
    text = root.name or f"(anonymous {root.kind.label})"
    if not spec.steps:
        return text
    first, *rest = spec.steps
    if first.name is not None:
        return f"{text}::{first.name}"
    if first.index:
        text += f"[{first.index}]"
    return text + "".join(f"[{step.index}]" if step.name is None else f".{step.name}" for step in rest)
