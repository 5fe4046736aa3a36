"""Which of many targets are asked: by architecture, by shell pattern, and by what a program is built for."""

from __future__ import annotations

import os

from btfview.errors import TargetError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

    from btfview.bpf.object import BpfObject
    from btfview.core_relo.local import LocalRelo
    from btfview.targets.target import Target


@frozen
class TargetChoice:
    """What a user says of it."""

    architectures: tuple[str, ...] = ()
    """As Debian calls them; none for every one."""
    who: str = "--arch"
    """Asks for them: the option, or a configuration's path."""
    excluded: tuple[str, ...] = ()
    """Shell patterns."""
    of_flags: tuple[str, ...] = ()
    """What clang's flags are for: no others of the targets that no one named."""
    is_by_program: bool = False
    """A program may show that targets which no one named are not for it."""

    def values(self) -> list[object]:
        """Return the choice as plain data, to be sent to another process."""
        lists = list(self.architectures), list(self.excluded), list(self.of_flags)
        return [self.who, self.is_by_program, *lists]

    @classmethod
    def of_values(cls, values: list[Any]) -> TargetChoice:
        """Return the choice that :meth:`values` made plain data of."""
        who, is_by_program, architectures, excluded, of_flags = values
        return cls(tuple(architectures), who, tuple(excluded), tuple(of_flags), is_by_program)

    def of(self, targets: Sequence[Target], unnamed: Collection[Target] = ()) -> tuple[list[Target], str]:
        """Return those of *targets* (of which no one named *unnamed*) that are chosen, and in a line
        what is left out; empty for nothing.

        Raises:
            TargetError: none is left.
        """
        wanted = self.architectures
        taken = [target for target in targets if is_of(target, wanted)] if wanted else list(targets)
        if not wanted and not self.excluded and not self.of_flags:
            return taken, ""
        from btfview.words import plural

        other = len(targets) - len(taken)
        asked = f"{self.who} asks for {', '.join(wanted)}"
        said = [f"{plural(other, 'target')} left out, as {asked}"] if other else []
        for pattern in self.excluded:
            left = [target for target in taken if not _fits(target, pattern)]
            by = f"--exclude {pattern}"
            count = len(taken) - len(left)
            said.append(f"{plural(count, 'target')} left out by {by}" if count else f"{by} fits no target")
            taken = left
        fitting = [one for one in taken if one not in unnamed or is_of(one, self.of_flags)]
        if self.of_flags and fitting and len(fitting) < len(taken):
            why = f"__TARGET_ARCH_* is of {' or '.join(self.of_flags)}"
            count = len(taken) - len(fitting)
            said.append(f"{plural(count, 'target')} left out, as {why}; --arch all asks all")
            taken = fitting
        if targets and not taken:
            raise TargetError(f"none of {plural(len(targets), 'target')} is left: {'; '.join(said)}")
        return taken, "; ".join(said)


EVERY = TargetChoice()


def for_program(
    targets: Sequence[Target],
    unnamed: Collection[Target],
    obj: BpfObject,
    local: Iterable[LocalRelo] | None = None,
) -> tuple[Sequence[Target], str]:
    """Return *targets* without those of *unnamed* that the program shows that it is not built for, and in a
    line what is left out. A program that is for none of them is asked of all: it is told what fails there.
    *local* are its records, where they are read already."""
    if not unnamed:
        return targets, ""
    from .program_arch import architectures_shown

    shown = architectures_shown(obj, local)
    if shown is None:
        return targets, ""
    taken = [one for one in targets if one not in unnamed or is_of(one, shown.architectures)]
    if not taken or len(taken) == len(targets):
        return targets, ""
    from btfview.words import plural

    why = f"built for {' or '.join(shown.architectures)} ({shown.evidence})"
    left = plural(len(targets) - len(taken), "target")
    return taken, f"{left} left out, as it is {why}; --arch all asks all"


def is_of(target: Target, architectures: tuple[str, ...]) -> bool:
    """Tell whether a target is of one of *architectures*, or tells none."""
    from .kernel_age import arch_of

    return arch_of(target.root) in ("", *architectures)


def _fits(target: Target, pattern: str) -> bool:
    """Tell whether a shell pattern fits a target, or the kernel below it: its name, its file, its path."""
    from fnmatch import fnmatchcase

    for one in (target, target.root):
        names = (one.name, os.path.basename(one.source), one.source)
        if any(fnmatchcase(name, pattern) for name in names):
            return True
    return False
