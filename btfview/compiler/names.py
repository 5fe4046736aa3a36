"""Names of a source, and what of ``core`` it may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..source import Span
from .nodes import Constant, Function, Static
from .report import Report
from .syntax import Tree
from .types import (
    C_TYPES,
    C_VOID,
    ERROR,
    NEVER,
    PRIMITIVES,
    UNIT,
    ArrayType,
    InferVar,
    OptionType,
    PointerType,
    StructType,
    Type,
    is_pair,
    is_scalar,
    resolve,
    size_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

QUERY_MACROS = {
    ("core", "btf", name): name for name in ("field_byte_offset", "field_byte_size", "field_exists")
}
OLD_QUERIES = {f"btf_{name}": name for name in ("field_byte_offset", "field_byte_size", "field_exists")}
"""Intrinsics of earlier drafts, called as ``core::intrinsics::btf_field_byte_offset::<T>(0, 1)``."""
LIBRARY_MACROS = {("core", "mem", "offset_of"), ("core", "ptr", "addr_of"), ("core", "ptr", "addr_of_mut")}
LIBRARY_FUNCTIONS = {
    ("core", "mem", "size_of"),
    ("core", "mem", "align_of"),
    ("core", "ptr", "null"),
    ("core", "ptr", "null_mut"),
}
LIBRARY_TYPES: dict[tuple[str, ...], Type] = {("core", "ffi", name): known for name, known in C_TYPES.items()}
OPTION = ("core", "option", "Option")
_LIBRARY = {*QUERY_MACROS, *LIBRARY_MACROS, *LIBRARY_FUNCTIONS, *LIBRARY_TYPES, OPTION}
_LIBRARY |= {(*OPTION, "Some"), (*OPTION, "None")}
_MODULES = {path[:length] for path in _LIBRARY for length in range(1, len(path))}
_PATH_WORDS = ("identifier", "type_identifier", "self", "crate", "super", "primitive_type")
_PRELUDE = {"Option": OPTION, "Some": (*OPTION, "Some"), "None": (*OPTION, "None")}

MAX_TYPE_DEPTH = 32
MAX_ARRAY_BYTES = 1 << 29
"""Bits of a type must fit the 32-bit offsets and sizes of BTF."""


class Const:
    """A ``const`` item; its value is worked out when first wanted."""

    __slots__ = ("name", "node", "span", "state", "type", "value")

    def __init__(self, name: str, span: Span, node: Node) -> None:
        self.name = name
        self.span = span
        self.node = node
        self.type: Type = ERROR
        self.value: Constant = 0
        self.state = "new"
        """``new``, ``running`` or ``done``."""


class Names:
    """The items of one source by name."""

    def __init__(self) -> None:
        self.types: dict[str, StructType] = {}
        self.values: dict[str, Function | Static | Const] = {}
        self.methods: dict[str, dict[str, Function]] = {}
        """By name of the type, then of the method."""
        self.imports: dict[str, tuple[str, ...]] = {}

    def expand(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full path of *segments*: imports and the prelude replaced, ``crate::`` dropped."""
        if segments[0] in ("crate", "self") and len(segments) > 1:
            return segments[1:]
        first = segments[0]
        if first in self.imports:
            return self.imports[first] + segments[1:]
        if first == "std" and segments[1:2] != ("btf",):
            return ("core", *segments[1:])
        if first in _PRELUDE and first not in self.types and first not in self.values:
            return _PRELUDE[first] + segments[1:]
        return segments

    def similar_value(self, name: str, more: list[str]) -> str | None:
        return similar(name, [*self.values, *more])


def similar(name: str, known: list[str]) -> str | None:
    """Return a hint that names the nearest of *known*, or None."""
    from difflib import get_close_matches  # 5 ms, and only for a source with an error

    found = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean `{found[0]}`?" if found else None


def path_segments(tree: Tree, node: Node) -> tuple[str, ...] | None:
    """Return the names of a path; None for a path with generics or a qualified self type."""
    if node.type == "identifier":
        return (tree.name(node),)
    segments: list[str] = []
    here: Node | None = node
    while here is not None:
        kind = here.type
        if kind in _PATH_WORDS:
            segments.append(tree.name(here))
            break
        name = here.child_by_field_name("name")
        if kind not in ("scoped_identifier", "scoped_type_identifier") or name is None:
            return None
        segments.append(tree.name(name))
        here = here.child_by_field_name("path")
    return tuple(reversed(segments))


