"""``btfview demo``: the screen on a demo program, the list of them, or a copy to try things on."""

from __future__ import annotations

import os

from btfview.cli.arguments import (
    add_compile_arguments,
    add_shown_loader_argument,
    add_target_argument,
)
from btfview.cli.fleet import add_fleet_arguments
from btfview.errors import UnreadableFileError, UsageError
from btfview.frozen import TYPE_CHECKING

from .screen import add_screen_arguments

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview demo                          the screen on the example of the RFC
  btfview demo memory_counters -t running
  btfview demo --list                   what there is
  btfview demo sched -o sched.rs        a copy of your own, to change (- is stdout)
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="DEMO", nargs="?", default="sched", help="which, by name (default sched)"
    )
    parser.add_argument("--list", action="store_true", help="list the demos")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.add_argument("-o", "--output", metavar="OUT", help="write the source to this file, open nothing")
    add_target_argument(parser)
    add_shown_loader_argument(parser)
    add_fleet_arguments(parser)
    add_screen_arguments(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Open the screen (without a terminal print the report), list the demos, or write one."""
    from btfview.session.demo import demo_path

    if args.json and not args.list:
        raise UsageError("--json is for --list; for the report: btfview relos FILE --json")
    if args.list:
        return _list(as_json=args.json)
    path = demo_path(args.name)
    if path is None:
        raise UsageError(_unknown(args.name))
    if args.output:
        return _copy(path, args.output)
    from . import screen

    args.files = [path]
    return screen.run(args)


def _list(*, as_json: bool) -> int:
    from btfview.session.demo import demos

    found = demos()
    if as_json:
        from btfview.cli.output import print_json

        facts = [{"name": demo.name, "path": demo.path, "summary": demo.summary} for demo in found]
        print_json({"schema_version": 1, "demos": facts})
        return 0
    width = max((len(demo.name) for demo in found), default=0)
    for demo in found:
        print(f"{demo.name:<{width}}  {demo.summary}")
    return 0


def _unknown(name: str) -> str:
    from btfview.session.demo import demos

    known = ", ".join(demo.name for demo in demos())
    return f'no demo is called "{name}"; there are {known}' if known else "this installation has no demos"


def _copy(path: str, output: str) -> int:
    """Write the demo where no file is: what somebody made of a copy is never lost."""
    from btfview.cli.output import STDOUT, write_output
    from btfview.inputs import MAX_TEXT, read_input

    if output != STDOUT and os.path.lexists(output):
        raise UnreadableFileError("is there already, and a demo overwrites nothing", path=output)
    write_output(output, read_input(path, MAX_TEXT), inputs=(path,))
    return 0
