"""A target's layout beside the program's own: what becomes of each row of the struct tree on each target.

Fields are found as libbpf finds them: candidates by essential name, members by name, through anonymous
structs and unions. Each cell is worked out when it is first asked for, from that of the struct around it, so
that a tree of thousands of fields beside thirty kernels costs what is looked at.
"""

from __future__ import annotations

from btfview.analysis.result import CellState
from btfview.btf import types as t
from btfview.btf.format.spelling import format_type
from btfview.btf.layout_rows import MEMBER, struct_layout, with_cachelines
from btfview.btf.sizes import size_of
from btfview.core_relo.access_spec import AccessStep
from btfview.core_relo.candidates import CandidateFinder
from btfview.core_relo.names import essential_name
from btfview.core_relo.spec_match import match_member
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .struct_tree import member_path, member_rows, root_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from btfview.analysis.result import Analysis
    from btfview.btf.reader import Btf

    from .struct_place import StructPlace, TreeRow

_MAX_CHAIN = 32
"""Arrays in each other; real ones are below 5."""


@frozen
class There:
    """One row of the tree on one target."""

    state: CellState
    """A field that is not there is a problem where a record fails on it."""
    place: str = ""
    """``208`` (bytes), ``2344:3`` (bytes and bits of a bitfield), an enumerator's value; empty for a root."""
    size: str = ""
    """``256 B``, ``:3``; where it is not the local size, and for roots."""
    type_name: str = ""
    """As the target's C spells it, where it is another type than the local one."""
    why: str = ""
    """In words, where there is no place; of a root, how many types may be meant."""

    @property
    def glyph(self) -> str:
        return self.state.glyph

    @property
    def facts(self) -> str:
        """All in one line: ``▲ 208, 256 B, struct sched_entity``."""
        known = [part for part in (self.place, self.size, self.type_name, self.why) if part]
        return f"{self.glyph} {', '.join(known) or self.state}"


@frozen
class _Spot:
    """Where a row stands in one candidate."""

    root_id: int
    type_id: int
    raw: tuple[int, ...]
    bit_offset: int
    bit_size: int
    is_bitfield: bool = False


