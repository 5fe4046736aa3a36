"""The stack that a program takes with all that it calls (the verifier's ``check_max_stack_depth``)."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.demands.object.code import Place

MAX_STACK = 512
"""MAX_BPF_STACK: bytes, for all functions of a chain of calls."""


@frozen
class StackDepth:
    """What the deepest chain of calls takes."""

    most: int
    """In bytes, each function's part rounded up to 32, as the verifier counts for an interpreter."""
    least: int
    """The same in 16s, as it counts for a compiler, and only of what instructions read and write."""
    places: tuple[Place, ...]
    """The instructions that make the least: a read or write of each function, and the calls between."""


class StackUse:
    """What is found out while a program is followed; functions are named by their places."""

    def __init__(self) -> None:
        self._used: dict[Place, int] = {}
        self._touched: dict[Place, tuple[int, Place]] = {}
        self._calls: dict[Place, dict[Place, Place]] = {}

    def use(self, function: Place, offset: int) -> None:
        """Note an address that *function* computes, in bytes from r10."""
        if -offset > self._used.get(function, 0):
            self._used[function] = -offset

    def touch(self, function: Place, offset: int, place: Place) -> None:
        """Note what an instruction reads or writes."""
        self.use(function, offset)
        if -offset > self._touched.get(function, (0, place))[0]:
            self._touched[function] = -offset, place

    def call(self, caller: Place, callee: Place, place: Place) -> None:
        self._calls.setdefault(caller, {}).setdefault(callee, place)

    def depth(self, start: Place) -> StackDepth:
        found: dict[Place, StackDepth] = {}
        for function in self._callees_first(start):
            calls = self._calls.get(function, {})
            # Of a function that calls itself nothing is known yet: the verifier refuses it for that.
            behind = [(found[callee], place) for callee, place in calls.items() if callee in found]
            most = max((depth.most for depth, _ in behind), default=0)
            deepest = max(behind, key=lambda one: one[0].least, default=None)
            touched = self._touched.get(function)
            found[function] = StackDepth(
                _rounded(max(self._used.get(function, 0), 1), 32) + most,
                _rounded(touched[0] if touched else 0, 16) + (deepest[0].least if deepest else 0),
                (
                    *((touched[1],) if touched else ()),
                    *((deepest[1], *deepest[0].places) if deepest and deepest[0].least else ()),
                ),
            )
        return found[start]

    def _callees_first(self, start: Place) -> list[Place]:
        done: dict[Place, None] = {}
        entered = {start}
        todo = [(start, iter(self._calls.get(start, {})))]
        while todo:
            function, callees = todo[-1]
            callee = next((one for one in callees if one not in entered), None)
            if callee is None:
                done[function] = None
                todo.pop()
            else:
                entered.add(callee)
                todo.append((callee, iter(self._calls.get(callee, {}))))
        return list(done)


def _rounded(size: int, to: int) -> int:
    return -(-size // to) * to
