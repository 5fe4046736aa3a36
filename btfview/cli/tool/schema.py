"""``btfview schema``: the JSON schemas of what the commands print."""

from __future__ import annotations

import os

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview schema                     which there are
  btfview schema check               of btfview check --json
  btfview schema relos >relos.schema.json
"""
NAMES = (
    "relos", "check", "demands", "disasm", "diff", "types", "verify", "passes", "targets", "atlas",
    "minimize", "rule", "config", "baseline", "keys", "demo", "cache", "doctor",
)  # fmt: skip


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="SCHEMA", nargs="?", default="", help=" | ".join(NAMES))


def run(args: Namespace) -> int:
    """Print a schema, or the names of all.

    Raises:
        UsageError: there is none of that name.
    """
    if not args.name:
        import json

        width = max(map(len, NAMES))
        for name in NAMES:
            print(f"{name:<{width}}  {json.loads(schema_text(name))['title']}")
        return 0
    if args.name not in NAMES:
        raise UsageError(f'no schema is called "{args.name}"; there are {", ".join(NAMES)}')
    print(schema_text(args.name), end="")
    return 0


def schema_text(name: str) -> str:
    """Return the text of the schema *name*, one of NAMES."""
    from btfview import schemas

    with open(os.path.join(os.path.dirname(schemas.__file__), f"{name}.json"), encoding="utf-8") as file:
        return file.read()
