"""From hints to proven blocks of code."""

from __future__ import annotations

import re
from contextlib import suppress

from btfview.btf.types import Struct
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, assert_never, frozen
from btfview.hints.answer import Enumerator, Field, Type
from btfview.hints.question import walk
from btfview.source import Source

from .block import Block
from .c import c_enumerator, c_field, c_source, c_together, c_type
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


@frozen
class Wanted:
    """A hint, and what its code is to do."""

    asked: Asked
    hint: Hint
    old: Kernel
    """On this one it gets what is asked for."""
    new: Kernel
    """On this one it gets what the hint says."""


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
    """
    return hint_codes((Wanted(asked, hint, old, new),), language, dialect, worker)[0]


def hint_codes(
    wanted: Sequence[Wanted], language: str = "c", dialect: str = "repr", worker: Worker | None = None
) -> list[str]:
    """Return such a block for each of several hints. One compile tries them all, for most of what it takes
    is to start; alone is tried what that does not tell of.
    """
    dialect = dialect if dialect in DIALECTS else DIALECTS[0]
    codes = [""] * len(wanted)
    blocks: dict[int, Block] = {}
    for number, one in enumerate(wanted):
        with suppress(InputError):  # a type on the way is damaged
            written = _written(one, language, dialect) if one.hint.has_code else None
            if written:
                blocks[number] = Block(*written, tuple(flavors_of((one.old.name, one.new.name))))

    def prove(numbers: Sequence[int]) -> list[int]:
        """Keep the blocks that do; return those of which nothing is known."""
        chosen = [blocks[number] for number in numbers]
        if language == "c":
            source, known = Source("hint.c", c_source(*c_together(chosen))), "auto"
        else:
            source, known = Source("hint.rs", rust_source(chosen)), dialect
        kernels = [(wanted[number].old.btf, wanted[number].new.btf) for number in numbers]
        whys = why_not_proven(source, known, kernels, worker)
        for number, why in zip(numbers, whys, strict=True):
            codes[number] = blocks[number].text if why == "" else ""
        return [number for number, why in zip(numbers, whys, strict=True) if why is None]

    for number in prove(tuple(blocks)) if blocks else ():
        prove((number,))
    return codes


def _written(wanted: Wanted, language: str, dialect: str) -> tuple[str, str] | None:
    """Return a block, and a call of its function; None where none can be written."""
    asked, hint, old, new = wanted.asked, wanted.hint, wanted.old, wanted.new
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
