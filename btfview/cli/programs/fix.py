"""``btfview fix``: patches for what fails, compiled and resolved before they are shown."""

from __future__ import annotations

import sys

from btfview.btf.format.spelling import visible
from btfview.cli.arguments import (
    add_color_argument,
    add_compile_arguments,
    add_message_argument,
    add_target_argument,
    compile_options,
)
from btfview.cli.color import is_in_colour
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.cli.output import STDOUT, write_output
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.analysis.result import Analysis
    from btfview.fixes.mend import Mended

EXAMPLES = """\
  btfview fix prog.bpf.c -t btfs/                   a diff that mends what fails on a folder of kernels
  btfview fix prog.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64 --write
  btfview fix prog.bpf.c -t btfs/ --record 3        for one record, as btfview relos counts
  btfview fix prog.bpf.c -t btfs/ --kind guard | patch -p0
"""
_KINDS = ("successor", "bitfield", "weak", "rename", "guard")
"""Those of :mod:`btfview.fixes.patch`, which is imported where a fix is asked for."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a source (.rs, .c); of an object the code is printed")
    add_target_argument(parser)
    add_fleet_arguments(parser)
    parser.add_argument("--record", type=int, metavar="N", help="mend record N, as btfview relos counts")
    parser.add_argument(
        "--kind",
        choices=_KINDS,
        help="only fixes of a kind: the field's successor, a read by the kernel's bits, a weak symbol, "
        "another name, a guard",
    )
    parser.add_argument("--write", action="store_true", help="write the file, besides printing the diff")
    add_color_argument(parser)
    add_message_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the diff, and what it mends on stderr; return 1 if something fails with it, too, 3 if a target
    cannot be read, 4 if the source does not compile."""
    from btfview.analysis.analyse import analyse
    from btfview.analysis.retarget import retarget

    from .relos import has_results, tell_trouble

    fleet = chosen_fleet(args)
    if not fleet.targets:
        raise UsageError("a fix is for kernels on which something fails: name at least one with -t")
    options = compile_options(args)
    analysis = analyse(
        args.file, fleet.targets, options, skips_broken=True, narrow=fleet.narrowed, is_shared=True
    )
    code = tell_trouble(analysis, args.message_format)
    if not has_results(analysis) or analysis.object is None:
        return code
    analysis = retarget(analysis, analysis.targets, is_shared=True)[0]
    if args.record is not None and not 0 <= args.record < len(analysis.relos):
        raise UsageError(
            f"there is no record {args.record}; {analysis.path} has {len(analysis.relos)}, counted from 0"
        )
    if analysis.source is None:
        return max(code, _print_code(analysis, args.record))
    from btfview.fixes.difference import unified
    from btfview.fixes.mend import mend

    mended = mend(analysis, args.record, args.kind or "")
    _tell(mended, analysis)
    before = analysis.source.text
    _print_text("".join(f"{line}\n" for line in unified(args.file, before, mended.text)))
    if args.write and mended.text != before:
        from btfview.session.file_edit import refuse_read_only, replace_file

        refuse_read_only(args.file)
        replace_file(args.file, before.encode(), mended.text.encode())
        print(visible(f"btfview: written: {args.file}"), file=sys.stderr)
    fails = mended.after.fails(args.record) if _is_left(mended, args.record) else mended.after.problem_count
    return max(code, int(bool(fails)))


def _print_text(text: str) -> None:
    """Print code or a diff: as it is for a program, with what a terminal would obey made visible for one."""
    if sys.stdout.isatty() or is_in_colour():
        print("".join(char if char in "\t\n" else visible(char) for char in text), end="")
        return
    write_output(STDOUT, text.encode(), inputs=())


def _is_left(mended: Mended, record: int | None) -> bool:
    """Tell whether the one record that was asked for was left as it is."""
    return record is not None and all(step.fix is None for step in mended.steps)


def _tell(mended: Mended, analysis: Analysis) -> None:
    if not mended.steps and mended.is_whole:
        print(visible(f"btfview: {analysis.path}: nothing fails"), file=sys.stderr)
    for step in mended.steps:
        place = f" ({step.place})" if step.place else ""
        said = f"{step.fix.proposal.title}: {step.fix.fate}" if step.fix else f"no fix: {step.why}"
        print(visible(f"btfview: {step.what}{place}: {said}"), file=sys.stderr)
    if not mended.is_whole:
        print(f"btfview: stopped after {len(mended.steps)}: --write, and run it again", file=sys.stderr)


def _print_code(analysis: Analysis, record: int | None) -> int:
    """Print the code of the hints for what fails of an object, whose source is elsewhere."""
    from btfview.analysis.hint_finder import HintFinder

    finder = HintFinder(analysis)
    chosen = range(len(analysis.relos)) if record is None else (record,)
    failing = [index for index in chosen if analysis.fails(index)]
    printed: set[str] = set()
    for index in failing:
        code = ""
        for column, *_ in analysis.column_groups:
            for hint in finder.hints(index, column)[:1]:
                code = code or finder.code(index, column, hint)
        what = f"#{index} {analysis.relos[index].path}"
        if code and code not in printed:
            printed.add(code)
            _print_text(code)
        said = "its source is not here; the code on stdout reads it" if code else "no code is known for it"
        print(visible(f"btfview: {what}: {said}"), file=sys.stderr)
    if not failing:
        print(visible(f"btfview: {analysis.path}: nothing fails"), file=sys.stderr)
    return int(bool(failing))
