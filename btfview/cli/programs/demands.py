"""``btfview demands``: what an object asks of a kernel beside its records, and whether it loads."""

from __future__ import annotations

from btfview.cli.arguments import (
    add_color_argument,
    add_compile_arguments,
    add_jobs_argument,
    add_loading_arguments,
    add_message_argument,
    add_target_argument,
    choose_jobs,
    compile_options,
    loading_of,
)
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.frozen import TYPE_CHECKING

from .relos import has_results, tell_trouble

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview demands prog.bpf.o                        what it asks for
  btfview demands prog.bpf.o -t running             what this kernel says to it, and whether it loads
  btfview demands prog.bpf.o -t vmlinux.btf --kconfig /boot/config-6.1.0-56-amd64
  btfview demands prog.bpf.o -t running+nf_conntrack --json | jq '.verdicts[].programs'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="a BPF object, or a source (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    add_loading_arguments(parser, has_others=False)
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_jobs_argument(parser)
    add_message_argument(parser)
    add_color_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the demands and the verdicts; return 1 if the object fails on a target, 3 if a target cannot be
    read, 4 if a source does not compile."""
    from btfview.analysis.analyse import analyse
    from btfview.cli.color import terminal_width
    from btfview.views.verdicts import demands_json, demands_text, verdicts_json

    fleet = chosen_fleet(args)
    analysis = analyse(
        args.file,
        fleet.targets,
        compile_options(args),
        jobs=choose_jobs(args.jobs, fleet.targets, 1),
        skips_broken=True,
        loading=loading_of(args),
        narrow=fleet.narrowed,
    )
    code = tell_trouble(analysis, args.message_format)
    if not has_results(analysis):
        return code
    if args.json:
        from btfview.cli.output import print_json

        print_json(
            {
                "schema_version": 1,
                "file": analysis.path,
                "targets": [{"name": target.name, "path": target.path} for target in analysis.targets],
                "demands": demands_json(analysis),
                "verdicts": verdicts_json(analysis),
            }
        )
    else:
        print(demands_text(analysis, terminal_width()))
    return max(code, int(any(verdict.verdict == "fails" for verdict in analysis.verdicts)))
