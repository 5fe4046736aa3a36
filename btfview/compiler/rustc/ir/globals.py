"""Globals of a module as BPF has them: data by its own name, maps of old kinds as BTF maps."""

from __future__ import annotations

import re

from .converted import Wrong
from .debug_info import identifier
from .externs import declare_variable, is_external
from .maps import as_btf_map, is_legacy_map
from .module import unquoted
from .tokens import Tokens

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .part import Part

_GLOBAL = re.compile(r'(@(?:"[^"]*"|[-\w.$]+)) = (.*)$')
_GLOBAL_DEBUG = re.compile(r", !dbg (!\d+)")


def write_global(part: Part, line: str, defined: set[str]) -> str:
    """Return a global as BPF has it: programs' data by its own name, all else as it is."""
    if is_legacy_map(line):
        try:
            return as_btf_map(line, part.module.metadata, part.unit)
        except ValueError as error:
            part.wrong.append(Wrong(*_place_of(part, line), 1, str(error), None))
            return line
    name = unquoted(line.partition(" = ")[0])
    if is_external(line) and name not in defined:
        if name in part.externs:
            return declare_variable(line, part.externs[name], part.module.metadata, part.unit)
        part.missing.add(name)
    found = _GLOBAL.match(line)
    debug = _GLOBAL_DEBUG.search(line)
    if found is None or debug is None:
        return line
    expression = part.module.metadata.node(debug[1])
    variable = part.module.metadata.node(expression.get("var")) if expression is not None else None
    if variable is None or "vtable" in variable.string("name"):
        return _GLOBAL_DEBUG.sub("", line)
    symbol = unquoted(found[1])
    is_public = not re.match(r"(?:internal|private) ", found[2])
    if symbol.startswith("_R"):
        symbol = identifier(variable.string("name"))
        while symbol in part.exported or symbol in part.data_names:
            symbol = f"{symbol}_"
        part.data_names.add(symbol)
        part.renamed[unquoted(found[1])] = symbol
    variable.fields.pop("linkageName", None)
    variable.fields["name"] = f'"{symbol}"'
    rest = re.sub(
        r"^(?:(?:internal|private|unnamed_addr|local_unnamed_addr|dso_local|hidden|external) )*",
        "",
        found[2],
    )
    kind, _, value = rest.partition(" ")
    section = ""
    if is_public and kind == "constant" and "section " not in value:
        section = ', section ".rodata"'
    value, tail = _split_tail(value)
    linkage = "dso_local" if is_public or "section " in tail else "internal"
    kind = "global" if is_public else kind
    if section:
        tail = f"{section}{tail}"
    return f"{found[1]} = {linkage} {kind} {value}{tail}"


def _place_of(part: Part, line: str) -> tuple[str, int]:
    """Return the file and the line that a global is declared at."""
    metadata, debug = part.module.metadata, _GLOBAL_DEBUG.search(line)
    expression = metadata.node(debug[1]) if debug else None
    variable = metadata.node(expression.get("var")) if expression else None
    file = metadata.node(variable.get("file")) if variable else None
    return (file.string("filename") if file else "", variable.number("line") if variable else 0)


def _split_tail(value: str) -> tuple[str, str]:
    """Return a global's value, and what follows it from the first ``, section`` or ``, align`` on."""
    tokens = Tokens(value)
    parts = tokens.split(0, len(tokens.words))
    end = tokens.ends[parts[0][1] - 1]
    return value[:end], value[end:]
