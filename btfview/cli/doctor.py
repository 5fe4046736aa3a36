"""``btfview doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import os

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview doctor                                every check, and what to do where one fails
  btfview doctor --json | jq '.checks[] | select(.status != "fine")'
"""
_SIGNS = {"fine": "✔", "limited": "!", "failed": "✖"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")


def run(args: Namespace) -> int:
    """Print the checks; return 1 if something fails that btfview cannot do without."""
    from btfview.btf.format.spelling import visible
    from btfview.workspace.health import FAILED, LIMITED, check_all, this_terminal

    from .output import print_json

    checks = check_all(this_terminal(), os.environ)
    if args.json:
        found = list(checks)
        facts = [
            {
                "name": one.name,
                "status": one.status,
                "finding": one.finding,
                "advice": one.advice or None,
            }
            for one in found
        ]
        print_json({"schema_version": 1, "checks": facts})
    else:
        found = []
        for one in checks:  # one by one: some take a moment
            found.append(one)
            print(visible(f"{_SIGNS[one.status]} {one.name:<17} {one.finding}"), flush=True)
            if one.advice:
                print(visible(f"  {'':<17} → {one.advice}"), flush=True)
        failed, limited = (sum(one.status == status for one in found) for status in (FAILED, LIMITED))
        said = f"{failed} of {len(found)} checks failed" if failed else "all that btfview needs is here"
        print(f"\n{said}{f'; {limited} with limits' if limited else ''}")
    return int(any(one.status == FAILED for one in found))
