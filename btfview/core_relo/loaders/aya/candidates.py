"""Which types of the kernel a local type may stand for."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from .types import flavorless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.btf.reader import Btf


class AyaCandidates:
    """Finds candidates in the BTF of the kernel; aya reads that of no module."""

    def __init__(self, target: Btf) -> None:
        self._target = target.root
        self._flavored: dict[str, list[str]] = {}
        for name in self._target.strings_containing("___"):
            self._flavored.setdefault(flavorless(name), []).append(name)

    def prepare(self, local_names: Iterable[str]) -> None:
        """Search all of *local_names* at once, so that :meth:`find` need not."""
        self._target.index_names({name for local in local_names for name in self._names(flavorless(local))})

    def find(self, local: Btf, type_id: int) -> list[int]:
        """Return the types of exactly the same kind whose name is the same without a flavor, by id
        (aya: ``find_candidates``). Of a type without a name, all of its kind that have none are."""
        target, kind = self._target, local.kind(type_id)
        name = flavorless(local.name(type_id))
        named = {found for spelling in self._names(name) if spelling for found in target.ids_named(spelling)}
        if not name:
            named.update(found for found in (0, *target.ids()) if not target.name(found))
        return target.in_id_order(found for found in named if target.kind(found) == kind)

    def _names(self, name: str) -> list[str]:
        return [name, *(spelling for spelling in self._flavored.get(name, ()) if spelling != name)]
