"""Whether the verifier comes to a poisoned instruction on a target."""

from __future__ import annotations

from btfview.bpf.explore import MAX_STEPS, MAX_STEPS_OF_ALL
from btfview.bpf.reach import Reach
from btfview.bpf.reachability import reachable_insns
from btfview.btf.kinds import BtfKind
from btfview.frozen import TYPE_CHECKING

from .followed import followed_programs
from .names import essential_name
from .patch import patch_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.bpf.object import BpfObject
    from btfview.bpf.references import References
    from btfview.btf.reader import Btf

    from .local import LocalRelo
    from .outcome import ReloResult

_TEXT = ".text"
_OFF = "?"
_LAZY_GLOBALS = "bpf_xdp_get_xfrm_state"
"""A kfunc of Linux 6.8, the release that verifies only those global functions that are called."""
_IN_EVERY_KERNEL = "bpf_check"
"""Where a BTF lacks this function, it is trimmed, and what else it lacks says nothing."""


def find_reach(
    obj: BpfObject, relos: Sequence[LocalRelo], results: Sequence[ReloResult], target: Btf
) -> Iterator[tuple[int, Reach]]:
    """Yield the index of each record that is poisoned, and of those that fail in a program that is off by
    default, with whether the verifier comes to the instruction once all are patched."""
    poisoned = []
    for index, result in enumerate(results):
        if result.outcome.is_poisoned:
            poisoned.append(index)
        elif result.outcome.value is None and relos[index].relo.section.startswith(_OFF):
            yield index, Reach.OFF  # libbpf relocates no program that it is not to load (relocate_core)
    if not poisoned:
        return
    patched = patch_code(obj, [local.relo for local in relos], results)
    places = {(relos[index].relo.section, relos[index].relo.insn_off) for index in poisoned}
    reached = LoadedPrograms(obj, patched, target).reach_of(places)
    for index in poisoned:
        relo = relos[index].relo
        if not obj.functions.get(relo.section):
            yield index, Reach.CERTAIN  # a stripped object: nothing tells where programs begin
        else:
            yield index, reached.get((relo.section, relo.insn_off), Reach.DEAD)


class LoadedPrograms:
    """The programs of *obj* on *target*, as the verifier gets them; *patched* holds the code of sections that
    relocation changed."""

    def __init__(self, obj: BpfObject, patched: dict[str, bytes], target: Btf) -> None:
        self._obj = obj
        self._patched = patched
        self._target = target
        self._programs = followed_programs(obj)
        self._has_lazy_globals = _has_lazy_globals(target)
        self._steps_left = MAX_STEPS_OF_ALL
        self._fallen: set[tuple[str, int]] = set()
        """Functions that were looked at by simpler rules, of which all is known."""

    def reach_of(self, places: set[tuple[str, int]]) -> dict[tuple[str, int], Reach]:
        """Return how the verifier comes to the instructions, by section and byte offset, of all programs that
        hold one of *places*; those that are not there are dead."""
        found: dict[tuple[str, int], Reach] = {}
        functions = {(place[0], self._obj.function_at(*place)) for place in places}
        holders = {(section, function.value) for section, function in functions if function}
        for section, start, _ in entries(self._obj):
            if self._programs.functions_of((section, start)).isdisjoint(holders):
                continue
            for place, reach in self.follow((section, start)).items():
                known = Reach.OFF if section.startswith(_OFF) else reach
                if known > found.get(place, Reach.DEAD):
                    found[place] = known
        return found

    def follow(self, entry: tuple[str, int]) -> dict[tuple[str, int], Reach]:
        """Return the same for the program that begins at *entry*, with what it calls."""
        reached, steps, is_whole = self._programs.follow(
            entry,
            self._patched,
            lambda name: has_extern(self._target, name),
            has_lazy_globals=self._has_lazy_globals,
            max_steps=min(MAX_STEPS, self._steps_left),
        )
        if not is_whole:
            references = self._programs.references
            _fall_back(self._obj, references, self._patched, entry, reached, self._fallen)
        self._steps_left = max(self._steps_left - steps, 0)
        return reached


def entries(obj: BpfObject) -> list[tuple[str, int, int]]:
    """Return section, start and end of what libbpf takes for programs.

    They are the functions outside of ``.text``, which holds what they call (``prog_is_subprog``); all
    functions, where there are no others.
    """
    everything = [
        (section, symbol.value, symbol.value + symbol.size)
        for section, symbols in obj.functions.items()
        for symbol in symbols
    ]
    return [entry for entry in everything if entry[0] != _TEXT] or everything


def _fall_back(
    obj: BpfObject,
    references: References,
    patched: dict[str, bytes],
    entry: tuple[str, int],
    reached: dict[tuple[str, int], Reach],
    fallen: set[tuple[str, int]],
) -> None:
    """Take for possible what simpler rules do not rule out, in every function of the object but those that
    *fallen* names, of which that is known; they go into it."""
    functions = [(entry[0], obj.function_at(*entry)), *((_TEXT, one) for one in obj.functions.get(_TEXT, ()))]
    for section, function in functions:
        if function is None or (section, function.value) in fallen:
            continue
        fallen.add((section, function.value))
        start, end = function.value, function.value + function.size
        insns = reachable_insns(
            patched.get(section, obj.code(section)),
            start,
            end,
            is_little_endian=obj.is_little_endian,
            relocated=references.places(section),
        )
        for offset in insns:
            reached.setdefault((section, offset), Reach.MAYBE)


def _has_function(target: Btf, name: str) -> bool:
    return any(target.kind(type_id) == BtfKind.FUNC for type_id in target.ids_named(name))


def _has_lazy_globals(target: Btf) -> bool | None:
    if _has_function(target, _LAZY_GLOBALS):
        return True
    return False if _has_function(target, _IN_EVERY_KERNEL) else None


def has_extern(target: Btf, name: str) -> bool | None:
    """Return whether a kfunc or a typed kernel variable is in *target*; None where that is not known."""
    wanted = essential_name(name)
    if any(target.kind(type_id) in (BtfKind.FUNC, BtfKind.VAR) for type_id in target.ids_named(wanted)):
        return True
    return False if _has_function(target, _IN_EVERY_KERNEL) else None
