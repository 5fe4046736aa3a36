"""``btfview targets``: the kernels at hand, and the places that are searched for them."""

from __future__ import annotations

import sys

from btfview.btf.format.spelling import visible
from btfview.cli.arguments import open_fleet
from btfview.cli.color import terminal_width
from btfview.errors import EXIT_UNREADABLE, InputError
from btfview.fitted import beside, with_path
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from btfview.targets.cache import CacheState
    from btfview.targets.kernels import Machine
    from btfview.targets.places import SearchedPlace
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview targets                       what is at hand, and where it was looked for
  btfview targets --check               the same, each file opened
  btfview targets vmlinux.btf.xz        is that one usable?
  btfview targets btfhub/ubuntu/        each file of a folder
  btfview targets --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="TARGET", nargs="*", help="targets or folders to open (default: list those at hand)"
    )
    parser.add_argument("--check", action="store_true", help="open those at hand as well")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Print a line a target; return 3 if one that was asked for cannot be read, 1 if one of those at hand."""
    from btfview.targets.kernels import THIS_MACHINE

    return run_on(THIS_MACHINE, args)


def run_on(machine: Machine, args: Namespace) -> int:
    """Do what :func:`run` does where the running kernel and the installed ones are *machine*'s."""
    if args.target:
        facts = [_opened(target) for target in open_fleet(args.target, machine)[0]]
        if args.json:
            _print_json({"targets": facts})
        else:
            _print_targets(facts)
        return EXIT_UNREADABLE if any(fact["problem"] for fact in facts) else 0
    from btfview.targets.cache import state
    from btfview.targets.places import all_places

    places, cache = all_places(machine), state()
    facts = [
        _opened(target, place.title) if args.check else _seen(target, place.title)
        for place in places
        for target in place.targets
    ]
    if args.json:
        _print_json({"targets": facts, "places": _place_facts(places), "cache": _cache_facts(cache)})
    else:
        _print_targets(facts)
        _print_places(places, cache)
    return 1 if args.check and any(fact["problem"] for fact in facts) else 0


def _seen(target: Target, place: str | None = None) -> dict[str, Any]:
    """Return what is known of a target without unpacking it."""
    from btfview.targets.places import look_at

    facts: dict[str, Any] = {
        "name": target.name,
        "path": target.path,
        "origin": target.origin,
        "badge": target.badge,
        "place": place,
        "form": None,
        "size": None,
        "types": None,
        "endian": None,
        "pointer_size": None,
        "problem": None,
    }
    try:
        facts["form"], facts["size"] = look_at(target.path)
    except InputError as error:
        facts["problem"] = error.problem
    return facts


def _opened(target: Target, place: str | None = None) -> dict[str, Any]:
    """Return the same and what is in it."""
    facts = _seen(target, place)
    if facts["problem"]:
        return facts
    try:
        btf = target.btf
    except InputError as error:
        facts["problem"] = f"{error.problem}; {error.hint}" if error.hint else error.problem
        return facts
    facts["types"] = btf.type_count - btf.start_id
    facts["endian"] = "little" if btf.is_little_endian else "big"
    facts["pointer_size"] = btf.pointer_size
    return facts


def _place_facts(places: tuple[SearchedPlace, ...]) -> list[dict[str, Any]]:
    return [
        {
            "place": place.title,
            "pattern": place.pattern,
            "found": len(place.targets),
            "reason": place.reason or None,
        }
        for place in places
    ]


def _cache_facts(cache: CacheState) -> dict[str, Any]:
    return {
        "folder": cache.folder,
        "entries": cache.entries,
        "size": cache.byte_size,
        "limit": cache.limit,
    }


def _print_json(facts: dict[str, Any]) -> None:
    import json

    json.dump({"schema_version": 1, **facts}, sys.stdout, indent=1)
    print()


def _print_targets(facts: list[dict[str, Any]]) -> None:
    names = max((len(fact["name"]) for fact in facts), default=0)
    forms = max((len(fact["form"] or "") for fact in facts), default=0)
    width = terminal_width()
    for fact in facts:
        about = f"{fact['form'] or '':<{forms}}  {fact['size'] or 0:>9} bytes"
        if fact["types"] is not None:
            about += f"  {fact['types']:>6} types  {fact['endian']}-endian"
        if fact["problem"]:
            about = f"cannot be used: {fact['problem']}"
        head = visible(f"{fact['name']:<{names}}  {fact['origin']:<7}  {fact['badge']:<7}  ")
        line = with_path(visible(f"{head}{about}  "), visible(fact["path"]), width)
        print(beside(head, line[len(head) :], width))


def _print_places(places: tuple[SearchedPlace, ...], cache: CacheState) -> None:
    print("\nSearched:")
    width, patterns = terminal_width(), max(len(place.pattern) for place in places)
    for place in places:
        found = f"{len(place.targets)} found" if place.targets else place.reason
        print(beside(visible(f"  {place.pattern:<{patterns}}  "), visible(found), width))
    print("\nA path to any other file or folder is a target as well; so is KERNEL+MODULE.")
    kept = f"{cache.entries} files, {cache.byte_size / 1e6:.1f} of {cache.limit / 1e6:.0f} MB"
    said = visible(f"Unpacked BTF is kept in {cache.folder}: {kept if cache.limit else 'turned off'}")
    print(beside("", said, width))
