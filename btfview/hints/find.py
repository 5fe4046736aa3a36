"""What stands in place of what a kernel lacks: the rules are asked in order, and their answers graded."""

from __future__ import annotations

from btfview.btf.types import Struct
from btfview.frozen import TYPE_CHECKING, assert_never, replace

from .answer import SILENT, Answer, Asked, Declared, Enumerator, Field, Gone, Hint, Named, Type
from .differences import beside_name
from .grades import IS_LIKELY, PERHAPS, IsNow
from .known_moves import known_moves
from .names import is_padding, shares_word
from .order import DECLARED_RULES, ENUMERATOR_RULES, FIELD_RULES
from .question import find_lost, walk
from .types import renamed_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .found import Found
    from .kernel import Kernel
    from .known_moves import Move
    from .order import Rules
    from .question import Lost, Place, Step

_MAX_HINTS = 3


def find_answer(asked: Asked, old: Kernel | None, new: Kernel, declared: Declared | None = None) -> Answer:
    """Return what stands on *new*, which lacks what is asked for. *old* is a kernel that has it; without one,
    known facts answer, and what the program has *declared*.

    Raises:
        BtfFormatError: a type on the way is damaged.
    """
    known = tuple(known_moves(new, asked.path))
    named = tuple(
        Hint(
            path,
            move.grade,
            _why_known(move, is_back=path == move.old),
            move.since,
            _beside(asked, old, new, path),
            move.mask,
            has_code=not move.is_another_shape,
        )
        for path, move in known
        if path
    )
    if named:
        return Named(named[:_MAX_HINTS])
    if known:
        move = known[0][1]
        return Gone(move.since, _why_known(move))
    hints = _declared_hints(asked, declared, new) if old is None else _hints(asked, old, new)
    found = tuple(replace(hint, beside=hint.beside or _beside(asked, old, new, hint.path)) for hint in hints)
    return Named(found) if found else SILENT


def _hints(asked: Asked, old: Kernel, new: Kernel) -> tuple[Hint, ...]:
    match asked:
        case Field():
            return field_hints(old, new, asked.root, asked.steps)
        case Enumerator():
            return enumerator_hints(old, new, asked.enum, asked.name)
        case Type():
            return type_hints(old, new, asked.name)
        case _:
            assert_never(asked)


def _declared_hints(asked: Asked, declared: Declared | None, new: Kernel) -> tuple[Hint, ...]:
    if declared is None or not isinstance(asked, Field):
        return ()
    lost = find_lost(declared.kernel, new, declared.root, asked.steps, asked.root)
    return _best(_field_hints(lost, DECLARED_RULES)) if lost else ()


def _why_known(move: Move, *, is_back: bool = False) -> str:
    since = f"since {move.since}" if move.since[0].isdigit() else f"on {move.since}"
    since = f"as before {move.since}" if is_back else since
    note = f"; {move.note}" if move.note else ""
    return f"known {since}: {move.source}{note}"


def _beside(asked: Asked, old: Kernel | None, new: Kernel, path: str) -> tuple[str, ...]:
    if not isinstance(asked, Field):
        return ()
    return beside_name(old or new, asked.path, new, path)


def field_hints(old: Kernel, new: Kernel, root: str, steps: Sequence[Step]) -> tuple[Hint, ...]:
    """Return what stands on *new* for the path of *steps*, which *old* has; the best first."""
    if not new.structs(root):
        found = renamed_type(old, new, root, steps)
        return _best(Hint(one.path, IS_LIKELY, one.why, old.name) for one in found)
    lost = find_lost(old, new, root, steps)
    if lost is None:
        return ()
    return _best(_field_hints(lost))


def _field_hints(lost: Lost, rules: Rules = FIELD_RULES) -> Iterator[Hint]:
    if is_padding(lost.name):
        return
    for rule, grade_alone in rules:
        all_found = tuple(rule(lost))
        # Of several only one can be it.
        is_sure = len({found.path for found in all_found}) == 1
        grade = grade_alone if is_sure or grade_alone is PERHAPS else IS_LIKELY
        for found in all_found:
            path = found.path if found.is_whole else _completed(lost, found)
            if path is not None:
                beside = (found.bit,) if found.bit else ()
                mask = int(found.shift is not None)
                yield Hint(path, grade, found.why, lost.old.name, beside, mask, found.shift or 0)
            elif grade is not PERHAPS or lost.is_reshaped:
                yield Hint(found.path, PERHAPS, found.why, lost.old.name)


def _completed(lost: Lost, found: Found) -> str | None:
    """Return the path that *found* begins, with what is asked of the lost field at its end; None where that
    is not there."""
    path = found.path
    place = walk(lost.new, path)
    if place is None:
        return None
    if not lost.rest:
        if found.is_place and (inner := _same_inside(lost, place)):
            return path + inner
        indices = lost.steps[lost.at].indices
        return path + indices if indices and walk(lost.new, path + indices) else path
    rest = "".join(f".{step.text}" for step in lost.rest)
    if path.endswith((rest, f"->{rest[1:]}")):
        return path
    ways = (rest, f"[i]{rest}", f"->{rest[1:]}")
    return next((path + way for way in ways if walk(lost.new, path + way)), None)


def _same_inside(lost: Lost, place: Place) -> str:
    """Return the only field of the struct at *place*, or of what it points to, that is of the very type of
    the lost one, where *place* is of another: ``.string``, ``->bd_disk``.

    Only of a type that says something: an array, a pointer to a struct. Behind a pointer the names must have
    a word in common, too.
    """
    was = lost.old.signature(lost.field.type_id)
    if lost.old.kind(lost.field.type_id) != "array" and lost.old.pointee(lost.field.type_id) is None:
        return ""
    found = lost.new.bare(place.type_id)
    for mark, struct in ((".", found), ("->", lost.new.pointee(place.type_id))):
        if isinstance(struct, Struct) and lost.is_other_struct(struct):
            same = [f.name for f in lost.new.fields(struct.id) if lost.new.signature(f.type_id) == was]
            if len(same) == 1 and (mark == "." or shares_word(lost.name, same[0])):
                return mark + same[0]
    return ""


def enumerator_hints(old: Kernel, new: Kernel, enum: str, name: str) -> tuple[Hint, ...]:
    """Return what stands on *new* for the enumerator *name*, which *old* has; the best first."""
    return _best(
        Hint(found.path, grade, found.why, old.name)
        for rule, grade in ENUMERATOR_RULES
        for found in rule(old, new, enum, name)
    )


def type_hints(old: Kernel, new: Kernel, name: str) -> tuple[Hint, ...]:
    """Return what stands on *new* for the struct or union *name*, which *old* has; the best first."""
    return _best(Hint(found.path, IS_LIKELY, found.why, old.name) for found in renamed_type(old, new, name))


def _best(hints: Iterable[Hint]) -> tuple[Hint, ...]:
    """Return the hints of the best grade that any has, each path once; a sure one stands alone."""
    kept: dict[str, Hint] = {}
    for hint in hints:
        first = next(iter(kept.values()), hint)
        if hint.grade.key != first.grade.key:
            if isinstance(first.grade, IsNow):
                break
            if hint.grade is PERHAPS:
                break
        kept.setdefault(hint.path, hint)
    return tuple(kept.values())[:_MAX_HINTS]
