"""``btfview [FILE...]``: the screen; without a terminal the report."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import (
    LOADERS,
    add_compile_arguments,
    add_shown_loader_argument,
    add_target_argument,
    compile_options,
    open_targets,
)
from btfview.errors import EXIT_UNREADABLE, UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview prog.rs                       the running kernel (if it has BTF) and the bundled ones
  btfview prog.bpf.o -t running -t 6.1.0-56-amd64
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="*", help="a source (.rs, .c, .ll) or a BPF object")
    add_target_argument(parser)
    add_shown_loader_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Open the screen on the files; print the report instead where stdin or stdout is no terminal."""
    if args.files:
        _refuse_misspelt_command(args.files[0])
    if sys.stdin.isatty() and sys.stdout.isatty():
        from btfview.tui import run_app

        open_targets(args.target)  # an unknown target is told before the screen takes the terminal
        return run_app(args.files, args.target, compile_options(args), args.loader)
    if not args.files:
        raise UsageError("no file given, and no terminal to open the screen on; see btfview --help")
    from btfview.cli.first_build import say_first_build
    from btfview.cli.programs.relos import analyse_each, print_report
    from btfview.targets.kernels import known_targets

    say_first_build(args)
    targets = open_targets(args.target) or list(known_targets())
    analyses = analyse_each(args.files, targets, compile_options(args))
    return max(
        EXIT_UNREADABLE
        if analysis is None
        else print_report(analysis, as_json=False, loader=args.loader or LOADERS[0])
        for analysis in analyses
    )


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
