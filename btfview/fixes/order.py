"""Which kinds of fixes there are for a language, those that keep most of the program first."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from .patch import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .patch import Proposal
    from .trouble import Trouble


def proposals(trouble: Trouble) -> list[Proposal]:
    """Return all that may be tried, in the order in which it is offered: by :data:`.patch.KINDS`, and what is
    a guess at the end."""
    found = [one for one in _all(trouble) if one.text != trouble.text]
    return sorted(found, key=lambda one: (one.is_guess, KINDS.index(one.kind)))


def _all(trouble: Trouble) -> Iterator[Proposal]:
    from .rename import renames

    yield from renames(trouble)
    if trouble.source.path.endswith(".c"):
        from .c_bitfield import c_bitfields
        from .c_guard import c_guards
        from .c_places import CPlace
        from .c_successor import c_successors
        from .c_weak import c_weak

        place = CPlace(trouble)
        yield from c_successors(place)
        yield from c_bitfields(place)
        yield from c_weak(place)
        yield from c_guards(place)
    else:
        from .rust_guard import rust_guards
        from .rust_places import RustPlace
        from .rust_successor import rust_successors

        rust = RustPlace(trouble)
        yield from rust_successors(rust)
        yield from rust_guards(rust)