def is_library_path(path: tuple[str, ...]) -> bool:
    """Whether *path* is a module or an item of ``core`` that we know."""
    return path in _LIBRARY or path in _MODULES


def read_use(tree: Tree, names: Names, node: Node, report: Report, local: set[str]) -> None:
    """Enter what a ``use`` declaration imports. *local* holds the names of the source's own items."""
    argument = node.child_by_field_name("argument")
    if argument is not None:
        _read_use_tree(tree, names, argument, (), report, local)


def _read_use_tree(
    tree: Tree, names: Names, node: Node, prefix: tuple[str, ...], report: Report, local: set[str]
) -> None:
    kind = node.type
    if kind == "use_list":
        for child in tree.children(node):
            _read_use_tree(tree, names, child, prefix, report, local)
        return
    if kind == "scoped_use_list":
        outer, items = node.child_by_field_name("path"), node.child_by_field_name("list")
        before = path_segments(tree, outer) if outer is not None else ()
        if before is not None and items is not None:
            _read_use_tree(tree, names, items, prefix + before, report, local)
            return
    alias: str | None = None
    target: Node | None = node
    if kind == "use_as_clause":
        target, renamed = node.child_by_field_name("path"), node.child_by_field_name("alias")
        alias = tree.name(renamed) if renamed is not None else None
    segments = path_segments(tree, target) if target is not None else None
    if segments is None:
        report.error(
            tree.span(node), "this import is not supported", hint="import single names: `use core::btf;`"
        )
        return
    if segments == ("self",) and prefix:
        segments = ()
    path = prefix + segments
    full = ("core", *path[1:]) if path[0] == "std" and path[1:2] != ("btf",) else path
    name = alias or full[-1]
    if full[0] in ("crate", "self") and len(full) == 2 and full[1] in local:
        if alias is not None:
            report.error(
                tree.span(node), "renaming an item of this file is not supported", hint="use its own name"
            )
        return
    if not is_library_path(full):
        report.error(
            tree.span(node),
            f"unresolved import `{'::'.join(path)}`",
            code="E0432",
            hint="known are core::btf, core::ffi, core::mem::{size_of, align_of, offset_of}, core::ptr",
        )
        return
    if name in names.imports and names.imports[name] != full:
        report.error(tree.span(node), f"the name `{name}` is defined multiple times", code="E0252")
        return
    names.imports[name] = full


