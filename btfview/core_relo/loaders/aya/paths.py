"""Where the path of a record leads, in the object and in a candidate."""

from __future__ import annotations

from btfview.btf.types import Array, Enum, Struct
from btfview.core_relo.access_spec import MAX_SPEC_LEN, AccessSpec, AccessStep, RefusedError
from btfview.frozen import TYPE_CHECKING, frozen

from .types import are_types_compatible, flavorless, size_of, why_fields_differ

if TYPE_CHECKING:
    from btfview.btf.kinds import BtfKind, CoreReloKind
    from btfview.btf.reader import Btf

_MAX_ANONYMOUS = 200
"""Anonymous structs in each other; aya does not count them, and its stack runs over where they never end."""


@frozen
class Fit:
    """How a path fares in a candidate."""

    spec: AccessSpec | None
    why: str | None
    """Why it fell out; None for a match."""


def parse_path(btf: Btf, type_id: int, access_str: str, kind: CoreReloKind) -> AccessSpec:
    """Return the path of a record in its own object (aya: ``AccessSpec::new``).

    Its bit offset is what aya counts, which takes the first index for bits; nothing is compared with it.

    Raises:
        RefusedError: aya gives up the object.
    """
    raw = _parse_numbers(access_str)
    root = btf.skip_modifiers(type_id)
    if kind.is_type:
        if raw != (0,):
            raise RefusedError(f"invalid relocation access string {access_str}")
        return AccessSpec(type_id, (), (), 0)
    if kind.is_enumval:
        return _parse_enumerator(btf, type_id, access_str, raw, kind)
    current_id = root.id
    steps = [AccessStep(current_id, raw[0], None)]
    bit_offset = raw[0] * size_of(btf, current_id)
    for index in raw[1:]:
        match btf.skip_modifiers(current_id):
            case Struct() as struct:
                if index >= len(struct.members):
                    raise _bad_index(access_str, struct.name, "out of bounds struct or union access")
                member = struct.members[index]
                bit_offset += member.bit_offset
                if member.name:
                    steps.append(AccessStep(struct.id, index, member.name))
                current_id = member.type_id
            case Array() as array:
                current_id = btf.skip_modifiers(array.type_id).id
                # Here aya asks whether the *element* has the number of the last member, not the array.
                is_flexible = _may_be_flexible(btf, array, steps[-1], index)
                if not is_flexible and index >= array.length:
                    raise _bad_index(access_str, "", "array index out of bounds")
                steps.append(AccessStep(current_id, index, None))
                bit_offset += index * size_of(btf, current_id) * 8
            case other:
                raise RefusedError(
                    f"{kind.label} not valid for a {_kind_name(other.kind)}: "
                    "field relocation on a type that doesn't have fields"
                )
    return AccessSpec(type_id, raw, tuple(steps), bit_offset)


def _parse_numbers(access_str: str) -> tuple[int, ...]:
    parts = access_str.split(":")
    plain = [part.removeprefix("+") for part in parts]
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in plain):
        raise RefusedError(f"invalid relocation access string {access_str[:80]}")
    return tuple(map(int, plain))


def _parse_enumerator(
    btf: Btf, type_id: int, access_str: str, raw: tuple[int, ...], kind: CoreReloKind
) -> AccessSpec:
    enum = btf.skip_modifiers(type_id)
    if not isinstance(enum, Enum):
        raise RefusedError(
            f"{kind.label} not valid for a {_kind_name(enum.kind)}: enum relocation on non-enum type"
        )
    if len(raw) != 1:
        raise RefusedError(f"invalid relocation access string {access_str}")
    if raw[0] >= len(enum.enumerators):
        raise _bad_index(access_str, enum.name, "tried to access nonexistent enum variant")
    step = AccessStep(enum.id, raw[0], enum.enumerators[raw[0]].name)
    return AccessSpec(type_id, raw, (step,), 0)


def _may_be_flexible(btf: Btf, array: Array, parent: AccessStep, index: int) -> bool:
    owner = btf.type(parent.type_id)
    return (
        not array.length
        and isinstance(owner, Struct)
        and not owner.is_union
        and bool(owner.members)
        and index == len(owner.members) - 1
    )


