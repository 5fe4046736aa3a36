"""``btfview [FILE...]``: the screen; without a terminal, and with --plain, every pane as linear text."""

from __future__ import annotations

import os
import sys

from btfview.analysis.kernels.target_choice import EVERY
from btfview.cli.arguments import (
    LOADERS,
    add_compile_arguments,
    add_shown_loader_argument,
    add_target_argument,
    compile_options,
    open_targets,
)
from btfview.cli.configured import add_configuration_arguments, settings_of_screen
from btfview.cli.fleet import Fleet, add_fleet_arguments, choice_of, open_chosen
from btfview.errors import EXIT_UNREADABLE, BtfviewError, TargetError, UsageError
from btfview.frozen import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.analysis.result import Analysis
    from btfview.configuration.screen import ScreenSettings

EXAMPLES = """\
  btfview prog.rs                       the running kernel (if it has BTF) and the bundled ones
  btfview prog.bpf.o -t running -t 6.1.0-56-amd64
  btfview prog.bpf.o -t running --plain   every pane as linear text
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="*", help="a source (.rs, .c, .ll) or a BPF object")
    add_target_argument(parser)
    add_shown_loader_argument(parser)
    add_fleet_arguments(parser)
    add_screen_arguments(parser)
    add_compile_arguments(parser)


def add_screen_arguments(parser: ArgumentParser) -> None:
    add_configuration_arguments(parser)
    parser.add_argument(
        "--plain",
        action="store_true",
        help="print every pane as linear text, for a screen reader or a pipe; so without a terminal, too",
    )
    parser.add_argument(
        "--debug", metavar="FILE", help="write a log of what the screen does into this file, for a report"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="open the screen as if nothing had been arranged on it before"
    )


def run(args: Namespace) -> int:
    """Open the screen on the files; print every pane as text with --plain, and where stdin or stdout is no
    terminal; return the worst of 0 fine, 1 a record fails, 3 something cannot be read, 4 no compile."""
    if args.files:
        _refuse_misspelt_command(args.files[0])
    # Textual's variable: it has another place to draw than the terminal (btfview serve).
    is_terminal = (sys.stdin.isatty() and sys.stdout.isatty()) or "TEXTUAL_DRIVER" in os.environ
    is_screen = is_terminal and not args.plain
    if not is_screen and not args.files:
        why = "--plain opens no screen" if args.plain else "no terminal to open the screen on"
        raise UsageError(f"no file given, and {why}; see btfview --help")
    if is_screen:
        import gc

        gc.disable()  # as run_app does, and for thousands of targets before it
    from btfview.targets.kernels import known_targets

    settings = settings_of_screen(args)
    problems = list(settings.problems)
    args.configured_flags = list(settings.flags)
    specs = args.target or _configured_targets(settings, problems)
    choice = choice_of(args, settings.architectures, settings.project)
    is_default = not specs and (args.arch or args.exclude or settings.architectures)
    try:  # an unknown target is told before the screen takes the terminal
        fleet = open_chosen(choice, specs, known_targets() if is_default else (), is_told=not is_screen)
    except TargetError as error:
        if args.target or args.arch or args.exclude:
            raise
        problems.append(f"targets of the configuration: {error}")
        choice, specs, fleet = EVERY, [], Fleet((), ())
    if args.frontend == "auto":
        args.frontend = settings.frontend
    options = compile_options(args)
    if is_screen:
        from btfview.tui import run_app

        settings = replace(settings, problems=tuple(problems))
        if args.debug:
            from btfview.session.debug_log import open_log

            open_log(args.debug, sys.argv[1:])
        return run_app(args.files, specs, options, args.loader, settings, choice, is_fresh=args.fresh)
    if args.debug:
        raise UsageError("--debug is of the screen, and none is opened here")
    for problem in problems:
        print(f"btfview: error: {problem}; the default is taken", file=sys.stderr)
    from btfview.cli.first_build import say_first_build
    from btfview.cli.programs.relos import analyse_each

    say_first_build(args)
    analyses = analyse_each(
        args.files, fleet.targets or list(known_targets()), options, narrow=fleet.narrowed if specs else None
    )
    loader = args.loader or LOADERS[0]
    return max(EXIT_UNREADABLE if one is None else _print_plain(one, loader) for one in analyses)


def _print_plain(analysis: Analysis, loader: str) -> int:
    """Print every pane by the rules of *loader*, what cannot be read on stderr, and return the exit code that
    it deserves."""
    from btfview.cli.programs.relos import tell_trouble
    from btfview.views.plain import plain_lines

    code = tell_trouble(analysis)
    if loader != LOADERS[0] and analysis.object is not None:
        from btfview.analysis.findings.by_loader import loaded_by
        from btfview.views.loaders import load_text

        load = loaded_by(analysis, loader)
        analysis = load.analysis
        code = max(code, int(any(answer.end for answer in load.answers)))
        print(load_text(load))
    sys.stdout.writelines(f"{line}\n" for line in plain_lines(analysis))
    return max(code, int(analysis.problem_count > 0))


def _configured_targets(settings: ScreenSettings, problems: list[str]) -> list[str]:
    """Return what the targets of the configuration are called; none, and a problem more, where one of
    them is unknown."""
    try:
        open_targets(list(settings.targets))
    except BtfviewError as error:
        problems.append(f"targets of the configuration: {error}")
        return []
    return list(settings.targets)


def _refuse_misspelt_command(word: str) -> None:
    """Raise UsageError where *word* is no file, but nearly a command."""
    if os.path.lexists(word) or not word.isalpha():
        return
    from difflib import get_close_matches

    from btfview.cli.commands import COMMANDS

    near = get_close_matches(word, COMMANDS, n=1)
    if near:
        raise UsageError(
            f'no file and no command is called "{word}"; did you mean btfview {near[0]}? See btfview --help'
        )
