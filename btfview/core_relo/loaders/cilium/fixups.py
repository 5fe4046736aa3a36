"""What one record becomes by one candidate (cilium/ebpf: ``coreCalculateFixup``)."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.types import Enum, Fwd, Int
from btfview.core_relo.access_spec import RefusedError
from btfview.frozen import TYPE_CHECKING, frozen

from .fields import ImpossibleError, find_field
from .types import essential_name, in_words, size_of, why_no_match, why_types_differ

if TYPE_CHECKING:
    from btfview.btf.ext import CoreRelo
    from btfview.btf.reader import Btf

_U64 = (1 << 64) - 1
_U32 = (1 << 32) - 1


@frozen
class Fixup:
    """What is to be written, and what must stand there before."""

    kind: CoreReloKind | None
    orig_val: int
    new_val: int
    """Both unsigned 64 bits."""
    is_poison: bool = False
    is_validated: bool = True
    why: str = ""
    """Why it is poison, or the type or field is not there."""

    @property
    def is_lost(self) -> bool:
        """Whether it counts against its candidate (``COREFixup.isNonExistant``)."""
        return self.is_poison or (self.kind is not None and self.kind.is_existence and not self.new_val)

    def agrees(self, other: Fixup) -> bool:
        return (self.orig_val, self.new_val) == (other.orig_val, other.new_val)


def absent(kind: CoreReloKind | None, why: str) -> Fixup:
    """Return what a record is whose type or field is not there: 0 for a question of existence, else poison,
    also for a type's size and id."""
    if kind is not None and kind.is_existence:
        return Fixup(kind, 1, 0, why=why)
    return Fixup(kind, 0, 0, is_poison=True, why=why)


def parse_accessor(text: str) -> tuple[int, ...]:
    """Return the numbers of an access string (cilium/ebpf: ``parseCOREAccessor``).

    Raises:
        RefusedError: it is none; the object is not taken then.
    """
    parts = text.split(":")
    if not all(
        part.isascii() and part.isdigit() and len(part) < 19 and int(part) < 1 << 31 for part in parts
    ):
        raise RefusedError(f'accessor "{text[:80]}" is not numbers of 31 bits with colons between')
    return tuple(map(int, parts))


def calc_fixup(
    local: Btf, relo: CoreRelo, accessor: tuple[int, ...], target: Btf, target_id: int, *, is_le: bool
) -> Fixup:
    """Return what *relo* becomes by the candidate *target_id*.

    Raises:
        RefusedError: the load ends.
    """
    kind = relo.kind
    if kind is None:
        raise RefusedError(f"unknown ({relo.kind_number}): not supported")
    try:
        if kind.is_type:
            return _of_type(local, relo, kind, accessor, target, target_id)
        if kind.is_enumval:
            return _of_enumerator(local, relo, kind, accessor, target, target_id)
        if isinstance(target.skip_modifiers(target_id), Fwd):
            raise ImpossibleError("it is declared there only")
        return _of_field(local, relo, kind, accessor, target, target_id, is_le)
    except ImpossibleError as error:
        return absent(kind, str(error))


def _of_type(
    local: Btf, relo: CoreRelo, kind: CoreReloKind, accessor: tuple[int, ...], target: Btf, target_id: int
) -> Fixup:
    check_type_accessor(accessor)
    compare = why_no_match if kind == CoreReloKind.TYPE_MATCHES else why_types_differ
    if why := compare(local, relo.type_id, target, target_id):
        raise ImpossibleError(why)
    match kind:
        case CoreReloKind.TYPE_ID_TARGET:
            if target_id >= target.root.type_count:
                raise ImpossibleError(
                    "it is a type of a module; an instruction holds ids of the kernel alone"
                )
            return Fixup(kind, relo.type_id, target_id)
        case CoreReloKind.TYPE_SIZE:
            return Fixup(kind, size_of(local, relo.type_id), size_of(target, target_id))
        case _:
            return Fixup(kind, 1, 1)


def check_type_accessor(accessor: tuple[int, ...]) -> None:
    if accessor != (0,):
        raise RefusedError(f"unexpected accessor {':'.join(map(str, accessor))}")


def _of_enumerator(
    local: Btf, relo: CoreRelo, kind: CoreReloKind, accessor: tuple[int, ...], target: Btf, target_id: int
) -> Fixup:
    """Follow an enumerator (cilium/ebpf: ``coreFindEnumValue``)."""
    ours, theirs = local.skip_modifiers(relo.type_id), target.skip_modifiers(target_id)
    if not isinstance(ours, Enum):
        raise RefusedError(f"not an enum: {in_words(ours)}")
    if len(accessor) > 1 or accessor[0] >= len(ours.enumerators):
        raise RefusedError(f"invalid accessor {':'.join(map(str, accessor))} for {in_words(ours)}")
    if not isinstance(theirs, Enum):
        raise ImpossibleError(f"it is {in_words(theirs)} there, not an enum")
    mine = ours.enumerators[accessor[0]]
    name = essential_name(mine.name)
    for other in theirs.enumerators:
        if essential_name(other.name) == name:
            if kind == CoreReloKind.ENUMVAL_EXISTS:
                return Fixup(kind, 1, 1)
            return Fixup(kind, mine.value & _U64, other.value & _U64)
    raise ImpossibleError(f"{in_words(theirs)} has no enumerator {mine.name} there")


def _of_field(
    local: Btf,
    relo: CoreRelo,
    kind: CoreReloKind,
    accessor: tuple[int, ...],
    target: Btf,
    target_id: int,
    is_le: bool,
) -> Fixup:
    ours, theirs = find_field(local, relo.type_id, accessor, target, target_id)
    is_validated = not ours.bit_size
    match kind:
        case CoreReloKind.FIELD_EXISTS:
            return Fixup(kind, 1, 1)
        case CoreReloKind.FIELD_BYTE_OFFSET:
            return Fixup(kind, ours.byte_offset, theirs.byte_offset, is_validated=is_validated)
        case CoreReloKind.FIELD_BYTE_SIZE:
            sizes = size_of(local, ours.type_id), size_of(target, theirs.type_id)
            return Fixup(kind, *sizes, is_validated=is_validated)
        case CoreReloKind.FIELD_LSHIFT_U64:
            if is_le:
                shift = 64 - theirs.bit_offset - theirs.size_bits
            else:
                shift = 64 - size_of(target, theirs.type_id) * 8 + theirs.bit_offset
            return Fixup(kind, 0, shift & _U32, is_validated=False)
        case CoreReloKind.FIELD_RSHIFT_U64:
            return Fixup(kind, 0, 64 - theirs.size_bits & _U32, is_validated=False)
        case _:
            mine, other = local.skip_modifiers(ours.type_id), target.skip_modifiers(theirs.type_id)
            if isinstance(mine, Enum) and isinstance(other, Enum):
                return Fixup(kind, int(mine.is_signed), int(other.is_signed))
            if isinstance(mine, Int) and isinstance(other, Int):
                return Fixup(kind, mine.encoding & 1, other.encoding & 1)
            raise RefusedError(f"type {in_words(mine)}: no signedness")
