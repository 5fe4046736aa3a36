"""All rules, and one by its id."""

from __future__ import annotations

from . import demands, reads, records, rust
from .rule import Rule, rule_id

RULES = (*rust.RULES, *reads.RULES, *records.RULES, *demands.RULES)
"""Those that btfview has itself; codes of compilers are known to those alone."""
_BY_ID = {rule.id: rule for rule in RULES}
_COMPILER = Rule(
    "",
    "error",
    "a compiler's message without a code",
    "clang gives its errors no names. The message says it all; nothing of the program is checked then.",
    origin="clang",
)


def find_rule(name: str) -> Rule | None:
    """Return the rule with an id or code; of a compiler's code one that says who knows more. None where no
    finding can have it.

    >>> find_rule("never there").id, find_rule("E0609").origin, find_rule("nothing")
    ('never-there', 'rustc', None)
    """
    identity = rule_id(name)
    if identity in _BY_ID:
        return _BY_ID[identity]
    if identity == _COMPILER.id:
        return _COMPILER
    if len(name) == len("E0609") and name[0] == "E" and name[1:].isdecimal():
        text = f"The code is rustc's, and means what it means there: rustc --explain {name}."
        return Rule(name, "error", "an error of Rust", text, origin="rustc")
    if name.startswith("-W") and name[2:].replace("-", "").replace("=", "").isalnum():
        text = f"A warning of clang, which {name} turns on and -Wno-{name[2:]} off (behind --)."
        return Rule(name, "warning", "a warning of clang", text, is_lint=True, origin="clang")
    return None


def rule_of(code: str) -> Rule:
    """Return the rule of a finding's code; for one that only a compiler knows, such a one."""
    found = find_rule(code)
    if found is not None:
        return found
    return Rule(code, "warning", f"a lint of the compiler: {code}", "", is_lint=True, origin="rustc")


def similar_ids(name: str) -> tuple[str, ...]:
    """Return ids that look like *name*, the nearest first."""
    from difflib import get_close_matches

    return tuple(get_close_matches(rule_id(name), _BY_ID, n=3))
