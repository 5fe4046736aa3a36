"""Types as C spells them: ``struct load_weight``, ``const char *``, ``u32[4]``."""

from __future__ import annotations

from ..record import TYPE_CHECKING
from . import types as t
from .kinds import BtfKind

if TYPE_CHECKING:
    from .reader import Btf

_MAX_DEPTH = 32
_KEYWORD = {BtfKind.STRUCT: "struct", BtfKind.UNION: "union", BtfKind.ENUM: "enum", BtfKind.ENUM64: "enum"}
_QUALIFIER = {BtfKind.CONST: "const", BtfKind.VOLATILE: "volatile", BtfKind.RESTRICT: "restrict"}


def format_type(btf: Btf, type_id: int) -> str:
    """Return type *type_id* in C, abstract: ``char[16]``, ``int (*)(void *)``, ``struct {...}``."""
    return declare(btf, type_id, "")


def declare(btf: Btf, type_id: int, name: str, depth: int = 0) -> str:
    """Return a declaration of *name* with type *type_id*: ``char comm[16]``, ``void (*func)(int)``."""
    if depth > _MAX_DEPTH:
        return f"... {name}".rstrip()
    found = btf.type(type_id)
    match found:
        case t.Ptr():
            inner = btf.type(found.type_id)
            pointed = f"(*{name})" if isinstance(inner, t.Array | t.FuncProto) else f"*{name}"
            return declare(btf, found.type_id, pointed, depth + 1)
        case t.Array():
            return declare(btf, found.type_id, f"{name}[{found.length}]", depth + 1)
        case t.FuncProto():
            return declare(btf, found.type_id, f"{name}({_parameters(btf, found, depth)})", depth + 1)
        case t.Modifier() if found.kind == BtfKind.TYPE_TAG:
            return declare(btf, found.type_id, name, depth + 1)
        case t.Modifier():
            word = _QUALIFIER[found.kind]
            if isinstance(btf.type(found.type_id), t.Ptr):
                return declare(
                    btf, found.type_id, f" {word} {name}".rstrip() if name else f" {word}", depth + 1
                )
            return f"{word} {declare(btf, found.type_id, name, depth + 1)}"
        case _:
            return _join(_base_name(found), name)


def _parameters(btf: Btf, proto: t.FuncProto, depth: int) -> str:
    if not proto.params:
        return "void"
    return ", ".join(
        "..." if not param.type_id and not param.name else declare(btf, param.type_id, param.name, depth + 1)
        for param in proto.params
    )


def _base_name(found: t.BtfType) -> str:
    match found:
        case t.Void():
            return "void"
        case t.Fwd():
            return f"{'union' if found.is_union else 'struct'} {found.name}"
        case t.Struct() | t.Enum():
            return f"{_KEYWORD[found.kind]} {found.name or '{...}'}"
        case _:
            return found.name or f"({found.kind.label})"


def _join(base: str, declarator: str) -> str:
    if not declarator:
        return base
    return base + declarator if declarator[0] in "[ " else f"{base} {declarator}"
