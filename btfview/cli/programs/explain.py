"""``btfview explain``: why a record has the value it has, and what to do where it has none."""

from __future__ import annotations

from btfview.btf.format.spelling import visible
from btfview.cli.arguments import (
    ALL_LOADERS,
    LOADERS,
    add_color_argument,
    add_compile_arguments,
    add_loader_argument,
    add_target_argument,
    compile_options,
)
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.errors import EXIT_UNREADABLE, UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.result import Analysis

EXAMPLES = """\
  btfview explain prog.bpf.o --relo 3 -t running
  btfview explain prog.rs --path task_struct.se.vruntime -t 5.10.0-46-amd64 -t 6.1.0-56-amd64
  btfview explain prog.bpf.o -t running             every record that fails; several FILEs may be given
  btfview explain prog.bpf.o --insn on_exec:37 --bytes -t running
  btfview explain prog.bpf.o --loader all -t running    records on which loaders differ, a paragraph each
  bpftool prog load prog.bpf.o /sys/fs/bpf/p 2>&1 | btfview explain prog.bpf.o --log - -t running
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--relo", type=int, metavar="N", help="record number N, as btfview relos counts")
    which.add_argument("--path", metavar="PATH", help="records of this path, such as task_struct.se.vruntime")
    which.add_argument("--insn", metavar="PROG:N", help="the record at instruction N of a program")
    which.add_argument("--log", metavar="FILE", help="a log of libbpf or the verifier; - is stdin")
    add_loader_argument(parser)
    parser.add_argument("--bytes", action="store_true", help="show the record's 16 bytes in .BTF.ext, too")
    add_color_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the explanations; return 1 if an explained record fails on a target, 3 if a target or one of
    several files cannot be read (the rest is explained), 4 if a source does not compile."""
    from .relos import analyse_each

    if len(args.files) > 1 and (args.relo is not None or args.insn is not None or args.log):
        raise UsageError("--relo, --insn and --log are for one FILE; given are " + ", ".join(args.files))
    fleet = chosen_fleet(args)
    analyses = analyse_each(args.files, fleet.targets, compile_options(args), narrow=fleet.narrowed)
    return max(EXIT_UNREADABLE if analysis is None else _explain(analysis, args) for analysis in analyses)


def _explain(analysis: Analysis, args: Namespace) -> int:
    from .relos import has_results, tell_trouble

    code = tell_trouble(analysis)
    if not has_results(analysis):
        return code
    if args.log:
        return max(code, _explain_log(analysis, args.log))
    loads: tuple[LoadedBy, ...] = ()
    if args.loader != LOADERS[0]:
        from btfview.analysis.findings.by_loader import loaded_by, loaded_by_all
        from btfview.views.loaders import load_text

        if args.loader == ALL_LOADERS:
            loads = loaded_by_all(analysis)
        else:
            load = loaded_by(analysis, args.loader)
            analysis = load.analysis
            print(load_text(load), end="\n\n")
    chosen = _choose(analysis, args, loads)
    for index in chosen:
        _print(analysis, index, with_bytes=args.bytes, loads=loads)
    if not chosen:
        targets = ", ".join(target.name for target in analysis.targets) or "no target"
        print(visible(f"{analysis.path}: no record fails ({targets}); choose one with --relo or --path"))
    of_loads = max((_code(load.analysis, chosen) for load in loads), default=0)
    return max(code, of_loads, _code(analysis, chosen))


def _choose(analysis: Analysis, args: Namespace, loads: tuple[LoadedBy, ...]) -> list[int]:
    count = len(analysis.relos)
    if args.relo is not None:
        if not 0 <= args.relo < count:
            raise UsageError(f"there is no record {args.relo}; {analysis.path} has {count}, counted from 0")
        return [args.relo]
    if args.path is not None:
        found = [linked.index for linked in analysis.relos if linked.path == args.path]
        if not found:
            paths = dict.fromkeys(linked.path for linked in analysis.relos)
            raise UsageError(f"no record has the path {args.path}; there are {', '.join(paths) or 'none'}")
        return found
    if args.insn is not None:
        return [_at_insn(analysis, args.insn)]
    return [index for index in range(count) if analysis.fails(index) or _differs(analysis, loads, index)]


def _differs(analysis: Analysis, loads: tuple[LoadedBy, ...], index: int) -> bool:
    """Tell whether loaders differ on a record, on any target."""
    if not loads:
        return False
    from btfview.analysis.findings.by_loader import differing_loaders

    return any(differing_loaders(loads, index, column) for column in range(len(analysis.targets)))


def _at_insn(analysis: Analysis, text: str) -> int:
    from btfview.loader_log.match import relo_at_insn

    program, _, number = text.rpartition(":")
    if not number.isdigit():
        raise UsageError(
            f'--insn {text}: write it as PROG:N, such as "{analysis.relos[0].program}:7"'
            if analysis.relos
            else f"--insn {text}: {analysis.path} has no records"
        )
    linked = relo_at_insn(analysis, program, int(number))
    if linked is None:
        raise UsageError(
            f"instruction {number} of {program or 'any program'} has no record, or more than one has"
        )
    return linked.index


def _code(analysis: Analysis, chosen: list[int]) -> int:
    return int(any(analysis.fails(index) for index in chosen))


def _print(
    analysis: Analysis, index: int, *, with_bytes: bool = False, loads: tuple[LoadedBy, ...] = ()
) -> None:
    from btfview.views.cell import record_byte_rows
    from btfview.views.detail import detail_rows, detail_title

    for column in range(len(analysis.targets) or 1):
        print(visible(detail_title(analysis, index, column)))
        for row in detail_rows(analysis, index, column, with_code=True):
            print(visible(f"    {row.text}"))
        for row in record_byte_rows(analysis, index) if with_bytes else ():
            print(visible(f"    {row.text}"))
        if loads and analysis.targets:
            from btfview.views.loaders import loader_rows

            for row in loader_rows(loads, index, column):
                print(visible(f"    {row.text}"))
        print()


def _explain_log(analysis: Analysis, path: str) -> int:
    from btfview.inputs import MAX_LOG, STDIN, read_input, read_stdin
    from btfview.loader_log.match import read_loader_log
    from btfview.views.log_complaints import finding_sentences

    data = read_stdin(MAX_LOG) if path == STDIN else read_input(path, MAX_LOG)
    findings = read_loader_log(data.decode("utf-8", "replace"), analysis)
    for finding in findings:
        print(visible(f"log line {finding.complaint.line}: {finding.complaint.text}"))
        for sentence in finding_sentences(finding, analysis):
            print(visible(f"    {sentence}"))
        if len(finding.relos) == 1:
            _print(analysis, finding.relos[0])
        else:
            print()
    if not findings:
        print("the log names no CO-RE relocation that failed, and nothing else that btfview knows")
    return int(bool(findings))
