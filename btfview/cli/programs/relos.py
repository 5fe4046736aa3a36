"""``btfview relos``: the records, and what becomes of them."""

from __future__ import annotations

import sys

from btfview.cli.arguments import (
    ALL_LOADERS,
    LOADERS,
    add_color_argument,
    add_compile_arguments,
    add_jobs_argument,
    add_loader_argument,
    add_message_argument,
    add_target_argument,
    choose_jobs,
    compile_options,
)
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.errors import EXIT_NOT_COMPILED, EXIT_UNREADABLE, InputError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from typing import Any

    from btfview.analysis.analyse import Narrow
    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.result import Analysis
    from btfview.compiler.options import CompileOptions
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview relos prog.bpf.o                          the records alone
  btfview relos prog.bpf.o -t running               what this kernel makes of them
  btfview relos prog.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64
  btfview relos *.bpf.o -t kernels/                 several objects, on a folder of kernels and all below it
  btfview relos prog.bpf.o -t 'kernels/6.*'         the kernels that a pattern fits
  btfview relos prog.bpf.o -t running --loader all  what libbpf, cilium/ebpf and aya make of them
  btfview relos prog.bpf.o -t vmlinux.btf --json | jq '.relocations[].results'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_loader_argument(parser)
    add_jobs_argument(parser)
    add_message_argument(parser)
    add_color_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the reports; return 1 if a record fails on a target, 3 if a target or one of several files cannot
    be read (the rest is reported), 4 if a source does not compile; of several the highest."""
    fleet = chosen_fleet(args)
    jobs, options = choose_jobs(args.jobs, fleet.targets, len(args.files)), compile_options(args)
    reports: list[dict[str, Any]] = []
    code = 0
    loading = _loading() if args.json else None
    analyses = analyse_each(
        args.files,
        fleet.targets,
        options,
        jobs=jobs,
        loading=loading,
        is_shared=not args.json and args.loader == LOADERS[0],  # JSON has the ids of types
        narrow=fleet.narrowed,
    )
    for number, analysis in enumerate(analyses):
        if analysis is None:
            code = max(code, EXIT_UNREADABLE)
        elif args.json and len(args.files) > 1:
            found = tell_trouble(analysis, args.message_format)
            if has_results(analysis):
                report, verdict = _report_json(analysis, args.loader)
                reports.append(report)
                found = max(found, verdict)
            code = max(code, found)
        else:
            if number:
                print()
            found = print_report(
                analysis, as_json=args.json, message_format=args.message_format, loader=args.loader
            )
            code = max(code, found)
    if args.json and len(args.files) > 1:
        from btfview.cli.output import print_json

        print_json({"schema_version": 1, "files": reports})
    return code


def _loading() -> Loading:
    from btfview.demands.asked import Loading

    return Loading(is_judged=False)


def analyse_each(
    paths: list[str],
    targets: list[Target],
    options: CompileOptions,
    *,
    jobs: int = 1,
    loading: Loading | None = None,
    is_shared: bool = False,
    narrow: Narrow | None = None,
) -> Iterator[Analysis | None]:
    """Yield the analysis of each file on the targets that can be read, arguments as of ``analyse``; None for
    a file that cannot, which is told on stderr.

    Raises:
        InputError: the only file cannot be read.
    """
    from btfview.analysis.analyse import analyse

    for path in paths:
        try:
            yield analyse(
                path,
                targets,
                options,
                jobs=jobs,
                skips_broken=True,
                loading=loading,
                is_shared=is_shared,
                narrow=narrow,
            )
        except InputError as error:
            if len(paths) == 1:
                raise
            _complain(str(error))
            yield None


def print_report(
    analysis: Analysis, *, as_json: bool, message_format: str = "human", loader: str = LOADERS[0]
) -> int:
    """Print *analysis* by the rules of *loader*, its diagnostics on stderr, and return the exit code that it
    deserves."""
    code = tell_trouble(analysis, message_format)
    if not has_results(analysis):
        return code
    if as_json:
        from btfview.cli.output import print_json

        if loader == LOADERS[0]:
            from btfview.views.report import report_json_in_parts

            report, verdict = report_json_in_parts(analysis), _verdict(analysis)
        else:
            report, verdict = _report_json(analysis, loader)
        print_json(report)
        return max(code, verdict)
    from btfview.views.report import report_text

    if loader == LOADERS[0]:
        print(report_text(analysis, _width()))
        return max(code, _verdict(analysis))
    from btfview.analysis.findings.by_loader import loaded_by, loaded_by_all
    from btfview.views.loaders import loaded_text, loaders_text

    if loader == ALL_LOADERS:
        loads = loaded_by_all(analysis)
        print(report_text(analysis, _width()))
        print(loaders_text(analysis, loads, _width()))
        return max(code, *map(_verdict_of, loads))
    load = loaded_by(analysis, loader)
    print(loaded_text(load.analysis, _width()))
    return max(code, _verdict_of(load))


def _width() -> int:
    """Return how wide the terminal is; 0 where the report goes elsewhere: nothing is imported for that."""
    if not sys.stdout.isatty():
        return 0
    from btfview.cli.color import terminal_width

    return terminal_width()


def _report_json(analysis: Analysis, loader: str = LOADERS[0]) -> tuple[dict[str, Any], int]:
    """Return the report, and the exit code that its results deserve."""
    from btfview.views.report import report_json

    if loader == LOADERS[0]:
        return report_json(analysis), _verdict(analysis)
    from btfview.analysis.findings.by_loader import loaded_by, loaded_by_all
    from btfview.views.loaders import loaded_json, loads_json, results_json

    if loader != ALL_LOADERS:
        load = loaded_by(analysis, loader)
        return loaded_json(load.analysis), _verdict_of(load)
    loads = loaded_by_all(analysis)
    report = {**report_json(analysis), "loads": loads_json(loads)}
    for row, relocation in enumerate(report["relocations"]):
        for column, result in enumerate(relocation["results"]):
            result["loaders"] = results_json(loads, row, column)
    return report, max(map(_verdict_of, loads))


def _verdict_of(load: LoadedBy) -> int:
    return 1 if any(answer.end for answer in load.answers) else _verdict(load.analysis)


def _verdict(analysis: Analysis) -> int:
    return 1 if analysis.problem_count else 0


def tell_trouble(analysis: Analysis, message_format: str = "human") -> int:
    """Print on stderr what is wrong with the source, and which targets cannot be read; return 4, 3 or 0."""
    print_diagnostics(analysis, message_format)
    if analysis.compilation and analysis.compilation.has_errors:
        return EXIT_NOT_COMPILED
    for broken in analysis.broken_targets:
        _complain(broken.problem)
    return EXIT_UNREADABLE if analysis.broken_targets else 0


def has_results(analysis: Analysis) -> bool:
    """Tell whether there is anything to report: the program compiles, and a target is left."""
    if analysis.compilation and analysis.compilation.has_errors:
        return False
    return bool(analysis.targets) or not analysis.broken_targets


def print_diagnostics(analysis: Analysis, message_format: str = "human") -> None:
    from btfview.cli.output import write_diagnostics, write_header_note

    if analysis.compilation:
        write_header_note(analysis.compilation.header_kernel, message_format)
    if analysis.source:
        write_diagnostics(analysis.diagnostics, analysis.source, message_format)


def _complain(problem: str) -> None:
    from btfview.btf.format.spelling import visible

    print(f"btfview: error: {visible(problem)}", file=sys.stderr)
