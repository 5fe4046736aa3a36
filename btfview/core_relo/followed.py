"""What came of following a program of an object, kept for the kernels on which it is the same.

Following one is the longest part of a record's resolution, and kernels that differ in a struct differ in few
of the programs. What was followed is the same where the functions that were come to have the same code, and
what was asked of the kernel the same answers.
"""

from __future__ import annotations

from functools import lru_cache

from btfview.bpf.explore import Explorer
from btfview.bpf.loaded_code import load_code
from btfview.bpf.program_code import ProgramCode
from btfview.bpf.references import References
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from btfview.bpf.elf import Symbol
    from btfview.bpf.object import BpfObject
    from btfview.bpf.reach import Reach

    Place = tuple[str, int]

_MAX_PLACES = 50_000
"""Instructions of all that is kept, some 150 bytes each; then it is kept anew from the start."""


@frozen
class Followed:
    """A program that was followed to the end."""

    functions: dict[Place, bytes]
    """The code of those that were looked at, by where they begin."""
    externs: dict[str, bool | None]
    """What was asked of the kernel, and what it answered."""
    has_lazy_globals: bool | None
    reached: dict[Place, Reach]
    steps: int


class FollowedPrograms:
    """The programs of one object."""

    def __init__(self, obj: BpfObject) -> None:
        self._obj = obj
        self.references = References(obj)
        self._callees: dict[Place, tuple[tuple[str, Symbol], ...]] = {}
        self._functions: dict[Place, frozenset[Place]] = {}
        self._kept: dict[Place, list[Followed]] = {}
        self._place_count = 0

    def functions_of(self, entry: Place) -> frozenset[Place]:
        """Return where the functions begin that are loaded with the program at *entry*."""
        found = self._functions.get(entry)
        if found is None:
            symbol = self._obj.function_at(*entry)
            functions = (
                load_code(self._obj, entry[0], symbol, self.references, self._callees).functions
                if symbol
                else ()
            )
            found = frozenset((one.section, one.symbol.value) for one in functions)
            self._functions[entry] = found
        return found

    def follow(
        self,
        entry: Place,
        patched: Mapping[str, bytes],
        extern_exists: Callable[[str], bool | None],
        *,
        has_lazy_globals: bool | None,
        max_steps: int,
    ) -> tuple[dict[Place, Reach], int, bool]:
        """Return what is reached of the program that begins at *entry*, how many steps that took, and whether
        all its paths were followed."""
        for one in self._kept.get(entry, ()):
            if (
                one.has_lazy_globals == has_lazy_globals
                and one.steps <= max_steps
                and all(
                    self._code(patched, place, len(code)) == code for place, code in one.functions.items()
                )
                and all(extern_exists(name) == answer for name, answer in one.externs.items())
            ):
                return one.reached, one.steps, True
        externs: dict[str, bool | None] = {}

        def ask(name: str) -> bool | None:
            externs[name] = extern_exists(name)
            return externs[name]

        code = ProgramCode(self._obj, self.references, patched, extern_exists=ask)
        explorer = Explorer(code, has_lazy_globals=has_lazy_globals, max_steps=max_steps)
        is_whole = explorer.run(entry)
        if is_whole and explorer.steps <= max_steps:
            functions = {
                place: self._code(patched, place, size) for place, size in code.functions_read.items()
            }
            self._keep(
                entry, Followed(functions, externs, has_lazy_globals, explorer.reached, explorer.steps)
            )
        return explorer.reached, explorer.steps, is_whole

    def _keep(self, entry: Place, followed: Followed) -> None:
        self._place_count += len(followed.reached)
        if self._place_count > _MAX_PLACES:
            self._kept.clear()
            self._place_count = len(followed.reached)
        if self._place_count <= _MAX_PLACES:
            self._kept.setdefault(entry, []).append(followed)

    def _code(self, patched: Mapping[str, bytes], place: Place, size: int) -> bytes:
        section, start = place
        return patched.get(section, self._obj.code(section))[start : start + size]


@lru_cache(maxsize=1)
def followed_programs(obj: BpfObject) -> FollowedPrograms:
    """Return those of an object, the same as long as no other is asked for."""
    return FollowedPrograms(obj)
