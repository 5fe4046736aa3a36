"""``btfview play``: the screen doing what a script of keys says, on this terminal."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import add_compile_arguments, add_target_argument, compile_options, open_targets
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from .record import given_file, given_script, refuse_unreadable, remember_project, shown_file

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview play renamed_field            a script that comes with btfview, with what it opens
  btfview play tour.keys                one of your own; btfview record --help tells what stands in it
  btfview play tour.keys prog.o         on another file than it opens
"""


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
    add_target_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Play the script with its pauses; any key stops it."""
    from btfview.recording.playback import PlaybackStoppedError, size_to_play, terminal_for_playback
    from btfview.recording.record_screen import record_screen
    from btfview.session.demo import demo_script

    found = None if os.path.lexists(args.script) else demo_script(args.script)
    script = given_script(f"@{found or args.script}")
    given_file(args, script)
    targets = args.target or list(script.targets)
    open_targets(targets)
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
                    targets,
                    options,
                    script,
                    size=size,
                    time_limit=float("inf"),
                    prepare=lambda state: remember_project(shown, state),
                    playback=playback,
                )
                playback.show(*recording.events[-1])
        except PlaybackStoppedError:
            return 0
    return 0