def match_path(local: Btf, path: AccessSpec, kind: CoreReloKind, target: Btf, target_id: int) -> Fit:
    """Return how *path* fares in the target's type *target_id* (aya: ``match_candidate``).

    Raises:
        RefusedError: aya gives up the object.
    """
    if kind.is_type:
        if are_types_compatible(local, path.root_type_id, target, target_id):
            return Fit(AccessSpec(target_id, (), (), 0), None)
        return Fit(None, f"it is a {_kind_name(target.skip_modifiers(target_id).kind)} there")
    if kind.is_enumval:
        return _match_enumerator(path, target, target_id)
    return _Walk(local, target, target_id).match(path)


def _match_enumerator(path: AccessSpec, target: Btf, target_id: int) -> Fit:
    enum = target.skip_modifiers(target_id)
    name = path.steps[0].name or ""
    if not isinstance(enum, Enum):
        return Fit(None, f"it is a {_kind_name(enum.kind)} there, not an enum")
    for index, enumerator in enumerate(enum.enumerators):
        if flavorless(enumerator.name) == flavorless(name):
            step = AccessStep(enum.id, index, enumerator.name)
            return Fit(AccessSpec(target_id, (index,), (step,), 0), None)
    return Fit(None, f"enum {enum.name or '(anonymous)'} has no enumerator {name} there")


class _Walk:
    """The walk of one path through one candidate."""

    def __init__(self, local: Btf, target: Btf, target_id: int) -> None:
        self._local = local
        self._target = target
        self._root_id = target_id
        self._raw: list[int] = []
        self._steps: list[AccessStep] = []
        self._bit_offset = 0
        self._why = ""

    def match(self, path: AccessSpec) -> Fit:
        target, type_id = self._target, self._root_id
        for position, step in enumerate(path.steps):
            type_id = target.skip_modifiers(type_id).id
            if step.name is not None:
                self._why = f"no member {step.name} there"
                found = self._find_member(step, type_id, set(), 0)
                if found is None:
                    return Fit(None, self._why)
                type_id = found
                continue
            if position:
                array = target.type(type_id)
                if not isinstance(array, Array):
                    return Fit(None, f"a {_kind_name(array.kind)} there, not an array")
                parent = self._steps[-1]
                is_flexible = _may_be_flexible(target, array, parent, parent.index)
                if not is_flexible and step.index >= array.length:
                    return Fit(None, f"{array.length} elements there; element {step.index} is past the end")
                type_id = target.skip_modifiers(array.type_id).id
            self._check_depth()
            self._raw.append(step.index)
            self._steps.append(AccessStep(type_id, step.index, None))
            self._bit_offset += step.index * size_of(target, type_id) * 8
        return Fit(AccessSpec(self._root_id, tuple(self._raw), tuple(self._steps), self._bit_offset), None)

    def _find_member(self, step: AccessStep, type_id: int, lacking: set[int], depth: int) -> int | None:
        """Go to the first member of that name, and return its type; None where there is none, or one of
        another type (aya: ``match_member``). *lacking* are structs that were searched in vain."""
        struct = self._target.skip_modifiers(type_id)
        if not isinstance(struct, Struct) or struct.id in lacking:
            return None
        if depth > _MAX_ANONYMOUS:
            raise RefusedError("aya's stack runs over: anonymous structs within each other without end")
        owner = self._local.type(step.type_id)
        assert isinstance(owner, Struct)
        for index, member in enumerate(struct.members):
            self._check_depth()
            if not member.name:
                at = len(self._raw)
                found = self._find_member(step, member.type_id, lacking, depth + 1)
                if found is not None:
                    self._bit_offset += member.bit_offset
                    self._raw.insert(at, index)
                    return found
            elif member.name == step.name:
                mine = owner.members[step.index]
                why = why_fields_differ(self._local, mine.type_id, self._target, member.type_id)
                if why is None:
                    self._bit_offset += member.bit_offset
                    self._raw.append(index)
                    self._steps.append(AccessStep(struct.id, index, member.name))
                    return member.type_id
                self._why = f"{member.name}: {why}"
                break
        lacking.add(struct.id)
        return None

    def _check_depth(self) -> None:
        if len(self._raw) == MAX_SPEC_LEN:
            raise RefusedError("maximum nesting level reached evaluating candidate type")


def _bad_index(access_str: str, name: str, problem: str) -> RefusedError:
    return RefusedError(f"invalid access string `{access_str}` for type `{name}`: {problem}")


def _kind_name(kind: BtfKind) -> str:
    return kind.label
