"""Public functions that give more than a register holds: BPF calls them with a pointer to write it through.

LLVM refuses both a whole struct as a result and ``sret`` (BPFISelLowering.cpp), so such a function is inlined
into one of its name whose first argument is the place for the result, as those of the built-in front end.
"""

from __future__ import annotations

import re

from .module import Function
from .tokens import Tokens

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .metadata import Metadata

_IMMEDIATE = re.compile(r"i(?:1|8|16|32|64)$|ptr$")
_WHOLE = ("{", "[")
MAX_ARGUMENTS = 5


def wrapper(function: Function, name: str, metadata: Metadata) -> Function | None:
    """Return a function *name* that calls *function* and writes what it gives; None where BPF cannot call
    that either."""
    program = metadata.node(function.debug) if function.debug else None
    parameters = [_read(one) for one in function.parameters]
    is_indirect = bool(function.parameters) and "sret" in function.parameters[0]
    if program is None or not all(_IMMEDIATE.match(kind) for kind, _ in parameters):
        return None
    given = parameters[1:] if is_indirect else parameters
    if len(given) + 1 > MAX_ARGUMENTS or not (is_indirect or function.result_type.startswith(_WHOLE)):
        return None
    copied = dict(program.fields)
    for field in ("linkageName", "declaration", "retainedNodes", "templateParams"):
        copied.pop(field, None)
    copied["type"] = _signature(metadata, copied.get("type", ""))
    inside = ", ".join(f"{field}: {value}" for field, value in copied.items())
    debug = metadata.add(f"distinct !DISubprogram({inside})")
    line = program.number("line")
    place = metadata.add(f"!DILocation(line: {line}, column: 1, scope: {debug})")
    taken = ", ".join(f"{kind} {register}" for kind, register in given)
    first = "ptr %result.place" + (f", {taken}" if taken else "")
    if is_indirect:
        body = [f"  call void @{function.name}({first}), !dbg {place}"]
    else:
        kind = function.result_type
        body = [
            f"  %whole = call {kind} @{function.name}({taken}), !dbg {place}",
            f"  store {kind} %whole, ptr %result.place, align 1, !dbg {place}",
        ]
    head = f"define hidden void @{name}({first}) !dbg {debug} {{"
    return Function(head, ["start:", *body, f"  ret void, !dbg {place}"])


def _read(parameter: str) -> tuple[str, str]:
    """Return type and register of a parameter."""
    tokens = Tokens(parameter)
    return tokens.words[0], tokens.words[-1]


def _signature(metadata: Metadata, reference: str) -> str:
    """Return the type of a function that has a pointer to the result of *reference* as first parameter."""
    node = metadata.node(reference)
    types = metadata.items(node.get("types")) if node is not None else []
    result = types[0] if types else "null"
    pointer = metadata.add(f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: {result}, size: 64)")
    all_types = metadata.add(f"!{{{', '.join(['null', pointer, *types[1:]])}}}")
    return metadata.add(f"!DISubroutineType(types: {all_types})")
