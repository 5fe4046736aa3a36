"""``btfview cache``: what is kept from one run to the next."""

from __future__ import annotations

from btfview.cli.color import terminal_width
from btfview.errors import UsageError
from btfview.fitted import beside
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

EXAMPLES = """\
  btfview cache                      what is kept, how much of it, and where
  btfview cache list --json | jq '.parts[].size'
  btfview cache path                 the folder alone
  btfview cache clear                remove it all; nothing is lost but time
"""
ACTIONS = ("list", "path", "clear")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, default="list", help="list (default), path, clear"
    )
    parser.add_argument("--json", action="store_true", help="list: print JSON (schema_version 1)")


def run(args: Namespace) -> int:
    """Do it.

    Raises:
        UsageError: --json with another action than list; or ``BTFVIEW_CACHE`` is not a number.
    """
    from btfview.btf.format.spelling import visible
    from btfview.targets.cache import folder

    if args.json and args.action != "list":
        raise UsageError(f"cache {args.action} prints no JSON: --json is for list")
    if args.action == "path":
        print(visible(folder()))
        return 0
    if args.action == "clear":
        from btfview.analysis.by_kernel.kept import remove_results, results_path
        from btfview.targets.cache import clear

        freed = clear() + remove_results(results_path())
        print(visible(f"{freed / 1e6:.1f} MB removed from {folder()}"))
        return 0
    parts = _parts()
    if args.json:
        from btfview.cli.output import print_json

        print_json({"schema_version": 1, "folder": folder(), "parts": parts})
        return 0
    print(visible(folder()))
    for part in parts:
        size = (
            f"{part['size'] / 1e6:.1f} MB of {part['limit'] / 1e6:.0f} MB" if part["limit"] else "turned off"
        )
        start = f"  {part['name']:<8} {part['entries']:>7}  "
        print(beside(start, f"{size}: {part['what']}", terminal_width()))
    return 0


def _parts() -> list[dict[str, Any]]:
    from btfview.analysis.by_kernel.kept import results_state
    from btfview.targets.cache import state

    kernels, answers = state(), results_state()
    return [
        {
            "name": "kernels",
            "what": "BTF that took long to unpack",
            "path": kernels.folder,
            "entries": kernels.entries,
            "size": kernels.byte_size,
            "limit": kernels.limit,
        },
        {
            "name": "answers",
            "what": "what kernels said to objects that were checked",
            "path": answers.path,
            "entries": answers.answers,
            "size": answers.byte_size,
            "limit": answers.limit,
        },
    ]
