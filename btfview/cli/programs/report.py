"""``btfview report``: one HTML file that shows a program on every kernel, to be shared."""

from __future__ import annotations

import sys

from btfview.cli.arguments import (
    ALL_LOADERS,
    LOADERS,
    add_compile_arguments,
    add_loader_argument,
    add_target_argument,
    compile_options,
)
from btfview.cli.configured import add_configuration_arguments, add_to_options, configuration_of
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.errors import EXIT_NOT_COMPILED, EXIT_UNREADABLE, InputError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.analysis.result import Analysis

EXAMPLES = """\
  btfview report prog.bpf.o -t kernels/ -o out.html     a file to open, to mail, to keep as CI's artefact
  btfview report prog.rs -t running -t 5.10.0-46-amd64 -o out.html
  btfview report *.bpf.o -o - >out.html                 several programs; the kernels of btfview.toml
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    add_configuration_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="OUT", required=True, help="the HTML file to write (- is stdout)"
    )
    add_loader_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Write the page; return 0, also where records fail: that is what it shows; 3 if a file or target cannot
    be read (the rest is shown), 4 if a source does not compile."""
    from btfview.analysis.analyse import analyse
    from btfview.analysis.retarget import retarget
    from btfview.btf.format.spelling import visible
    from btfview.cli.output import refuse_inputs, write_output
    from btfview.html_report.page import report_page

    configuration = configuration_of(args)
    add_to_options(args, configuration)
    fleet = chosen_fleet(args, configuration)
    inputs = [*args.files, *(file for target in fleet.targets for file in target.files)]
    refuse_inputs(args.output, inputs)
    analyses: list[Analysis] = []
    problems: list[str] = []
    for path in args.files:
        try:
            analysis = analyse(path, (), compile_options(args), kernels=lambda: fleet.targets)
        except InputError as error:
            if len(args.files) == 1:
                raise
            problems.append(str(error))
            continue
        analysis, _, broken = retarget(
            analysis, fleet.narrowed(path, analysis.object), is_shared=args.loader == LOADERS[0]
        )
        problems += [one.problem for one in broken if one.problem not in problems]
        if args.loader not in (LOADERS[0], ALL_LOADERS):
            from btfview.analysis.as_loaded import as_loaded_by

            analysis = as_loaded_by(analysis, args.loader)
        analyses.append(analysis)
    page = report_page(analyses, problems, has_differences=args.loader == ALL_LOADERS)
    write_output(args.output, page.encode("utf-8", "backslashreplace"), inputs=inputs)
    for problem in problems:
        print(visible(f"btfview: error: {problem}"), file=sys.stderr)
    if any(one.compilation is not None and one.compilation.has_errors for one in analyses):
        return EXIT_NOT_COMPILED
    return EXIT_UNREADABLE if problems else 0
