"""From a hint to a proven block of code."""

from __future__ import annotations

import re

from btfview.btf.types import Struct
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.hints.answer import Enumerator, Field, Type
from btfview.hints.question import walk
from btfview.source import Source

from .c import c_enumerator, c_field, c_source, c_type
from .names import is_writable, tame, unwritable
from .prove import why_not_proven
from .rust import DIALECTS, rust_enumerator, rust_field, rust_source, rust_type
from .way import Way, way_on

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from btfview.compiler.llvm.worker import Worker
    from btfview.hints.answer import Asked, Hint
    from btfview.hints.kernel import Kernel

LANGUAGES = ("c", "rust")


def hint_code(
    asked: Asked,
    hint: Hint,
    old: Kernel,
    new: Kernel,
    language: str = "c",
    dialect: str = "repr",
    worker: Worker | None = None,
) -> str:
    """Return a block of *language* (of :data:`LANGUAGES`) that gets what is *asked* for on *old*, and what
    *hint* says on *new*; empty where none can be written, compiled, and resolved on both.

    Raises:
        BtfFormatError: a type on the way is damaged.
    """
    if not hint.has_code:
        return ""
    dialect = dialect if dialect in DIALECTS else DIALECTS[0]
    written = _written(asked, hint, old, new, language, dialect)
    if written is None:
        return ""
    block, call = written
    if language == "c":
        why = why_not_proven(Source("hint.c", c_source(block, [call])), "auto", old.btf, new.btf, worker)
    else:
        why = why_not_proven(Source("hint.rs", rust_source(block, call)), dialect, old.btf, new.btf, worker)
    return "" if why else block


def _written(
    asked: Asked, hint: Hint, old: Kernel, new: Kernel, language: str, dialect: str
) -> tuple[str, str] | None:
    comment = (f"`{asked.path}` as on {tame(old.name)},", f"or `{hint.path}` as on {tame(new.name)}.")
    flavors = flavors_of((old.name, new.name))
    match asked:
        case Field():
            mine, theirs = way_on(old, asked.path), hinted_way(new, hint)
            if mine is None or theirs is None or unwritable(mine) or unwritable(theirs):
                return None
            ways = ((flavors[0], mine), (flavors[1], theirs))
            if language == "c":
                return c_field(function_of(asked), ways, comment)
            return rust_field(function_of(asked), ways, comment, dialect)
        case Enumerator(enum, value):
            to_enum, _, to_value = hint.path.partition("::")
            if not all(map(is_writable, (enum, value, to_enum, to_value))):
                return None
            values = ((flavors[0], enum, value), (flavors[1], to_enum, to_value))
            if language == "c":
                return c_enumerator(value.lower(), values, comment)
            return rust_enumerator(value.lower(), values, comment, dialect)
        case Type(name):
            there, here = old.structs(name), new.structs(hint.path)
            if not there or not here or not all(map(is_writable, (name, hint.path))):
                return None
            types = (
                (flavors[0], there[0].kind.label, name),
                (flavors[1], here[0].kind.label, hint.path),
            )
            if language == "c":
                return c_type(name, types, comment)
            is_union = "union" in (types[0][1], types[1][1])  # which Rust declares with fields only
            return None if is_union else rust_type(name, types, comment, dialect)
        case _:
            assert_never(asked)


def hinted_way(kernel: Kernel, hint: Hint) -> Way | None:
    """Return how to get at what a hint says, on a kernel that has it; None for what no code can ask for."""
    path = f"{hint.path}{_inside(kernel, hint.path)}" if hint.mask else hint.path
    return way_on(kernel, path, hint.mask, hint.shift)


def function_of(asked: Field) -> str:
    """Return what the function that reads a field is called."""
    return f"read_{asked.steps[-1].name.strip('_') or 'field'}"


def _inside(kernel: Kernel, path: str) -> str:
    """Return the way to the number in a struct around it, as ``atomic_t`` is one: ``.counter``."""
    place, text = walk(kernel, path), ""
    while place is not None:
        struct = kernel.bare(place.type_id)
        fields = kernel.fields(struct.id) if isinstance(struct, Struct) else ()
        if len(fields) != 1:
            break
        text = f"{text}.{fields[0].name}"
        place = walk(kernel, path + text)
    return text


def flavors_of(names: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Return a flavor for each kernel, by its name: ``___v5_13``, ``___v5_15``; none that a name that is
    *taken* has."""
    versions = [re.search(r"(\d+)\.(\d+)", name) for name in names]
    flavors = [f"___v{version[1]}_{version[2]}" if version else "" for version in versions]
    if not all(flavors) or len(set(flavors)) < len(flavors):
        flavors = ["___had", "___has", *(f"___has_{number}" for number in range(2, len(names)))][: len(names)]
    for number, flavor in enumerate(flavors):
        others = (f"{flavor}_{count}" for count in range(2, len(taken) + 3))
        flavors[number] = next(
            one for one in (flavor, *others) if not any(word.endswith(one) for word in taken)
        )
    return flavors
