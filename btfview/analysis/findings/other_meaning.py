"""Records that resolve on a target, and are another thing there than where the program was written for."""

from __future__ import annotations

from btfview.analysis.declared import DAMAGED, Declared, declared
from btfview.analysis.kernels.kernel_age import age_key
from btfview.bpf.insn import INSN_SIZE
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.outcome import Resolved
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.shape import shape_differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis, LinkedRelo
    from btfview.core_relo.access_spec import AccessSpec

_ANY_POINTER = "*void "
"""How programs declare a pointer that they tell nothing of."""
_MEMORY_CLASSES = range(4)
"""BPF_LD, LDX, ST, STX: the loader gives such an instruction the width that the field has there."""


@frozen
class OtherMeaning:
    """One field that is other things on some targets."""

    relo: int
    written_for: str
    """The target whose declaration fits the program's best, of several the oldest; empty for the program
    itself."""
    columns: tuple[int, ...]
    """Targets on which it is something else, and the same on each."""
    differences: tuple[str, ...]
    """In words, what is other: ``1 byte, not 4``."""

    @property
    def words(self) -> str:
        where = f"on {self.written_for}" if self.written_for else "in the program"
        return f"another thing there than {where}: {', '.join(self.differences)}"


def find_other_meanings(analysis: Analysis, finder: HintFinder) -> Iterator[OtherMeaning]:
    """Yield, for each field that programs ask the place of, on which targets it is another thing. Each path
    is told once."""
    seen: set[tuple[int, str]] = set()
    for linked in analysis.relos:
        key = (linked.relo.type_id, linked.relo.access_str)
        if linked.relo.kind == CoreReloKind.FIELD_BYTE_OFFSET and key not in seen:
            seen.add(key)
            yield from meanings_of(analysis, linked, finder)


def meanings_of(analysis: Analysis, linked: LinkedRelo, finder: HintFinder) -> tuple[OtherMeaning, ...]:
    """Return on which targets a field whose place is asked for is another thing."""
    if linked.relo.kind != CoreReloKind.FIELD_BYTE_OFFSET or linked.local_spec is None:
        return ()
    try:
        return tuple(_meanings(analysis, linked, linked.local_spec, finder))
    except InputError:
        return ()  # damaged types: what there is to say is in the outcome


def _meanings(
    analysis: Analysis, linked: LinkedRelo, spec: AccessSpec, finder: HintFinder
) -> Iterator[OtherMeaning]:
    program = finder.program
    mine = declared(program, spec) if program else None
    theirs: dict[int, Declared] = {}
    results = analysis.results[linked.index]
    groups = {group[0]: group for group in analysis.column_groups}
    for column in groups:
        if analysis.declared:
            known = analysis.declared[column].get(linked.index)
            if known == DAMAGED:
                return
            if known is not None:
                theirs[column] = known
            continue
        match results[column].outcome:
            case Resolved(_, target_spec) if target_spec is not None:
                found = declared(finder.resolved_on(column), target_spec)
                if found is not None:
                    theirs[column] = found
            case _:
                pass
    if mine is None or not theirs:
        return
    oldest = {column: finder.oldest(group) for column, group in groups.items()}
    best = min(theirs, key=lambda column: (-_fit(mine, theirs[column]), age_key(oldest[column])))
    count = sum(len(groups[column]) for column in theirs)
    has_any_width = _is_resized(analysis, linked)
    told: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for column, other in theirs.items():
        words = tuple(_differences(theirs[best], other))
        written_for = oldest[best]
        if count == 1 or not words:
            # A program declares what it needs: of that, only a number's width must be the kernel's.
            is_other_width = _is_number(mine) and _is_number(other) and not _fit(mine, other)
            words = tuple(_differences(mine, other))[:1] if is_other_width else ()
            written_for = ""
        is_told = results[column].misread is not None
        if words and not is_told and not (has_any_width and _is_number(other)):
            told.setdefault((written_for, words), []).extend(groups[column])
    for (written_for, words), columns in told.items():
        yield OtherMeaning(linked.index, written_for, tuple(sorted(columns)), words)


def _differences(one: Declared, other: Declared) -> Iterator[str]:
    if one.bit_size or other.bit_size:
        return  # asked for with the record's own size and shift
    yield from shape_differences(one.shape, other.shape)


def _fit(mine: Declared, other: Declared) -> int:
    """Return how well a kernel's declaration fits the program's: 2 the same type, 1 the same width."""
    if mine.shape.signature == _ANY_POINTER:
        return int(other.shape.kind == "pointer")
    if mine.shape.signature == other.shape.signature:
        return 2
    return int(mine.shape.byte_size == other.shape.byte_size)


def _is_number(field: Declared) -> bool:
    return field.shape.kind == "int" and not field.bit_size


def _is_resized(analysis: Analysis, linked: LinkedRelo) -> bool:
    assert analysis.object is not None
    code = analysis.object.code(linked.relo.section)
    at = linked.relo.insn_off
    return linked.relo.insn_off % INSN_SIZE == 0 and at < len(code) and code[at] & 7 in _MEMORY_CLASSES
