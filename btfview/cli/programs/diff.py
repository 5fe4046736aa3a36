"""``btfview diff``: two programs (records and instructions), or two kernels (layouts of types)."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import add_color_argument, add_target_argument
from btfview.cli.color import terminal_width
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.errors import EXIT_NOT_COMPILED, UsageError
from btfview.fitted import beside
from btfview.frozen import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection, Sequence
    from typing import Any

    from btfview.analysis.result import Analysis
    from btfview.btf.kinds import BtfKind
    from btfview.btf.reader import Btf
    from btfview.changes.layout_changes import TypeChange
    from btfview.changes.object_changes import ObjectChanges
    from btfview.changes.selection_changes import Changes
    from btfview.compiler.options import CompileOptions
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview diff old.bpf.o new.bpf.o                    records and instructions
  btfview diff prog.rs prog.rs --cpu v3 --cpu v4      one option for both, or one each
  btfview diff old.rs new.rs -t running -t 6.1.0-56-amd64    also what the records become there
  btfview diff 6.1.0-56-amd64 6.12.117+deb12-amd64 task_struct sched_entity
  btfview diff 5.10.0-46-amd64 running --for prog.bpf.o      the types that a program's records touch
  btfview diff 6.1.0-56-amd64 running 'sched_*' --json
"""
_PATTERN_KINDS = ("struct", "union", "enum")


def add_arguments(parser: ArgumentParser) -> None:
    what = "a BPF object or a source; or a kernel: a file, a bundled name, running, KERNEL+MODULE"
    parser.add_argument("old", metavar="FILE|TARGET", help=what)
    parser.add_argument("new", metavar="FILE|TARGET", help="what to compare it with, of the same sort")
    parser.add_argument(
        "types",
        metavar="TYPE",
        nargs="*",
        help="compare the layouts of these: page, 'struct page', or a pattern such as 'task_*'",
    )
    parser.add_argument(
        "--for", dest="program", metavar="FILE", help="compare the types that records of this program touch"
    )
    parser.add_argument(
        "--all", action="store_true", help="a line for each field, also where many move by the same distance"
    )
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_color_argument(parser)
    add_target_argument(parser)
    add_fleet_arguments(parser)
    from btfview.compiler.options import CPUS, DIALECTS, ENDIANS, FRONTENDS

    group = parser.add_argument_group("when FILE is a source; given twice, one for each")
    for name, words in (
        ("--cpu", CPUS),
        ("--endian", ENDIANS),
        ("--dialect", DIALECTS),
        ("--frontend", FRONTENDS),
    ):
        group.add_argument(name, action="append", default=[], choices=words, help=" | ".join(words))


def run(args: Namespace) -> int:
    """Print what differs; return 1 if anything does, 0 if nothing, 4 if a source does not compile."""
    programs = [is_program(spec) for spec in (args.old, args.new)]
    if args.types or args.program:
        if args.target:
            raise UsageError("-t is for two programs; here the two kernels to compare are the targets")
        return _diff_types(args, programs)
    if all(programs):
        return _diff_programs(args)
    if any(programs):
        program, kernel = (args.old, args.new) if programs[0] else (args.new, args.old)
        raise UsageError(
            f"{program} is a program and {kernel} a target: name a TYPE to compare that in both "
            f"(what the program becomes there: btfview relos {program} -t {kernel})"
        )
    raise UsageError("two kernels differ in thousands of types: name some, or the program, with --for FILE")


def is_program(spec: str) -> bool:
    """Tell whether *spec* is a source or a BPF object; everything else is a target."""
    from btfview.analysis.compile_file import is_bitcode_file
    from btfview.bpf.elf import ELF_MAGIC, EM_BPF
    from btfview.source import language_of

    if language_of(spec) or is_bitcode_file(spec):
        return True
    if not os.path.isfile(spec):
        return False
    try:
        with open(spec, "rb") as file:
            head = file.read(20)
    except OSError:
        return False  # told by whoever opens it
    order = "big" if head[5:6] == b"\x02" else "little"
    return head[:4] == ELF_MAGIC and int.from_bytes(head[18:20], order) == EM_BPF  # type: ignore[arg-type]


def _options(args: Namespace, index: int) -> CompileOptions:
    """Return the options of the first or second FILE."""
    from btfview.compiler.options import CompileOptions

    options = CompileOptions(flags=tuple(args.flags))
    for name in ("cpu", "endian", "dialect", "frontend"):
        given = getattr(args, name)
        if len(given) > 2:
            raise UsageError(f"--{name} is given {len(given)} times; there are two files")
        if given:
            options = replace(options, **{name: given[min(index, len(given) - 1)]})
    return options


# -- programs --------------------------------------------------------------------------------


def _diff_programs(args: Namespace) -> int:
    from btfview.analysis.analyse import analyse
    from btfview.changes.object_changes import compare_objects
    from btfview.changes.selection_changes import compare_results
    from btfview.cli.output import print_json, print_rows
    from btfview.views.changes import change_rows, summarise_changes

    from .relos import has_results, tell_trouble

    fleet = chosen_fleet(args)
    targets: Sequence[Target] = fleet.targets
    both: list[Analysis] = []
    code = 0
    for index, path in enumerate((args.old, args.new)):
        # The second is asked what the first was.
        narrow = None if index else fleet.narrowed
        analysis = analyse(path, targets, _options(args, index), skips_broken=True, narrow=narrow)
        targets = analysis.targets
        code = max(code, tell_trouble(analysis))
        if not has_results(analysis):
            return code
        both.append(analysis)
    old, new = both
    records, objects = compare_results(old, new), compare_objects(old, new)
    if args.json:
        print_json(_programs_json(old, new, records, objects))
    else:
        from btfview.btf.format.spelling import visible

        summary = summarise_changes(objects)
        title, width = f"{args.old} → {args.new}", terminal_width()
        print(beside("", visible(f"{title}: {summary}" if summary else title), width))
        print_rows(change_rows(new, records, objects), width)
    return max(code, 1 if records or objects else 0)


