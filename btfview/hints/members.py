"""The field went into a member of its struct, out of one, or behind a pointer."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING

from .found import Found
from .names import without_prefix
from .question import walk_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Field
    from .question import Lost

_MAX_DEPTH = 4
_SHORT = "list"
"""Names no longer than this mean too little to be found by."""
_LETTERS = 10
"""Of the names of a family: ``cpu`` and ``state`` may be anybody's."""
_FAMILY = 2
"""Lost members that must be found in one new one."""


def split_name(lost: Lost) -> Iterator[Found]:
    """``gro_hash`` went into ``gro`` as ``hash``."""
    for at in range(1, len(lost.name)):
        if lost.name[at] != "_":
            continue
        outer, inner = lost.name[:at], lost.name[at + 1 :]
        field = lost.new.by_name(lost.level.new.id).get(outer)
        struct = field and lost.new.bare(field.type_id)
        if field is None or not isinstance(struct, t.Struct) or inner not in lost.new.by_name(struct.id):
            continue
        is_new = outer not in lost.old.by_name(lost.level.old.id) or lost.type_gained(struct, inner)
        if is_new and lost.same_kind(lost.field, lost.new.by_name(struct.id)[inner]):
            yield Found(lost.here(f"{outer}.{inner}"), f"moved into {outer}, which is new there")


def joined_name(lost: Lost) -> Iterator[Found]:
    """Back: ``gro.hash`` stands one or more levels up, as ``gro_hash`` or ``hash``."""
    if not lost.levels:
        return
    steps = [step.name for step in lost.steps]
    inner = steps[-1]
    for depth in range(len(lost.levels) - 1, -1, -1):
        level = lost.levels[depth]
        if depth == len(lost.steps) - 1:
            continue  # the struct of the last name itself: that is a name, not a level up
        joined = "_".join(steps[depth:])
        gained = lost.fields_gained(level)
        for field in gained:
            bare = field.name.strip("_")
            if bare == joined or field.name == joined:
                yield Found(lost.here(field.name, level), _out_of(steps[depth]), is_whole=True)
        for field in gained:
            if {field.name, without_prefix(field.name)} & {inner, without_prefix(inner)} and lost.same_type(
                lost.leaf, field
            ):
                yield Found(lost.here(field.name, level), _out_of(steps[depth]), is_whole=True)


def _out_of(container: str) -> str:
    return f"stands there by itself, out of {container}"


def family(lost: Lost) -> Iterator[Found]:
    """Two or more lost members stand, prefixes aside, in one member that is new: in a struct, or behind a
    pointer to a type that is new or gained them."""
    bare = without_prefix(lost.name)
    prefix = lost.name.removesuffix(bare)
    is_custom = sum(field.name.startswith(prefix) for field in lost.lost_fields) >= _FAMILY
    names = {without_prefix(field.name) for field in lost.lost_fields} - {bare}
    if any(without_prefix(field.name) == bare for field in lost.new_fields):
        return  # it stayed in the struct
    for field in lost.new_fields:
        for mark, struct in (
            (".", lost.new.bare(field.type_id)),
            ("->", lost.new.pointee(field.type_id)),
        ):
            if not isinstance(struct, t.Struct):
                continue
            inside = [
                one
                for one in lost.new.fields(struct.id)
                if mark == "." or not struct.name or lost.type_gained(struct, one.name)
            ]
            exact = [one for one in inside if one.name == lost.name]
            alike = [one for one in inside if without_prefix(one.name) == bare]
            others = {without_prefix(one.name) for one in inside} & names
            for one in (exact or (alike if is_custom else []))[:1]:
                letters = len(bare) + sum(map(len, others))
                if len(others) + 1 >= _FAMILY and letters >= _LETTERS:
                    with_it = ", ".join(sorted(others)[:2])
                    yield Found(
                        lost.here(f"{field.name}{mark}{one.name}"),
                        f"moved into {field.name}, which is new there, with {with_it}",
                    )


def into_member(lost: Lost) -> Iterator[Found]:
    """The same name and type in a struct inside this one, where it was not before; the nearest first."""
    for path, owner, field in _gained_inside(lost):
        if field.name == lost.name and (
            lost.same_type(lost.field, field) or (owner.name and lost.same_kind(lost.field, field))
        ):
            yield Found(lost.here(f"{path}.{field.name}"), f"moved into {path}")


def into_member_renamed(lost: Lost) -> Iterator[Found]:
    """The only such field that has the same name but for a prefix, and the same type."""
    bare = without_prefix(lost.name)
    found = [
        (path, field)
        for path, _, field in _gained_inside(lost)
        if without_prefix(field.name) == bare and lost.same_type(lost.field, field)
    ]
    if len(found) == 1 and len(bare) > len(_SHORT):
        path, field = found[0]
        yield Found(lost.here(f"{path}.{field.name}"), f"moved into {path}, with another prefix")


