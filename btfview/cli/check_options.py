"""The options of ``check`` that say what fails, what is said, how, and where it goes."""

from __future__ import annotations

import os

from btfview.cli.arguments import add_color_argument
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.checks.allowances import Allowance
    from btfview.checks.settings import CheckSettings
    from btfview.configuration.read import Configuration

FORMATS = ("text", "json", "github", "sarif", "junit", "markdown", "gitlab")
FAIL_ON = ("error", "warning", "note", "never")


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


def add_output_arguments(parser: ArgumentParser) -> None:
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
    add_color_argument(group)


def outputs_of(args: Namespace) -> list[tuple[str, str]]:
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
        if equals and before in FORMATS:
            if not path:
                raise UsageError(f"--output {one}: the file's name is missing")
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


def settings_of(args: Namespace, configuration: Configuration | None) -> CheckSettings:
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
