"""``btfview patch``: an object with its relocations applied, as libbpf would load it on a target."""

from __future__ import annotations

import sys

from btfview.cli.arguments import (
    add_compile_arguments,
    add_one_target_argument,
    compile_options,
    open_one_target,
)
from btfview.errors import EXIT_NOT_COMPILED
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from btfview.analysis.result import Analysis

EXAMPLES = """\
  btfview patch prog.bpf.o -t running -o patched.o
  btfview patch prog.bpf.o -t 5.10.0-46-amd64 -o prog-5.10.o    for a kernel that has no BTF of its own
  btfview patch prog.rs -t vmlinux.btf -o patched.o --cpu v4
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a BPF object, or a source (.rs, .c, .ll)")
    add_one_target_argument(parser, is_required=True)
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="file to write; - is stdout")
    parser.add_argument(
        "--force",
        action="store_true",
        help="write the object even where libbpf would refuse it; what it refuses stays as compiled",
    )
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Write the object; return 1 if a record fails on the target, 4 if the source does not compile."""
    from btfview.analysis.analyse import analyse
    from btfview.analysis.patched_object import patch_findings, patched_object
    from btfview.cli.output import write_output
    from btfview.core_relo.outcome import Missing, Resolved

    from .relos import print_diagnostics

    targets = open_one_target(args.target)
    analysis = analyse(args.file, targets, compile_options(args))
    print_diagnostics(analysis)
    if analysis.compilation and analysis.compilation.has_errors:
        return EXIT_NOT_COMPILED
    if analysis.object is None:
        print(f"btfview: {args.file} compiles to an object without BTF: nothing to patch", file=sys.stderr)
        return 1
    kernel = analysis.targets[0].btf
    if analysis.object.is_little_endian != kernel.is_little_endian:
        ours, theirs = ("little", "big") if analysis.object.is_little_endian else ("big", "little")
        print(
            f"btfview: {args.file} is {ours}-endian, {analysis.targets[0].name} {theirs}-endian: libbpf does"
            f" not load it; {args.output} not written",
            file=sys.stderr,
        )
        return 1
    findings = patch_findings(analysis, 0)
    _tell(analysis, findings.refused, "libbpf refuses the object")
    _tell(analysis, findings.poisoned, "poisoned where the program comes by; the kernel will refuse it")
    _tell(analysis, findings.dead, "poisoned in dead code, which does no harm")
    _tell(analysis, findings.off, 'in a program that is off by default (SEC("?...")), and stays as compiled')
    if findings.refused and not args.force:
        print(f"btfview: {args.output} not written; --force writes it all the same", file=sys.stderr)
        return 1
    write_output(
        args.output, patched_object(analysis.object, analysis, 0), inputs=(args.file, *targets[0].files)
    )
    count = sum(isinstance(result[0].outcome, Resolved | Missing) for result in analysis.results)
    print(
        f"{args.output}: {count} of {len(analysis.relos)} relocations applied for {analysis.targets[0].name}",
        file=sys.stderr,
    )
    return 1 if findings.refused or findings.poisoned else 0


def _tell(analysis: Analysis, indices: Iterable[int], verdict: str) -> None:
    from btfview.btf.format.spelling import visible

    for index in indices:
        linked = analysis.relos[index]
        reason = analysis.results[index][0].outcome.reason or ""
        where = f"{linked.relo.section}+{linked.relo.insn_off}"
        text = f"#{index} {linked.relo.kind_label} {linked.path} at {where}: {verdict}: {reason}"
        print(visible(text), file=sys.stderr)
