"""``btfview check``: does each program load on each target? For CI and reviews."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import (
    LOADERS,
    add_compile_arguments,
    add_jobs_argument,
    add_loading_arguments,
    add_scheduler_argument,
    add_target_argument,
    compile_options,
    loader_of,
    loading_of,
)
from btfview.cli.check_options import (
    add_output_arguments,
    add_rule_arguments,
    outputs_of,
    settings_of,
)
from btfview.cli.color import is_colored, terminal_width
from btfview.cli.configured import add_configuration_arguments, add_to_options, configuration_of
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.errors import EXIT_NOT_COMPILED, EXIT_UNREADABLE, UnreadableFileError, UsageError
from btfview.frozen import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from btfview.checks.allowances import Allowance
    from btfview.checks.find import CheckTask
    from btfview.checks.report import Accepted, CheckedFile, CheckReport, Found
    from btfview.checks.run import Checked
    from btfview.checks.settings import CheckSettings
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview check prog.bpf.o -t running -t vmlinux.btf    silent records are fine; a line for each finding
  btfview check src/*.rs -t kernels/ --deny warnings    a folder of kernels; warnings fail, too
  btfview check prog.bpf.o -t kernels/ --arch amd64 --exclude '*-rt*'    of a tree of folders, not all
  btfview check prog.rs -t 6.1.0-56-amd64 --format github    annotations in a GitHub workflow
  btfview check *.o -t kernels/ --output sarif=out.sarif --output markdown=summary.md    several in one run
  btfview check *.o -t kernels/ --baseline known.json --write-baseline    accept what there is ...
  btfview check *.o -t kernels/ --baseline known.json    ... and fail for what is new
  btfview check prog.bpf.o -t kernels/ --allow 'missing:task_struct.state@>=5.14'    not that, not there
  btfview check prog.bpf.o -t kernels/ --loader all     and which of libbpf, cilium/ebpf and aya it concerns
  btfview check prog.rs -t running --json | jq '.files[].findings[].message'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    add_configuration_arguments(parser)
    add_rule_arguments(parser)
    add_output_arguments(parser)
    add_loading_arguments(parser, has_others=True)
    add_jobs_argument(parser)
    add_scheduler_argument(parser)
    parser.add_argument(
        "--no-cache", action="store_true", help="answers of earlier runs are not taken, and these not kept"
    )
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the findings; return the worst of 0 fine, 1 new findings that fail, 3 a file or target cannot be
    read (the others are checked all the same), 4 a source does not compile."""
    from btfview.cli.output import refuse_inputs

    outputs = outputs_of(args)
    configuration = configuration_of(args)
    add_to_options(args, configuration)
    settings = settings_of(args, configuration)
    if configuration is not None and not args.baseline:
        args.baseline = configuration.get("baseline")
    if args.write_baseline and not args.baseline:
        raise UsageError("--write-baseline needs the file: --baseline FILE, or baseline in btfview.toml")
    accepted = _accepted(args)
    fleet = chosen_fleet(args, configuration)
    inputs = _inputs(args, fleet.targets)
    for _, path in outputs:
        refuse_inputs(path, inputs)
    if args.scheduler and any(target.can_share for target in fleet.targets):
        _complain(
            "btfview: note: kernels of an atlas share their answers: all are asked here, without --scheduler"
        )
    from btfview.checks.run import check_files

    task = _task(args, settings, accepted, wants_hints=any(form == "json" for form, _ in outputs))
    checked = check_files(args.files, fleet.targets, fleet.narrowed, task)
    targets = fleet.asked()
    broken = _broken_targets(checked)
    report, unused = _report(checked, targets, broken, settings, accepted)
    if args.write_baseline:
        report = _write_baseline(args, report, accepted or (), settings)
    for form, path in outputs:
        data = _formatted(report, form, path, args, checked=checked, targets=targets, broken=broken)
        _write(path, data, inputs)
    for problem in report.problems:
        _complain(f"btfview: error: {problem}")
    if not targets and "json" not in (form for form, _ in outputs):
        _complain("btfview: note: no target given, so only the programs themselves were checked; see -t")
    if args.verbose:
        for one in unused:
            _complain(f"btfview: note: nothing to allow: {one}")
    return report.exit_code


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
        hint = error.hint or (None if os.path.exists(args.baseline) else "--write-baseline makes one")
        raise UnreadableFileError(error.problem, path=error.path, hint=hint) from error


def _task(
    args: Namespace, settings: CheckSettings, accepted: tuple[Accepted, ...] | None, *, wants_hints: bool
) -> CheckTask:
    from btfview.checks.find import CheckTask
    from btfview.core_relo.loaders.names import LIBBPF

    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"--jobs {args.jobs}: at least one is needed")
    # By its version it is libbpf, which loads.
    loader = loader_of(args) if args.loader in LOADERS else LIBBPF
    return CheckTask(
        settings,
        compile_options(args),
        loading_of(args),
        loader,
        accepted,
        wants_hints,
        args.jobs,
        uses_cache=not args.no_cache,
        scheduler=args.scheduler,
    )


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

        width = (path == "-" and terminal_width(MAX_LINE)) or MAX_LINE
        has_color = is_colored(args.color, path)
        return check_text(report, TextOptions(args.quiet, args.verbose, has_color, width))
    from btfview.checks.formats.registry import writer_of

    return writer_of(form)(report)


def _inputs(args: Namespace, targets: list[Target]) -> list[str]:
    """Return the files that no output may take the place of."""
    baseline = [args.baseline] if args.baseline else []
    return [*args.files, *(file for target in targets for file in target.files), *baseline]


def _write(path: str, text: str, inputs: list[str]) -> None:
    from btfview.cli.output import write_output

    if path == "-":
        print(text, end="")
        return
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
    from btfview.checks.find import hints_key

    assert checked.analysis is not None
    told = finding_json(found.finding, checked.analysis, checked.hints[hints_key(found.finding)])
    return told | {"rule": found.rule, "fingerprint": found.fingerprint, "known": found.is_known}
