"""Names of a source, and what of ``core`` it may use."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from btfview.compiler.rust.syntax.tree import Tree
from btfview.compiler.rust.typed.definitions import Alias, Const, Function, Static
from btfview.compiler.rust.types.kinds import EnumType, ModulePath, StructType

from .core_names import PRELUDE_NAMES, is_library_path

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.query_macros import Wrapper
    from btfview.compiler.rust.syntax.tree import Node

_PATH_WORDS = frozenset(["identifier", "type_identifier", "self", "crate", "super", "primitive_type"])
_SCOPED_PATHS = frozenset(["scoped_identifier", "scoped_type_identifier"])
_PLAIN_PATH = re.compile(r"\w+(?:::\w+)*")
"""A path as it nearly always is; the others have ``r#``, ``<..>``, blanks, or begin with ``::``."""


class _Inside:
    __slots__ = ("_before", "_module", "_names")

    def __init__(self, names: Names, module: ModulePath) -> None:
        self._names = names
        self._module = module
        self._before = names.module

    def __enter__(self) -> None:
        self._before, self._names.module = self._names.module, self._module

    def __exit__(self, *_exception: object) -> None:
        self._names.module = self._before


class Names:
    """The items of one source. Each is held by its key: its path from the root, ``a::b::name``."""

    def __init__(self) -> None:
        self.types: dict[str, StructType | EnumType] = {}
        self.aliases: dict[str, Alias] = {}
        self.values: dict[str, Function | Static | Const] = {}
        self.methods: dict[str, dict[str, Function]] = {}
        """By key of the type, then name of the method."""
        self.consts: dict[str, dict[str, Const]] = {}
        """Associated constants, in the same way."""
        self.modules: dict[ModulePath, ModulePath] = {(): ()}
        """Inside which module each may be named."""
        self.imports: dict[tuple[ModulePath, str], tuple[str, ...]] = {}
        """By module and name: a path that begins with ``crate`` or ``core``."""
        self.import_visibility: dict[tuple[ModulePath, str], ModulePath] = {}
        """Inside which module each import may be named."""
        self.told_private: set[object] = set()
        """Items of which an import told that they are private."""
        self.told_missing: set[str] = set()
        """Names of imports that were told to bring nothing."""
        self.public_modules: set[ModulePath] = set()
        """Those that are ``pub`` without more."""
        self.macros: dict[str, Wrapper] = {}
        """Those that the source defines."""
        self.globs: dict[ModulePath, list[tuple[str, ...]]] = {}
        self.module: ModulePath = ()
        """The module that is being read."""
        self.method_blocks: set[ModulePath] = set()
        """Blocks of methods, in whose items ``Self`` stands for nothing."""
        self.block_locals: dict[ModulePath, frozenset[str]] = {}
        """Names of locals around a block, which the types of its items cannot use."""
        self._expanded: dict[tuple[ModulePath, tuple[str, ...]], tuple[str, ...]] = {}

    def inside(self, module: ModulePath) -> _Inside:
        """Return a context in which *module* is the one that is read."""
        return _Inside(self, module)

    def forget(self) -> None:
        """Drop what was looked up, as new names have come."""
        self._expanded.clear()

    def expand(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full path of *segments*: that of ``core``, or the key of an item and what follows it."""
        known = self._expanded.get((self.module, segments))
        if known is None:
            known = self._expanded[self.module, segments] = self._expand(segments, self.module, set())
        return known

    def expand_value(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full path of a value: an ``enum Err`` hides no ``Err(..)`` (reference: namespaces)."""
        full = self.expand(segments)
        if len(segments) == 1 == len(full) and segments[0] in PRELUDE_NAMES and full[0] not in self.values:
            known = self.types.get(full[0])
            if not (isinstance(known, StructType) and known.shape != "named"):
                return PRELUDE_NAMES[segments[0]]
        return full

    def expand_type(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full path of a type: a ``fn Option`` hides no ``Option<..>``."""
        full = self.expand(segments)
        is_value = len(full) == 1 and full[0] not in self.types and full[0] not in self.aliases
        if len(segments) == 1 and segments[0] in PRELUDE_NAMES and is_value:
            return PRELUDE_NAMES[segments[0]]
        return full

    def _expand(
        self, segments: tuple[str, ...], module: ModulePath, seen: set[tuple[ModulePath, str]]
    ) -> tuple[str, ...]:
        rest, is_anchored = segments, False
        while len(rest) > 1 and rest[0] in ("crate", "self", "super"):
            module = step_from(module, rest[0])
            rest, is_anchored = rest[1:], True
        while len(rest) > 1 and (*module, rest[0]) in self.modules:
            module, rest, is_anchored = (*module, rest[0]), rest[1:], True
        key = "::".join((*module, rest[0]))
        if key in self.types or key in self.values or key in self.aliases:
            return (key, *rest[1:])
        if (module, rest[0]) not in seen:
            seen.add((module, rest[0]))
            imported = self.imports.get((module, rest[0]))
            if imported is not None:
                path = (*imported, *rest[1:])
                return path if path[0] == "core" else self._expand(path, (), seen)
            for glob in self.globs.get(module, ()):
                found = self._expand((*glob, *rest), (), seen)
                if self.is_known(found) and self._comes_with(glob, rest[0], found, module):
                    return found
        if is_anchored:
            return (key, *rest[1:])
        if is_block(module):
            return self._expand(segments, module[:-1], seen)
        first = segments[0]
        if first == "std" and segments[1:2] != ("btf",):
            return ("core", *segments[1:])
        if module and (self.is_known((first,)) or (first,) in self.modules):
            return (key, *rest[1:])  # of the root, which is not in scope here
        return PRELUDE_NAMES[first] + segments[1:] if first in PRELUDE_NAMES else segments

    def _comes_with(
        self, glob: tuple[str, ...], name: str, found: tuple[str, ...], module: ModulePath
    ) -> bool:
        """Whether ``use glob::*`` in *module* brings *name*, which is *found*: not what is private."""
        visibility = self.import_visibility.get((glob[1:], name))
        if visibility is None and len(found) == 1:
            item = self.item(found[0])
            visibility = item.visibility if item is not None else None
        return visibility is None or module[: len(visibility)] == visibility

    def item(self, key: str) -> StructType | EnumType | Function | Static | Const | Alias | None:
        """Return the item of that key: the value, where a type has the same."""
        return self.values.get(key) or self.types.get(key) or self.aliases.get(key)

    def is_public(self, item: StructType | EnumType | Function | Static | Const | Alias) -> bool:
        """Whether *item* is ``pub`` without more."""
        marker = next((child for child in item.node.children if child.type == "visibility_modifier"), None)
        return marker is not None and marker.text == b"pub"

    def is_ambiguous(self, name: str) -> bool:
        """Whether different items come by that name with the ``use ..::*`` of the module that is read."""
        module = self.module
        while is_block(module) and not self.holds(module, name):
            module = module[:-1]
        globs = self.globs.get(module, ())
        if len(globs) < 2 or self.holds(module, name) or (*module, name) in self.modules:
            return False
        found = {(glob, self._expand((*glob, name), (), set())) for glob in globs}
        known = {
            full for glob, full in found if self.is_known(full) and self._comes_with(glob, name, full, module)
        }
        return len(known) > 1

    def is_known(self, full: tuple[str, ...]) -> bool:
        """Whether an expanded path names an item, a variant, a module, or something of ``core``."""
        key = full[0]
        if len(full) == 1:
            return (
                key in self.types or key in self.values or key in self.aliases
                or tuple(key.split("::")) in self.modules
            )  # fmt: skip
        owner = self.types.get(key)
        if len(full) == 2 and isinstance(owner, EnumType):
            return owner.variant(full[1]) is not None
        return is_library_path(full)

    def private_module(self, segments: tuple[str, ...], module: ModulePath | None = None) -> str | None:
        """Return the first module on the way of a path that may not be named here."""
        module = self.module if module is None else module
        while is_block(module) and (*module, segments[0]) not in self.modules:
            module = module[:-1]
        for word in segments[:-1]:
            if word in ("crate", "self", "super"):
                module = step_from(module, word)
                continue
            module = (*module, word)
            if module not in self.modules:
                return None
            if not self.is_visible(self.modules[module]):
                return word
        return None

    def private_import(self, segments: tuple[str, ...]) -> str | None:
        """Return the import on the way of a path that may not be named here."""
        module = self.module
        while is_block(module) and (*module, segments[0]) not in self.modules:
            module = module[:-1]
        for word in segments:
            if word in ("crate", "self", "super"):
                module = step_from(module, word)
                continue
            if (*module, word) not in self.modules:
                visibility = self.import_visibility.get((module, word))
                is_item = self.item("::".join((*module, word))) is not None
                return None if visibility is None or is_item or self.is_visible(visibility) else word
            module = (*module, word)
        return None

    def is_visible(self, visibility: ModulePath) -> bool:
        """Whether what may be named inside *visibility* may be named here."""
        return self.module[: len(visibility)] == visibility

    def is_inside_method(self) -> bool:
        """Whether what is being read is an item in a method."""
        return any(self.module[:length] in self.method_blocks for length in range(1, len(self.module) + 1))

    def holds(self, module: ModulePath, name: str) -> bool:
        """Whether *module* itself declares or imports a value of that name."""
        key = "::".join((*module, name))
        return key in self.values or key in self.types or (module, name) in self.imports

    def similar_value(self, name: str, more: list[str]) -> str | None:
        return similar(name, [*self.values, *more])


def is_block(module: ModulePath) -> bool:
    """Whether *module* stands for the items of a block: its last name is ``{function#number}``."""
    return bool(module) and module[-1].startswith("{")


def normal_module(module: ModulePath) -> ModulePath:
    """Return the module around a block, which is what ``self`` and privacy refer to; else *module*."""
    while is_block(module):
        module = module[:-1]
    return module


def step_from(module: ModulePath, word: str) -> ModulePath:
    """Return where ``crate``, ``self`` or ``super`` leads from *module*."""
    if word == "crate":
        return ()
    module = normal_module(module)
    return normal_module(module[:-1]) if word == "super" else module


MAX_COMPARED = 100
"""Names that an unknown one is compared with: a long source has many, and may have many errors."""


def similar(name: str, known: list[str]) -> str | None:
    """Return a hint that names the nearest of *known*, or None."""
    from difflib import get_close_matches  # 5 ms, and only for a source with an error

    if len(known) > MAX_COMPARED:
        near = (word for word in known if word[:1] == name[:1] and abs(len(word) - len(name)) < 3)
        known = list(islice(near, MAX_COMPARED))
    found = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean `{found[0]}`?" if found else None


def path_segments(tree: Tree, node: Node) -> tuple[str, ...] | None:
    """Return the names of a path; None for a path with generics or a qualified self type."""
    kind = node.type
    if kind in _PATH_WORDS:
        return (tree.name(node),)
    if kind in _SCOPED_PATHS:
        text = tree.text(node)
        if _PLAIN_PATH.fullmatch(text):
            return tuple(text.split("::"))
    segments: list[str] = []
    here: Node | None = node
    while here is not None:
        kind = here.type
        if kind in _PATH_WORDS:
            segments.append(tree.name(here))
            break
        name = here.child_by_field_name("name")
        if name is not None and here.children[0].type == "::":  # `::core::..`: the name of a crate
            crate = tree.name(name)
            segments.append(crate if crate in ("core", "std") else "::" + crate)
            break
        if kind not in _SCOPED_PATHS or name is None:
            return None
        segments.append(tree.name(name))
        here = here.child_by_field_name("path")
    return tuple(reversed(segments))
