"""Kfuncs and variables of the kernel: declared in ``.ksyms`` with their types, for libbpf to find.

Which they are, and of what type, is told by statics that point to them
(:mod:`btfview.compiler.rustc.rewriting.externs`); those go.
"""

from __future__ import annotations

import re

from btfview.compiler.rustc.rewriting.externs import MARK
from btfview.frozen import frozen, replace

from .errors import IrError
from .module import Function, symbols_in

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .metadata import Metadata, Node
    from .module import Module

KSYMS = ".ksyms"
_DEBUG = re.compile(r", !dbg (!\d+)")
_SECTION = re.compile(r', section "([^"]*)"')
_NUMBER = re.compile(r"[0-9]{1,9}$")
_USED = ("@llvm.used ", "@llvm.compiler.used ")
_EXTERNAL = re.compile(r'(@(?:"[^"]*"|\S+)) = (external|extern_weak) .*?\b(?:global|constant) (.*)$')


@frozen
class Extern:
    """What an ``extern`` block declares."""

    file: str
    """Reference of its file's node."""
    line: int
    type: str
    """Reference of its type's node: ``!DISubroutineType`` of a function."""
    is_function: bool
    section: str


def is_external(line: str) -> bool:
    """Return whether a global is only declared."""
    return line.partition(" = ")[2].startswith(("external ", "extern_weak "))


def take_externs(module: Module) -> dict[str, Extern]:
    """Return what *module* says of its externs, by symbol, and take out what says it."""
    found: dict[str, Extern] = {}
    kept = []
    for line in module.globals:
        if line.startswith(_USED):
            continue  # what has a section or is public stays in any case
        variable = _variable(module.metadata, line)
        if variable is None or not variable.string("name").startswith(MARK):
            kept.append(line)
            continue
        described = _described(module.metadata, variable, line)
        if described is not None:
            for symbol in symbols_in([line.partition(" = ")[2]]):
                found[symbol] = described
    module.globals = kept
    return found


def share_externs(parts: Sequence[tuple[Module, dict[str, Extern]]]) -> None:
    """Have every module know what it declares and another one describes: of a crate's function that is
    inlined into another crate the calls stand there."""
    for module, known in parts:
        wanted = {*module.declared, *(line[1:].partition(" = ")[0] for line in module.globals)} - known.keys()
        for other, described in parts:
            copies: dict[str, str] = {}
            for symbol in wanted & described.keys() - known.keys():
                extern = described[symbol]
                known[symbol] = replace(
                    extern,
                    file=module.metadata.copied(extern.file, other.metadata, copies),
                    type=module.metadata.copied(extern.type, other.metadata, copies),
                )


def _variable(metadata: Metadata, line: str) -> Node | None:
    debug = _DEBUG.search(line)
    expression = metadata.node(debug[1]) if debug is not None else None
    return metadata.node(expression.get("var")) if expression is not None else None


def _described(metadata: Metadata, variable: Node, line: str) -> Extern | None:
    section = _SECTION.search(line)
    pointer = metadata.node(variable.get("type"))
    if pointer is not None and pointer.kind == "DICompositeType":  # Extern<T>
        members = metadata.items(pointer.get("elements"))
        member = metadata.node(members[0]) if members else None
        pointer = metadata.node(member.get("baseType")) if member is not None else None
    target = pointer.get("baseType") if pointer is not None else ""
    if not target.startswith("!"):
        return None
    node = metadata.node(target)
    number = variable.string("name").removeprefix(MARK)
    if not _NUMBER.match(number):
        raise IrError("an extern has no line", line)
    return Extern(
        variable.get("file"),
        int(number),
        target,
        node is not None and node.kind == "DISubroutineType",
        section[1] if section else KSYMS,
    )


def declare_function(function: Function, extern: Extern, metadata: Metadata, parameters: str) -> str:
    node = metadata.add(
        f'!DISubprogram(name: "{function.name}", scope: {extern.file}, file: {extern.file}, '
        f"line: {extern.line}, type: {extern.type}, flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)"
    )
    return f'declare !dbg {node} {function.result} @{function.name}({parameters}) section "{extern.section}"'


def declare_variable(line: str, extern: Extern, metadata: Metadata, unit: str) -> str:
    """Return the global *line*, which is ``external``, with its section and type."""
    found = _EXTERNAL.match(line)
    if found is None:
        return line
    name = found[1][1:].strip('"')
    variable = metadata.add(
        f'distinct !DIGlobalVariable(name: "{name}", scope: {unit}, file: {extern.file}, '
        f"line: {extern.line}, type: {extern.type}, isLocal: false, isDefinition: false)"
    )
    expression = metadata.add(f"!DIGlobalVariableExpression(var: {variable}, expr: !DIExpression())")
    value = _DEBUG.sub("", found[3])
    return f'{found[1]} = {found[2]} dso_local global {value}, section "{extern.section}", !dbg {expression}'
