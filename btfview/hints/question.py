"""A path that one kernel has and another lacks, and the place where it is lost."""

from __future__ import annotations

import re
from functools import cached_property

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .kernel import Field, Kernel

_STEP = re.compile(r"([^\[\]]*)((?:\[\w+\])*)")
_MAX_DIMENSIONS = 8


@frozen
class Step:
    name: str
    indices: str = ""
    """As written behind it: ``[2]``, ``[1][0]``; mostly empty."""

    @property
    def text(self) -> str:
        return self.name + self.indices


@frozen
class Level:
    """A struct on the way, as both kernels have it."""

    old: t.Struct
    new: t.Struct
    prefix: str
    """Path to it from the root: ``task_struct.se``."""


@frozen
class Place:
    """Where a path leads in one kernel."""

    owner: t.Struct
    """The struct of its last field."""
    field: Field
    type_id: int
    """Behind the last index."""
    hops: int
    """Pointers on the way."""


class Lost:
    """A field path, up to the struct that lacks its next field or has it as something else."""

    def __init__(
        self, old: Kernel, new: Kernel, levels: Sequence[Level], steps: Sequence[Step], *, is_reshaped: bool
    ) -> None:
        self.old = old
        """The kernel that has it."""
        self.new = new
        """The one that lacks it."""
        self.levels = tuple(levels)
        """From the root to the struct that lacks a field."""
        self.steps = tuple(steps)
        """The whole path, without the root."""
        self.is_reshaped = is_reshaped
        """The name is there, and what it stands for is of another kind."""

    @property
    def at(self) -> int:
        """Which step is lost."""
        return len(self.levels) - 1

    @property
    def level(self) -> Level:
        return self.levels[-1]

    @property
    def name(self) -> str:
        return self.steps[self.at].name

    @cached_property
    def field(self) -> Field:
        """The lost field, on the old kernel."""
        return self.old.by_name(self.level.old.id)[self.name]

    @property
    def rest(self) -> tuple[Step, ...]:
        """What is asked of the lost field."""
        return self.steps[self.at + 1 :]

    @cached_property
    def leaf(self) -> Field:
        """The last field of the path, on the old kernel."""
        rest = "".join(f".{step.text}" for step in self.steps)
        place = walk_from(self.old, self.levels[0].old, rest)
        return place.field if place else self.field

    @property
    def path(self) -> str:
        return ".".join((self.levels[0].prefix, *(step.text for step in self.steps)))

    def here(self, text: str, level: Level | None = None) -> str:
        """Return *text*, a path in the struct that lacks the field (or of another level), from the root."""
        return f"{(level or self.level).prefix}.{text}"

    @cached_property
    def prefix(self) -> str:
        """The beginning, up to its first ``_``, that half of the struct's names have; empty if none has."""
        fields = self.old.fields(self.level.old.id)
        start = self.name[: self.name.find("_", 1) + 1]
        shared = sum(field.name.startswith(start) for field in fields) if start else 0
        return start if shared * 2 >= len(fields) and shared > 1 else ""

    # -- what is new, what is lost -----------------------------------------------------------

    @cached_property
    def new_fields(self) -> tuple[Field, ...]:
        return self.fields_gained(self.level)

    @cached_property
    def lost_fields(self) -> tuple[Field, ...]:
        here = self.new.by_name(self.level.new.id)
        return tuple(field for field in self.old.fields(self.level.old.id) if field.name not in here)

    def fields_gained(self, level: Level) -> tuple[Field, ...]:
        """Return the fields of a level that the old kernel's struct does not have. A name that it has is
        another thing: the program could have asked for it there."""
        there = self.old.by_name(level.old.id)
        return tuple(field for field in self.new.fields(level.new.id) if field.name not in there)

    def type_gained(self, struct: t.Struct, name: str) -> bool:
        """Tell whether a struct of the new kernel has a field *name* that it did not have on the old one."""
        if name not in self.new.by_name(struct.id):
            return False
        before = self.old.structs(struct.name)
        if not before and not self.old.is_whole:
            return False
        return not any(name in self.old.by_name(one.id) for one in before)

    def is_new_type(self, struct: t.Struct) -> bool:
        return bool(struct.name) and self.old.is_whole and not self.old.structs(struct.name)

    def is_other_struct(self, struct: t.Struct) -> bool:
        """Tell whether a struct of the new kernel is neither the lost field's type nor what it points to."""
        mine = (self.old.bare(self.field.type_id), self.old.pointee(self.field.type_id))
        return not any(isinstance(one, t.Struct) and one.name == struct.name for one in mine)

    def same_type(self, field: Field, other: Field) -> bool:
        """Tell whether *other*, of the new kernel, is of the type of *field*, of the old one."""
        return (
            self.old.signature(field.type_id) == self.new.signature(other.type_id)
            and field.bit_size == other.bit_size
        )

    def same_kind(self, field: Field, other: Field) -> bool:
        """The same, of kinds alone; numbers and enums are one."""
        mine, theirs = self.old.kind(field.type_id), self.new.kind(other.type_id)
        return mine == theirs or {mine, theirs} == {"int", "enum"}


