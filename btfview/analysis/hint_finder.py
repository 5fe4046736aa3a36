"""Hints for the records of an analysis: which kernel is the reference, and one search for each question."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, cached_property

from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.local import DECLARED_ONLY
from btfview.core_relo.names import essential_name
from btfview.core_relo.outcome import Missing, Resolved
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING
from btfview.hints.answer import SILENT, Declared, Enumerator, Field, Named, Silent, Type
from btfview.hints.kernel import Kernel
from btfview.hints.question import Step, find_lost

from .kernels.kernel_age import age_key, arch_of, release_number
from .kernels.nearest import Nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from btfview.hints.answer import Answer, Asked, Hint
    from btfview.targets.target import Target

    from .result import Analysis, LinkedRelo

    KernelReader = Callable[[Target], Kernel]
    _CodeKey = tuple[Asked | None, Target, Hint]

_MAX_OPENED = 8
"""Kernels beside the targets that are asked whether they have a field, from the nearest on."""
_MAX_BETWEEN = 40
"""Kernels that a field is followed through."""
MAX_SEARCHED = 1000
"""Different questions that are searched: some 0.4 ms each and target."""
_TOO_MUCH = Silent(f"more than {MAX_SEARCHED} different names are missing: this one was not searched for")
_COMPOSITES = ("struct", "union")
_MOST_KEPT = 16
"""Kernels whose types are kept, 6 MB each and what was found out about them."""


class HintFinder:
    """Answers for one analysis. Each question is searched once, however many records ask it."""

    def __init__(
        self, analysis: Analysis, at_hand: Iterable[Target] | None = None, *, most_kept: int = _MOST_KEPT
    ) -> None:
        """*at_hand* are kernels beside the targets that may serve as reference; by default the bundled
        ones. Of no more than *most_kept* kernels the types are kept."""
        self._analysis = analysis
        self._most_kept = most_kept
        self._at_hand = bundled() if at_hand is None else tuple(at_hand)
        self._kernels: dict[Target, Kernel] = {}
        self._shared: dict[int, Kernel] = {}
        self._by_name: dict[Target, Kernel] = {}
        self._oldest: dict[int, str] = {}
        self._program: Kernel | None = None
        self._answers: dict[tuple[Asked, Target], Answer] = {}
        self._searched: set[Asked] = set()
        self._codes: dict[_CodeKey, str] = {}

    def answer(self, relo_index: int, target_index: int) -> Answer:
        """Return what stands for what a record asks for and a target lacks; silence if it lacks nothing."""
        if not self.is_missing(relo_index, target_index):
            return SILENT
        asked = question_of(self._analysis.relos[relo_index])
        if asked is None:
            return SILENT
        key = (asked, self._analysis.targets[target_index])
        if key not in self._answers:
            if asked not in self._searched and len(self._searched) >= MAX_SEARCHED:
                return _TOO_MUCH
            self._searched.add(asked)
            self._answers[key] = self._find(asked, relo_index, target_index)
        return self._answers[key]

    def warm(self, target_index: int, max_questions: int, is_cancelled: Callable[[], bool]) -> None:
        """Search for what a target lacks, up to *max_questions* different questions: the first takes 0.1 s,
        for it reads the kernels at hand, and what was found is there for who asks."""
        for linked in self._analysis.relos:
            if len(self._searched) >= max_questions or is_cancelled():
                return
            self.answer(linked.index, target_index)

    def hints(self, relo_index: int, target_index: int) -> tuple[Hint, ...]:
        answer = self.answer(relo_index, target_index)
        return answer.hints if isinstance(answer, Named) else ()

    def code(self, relo_index: int, target_index: int, hint: Hint) -> str:
        """Return a block of code for a hint, in the language of the source, that does on the target and on
        the nearest kernel that has what is asked for; empty where there is none. It is compiled: 0.1 s,
        unless :meth:`write_codes` has done so."""
        key = self._code_key(relo_index, target_index, hint)
        if key not in self._codes:
            self._write({key: relo_index})
        return self._codes[key]

    def write_codes(self, cells: Iterable[tuple[int, int]], max_codes: int) -> None:
        """Write the code of the hints for *cells*, pairs of a record and a target, in one compile; no more
        than *max_codes* different ones in all."""
        wanted: dict[_CodeKey, int] = {}
        for relo_index, target_index in cells:
            if len(self._codes) + len(wanted) >= max_codes:
                break
            for hint in self.hints(relo_index, target_index):
                key = self._code_key(relo_index, target_index, hint)
                if key not in self._codes and len(self._codes) + len(wanted) < max_codes:
                    wanted.setdefault(key, relo_index)
        if wanted:
            self._write(wanted)

    def known_code(self, relo_index: int, target_index: int, hint: Hint) -> str:
        """Return a block for a hint if it has been written already; else nothing."""
        return self._codes.get(self._code_key(relo_index, target_index, hint), "")

    def _code_key(self, relo_index: int, target_index: int, hint: Hint) -> _CodeKey:
        asked = question_of(self._analysis.relos[relo_index])
        return asked, self._analysis.targets[target_index], hint

    def _write(self, keys: dict[_CodeKey, int]) -> None:
        """Write the code for *keys*, each with a record that asks; of kernels of an atlas from what is found
        there by name, where that does."""
        from btfview.atlas.needs_kernel import NeedsKernelError

        self._codes |= dict.fromkeys(keys, "")
        for kernel in (self._read_by_name, self.kernel) if self._analysis.shared else (self.kernel,):
            with suppress(NeedsKernelError):
                self._codes |= self._written(keys, kernel)
                return

    def _written(self, keys: dict[_CodeKey, int], kernel: KernelReader) -> dict[_CodeKey, str]:
        from btfview.hints.code.write import Wanted, hint_codes

        wanted: dict[_CodeKey, Wanted] = {}
        for key, relo_index in keys.items():
            asked, target, hint = key
            with suppress(InputError):
                reference = self._reference(asked, relo_index, target, kernel) if asked else None
                if asked and reference:
                    wanted[key] = Wanted(asked, hint, reference, kernel(target))
        is_rust, dialect = self._analysis.is_rust, self._analysis.dialect
        codes = hint_codes(tuple(wanted.values()), "rust" if is_rust else "c", dialect)
        return dict(zip(wanted, codes, strict=True))

    def is_known_elsewhere(self, relo_index: int, target_index: int) -> bool:
        """Tell whether another kernel at hand has what a record asks for; so for what has no name to look
        for."""
        asked = question_of(self._analysis.relos[relo_index])
        if asked is None:
            return self._analysis.relos[relo_index].local_type_kind != DECLARED_ONLY
        return self.reference(asked, relo_index, self._analysis.targets[target_index]) is not None

    def is_missing(self, relo_index: int, target_index: int) -> bool:
        return isinstance(self._analysis.results[relo_index][target_index].outcome, Missing)

    @property
    def program(self) -> Kernel | None:
        """The types of the program; None where there is no object."""
        obj = self._analysis.object
        if self._program is None and obj is not None:
            self._program = Kernel(self._analysis.path, obj.btf)
        return self._program

    def kernel(self, target: Target) -> Kernel:
        """Return the types of a target.

        Raises:
            InputError: it cannot be read.
        """
        found = self._kernels.get(target)
        if found is None:
            found = self._kernels[target] = Kernel(
                target.name, target.btf, is_whole=target.origin != "bundled"
            )
            if len(self._kernels) > self._most_kept:
                del self._kernels[next(iter(self._kernels))]
        return found

    def _read_by_name(self, target: Target) -> Kernel:
        """Return the types of a target; of a kernel of an atlas as they are found there, name by name: all of
        them take a second to make.

        Raises:
            InputError: it cannot be read.
            NeedsKernelError: later, where something is asked that no name leads to.
        """
        found = self._by_name.get(target)
        if found is None:
            from .shared_columns import read_by_name

            found = self._by_name[target] = read_by_name(target) or self.kernel(target)
        return found

    def resolved_on(self, column: int) -> Kernel:
        """Return the types that the ids in a target's results are of.

        Raises:
            InputError: they cannot be read.
        """
        shared = self._analysis.shared[column] if self._analysis.shared else None
        if shared is None:
            return self.kernel(self._analysis.targets[column])
        found = self._shared.get(id(shared))
        if found is None:
            found = self._shared[id(shared)] = Kernel(self._analysis.targets[column].name, shared)
        return found

    def oldest(self, group: tuple[int, ...]) -> str:
        """Return the name of the oldest of targets that share their answers."""
        found = self._oldest.get(group[0])
        if found is None:
            names = [self._analysis.targets[column].name for column in group]
            found = self._oldest[group[0]] = names[0] if len(names) == 1 else min(names, key=age_key)
        return found

    def _find(self, asked: Asked, relo_index: int, target_index: int) -> Answer:
        from btfview.atlas.needs_kernel import NeedsKernelError

        try:
            for kernel in self._readers(self._analysis.targets[target_index]):
                try:
                    return self._find_on(asked, relo_index, target_index, kernel)
                except NeedsKernelError:
                    continue
            return SILENT
        except InputError:
            return SILENT  # damaged types near the field: what there is to say is in the outcome

    def _readers(self, target: Target) -> Iterator[KernelReader]:
        """Yield ways to read kernels: of an atlas first those that are fast and may not do, then that which
        makes the target whole, in which most is searched."""
        if self._analysis.shared:
            yield self._read_by_name
            yield lambda other: self.kernel(other) if other == target else self._read_by_name(other)
        yield self.kernel

    def _find_on(self, asked: Asked, relo_index: int, target_index: int, kernel: KernelReader) -> Answer:
        from btfview.hints.find import find_answer
        from btfview.hints.stepping import find_by_steps

        target = self._analysis.targets[target_index]
        reference = self._reference(asked, relo_index, target, kernel)
        if reference is None:
            return find_answer(asked, None, kernel(target), self._declared(relo_index))
        return find_by_steps(asked, self._way(reference, target, kernel))

    def _declared(self, relo_index: int) -> Declared | None:
        program = self.program
        return Declared(program, self._analysis.relos[relo_index].local_type_name) if program else None

    def reference(self, asked: Asked, relo_index: int, target: Target) -> Kernel | None:
        """Return the nearest kernel that has what is asked for: by architecture, then by release. Of targets
        that is known, so of all kernels at hand only those are opened that are nearer than it."""
        return self._reference(asked, relo_index, target, self.kernel)

    def _reference(
        self, asked: Asked, relo_index: int, target: Target, kernel: KernelReader
    ) -> Kernel | None:
        results = self._analysis.results[relo_index]
        column_of = self._column_of

        def has(other: Target) -> bool:
            column = column_of.get(other)
            return column is not None and isinstance(results[column].outcome, Resolved)

        opened = 0
        for other in self._nearest.from_here(target, has):
            if other not in column_of:
                opened += 1
                if opened > _MAX_OPENED:
                    continue  # of thousands at hand, those far away tell no more
            elif not has(other):
                continue
            try:
                if other in column_of or self._has(asked, relo_index, kernel(other)):
                    return kernel(other)
            except InputError:
                continue  # the next one may be whole
        return None

    @cached_property
    def _column_of(self) -> dict[Target, int]:
        return {target: column for column, target in enumerate(self._analysis.targets)}

    @cached_property
    def _nearest(self) -> Nearest:
        """Of the targets and the kernels at hand."""
        return Nearest((*self._column_of, *(one for one in self._at_hand if one not in self._column_of)))

    def _way(self, reference: Kernel, target: Target, kernel: KernelReader) -> _Way:
        """Return the reference, the given kernels that lie between, and the target: the way that the field
        went."""
        start, end = release_number(reference.name), release_number(target.name)
        between = self._nearest.between(arch_of(target), start, end) if start and end else []
        between = [other for other in between if other in self._column_of]
        if len(between) > _MAX_BETWEEN:
            between = []
        between.sort(key=lambda other: (abs(release_number(other.name) - start), self._column_of[other]))
        return _Way(kernel, reference, (*between, target))

    def _has(self, asked: Asked, relo_index: int, kernel: Kernel) -> bool:
        from btfview.hints.known_moves import has

        if not has(kernel, asked.path):
            return False
        declared = self._declared(relo_index)
        if declared is None or not isinstance(asked, Field):
            return True
        # The name alone may stand for something of another kind.
        return find_lost(declared.kernel, kernel, declared.root, asked.steps, asked.root) is None


class _Way:
    """Kernels in a row, each read where it is come to."""

    def __init__(self, kernel: KernelReader, first: Kernel, others: tuple[Target, ...]) -> None:
        self._kernel = kernel
        self._ends = first, kernel(others[-1])
        self._between = others[:-1]

    def __len__(self) -> int:
        return len(self._between) + 2

    def __getitem__(self, index: int) -> Kernel:
        index = range(len(self))[index]
        if 0 < index <= len(self._between):
            return self._kernel(self._between[index - 1])
        return self._ends[index > 0]


@cache
def bundled() -> tuple[Target, ...]:
    """Return the bundled kernels, always the same ones, so that each is read once."""
    from btfview.targets.kernels import bundled_targets

    return bundled_targets()


def question_of(linked: LinkedRelo) -> Asked | None:
    """Return what a record asks for, without flavors; None for what has no name that could have changed."""
    kind, spec, root = linked.relo.kind, linked.local_spec, essential_name(linked.local_type_name)
    if kind is None or not root:
        return None
    if kind.is_type:
        is_known = linked.local_type_kind in _COMPOSITES and kind != CoreReloKind.TYPE_ID_LOCAL
        return Type(root) if is_known else None
    if spec is None:
        return None
    if kind.is_enumval:
        return Enumerator(root, essential_name(spec.steps[0].name or ""))
    steps: list[Step] = []
    for step in spec.steps[1:]:
        if step.name is not None:
            steps.append(Step(step.name))
        elif steps:
            steps[-1] = Step(steps[-1].name, f"{steps[-1].indices}[{step.index}]")
    return Field(root, tuple(steps)) if steps else None
