"""Types as C spells them: ``struct load_weight``, ``const char *``, ``u32[4]``."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from btfview.btf.reader import Btf

_MAX_CHAIN = 64
"""Pointers, arrays and qualifiers around one type; real ones are below 10."""
_MAX_DEPTH = 16
"""Functions that take functions."""
_MAX_STEPS = 2000
"""Types in one declaration; real ones are below 50."""
_KEYWORD = {BtfKind.STRUCT: "struct", BtfKind.UNION: "union", BtfKind.ENUM: "enum", BtfKind.ENUM64: "enum"}
_QUALIFIER = {BtfKind.CONST: "const", BtfKind.VOLATILE: "volatile", BtfKind.RESTRICT: "restrict"}


def visible(text: str) -> str:
    r"""Return *text* with what does not print (control characters, lone surrogates) as Python escapes:
    names come from files, and must not reach a terminal as commands.

    >>> visible("a\x1b[2J"), visible("b")
    ('a\\x1b[2J', 'b')
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def name_or_invalid(btf: Btf, type_id: int) -> str:
    """Return the name of a type that exists; where it stands outside the file, bpftool's word for that."""
    try:
        return btf.name(type_id)
    except BtfFormatError:
        return "(invalid)"


def format_type(btf: Btf, type_id: int) -> str:
    """Return type *type_id* in C, abstract: ``char[16]``, ``int (*)(void *)``, ``struct {...}``."""
    return declare(btf, type_id, "")


def declare(btf: Btf, type_id: int, name: str) -> str:
    """Return a declaration of *name* with type *type_id*: ``char comm[16]``, ``void (*func)(int)``."""
    base, pointers, declarator = split_declaration(btf, type_id, name)
    right = join_pointers(pointers, declarator)
    return base if not right else base + right if right[0] == "[" else f"{base} {right}"


def split_declaration(
    btf: Btf,
    type_id: int,
    name: str,
    *,
    base_name: Callable[[t.BtfType], str] | None = None,
    clean: Callable[[str], str] = str,
    depth: int = 0,
    steps: list[int] | None = None,
) -> tuple[str, tuple[str, ...], str]:
    """Return a declaration of *name* in three: ``const char``, ``("*", "const", "*")``, ``name[4]``.

    The second part is what stands left of the name outside parentheses: stars and their qualifiers.
    *base_name*, if given, spells the type at the bottom, which is not a pointer, array or function;
    *clean* makes names of parameters fit; *steps* counts the types that were looked at, over all
    parameters. What cannot be read is spelled ``<type [114]>``.
    """
    pointers: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()
    steps = [0] if steps is None else steps
    for _ in range(_MAX_CHAIN):
        steps[0] += 1
        if steps[0] > _MAX_STEPS:
            break
        try:
            if base_name is None and (keyword := _KEYWORD.get(btf.kind(type_id))):
                # Only the name is needed: the members of everything that is pointed to are not read.
                return " ".join((*qualifiers, keyword, btf.name(type_id) or "{...}")), pointers, name
            found = btf.type(type_id)
        except BtfFormatError:  # one reference to nowhere must not hide what is around it
            return " ".join((*qualifiers, f"<type [{type_id}]>")), pointers, name
        match found:
            case t.Ptr():
                pointers, qualifiers = ("*", *qualifiers, *pointers), ()
            case t.Array():  # qualifiers of an array are its elements'
                name = f"{_in_parentheses(pointers, name)}[{found.length}]"
                pointers = ()
            case t.FuncProto():
                parameters = _parameters(btf, found, base_name, clean, depth, steps)
                name = f"{_in_parentheses(pointers, name)}({parameters})"
                pointers, qualifiers = (), ()
            case t.Modifier() if found.kind == BtfKind.TYPE_TAG:
                pass
            case t.Modifier():
                word = _QUALIFIER[found.kind]
                qualifiers = qualifiers if word in qualifiers else (*qualifiers, word)
            case _:
                return " ".join((*qualifiers, (base_name or _base_name)(found))), pointers, name
        type_id = found.type_id
    return "...", pointers, name


def join_pointers(pointers: tuple[str, ...], declarator: str) -> str:
    """Return ``*const *name`` for ``("*", "const", "*")`` and ``name``."""
    joined = ""
    for word in pointers:
        joined += word if word == "*" else f"{word} "
    return (joined + declarator).rstrip(" ")


def _in_parentheses(pointers: tuple[str, ...], declarator: str) -> str:
    return f"({join_pointers(pointers, declarator)})" if pointers else declarator


def _parameters(
    btf: Btf,
    proto: t.FuncProto,
    base_name: Callable[[t.BtfType], str] | None,
    clean: Callable[[str], str],
    depth: int,
    steps: list[int],
) -> str:
    # clang writes a nameless void for `()`; `(...)` alone is no C (libbpf: btf_dump_emit_type_chain).
    if not proto.params or (len(proto.params) == 1 and not proto.params[0].type_id):
        return "void"
    if depth >= _MAX_DEPTH:
        return "..."
    texts: list[str] = []
    for param in proto.params:
        if (not param.type_id and not param.name) or steps[0] > _MAX_STEPS:
            texts.append("...")
            break
        name = clean(param.name) if param.name else ""
        base, pointers, declarator = split_declaration(
            btf, param.type_id, name, base_name=base_name, clean=clean, depth=depth + 1, steps=steps
        )
        right = join_pointers(pointers, declarator)
        texts.append(f"{base} {right}".rstrip(" "))
    return ", ".join(texts)


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
