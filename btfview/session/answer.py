"""What a request gets: the file compiled or read, resolved on its targets, and the rows of every pane."""

from __future__ import annotations

import os
import stat

from btfview.analysis.kernels.target_choice import EVERY, TargetChoice, for_program
from btfview.compiler.options import CompileOptions
from btfview.core_relo.loaders.names import LIBBPF
from btfview.errors import BtfviewError, UnreadableFileError
from btfview.frozen import TYPE_CHECKING, frozen, replace
from btfview.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.resolve_on import BrokenTarget, Column
    from btfview.analysis.result import Analysis
    from btfview.analysis.source_text.recorded_source import RecordedSource
    from btfview.bpf.object import BpfObject
    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker
    from btfview.targets.target import Target
    from btfview.views.layouts.struct_place import TreeRow
    from btfview.views.rows import OffsetTable, Row, Segment


@frozen
class Views:
    """The rows of every pane for one analysis."""

    source: tuple[Row, ...]
    """Lines that the object quotes; empty where there is a source."""
    recorded: RecordedSource | None
    """The same as one text; None without line info, too."""
    structs: tuple[TreeRow, ...]
    intrinsics: tuple[Row, ...]
    relocations: tuple[Row, ...]
    offsets: OffsetTable
    summaries: tuple[Segment, ...]
    """For each record, and what else is asked for, what becomes of it over all targets."""
    problem_count: int
    """Records, and what else is asked for, that fail on at least one target; and reasons, other than records,
    for which the loader gives up the object."""
    fates: Fates
    """What becomes of all of them on every target."""


@frozen
class Request:
    """One piece of work: read or compile *path*, and resolve it on the targets."""

    serial: int
    path: str
    options: CompileOptions
    targets: tuple[Target | str, ...] | None
    """Targets, or what a user calls them; None for the running kernel and the bundled ones."""
    good: Analysis | None = None
    """The result on show for the same file: resolved on the targets, should the file have errors now."""
    is_forced: bool = False
    """Compile although there is a result for the same text and options."""
    text: str | None = None
    """What is being edited, in the place of the file's text; None for that."""
    loader: str = LIBBPF
    """Whose answers are wanted."""
    choice: TargetChoice = EVERY
    """Which of the targets; where it goes by the program, of those that no one named."""
    unnamed: frozenset[Target] = frozenset()
    """Those of the targets that no one named, beside what a name that stands for many brings."""
    left_out: frozenset[Target] | None = None
    """Those of the targets that the result on show is not for; the file may now be. None without one."""

    @property
    def is_on_show(self) -> bool:
        """Whether the result on show is on these targets, so that none has to be waited for."""
        if self.good is None or self.targets is None:
            return False
        left_out = self.left_out or ()
        return self.good.targets == tuple(one for one in self.targets if one not in left_out)


@frozen
class ReadTargets:
    """What became of the targets that were asked for."""

    targets: tuple[Target, ...]
    """Those that can be read, each once."""
    problems: tuple[str, ...]
    """One line for each that can not, or that nothing is called by."""
    broken: tuple[BrokenTarget, ...]
    """Those of them that are there, but cannot be read."""
    left_out: tuple[Target, ...] = ()
    """Those that the program shows that it is not for, not read for it."""
    unnamed: frozenset[Target] = frozenset()
    """Those of all of them that no one named."""
    said: tuple[str, ...] = ()
    """What is left out, in lines."""


@frozen
class Answer:
    request: Request
    analysis: Analysis | None
    """None when the file cannot be read."""
    views: Views | None
    """None when there is no object to show."""
    error: BtfviewError | None
    targets: tuple[Target, ...]
    """Those that could be read."""
    target_problems: tuple[str, ...]
    """One line for each that could not."""
    broken_targets: tuple[BrokenTarget, ...] = ()
    """Those of them that are there."""
    carried: tuple[Analysis, Views] | None = None
    """The request's last good result on the targets, where the file has none and the targets changed."""
    progress: tuple[int, int] | None = None
    """On how many targets of how many it is, where others are still to come; None for the whole answer."""
    left_out: tuple[Target, ...] = ()
    """Targets that the program is not for, where the choice goes by that."""
    unnamed: frozenset[Target] = frozenset()
    """Those of the targets, and of what is left out, that no one named."""
    left_out_said: tuple[str, ...] = ()
    """What is left out, in lines."""


