"""``btfview relos``: the records, and what becomes of them."""

from __future__ import annotations

from ..record import TYPE_CHECKING
from .arguments import (
    add_compile_arguments,
    add_jobs_argument,
    add_message_argument,
    add_target_argument,
    choose_jobs,
    compile_options,
    open_targets,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..workspace.analysis import Analysis

EXAMPLES = """\
  btfview relos prog.bpf.o                          the records alone
  btfview relos prog.bpf.o -t running               what this kernel makes of them
  btfview relos prog.rs -t 5.10.0-46-amd64 -t 6.1.0-56-amd64
  btfview relos prog.bpf.o -t vmlinux.btf --json | jq '.relocations[].results'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a BPF object, or a source (.rs, .c, .ll)")
    add_target_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_jobs_argument(parser)
    add_message_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the report; return 1 if a record fails on a target, 4 if the source does not compile."""
    from ..workspace.pipeline import analyse

    targets = open_targets(args.target)
    analysis = analyse(args.file, targets, compile_options(args), jobs=choose_jobs(args.jobs, targets))
    return print_report(analysis, as_json=args.json, message_format=args.message_format)


def print_report(analysis: Analysis, *, as_json: bool, message_format: str = "human") -> int:
    """Print *analysis*, its diagnostics on stderr, and return the exit code that it deserves."""
    print_diagnostics(analysis, message_format)
    if analysis.compilation and analysis.compilation.has_errors:
        return 4
    if as_json:
        from ..workspace.report import report_json
        from .output import print_json

        print_json(report_json(analysis))
    else:
        from ..workspace.report import report_text

        print(report_text(analysis))
    return 1 if analysis.problem_count else 0


def print_diagnostics(analysis: Analysis, message_format: str = "human") -> None:
    from .output import write_diagnostics

    if analysis.source:
        write_diagnostics(analysis.diagnostics, analysis.source, message_format)
