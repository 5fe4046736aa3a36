"""How one BTF declares the fields that a program asks the places of."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.sizes import bitfield_size
from btfview.btf.types import Array, Struct
from btfview.core_relo.outcome import Resolved
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.shape import KernelShape, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.btf.reader import Btf
    from btfview.core_relo.access_spec import AccessSpec
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.hints.kernel import Kernel


@frozen
class Declared:
    """One field."""

    shape: Shape | KernelShape
    bit_size: int
    """Of a bitfield; else 0."""


DAMAGED = Declared(Shape("", 0, "", ""), 0)
"""In place of a field whose types are damaged: what there is to say is in the outcome."""


def declared(kernel: Kernel, spec: AccessSpec) -> Declared | None:
    """Return the field at the end of *spec*; behind its last index, if it ends with one.

    Raises:
        BtfFormatError: a type on the way is damaged.
    """
    named = [at for at, step in enumerate(spec.steps) if step.name is not None]
    if not named:
        return None
    step = spec.steps[named[-1]]
    owner = kernel.btf.type(step.type_id)
    if not isinstance(owner, Struct) or step.index >= len(owner.members):
        return None
    member = owner.members[step.index]
    type_id = _behind_indices(kernel.btf, member.type_id, len(spec.steps) - 1 - named[-1])
    return Declared(KernelShape(kernel, type_id), bitfield_size(kernel.btf, member))


def declared_fields(
    relos: Iterable[LocalRelo], results: Sequence[ReloResult], kernel: Kernel
) -> tuple[tuple[int, Declared], ...]:
    """Return the fields that records ask the place of, each path once, with the first record that asks for
    it by its index; taken out of *kernel*, which resolved to *results*."""
    seen: set[tuple[int, str]] = set()
    found: list[tuple[int, Declared]] = []
    for index, local in enumerate(relos):
        key = (local.relo.type_id, local.relo.access_str)
        if local.kind != CoreReloKind.FIELD_BYTE_OFFSET or key in seen:
            continue
        seen.add(key)
        outcome = results[index].outcome
        if not isinstance(outcome, Resolved):
            continue
        if outcome.target_spec is not None and (field := _taken(kernel, outcome.target_spec)) is not None:
            found.append((index, field))
    return tuple(found)


def _taken(kernel: Kernel, spec: AccessSpec) -> Declared | None:
    try:
        field = declared(kernel, spec)
        if field is None or not isinstance(field.shape, KernelShape):
            return field
        return Declared(field.shape.taken(), field.bit_size)
    except InputError:
        return DAMAGED


def _behind_indices(btf: Btf, type_id: int, count: int) -> int:
    for _ in range(count):
        array = btf.skip_modifiers(type_id)
        if isinstance(array, Array):
            type_id = array.type_id
    return type_id
