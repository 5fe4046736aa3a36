"""What the screen knows between two results, without a screen: file, options, targets, selection.

Data goes round in one direction. :meth:`Session.request` describes a piece of work, :func:`answer_request`
does it (in any thread, with no access to the session), :meth:`Session.accept` takes the answer in::

    Session -> Request -> answer_request -> Answer -> Session
"""

from __future__ import annotations

from btfview.analysis.kernels.target_choice import EVERY, TargetChoice
from btfview.changes.selection_changes import Changes, compare_results, is_same_input
from btfview.compiler.options import CompileOptions
from btfview.core_relo.loaders.names import LIBBPF
from btfview.errors import BtfviewError, error_text
from btfview.frozen import TYPE_CHECKING, frozen

from .answer import Answer, Request, Views
from .watch import FileWatch, Signature, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis, Ask, LinkedRelo
    from btfview.changes.object_changes import ObjectChanges
    from btfview.targets.target import Target


@frozen
class Selection:
    """What is selected of the result that is shown."""

    relo: int
    """A record, or what else is asked for: see ``Analysis.asks``."""
    target: int
    """An index into ``Analysis.targets``."""


class Session:
    """The state behind the screen. Not thread-safe: it belongs to the thread that draws."""

    def __init__(
        self,
        path: str | None,
        target_specs: Sequence[str] | None,
        options: CompileOptions,
        loader: str = LIBBPF,
        choice: TargetChoice = EVERY,
    ) -> None:
        self.path = path
        """The file on show; None when nothing is open."""
        self.options = options
        self.loader = loader
        """Whose answers are wanted; those on show are of ``good.loader``."""
        self.targets: tuple[Target, ...] = ()
        """Those that the newest answer was given for."""
        self._wanted_targets: tuple[Target | str, ...] | None = tuple(target_specs) if target_specs else None
        self._choice = choice
        self._unnamed: frozenset[Target] = frozenset()
        self._left_out: tuple[Target, ...] = ()
        """What the program on show is not for; another may be."""
        self.target_problems: tuple[str, ...] = ()
        self.broken_targets: dict[Target, str] = {}
        """Targets that could not be read when last tried, and why."""
        self.latest: Analysis | None = None
        """The newest result; with diagnostics and without an object when the program is wrong."""
        self.good: Analysis | None = None
        """The newest result that has an object: what the panes show."""
        self.views: Views | None = None
        """Of :attr:`good`."""
        self.error: BtfviewError | None = None
        """Why :attr:`path` could not be read the last time."""
        self.stale_since: float | None = None
        """Seconds since the epoch at which :attr:`good` stopped being what the file says."""
        self.selection: Selection | None = None
        self._is_kernel_open = True
        """Which kernel is selected is still to be told by the result, not by the user or the one before."""
        self.changes = Changes()
        """What the last edit, or switch of an option, changed in :attr:`good`."""
        self.previous: Analysis | None = None
        """What :attr:`good` was before that."""
        self.object_changes: ObjectChanges | None = None
        """What it changed in bytes; None until :meth:`accept_comparison`."""
        self.is_unchanged = False
        """The newest answer was given for the same contents and options as the one before it."""
        self.is_watching = True
        self.pending: Request | None = None
        """The request whose answer is awaited."""
        self.progress: tuple[int, int] | None = None
        """On how many targets of how many :attr:`good` is, while others are still to come."""
        self._serial = 0
        self._watch: FileWatch | None = None

    # -- asking ---------------------------------------------------------------------------------

    def request(
        self,
        path: str | None = None,
        *,
        targets: Iterable[Target | str] | None = None,
        is_forced: bool = False,
        text: str | None = None,
    ) -> Request:
        """Return the work that brings *path* (default: the file on show) up to date on *targets*
        (default: those of the moment); *is_forced* compiles although nothing changed, *text* is compiled in
        the place of the file's.

        An answer to any earlier request is refused from now on.
        """
        # Work under way that this overtakes must not be forgotten: neither its file nor its targets.
        wanted = path or (self.pending.path if self.pending else self.path)
        if self.pending is not None and self.pending.path == wanted:
            is_forced = is_forced or self.pending.is_forced
        if wanted is None:
            raise ValueError("no file is open")
        if text is None or self._watch is None:
            # Looked at before the file is read, so that a save in between is noticed.
            self._watch = FileWatch(wanted)
        self._serial += 1
        self.progress = None
        if targets is not None:
            self.want_targets(targets)
        good = self.good if wanted == self.path else None
        wanted_targets = self._wanted_targets
        if wanted_targets is not None:  # an edit may have made it a program for others, too
            wanted_targets = (*wanted_targets, *self._left_out)
        self.pending = Request(
            self._serial,
            wanted,
            self.options,
            wanted_targets,
            good,
            is_forced,
            text,
            self.loader,
            self._choice,
            self._unnamed,
            frozenset(self._left_out) if good is not None else None,
        )
        return self.pending

    def want_targets(self, targets: Iterable[Target | str]) -> None:
        """Resolve on *targets* from the next request on."""
        self._wanted_targets = tuple(targets)
        self._choice, self._unnamed, self._left_out = EVERY, frozenset(), ()

    def set_watching(self, is_watching: bool) -> None:
        """Watch the file or not; what changed meanwhile is noticed when watching begins again."""
        self.is_watching = is_watching

    def poll_file(self) -> Signature | Trouble | None:
        """Return the new state of the watched file, once for each change; None while nothing happened."""
        if not self.is_watching or self._watch is None:
            return None
        return self._watch.poll()

    # -- answers --------------------------------------------------------------------------------

    def accept(self, answer: Answer, now: float) -> bool:
        """Take an answer in; return whether it was the one awaited.

        *now* is in seconds since the epoch. A file that cannot be read changes nothing but
        :attr:`error`; if it was to be opened anew, the file on show stays.
        """
        if self.pending is None or answer.request.serial != self.pending.serial:
            return False
        request = self.pending
        is_continued = self.progress is not None
        self.progress = answer.progress
        self.target_problems = answer.target_problems
        # A file that cannot be opened says nothing of what the one on show is asked of.
        is_opened = answer.analysis is not None or self.good is None or request.choice == EVERY
        if is_opened:
            self.targets = answer.targets
        if answer.progress is None:
            self.pending = None
        if answer.progress is None and is_opened:
            self._wanted_targets = answer.targets
            if request.choice != EVERY:
                self._choice = TargetChoice(is_by_program=self._choice.is_by_program)
                self._unnamed, self._left_out = answer.unnamed, answer.left_out
        for target in answer.targets:
            self.broken_targets.pop(target, None)
        self.broken_targets |= {broken.target: broken.problem for broken in answer.broken_targets}
        is_other_file = request.path != self.path
        if answer.analysis is None:
            self.error = answer.error
            if is_other_file and self.path is not None:
                self._watch = FileWatch(self.path)
            else:
                self.path = request.path
                self._mark_stale(now)
                self._carry(answer)
            return True
        if is_other_file:
            self.path, self.good, self.views, self.selection = request.path, None, None, None
            self._is_kernel_open = True
            self.stale_since = None
            self.latest = self.previous = self.object_changes = None
            self.changes = Changes()
        self.error = None
        if self._watch is not None and answer.analysis.compilation is not None:
            self._watch.include(answer.analysis.compilation.headers)
        if not is_continued:
            self.is_unchanged = self.latest is not None and is_same_input(self.latest, answer.analysis)
        self.latest = answer.analysis
        if answer.views is None:
            self._mark_stale(now)
            self._carry(answer)
        else:
            if self.good is not None and not is_same_input(self.good, answer.analysis):
                self.changes = compare_results(self.good, answer.analysis)
                self.previous, self.object_changes = self.good, None
            self.selection = carry_selection(self.selection, self.good, answer.analysis)
            if self._is_kernel_open and self.selection is not None:
                self.selection = Selection(self.selection.relo, first_kernel(answer.views.fates))
                self._is_kernel_open = answer.progress is not None
            self.good, self.views, self.stale_since = answer.analysis, answer.views, None
        return True

    def accept_loader(self, loaded: Analysis, views: Views) -> bool:
        """Show what is on show with the answers of another loader; return whether it still is that, and that
        loader's are wanted."""
        old = self.good
        is_same = old is not None and (old.of_libbpf or old) is (loaded.of_libbpf or loaded)
        if not is_same or loaded.loader != self.loader:
            return False
        if self.latest is old:
            self.latest = loaded
        self.selection = carry_selection(self.selection, old, loaded)
        self.good, self.views = loaded, views
        return True

    def accept_comparison(self, new: Analysis, changes: ObjectChanges) -> bool:
        """Take in what differs between :attr:`previous` and *new*; return whether that is still on show."""
        if self.good is None or self.previous is None or self.good.object is not new.object:
            return False
        self.object_changes = changes
        return True

    def _carry(self, answer: Answer) -> None:
        """Show the last good result on the targets of *answer*; it is as stale as before."""
        if answer.carried is not None:
            again, views = answer.carried
            self.selection = carry_selection(self.selection, self.good, again)
            self.good, self.views = again, views

    def abandon(self, request: Request, error: Exception) -> bool:
        """Give up waiting for *request*, which ended in an error of btfview's own; what is shown stays.

        Return whether it was the one awaited.
        """
        if self.pending is not request:
            return False
        self.pending = self.progress = None
        self.path = self.path or request.path
        self.error = BtfviewError(error_text(error))
        return True

    def lose_file(self, trouble: Trouble, now: float) -> None:
        """Note that the watched file is no longer there to read; what is shown stays."""
        self.error = BtfviewError(trouble.problem)
        self._mark_stale(now)

    def _mark_stale(self, now: float) -> None:
        if self.good is not None and self.stale_since is None:
            self.stale_since = now

    # -- selection ------------------------------------------------------------------------------

    def select(self, relo: int, target: int | None = None) -> bool:
        """Select a record or what else is asked for, and a target if given; return whether that changed
        anything."""
        if self.good is None or not 0 <= relo < self.good.item_count:
            return False
        if target is None:
            target = self.selection.target if self.selection else 0
        target = max(0, min(target, len(self.good.targets) - 1))
        before, self.selection = self.selection, Selection(relo, target)
        self._is_kernel_open = False
        return self.selection != before

    def step(self, delta: int) -> bool:
        """Select the next or previous record; at either end it stays. Return whether it changed."""
        if self.good is None or not self.good.item_count:
            return False
        relo = self.selection.relo + delta if self.selection else 0
        return self.select(max(0, min(relo, self.good.item_count - 1)))

    def step_problem(self, direction: int) -> bool:
        """Select the next or previous record, or what else is asked for, that fails on a target, past either
        end from the other, and a target on which it does. Return whether there is any."""
        fates = self.views.fates if self.views is not None else None
        failing = fates.failing_items if fates is not None else ()
        if fates is None or not failing:
            return False
        here = self.selection.relo if self.selection else -1
        if direction > 0:
            relo = next((one for one in failing if one > here), failing[0])
        else:
            relo = next((one for one in reversed(failing) if one < here), failing[-1])
        target = self.selection.target if self.selection else 0
        is_there = fates.state(relo, target).is_problem
        self.select(relo, target if is_there else min(fates.failing_targets(relo)))
        return True

    @property
    def selected_relo(self) -> LinkedRelo | None:
        """The selected record; None where none is, or what else is asked for."""
        if self.good is None or self.selection is None or self.selected_ask is not None:
            return None
        return self.good.relos[self.selection.relo]

    @property
    def selected_ask(self) -> Ask | None:
        """What is selected beside the records."""
        if self.good is None or self.selection is None:
            return None
        return self.good.ask(self.selection.relo)

    @property
    def selected_key(self) -> str:
        """What the selection is known by after a recompile; empty without one."""
        if self.good is None or self.selection is None:
            return ""
        return self.good.key(self.selection.relo)

    @property
    def selected_insn(self) -> tuple[str, int] | None:
        """Section and offset of the instruction of the selection, where it has one."""
        if ask := self.selected_ask:
            return ask.insn
        linked = self.selected_relo
        return (linked.relo.section, linked.relo.insn_off) if linked else None


