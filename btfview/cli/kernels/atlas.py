"""``btfview atlas``: one file for thousands of kernels."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import add_scheduler_argument
from btfview.cli.color import terminal_width
from btfview.cli.fleet import add_fleet_arguments, chosen, wanted_architectures
from btfview.cli.output import STDOUT
from btfview.errors import EXIT_UNREADABLE, InputError, TargetError, UsageError
from btfview.fitted import beside, with_path
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from btfview.atlas.read import Atlas, AtlasKernel
    from btfview.atlas.write import Given
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview atlas build btfhub-archive/ubuntu -o fleet.atlas    every kernel below a folder; again: what is new
  btfview atlas build kernels/ -o fleet.atlas --arch amd64 --arch arm64 --exclude '*-rt*'
  btfview atlas add fleet.atlas /boot/vmlinuz-* running
  btfview atlas list fleet.atlas:6.1.*
  btfview atlas show fleet.atlas                what it holds, and what that takes
  btfview atlas verify fleet.atlas              makes every kernel again and compares its SHA-256
  btfview atlas extract fleet.atlas:6.1.0-56-amd64 -o 6.1.btf
  btfview check prog.bpf.o -t fleet.atlas       a target like any other; or -t fleet.atlas:PATTERN
"""
ACTIONS = ("build", "add", "list", "show", "verify", "extract")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=ACTIONS, help=", ".join(ACTIONS))
    parser.add_argument(
        "places",
        metavar="PLACE",
        nargs="+",
        help="build: folders (searched to the bottom), files, names of targets; add: the atlas, then such;"
        " else the atlas, or ATLAS:PATTERN for some of its kernels",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="", help="the atlas to build; extract: the BTF, - is stdout"
    )
    parser.add_argument("--json", action="store_true", help="list, show: print JSON")
    add_fleet_arguments(parser, by_default=False)
    add_scheduler_argument(parser)


def run(args: Namespace) -> int:
    """Do it; return 3 if something cannot be read: the rest is done all the same."""
    action, places = args.action, list(args.places)
    if args.output and action not in ("build", "extract"):
        raise UsageError(f"atlas {action} writes no file: -o is for build and extract")
    if args.json and action not in ("list", "show"):
        raise UsageError(f"atlas {action} prints no JSON: --json is for list and show")
    if args.scheduler and action not in ("build", "add"):
        raise UsageError(f"atlas {action} reads no kernels: --scheduler is for build and add")
    if (args.arch or args.exclude) and action not in ("build", "add"):
        raise UsageError(f"atlas {action} chooses no targets: --arch and --exclude are for build and add")
    if action == "build":
        if not args.output:
            raise UsageError("atlas build: name the atlas with -o FILE")
        return _add(args.output, places, args)
    if action == "add":
        if len(places) < 2:
            raise UsageError("atlas add: give the atlas, then what to add")
        if not os.path.exists(places[0]):
            raise TargetError("no such file", path=places[0], hint=f"btfview atlas build ... -o {places[0]}")
        return _add(places[0], places[1:], args)
    if len(places) > 1:
        raise UsageError(f"atlas {action} takes one atlas: ATLAS, or ATLAS:PATTERN")
    if action == "extract":
        return _extract(places[0], args.output or STDOUT)
    atlas, kernels = _opened(places[0])
    if action == "verify":
        return _verify(atlas, kernels)
    facts = [_facts(atlas, kernel) for kernel in kernels]
    if action == "list":
        return _list(atlas, facts, as_json=args.json)
    return _show(atlas, facts, as_json=args.json)


def _opened(spec: str) -> tuple[Atlas, list[AtlasKernel]]:
    """Return an atlas and its kernels that *spec* names, from old to new."""
    from btfview.targets.atlas_kernels import AtlasTarget, atlas_targets
    from btfview.targets.find import split_atlas

    place = split_atlas(spec)
    if place is None:
        raise TargetError("no atlas", path=spec, hint="btfview atlas build PLACE -o FILE makes one")
    targets = [target for target in atlas_targets(*place) if isinstance(target, AtlasTarget)]
    return targets[0].atlas, [target.kernel for target in targets]


# -- writing ---------------------------------------------------------------------------------------


def _add(path: str, places: list[str], args: Namespace) -> int:
    from btfview.atlas.write import AtlasWriter
    from btfview.btf.format.spelling import visible
    from btfview.cli.kernels.atlas_input import Progress, find_inputs, read_ahead
    from btfview.words import plural

    targets, problems = find_inputs(places, path)
    targets = chosen(targets, wanted_architectures(args.arch), args.exclude, f"--arch {' '.join(args.arch)}")
    added = there = 0
    with AtlasWriter(path) as writer:
        progress = Progress(len(targets))
        ahead = read_ahead(targets, lambda one: bool(writer.has(_given(one))), args.scheduler)
        for target in ahead if args.scheduler else targets:
            progress.begin(target.name)
            try:
                if _add_one(writer, target):
                    added += 1
                else:
                    there += 1
            except InputError as error:
                if error.path == path:  # the atlas itself: what follows would fail as well
                    progress.end()
                    raise
                problems.append(str(error))
        progress.end()
        count = len(writer.atlas.kernels)
    for problem in problems:
        print(f"btfview: error: {visible(problem)}", file=sys.stderr)
    said = [f"{plural(added, 'kernel')} added"]
    said += [f"{there} there already"] if there else []
    said += [f"{len(problems)} cannot be read"] if problems else []
    size = os.path.getsize(path)
    print(visible(f"{', '.join(said)}: {path} has {count}, in {size / 1e6:.1f} MB"))
    return EXIT_UNREADABLE if problems else 0


