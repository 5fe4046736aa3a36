"""How to read one field on all targets: which shapes it has, and where a renamed one has gone."""

from __future__ import annotations

import re
from itertools import chain, count

from btfview.btf.format.spelling import visible
from btfview.btf.query import nearest_names
from btfview.btf.types import Struct
from btfview.core_relo.suggest import Known, suggest_member
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.targets.names import version_key

from .shapes import (
    COMPOSITES,
    ArrayLeaf,
    BitfieldLeaf,
    EnumLeaf,
    FieldPath,
    IntLeaf,
    Leaf,
    Lost,
    PathStep,
    PointerLeaf,
    Shape,
    shape_on,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from btfview.targets.target import Target

_MAX_RENAMED = 3
"""Steps of one path that may have been renamed."""


@frozen
class Declaration:
    """The targets that one declaration serves."""

    shapes: tuple[Shape, ...]
    """Without repetition, that of the newest target first: the same names, sizes and signs may differ."""
    targets: tuple[str, ...]
    """From new to old."""

    @property
    def shape(self) -> Shape:
        return self.shapes[0]


@frozen
class Accessor:
    path: FieldPath
    """As it was asked for."""
    declarations: tuple[Declaration, ...]
    """From new to old; at least one."""
    missing: tuple[str, ...]
    """A line for each target that has none of them."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(shape.leaf for declaration in self.declarations for shape in declaration.shapes)


def from_new_to_old(targets: Sequence[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: version_key(target.name), reverse=True)


def flavor_of(target_name: str) -> str:
    """Return the flavor of a target.

    >>> flavor_of("5.10.0-46-amd64"), flavor_of("my vmlinux"), flavor_of("my vmlinux and 2 like it")
    ('___v5_10', '___my_vmlinux', '___my_vmlinux')
    """
    target_name = re.sub(r" and \d+ like it$", "", target_name)
    version = re.match(r"(\d+)\.(\d+)", target_name)
    if version:
        return f"___v{version[1]}_{version[2]}"
    return f"___{re.sub(r'[^0-9A-Za-z]+', '_', target_name).strip('_') or 'other'}"


def where_lines(accessor: Accessor, mark: str = "") -> Iterator[str]:
    """Yield what a field is on which targets, for a comment; names stand between *mark*."""
    yield f"{mark}{visible(str(accessor.path))}{mark}:"
    for declaration in accessor.declarations:
        types = " or ".join(
            dict.fromkeys(f"{mark}{visible(shape.c_type)}{mark}" for shape in declaration.shapes)
        )
        is_other = declaration.shape.path != accessor.path
        other = f"{mark}{visible(declaration.shape.path.fields)}{mark}, " if is_other else ""
        yield f"- {other}{types} on {', '.join(map(visible, declaration.targets))}"
    for line in accessor.missing:
        yield f"- not on {visible(line)}"


def function_stem(path: FieldPath) -> str:
    """Return ``se_vruntime`` for ``task_struct.se.vruntime``."""
    words = [step.name.strip("_") + "".join(f"_{index}" for index in step.indices) for step in path.steps]
    stem = "_".join(word for word in words if word) or "field"
    return f"field_{stem}" if stem[0].isdigit() else stem


def free_name(name: str, taken: Collection[str]) -> str:
    """Return *name*, with a number behind it where it is taken."""
    names = chain((name,), (f"{name}_{number}" for number in count(2)))
    return next(one for one in names if one not in taken)


def plan_accessor(path: FieldPath, targets: Sequence[Target]) -> Accessor:
    """Return how *path* is read on *targets*, which go from new to old.

    Raises:
        UsageError: none of them has it.
    """
    found: dict[Target, Shape] = {}
    lost: dict[Target, Lost] = {}
    for target in targets:
        shape = shape_on(target.btf, path)
        if isinstance(shape, Lost):
            lost[target] = shape
        else:
            found[target] = shape
    if not found:
        raise UsageError(_why_nowhere(path, lost))
    missing = []
    for target, loss in lost.items():
        renamed, hint = _find_renamed(target, path, loss, found)
        if renamed is not None:
            found[target] = renamed
        else:
            missing.append(f"{visible(target.name)}: {loss.reason}{hint}")
    return Accessor(
        path, _group({target: found[target] for target in targets if target in found}), tuple(missing)
    )


def _group(found: dict[Target, Shape]) -> tuple[Declaration, ...]:
    groups: dict[tuple[object, ...], tuple[dict[Shape, None], list[str]]] = {}
    for target, shape in found.items():
        shapes, names = groups.setdefault((shape.path, shape.is_union, compat_class(shape.leaf)), ({}, []))
        shapes[shape] = None
        names.append(target.name)
    return tuple(Declaration(tuple(shapes), tuple(names)) for shapes, names in groups.values())


def compat_class(leaf: Leaf) -> str:
    """Return what the loader compares of a field's type: fields of one class stand for each other
    (libbpf: ``bpf_core_fields_are_compat``)."""
    match leaf:
        case IntLeaf() | BitfieldLeaf():
            return "int"
        case EnumLeaf():
            return f"enum {leaf.name}"
        case PointerLeaf():
            return "pointer"
        case ArrayLeaf():
            return f"array of {compat_class(leaf.element)}"
        case _:
            return "struct"


def is_number(leaf: Leaf) -> bool:
    """Tell whether 64 bits can hold the field's value."""
    return isinstance(leaf, IntLeaf | BitfieldLeaf | EnumLeaf) and leaf.byte_size <= 8


# -- what a target lacks ---------------------------------------------------------------------


def _find_renamed(
    target: Target, path: FieldPath, lost: Lost, found: dict[Target, Shape]
) -> tuple[Shape | None, str]:
    """Return the field under its name on *target*, or in words what may be looked at there."""
    hint = ""
    for _ in range(_MAX_RENAMED):
        owner = target.btf.type(lost.owner_id)
        if lost.step < 0 or lost.is_final or not isinstance(owner, Struct):
            break
        name = path.steps[lost.step].name
        known_owners = _known(path, lost.step, found)
        suggestions = suggest_member(target.btf, owner, name, known_owners)
        if not suggestions:
            break
        first = suggestions[0]
        is_sure = first.text.strip("_") == name.strip("_") or _is_mutual(
            Known(target.name, target.btf, owner), first.text, known_owners, name
        )
        hint = f"; perhaps {visible(first.text)} ({visible(first.why)})"
        if not is_sure:
            break
        renamed = PathStep(first.text, path.steps[lost.step].indices)
        path = FieldPath(path.root, (*path.steps[: lost.step], renamed, *path.steps[lost.step + 1 :]))
        shape = shape_on(target.btf, path)
        if isinstance(shape, Shape):
            known = [one.leaf for one in found.values()]
            is_alike = compat_class(shape.leaf) in map(compat_class, known) or (
                is_number(shape.leaf) and all(map(is_number, known))
            )
            return (shape, "") if is_alike else (None, hint)
        lost = shape
    return None, hint


def _is_mutual(here: Known, new: str, known: list[Known], name: str) -> bool:
    """Tell whether the field *new* of *here* has its place in the struct for which *name* stands elsewhere,
    and the other way round: of two fields that are new at one place only one is the old one renamed."""
    if "." in new:  # a field of the same name in a struct further in: a guess
        return False
    for one in known:
        back = suggest_member(one.btf, one.struct, new, (here,))
        if back and back[0].text == name and back[0].is_by_place:
            forth = suggest_member(here.btf, here.struct, name, (one,))
            if forth and forth[0].text == new and forth[0].is_by_place:
                return True
    return False


def _known(path: FieldPath, step: int, found: dict[Target, Shape]) -> list[Known]:
    """Return the struct that has the step's field, on the targets that have it under the name in *path*."""
    known = []
    for target, shape in found.items():
        if shape.path.steps[: step + 1] != path.steps[: step + 1]:
            continue
        # Where a field that no struct has would be looked for, there is the struct.
        probe = FieldPath(path.root, (*path.steps[:step], PathStep("")))
        loss = shape_on(target.btf, probe)
        owner = target.btf.type(loss.owner_id) if isinstance(loss, Lost) and loss.owner_id else None
        if isinstance(owner, Struct):
            known.append(Known(target.name, target.btf, owner))
    return known


def _why_nowhere(path: FieldPath, lost: dict[Target, Lost]) -> str:
    """Say of the target that got furthest why the path ends there."""
    target, loss = max(lost.items(), key=lambda item: item[1].step)
    others = f" (as on {len(lost) - 1} more)" if len(lost) > 1 else ""
    where = f"{path}: on {target.name}{others} {loss.reason}"
    if loss.is_final:
        return where
    if loss.step < 0:
        near = nearest_names(target.btf, path.root, COMPOSITES) if '" is ' not in loss.reason else []
    else:
        owner = target.btf.type(loss.owner_id)
        assert isinstance(owner, Struct)
        near = [one.text for one in suggest_member(target.btf, owner, path.steps[loss.step].name)]
    return f"{where}; did you mean {' or '.join(near)}?" if near else where
