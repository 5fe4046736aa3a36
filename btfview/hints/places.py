"""What stands between the same neighbours as the lost field stood."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING, frozen

from .found import Found
from .names import has_in_common, words_of
from .question import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Field
    from .question import Lost

_ALIGNED = 1.1
"""Least likeness of a lost and a new field that go together where their numbers differ."""
_COUNTS = frozenset(("nr", "num", "count", "cnt", "max", "min", "size", "len", "seq", "id"))
"""Words of numbers that no bit can hold."""
_BITS_BESIDE = 2
"""Bitfields that must be lost together for a word of flags to have taken them all."""
_SOMEWHAT = 0.6
"""The same for what is perhaps it."""
_INSIDE = 1 / 3
"""Of a struct's members, least part that is in the one at its place."""
_NEARLY = 0.15
"""Of those that are as alike but for this, the first counts: what is added stands behind it."""
_ONE_LETTER = 0.9
"""Likeness of two spellings that differ by a letter or two."""
_MANY = 3
"""New fields at one place from which on too much has changed around it to tell."""


@frozen
class Gap:
    """Fields between two that both kernels have."""

    lost: tuple[Field, ...]
    new: tuple[Field, ...]


def gap(lost: Lost) -> Gap:
    """Return what is lost and what is new between the nearest neighbours that both kernels have."""
    old, new = lost.old.fields(lost.level.old.id), lost.new.fields(lost.level.new.id)
    there, here = [field.name for field in old], [field.name for field in new]
    at = there.index(lost.name)
    positions = {name: index for index, name in reversed(list(enumerate(here)))}
    first = next((index for index in range(at - 1, -1, -1) if there[index] in positions), -1)
    last = next((index for index in range(at + 1, len(there)) if there[index] in positions), len(there))
    start = positions[there[first]] + 1 if first >= 0 else 0
    end = positions[there[last]] if last < len(there) else len(here)
    before = set(there)
    return Gap(old[first + 1 : last], tuple(field for field in new[start:end] if field.name not in before))


def equal_counts(lost: Lost) -> Iterator[Found]:
    """As many new fields as lost ones: they go together in order."""
    if lost.is_reshaped:
        return
    between = gap(lost)
    if len(between.lost) == len(between.new):
        index = [field.name for field in between.lost].index(lost.name)
        if _is_plausible(lost, between.new[index]) or _is_all(lost, between):
            yield _found(lost, between.new[index])


def _is_plausible(lost: Lost, field: Field) -> bool:
    """Tell whether two that stand at one place may be the same: both a struct, a pointer to one or an array;
    others, of which there are many, must have something in common in their names."""
    kind = lost.old.kind(lost.field.type_id)
    is_one_kind = kind == lost.new.kind(field.type_id) and kind in ("struct", "array")
    both_point = lost.old.pointee(lost.field.type_id) and lost.new.pointee(field.type_id)
    if is_one_kind or both_point:
        return True
    return has_in_common(lost.name, field.name, lost.prefix)


def _is_all(lost: Lost, between: Gap) -> bool:
    """Tell whether one field was all of the struct, and one is now."""
    fields = lost.old.fields(lost.level.old.id), lost.new.fields(lost.level.new.id)
    return len(between.lost) == len(fields[0]) == len(fields[1]) == 1


def aligned(lost: Lost) -> Iterator[Found]:
    """Other numbers of them: the one that is most like it by type, spelling and words, if no other lost one
    is more like that."""
    if lost.is_reshaped:
        return
    between = gap(lost)
    if len(between.lost) == len(between.new) or not between.new:
        return
    scores = {field.name: likeness(lost, lost.field, field) for field in between.new}
    most = max(scores.values())
    best = next(field for field in between.new if scores[field.name] >= most - _NEARLY)
    score = scores[best.name]
    rivals = [likeness(lost, other, best) for other in between.lost if other.name != lost.name]
    if score >= _ALIGNED and all(rival <= score for rival in rivals):
        yield _found(lost, best)
        for field in between.new:
            if field is not best and scores[field.name] >= _ALIGNED:
                yield _found(lost, field)


def same_inside(lost: Lost) -> Iterator[Found]:
    """A new field at the place, a struct, an array or a pointer, has what is asked of the lost one."""
    if lost.is_reshaped:
        return
    if not lost.rest:
        yield from _same_members(lost)
        return
    rest = "".join(f".{step.text}" for step in lost.rest)
    for field in gap(lost).new:
        path = lost.here(field.name)
        for way in (rest, f"[i]{rest}", f"->{rest[1:]}"):
            if walk(lost.new, path + way):
                yield _found(lost, field)


