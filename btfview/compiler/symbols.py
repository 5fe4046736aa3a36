"""ELF symbols of functions and statics."""

from __future__ import annotations

from ..diagnostics import Label
from ..source import Span
from .items import Items
from .nodes import Function, Static
from .report import Report


def name_symbols(items: Items, report: Report) -> None:
    """Give every function and static its symbol: its own name, with the path before it where that is taken.

    BTF wants C identifiers and the DISubprogram named as the symbol, so paths themselves cannot be used.
    Names that the source promises (``no_mangle``, ``link_section``) go first, then those nearest to the root.
    """
    found: list[Function | Static] = [*items.functions, *items.statics]
    taken: dict[str, Span] = {}
    for item in sorted(found, key=_rank):
        symbol = item.name
        if symbol in taken and isinstance(item, Function) and item.is_no_mangle:
            report.error(
                item.span,
                f"symbol `{symbol}` is already defined",
                labels=(Label(taken[symbol], f"`{symbol}` is defined here, too"),),
                hint="what has `no_mangle` or a section keeps its name, so it can be there once only",
            )
        if symbol in taken:
            before = item.module
            if isinstance(item, Function) and item.owner is not None:
                before = (*item.owner.module, item.owner.name)
            symbol = "_".join((*before, symbol))
        while symbol in taken:
            symbol += "_"
        taken[symbol] = item.span
        item.symbol = symbol


def _rank(item: Function | Static) -> tuple[bool, int, int]:
    is_method = isinstance(item, Function) and item.owner is not None
    is_fixed = isinstance(item, Function) and item.is_no_mangle
    return not is_fixed, len(item.module) + 2 * is_method, item.span.start
