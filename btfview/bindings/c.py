"""C that reads fields of the kernel: structs with those fields, and a function for each, with libbpf's macros
(bpf_core_read.h).

The structs have flavors, so that they can stand beside ``vmlinux.h``: ``task_struct___local`` where one
declaration serves all targets, else one for each age (``task_struct___v5_10``). What is written has been
compiled, and resolved on every target, where clang is at hand.
"""

from __future__ import annotations

import re
from itertools import chain, count

from btfview.errors import CompilerError, UsageError
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.hints.answer import Enumerator
from btfview.hints.code.c import c_enumerator, c_function, c_source, c_type
from btfview.hints.code.c_types import CTypes
from btfview.hints.code.names import is_c_name, tame
from btfview.hints.code.way import Bits, Composite, EnumNumber, Hop, Many, Number, Part, Pointer, Way

from .plan import flavor_of, free_name, function_stem, where_lines
from .result import Bindings
from .shapes import ArrayLeaf, BitfieldLeaf, EnumLeaf, IntLeaf, PointerLeaf, StructLeaf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from btfview.hints.answer import Type
    from btfview.hints.code import way as w
    from btfview.targets.target import Target

    from .plan import Accessor, Declaration
    from .queries import Query
    from .result import Taken
    from .shapes import Leaf

HEADING = "/* Made by `btfview bindings`"
HEADERS = ('"vmlinux.h"', "<bpf/bpf_helpers.h>", "<bpf/bpf_core_read.h>")
_LOCAL = "___local"
_WORD = re.compile(r"[A-Za-z_]\w*")
NO_CLANG = "not checked: there is no clang to compile it with (see btfview doctor)"


def c_code(
    accessors: tuple[Accessor, ...],
    queries: tuple[Query, ...],
    targets: Sequence[Target],
    taken: Taken,
    names: str,
    notes: tuple[str, ...],
) -> Bindings:
    """Return a header for *accessors* and *queries*, which were planned for *targets*; *names* are those of
    the targets, *notes* what is to be known of them. Without a clang a note says that nobody has tried it.

    Raises:
        UsageError: a name cannot be written in C, or what is written does not do on a target.
        InputError: a target cannot be read.
    """
    types = CTypes(taken.names)
    calls: list[str] = []
    served: list[frozenset[str]] = []
    used = set(taken.names)
    lines: list[str] = []
    for accessor in accessors:
        ways = [_declare(types, accessor, declaration) for declaration in accessor.declarations]
        name = free_name(f"read_{accessor.path.root}_{function_stem(accessor.path)}", used)
        used.add(name)
        calls.append(f"{name}(ctx)")
        served.append(frozenset(name for one in accessor.declarations for name in one.targets))
        lines += ["", *_comment(where_lines(accessor)), *c_function(name, ways)]
    blocks = ["\n".join((*types.lines(), *lines[1:], ""))] if accessors else []
    used.update(_WORD.findall("".join(blocks)))
    for query in queries:
        block, call = _asked(query, used)
        used.update(_WORD.findall(block))
        blocks.append("\n".join((*_comment(query.lines), block)))
        calls.append(call)
        served.append(frozenset(query.targets))
    body = "\n".join(blocks)
    if _has_clang():
        if why := _why_not(body, calls, served, targets):
            raise UsageError(f"no C is given: {why}")
    else:
        notes = (*notes, NO_CLANG)
    includes = "".join(f"#include {header}\n" for header in HEADERS)
    text = f"{HEADING} for {_tamed(names)}. */\n\n{includes}\n{body}"
    return Bindings(text, body, (), HEADERS, accessors, notes)


def _asked(query: Query, used: Collection[str]) -> tuple[str, str]:
    """Return the block that asks for a type or an enumerator, and a call of its function."""
    asked = query.asked
    flavors = chain((_LOCAL,), (f"{_LOCAL}_{number}" for number in count(2)))
    flavor = next(one for one in flavors if not any(f"{name}{one}" in used for name in _names_of(asked)))
    if isinstance(asked, Enumerator):
        name = free_name(f"value_of_{asked.name.lower()}", used).removeprefix("value_of_")
        return c_enumerator(name, ((flavor, asked.enum, asked.name),), ())
    name = free_name(f"has_{asked.name}", used).removeprefix("has_")
    return c_type(name, ((flavor, query.word, asked.name),), ())


def _names_of(asked: Enumerator | Type) -> tuple[str, ...]:
    return (asked.enum, asked.name) if isinstance(asked, Enumerator) else (asked.name,)


def _comment(said: Iterable[str]) -> Iterator[str]:
    lines = list(map(_tamed, said))
    yield f"/* {lines[0]}"
    yield from (f" * {line}" for line in lines[1:])
    yield " */"


def _tamed(text: str) -> str:
    """Return *text*, with names of files and types in it, so that it cannot end a comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def _declare(types: CTypes, accessor: Accessor, declaration: Declaration) -> tuple[str, Way]:
    """Declare what a declaration needs, and return its flavor and way."""
    way = _way_of(declaration)
    for name in (way.hops[0].root, *(part.name for part in way.hops[0].parts)):
        if not is_c_name(name):
            raise UsageError(f"{name!r} is no name that C can write, so no query can reach it")
    is_only = len(accessor.declarations) == 1
    flavor = _LOCAL if is_only else f"___{tame(flavor_of(declaration.targets[0])).strip('_')}"
    flavors = chain((flavor,), (f"{flavor}_{number}" for number in count(2)))
    return next(one for one in flavors if types.add(way, one)), way


def _way_of(declaration: Declaration) -> Way:
    shape = declaration.shape
    parts = tuple(
        Part(step.name, step.indices, lengths)
        for step, lengths in zip(shape.path.steps, shape.lengths, strict=True)
    )
    is_resized = len({one.byte_size for one in declaration.shapes}) > 1
    return Way((Hop(shape.path.root, shape.is_union, parts),), _leaf(shape.leaf, is_resized=is_resized))


def _leaf(leaf: Leaf, *, is_resized: bool = False) -> w.Leaf:
    match leaf:
        case IntLeaf():
            is_signed = leaf.is_signed and not leaf.is_bool and not leaf.is_text
            return Number(leaf.byte_size, is_signed, is_resized)
        case BitfieldLeaf():
            return Bits(leaf.byte_size, leaf.is_signed, leaf.bits)
        case EnumLeaf():
            return EnumNumber(leaf.name, leaf.byte_size, leaf.is_signed, leaf.variant, leaf.bits)
        case PointerLeaf():
            return Pointer()
        case StructLeaf():
            return Composite()
        case ArrayLeaf():
            return Many(_leaf(leaf.element), leaf.length)
        case _:
            assert_never(leaf)


# -- whether it does ---------------------------------------------------------------------------


def _has_clang() -> bool:
    from btfview.compiler.c.clang import find_clang

    try:
        return find_clang() is not None
    except CompilerError as error:
        raise UsageError(f"no C is given: {error}") from error


def _why_not(
    body: str, calls: Sequence[str], served: Sequence[frozenset[str]], targets: Sequence[Target]
) -> str:
    """Return why the functions that *calls* call do not do; *served* are the targets of each."""
    from btfview.hints.code.prove import compile_block, why_not_on
    from btfview.source import Source

    obj = compile_block(Source("bindings.c", c_source(body, calls)), "auto")
    if isinstance(obj, str):
        return obj
    for target in targets:
        there = [f"use_{number}" for number, names in enumerate(served) if target.name in names]
        if why := why_not_on(obj, target.btf, there):
            return f"on {target.name}, {why}"
    return ""