def first_kernel(fates: Fates) -> int:
    """Return the target that is selected first: of those on which something fails the first in the order of
    the screen, else the first there."""
    return next(iter(fates.failing_targets() or fates.order), 0)


def carry_selection(selection: Selection | None, old: Analysis | None, new: Analysis) -> Selection | None:
    """Return the selection in *new* that means what *selection* meant in *old*.

    A record is found by its key, a target by its identity. Where the record is gone, another of the same
    field in the same function is taken, else the next one after it that is still there, or the last before;
    None only when *new* has nothing of the kind.
    """
    if not new.item_count:
        return None
    if selection is None or old is None:
        return Selection(0, 0)
    relo = _carry_relo(selection.relo, old, new)
    chosen = old.targets[selection.target] if selection.target < len(old.targets) else None
    target = new.targets.index(chosen) if chosen in new.targets else 0
    return Selection(relo, target)


def _carry_relo(relo: int, old: Analysis, new: Analysis) -> int:
    by_key = {new.key(number): number for number in range(new.item_count)}
    if (same := by_key.get(old.key(relo))) is not None:
        return same
    if old.ask(relo) is None:
        was = old.relos[relo]
        for linked in new.relos:
            if (linked.program, linked.path) == (was.program, was.path):
                return linked.index
    nearby = (*range(relo + 1, old.item_count), *reversed(range(relo)))
    return next(
        (by_key[key] for number in nearby if (key := old.key(number)) in by_key),
        min(relo, new.item_count - 1),
    )
