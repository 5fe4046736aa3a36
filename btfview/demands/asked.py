"""What an object asks for, put together once, to be asked of one kernel after the other."""

from __future__ import annotations

from btfview.core_relo.names import essential_name
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.targets.names import module_name

from .collect import collect
from .kernel.kernel import ENUMS, KFUNC_TAG, Kernel
from .kernel.releases import FUNCTION_NAMES
from .kinds.attach import attach_names
from .object.facts import ObjectFacts
from .object.sections import LOADERS
from .program.baked_in import baked_in_reads, names_of
from .program.compiled_reads import find_compiled_reads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.bpf.object import BpfObject
    from btfview.btf.reader import Btf
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import ReloResult
    from btfview.targets.target import Target

    from .demand import Answer, Demand
    from .program.baked_in import BakedIn
    from .program.compiled_reads import CompiledRead
    from .verdict import Verdict


@frozen
class Loading:
    """How an object is loaded."""

    loader: str = LOADERS[0]
    """The version of libbpf: one of :data:`.object.sections.LOADERS`."""
    config: dict[str, str] | None = None
    """The kernel's configuration (:func:`.kinds.kconfig.read_config`); None where it is not known."""
    is_judged: bool = True
    """Not only is each demand answered, but it is also told what loads."""


def _open_modules(kernel: Target) -> tuple[tuple[str, Btf], ...]:
    """Return the modules that are at hand for a kernel; one that cannot be read is left out, as by libbpf."""
    found: list[tuple[str, Btf]] = []
    for module in kernel.modules:
        try:
            found.append((module_name(module.name), module.btf))
        except InputError:
            continue
    return tuple(found)


class Asked:
    """The demands of one object."""

    def __init__(self, obj: BpfObject, loading: Loading) -> None:
        self._loading = loading
        self.facts = ObjectFacts(obj, loading.loader)
        self.demands: tuple[Demand, ...] = collect(self.facts)
        self._reads: tuple[CompiledRead, ...] = ()
        if loading.is_judged:
            records = {(relo.section, relo.insn_off) for relo in obj.core_relos}
            self._reads = find_compiled_reads(self.facts, records)
        self._names = self._find_names()

    def _find_names(self) -> tuple[str, ...]:
        names = {name for demand in self.demands for name in demand.ask.names()}
        names.update(names_of(self.facts, self._reads))
        for program in self.facts.programs:
            names.update(attach_names(program.section) if program.section else ())
        if self.facts.externs or any(len(program.joined) > 1 for program in self.facts.programs):
            names.update(FUNCTION_NAMES)
        if self.facts.externs:
            names.add(KFUNC_TAG)
        return tuple(names - set(ENUMS))  # of which the first is enough

    def kernel(self, target: Target, relos: Sequence[LocalRelo] = ()) -> Kernel:
        """Return *target* as a kernel, with the names found that the demands and the records *relos* speak
        of: to find them one after the other would cost 3 ms each.

        Raises:
            InputError: it cannot be read.
        """
        kernel = Kernel(
            target.btf.root,
            target.root.name,
            modules=target.layers,
            more_modules=lambda: _open_modules(target.root),
            is_trimmed=bool(target.badge),
            config=self._loading.config,
        )
        kernel.index_names(self.names(relos))
        return kernel

    def names(self, relos: Sequence[LocalRelo] = ()) -> set[str]:
        """Return the names that the demands and the records *relos* speak of."""
        return {*self._names, *(essential_name(relo.type_name) for relo in relos)} - {""}

    @property
    def is_judged(self) -> bool:
        return self._loading.is_judged

    def answers(self, kernel: Kernel) -> tuple[Answer, ...]:
        """Return what *kernel* says to each demand."""
        return tuple(demand.ask.answer(kernel) for demand in self.demands)

    def judge(self, kernel: Kernel, relos: Sequence[LocalRelo], results: Sequence[ReloResult]) -> Verdict:
        """Return the verdict; *results* are those of the records *relos* on *kernel*."""
        from .verdict import judge

        return judge(self.facts, self.demands, kernel, relos, results)

    def baked_in(self, kernel: Kernel) -> tuple[BakedIn, ...]:
        """Return what is read of structs of *kernel* at offsets that no record moves."""
        return baked_in_reads(self.facts, kernel, self._reads) if self._reads else ()