def answer_request(
    request: Request,
    worker: Worker | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    cache: CompileCache | None = None,
    report: Callable[[Answer], None] | None = None,
) -> Answer:
    """Return the result of *request*; bad input is part of the answer, never an exception.

    The targets are read while the file is compiled. Once *is_cancelled* says so, no further target is read:
    nobody wants the answer then. What is known of a file that is not on show yet, or on other targets, is
    given to *report* from time to time: at first its records alone, then on as many targets as are done.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    from btfview.analysis.analyse import analyse
    from btfview.analysis.as_loaded import as_loaded_by
    from btfview.analysis.resolve_on import DamagedTargetsError
    from btfview.analysis.retarget import retarget

    from .progress import Progress

    analysis: Analysis | None = None
    error: BtfviewError | None = None
    if request.is_forced and cache is not None:
        cache.forget(request.path)
    if request.is_on_show:
        report = None

    reported: Views | None = None
    answered: dict[Target, Column] = {}

    lost: dict[Target, BrokenTarget] = {}

    def by_loader(known: Analysis) -> Analysis:
        """Return *known* as the wanted loader has it, on the targets that are readable where it looks."""
        while True:
            try:
                return as_loaded_by(known, request.loader, answered)
            except DamagedTargetsError as error:
                lost.update({one.target: one for one in error.broken})
                known, _, _ = retarget(
                    known, [one for one in known.targets if one not in lost], is_shared=True
                )

    def give(known: Analysis, count: tuple[int, int]) -> None:
        nonlocal reported
        if report is not None and known.object is not None and not (is_cancelled and is_cancelled()):
            known = by_loader(known)
            reported = build_views(known, reported)
            report(Answer(request, known, reported, None, known.targets, (), progress=count))

    program: Future[BpfObject | None] = Future()

    def shown_object() -> BpfObject | None:
        """Return what goes on to be shown: with an error in the file the one before it."""
        found = analysis.object if analysis is not None else None
        return found or (request.good.object if request.good is not None else None)

    def kernels() -> Sequence[Target]:
        """Return what a C source is compiled for: what is asked for, before anything is known of it."""
        if not program.done():
            program.set_result(None)
        return reading.result().targets

    progress = Progress(give if report is not None else None, is_cancelled)

    def read_all() -> ReadTargets:
        try:
            return read_targets(
                request.targets,
                is_cancelled,
                progress.tell,
                choice=request.choice,
                unnamed=request.unnamed,
                program=program.result,
            )
        finally:
            progress.end()

    with ThreadPoolExecutor(1, "targets") as pool:
        reading = pool.submit(read_all)
        try:
            refuse_endless(request.path)
            analysis = analyse(
                request.path,
                (),
                request.options,
                source=Source(request.path, request.text) if request.text is not None else None,
                worker=worker,
                cache=cache,
                kernels=kernels,
            )
        except BtfviewError as caught:
            error = caught
        finally:
            is_early = program.done()
            if not is_early:
                program.set_result(shown_object())
        read = reading.result() if is_early else None
        if read is not None and (obj := shown_object()) is not None:
            read = _without_left_out(read, obj) if request.choice.is_by_program else read
        left_out = read.left_out if read is not None else ()
        resolved = progress.resolve(analysis, left_out) if analysis is not None else None
        read = read or reading.result()
    targets, broken = read.targets, read.broken
    views: Views | None = None
    carried: tuple[Analysis, Views] | None = None
    if resolved is not None:
        analysis = by_loader(resolved.result())
        targets = analysis.targets
        broken += (*resolved.broken, *lost.values())
        views = build_views(analysis, reported) if analysis.object is not None else None
    if views is None and request.good is not None and request.good.targets != targets:
        again, targets, damaged = retarget(request.good, targets, is_shared=True)
        broken += damaged
        again = by_loader(again)
        broken += tuple(lost.values())
        targets = again.targets
        carried = again, build_views(again)
    problems = (*read.problems, *(one.problem for one in broken if one not in read.broken))
    return Answer(
        request,
        analysis,
        views,
        error,
        targets,
        problems,
        broken,
        carried,
        left_out=read.left_out,
        unnamed=read.unnamed,
        left_out_said=() if request.left_out == frozenset(read.left_out) else read.said,
    )


def refuse_endless(path: str) -> None:
    """Do nothing for a file that can be read to its end.

    Raises:
        UnreadableFileError: a pipe, a device or a socket. Reading one may never end, and a screen must.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return  # told better by whoever opens it
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UnreadableFileError(
            "not a regular file (a pipe, device or socket)", path=path, hint="save it to a file first"
        )


