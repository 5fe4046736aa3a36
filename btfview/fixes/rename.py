"""The name that a field has on the targets, in place of one that none of them knows, in either language."""

from __future__ import annotations

import re

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING
from btfview.hints.code.names import is_writable
from btfview.hints.code.way import Number, way_on
from btfview.hints.grades import PERHAPS

from .patch import RENAME, Edit, Proposal, edited
from .trouble import plain_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.targets.target import Target

    from .trouble import Trouble


def renames(trouble: Trouble) -> Iterator[Proposal]:
    """Yield the source with one step of the path called otherwise, where the program declares the struct and
    wherever it asks for the field."""
    linked = trouble.linked
    if linked is None or not trouble.kind.startswith("field_"):
        return
    old = trouble.fields.split(".")
    for target, hint in trouble.hints():
        root, _, rest = hint.path.partition(".")
        new = rest.split(".")
        other = [number for number, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]]
        if root != plain_root(linked) or len(new) != len(old) or len(other) != 1 or hint.mask or "->" in rest:
            continue
        if not _is_same_type(trouble, hint.path, target):
            continue  # what is read would be as wide as before, and the field is not
        before, after = old[other[0]].split("[")[0], new[other[0]].split("[")[0]
        if is_writable(after) and before != after:
            title = f"call it {hint.path}, as the kernel does"
            for everywhere in (False, True):
                text = _renamed(trouble, before, after, everywhere=everywhere)
                yield Proposal(RENAME, title, text, hint.grade is PERHAPS)


def _is_same_type(trouble: Trouble, path: str, target: Target) -> bool:
    """Tell whether the field of the program and that of a kernel are of one kind, numbers of one size."""
    linked, program = trouble.linked, trouble.finder.program
    if linked is None or program is None:
        return False
    try:
        mine = way_on(program, f"{linked.local_type_name}.{trouble.fields}")
        theirs = way_on(trouble.finder.kernel(target), path)
    except InputError:
        return False
    if mine is None or theirs is None:
        return False
    if isinstance(mine.leaf, Number) and isinstance(theirs.leaf, Number):
        return mine.leaf.byte_size == theirs.leaf.byte_size
    return type(mine.leaf) is type(theirs.leaf)


def _renamed(trouble: Trouble, before: str, after: str, *, everywhere: bool) -> str:
    """Return the text with the name changed in every expression of the same path (*everywhere*: in all that
    read a member of that name), and where structs declare it."""
    linked = trouble.linked
    assert linked is not None
    text = trouble.text
    edits: dict[int, Edit] = {}
    word = re.compile(rf"\b{re.escape(before)}\b")
    spans = [
        other.span
        for other in trouble.analysis.relos
        if other.span is not None and other.path == linked.path and trouble.source.is_own(other.span.start)
    ]
    for span in spans:
        for found in word.finditer(text, span.start, span.end):
            edits[found.start()] = Edit(found.start(), found.end(), after)
    if everywhere:
        for found in re.finditer(rf"(?:->|\.|,)\s*({re.escape(before)})\b", text):
            edits[found.start(1)] = Edit(found.start(1), found.end(1), after)
    for struct in re.finditer(r"\b(?:struct|union)\s+\w+[^{};()]*\{", text):
        end = _closing(text, struct.end() - 1)
        for found in word.finditer(text, struct.end(), end):
            behind = text[found.end() :].lstrip()[:1]
            if behind in (":", ";", "[", ","):  # the member, and no type of that name
                edits[found.start()] = Edit(found.start(), found.end(), after)
    return edited(text, edits.values())


def _closing(text: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if not depth:
            return position
    return len(text)
