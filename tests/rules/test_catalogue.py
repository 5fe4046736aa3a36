"""Every code that a finding can have is a rule with a text."""

from __future__ import annotations

import pytest

from btfview.analysis.findings import collect
from btfview.analysis.findings.by_loader import ENDS
from btfview.analysis.findings.mixed_layouts import MIXED_LAYOUTS
from btfview.cli.main import main
from btfview.compiler.rust.lints.levels import LINT_NAMES
from btfview.core_relo.reads import RULES as READS
from btfview.demands import demand
from btfview.rules.catalogue import RULES, find_rule

CODES = {
    *LINT_NAMES, "unfulfilled_lint_expectations",
    *READS, MIXED_LAYOUTS, ENDS,
    collect.NEVER_THERE, collect.MALFORMED, collect.UNTOLD, collect.ANOTHER_THING, collect.OBJECT_BTF,
    *collect._CODES.values(),
    *(value for name, value in vars(demand).items() if name.isupper() and isinstance(value, str)),
}  # fmt: skip


def test_every_code_is_a_rule() -> None:
    """core_relo is the demand of records, which are told as what becomes of each."""
    assert {rule.code for rule in RULES} == CODES - {demand.CORE_RELO}
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_every_rule_says_what_it_means_and_what_to_do() -> None:
    for rule in RULES:
        assert rule.severity in ("error", "warning", "note")
        assert len(rule.summary) <= 100, rule.id
        assert not rule.summary.endswith("."), rule.id
        assert rule.text.strip() == rule.text, rule.id
        assert rule.text.rstrip(";)").endswith((".", '"GPL"')), rule.id
        assert max(map(len, rule.text.splitlines())) <= 110, rule.id


def test_a_rule_is_shown_by_its_id_and_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "never-there"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("never-there (note; --allow, --deny)\n\nA question for existence ")
    assert main(["rule", "never there"]) == 0
    assert capsys.readouterr().out == shown


def test_codes_of_compilers_say_who_knows_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "E0609"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("E0609 (error, rustc's)\n")  # --allow refuses it, too
    assert "rustc --explain E0609" in shown
    assert main(["rule", "-Wunused"]) == 2  # an option to argparse
    capsys.readouterr()
    found = find_rule("-Wunused-variable")
    assert found is not None
    assert "-Wno-unused-variable" in found.text


def test_an_unknown_rule_is_an_error_with_the_near_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "mising"]) == 2
    assert capsys.readouterr().err == 'btfview: error: no rule is called "mising"; did you mean missing?\n'


def test_all_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in RULES]
