"""The externs that an object's programs really speak of."""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE
from btfview.demands.object.code import EXTERN
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.demands.object.code import Place
    from btfview.demands.object.externs import Extern
    from btfview.demands.object.facts import ObjectFacts


def externs_used(facts: ObjectFacts) -> dict[str, tuple[Extern, Place]]:
    """Return the externs that a program refers to, by name, and where the first of them does: libbpf resolves
    all that there are, others only these."""
    found: dict[str, tuple[Extern, Place]] = {}
    for extern, place in _references(facts):
        found.setdefault(extern.name, (extern, place))
    return found


def kfuncs_called(facts: ObjectFacts) -> dict[str, Place]:
    """Return the externs that a program calls, by name, and the first call of each: a weak one may only be
    asked for."""
    found: dict[str, Place] = {}
    for extern, place in _references(facts):
        insn = facts.code.insns(place[0])[place[1] // INSN_SIZE]
        if insn is not None and insn[0] == CALL:
            found.setdefault(extern.name, place)
    return found


def _references(facts: ObjectFacts) -> Iterator[tuple[Extern, Place]]:
    for program in facts.programs:
        for function in program.joined:
            for at, ref in function.refs:
                extern = facts.extern(ref.name) if ref.what == EXTERN else None
                if extern is not None:
                    yield extern, (function.section, at)