def _same_members(lost: Lost) -> Iterator[Found]:
    """Yield the new fields at the place that have a third of the members of the lost one, a struct."""
    was = lost.old.struct(lost.field.type_id)
    names = set(lost.old.by_name(was.id)) if was else set()
    for field in gap(lost).new:
        now = lost.new.struct(field.type_id) or lost.new.pointee(field.type_id)
        common = len(names & set(lost.new.by_name(now.id))) if now else 0
        if common > 1 and common >= _INSIDE * len(names):
            yield _found(lost, field)


def somewhat_alike(lost: Lost) -> Iterator[Found]:
    """One to three new ones, with something in common with the lost one; the likest first."""
    if lost.is_reshaped:
        return
    between = gap(lost)
    if len(between.lost) == len(between.new) or len(between.new) > _MANY:
        return
    scored = [(likeness(lost, lost.field, field), field) for field in between.new]
    for score, field in sorted(scored, key=lambda one: -one[0]):
        if score >= _SOMEWHAT and has_in_common(lost.name, field.name, lost.prefix):
            yield _found(lost, field)


def flags_word(lost: Lost) -> Iterator[Found]:
    """Bitfields are lost, and exactly one new number has ``flags`` in its name."""
    bits = [field for field in lost.lost_fields if field.bit_size or _is_bool(lost, field)]
    is_number = lost.old.kind(lost.field.type_id) == "int" and not _COUNTS & set(words_of(lost.name))
    if not is_number or len(bits) < _BITS_BESIDE or lost.is_reshaped:
        return
    words = [
        field
        for field in lost.new_fields
        if "flags" in field.name and not field.bit_size and lost.new.kind(field.type_id) == "int"
    ]
    if len(words) != 1:
        return
    why = "it is a bit of this word there"
    called = _bits_called(lost, words[0])
    if len(called) == 1:
        name, shift = called[0]
        yield Found(lost.here(words[0].name), why, bit=f"bit {shift}, {name}", shift=shift)
    else:
        yield Found(lost.here(words[0].name), why, bit="which one, the types do not tell")


def _bits_called(lost: Lost, word: Field) -> list[tuple[str, int]]:
    """Return the enumerators that are called like the lost field and the word, and their values:
    ``INET_FLAGS_IS_ICSK`` for ``is_icsk`` in ``inet_flags``."""
    ending = f"_{lost.name.strip('_').upper()}"
    beside = {part.upper() for part in (*words_of(word.name), *words_of(lost.level.new.name))}
    found = {}
    for name in lost.new.btf.strings_containing(ending):
        if name.endswith(ending) and set(words_of(name.removesuffix(ending))) & beside:
            for type_id in lost.new.holders(name):
                enum = lost.new.btf.type(type_id)
                for one in enum.enumerators if isinstance(enum, t.Enum) else ():
                    if one.name == name and 0 <= one.value < 8 * lost.new.byte_size(word.type_id):
                        found[name] = one.value
    return sorted(found.items())


def _is_bool(lost: Lost, field: Field) -> bool:
    return lost.old.signature(field.type_id) == "bool"


def likeness(lost: Lost, field: Field, other: Field) -> float:
    """Return how much a lost field and a new one have in common: 1 for the type, up to 1 for the spelling,
    up to 1 for the words."""
    from difflib import SequenceMatcher

    mine, theirs = words_of(field.name), words_of(other.name)
    spelling = SequenceMatcher(None, field.name, other.name).ratio()
    words = len(set(mine) & set(theirs)) / (max(len(mine), len(theirs)) or 1)
    kind = 1.0 if lost.same_type(field, other) else 0.4 if lost.same_kind(field, other) else 0.0
    nearly_equal = 0.2 if spelling >= _ONE_LETTER else 0.0
    return kind * 0.6 + spelling * 0.7 + words * 0.7 + nearly_equal


def _found(lost: Lost, field: Field) -> Found:
    with_type = "" if lost.same_kind(lost.field, field) else ", with another type"
    why = f"stands where {lost.name} stands on {lost.old.name}{with_type}"
    return Found(lost.here(field.name), why, is_place=True)
