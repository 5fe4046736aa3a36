"""``btfview keys``: the keys of the screen that are in force, by the names of their actions."""

from __future__ import annotations

import sys

from btfview.cli.color import terminal_width
from btfview.cli.configured import add_configuration_arguments, settings_of_screen
from btfview.fitted import beside
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview keys                    place, name, keys and what they do; * marks what you have bound anew
  btfview keys record             those that have to do with records
  btfview keys --json
  btfview config init --user      write your own configuration, in which keys are bound anew
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", metavar="WORD", nargs="*", help="only those that have all these words")
    add_configuration_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")


def run(args: Namespace) -> int:
    """Print the table; return 0, also where the configuration says something wrong, which is told."""
    from btfview.keymap.keymap import table_rows

    settings = settings_of_screen(args)
    for problem in settings.problems:
        print(f"btfview: error: {problem}; the default is taken", file=sys.stderr)
    keymap = settings.keymap
    words = [word.lower() for word in args.words]
    rows = [row for row in table_rows(keymap) if all(word in " ".join(row).lower() for word in words)]
    if args.json:
        from btfview.cli.output import print_json

        keys = [
            {
                "place": place,
                "action": name,
                "keys": list(keymap.keys(name, place)),
                "shown": shown,
                "is_changed": name in keymap.changed,
                "doc": about,
            }
            for place, name, shown, about in rows
        ]
        print_json({"schema_version": 1, "keys": keys})
        return 0
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for place, name, shown, about in rows:
        mark = "*" if name in keymap.changed else " "
        start = f"{place:<{widths[0]}}  {name:<{widths[1]}} {mark} {shown:<{widths[2]}}  "
        print(beside(start, about, terminal_width()))
    return 0
