"""What the verifier is sure to refuse however the program runs: too many frames, and loops without an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function
from btfview.compiler.rust.typed.walk import parts
from btfview.compiler.rust.types.kinds import BOOL, resolve
from btfview.source import Span

MAX_FRAMES = 8
"""Frames of a program, its own the first (kernel: MAX_CALL_FRAMES, ``check_max_stack_depth_subprog``)."""

Calls: TypeAlias = "Mapping[Function, Sequence[tuple[Function, Span]]]"


def deep_calls(program: Function, calls: Calls) -> list[tuple[Function, Span]]:
    """Return the longest way down from *program* if it needs more frames than there are, else nothing.

    Only functions that are never inlined count: LLVM may inline the others. It may also drop a call of which
    nothing depends; the way is that of the source. Each call comes with the function
    that it enters. *calls* have no circle.
    """
    depths: dict[Function, int] = {}
    following: dict[Function, tuple[Function, Span]] = {}
    pending = [(program, False)]
    while pending:
        function, is_done = pending.pop()
        if not is_done:
            if function not in depths:
                pending.append((function, True))
                pending += [(callee, False) for callee, _ in calls.get(function, ()) if callee not in depths]
            continue
        deepest = 0
        for callee, span in calls.get(function, ()):
            if depths.get(callee, 0) > deepest:
                deepest = depths[callee]
                following[function] = (callee, span)
        depths[function] = deepest + has_frame(function)
    if depths[program] <= MAX_FRAMES:
        return []
    way: list[tuple[Function, Span]] = []
    here = program
    while here in following:
        way.append(following[here])
        here = following[here][0]
    return way


def has_frame(function: Function) -> bool:
    """Whether each call of *function* takes a frame."""
    return function.section is not None or (function.inline == "never" and function.helper_number is None)


def endless_loops(body: n.Expr) -> list[n.Loop]:
    """Return the loops in *body* that nothing leaves, the outermost of each nest."""
    found: list[n.Loop] = []
    pending: list[object] = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending += node[::-1]
        elif node is not None:
            if isinstance(node, n.Loop) and _is_endless(node):
                found.append(node)  # and what is inside of it is told with it
            else:
                pending.append(parts(node))
    return found


def _is_endless(loop: n.Loop) -> bool:
    """Whether control never leaves *loop*; where a panic might leave it, that counts as a way out."""
    if loop.target.has_break or not (loop.condition is None or _is_true(loop.condition)):
        return False
    inside: set[n.LoopTarget] = {loop.target}
    jumps: list[n.LoopTarget] = []
    pending: list[object] = [loop.body]
    while pending:
        node = pending.pop()
        match node:
            case None:
                continue
            case tuple():
                pending += node
                continue
            case n.Return() | n.Try() | n.Panic() | n.IntegerMethod() | n.IndexPlace(is_inside=False):
                return False
            case n.Binary(operator="/" | "%") | n.CompoundAssign(operator="/" | "%"):
                return False
            case n.Loop(target=target) | n.ForRange(target=target) | n.LabelledBlock(target=target):
                inside.add(target)
            case n.Break(target=target) | n.Continue(target=target):
                jumps.append(target)
        pending.append(parts(node))
    return inside.issuperset(jumps)


def _is_true(expr: n.Expr) -> bool:
    return isinstance(expr, n.Literal) and resolve(expr.type) is BOOL and expr.value == 1