class TypeReader:
    """Turns type syntax into types."""

    def __init__(self, tree: Tree, names: Names, report: Report) -> None:
        self.tree = tree
        self.names = names
        self.report = report
        self.evaluate_length: Callable[[Node], int | None]
        """Gives the value of an array's length; the checker's."""
        self.complete: Callable[[StructType], None] = StructType.lay_out
        """Gives a struct its fields and layout before its size is asked for."""
        self.self_type: StructType | None = None
        """What ``Self`` stands for."""
        self.allow_infer = False
        """Whether ``_`` may stand for a type: in function bodies."""

    def read(self, node: Node, depth: int = 0) -> Type:
        """Return the type that *node* writes; :data:`~.types.ERROR`, with a diagnostic, where it is none."""
        if depth > MAX_TYPE_DEPTH:
            return self._refuse(node, "this type is nested too deeply")
        match node.type:
            case "primitive_type" | "type_identifier" | "scoped_type_identifier" | "identifier":
                return self._read_path(node)
            case "pointer_type":
                is_mut = any(child.type == "mutable_specifier" for child in node.children)
                return PointerType(self.read(self.tree.need(node, "type"), depth + 1), is_mut, False)
            case "reference_type":
                is_mut = any(child.type == "mutable_specifier" for child in node.children)
                return PointerType(self.read(self.tree.need(node, "type"), depth + 1), is_mut, True)
            case "array_type":
                return self._read_array(node, depth)
            case "generic_type":
                return self._read_option(node, depth)
            case "unit_type":
                return UNIT
            case "never_type":
                return NEVER
            case "tuple_type":
                return self._refuse(node, "tuples are not supported", "use a struct")
            case "function_type":
                return self._refuse(
                    node, "function pointers are not supported", "BPF has no indirect calls here"
                )
            case "dynamic_type" | "abstract_type":
                return self._refuse(node, "traits are not supported", "name a struct")
        return self._refuse(node, f"this type is not supported: `{self.tree.text(node)}`")

    def _refuse(self, node: Node, message: str, hint: str | None = None) -> Type:
        hint = (
            hint or "supported: integers, bool, char, pointers, references, arrays, structs, unions, Option"
        )
        self.report.error(self.tree.span(node), message, hint=hint)
        return ERROR

    def _read_path(self, node: Node) -> Type:
        segments = path_segments(self.tree, node)
        if segments is None:
            return self._refuse(node, f"this type is not supported: `{self.tree.text(node)}`")
        if segments == ("Self",):
            if self.self_type is None:
                self.report.error(self.tree.span(node), "cannot find type `Self` in this scope", code="E0411")
                return ERROR
            return self.self_type
        if segments == ("_",):
            if not self.allow_infer:
                message = "the placeholder `_` is not allowed within types on item signatures"
                self.report.error(self.tree.span(node), message, code="E0121")
                return ERROR
            return InferVar(self.tree.span(node), False)
        path = self.names.expand(segments)
        if len(path) == 1:
            name = path[0]
            if name in self.names.types:
                return self.names.types[name]
            if name in PRIMITIVES:
                return PRIMITIVES[name]
            if name in ("f16", "f32", "f64", "f128"):
                return self._refuse(node, "BPF has no floating point", "use an integer")
            if name in ("u128", "i128"):
                return self._refuse(node, "128-bit integers are not supported", "BPF registers hold 64 bits")
            if name == "str":
                return self._refuse(node, "`str` is not supported", "use a byte array, as in `[u8; 16]`")
        if path in LIBRARY_TYPES:
            return LIBRARY_TYPES[path]
        if path == OPTION:
            self.report.error(self.tree.span(node), "missing generics for enum `Option`", code="E0107")
            return ERROR
        known = [*self.names.types, *PRIMITIVES, *self.names.imports]
        hint = similar(segments[-1], known)
        if segments[-1] in C_TYPES and len(segments) == 1:
            hint = f"add `use core::ffi::{segments[-1]};`"
        code = "E0433" if len(path) > 1 else "E0425"
        message = f"cannot find type `{'::'.join(segments)}` in this scope"
        self.report.error(self.tree.span(node), message, code=code, label="not found", hint=hint)
        return ERROR

    def _read_array(self, node: Node, depth: int) -> Type:
        element = self.read(self.tree.need(node, "element"), depth + 1)
        length_node = node.child_by_field_name("length")
        if length_node is None:
            return self._refuse(node, "slices are not supported", "use an array `[T; N]` or a raw pointer")
        length = self.evaluate_length(length_node)
        if length is None or not self.check_stored(element, node, "an array element"):
            return ERROR
        innermost = element
        while isinstance(innermost, ArrayType):
            innermost = innermost.element
        if isinstance(innermost, StructType):
            self.complete(innermost)
        if length * max(1, size_of(element)) > MAX_ARRAY_BYTES:
            return self._refuse(node, "this array is too large", "BTF holds sizes below 512 MB")
        return ArrayType(element, length)

    def _read_option(self, node: Node, depth: int) -> Type:
        base = self.tree.need(node, "type")
        segments = path_segments(self.tree, base)
        arguments = self.tree.children(self.tree.need(node, "type_arguments"))
        if segments is None or self.names.expand(segments) != OPTION:
            if segments is not None and len(segments) == 1 and segments[0] in self.names.types:
                message = f"struct takes 0 generic arguments but {len(arguments)} were supplied"
                self.report.error(self.tree.span(node), message, code="E0107")
                return ERROR
            return self._refuse(node, f"generic types are not supported: `{self.tree.text(node)}`")
        if len(arguments) != 1:
            message = f"enum takes 1 generic argument but {len(arguments)} were supplied"
            self.report.error(self.tree.span(node), message, code="E0107")
            return ERROR
        inner = self.read(arguments[0], depth + 1)
        resolved = resolve(inner)
        if not (is_scalar(resolved) or resolved is ERROR or isinstance(resolved, InferVar)):
            return self._refuse(
                node,
                f"`{self.tree.text(node)}` is not supported",
                "an Option may hold an integer, a bool, a reference or a raw pointer",
            )
        return OptionType(inner)

    def check_stored(self, found: Type, node: Node, where: str) -> bool:
        """Return whether a type may be kept in memory as *where* ("a field"); tell why not."""
        found = resolve(found)
        if found is ERROR:
            return False
        if found is C_VOID or found is NEVER or found is UNIT:
            self._refuse(node, f"{where} cannot have this type", "`c_void` stands behind a pointer only")
            return False
        if is_pair(found):
            self._refuse(node, f"an Option is not supported as {where}, unless of a reference")
            return False
        return True