def read_steps(path: str) -> tuple[str, tuple[Step, ...]]:
    """Return root and steps of ``task_struct.rlim[2].cur``."""
    root, *rest = path.split(".")
    matches = [_STEP.fullmatch(part) for part in rest]
    return root, tuple(Step(match[1], match[2]) for match in matches if match)


def walk(kernel: Kernel, path: str) -> Place | None:
    """Return where *path* leads in a kernel: ``bio.bi_bdev->bd_disk``, ``cgroup.ancestors[i]``; None if it
    leads nowhere. Of several structs of one name the first that has it counts."""
    root = re.split(r"\.|->", path, maxsplit=1)[0]
    for struct in kernel.structs(root):
        found = walk_from(kernel, struct, path[len(root) :])
        if found is not None:
            return found
    return None


def walk_from(kernel: Kernel, struct: t.Struct, rest: str) -> Place | None:
    """Return where ``.se.vruntime`` or ``->bd_disk[0]`` leads from *struct*."""
    place, owner, hops = None, struct, 0
    for mark, text in _marked(rest):
        match = _STEP.fullmatch(text)
        if place is not None:
            behind = kernel.pointee(place.type_id) if mark == "->" else kernel.bare(place.type_id)
            if not isinstance(behind, t.Struct):
                return None
            owner, hops = behind, hops + (mark == "->")
        field = kernel.by_name(owner.id).get(match[1]) if match else None
        if match is None or field is None:
            return None
        type_id = field.type_id
        for _ in range(match[2].count("[")):
            array = kernel.bare(type_id)
            if not isinstance(array, t.Array):
                return None
            type_id = array.type_id
        place = Place(owner, field, type_id, hops)
    return place


def _marked(rest: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"(->|\.)", rest)
    for at in range(1, len(parts) - 1, 2):
        yield parts[at], parts[at + 1]


def find_lost(old: Kernel, new: Kernel, root: str, steps: Sequence[Step], new_root: str = "") -> Lost | None:
    """Return where the path of *steps*, which *old* has, is lost on *new*; None where there is no struct
    *root* on one of them (on *new*: *new_root*, if that is another name), *old* lacks it, or *new* does not.

    Of several structs of one name, the one of *new* counts that has most of the path.
    """
    best: Lost | None = None
    for there in old.structs(root):
        if walk_from(old, there, "." + ".".join(step.text for step in steps)) is None:
            continue
        for here in new.structs(new_root or root):
            lost = _lost_from(old, new, there, here, new_root or root, steps)
            if lost is None:
                return None
            if best is None or lost.at > best.at:
                best = lost
        break
    return best


def _lost_from(
    old: Kernel, new: Kernel, there: t.Struct, here: t.Struct, root: str, steps: Sequence[Step]
) -> Lost | None:
    levels = [Level(there, here, root)]
    for step in steps:
        level = levels[-1]
        mine, theirs = old.by_name(level.old.id)[step.name], new.by_name(level.new.id).get(step.name)
        if theirs is None:
            return Lost(old, new, levels, steps, is_reshaped=False)
        if _kinds(old, mine.type_id) != _kinds(new, theirs.type_id):
            return Lost(old, new, levels, steps, is_reshaped=True)
        inner_old, inner_new = old.struct(mine.type_id), new.struct(theirs.type_id)
        if inner_old is None or inner_new is None:
            break
        levels.append(Level(inner_old, inner_new, f"{level.prefix}.{step.text}"))
    return None


def _kinds(kernel: Kernel, type_id: int) -> tuple[str, ...]:
    """Return the kind, of an array with those of its elements; of an enum with its name."""
    kinds = []
    for _ in range(_MAX_DIMENSIONS):
        found = kernel.bare(type_id)
        if not isinstance(found, t.Array):
            kinds += ["enum", found.name] if isinstance(found, t.Enum) else [kernel.kind(type_id)]
            break
        kinds.append("array")
        type_id = found.type_id
    return tuple(kinds)
