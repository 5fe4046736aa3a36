"""The field went to another type, or the type itself has another name."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING

from .found import Found
from .question import Step, walk_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .kernel import Field, Kernel
    from .question import Lost

_SHARE = 0.5
"""Of a type's members, least part that is in the one which took its place."""
_OTHER_KIND = 0.5
"""What a member of the same name and another kind counts."""
_TOGETHER = 2
"""Lost members that another type must have gained."""
_LETTERS = 12
"""Of their names together: ``rcu`` and ``seq`` stand in many types."""
_PROBES = 4
"""Members of a type that are looked for in all others: the longest names, which few others have."""
_EVENT = "trace_event_raw_"
_EVENT_FRAME = frozenset(("ent", "__data"))
"""Members of every trace event."""


def other_type(lost: Lost) -> Iterator[Found]:
    """Another type gained the very name with the same type: one that is new and has more of what is lost, or
    one that points to this, or this to it."""
    if lost.is_reshaped:
        return
    names = {field.name for field in lost.lost_fields}
    ranked: list[tuple[int, str, str]] = []
    for struct in named_holders(lost.new, lost.name):
        if struct.name == lost.level.new.name or not lost.type_gained(struct, lost.name):
            continue
        fields = lost.new.by_name(struct.id)
        if not (lost.same_type(lost.field, fields[lost.name]) or _are_flags(lost, fields[lost.name])):
            continue
        with_it = [name for name in fields if name in names and lost.type_gained(struct, name)]
        is_told = sum(map(len, with_it)) >= _LETTERS
        if len(with_it) >= _TOGETHER and is_told and lost.is_new_type(struct):
            others = ", ".join(name for name in with_it if name != lost.name)
            ranked.append((-len(with_it), struct.name, f"moved to struct {struct.name}, with {others}"))
        elif _points(lost.new, struct, lost.level.new) or _points(lost.new, lost.level.new, struct):
            ranked.append((0, struct.name, f"moved to struct {struct.name}, which gained it there"))
    rest = "".join(f".{step.text}" for step in lost.rest)
    for _, name, why in sorted(ranked):
        yield Found(f"{name}.{lost.name}{rest}", why)


def renamed_type(old: Kernel, new: Kernel, name: str, steps: Sequence[Step] = ()) -> Iterator[Found]:
    """A type that is new, or gained them, has a good part of the member names of the type that is gone;
    *steps* must lead somewhere in it."""
    rest = "".join(f".{step.text}" for step in steps)
    ranked: dict[str, tuple[float, float]] = {}
    for gone in old.structs(name):
        wanted = {field.name for field in old.fields(gone.id)} - _EVENT_FRAME
        if not wanted or (rest and walk_from(old, gone, rest) is None):
            continue
        probes = sorted(wanted, key=lambda one: (-len(one), one))[:_PROBES]
        first = [steps[0].name] if steps else []
        for probe in dict.fromkeys((*first, *probes)):
            for struct in named_holders(new, probe):
                if struct.name in ranked or struct.name.startswith(_EVENT) != name.startswith(_EVENT):
                    continue
                share = _share(old, new, struct, gone)
                if share >= _SHARE and (not rest or walk_from(new, struct, rest)):
                    ranked[struct.name] = (share, _spelling(name, struct.name))
    for found in sorted(ranked, key=lambda one: (-ranked[one][0], -ranked[one][1], one)):
        share = round(ranked[found][0] * 100)
        yield Found(f"{found}{rest}", f"it is new there, and has {share} % of the members of {name}")


def named_holders(kernel: Kernel, name: str) -> Iterator[t.Struct]:
    """Yield the structs with a name that have a field *name*, be it in an anonymous struct or union."""
    seen: set[int] = set()
    todo = [(type_id, 0) for type_id in kernel.holders(name)]
    for type_id, depth in todo:
        struct = kernel.btf.type(type_id)
        if not isinstance(struct, t.Struct) or struct.id in seen:
            continue
        seen.add(struct.id)
        if struct.name:
            if name in kernel.by_name(struct.id):
                yield struct
        elif depth < 3 and len(todo) < 40:
            todo += [(holder, depth + 1) for holder in kernel.containers(struct.id)]


def _share(old: Kernel, new: Kernel, struct: t.Struct, gone: t.Struct) -> float:
    """Return which part of the fields of *gone* a struct gained, by name and kind."""
    if not old.is_whole and not old.structs(struct.name):
        return 0.0
    before = {name for one in old.structs(struct.name) for name in old.by_name(one.id)} | _EVENT_FRAME
    wanted = {name: field for name, field in old.by_name(gone.id).items() if name not in before}
    fields = new.by_name(struct.id)
    gained = sum(
        1.0 if old.kind(field.type_id) == new.kind(fields[name].type_id) else _OTHER_KIND
        for name, field in wanted.items()
        if name in fields
    )
    return gained / len(wanted) if wanted else 0.0


def _are_flags(lost: Lost, field: Field) -> bool:
    """Tell whether both are true or false: a bool, or one bit."""
    mine = lost.field.bit_size == 1 or lost.old.signature(lost.field.type_id) == "bool"
    return mine and (field.bit_size == 1 or lost.new.signature(field.type_id) == "bool")


def _points(kernel: Kernel, struct: t.Struct, to: t.Struct) -> bool:
    for field in kernel.fields(struct.id):
        behind = kernel.pointee(field.type_id)
        if behind is not None and behind.name == to.name:
            return True
    return False


def _spelling(one: str, other: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio()