def _programs_json(old: Analysis, new: Analysis, records: Changes, objects: ObjectChanges) -> dict[str, Any]:
    """``records.added`` and ``removed`` are records as ``btfview relos --json`` prints them, ``changed``
    holds ``old``, ``new`` and ``was`` in words; ``sections`` and ``functions`` say what differs in bytes."""
    from btfview.changes.object_changes import object_changes_json
    from btfview.views.report import report_json

    before, after = report_json(old)["relocations"], report_json(new)["relocations"]
    old_index = {linked.key: linked.index for linked in old.relos}
    kept = {linked.key for linked in new.relos}
    return {
        "schema_version": 1,
        "old": old.path,
        "new": new.path,
        "targets": [{"name": target.name, "path": target.path} for target in new.targets],
        "records": {
            "added": [after[index] for index in sorted(records.new)],
            "removed": [before[index] for key, index in old_index.items() if key not in kept],
            "changed": [
                {"old": before[old_index[new.relos[index].key]], "new": after[index], "was": was}
                for index, was in records.changed
            ],
        },
        **object_changes_json(objects),
    }


# -- types -----------------------------------------------------------------------------------


def _diff_types(args: Namespace, programs: list[bool]) -> int:
    from btfview.changes.layout_changes import compare_type, touched_types
    from btfview.changes.status import Status

    asked: dict[str, set[str]] = {}
    if args.program:
        analysis = _analysed(args, args.program, 0)
        if analysis is None:
            return EXIT_NOT_COMPILED
        asked = touched_types(analysis)
    sides: list[Btf] = []
    for index, spec in enumerate((args.old, args.new)):
        side = _btf_of(args, spec, index, is_program=programs[index])
        if side is None:
            return EXIT_NOT_COMPILED
        sides.append(side)
    old, new = sides
    changes: list[TypeChange] = []
    for name, kinds in _wanted(args, asked, old, new):
        change = compare_type(old, new, name, kinds)
        if change is None:
            if name in asked:
                print(f"btfview: note: {_unknown(args, name, old, new)}", file=sys.stderr)
                continue
            raise UsageError(_unknown(args, name, old, new))
        changes.append(change)
    differing = [change for change in changes if change.status != Status.SAME]
    _print_types(args, changes, differing, asked)
    return int(bool(differing))


def _analysed(args: Namespace, path: str, index: int) -> Analysis | None:
    from btfview.analysis.analyse import analyse

    from .relos import has_results, tell_trouble

    analysis = analyse(path, (), _options(args, index))
    tell_trouble(analysis)
    return analysis if has_results(analysis) else None


def _btf_of(args: Namespace, spec: str, index: int, *, is_program: bool) -> Btf | None:
    """Return the BTF of a kernel, an object or a source; None where a source does not compile."""
    if not is_program:
        from btfview.targets.find import open_target

        return open_target(spec).btf
    analysis = _analysed(args, spec, index)
    if analysis is None:
        return None
    if analysis.object is None:
        raise UsageError(f"{spec} compiles to an object without BTF: it has no types")
    return analysis.object.btf


def _wanted(
    args: Namespace, asked: Collection[str], old: Btf, new: Btf
) -> dict[tuple[str, Collection[BtfKind]], None]:
    """Return the names to compare, each once, with the kinds that were asked for."""
    from btfview.btf.query import is_pattern, kinds_called, match_types, split_kind

    found: dict[tuple[str, Collection[BtfKind]], None] = {}
    for word in args.types:
        kinds, name = split_kind(word)
        if not is_pattern(name):
            found[name, kinds] = None
            continue
        kinds = kinds or kinds_called(_PATTERN_KINDS)
        names = {one for btf in (old, new) for _, one in match_types(btf, name, kinds)}
        if not names:
            raise UsageError(f'neither {args.old} nor {args.new} has a struct, union or enum "{word}"')
        found |= dict.fromkeys((one, kinds) for one in sorted(names))
    no_kinds: Collection[BtfKind] = frozenset()
    return found | dict.fromkeys((name, no_kinds) for name in asked)


def _unknown(args: Namespace, name: str, old: Btf, new: Btf) -> str:
    from btfview.btf.format.spelling import visible
    from btfview.btf.query import nearest_names

    near = list(dict.fromkeys((*nearest_names(old, name), *nearest_names(new, name))))[:3]
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return visible(f'neither {args.old} nor {args.new} has a struct, union or enum "{name}"{meant}')


def _print_types(
    args: Namespace, changes: list[TypeChange], differing: list[TypeChange], asked: dict[str, set[str]]
) -> None:
    from btfview.cli.output import print_json, print_rows

    if args.json:
        from btfview.changes.layout_changes import type_change_json

        found = [type_change_json(change, asked.get(change.name, ())) for change in changes]
        print_json({"schema_version": 1, "old": args.old, "new": args.new, "types": found})
        return
    from btfview.views.layouts.changes import layout_change_rows

    # Of a pattern's hundreds only those that differ are worth a line.
    shown, width = differing if len(changes) > 8 else changes, terminal_width()
    for change in shown:
        rows = layout_change_rows(change, asked.get(change.name), is_full=args.all, columns=width)
        print_rows(rows, width)
    print(f"{len(differing)} of {len(changes)} types differ")
