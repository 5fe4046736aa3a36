"""Names of what reaches the object: ELF symbols of functions and statics, BTF names of types."""

from __future__ import annotations

import re

from btfview.compiler.rust.report import Report
from btfview.compiler.rust.typed.definitions import Function, Static
from btfview.compiler.rust.types.kinds import EnumType, ModulePath, StructType
from btfview.diagnostics import Label
from btfview.source import Span

_BETWEEN = re.compile(r"\W+")


class SymbolNamer:
    """Gives names that are C identifiers and there once only, to the items of the file and then of blocks."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._symbols: dict[str, Span] = {}
        self._types: set[str] = set()

    def name_types(self, items: list[StructType | EnumType]) -> None:
        """Give types of one name in different modules names of their own in BTF.

        LLVM knows a relocation by the name of its root, its kind, value and path alone, so two of those
        types would share one (LLVM: BPFAbstractMemberAccess). A flavor tells them apart and means nothing to
        the loader (libbpf: ``bpf_core_essential_name_len``).
        """
        taken = self._types | {item.name for item in items}
        for item in sorted(items, key=lambda one: (len(one.module), one.span.start)):
            if item.name in self._types:
                # A second flavor would make the first a part of the name, so there it is continued.
                between = "_" if "___" in item.name.strip("_") else "___"
                name = item.name + between + _joined(item.module)
                while name in taken:
                    name += "x"
                item.btf_name = name
                taken.add(name)
                self._types.add(name)
            self._types.add(item.name)

    def name_symbols(self, items: list[Function | Static]) -> None:
        """Give every function and static its symbol: its name, with the path before it where that is taken.

        BTF wants C identifiers and the DISubprogram named as the symbol, so paths themselves cannot be used.
        Names that the source promises (``no_mangle``, ``link_section``) go first, then those nearest to the
        root.
        """
        taken = self._symbols
        for item in sorted(items, key=_rank):
            symbol = item.name
            if symbol in taken and isinstance(item, Function) and item.is_no_mangle:
                self._report.error(
                    item.span,
                    f"symbol `{symbol}` is already defined",
                    labels=(Label(taken[symbol], f"`{symbol}` is defined here, too"),),
                    hint="what has `no_mangle` or a section keeps its name, so it can be there once only",
                )
            if symbol in taken:
                before = item.module
                if isinstance(item, Function) and item.owner is not None:
                    before = (*item.owner.module, item.owner.name)
                symbol = _joined((*before, symbol))
            while symbol in taken:
                symbol += "_"
            taken[symbol] = item.span
            item.symbol = symbol


def _joined(path: ModulePath) -> str:
    """Return *path* as one C identifier; the module of a block has braces."""
    return "_".join(_BETWEEN.sub("", name) for name in path)


def _rank(item: Function | Static) -> tuple[bool, int, int]:
    is_method = isinstance(item, Function) and item.owner is not None
    is_fixed = isinstance(item, Function) and item.is_no_mangle
    return not is_fixed, len(item.module) + 2 * is_method, item.span.start
