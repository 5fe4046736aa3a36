"""``btfview targets``: the kernels at hand."""

from __future__ import annotations

import sys

from ..errors import InputError
from ..record import TYPE_CHECKING
from .arguments import open_targets

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from ..targets.target import Target

EXAMPLES = """\
  btfview targets                       what is at hand
  btfview targets vmlinux.btf.xz        is that one usable?
  btfview targets --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="TARGET", nargs="*", help="targets to look at (default: those at hand)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Print a line a target; return 3 if one of them cannot be read."""
    from ..targets.find import SYSFS, known_targets

    targets = open_targets(args.target) if args.target else list(known_targets())
    facts = [_facts(target) for target in targets]
    if args.json:
        import json

        json.dump({"schema_version": 1, "targets": facts}, sys.stdout, indent=1)
        print()
    else:
        width = max((len(fact["name"]) for fact in facts), default=0)
        for fact in facts:
            about = fact["problem"] or f"{fact['types']:>7} types  {fact['endian']}-endian"
            badge = f"  {fact['badge']}" if fact["badge"] else ""
            print(f"{fact['name']:<{width}}  {fact['origin']:<8}{badge:<9} {about}  {fact['path']}")
        if not args.target and not any(fact["origin"] == "running" for fact in facts):
            print(f"(the running kernel shows no BTF in {SYSFS})")
    return 3 if any(fact["problem"] for fact in facts) else 0


def _facts(target: Target) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": target.name,
        "path": target.path,
        "origin": target.origin,
        "badge": target.badge,
        "types": None,
        "endian": None,
        "pointer_size": None,
        "problem": None,
    }
    try:
        btf = target.btf
    except InputError as error:
        facts["problem"] = error.problem
        return facts
    facts["types"] = btf.type_count - 1
    facts["endian"] = "little" if btf.is_little_endian else "big"
    facts["pointer_size"] = btf.pointer_size
    return facts
