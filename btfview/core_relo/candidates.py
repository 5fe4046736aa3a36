"""Which types of a target a local type may stand for."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .compat import kinds_agree
from .names import essential_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.btf.reader import Btf


@frozen
class Candidate:
    btf: Btf
    type_id: int


class CandidateFinder:
    """Finds candidates in one target; the names of many roots are searched in one pass."""

    def __init__(self, target: Btf) -> None:
        self._target = target
        self._flavored: dict[str, list[str]] | None = None

    def prepare(self, local_names: Iterable[str]) -> None:
        """Search all of *local_names* at once, so that :meth:`find` need not."""
        self._target.index_names(
            {name for local in local_names for name in self._names(essential_name(local))}
        )

    def find(self, local: Btf, type_id: int) -> list[Candidate]:
        """Return the target's types of the same kind and essential name, in id order; those of the kernel
        alone where it has any, else those of its modules (libbpf: ``bpf_core_find_cands``)."""
        name, kind = essential_name(local.name(type_id)), local.kind(type_id)
        target = self._target
        ids = target.in_id_order(
            found
            for spelling in self._names(name)
            for found in target.ids_named(spelling)
            if kinds_agree(kind, target.kind(found))
        )
        of_kernel = [found for found in ids if found < target.root.type_count]
        return [Candidate(target, found) for found in of_kernel or ids]

    def _names(self, name: str) -> list[str]:
        if self._flavored is None:
            self._flavored = {}
            for flavored in self._target.strings_containing("___"):
                self._flavored.setdefault(essential_name(flavored), []).append(flavored)
        found = [spelling for spelling in self._flavored.get(name, ()) if spelling != name]
        # A name that holds "___" itself may be a flavor of another one, and then is no candidate.
        return [name, *found] if essential_name(name) == name else found
