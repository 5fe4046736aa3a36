"""``btfview verify``: the running kernel's own verdict on each program."""

from __future__ import annotations

from btfview.cli.arguments import add_color_argument, add_compile_arguments, compile_options
from btfview.errors import InputError, UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.analysis.result import Analysis
    from btfview.verifier.load import Verification

EXAMPLES = """\
  sudo btfview verify prog.bpf.o                  loads each program, attaches none, leaves nothing
  sudo btfview verify prog.rs --program handle_exec
  sudo btfview verify prog.bpf.o --json | jq '.programs[] | select(.verdict == "fails") | .reason'
  sudo btfview verify prog.bpf.o --log > verifier.log    the verifier's own words
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="a BPF object, or a source (.rs, .c, .ll), to be compiled"
    )
    parser.add_argument("--program", action="append", metavar="NAME", help="only this program; repeatable")
    parser.add_argument(
        "--time-limit", type=float, default=60.0, metavar="SECONDS", help="for all programs (default: 60)"
    )
    parser.add_argument("--log", action="store_true", help="print the verifier's logs as they are")
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_color_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the verdicts; return 1 if a program is refused, 3 if the kernel gave no answer for one (no
    permission,
    no libbpf, the time was over), 4 if a source does not compile."""
    from btfview.analysis.analyse import analyse
    from btfview.targets.kernels import THIS_MACHINE

    from .relos import has_results, tell_trouble

    if not args.time_limit > 0:
        raise UsageError(f"--time-limit {args.time_limit:g}: give a number of seconds above 0")
    target = THIS_MACHINE.running_kernel()
    analysis = analyse(args.file, [target] if target else [], compile_options(args), skips_broken=True)
    code = tell_trouble(analysis)
    if not has_results(analysis) or analysis.object is None:
        return code
    verification = _verify(analysis, args)
    _print(analysis, verification, args)
    if verification.has_refusals:
        return 1
    return 0 if verification.is_known else InputError.exit_code


def _verify(analysis: Analysis, args: Namespace) -> Verification:
    from btfview.verifier.load import verify_programs

    assert analysis.object is not None
    verification = verify_programs(
        analysis.object.elf.data, programs=args.program, time_limit=args.time_limit
    )
    known = {verdict.program for verdict in verification.programs}
    unknown = [name for name in args.program or () if name not in known]
    if unknown and verification.unfinished is None and verification.refused is None:
        raise UsageError(f"{args.file} has no program {', '.join(unknown)}")
    return verification


def _print(analysis: Analysis, verification: Verification, args: Namespace) -> None:
    import os

    from btfview.analysis.prediction import predict_programs
    from btfview.btf.format.spelling import visible
    from btfview.cli.output import print_json, print_rows
    from btfview.views.verification import verification_json, verification_rows
    from btfview.words import plural

    kernel = os.uname().release
    assert analysis.object is not None
    predicted = {} if args.log else predict_programs(analysis.object, verification.libbpf)
    if args.json:
        print_json(verification_json(verification, analysis, kernel, predicted))
    elif args.log:
        for verdict in verification.programs:
            print(visible(f"-- {verdict.program} --"))
            for line in verdict.log_text.splitlines():
                print(visible(line.replace("\t", "    ")))
    else:
        count = plural(len(verification.programs), "program")
        print(visible(f"{analysis.path}: {count} on {kernel}, loaded by libbpf {verification.libbpf}"))
        print_rows(verification_rows(verification, analysis, predicted))
