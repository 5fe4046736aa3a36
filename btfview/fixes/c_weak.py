"""A function or variable of the kernel that may be missing: weak, and asked for before it is used."""

from __future__ import annotations

import re

from btfview.demands.demand import KCONFIG, KFUNC, KSYM
from btfview.frozen import TYPE_CHECKING

from .c_guard import guarded_statement, is_whole_value
from .c_places import statement_around
from .patch import WEAK, Edit, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.source_text.c_outline import CItem

    from .c_places import CPlace

_SECTION = re.compile(r"__ksym\b|__kconfig\b|__attribute__\s*\(\(\s*section\s*\([^)]*\)\s*\)\)")


def c_weak(place: CPlace) -> Iterator[Proposal]:
    """Yield the source with the symbol declared weak and each use of it behind a check: where that is a value
    that, then the statement, then the whole function."""
    ask = place.trouble.ask
    if ask is None or ask.kind not in (KFUNC, KSYM, KCONFIG):
        return
    name = ask.subject.partition(" ")[0]
    declared = next((item for item in place.outline.items if _declares(place, item, name)), None)
    if declared is None:
        return
    head = place.code[declared.start : declared.end]
    section = _SECTION.search(head)
    at = declared.start + (section.start() if section else len(head) - 1)
    weak = (
        [] if re.search(r"\b__weak\b|\bweak\b", head) else [Edit(at, at, "__weak " if section else " __weak")]
    )
    if ask.kind == KCONFIG:
        yield Proposal(
            WEAK, f"declare {name} weak: it is 0 where the kernel lacks it", place.with_edits(weak)
        )
        return
    title = f"declare {name} weak, and ask before it is used"
    uses = [
        found
        for found in re.finditer(rf"&?\b{re.escape(name)}\b", place.code)
        if not declared.start <= found.start() < declared.end
    ]
    if uses:
        guards = {edit.start: edit for use in uses for edit in (_guard(place, use),)}
        yield Proposal(WEAK, title, place.with_edits([*weak, *guards.values()]))
        statements = [_statement(place, use) for use in uses]
        whole = {edit.start: edit for edit in statements if edit is not None}
        if None not in statements:
            yield Proposal(WEAK, title, place.with_edits([*weak, *whole.values()]))


def _declares(place: CPlace, item: CItem, name: str) -> bool:
    text = place.code[item.start : item.end]
    return text.startswith("extern") and bool(re.search(rf"\b{re.escape(name)}\b\s*[(;\[_]", text))


def _guard(place: CPlace, use: re.Match[str]) -> Edit:
    """Guard the statement where it is nothing but the call, else the call or the address as a value."""
    end = use.end()
    opening = re.match(r"\s*\(", place.code[end:])
    if opening and not use[0].startswith("&"):
        end = place.closing(end + opening.end() - 1) or end
    statement = statement_around(place, use.start())
    if (
        statement is not None
        and statement[0] == use.start()
        and place.code[end : statement[1]].strip() == ";"
    ):
        return guarded_statement(place, use.start(), use[0])
    text = f"{use[0]} ? {place.text[use.start() : end]} : 0"
    is_whole = statement is not None and is_whole_value(place, statement, use.start(), end)
    return Edit(use.start(), end, text if is_whole else f"({text})")


def _statement(place: CPlace, use: re.Match[str]) -> Edit | None:
    """Guard the statement that a use stands in."""
    found = statement_around(place, use.start())
    return guarded_statement(place, found[0], use[0]) if found is not None else None
