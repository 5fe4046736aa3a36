"""Which of many targets a command asks: ``--arch``, ``--exclude``, and what a program is built for."""

from __future__ import annotations

import sys

from btfview.analysis.kernels.target_choice import TargetChoice, for_program
from btfview.cli.arguments import open_fleet
from btfview.errors import UsageError
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
        taken: Sequence[Target] = self.targets
        if self._open and obj is not None:
            taken, said = for_program(self.targets, self._open, obj, local)
            if said and path not in self._told:
                self._told.add(path)
                _note(f"{path}: {said}")
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
    architectures = tuple(configuration.get("architectures")) if configuration else ()
    return open_chosen(choice_of(args, architectures, configuration.path if configuration else ""), specs)


def choice_of(args: Namespace, configured: tuple[str, ...] = (), configuration: str = "") -> TargetChoice:
    """Return what the command line says, and where it says no architecture, the *configuration* of that path.

    Raises:
        UsageError: an architecture is unknown.
    """
    wanted, who = wanted_architectures(args.arch), "--arch"
    if configured and not args.arch:
        wanted, who = configured, configuration
    is_open = not args.arch and not wanted
    of_flags: tuple[str, ...] = ()
    flags = [*args.configured_flags, *args.flags]
    if is_open and flags:
        from btfview.analysis.kernels.program_arch import architectures_of_flags

        of_flags = architectures_of_flags(flags)
    return TargetChoice(wanted, who, tuple(args.exclude), of_flags, is_open)


def open_chosen(
    choice: TargetChoice, specs: list[str], default: Iterable[Target] = (), *, is_told: bool = True
) -> Fleet:
    """Return the targets that *specs* name, else *default*, without what *choice* leaves out; that is said
    unless it is told elsewhere.

    Raises:
        TargetError: a name is unknown, or all targets are left out.
    """
    targets, unnamed = open_fleet(specs)
    taken, said = choice.of(targets or list(default), unnamed)
    if said and is_told:
        _note(said)
    return Fleet(taken, unnamed if choice.is_by_program else ())


def wanted_architectures(given: list[str]) -> tuple[str, ...]:
    """Return the architectures of --arch as Debian calls them; none where it is not given, or ``all``.

    Raises:
        UsageError: one is unknown.
    """
    if not given or ALL in given:
        return ()
    from btfview.analysis.kernels.kernel_age import ARCHITECTURES

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
    taken, said = TargetChoice(wanted, who, tuple(excluded)).of(targets)
    if said:
        _note(said)
    return taken


def _note(text: str) -> None:
    from btfview.btf.format.spelling import visible

    print(visible(f"btfview: note: {text}"), file=sys.stderr)