class LayoutBeside:
    """Answers for the tree of one analysis. Belongs to the thread that asks."""

    def __init__(self, analysis: Analysis, roots: Iterable[int] = ()) -> None:
        """*roots* are the types of the tree: their names are looked up together, once for each target that is
        looked at."""
        assert analysis.object is not None
        self._roots = frozenset(roots)
        self._analysis = analysis
        self._local = analysis.object.btf
        self._finders: dict[int, CandidateFinder] = {}
        self._candidates: dict[tuple[int, int], list[int]] = {}
        self._spots: dict[tuple[int, int, tuple[int, ...]], tuple[list[_Spot], str]] = {}
        """By target, root and path: where it stands in each candidate that has it; why in none."""
        self._cells: dict[tuple[int, int, tuple[int, ...]], There | None] = {}
        self._relos: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        """Records of each root and path, and of the fields below it."""
        for linked in analysis.relos:
            if linked.local_spec is None:
                continue
            try:
                root = self._local.skip_modifiers(linked.relo.type_id).id
            except BtfFormatError:
                continue
            kind, raw = linked.relo.kind, linked.local_spec.raw
            raw = raw[1:] if kind is not None and kind.is_field else raw  # the first counts root types
            for depth in range(len(raw) + 1):
                self._relos.setdefault((root, raw[:depth]), []).append(linked.index)

    # -- cells -----------------------------------------------------------------------------------

    def cell(self, place: StructPlace, target: int) -> There | None:
        """Return *place* on the target at index *target*; None for what has no counterpart by name: holes,
        and anonymous structs, whose members are looked for in the struct around them."""
        if place.what != MEMBER or (place.path and not place.field):
            return None
        key = (target, place.root, place.path)
        if key not in self._cells:
            try:
                self._cells[key] = self._make_cell(place, target)
            except BtfFormatError as error:
                self._cells[key] = There(CellState.ERROR, why=f"not readable there: {error.problem}")
        return self._cells[key]

    def _make_cell(self, place: StructPlace, target: int) -> There:
        btf = self._analysis.btf_of(target)
        candidates = self._candidates_of(place.root, target)
        if not candidates:
            found = self._local.type(place.root)
            if target in self._analysis.trimmed:
                why = f"this BTF was trimmed: no {found.kind.label} {found.name or '(anonymous)'} in it"
                return There(CellState.UNKNOWN, why=why)
            return self._missing(place, target, f"no {found.kind.label} {found.name or '(anonymous)'} there")
        if not place.path:
            found = btf.skip_modifiers(candidates[0])
            why = f"{len(candidates)} types of this name" if len(candidates) > 1 else ""
            return There(CellState.AS_COMPILED, "", f"{size_of(btf, found.id)} B", why=why)
        if isinstance(self._local.type(place.root), t.Enum):
            return self._enumerator(place, target, btf, candidates)
        spots, why = self._spots_of(place.root, place.path, target)
        if not spots:
            return self._missing(place, target, why)
        first = spots[0]
        if any(other.bit_offset != first.bit_offset for other in spots):
            return There(
                CellState.AMBIGUOUS, why=f"{len(spots)} types of this name have it at different places"
            )
        at, bits = divmod(first.bit_offset, 8)
        shown = f"{at}:{bits}" if first.is_bitfield or bits else str(at)
        is_same = first.bit_offset == place.bit_offset
        local_size = (place.bit_size, place.is_bitfield)
        size = "" if (first.bit_size, first.is_bitfield) == local_size else _size(first)
        is_other = _is_other_type(self._local, place.type_id, btf, first.type_id)
        return There(
            CellState.AS_COMPILED if is_same else CellState.MOVED,
            shown,
            size,
            format_type(btf, first.type_id) if is_other else "",
        )

    def _missing(self, place: StructPlace, target: int, why: str) -> There:
        relos = self._relos.get((place.root, place.path), ())
        fails = any(self._analysis.state(index, target).is_problem for index in relos)
        return There(CellState.MISSING if fails else CellState.MISSING_GUARDED, why=why)

    def _enumerator(self, place: StructPlace, target: int, btf: Btf, candidates: list[int]) -> There:
        local = self._local.type(place.root)
        assert isinstance(local, t.Enum)
        ours = local.enumerators[place.path[0]]
        for candidate in candidates:
            found = btf.skip_modifiers(candidate)
            for one in found.enumerators if isinstance(found, t.Enum) else ():
                if essential_name(one.name) == essential_name(ours.name):
                    return There(
                        CellState.AS_COMPILED if one.value == ours.value else CellState.MOVED, str(one.value)
                    )
        return self._missing(place, target, f"no enumerator {ours.name} there")

    def _candidates_of(self, root: int, target: int) -> list[int]:
        key = (target, root)
        if key not in self._candidates:
            if target not in self._finders:
                self._finders[target] = CandidateFinder(self._analysis.btf_of(target))
                self._finders[target].prepare(map(self._local.name, self._roots))
            found = self._finders[target].find(self._local, root)
            self._candidates[key] = [one.type_id for one in found]
        return self._candidates[key]

    def _spots_of(self, root: int, path: tuple[int, ...], target: int) -> tuple[list[_Spot], str]:
        """Return where *path* stands in each candidate that has it; where none has, why not."""
        btf = self._analysis.btf_of(target)
        if not path:
            return [
                _Spot(one, one, (), 0, size_of(btf, one) * 8) for one in self._candidates_of(root, target)
            ], ""
        key = (target, root, path)
        if key not in self._spots:
            self._spots[key] = self._walk(root, path, target)
        return self._spots[key]

    def _walk(self, root: int, path: tuple[int, ...], target: int) -> tuple[list[_Spot], str]:
        above, why = self._spots_of(root, path[:-1], target)
        owner = self._owner_of(root, path)
        if not above or owner is None:
            return [], why
        name = owner.members[path[-1]].name
        if not name:  # its members are looked for in what is around it
            return above, ""
        btf = self._analysis.btf_of(target)
        step = AccessStep(owner.id, path[-1], name)
        spots: list[_Spot] = []
        for one in above:
            match = match_member(self._local, step, btf, one.type_id)
            if isinstance(match, str):
                why = why or match
                continue
            spots.append(
                _Spot(
                    *(one.root_id, match.type_id, one.raw + match.raw, one.bit_offset + match.bit_offset),
                    match.bit_size or size_of(btf, match.type_id) * 8,
                    bool(match.bit_size),
                )
            )
        return spots, why

    def _owner_of(self, root: int, path: tuple[int, ...]) -> t.Struct | None:
        """Return the local struct or union that has the last member of *path*."""
        current = self._local.skip_modifiers(root)
        for index in path[:-1]:
            if not isinstance(current, t.Struct):
                return None
            current = self._local.skip_modifiers(current.members[index].type_id)
        return current if isinstance(current, t.Struct) else None

    # -- the target's whole type -----------------------------------------------------------------

    def type_there(self, root: int, target: int) -> int:
        """Return the id of the target's type for *root*, of several the first's; 0 where it has none that can
        be read."""
        try:
            return next(iter(self._candidates_of(root, target)), 0)
        except BtfFormatError:
            return 0

    def whole_rows(
        self, root: int, target: int, is_open: Callable[[tuple[int, ...]], bool], *, has_cachelines: bool
    ) -> tuple[TreeRow, ...]:
        """Return the target's type for *root* with all its members, those that records use marked; nested
        structs expanded where *is_open* says so of their path, and on the way to what is used.

        Raises:
            BtfFormatError: the type is damaged.
        """
        type_id = self.type_there(root, target)
        btf = self._analysis.btf_of(target)
        found = btf.skip_modifiers(type_id) if type_id else None
        if not isinstance(found, t.Struct):
            return ()
        by_path = self._used_there(root, target, found)
        on_way = {path[:depth] for path in by_path for depth in range(1, len(path))}
        layout = struct_layout(btf, found, expands=lambda path: path in on_way or is_open(path))
        key = f"{found.kind.label} {found.name}"
        number = "" if self._analysis.shared_btf(target) else f"[{found.id}] "
        note = f"{number}on {self._analysis.targets[target].name}"
        head = root_row(found, key, by_path.get((), []), has_children=bool(found.members), note=note)
        rows = member_rows(with_cachelines(layout) if has_cachelines else layout, found.id, key, by_path)
        return (head, *rows)

    def _used_there(self, root: int, target: int, found: t.Struct) -> dict[tuple[int, ...], list[int]]:
        """Return the records by the member indices that they lead to in the target's type *found*."""
        used: dict[tuple[int, ...], list[int]] = {}
        btf = self._analysis.btf_of(target)
        for index in self._relos.get((root, ()), ()):
            spec = self._analysis.results[index][target].outcome.target_spec
            if spec is not None and spec.root_type_id == found.id:
                used.setdefault(member_path(btf, found, spec.raw[1:]), []).append(index)
        return used


def _size(spot: _Spot) -> str:
    return f":{spot.bit_size}" if spot.is_bitfield else f"{spot.bit_size // 8} B"


def _is_other_type(local: Btf, local_id: int, target: Btf, target_id: int) -> bool:
    """Tell whether two fields differ in more than how their types are called: in kind, sign, the length of an
    array or the name of a struct. Sizes are compared elsewhere."""
    for _ in range(_MAX_CHAIN):
        ours, theirs = local.skip_modifiers(local_id), target.skip_modifiers(target_id)
        match ours, theirs:
            case t.Array(), t.Array():
                if ours.length != theirs.length:
                    return True
                local_id, target_id = ours.type_id, theirs.type_id
            case t.Int(), t.Int():
                return ours.is_signed != theirs.is_signed and "char" not in (ours.name, theirs.name)
            case (t.Struct(), t.Struct()) | (t.Enum(), t.Enum()):
                names = essential_name(ours.name), essential_name(theirs.name)
                return all(names) and names[0] != names[1]
            case _:
                return ours.kind != theirs.kind
    return False
