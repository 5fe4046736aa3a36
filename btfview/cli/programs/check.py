"""``btfview check``: does each program load on each target? For CI and reviews."""

from __future__ import annotations

import sys

from btfview.cli.arguments import (
    LOADERS,
    add_compile_arguments,
    add_jobs_argument,
    add_loading_arguments,
    add_target_argument,
    choose_jobs,
    compile_options,
    loader_of,
    loading_of,
    open_targets,
)
from btfview.errors import EXIT_NOT_COMPILED, EXIT_UNREADABLE, InputError, UsageError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from btfview.analysis.findings.finding import Finding
    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview check prog.bpf.o -t running -t vmlinux.btf    silent records are fine; a line for each finding
  btfview check src/*.rs -t kernels/ --deny warnings    a folder of kernels; warnings fail, too
  btfview check prog.rs -t 6.1.0-56-amd64 --format github    annotations in a GitHub workflow
  btfview check prog.bpf.o -t kernels/ --loader all     and which of libbpf, cilium/ebpf and aya it concerns
  btfview check prog.rs -t running --json | jq '.files[].findings[].message'
"""
FORMATS = ("text", "github")


@frozen
class Checked:
    """One file."""

    path: str
    analysis: Analysis | None
    """None where the file cannot be read."""
    findings: tuple[Finding, ...]
    problem: str = ""
    """Why it cannot be read."""
    finder: HintFinder | None = None
    """What was searched for the findings; None where the file cannot be read."""

    @property
    def exit_code(self) -> int:
        if self.analysis is None or self.analysis.broken_targets:
            return EXIT_UNREADABLE
        if self.analysis.compilation and self.analysis.compilation.has_errors:
            return EXIT_NOT_COMPILED
        return int(any(finding.severity == "error" for finding in self.findings))


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    parser.add_argument(
        "--deny",
        action="append",
        default=[],
        metavar="LINT",
        help='count this lint as an error, "warnings" for all of them; repeatable',
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="LINT",
        help="say nothing of this lint; repeatable",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="text: FILE:LINE:COLUMN: SEVERITY: ..., as editors read it (default); github: annotations",
    )
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_loading_arguments(parser, others=LOADERS)
    add_jobs_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the findings; return the worst of 0 fine, 1 errors found, 3 a file or target cannot be read (the
    others are checked all the same), 4 a source does not compile."""
    _check_lints("--deny", args.deny)
    _check_lints("--allow", args.allow)
    targets = open_targets(args.target)
    loading = loading_of(args)
    checked = [_check(path, targets, args, loading) for path in args.files]
    broken = _broken_targets(checked)
    read = len(targets) - len(broken)
    if args.json:
        from btfview.cli.output import print_json

        print_json(_json(checked, targets, broken))
    else:
        _print(checked, read, args.format)
    for problem in [one.problem for one in checked if one.problem] + list(broken.values()):
        _complain(f"btfview: error: {problem}")
    if not targets and not args.json:
        _complain("btfview: note: no target given, so only the programs themselves were checked; see -t")
    return max(one.exit_code for one in checked)


def _check_lints(option: str, names: list[str]) -> None:
    """Raise UsageError for a name that no finding can have."""
    if not names or names == ["warnings"]:
        return
    from btfview.analysis.findings.collect import OBJECT_BTF
    from btfview.analysis.findings.mixed_layouts import MIXED_LAYOUTS
    from btfview.compiler.rust.lints.linter import LINT_NAMES
    from btfview.core_relo.reads import RULES

    known = (*LINT_NAMES, *RULES, MIXED_LAYOUTS, OBJECT_BTF)
    for name in names:
        # clang's warnings are known to clang alone.
        if name != "warnings" and name not in known and not name.startswith("-W"):
            raise UsageError(
                f"{option} {name}: no lint is called so; there are warnings (all), {', '.join(known)}"
            )


def _check(path: str, targets: list[Target], args: Namespace, loading: Loading) -> Checked:
    from btfview.analysis.analyse import analyse
    from btfview.analysis.hint_finder import HintFinder

    try:
        analysis = analyse(
            path,
            targets,
            compile_options(args),
            jobs=choose_jobs(args.jobs, targets, len(args.files)),
            skips_broken=True,
            checks_reads=True,
            loading=loading,
        )
        finder = HintFinder(analysis)
        found = _find(analysis, args, finder)
        return Checked(path, analysis, found, finder=finder)
    except InputError as error:
        return Checked(path, None, (), str(error))


def _find(analysis: Analysis, args: Namespace, finder: HintFinder) -> tuple[Finding, ...]:
    loader = loader_of(args)
    if args.loader not in LOADERS or loader == LOADERS[0]:  # by its version: what loads
        from btfview.analysis.findings.collect import find_problems

        return find_problems(analysis, args.deny, args.allow, finder)
    from btfview.analysis.findings.by_loader import find_problems_of

    return find_problems_of(analysis, loader, args.deny, args.allow, finder)


def _broken_targets(checked: list[Checked]) -> dict[Target, str]:
    return {
        broken.target: broken.problem
        for one in checked
        if one.analysis
        for broken in one.analysis.broken_targets
    }


def _complain(line: str) -> None:
    from btfview.btf.format.spelling import visible

    print(visible(line), file=sys.stderr)


def _print(checked: list[Checked], target_count: int, form: str) -> None:
    from btfview.analysis.findings.collect import finding_annotation, finding_text
    from btfview.btf.format.spelling import visible
    from btfview.words import plural

    write = finding_annotation if form == "github" else finding_text
    counts = {"error": 0, "warning": 0, "note": 0}
    for one in checked:
        for finding in one.findings:
            counts[finding.severity] += 1
            print(visible(write(finding)))
    records = sum(len(one.analysis.relos) for one in checked if one.analysis)
    found = ", ".join(plural(count, word) for word, count in counts.items() if count) or "nothing found"
    where = f" on {plural(target_count, 'target')}" if target_count else ""
    files = sum(one.analysis is not None for one in checked)
    print(f"{found}: {plural(files, 'file')}, {plural(records, 'record')}{where}")


def _json(checked: list[Checked], targets: list[Target], broken: dict[Target, str]) -> dict[str, Any]:
    """``files[]`` has ``file``, ``problem`` (why it cannot be read, or null), ``records``, ``findings`` and
    ``verdicts`` (:func:`btfview.views.verdicts.verdicts_json`); ``targets[].problem`` likewise. ``exit_code``
    is the command's."""
    from btfview.analysis.findings.collect import finding_json
    from btfview.views.verdicts import verdicts_json

    return {
        "schema_version": 1,
        "exit_code": max(one.exit_code for one in checked),
        "targets": [
            {"name": target.name, "path": target.path, "problem": broken.get(target)} for target in targets
        ],
        "files": [
            {
                "file": one.path,
                "problem": one.problem or None,
                "records": len(one.analysis.relos) if one.analysis else 0,
                "findings": [finding_json(finding, one.analysis, one.finder) for finding in one.findings]
                if one.analysis and one.finder
                else [],
                "verdicts": verdicts_json(one.analysis) if one.analysis and one.analysis.verdicts else [],
            }
            for one in checked
        ],
    }
