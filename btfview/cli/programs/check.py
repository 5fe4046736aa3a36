"""``btfview check``: does each program load on each target? For CI and reviews."""

from __future__ import annotations

import os
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
)
from btfview.cli.configured import add_configuration_arguments, configuration_of, configured_targets
from btfview.errors import EXIT_NOT_COMPILED, EXIT_UNREADABLE, InputError, UnreadableFileError, UsageError
from btfview.frozen import TYPE_CHECKING, frozen, replace

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from btfview.analysis.findings.finding import Finding
    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis
    from btfview.checks.allowances import Allowance
    from btfview.checks.report import Accepted, CheckedFile, CheckReport, Found
    from btfview.checks.settings import CheckSettings
    from btfview.configuration.read import Configuration
    from btfview.demands.asked import Loading
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview check prog.bpf.o -t running -t vmlinux.btf    silent records are fine; a line for each finding
  btfview check src/*.rs -t kernels/ --deny warnings    a folder of kernels; warnings fail, too
  btfview check prog.rs -t 6.1.0-56-amd64 --format github    annotations in a GitHub workflow
  btfview check *.o -t kernels/ --output sarif=out.sarif --output markdown=summary.md    several in one run
  btfview check *.o -t kernels/ --baseline known.json --write-baseline    accept what there is ...
  btfview check *.o -t kernels/ --baseline known.json    ... and fail for what is new
  btfview check prog.bpf.o -t kernels/ --allow 'missing:task_struct.state@>=5.14'    not that, not there
  btfview check prog.bpf.o -t kernels/ --loader all     and which of libbpf, cilium/ebpf and aya it concerns
  btfview check prog.rs -t running --json | jq '.files[].findings[].message'
"""
FORMATS = ("text", "json", "github", "sarif", "junit", "markdown", "gitlab")
FAIL_ON = ("error", "warning", "note", "never")
_LEAST_COLUMNS = 60
COLORS = ("auto", "always", "never")


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


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    add_configuration_arguments(parser)
    add_rule_arguments(parser)
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format",
        "--output-format",
        choices=FORMATS,
        default=None,
        help="text: FILE:LINE:COLUMN: SEVERITY: ..., as editors read it (default); github: annotations;"
        " sarif: code scanning; junit: a test a kernel; markdown: a step summary; gitlab: Code Quality",
    )
    group.add_argument("--json", action="store_true", help="the same as --format json (schema_version 1)")
    group.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help="write to this file instead of stdout; with FORMAT= also in that format; repeatable",
    )
    group.add_argument("-q", "--quiet", action="store_true", help="findings alone, no count at the end")
    group.add_argument(
        "-v", "--verbose", action="store_true", help="what the baseline has, too, and allowances of no use"
    )
    group.add_argument(
        "--color", choices=COLORS, default="auto", help="of text (default: where it goes to a terminal)"
    )
    add_loading_arguments(parser, others=LOADERS)
    add_jobs_argument(parser)
    add_compile_arguments(parser)


def add_rule_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("rules (see btfview rule)")
    group.add_argument(
        "--deny",
        action="append",
        default=[],
        metavar="LINT",
        help='count this lint as an error, "warnings" for all of them; repeatable',
    )
    group.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="RULE[:RECORD][@KERNELS]",
        help="say nothing of this lint or rule (of records like task_struct.*, on kernels like <5.14 or"
        " *-rt-*); repeatable",
    )
    group.add_argument(
        "--fail-on",
        choices=FAIL_ON,
        default=None,
        metavar="SEVERITY",
        help="the least severity of a finding that makes exit code 1: error (default), warning, note, never",
    )
    group.add_argument("--exit-zero", action="store_true", help="the same as --fail-on never")
    group.add_argument(
        "--baseline",
        metavar="FILE",
        help="findings that are accepted: they fail nothing, new ones do, and fixed ones are named",
    )
    group.add_argument(
        "--write-baseline", action="store_true", help="accept all there is: write it to the --baseline"
    )
    group.add_argument(
        "--path-prefix-map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="how paths are told that an object was compiled from, as in /build/x=.; repeatable",
    )


def run(args: Namespace) -> int:
    """Print the findings; return the worst of 0 fine, 1 new findings that fail, 3 a file or target cannot be
    read (the others are checked all the same), 4 a source does not compile."""
    outputs = _outputs(args)
    configuration = configuration_of(args)
    settings = _settings(args, configuration)
    if configuration is not None and not args.baseline:
        args.baseline = configuration.get("baseline")
    if args.write_baseline and not args.baseline:
        raise UsageError("--write-baseline needs the file: --baseline FILE, or baseline in btfview.toml")
    accepted = _accepted(args)
    targets = configured_targets(args.target, configuration)
    loading = loading_of(args)
    checked = [_check(path, targets, args, loading, settings) for path in args.files]
    broken = _broken_targets(checked)
    report, unused = _report(checked, targets, broken, settings, accepted)
    if args.write_baseline:
        report = _write_baseline(args, report, accepted or (), settings)
    for form, path in outputs:
        data = _formatted(report, form, path, args, checked=checked, targets=targets, broken=broken)
        _write(path, data, args, targets)
    for problem in report.problems:
        _complain(f"btfview: error: {problem}")
    if not targets and "json" not in (form for form, _ in outputs):
        _complain("btfview: note: no target given, so only the programs themselves were checked; see -t")
    if args.verbose:
        for one in unused:
            _complain(f"btfview: note: nothing to allow: {one}")
    return report.exit_code


def _outputs(args: Namespace) -> list[tuple[str, str]]:
    """Return each format and where it goes.

    Raises:
        UsageError: there is no such format, or two go to one place.
    """
    if args.json and args.format not in (None, "json"):
        raise UsageError(f"--json is --format json, and --format {args.format} is given, too")
    form = "json" if args.json else args.format or "text"
    named, plain = [], []
    for one in args.output:
        before, equals, path = one.partition("=")
        if equals and before in FORMATS and path:
            named.append((before, path))
        elif equals and path and before.isalpha() and not os.path.exists(one):
            raise UsageError(f"--output {one}: there is no format {before}; there are {', '.join(FORMATS)}")
        else:
            plain.append((form, one))
    if len(plain) > 1:
        raise UsageError("--output: one file for one format; name the format of others, as in sarif=FILE")
    # A format that a file is named for need not go to stdout as well.
    found = [*(plain or [(form, "-")]), *named]
    paths = [os.path.realpath(path) for _, path in found if path != "-"]
    if len(set(paths)) < len(paths) or sum(path == "-" for _, path in found) > 1:
        raise UsageError("--output: two formats would go to one place")
    return found


def _settings(args: Namespace, configuration: Configuration | None) -> CheckSettings:
    """Return what the options say of findings, and where they say nothing the configuration.

    Raises:
        UsageError: a lint or rule does not exist, or makes no sense there.
    """
    from btfview.checks.settings import ALL_WARNINGS, CheckSettings

    allowed: list[str] = []
    allowances: list[Allowance] = []
    prefixes: list[tuple[str, str]] = []
    levels: dict[str, str] = {}
    if configuration is not None:
        from btfview.checks.settings import configured_allowances, configured_levels

        levels = configured_levels(configuration)
        allowances += configured_allowances(configuration)
        prefixes += list(configuration.get("path-prefix-map").items())
    if args.deny or args.allow:
        from btfview.checks.allowances import known_rule, parse_allowance
        from btfview.rules.catalogue import rule_of
        from btfview.rules.rule import rule_id

        for name in args.deny:
            if name == ALL_WARNINGS:
                continue
            if not rule_of(known_rule(name, "--deny")).is_lint:
                raise UsageError(f"--deny {name}: that is an error already")
            levels.pop(rule_id(name), None)
        for text in args.allow:
            if text == ALL_WARNINGS:
                allowed.append(text)
                continue
            one = parse_allowance(text)
            if rule_of(one.rule).is_lint and not one.record and not one.kernels:
                allowed.append(rule_of(one.rule).code)
            else:
                allowances.append(one)
    if args.path_prefix_map:
        from btfview.checks.paths import parse_prefix

        prefixes += [parse_prefix(text) for text in args.path_prefix_map]
    fail_on = configuration.get("fail-on") if configuration else "error"
    return CheckSettings(
        tuple(args.deny),
        tuple(allowed),
        tuple(levels.items()),
        tuple(allowances),
        tuple(prefixes),
        configuration.folder if configuration else os.getcwd(),
        "never" if args.exit_zero else args.fail_on or fail_on,
    )


def _accepted(args: Namespace) -> tuple[Accepted, ...] | None:
    """Return the entries of the baseline; None where none was asked for.

    Raises:
        InputError: it cannot be read, or is none.
    """
    if not args.baseline or (args.write_baseline and not os.path.exists(args.baseline)):
        return None
    from btfview.checks.baseline import read_baseline
    from btfview.inputs import MAX_TEXT, read_input

    try:
        return read_baseline(read_input(args.baseline, MAX_TEXT), args.baseline)
    except UnreadableFileError as error:
        hint = error.hint or "--write-baseline makes one"
        raise UnreadableFileError(error.problem, path=error.path, hint=hint) from error


def _check(
    path: str, targets: list[Target], args: Namespace, loading: Loading, settings: CheckSettings
) -> Checked:
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
        found = _find(analysis, args, settings, finder)
        return Checked(path, analysis, found, finder=finder)
    except InputError as error:
        return Checked(path, None, (), str(error))


def _find(
    analysis: Analysis, args: Namespace, settings: CheckSettings, finder: HintFinder
) -> tuple[Finding, ...]:
    loader = loader_of(args)
    if args.loader not in LOADERS or loader == LOADERS[0]:  # by its version: what loads
        from btfview.analysis.findings.collect import find_problems

        return find_problems(analysis, settings.denied, settings.allowed, finder)
    from btfview.analysis.findings.by_loader import find_problems_of

    return find_problems_of(analysis, loader, settings.denied, settings.allowed, finder)


def _broken_targets(checked: list[Checked]) -> dict[Target, str]:
    return {
        broken.target: broken.problem
        for one in checked
        if one.analysis
        for broken in one.analysis.broken_targets
    }


def _report(
    checked: list[Checked],
    targets: list[Target],
    broken: dict[Target, str],
    settings: CheckSettings,
    accepted: tuple[Accepted, ...] | None,
) -> tuple[CheckReport, list[str]]:
    """Return what was found, and in words the allowances that were of no use."""
    from btfview.checks.gather import checked_file
    from btfview.checks.report import CheckedFile, CheckReport

    files: list[CheckedFile] = []
    used: set[Allowance] = set()
    for one in checked:
        if one.analysis is None:
            files.append(CheckedFile(one.path, (), (), 0, problem=one.problem))
            continue
        file, of_use = checked_file(one.analysis, one.findings, settings)
        files.append(file)
        used |= of_use
    names = tuple(target.name for target in targets if target not in broken)
    problems = (*(one.problem for one in checked if one.problem), *broken.values())
    report = CheckReport(tuple(files), names, problems, fail_on=settings.fail_on)
    if accepted is not None:
        report = _with_baseline(report, accepted, settings)
    unused = [
        f"{one.rule}{one.record and f':{one.record}'}{one.kernels and f'@{one.kernels}'}"
        for one in settings.allowances
        if one not in used
    ]
    return replace(report, exit_code=_exit_code(report)), unused


def _with_baseline(
    report: CheckReport, accepted: tuple[Accepted, ...], settings: CheckSettings
) -> CheckReport:
    from btfview.checks.baseline import fixed_findings, with_known
    from btfview.checks.report import checked_name

    names = [checked_name(file.path, settings.prefixes, settings.root) for file in report.files]
    files = tuple(
        with_known(file, accepted, name, len(file.targets))
        for file, name in zip(report.files, names, strict=True)
    )
    fixed = fixed_findings(accepted, dict(zip(names, files, strict=True)), report.targets)
    return replace(report, files=files, fixed=fixed, has_baseline=True)


def _exit_code(report: CheckReport) -> int:
    code = int(any(report.fails(one.finding) for one in report.new))
    if any(not file.is_compiled for file in report.files):
        code = EXIT_NOT_COMPILED
    elif report.problems:
        code = EXIT_UNREADABLE
    return code


def _write_baseline(
    args: Namespace, report: CheckReport, accepted: tuple[Accepted, ...], settings: CheckSettings
) -> CheckReport:
    """Write the baseline, and return the report with all findings as known."""
    from btfview.checks.baseline import accept, format_baseline
    from btfview.checks.report import checked_name
    from btfview.cli.output import write_output

    files = {checked_name(file.path, settings.prefixes, settings.root): file for file in report.files}
    entries = accept(accepted, files, report.targets, settings.root)
    write_output(args.baseline, format_baseline(entries).encode(), inputs=args.files)
    report = _with_baseline(report, entries, settings)
    code = report.exit_code if report.exit_code > 1 else 0
    return replace(report, exit_code=code)


def _formatted(
    report: CheckReport,
    form: str,
    path: str,
    args: Namespace,
    *,
    checked: list[Checked],
    targets: list[Target],
    broken: dict[Target, str],
) -> str:
    if form == "json":
        from btfview.cli.output import format_json

        data = _json(report, checked, targets, broken)
        if path == "-" and sys.stdout.isatty():
            import json

            return json.dumps(data, indent=1) + "\n"
        return format_json(data) + "\n"
    if form == "text":
        from btfview.checks.formats.text import MAX_LINE, TextOptions, check_text

        width = _columns(MAX_LINE) if path == "-" and sys.stdout.isatty() else MAX_LINE
        is_colored = _is_colored(args.color, path)
        return check_text(report, TextOptions(args.quiet, args.verbose, is_colored, width))
    from btfview.checks.formats.registry import writer_of

    return writer_of(form)(report)


def _is_colored(choice: str, path: str) -> bool:
    """Tell whether text goes out in colour; NO_COLOR (no-color.org) and a dumb terminal say no."""
    if choice != "auto":
        return choice == "always"
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return path == "-" and sys.stdout.isatty() and not is_plain


def _columns(most: int) -> int:
    """Return how wide the terminal is; *most* where it does not tell."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return most
    return min(max(columns, _LEAST_COLUMNS), most) if columns else most


def _write(path: str, text: str, args: Namespace, targets: list[Target]) -> None:
    from btfview.cli.output import write_output

    if path == "-":
        print(text, end="")
        return
    inputs = [*args.files, *(file for target in targets for file in target.files)]
    inputs += [args.baseline] if args.baseline else []
    write_output(path, text.encode("utf-8", "backslashreplace"), inputs=inputs)


def _complain(line: str) -> None:
    from btfview.btf.format.spelling import visible

    print(visible(line), file=sys.stderr)


def _json(
    report: CheckReport, checked: list[Checked], targets: list[Target], broken: dict[Target, str]
) -> dict[str, Any]:
    """``files[]`` has ``file``, ``problem`` (why it cannot be read, or null), ``records``, ``findings`` and
    ``verdicts`` (:func:`btfview.views.verdicts.verdicts_json`); ``targets[].problem`` likewise. A finding
    that the baseline has is ``known``; ``fixed`` are its entries that are no more. ``exit_code`` is the
    command's."""
    from btfview.views.verdicts import verdicts_json

    return {
        "schema_version": 1,
        "exit_code": report.exit_code,
        "targets": [
            {"name": target.name, "path": target.path, "problem": broken.get(target)} for target in targets
        ],
        "files": [
            {
                "file": one.path,
                "problem": one.problem or None,
                "records": len(one.analysis.relos) if one.analysis else 0,
                "findings": [_finding_json(found, one) for found in file.found],
                "verdicts": verdicts_json(one.analysis) if one.analysis and one.analysis.verdicts else [],
            }
            for one, file in zip(checked, report.files, strict=True)
        ],
        "fixed": [
            {
                "rule": entry.rule,
                "severity": entry.severity,
                "message": entry.message,
                "file": entry.file,
                "targets": list(entry.targets),
                "fingerprint": entry.fingerprint,
            }
            for entry in report.fixed
        ],
    }


def _finding_json(found: Found, checked: Checked) -> dict[str, Any]:
    from btfview.analysis.findings.collect import finding_json

    assert checked.analysis is not None
    assert checked.finder is not None
    told = finding_json(found.finding, checked.analysis, checked.finder)
    return told | {"rule": found.rule, "fingerprint": found.fingerprint, "known": found.is_known}
