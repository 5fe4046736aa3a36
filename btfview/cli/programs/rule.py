"""``btfview rule``: what ``check`` can find, and what it means."""

from __future__ import annotations

from btfview.cli.color import terminal_width
from btfview.errors import UsageError
from btfview.fitted import beside, wrapped
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.rules.rule import Rule

EXAMPLES = """\
  btfview rule                    all rules, a line each
  btfview rule missing            what it means, and what to do
  btfview rule "never there"      as a finding has it
  btfview rule --json | jq '.rules[].id'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("rule", metavar="RULE", nargs="?", default="", help="an id (default: list all)")
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")


def run(args: Namespace) -> int:
    """Print one rule or all.

    Raises:
        UsageError: there is no such rule.
    """
    from btfview.rules.catalogue import RULES, find_rule, similar_ids

    chosen: tuple[Rule, ...] = RULES
    if args.rule:
        found = find_rule(args.rule)
        if found is None:
            similar = similar_ids(args.rule)
            hint = f"did you mean {' or '.join(similar)}?" if similar else "btfview rule lists all"
            raise UsageError(f'no rule is called "{args.rule}"; {hint}')
        chosen = (found,)
    if args.json:
        from btfview.cli.output import print_json

        print_json({"schema_version": 1, "rules": [_json(rule) for rule in chosen]})
    elif args.rule:
        for line in _text(chosen[0]).split("\n"):
            print("\n".join(wrapped(line, terminal_width(), "")))
    else:
        width, ids = terminal_width(), max(len(rule.id) for rule in chosen)
        for rule in chosen:
            print(beside(f"{rule.id:<{ids}}  {rule.severity:<7}  ", rule.summary, width))
    return 0


def _text(rule: Rule) -> str:
    is_own = rule.origin == "btfview"
    # A compiler's error is allowed by nobody: there is no program then.
    options = "; --allow, --deny" if rule.is_lint else "; --allow" if is_own else ""
    who = "" if is_own else f", {rule.origin}'s"
    head = f"{rule.id} ({rule.severity}{who}{options})"
    return f"{head}\n\n{rule.summary[:1].upper()}{rule.summary[1:]}.\n\n{rule.text}"


def _json(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "code": rule.code,
        "severity": rule.severity,
        "summary": rule.summary,
        "text": rule.text,
        "is_lint": rule.is_lint,
        "origin": rule.origin,
    }
