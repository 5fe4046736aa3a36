"""One rule of ``check``."""

from __future__ import annotations

from btfview.frozen import frozen


@frozen
class Rule:
    """Something that ``check`` can find."""

    code: str
    """As findings have it (``code`` of ``check --json``); the id but for its spaces."""
    severity: str
    """``error``, ``warning`` or ``note``: of most of its findings, where nobody chooses another."""
    summary: str
    """One line, without a full stop."""
    text: str
    """Paragraphs, an empty line between them: what it means, what is known and what not, what to do."""
    is_lint: bool = False
    """``--deny`` takes it: its findings are warnings or notes."""
    origin: str = "btfview"
    """Who finds it: ``btfview``, ``rustc`` or ``clang``."""

    @property
    def id(self) -> str:
        return rule_id(self.code)


def rule_id(code: str) -> str:
    """Return the id of the rule of a finding's code: without spaces, and never empty.

    >>> rule_id("never there"), rule_id("")
    ('never-there', 'compiler')
    """
    return code.replace(" ", "-") or "compiler"
