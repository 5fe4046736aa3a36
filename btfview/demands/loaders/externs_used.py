"""The externs that an object's programs really speak of."""

from __future__ import annotations

from btfview.demands.object.code import EXTERN
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.demands.object.code import Place
    from btfview.demands.object.externs import Extern
    from btfview.demands.object.facts import ObjectFacts


def externs_used(facts: ObjectFacts) -> dict[str, tuple[Extern, Place]]:
    """Return the externs that a program refers to, by name, and where the first of them does: libbpf resolves
    all that there are, others only these."""
    found: dict[str, tuple[Extern, Place]] = {}
    for program in facts.programs:
        for function in program.joined:
            for at, ref in function.refs:
                extern = facts.extern(ref.name) if ref.what == EXTERN else None
                if extern is not None:
                    found.setdefault(extern.name, (extern, (function.section, at)))
    return found
