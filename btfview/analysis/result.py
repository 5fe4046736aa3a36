"""One immutable result: a source or an object, its records, and what they become on each target."""

from __future__ import annotations

from enum import StrEnum

from btfview.bpf.reach import Reach
from btfview.core_relo.local import DECLARED_ONLY
from btfview.core_relo.outcome import Ambiguous, Missing, Refused, Resolved
from btfview.frozen import TYPE_CHECKING, assert_never, frozen, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from btfview.atlas.shared_btf import SharedBtf
    from btfview.bpf.object import BpfObject
    from btfview.btf.ext import CoreRelo
    from btfview.btf.reader import Btf
    from btfview.compiler.result import CompileResult
    from btfview.core_relo.access_spec import AccessSpec
    from btfview.core_relo.loaders.answer import LoadEnd
    from btfview.core_relo.outcome import ReloResult
    from btfview.demands.demand import Answer, Demand
    from btfview.demands.program.baked_in import BakedIn
    from btfview.demands.verdict import Verdict
    from btfview.diagnostics import Diagnostic
    from btfview.source import Source, Span
    from btfview.targets.target import Target

    from .declared import Declared
    from .resolve_on import BrokenTarget


class CellState(StrEnum):
    """What becomes of a record on a target, as the offsets pane and JSON say it; from good to bad."""

    AS_COMPILED = "as compiled"
    MOVED = "moved"
    MISSING_GUARDED = "missing, guarded"
    UNKNOWN = "unknown"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    ERROR = "error"

    @property
    def glyph(self) -> str:
        """The sign by which panes and reports say it."""
        return _GLYPHS[self]

    @property
    def is_problem(self) -> bool:
        """It may keep the program from loading there."""
        match self:
            case CellState.AS_COMPILED | CellState.MOVED | CellState.MISSING_GUARDED | CellState.UNKNOWN:
                return False
            case CellState.MISSING | CellState.AMBIGUOUS | CellState.ERROR:
                return True
            case _:
                assert_never(self)


_GLYPHS = dict(zip(CellState, "✔▲○?✖≠!", strict=True))


@frozen
class SourcePlace:
    """Where a record comes from, as far as it is known."""

    file: str
    line: int
    column: int
    text: str
    """The source line; may be empty."""


@frozen
class LinkedRelo:
    """A record with everything it is linked to."""

    index: int
    relo: CoreRelo
    program: str
    """Function (ELF symbol) that holds the instruction; empty if none does."""
    path: str
    """``task_struct.se.vruntime``; ``task_struct`` for a type; ``pid_type::PIDTYPE_PID``."""
    local_type_kind: str
    local_type_name: str
    local_spec: AccessSpec | None
    """None for a malformed record."""
    local_value: int | None
    """The value compiled in."""
    insn_text: str | None
    """The instruction as compiled, in the verifier's words."""
    place: SourcePlace | None
    span: Span | None
    """In :attr:`Analysis.source`."""
    queries: tuple[int, ...]
    """Indices into ``Analysis.compilation.program.queries``; more than one where LLVM merged queries."""
    ir_lines: tuple[int, ...]
    """Lines of ``Analysis.compilation.ir``, from 0."""
    key: str
    """The same after a recompile: function, kind, path, and which of those."""

    @property
    def root(self) -> str:
        """``struct task_struct``: the type that the path starts from."""
        return f"{self.local_type_kind} {self.local_type_name}".strip()

    @property
    def field(self) -> str:
        """``se.vruntime``: the members on the way, indices left out; an enumerator; empty for a type."""
        steps = self.local_spec.steps if self.local_spec is not None else ()
        return ".".join(step.name for step in steps if step.name)


@frozen
class AskAnswer:
    """What a target says to an :class:`Ask`."""

    state: CellState
    """``AS_COMPILED``: met; ``MISSING_GUARDED``: not met, and the object loads all the same; ``UNKNOWN``;
    ``MISSING``: it keeps the object from loading."""
    why: str
    rule: str
    """The function of libbpf or of the kernel that decides."""
    instead: str = ""
    """What to write, or which kernels have it; may be empty."""
    is_trimmed: bool = False
    """A whole BTF of the same kernel would tell."""


@frozen
class Ask:
    """What the object asks of a kernel beside its records: a demand, or what only a verdict tells."""

    kind: str
    """``helper``, ``kfunc``: the kinds of :mod:`btfview.demands.demand`."""
    subject: str
    programs: tuple[str, ...]
    """That ask for it; none where it is the whole object."""
    insn: tuple[str, int] | None
    """Section, and bytes from its start, of the first instruction that asks for it."""
    optional: str
    """``weak``, ``SEC("?...")``: why the object loads without it; empty where it does not."""
    place: SourcePlace | None
    span: Span | None
    """In :attr:`Analysis.source`."""
    answers: tuple[AskAnswer, ...]
    """In the order of :attr:`Analysis.targets`."""
    key: str = ""
    """The same after a recompile."""