def read_targets(
    wanted: Iterable[Target | str] | None,
    is_cancelled: Callable[[], bool] | None = None,
    tell: Callable[[Sequence[Target], int], None] = lambda _targets, _count: None,
    *,
    choice: TargetChoice = EVERY,
    unnamed: frozenset[Target] = frozenset(),
    program: Callable[[], BpfObject | None] = lambda: None,
) -> ReadTargets:
    """Return *wanted* as targets whose BTF has been read, and what stands against the others.

    A name stands for one target, that of a folder for all in it; None for the running kernel and the
    bundled ones. *tell* is called with how many there are, and with each as soon as it has been read. Kernels
    of an atlas are told first, all at once, and not read: they share their answers, as far as they can.

    Of what is meant, only what *choice* says is read; where that goes by the program, *program* waits for it
    and returns it (None where it is not known yet), and of the *unnamed* targets, and those that a name
    stands for with others, those that it is not for are left out.
    """
    from btfview.analysis.resolve_on import BrokenTarget
    from btfview.targets.find import find_fleet, open_targets
    from btfview.targets.kernels import known_targets
    from btfview.targets.target import Target
    from btfview.targets.told_apart import tell_apart

    targets: dict[Target, None] = {}
    problems: list[str] = []
    broken: list[BrokenTarget] = []
    meant: dict[Target, None] = {}
    of_many: set[Target] = set(unnamed)
    named: set[Target] = set()
    said: list[str] = []
    left_out: tuple[Target, ...] = ()
    for spec in known_targets() if wanted is None else wanted:
        try:
            fleet = find_fleet(spec) if isinstance(spec, str) else None
            if fleet is not None:
                problems += fleet.problems
                found = fleet.targets
                of_many |= set(found)
            elif isinstance(spec, str):
                found = open_targets(spec)
                (named if len({one.root for one in found}) == 1 else of_many).update(found)
            else:
                found = (spec,)
            meant |= dict.fromkeys(found)
        except BtfviewError as error:
            problems.append(str(error))
    of_no_name = [target for target in meant if target in of_many and target not in named]
    if len(meant) > 1 and not any(isinstance(spec, Target) for spec in wanted or ()):
        tell_apart(meant)  # what is shown already keeps its name
    open_ = frozenset(of_no_name)  # by the names told apart
    try:
        taken, line = choice.of(tuple(meant), open_)
        said += [line] if line else []
        meant = dict.fromkeys(taken)
    except BtfviewError as error:
        problems.append(str(error))  # and all are asked: the screen opens in any case
    if open_ and choice.is_by_program and (obj := program()) is not None:
        of_program, line = for_program(tuple(meant), open_, obj)
        said += [line] if line else []
        kept = dict.fromkeys(of_program)
        left_out = tuple(target for target in meant if target not in kept)
        meant = kept
    sharing = tuple(target for target in meant if target.can_share)
    sharing = sharing if len(sharing) > 1 else ()
    tell(sharing, len(meant))
    targets |= dict.fromkeys(sharing)
    for target in meant:
        if target in targets:
            continue
        if is_cancelled is not None and is_cancelled():
            break
        try:
            refuse_endless(target.path)
            _ = target.btf
        except BtfviewError as error:
            problems.append(str(error))
            broken.append(BrokenTarget(target, str(error)))
        else:
            targets[target] = None
            tell((target,), len(meant))
    return ReadTargets(tuple(targets), tuple(problems), tuple(broken), left_out, open_, tuple(said))


def _without_left_out(read: ReadTargets, obj: BpfObject) -> ReadTargets:
    """Return *read* without targets that the program is not for, which were read before it was known."""
    taken, line = for_program(read.targets, read.unnamed, obj)
    kept = frozenset(taken)
    left_out = tuple(target for target in read.targets if target not in kept)
    return replace(
        read, targets=tuple(taken), left_out=left_out, said=(*read.said, *([line] if line else []))
    )


def build_views(analysis: Analysis, fewer: Views | None = None) -> Views:
    """Return the rows of every pane. *fewer* are those of the same analysis on fewer targets: the struct tree
    and the intrinsics, which say nothing of targets, are taken from there."""
    from btfview.analysis.fates import fates_of
    from btfview.views.layouts.struct_tree import struct_tree
    from btfview.views.offset_table import offset_table, summarise_relo
    from btfview.views.problems import count_ended
    from btfview.views.relocations import relocation_rows
    from btfview.views.source import recorded_rows
    from btfview.views.stages.intrinsics import intrinsic_rows

    is_compiled = analysis.source is None and analysis.object is not None
    recorded = None
    if is_compiled:
        from btfview.analysis.source_text.recorded_source import recorded_source

        recorded = recorded_source(analysis)
    fates = fates_of(analysis)
    return Views(
        recorded_rows(recorded) if is_compiled else (),
        recorded,
        struct_tree(analysis) if fewer is None else fewer.structs,
        intrinsic_rows(analysis) if fewer is None else fewer.intrinsics,
        relocation_rows(analysis),
        offset_table(analysis, fates),
        tuple(summarise_relo(analysis, number, fates) for number in range(analysis.item_count)),
        len(fates.failing_items) + count_ended(analysis),
        fates,
    )