def into_member_changed(lost: Lost) -> Iterator[Found]:
    """The same name in a new member of this struct, with another type."""
    for path, _, field in _gained_inside(lost):
        if field.name == lost.name and "." not in path:
            yield Found(lost.here(f"{path}.{field.name}"), f"moved into {path}, with another type")


def _gained_inside(lost: Lost) -> Iterator[tuple[str, t.Struct, Field]]:
    """Yield the fields of structs inside this one that were not there before, breadth first: path of the
    struct, the struct, the field. Of a struct with a name that the old kernel has, those that it gained; of
    others, those whose path the old kernel lacks."""
    level: list[tuple[str, t.Struct]] = [("", lost.level.new)]
    seen = {lost.level.new.id}
    for depth in range(_MAX_DEPTH):
        deeper: list[tuple[str, t.Struct]] = []
        for path, owner in level:
            for field in lost.new.fields(owner.id):
                place = f"{path}.{field.name}".strip(".")
                if depth and _is_gained(lost, owner, path, field):
                    yield path, owner, field
                inner = lost.new.bare(field.type_id)
                if isinstance(inner, t.Struct) and inner.id not in seen:
                    seen.add(inner.id)
                    deeper.append((place, inner))
        level = deeper


def _is_gained(lost: Lost, owner: t.Struct, path: str, field: Field) -> bool:
    if owner.name and lost.old.structs(owner.name):
        return lost.type_gained(owner, field.name)
    return walk_from(lost.old, lost.level.old, f".{path}.{field.name}") is None


def behind_pointer(lost: Lost) -> Iterator[Found]:
    """A pointer of the struct leads to a type that gained the name, with the same type."""
    return (found for found, is_exact in _behind_pointers(lost) if is_exact)


def behind_pointer_renamed(lost: Lost) -> Iterator[Found]:
    """The same for the name but for a prefix."""
    return (found for found, is_exact in _behind_pointers(lost) if not is_exact)


def _behind_pointers(lost: Lost) -> Iterator[tuple[Found, bool]]:
    bare = without_prefix(lost.name)
    pointees = [(field, lost.new.pointee(field.type_id)) for field in lost.new.fields(lost.level.new.id)]
    ids = [struct.id for _, struct in pointees if struct]
    for field, struct in pointees:
        if struct is None or struct.name == lost.level.new.name:
            continue
        if ids.count(struct.id) > 1:
            continue  # to one of several: curr, next
        one = _named(lost, struct, bare)
        if one is None or not lost.same_type(lost.field, one):
            continue
        if lost.type_gained(struct, one.name):
            why = f"moved to what {field.name} points to: one more read"
            yield Found(lost.here(f"{field.name}->{one.name}"), why), one.name == lost.name


def behind_new_pointer(lost: Lost) -> Iterator[Found]:
    """A pointer that is new leads to a type that had the name, prefix aside, before."""
    bare = without_prefix(lost.name)
    for field in lost.new_fields:
        struct = lost.new.pointee(field.type_id)
        if struct is None or struct.name == lost.level.new.name:
            continue
        one = _named(lost, struct, bare)
        if one is not None and len(bare) > len(_SHORT) and lost.same_kind(lost.field, one):
            yield Found(
                lost.here(f"{field.name}->{one.name}"),
                f"stands behind {field.name}, which is new there: one more read",
            )


def same_struct(lost: Lost) -> Iterator[Found]:
    """A new field, here or a level up, is the struct that the lost one was; or a new pointer leads to one
    that holds it."""
    was = lost.old.bare(lost.field.type_id)
    if not isinstance(was, t.Struct) or not was.name or not lost.rest:
        return
    for level in reversed(lost.levels):
        for field in lost.fields_gained(level):
            now = lost.new.bare(field.type_id)
            if isinstance(now, t.Struct) and now.name == was.name:
                yield Found(lost.here(field.name, level), f"struct {was.name} is in {field.name} there")
    for field in lost.new_fields:
        struct = lost.new.pointee(field.type_id)
        for one in lost.new.fields(struct.id) if struct and lost.is_new_type(struct) else ():
            now = lost.new.bare(one.type_id)
            if isinstance(now, t.Struct) and now.name == was.name:
                yield Found(
                    lost.here(f"{field.name}->{one.name}"),
                    f"{was.kind.label} {was.name} is behind {field.name} there: one more read",
                )


def _named(lost: Lost, struct: t.Struct, bare: str) -> Field | None:
    """Return the field of *struct* with the lost one's name; else the one that has it prefix aside."""
    fields = lost.new.by_name(struct.id)
    if lost.name in fields:
        return fields[lost.name]
    alike = [field for name, field in fields.items() if without_prefix(name) == bare]
    return alike[0] if len(alike) == 1 else None
