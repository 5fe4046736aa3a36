"""Which of the instructions that the verifier refuses it comes to (:mod:`btfview.bpf.explore`)."""

from __future__ import annotations

from btfview.bpf.explore import MAX_STEPS, MAX_STEPS_OF_ALL, Explorer
from btfview.bpf.program_code import ProgramCode
from btfview.bpf.reach import Reach
from btfview.bpf.references import References
from btfview.demands.kernel.releases import LAZY_GLOBAL_FUNCTIONS
from btfview.demands.kinds.kconfig import ConfigValue
from btfview.demands.kinds.ksyms import Ksym
from btfview.demands.object.externs import CONFIG, FUNCTION, VARIABLE
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.code import Place
    from btfview.demands.object.facts import ObjectFacts, Program


class Reached:
    """Answers for the programs of one object on one kernel."""

    def __init__(self, facts: ObjectFacts, kernel: Kernel) -> None:
        self._facts = facts
        self._references = References(facts.object)
        self._has_lazy_globals = LAZY_GLOBAL_FUNCTIONS.has_come(kernel)
        self._exists = {
            extern.name: Ksym(facts.object.btf, extern, facts.is_old_loader).is_resolved(kernel)
            for extern in facts.externs
            if extern.what in (FUNCTION, VARIABLE)
        }
        lowest, highest = _config(facts, kernel)
        self._configs = (lowest,) if lowest == highest else (lowest, highest)
        """One where all is known; two where the kernel's version is only nearly."""
        self._patched: Mapping[str, bytes] | None = None
        self._codes: list[ProgramCode] = []
        self._steps_left = MAX_STEPS_OF_ALL

    def of(
        self, program: Program, places: Iterable[Place], patched: Mapping[str, bytes]
    ) -> dict[Place, Reach]:
        """Return how the verifier comes to those of *places* that it may come to; *patched* is the code as it
        is loaded."""
        wanted = tuple(places)
        runs = []
        for code in self._codes_of(patched):
            explorer = Explorer(
                code,
                has_lazy_globals=self._has_lazy_globals,
                max_steps=min(MAX_STEPS, self._steps_left),
            )
            is_complete = explorer.run(program.function.place)
            self._steps_left = max(self._steps_left - explorer.steps, 0)
            rest = Reach.DEAD if is_complete else Reach.MAYBE
            runs.append([explorer.reached.get(place, rest) for place in wanted])
        found = {}
        for place, reaches in zip(wanted, zip(*runs, strict=True), strict=True):
            reach = reaches[0] if len(set(reaches)) == 1 else Reach.MAYBE
            if reach > Reach.DEAD:
                found[place] = reach
        return found

    def _codes_of(self, patched: Mapping[str, bytes]) -> list[ProgramCode]:
        """Return the object's code on each configuration: what was decoded is kept for the programs that are
        loaded with the same records."""
        if patched is not self._patched:
            self._patched = patched
            self._codes = [
                ProgramCode(
                    self._facts.object,
                    self._references,
                    patched,
                    extern_exists=self._exists.get,
                    kconfig=config,
                )
                for config in self._configs
            ]
        return self._codes


def _config(facts: ObjectFacts, kernel: Kernel) -> tuple[dict[str, int], dict[str, int]]:
    """Return the lowest and the highest that the values of ``.kconfig`` can be; without those not known."""
    lowest: dict[str, int] = {}
    highest: dict[str, int] = {}
    for extern in facts.externs:
        value = ConfigValue(extern).value(kernel) if extern.what == CONFIG else None
        if value is not None:
            low, high = (value, value) if isinstance(value, int) else value
            lowest[extern.name], highest[extern.name] = low, high
    return lowest, highest
