"""Modules of rustc to modules for BPF: one of the program, and those of the crates that it uses.

* What has a section is a program, a public function of the program's own crate stays callable, and everything
  else is inlined: BPF passes five registers and returns one (LLVM: BPFISelLowering.cpp).
* A helper is called by its number, a panic ends the program (:mod:`btfview.compiler.llvm.early_return`).
* The target, its attributes and conventions are BPF's.
"""

from __future__ import annotations

from btfview.compiler.options import CompileOptions

from .converted import Converted, SourceFile
from .externs import share_externs
from .module import Module, symbols_in
from .part import Part
from .write_module import write_module

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def convert(
    texts: Sequence[str],
    find: Callable[[str], SourceFile | None],
    options: CompileOptions,
    *,
    is_library: bool,
) -> Converted:
    """Return *texts*, the module of the program and those of its crates, as modules for BPF.

    *find* gives the user's files by the name that rustc has for them. Of a library the public functions stay.

    Raises:
        IrError: a line is not as rustc writes it.
    """
    parts = [
        Part(Module(text), f"__btf_q_{index}_" if index else "__btf_q_", find, options)
        for index, text in enumerate(texts)
    ]
    for part in parts:
        part.find_questions()
    parts[0].choose_exported(is_library)
    for part in parts[1:]:
        part.choose_exported(False)
    _keep_reachable(parts)
    homes = _homes(parts)
    defined = {symbol for part in parts for symbol in part.module.functions} | {
        symbol for part in parts for symbol in part.defined_globals()
    }
    share_externs([(part.module, part.externs) for part in parts])
    modules = tuple(write_module(part, defined, is_alone=len(parts) == 1) for part in parts)
    return Converted(
        modules,
        tuple(asked for part in parts for asked in part.asked(homes)),
        tuple(exported for part in parts for exported in part.exported.values()),
        tuple(wrong for part in parts for wrong in part.wrong),
        {place: kind for part in parts for place, kind in part.locals.items()},
        {name: layout for part in parts for name, layout in part.layouts.items()},
        {symbol: place for part in reversed(parts) for symbol, place in sorted(part.missing_at().items())},
    )


def _keep_reachable(parts: Iterable[Part]) -> None:
    """Drop the functions that no program comes to: of a library like aya nearly all."""
    parts = list(parts)
    where = {symbol: part for part in parts for symbol in part.module.functions}
    pending = [symbol for part in parts for symbol in part.roots()]
    reached: set[str] = set()
    while pending:
        symbol = pending.pop()
        if symbol in reached:
            continue
        reached.add(symbol)
        part = where.get(symbol)
        if part is not None:
            pending += symbols_in(part.module.functions[symbol].body)
    for part in parts:
        functions = part.module.functions
        part.module.functions = {name: found for name, found in functions.items() if name in reached}
        part.reached = reached


def _homes(parts: Sequence[Part]) -> dict[str, tuple[str, ...]]:
    """Return the functions that stay into which each other one is inlined."""
    functions = {symbol: body for part in parts for symbol, body in part.module.functions.items()}
    exported = {symbol for part in parts for symbol in part.exported}
    inlined: dict[str, set[str]] = {}
    """What each function calls that does not stay."""
    found: dict[str, list[str]] = {}
    for root in sorted(exported):
        pending, seen = [root], {root}
        while pending:
            symbol = pending.pop()
            found.setdefault(symbol, []).append(root)
            if symbol not in inlined:
                called = symbols_in(functions[symbol].body) if symbol in functions else set()
                inlined[symbol] = (called & functions.keys()) - exported
            new = inlined[symbol] - seen
            seen |= new
            pending += new
    return {symbol: tuple(roots) for symbol, roots in found.items()}