@frozen
class Analysis:
    path: str
    origin: str
    """``rust``, ``c``, ``llvm-ir``, ``bitcode`` or ``object``."""
    source: Source | None
    """None for an object."""
    compilation: CompileResult | None
    """None for an object."""
    object: BpfObject | None
    """None when the source did not compile."""
    relos: tuple[LinkedRelo, ...]
    targets: tuple[Target, ...]
    results: tuple[tuple[ReloResult, ...], ...]
    """``results[relo][target]``, in the order of ``relos`` and ``targets``."""
    diagnostics: tuple[Diagnostic, ...]
    milliseconds: float = 0.0
    trimmed: frozenset[int] = frozenset()
    """Indices of the targets whose BTF holds only some of the kernel's types."""
    broken_targets: tuple[BrokenTarget, ...] = ()
    """Targets that were asked for, and cannot be used."""
    demands: tuple[Demand, ...] = ()
    """What the object asks of a kernel beside its records; none where that was not looked at."""
    answers: tuple[tuple[Answer, ...], ...] = ()
    """``answers[target][demand]``, in the order of ``targets`` and ``demands``."""
    verdicts: tuple[Verdict, ...] = ()
    """Whether it loads, on each of ``targets``; none where that was not looked at."""
    baked_in: tuple[tuple[BakedIn, ...], ...] = ()
    """What it reads of each target's structs at offsets that no record moves; as ``verdicts``."""
    unreached: frozenset[tuple[int, int]] = frozenset()
    """Record and target, by their indices, of each poisoned instruction that the verdict finds no way to."""
    alike: tuple[tuple[int, ...], ...] = ()
    """Targets that share their answers, by their indices; none where each has its own."""
    shared: tuple[SharedBtf | None, ...] = ()
    """For each target the BTF whose type ids its results hold, if that is not its own; none at all if each is
    its own."""
    declared: tuple[Mapping[int, Declared], ...] = ()
    """For each target how it declares the fields that are asked for, by the index of the first record of
    each; none at all where that is to be looked up in ``results`` and the target."""
    modules: tuple[tuple[str, ...], ...] = ()
    """For each target the names of its modules that were asked, too; none at all where none was."""
    asks: tuple[Ask, ...] = ()
    """What the screen shows with the records, numbered after them: number ``len(relos)`` is the first."""
    loader: str = "libbpf"
    """Whose rules ``results`` are by: one of :data:`btfview.core_relo.loaders.names.LOADERS`. All else is by
    libbpf's."""
    ends: tuple[LoadEnd | None, ...] = ()
    """For each target where another loader gives up the object; none where ``loader`` is libbpf."""
    of_libbpf: Analysis | None = None
    """What libbpf makes of it, where ``loader`` is another one."""

    @property
    def is_rust(self) -> bool:
        """Whether the program is Rust: its source, or what an object's line info names as such."""
        if self.origin in ("rust", "c") or self.object is None:
            return self.origin == "rust"
        files = {line.file for line in self.object.ext.line_infos}
        return any(file.endswith(".rs") for file in files) and not any(file.endswith(".c") for file in files)

    @property
    def dialect(self) -> str:
        """What the queries of a Rust source return: ``repr`` or ``option``; empty where there is none."""
        program = self.compilation.program if self.compilation else None
        return program.dialect if program else ""

    @property
    def item_count(self) -> int:
        """Records and what else is asked for."""
        return len(self.relos) + len(self.asks)

    @property
    def column_groups(self) -> Sequence[tuple[int, ...]]:
        """The targets by their indices, those that share their answers together, the first of each in order:
        for who has one thing to say of each answer."""
        return self.alike or tuple((column,) for column in range(len(self.targets)))

    def on(self, columns: Sequence[int]) -> Analysis:
        """Return the same on some of the targets, by their indices: records and what stands baked in. What
        else is asked, and whether it loads, is not told."""
        places = {column: at for at, column in enumerate(columns)}
        groups = (tuple(places[column] for column in group if column in places) for group in self.alike)
        return replace(
            self,
            targets=tuple(self.targets[column] for column in columns),
            results=tuple(tuple(row[column] for column in columns) for row in self.results),
            demands=(),
            answers=(),
            verdicts=(),
            asks=(),
            trimmed=frozenset(places[column] for column in self.trimmed if column in places),
            baked_in=tuple(self.baked_in[column] for column in columns) if self.baked_in else (),
            modules=tuple(self.modules[column] for column in columns) if self.modules else (),
            declared=tuple(self.declared[column] for column in columns) if self.declared else (),
            unreached=frozenset(
                (relo, places[column]) for relo, column in self.unreached if column in places
            ),
            alike=tuple(filter(None, groups)),
            shared=tuple(self.shared[column] for column in columns) if self.shared else (),
            ends=tuple(self.ends[column] for column in columns) if self.ends else (),
            of_libbpf=self.of_libbpf and self.of_libbpf.on(columns),
        )

    def btf_of(self, column: int) -> Btf:
        """Return the BTF of the type ids in a target's results.

        Raises:
            InputError: it cannot be read.
        """
        return self.shared_btf(column) or self.targets[column].btf

    def shared_btf(self, column: int) -> SharedBtf | None:
        """Return the BTF of the type ids in a target's results, if that is not its own."""
        return self.shared[column] if self.shared else None

    def own_type_id(self, column: int, type_id: int) -> int:
        """Return the id that a target itself gives to a type of :meth:`btf_of`; 0 for one without a name,
        which is found by that.

        Raises:
            InputError: the target's BTF cannot be read.
        """
        shared = self.shared_btf(column)
        if shared is None or not type_id:
            return type_id
        own, kind, name = self.targets[column].btf, shared.kind(type_id), shared.name(type_id)
        alike = [one for one in shared.ids_named(name) if shared.kind(one) == kind] if name else []
        mine = [one for one in own.ids_named(name) if own.kind(one) == kind] if name else []
        at = alike.index(type_id) if type_id in alike else len(mine)
        return mine[at] if at < len(mine) else 0

    def ask(self, number: int) -> Ask | None:
        """Return what has a number behind the records'; None for a record's."""
        return self.asks[number - len(self.relos)] if number >= len(self.relos) else None

    def key(self, number: int) -> str:
        """Return what a record, or what else is asked for, is known by after a recompile."""
        ask = self.ask(number)
        return ask.key if ask else self.relos[number].key

    def state(self, relo_index: int, target_index: int) -> CellState:
        """Return the state of a cell, of a record or of what else is asked for."""
        if ask := self.ask(relo_index):
            return ask.answers[target_index].state
        linked, result = self.relos[relo_index], self.results[relo_index][target_index]
        outcome = result.outcome
        match outcome:
            case Missing() if self.lacks_type(relo_index, target_index):
                return CellState.UNKNOWN
            case Resolved(value):
                return CellState.AS_COMPILED if value == linked.local_value else CellState.MOVED
            case _ if outcome.is_poisoned and (relo_index, target_index) in self.unreached:
                return CellState.MISSING_GUARDED
            case Missing():
                is_guarded = result.is_dead or not outcome.is_poisoned
                return CellState.MISSING_GUARDED if is_guarded else CellState.MISSING
            case _ if result.reach == Reach.OFF:
                return CellState.MISSING_GUARDED
            case Refused() if outcome.is_passed_over:
                return CellState.MISSING_GUARDED
            case Ambiguous():
                return CellState.AMBIGUOUS
            case Refused():
                return CellState.ERROR
            case _:
                assert_never(outcome)

    def value(self, relo_index: int, target_index: int) -> int | None:
        """Return what the loader writes; None where there is nothing, or it is not known."""
        if self.lacks_type(relo_index, target_index):
            return None
        return self.results[relo_index][target_index].outcome.value

    def lacks_type(self, relo_index: int, target_index: int) -> bool:
        """Tell whether a record is missing on a target only because its BTF was trimmed of the type: of the
        kernel that says nothing."""
        outcome = self.results[relo_index][target_index].outcome
        if self.relos[relo_index].local_type_kind == DECLARED_ONLY:
            return False  # a whole one has nothing that it stands for, either
        return target_index in self.trimmed and isinstance(outcome, Missing) and not outcome.trace.candidates

    @property
    def cell_count(self) -> int:
        """Records times targets."""
        return len(self.relos) * len(self.targets)

    @property
    def problem_count(self) -> int:
        """Records, and what else is asked for, that fail on at least one target."""
        return sum(map(self.fails, range(self.item_count)))

    def groups_of(self, columns: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Return *columns*, targets by their indices, those that share their answers together."""
        if not self.alike:
            return tuple((column,) for column in columns)
        wanted = frozenset(columns)
        groups = (tuple(filter(wanted.__contains__, group)) for group in self.alike)
        return tuple(filter(None, groups))

    def failing_targets(self, relo_index: int) -> tuple[int, ...]:
        """Return the targets, by their indices, on which a record, or what else is asked for, fails."""
        groups = (group for group in self.column_groups if self.state(relo_index, group[0]).is_problem)
        return tuple(sorted(column for group in groups for column in group))

    def fails(self, relo_index: int) -> bool:
        """Tell whether a record, or what else is asked for, fails on at least one target."""
        return any(self.state(relo_index, group[0]).is_problem for group in self.column_groups)