def _add_one(writer: Any, target: Target) -> bool:
    """Add a target; return False where it is there already."""
    given = _given(target)
    before = given.file_size, given.file_time
    if target.base is None and writer.has(given):
        return False
    try:
        btf = target.btf
        if _status(target.path) != before:
            raise TargetError("changed while it was read", path=target.path, hint="add it again")
        on_kernel = ""
        if target.base is not None:
            from hashlib import sha256

            kernel = writer.atlas.with_sha256(sha256(bytes(target.base.btf.data)).digest())
            if kernel is None:
                raise TargetError(f"its kernel {target.base.name} is not in the atlas", path=target.path)
            on_kernel = kernel.name
        return bool(writer.add(given, btf, on_kernel))
    finally:
        target.forget()


def _given(target: Target) -> Given:
    from btfview.atlas.write import Given

    return Given(target.name, os.path.abspath(target.path), *_status(target.path))


def _status(path: str) -> tuple[int, int]:
    """Return size and time of the last change; zeros of what is no file (any more), which reading tells."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


# -- reading ---------------------------------------------------------------------------------------


def _extract(spec: str, output: str) -> int:
    from btfview.cli.output import write_output
    from btfview.targets.find import open_target, split_atlas

    if output == STDOUT and sys.stdout.isatty():
        raise UsageError("this is binary, and stdout is a terminal; name a file with -o, or redirect")
    if split_atlas(spec) is None:
        raise TargetError("no atlas", path=spec, hint="give ATLAS:KERNEL")
    target = open_target(spec)
    write_output(output, target.btf.data, inputs=target.files)
    return 0


def _verify(atlas: Atlas, kernels: list[AtlasKernel]) -> int:
    """Make each kernel's bytes again; return 3 if one is not what was added."""
    from btfview.btf.format.spelling import visible
    from btfview.cli.kernels.atlas_input import Progress
    from btfview.words import plural

    problems: list[str] = []
    progress = Progress(len(kernels))
    for kernel in kernels:
        progress.begin(kernel.name)
        try:
            atlas.btf_bytes(kernel.id)
        except InputError as error:
            problems.append(str(error))
    progress.end()
    for problem in dict.fromkeys(problems):  # many kernels hold the same damaged part
        print(f"btfview: error: {visible(problem)}", file=sys.stderr)
    print(f"{plural(len(kernels) - len(problems), 'kernel')} of {len(kernels)} give back what was added")
    return EXIT_UNREADABLE if problems else 0


def _facts(atlas: Atlas, kernel: AtlasKernel) -> dict[str, Any]:
    return {
        "name": kernel.name,
        "source": kernel.source,
        "sha256": kernel.sha256.hex(),
        "size": kernel.byte_size,
        "types": kernel.type_count,
        "endian": "little" if kernel.is_little_endian else "big",
        "on": None if kernel.on_kernel is None else atlas.kernel(kernel.on_kernel).name,
        "is_whole": kernel.is_whole,
    }


def _list(atlas: Atlas, facts: list[dict[str, Any]], *, as_json: bool) -> int:
    from btfview.btf.format.spelling import visible

    if as_json:
        from btfview.cli.output import print_json

        print_json({"schema_version": 1, "atlas": atlas.path, "kernels": facts})
        return 0
    width, names = terminal_width(), max(len(fact["name"]) for fact in facts)
    for fact in facts:
        about = f"{fact['types']:>6} types  {fact['endian']}-endian"
        line = visible(f"{fact['name']:<{names}}  {about}  ")
        print(with_path(line, visible(fact["source"]), width))
    return 0


def _show(atlas: Atlas, facts: list[dict[str, Any]], *, as_json: bool) -> int:
    """Print what the atlas holds, and what its kernels share."""
    from btfview.btf.format.spelling import visible
    from btfview.words import plural

    total = sum(fact["types"] for fact in facts)
    size = os.path.getsize(atlas.path)
    whole = {
        "schema_version": 1,
        "atlas": atlas.path,
        "size": size,
        "kernels": len(facts),
        "types": total,
        "different_types": atlas.type_count - 1,
        "different_strings": atlas.string_count - 1,
        "btf_size": sum(fact["size"] for fact in facts),
        "kept_whole": sum(fact["is_whole"] and not fact["on"] for fact in facts),
    }
    if as_json:
        from btfview.cli.output import print_json

        print_json(whole)
        return 0
    kernels = sum(not fact["on"] for fact in facts)
    modules = len(facts) - kernels
    of_modules = f" and {plural(modules, 'module')}" if modules else ""
    names = f"{facts[0]['name']} ... {facts[-1]['name']}"
    each = f"{size / 1000 / kernels:.0f} kB a kernel"
    said = [
        f"{total:,} types, {whole['different_types']:,} of them different",
        f"{whole['btf_size'] / 1e6:.1f} MB of BTF in {size / 1e6:.1f} MB: {each}",
    ]
    if whole["kept_whole"]:
        said.append(f"{whole['kept_whole']} kept whole: their types cannot be told apart by what they are")
    width = terminal_width()
    print(beside("", visible(f"{atlas.path}: {plural(kernels, 'kernel')}{of_modules}, {names}"), width))
    for one in said:
        print(beside("  ", one, width))
    return 0
