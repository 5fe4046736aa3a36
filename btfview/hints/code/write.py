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
from .way import way_on

if TYPE_CHECKING:
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
    flavors = _flavors(old.name, new.name)
    match asked:
        case Field():
            mine = way_on(old, asked.path)
            to = f"{hint.path}{_inside(new, hint.path)}" if hint.mask else hint.path
            theirs = way_on(new, to, hint.mask, hint.shift)
            if mine is None or theirs is None or unwritable(mine) or unwritable(theirs):
                return None
            name = asked.steps[-1].name.strip("_") or "field"
            ways = ((flavors[0], mine), (flavors[1], theirs))
            if language == "c":
                return c_field(name, ways, comment)
            return rust_field(name, ways, comment, dialect)
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


def _flavors(old: str, new: str) -> tuple[str, str]:
    """Return a flavor for each kernel: ``___v5_13``, ``___v5_15``."""
    versions = [re.search(r"(\d+)\.(\d+)", name) for name in (old, new)]
    flavors = [f"___v{version[1]}_{version[2]}" if version else "" for version in versions]
    return (flavors[0], flavors[1]) if all(flavors) and len(set(flavors)) == 2 else ("___had", "___has")
