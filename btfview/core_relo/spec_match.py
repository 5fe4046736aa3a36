"""Walk a local path through a candidate of the target (libbpf: ``bpf_core_spec_match``)."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.sizes import bitfield_size
from btfview.btf.types import Array, Enum, Member, Struct
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .access_spec import MAX_SPEC_LEN, OFFSET_MASK, AccessSpec, AccessStep, RefusedError, is_flexible
from .compat import describe, why_fields_differ, why_no_match, why_types_differ
from .names import essential_name

if TYPE_CHECKING:
    from btfview.btf.reader import Btf


@frozen
class MissingName:
    """A member or an enumerator that its struct or enum does not have."""

    owner_id: int
    """The struct, union or enum, in the target."""
    name: str
    step: int
    """Which step of the local spec asked for it."""


@frozen
class SpecMatch:
    """How far a path got in a candidate."""

    spec: AccessSpec | None
    """The path in the target; None when it fell out."""
    steps: tuple[str, ...]
    """In words, the steps that were found."""
    problem: str | None
    """Why it fell out; None for a match."""
    lost: MissingName | None = None
    """The name that was looked for in vain, if it was that."""


def match_spec(
    local: Btf, local_spec: AccessSpec, kind: CoreReloKind, target: Btf, target_id: int
) -> SpecMatch:
    """Return how *local_spec* fares in the target's type *target_id*.

    Raises:
        RefusedError: libbpf would refuse the object here (types nested too deep, or without a size).
    """
    try:
        if kind.is_type:
            return _match_type(local, local_spec, kind, target, target_id)
        if kind.is_enumval:
            return _match_enumerator(local_spec, target, target_id)
        return _FieldWalk(local, target, target_id).match(local_spec)
    except BtfFormatError as error:
        raise RefusedError(error.problem) from error


@frozen
class MemberMatch:
    """Where one step of a path leads in a target."""

    type_id: int
    """Of the member."""
    raw: tuple[int, ...]
    """Member indices from the struct, through anonymous ones."""
    bit_offset: int
    """From the start of the struct."""
    bit_size: int
    """Of a bitfield; else 0."""


def match_member(local: Btf, step: AccessStep, target: Btf, target_id: int) -> MemberMatch | str:
    """Return the member of the target's struct *target_id* that the named local *step* stands for, or in
    words why there is none (libbpf: ``bpf_core_match_member``).

    Raises:
        BtfFormatError: a type on the way is damaged.
    """
    try:
        return _FieldWalk(local, target, target_id).match_step(step)
    except RefusedError as error:
        return str(error)


def _match_type(local: Btf, spec: AccessSpec, kind: CoreReloKind, target: Btf, target_id: int) -> SpecMatch:
    compare = why_no_match if kind == CoreReloKind.TYPE_MATCHES else why_types_differ
    problem = compare(local, spec.root_type_id, target, target_id)
    return SpecMatch(None if problem else AccessSpec(target_id, (), (), 0), (), problem)


def _match_enumerator(local_spec: AccessSpec, target: Btf, target_id: int) -> SpecMatch:
    enum = target.skip_modifiers(target_id)
    if not isinstance(enum, Enum):
        return SpecMatch(None, (), f"it is {describe(target, target_id)} there, not an enum")
    name = local_spec.steps[0].name or ""
    for index, enumerator in enumerate(enum.enumerators):
        if essential_name(enumerator.name) == essential_name(name):
            step = AccessStep(enum.id, index, enumerator.name)
            found = f"{enumerator.name} = {enumerator.value} (number {index})"
            return SpecMatch(AccessSpec(target_id, (index,), (step,), 0), (found,), None)
    problem = f"enum {enum.name or '(anonymous)'} has no enumerator {name} there"
    return SpecMatch(None, (), problem, MissingName(enum.id, name, 0))


class _FieldWalk:
    """The walk of one path: where it is in the target, and the raw indices on the way."""

    def __init__(self, local: Btf, target: Btf, target_id: int) -> None:
        self._local = local
        self._target = target
        self._root_id = self._type_id = target_id
        self._raw: list[int] = []
        self._steps: list[AccessStep] = []
        self._words: list[str] = []
        self._bit_offset = 0
        self._lost: int | None = None

    def match(self, local_spec: AccessSpec) -> SpecMatch:
        for position, step in enumerate(local_spec.steps):
            if step.name is None:
                problem = self._take_index(step.index, is_first=position == 0)
            else:
                problem = self._take_member(step)
            if problem is not None:
                lost = None if self._lost is None else MissingName(self._lost, step.name or "", position)
                return SpecMatch(None, tuple(self._words), problem, lost)
        bit_offset = self._bit_offset & OFFSET_MASK
        spec = AccessSpec(self._root_id, tuple(self._raw), tuple(self._steps), bit_offset)
        return SpecMatch(spec, tuple(self._words), None)

    def match_step(self, step: AccessStep) -> MemberMatch | str:
        problem = self._take_member(step)
        if problem is not None:
            return problem
        taken = self._steps[-1]
        owner = self._target.type(taken.type_id)
        assert isinstance(owner, Struct)
        size = bitfield_size(self._target, owner.members[taken.index])
        return MemberMatch(self._type_id, tuple(self._raw), self._bit_offset & OFFSET_MASK, size)

    def _take_index(self, index: int, *, is_first: bool) -> str | None:
        current = self._target.skip_modifiers(self._type_id)
        if not is_first:  # the first index counts root types, so there is no array to look into
            if not isinstance(current, Array):
                return f"{self._place()} is {describe(self._target, current.id)} there, not an array"
            if not is_flexible(self._target, self._steps[-1], current) and index >= current.length:
                return f"{self._place()} has {current.length} elements there; element {index} is past the end"
            current = self._target.skip_modifiers(current.type_id)
        self._push(index)
        self._type_id = current.id
        self._steps.append(AccessStep(current.id, index, None))
        offset = index * self._target.byte_size(current.id) * 8
        self._bit_offset += offset
        if not is_first:
            self._words.append(f"[{index}] +{offset // 8}")
        return None

    def _take_member(self, local_step: AccessStep) -> str | None:
        owner = self._local.type(local_step.type_id)
        assert isinstance(owner, Struct)
        assert local_step.name is not None
        local_member = owner.members[local_step.index]
        current = self._target.skip_modifiers(self._type_id)
        if not isinstance(current, Struct):
            return f"{self._place()} is {describe(self._target, current.id)} there, which has no members"
        before, depth = self._bit_offset, len(self._raw)
        member = self._find_member(current, local_step.name, local_member.type_id, set())
        if member is None:
            self._lost = current.id
            return f"{describe(self._target, current.id)} has no member {local_step.name} there"
        if isinstance(member, str):
            return f"{local_step.name}: {member}"
        self._type_id = member.type_id
        offset, levels = self._bit_offset - before, len(self._raw) - depth - 1
        self._words.append(self._describe_member(member.name, offset, member.bitfield_size, levels))
        return None

    def _find_member(
        self, struct: Struct, name: str, local_type_id: int, lacking: set[int]
    ) -> Member | str | None:
        """Go to the first member called *name*, through anonymous structs and unions, and return it; in
        words why not, if its type is incompatible; or None where there is none.

        One of an incompatible type ends the search of its own struct, not that of those around it; and as
        in libbpf (``bpf_core_match_member``) its offset and index are not taken back then. *lacking* are
        structs without the name, which hostile BTF nests many times.
        """
        why: str | None = None
        if struct.members:
            self._check_depth()  # whichever member is meant, as libbpf does
        for index, member in enumerate(struct.members):
            if member.name and member.name != name:
                continue
            self._raw.append(index)
            self._bit_offset += member.bit_offset
            if not member.name:
                inner = self._target.skip_modifiers(member.type_id)
                if isinstance(inner, Struct) and inner.id not in lacking:
                    found = self._find_member(inner, name, local_type_id, lacking)
                    if isinstance(found, Member):
                        return found
                    why = why or found
            else:
                differs = why_fields_differ(self._local, local_type_id, self._target, member.type_id)
                if differs is None:
                    self._steps.append(AccessStep(struct.id, index, name))
                    return member
                return differs
            self._raw.pop()
            self._bit_offset -= member.bit_offset
        if why is None:
            lacking.add(struct.id)
        return why

    def _push(self, index: int) -> None:
        self._check_depth()
        self._raw.append(index)

    def _check_depth(self) -> None:
        if len(self._raw) >= MAX_SPEC_LEN:
            raise RefusedError(f"the path is nested deeper than {MAX_SPEC_LEN} levels in the target")

    def _place(self) -> str:
        return self._steps[-1].name or f"element {self._steps[-1].index}" if self._steps else "the type"

    @staticmethod
    def _describe_member(name: str, bit_offset: int, bitfield_size: int, anonymous_levels: int) -> str:
        offset = f"+{bit_offset // 8}" + (f".{bit_offset % 8}" if bit_offset % 8 else "")
        bits = f":{bitfield_size}" if bitfield_size else ""
        through = f" (through {anonymous_levels} anonymous)" if anonymous_levels else ""
        return f"{name}{bits} {offset}{through}"
