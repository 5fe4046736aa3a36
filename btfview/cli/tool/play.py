"""``btfview play``: the screen doing what a script of keys says, on this terminal."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import add_compile_arguments, add_target_argument, compile_options
from btfview.cli.configured import add_configuration_arguments, configuration_of
from btfview.cli.fleet import add_fleet_arguments
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from .record import chosen_for, given_file, given_script, refuse_unreadable, remember_project, shown_file

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview play renamed_field            a script that comes with btfview, with what it opens
  btfview play tour.keys                one of your own; btfview record --help tells what stands in it
  btfview play tour.keys prog.o         on another file than it opens
  btfview play tour.keys --speed 2      in half the time

Targets and flags are those of the command line, then of the script, then of the project's btfview.toml, which
a script of btfview's own does without. Your own keys and theme do not count: a script is for the defaults.
"""
_SPEEDS = (0.1, 100.0)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "script", metavar="SCRIPT", help="a file of keys, or the name of one of btfview's own"
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="a source or an object; default: a copy of what the script opens",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        metavar="X",
        help="so many times as fast as it is written (0.1 to 100)",
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    add_configuration_arguments(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Play the script with its pauses; any key stops it."""
    from btfview.recording.playback import PlaybackStoppedError, size_to_play, terminal_for_playback
    from btfview.recording.record_screen import record_screen
    from btfview.session.demo import demo_script

    found = None if os.path.lexists(args.script) else demo_script(args.script)
    script = given_script(f"@{found or args.script}")
    given_file(args, script)
    if not _SPEEDS[0] <= args.speed <= _SPEEDS[1]:  # nor not a number
        raise UsageError(f"--speed {args.speed:g}: from {_SPEEDS[0]:g} to {_SPEEDS[1]:g} times")
    choice, _ = chosen_for(args, script, configuration_of(args) if found is None else None)
    options = compile_options(args)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("a script is played on a terminal, and this is none; btfview record writes a file")
    size = size_to_play(script.size, has_captions=script.has_captions)
    with shown_file(args.file, script) as shown:
        refuse_unreadable(shown, options)
        try:
            with terminal_for_playback() as playback:
                recording = record_screen(
                    shown,
                    args.target,
                    options,
                    script.at_speed(args.speed),
                    size=size,
                    time_limit=float("inf"),
                    choice=choice.values(),
                    prepare=lambda state: remember_project(shown, state),
                    playback=playback,
                )
                playback.show(*recording.events[-1])
        except PlaybackStoppedError:
            return 0
    return 0
