"""Which of many targets a command asks: ``--arch``, ``--exclude``, and what a program is built for."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import open_fleet
from btfview.errors import TargetError, UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection, Iterable, Sequence

    from btfview.bpf.object import BpfObject
    from btfview.configuration.read import Configuration
    from btfview.core_relo.local import LocalRelo
    from btfview.targets.target import Target

ALL = "all"


def add_fleet_arguments(parser: ArgumentParser, *, by_default: bool = True) -> None:
    """Add --arch and --exclude; *by_default* says that a program decides where --arch is not given."""
    group = parser.add_argument_group("which of many targets")
    default = "; default: what the program shows that it is built for, of folders, patterns and lists"
    group.add_argument(
        "--arch",
        action="append",
        default=[],
        metavar="ARCH",
        help="only targets of this architecture (amd64, arm64 ...), and those that tell none by name or "
        f"folder; repeatable; all is every one{default if by_default else ''}",
    )
    group.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help="no targets whose name, file or path fits this shell pattern ('*-rt-*'); repeatable",
    )


class Fleet:
    """The targets of a command."""

    def __init__(self, targets: Iterable[Target], open_to_choice: Collection[Target]) -> None:
        self.targets = list(targets)
        self._open = frozenset(open_to_choice)
        """Those that no one named, and no --arch chose: a program may show that it is not for them."""
        self._asked: set[Target] = set()
        self._told: set[str] = set()

    def narrowed(
        self, path: str, obj: BpfObject | None, local: Iterable[LocalRelo] | None = None
    ) -> Sequence[Target]:
        """Return the targets that the program *path* is for, by its records, and say what is left out."""
        taken = self.targets
        shown = None
        if self._open and obj is not None:
            from btfview.analysis.program_arch import architectures_shown

            shown = architectures_shown(obj, local)
        if shown is not None:
            taken = [one for one in taken if one not in self._open or _is_of(one, shown.architectures)]
            # A program that is for none of them is told what fails there.
            if not taken:
                taken = self.targets
            left = len(self.targets) - len(taken)
            if left and path not in self._told:
                from btfview.words import plural

                self._told.add(path)
                why = f"built for {' or '.join(shown.architectures)} ({shown.evidence})"
                _note(f"{path}: {plural(left, 'target')} left out, as it is {why}; --arch all asks all")
        self._asked |= set(taken)
        return taken

    def asked(self) -> list[Target]:
        """Return the targets that were asked of any program; all where none got so far."""
        return [target for target in self.targets if target in self._asked] or self.targets


def chosen_fleet(args: Namespace, configuration: Configuration | None = None) -> Fleet:
    """Return the targets of the command line, or else of the configuration, without what --arch (or else
    the configuration's architectures, or else ``__TARGET_ARCH_*`` of clang's flags) and --exclude leave out.

    Raises:
        UsageError: an architecture is unknown.
        TargetError: a name is unknown, or all targets are left out.
    """
    specs = args.target or (list(configuration.get("targets")) if configuration else [])
    targets, unnamed = open_fleet(specs)
    wanted = wanted_architectures(args.arch)
    who = "--arch"
    if configuration and not args.arch:
        wanted, who = tuple(configuration.get("architectures")), configuration.path
    left = chosen(targets, wanted, args.exclude, who)
    if args.arch or wanted:
        return Fleet(left, ())
    if not unnamed or not args.flags:
        return Fleet(left, unnamed)
    from btfview.analysis.program_arch import architectures_of_flags

    of_flags = architectures_of_flags(args.flags)
    fitting = [one for one in left if one not in unnamed or _is_of(one, of_flags)] if of_flags else []
    if fitting and len(fitting) < len(left):
        from btfview.words import plural

        count = plural(len(left) - len(fitting), "target")
        _note(f"{count} left out, as __TARGET_ARCH_* is of {' or '.join(of_flags)}; --arch all asks all")
        left = fitting
    return Fleet(left, unnamed)


def wanted_architectures(given: list[str]) -> tuple[str, ...]:
    """Return the architectures of --arch as Debian calls them; none where it is not given, or ``all``.

    Raises:
        UsageError: one is unknown.
    """
    if not given or ALL in given:
        return ()
    from btfview.analysis.kernel_age import ARCHITECTURES

    for one in given:
        if one not in ARCHITECTURES:
            known = ", ".join(dict.fromkeys(ARCHITECTURES.values()))
            raise UsageError(f"--arch {one}: no architecture that btfview knows; there are {known}, and all")
    return tuple(dict.fromkeys(ARCHITECTURES[one] for one in given))


def chosen(
    targets: list[Target], wanted: tuple[str, ...], excluded: list[str], who: str = "--arch"
) -> list[Target]:
    """Return *targets* without those of other architectures than *wanted* (if any), which *who* asks for, and
    those that a pattern of *excluded* fits; say how many were left out.

    Raises:
        TargetError: none is left.
    """
    if not wanted and not excluded:
        return targets
    taken = [target for target in targets if _is_of(target, wanted)] if wanted else targets
    from btfview.words import plural

    other = len(targets) - len(taken)
    said = [f"{plural(other, 'target')} left out, as {who} asks for {', '.join(wanted)}"] if other else []
    for pattern in excluded:
        left = [target for target in taken if not _fits(target, pattern)]
        by = f"--exclude {pattern}"
        count = len(taken) - len(left)
        said.append(f"{plural(count, 'target')} left out by {by}" if count else f"{by} fits no target")
        taken = left
    if targets and not taken:
        raise TargetError(f"none of {plural(len(targets), 'target')} is left: {'; '.join(said)}")
    if said:
        _note("; ".join(said))
    return taken


def _is_of(target: Target, architectures: tuple[str, ...]) -> bool:
    """Tell whether a target is of one of *architectures*, or tells none."""
    from btfview.analysis.kernel_age import arch_of

    return arch_of(target.root) in ("", *architectures)


def _fits(target: Target, pattern: str) -> bool:
    """Tell whether a shell pattern fits a target, or the kernel below it: its name, its file, its path."""
    from fnmatch import fnmatchcase

    for one in (target, target.root):
        names = (one.name, os.path.basename(one.source), one.source)
        if any(fnmatchcase(name, pattern) for name in names):
            return True
    return False


def _note(text: str) -> None:
    from btfview.btf.format.spelling import visible

    print(visible(f"btfview: note: {text}"), file=sys.stderr)
