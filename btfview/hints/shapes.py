"""The name is there and stands for something of another kind: the way to the same thing, written out."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING

from .found import Found
from .names import shares_word
from .question import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .question import Lost

_MAX_WRAPPERS = 6
"""Structs of one member around a number: ``local64_t`` has 4."""
_SCALARS = ("int", "enum", "pointer")


def other_kind(lost: Lost) -> Iterator[Found]:
    """The same name, of another kind: a pointer now, an array, a struct around it, or no struct any more."""
    if not lost.is_reshaped:
        return
    here = lost.new.by_name(lost.level.new.id)[lost.name]
    was, now = lost.old.kind(lost.field.type_id), lost.new.kind(here.type_id)
    path, rest = lost.here(lost.name), "".join(f".{step.text}" for step in lost.rest)
    match was, now:
        case "struct", "pointer":
            if rest and walk(lost.new, f"{path}->{rest[1:]}"):
                yield Found(f"{path}->{rest[1:]}", f"{lost.name} is a pointer there: one more read")
        case "struct", "array":
            if walk(lost.new, f"{path}[i]{rest}"):
                yield Found(f"{path}[i]{rest}", f"{lost.name} is an array there")
        case "pointer", "struct":
            there, behind = lost.new.struct(here.type_id), lost.old.pointee(lost.field.type_id)
            if there and behind and there.name == behind.name:
                yield Found(path, "the struct itself is there, not a pointer to it: one read fewer")
        case (("int" | "enum" | "pointer"), "struct"):
            inner = _unwrapped(lost, here.type_id)
            if inner:
                yield Found(path + inner, f"{lost.name} is a struct around it there")
        case _, "array":
            array = lost.new.bare(here.type_id)
            if isinstance(array, t.Array) and lost.new.kind(array.type_id) == was:
                yield Found(f"{path}[i]", f"{lost.name} is an array there")
        case _:
            pass


def other_scalar(lost: Lost) -> Iterator[Found]:
    """The same name for a number that became an enum, or for one of what was an array: whether a value means
    the same is not told."""
    if not lost.is_reshaped:
        return
    here = lost.new.by_name(lost.level.new.id)[lost.name]
    was, now = lost.old.kind(lost.field.type_id), lost.new.kind(here.type_id)
    path = lost.here(lost.name)
    match was, now:
        case "array", _ if now != "array":
            array = lost.old.bare(lost.field.type_id)
            if isinstance(array, t.Array) and lost.old.kind(array.type_id) == now:
                yield Found(path, f"{lost.name} is one there, not an array of {array.length}")
        case (("int" | "enum"), ("int" | "enum")):
            yield Found(path, f"{lost.name} is {_article(now)} there, not {_article(was)}")
        case _:
            pass


def became_pointer(lost: Lost) -> Iterator[Found]:
    """A struct became a pointer, or an array, to something that lacks what is asked of it."""
    if not lost.is_reshaped or not lost.rest:
        return
    here = lost.new.by_name(lost.level.new.id)[lost.name]
    now = lost.new.kind(here.type_id)
    if lost.old.kind(lost.field.type_id) == "struct" and now in ("pointer", "array"):
        yield Found(
            lost.here(lost.name), f"{lost.name} is {'a pointer' if now == 'pointer' else 'an array'} there"
        )


def counts_it(lost: Lost) -> Iterator[Found]:
    """The name went to something else, and a new field of the old kind has it in its own:
    ``nr_mounts`` for ``mounts``."""
    if not lost.is_reshaped:
        return
    for field in lost.new_fields:
        if lost.same_type(lost.field, field) and shares_word(lost.name, field.name, whole=True):
            yield Found(lost.here(field.name), f"{lost.name} is another thing there, and this is new")


def _unwrapped(lost: Lost, type_id: int) -> str:
    """Return the way through structs of one member to a number or pointer like the old: ``.v.counter``."""
    was = lost.old.kind(lost.field.type_id)
    text, kernel = "", lost.new
    for _ in range(_MAX_WRAPPERS):
        struct = kernel.bare(type_id)
        fields = kernel.fields(struct.id) if isinstance(struct, t.Struct) else ()
        if not fields:
            return ""
        if len(fields) != 1:
            return ""
        field = fields[0]
        text, type_id = f"{text}.{field.name}", field.type_id
        kind = kernel.kind(type_id)
        if kind in _SCALARS:
            return text if kind == was or {kind, was} == {"int", "enum"} else ""
    return ""


def _article(kind: str) -> str:
    return {"int": "a number", "enum": "an enum"}[kind]
