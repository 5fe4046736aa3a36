"""The difference that a fix makes, as a unified diff."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def unified(path: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a diff that ``patch -p0`` takes, without their ends; none where nothing differs."""
    from difflib import unified_diff

    old, new = before.split("\n"), after.split("\n")
    tails = old.pop(), new.pop()
    for lines, tail in zip((old, new), tails, strict=True):
        if tail:
            lines.append(f"{tail}\n\\ No newline at end of file")
    yield from unified_diff(old, new, path, path, lineterm="")
