"""A checked program to the text of one LLVM module.

Locals live in stack slots, which LLVM's first passes turn into registers. Every function that holds a query
has a DISubprogram and every instruction a line, or the records would have no place (LLVM: BTFDebug.cpp).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from btfview.compiler.options import CompileOptions
from btfview.compiler.result import Query
from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function, Static
from btfview.source import Source

from .calls import CALLS
from .compare import COMPARISONS
from .control import CONTROL
from .function import FunctionLowerer, Rules
from .integers import INTEGERS
from .module import Module
from .queries import QUERIES, describe_query
from .values import VALUES

RULES: Rules = {**VALUES, **CONTROL, **COMPARISONS, **INTEGERS, **CALLS, **QUERIES}


def lower_program(
    source: Source,
    options: CompileOptions,
    producer: str,
    bodies: Mapping[Function, n.Expr],
    statics: Sequence[Static],
    queries: Sequence[tuple[Function, n.Query]],
) -> tuple[str, tuple[Query, ...]]:
    """Return the module of the functions with *bodies*, in their order, and what it says of *queries*.

    *producer* is who made it, for debug info. A query that cannot be reached has no lines.
    """
    module = Module(source, options, producer)
    functions = [
        (function, *FunctionLowerer(module, RULES, function, body).lower())
        for function, body in bodies.items()
    ]
    globals_ = [
        module.static(static)
        for static in statics
        if not static.is_external or static in module.asked_statics
    ]
    lines = [*module.head(), *globals_, *([""] if globals_ else [])]
    places: dict[tuple[Function, int], tuple[int, ...]] = {}
    for function, body_lines, found in functions:
        for number, positions in found.items():
            places[function, number] = tuple(len(lines) + position for position in positions)
        lines += [*body_lines, ""]
    text = "\n".join(lines)
    described = tuple(
        describe_query(index, function, query, module.debug, places.get((function, query.number), ()))
        for index, (function, query) in enumerate(queries)
    )
    return "\n".join([text, *module.tail(text)]), described
