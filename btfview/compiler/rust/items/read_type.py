"""Type syntax to types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.tree import Tree
from btfview.compiler.rust.typed.definitions import Alias, Const, Function, Static
from btfview.compiler.rust.types.infer import is_too_complex
from btfview.compiler.rust.types.kinds import (
    C_TYPES,
    C_VOID,
    ERROR,
    NEVER,
    PRIMITIVES,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    HelperType,
    InferVar,
    IntType,
    ModulePath,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    is_nullable_pointer,
    is_scalar,
    resolve,
)
from btfview.compiler.rust.types.layout import size_of
from btfview.compiler.rust.types.passing import is_movable
from btfview.diagnostics import Label
from btfview.words import noun_for, plural

from .core_names import LIBRARY_TYPES, MAYBE_UNINIT, OPTION, RESULT
from .facts import Once, TypeContext, TypeFacts
from .names import Names, path_segments, similar

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

MAX_TYPE_DEPTH = 32
MAX_ARRAY_LENGTH = 1 << 31
_NESTED = frozenset([TupleType, ArrayType, OptionType, ResultType, PointerType])
MAX_ARRAY_BYTES = 1 << 29
"""Bits of a type must fit the 32-bit offsets and sizes of BTF."""


class TypeReader:
    """Turns type syntax into types."""

    def __init__(self, tree: Tree, names: Names, report: Report, facts: TypeFacts) -> None:
        self.tree = tree
        self.names = names
        self.report = report
        self.facts = facts
        self._aliases: Once[Alias, Type] = Once(
            report, self._read_alias, "cycle detected when expanding type alias `{}`"
        )

    def item_context(self, module: ModulePath, self_type: StructType | EnumType | None = None) -> TypeContext:
        """Return what the types of an item of *module* may name."""
        return TypeContext(self_type, False, lambda: self.names.block_locals.get(module, frozenset()))

    def read(self, node: Node, context: TypeContext, depth: int = 0) -> Type:
        """Return the type that *node* writes; ``ERROR``, told, where it is none."""
        if depth > MAX_TYPE_DEPTH:
            return self._refuse(node, "this type is nested too deeply")
        found = self._read(node, context, depth)
        if type(found) in _NESTED and is_too_complex(found):
            return self._refuse(node, "this type is too complex", "use a struct for a part of it")
        return found

    def _read(self, node: Node, context: TypeContext, depth: int) -> Type:
        match node.type:
            case "primitive_type" | "type_identifier" | "scoped_type_identifier" | "identifier":
                return self._read_path(node, context)
            case "pointer_type":
                is_mut = self.tree.child(node, "mutable_specifier") is not None
                return PointerType(self.read(self.tree.need(node, "type"), context, depth + 1), is_mut, False)
            case "reference_type":
                is_mut = self.tree.child(node, "mutable_specifier") is not None
                return PointerType(self.read(self.tree.need(node, "type"), context, depth + 1), is_mut, True)
            case "array_type":
                return self._read_array(node, context, depth)
            case "generic_type":
                return self._read_generic(node, context, depth)
            case "unit_type":
                return UNIT
            case "never_type":
                return NEVER
            case "tuple_type":
                return self._read_tuple(node, context, depth)
            case "function_type":
                return self._read_function(node, context, depth)
            case "dynamic_type" | "abstract_type":
                return self._refuse(node, "traits are not supported", "name a struct")
        return self._refuse(node, f"this type is not supported: `{self.tree.text(node)}`")

    def _refuse(self, node: Node, message: str, hint: str | None = None) -> Type:
        hint = (
            hint or "supported: integers, bool, char, pointers, references, arrays, structs, unions, Option"
        )
        self.report.error(self.tree.span(node), message, hint=hint)
        return ERROR

    def _read_path(self, node: Node, context: TypeContext) -> Type:
        segments = path_segments(self.tree, node)
        if segments is None:
            return self._refuse(node, f"this type is not supported: `{self.tree.text(node)}`")
        if segments == ("Self",):
            if context.self_type is not None:
                return context.self_type
            if self.names.is_inside_method():
                message = "can't use `Self` from outer item"
                self.report.error(self.tree.span(node), message, code="E0401", hint="name the type")
            else:
                self.report.error(self.tree.span(node), "cannot find type `Self` in this scope", code="E0411")
            return ERROR
        if segments == ("_",):
            if not context.allow_infer:
                message = "the placeholder `_` is not allowed within types on item signatures"
                self.report.error(self.tree.span(node), message, code="E0121")
                return ERROR
            return InferVar(self.tree.span(node), False)
        path = self.names.expand_type(segments)
        hidden = self.names.private_module(segments) if len(segments) > 2 else None
        if hidden is not None:
            self.report.error(
                self.tree.span(node), f"module `{hidden}` is private", code="E0603", hint="make it `pub`"
            )
        imported = self.names.private_import(segments) if len(segments) > 1 and hidden is None else None
        if imported is not None:
            message = f"import `{imported}` is private"
            self.report.error(self.tree.span(node), message, code="E0603", hint="write `pub use`")
        if self.names.globs and self.names.is_ambiguous(segments[0]):
            message, which = f"`{segments[0]}` is ambiguous", "import the one that is meant by its name"
            self.report.error(self.tree.span(node), message, code="E0659", hint=which)
        if len(path) == 1:
            name = path[0]
            item = self.names.types.get(name) or self.names.aliases.get(name)
            if item is not None:
                self.check_visible(item, "type alias" if isinstance(item, Alias) else _kind(item), node)
                return self.alias_type(item) if isinstance(item, Alias) else item
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
        if path == MAYBE_UNINIT:
            return self._refuse_uninitialised(node)
        if path in (OPTION, RESULT):
            message = f"missing generics for enum `{path[2]}`"
            self.report.error(self.tree.span(node), message, code="E0107")
            return ERROR
        if len(segments) == 1 and segments[0] in self.names.told_missing:
            return ERROR
        known = [*self.names.types, *self.names.aliases, *PRIMITIVES]
        known += [name for module, name in self.names.imports if module == self.names.module]
        hint = similar(segments[-1], known)
        if segments[-1] in C_TYPES and len(segments) == 1:
            hint = f"add `use core::ffi::{segments[-1]};`"
        code = "E0433" if len(path) > 1 else "E0425"
        message = f"cannot find type `{'::'.join(segments)}` in this scope"
        self.report.error(self.tree.span(node), message, code=code, label="not found", hint=hint)
        return ERROR

    def check_visible(
        self,
        item: StructType | EnumType | Alias | Function | Static | Const,
        kind: str,
        node: Node,
    ) -> None:
        """Complain where *item* is private to a module that does not hold *node*."""
        if not self.names.is_visible(item.visibility) and item not in self.names.told_private:
            self.report.error(
                self.tree.span(node.child_by_field_name("name") or node),
                f"{kind} `{item.name}` is private",
                code="E0603",
                label=f"private {kind}",
                labels=(Label(item.span, f"the {kind} `{item.name}` is defined here"),),
                hint="make it `pub`",
            )

    def alias_type(self, alias: Alias) -> Type:
        """Return what a ``type`` item stands for."""
        found = self._aliases.of(alias)
        return ERROR if found is None else found

    def _read_alias(self, alias: Alias) -> Type:
        with self.names.inside(alias.module):
            return self.read(self.tree.need(alias.node, "type"), self.item_context(alias.module))

    def owner(self, key: str, context: TypeContext) -> StructType | EnumType | IntType | None:
        """Return the type that stands before ``::`` in a path, if it is one that has items."""
        if key == "Self":
            return context.self_type
        alias = self.names.aliases.get(key)
        found = resolve(self.alias_type(alias)) if alias is not None else self.names.types.get(key)
        found = found or PRIMITIVES.get(key)
        return found if isinstance(found, (StructType, EnumType, IntType)) else None

    def _read_tuple(self, node: Node, context: TypeContext, depth: int) -> Type:
        tokens = self.tree.tokens(node)
        if len(tokens) == 3:  # parentheses only
            return self.read(tokens[1], context, depth + 1)
        elements = [self.read(child, context, depth + 1) for child in self.tree.children(node)]
        if any(resolve(element) is ERROR for element in elements):
            return ERROR
        for element, child in zip(elements, self.tree.children(node), strict=True):
            if not is_movable(element) or resolve(element) is NEVER:
                return self._refuse(child, "a tuple element cannot have this type")
            self._complete(element)
        return TupleType(tuple(elements))

    def _read_function(self, node: Node, context: TypeContext, depth: int) -> Type:
        modifiers = self.tree.text(node).split("fn", 1)[0].split()
        if "extern" not in modifiers:
            return self._refuse(
                node,
                "function pointers are not supported",
                'but those of helpers: `unsafe extern "C" fn(..) -> u64`, made by `transmute` of a number',
            )
        params: list[Type] = []
        for child in self.tree.children(self.tree.need(node, "parameters")):
            kind = child.type
            type_node = child.child_by_field_name("type") if kind == "parameter" else child
            if kind == "variadic_parameter" or type_node is None:
                return self._refuse(child, "a variadic function pointer is not supported")
            params.append(self.read(type_node, context, depth + 1))
        result_node = node.child_by_field_name("return_type")
        result = self.read(result_node, context, depth + 1) if result_node is not None else UNIT
        if any(resolve(part) is ERROR for part in (*params, result)):
            return ERROR
        for part in (*params, result):
            if not (is_scalar(part) or is_nullable_pointer(part) or (part is result and part is UNIT)):
                return self._refuse(node, "helpers take and return integers and pointers")
        if len(params) > 5:
            return self._refuse(node, "a helper takes five arguments at most", "r1 to r5 carry them")
        return HelperType(tuple(params), result, "unsafe" in modifiers)

    def _read_array(self, node: Node, context: TypeContext, depth: int) -> Type:
        element = self.read(self.tree.need(node, "element"), context, depth + 1)
        length_node = node.child_by_field_name("length")
        if length_node is None:
            return self._refuse(node, "slices are not supported", "use an array `[T; N]` or a raw pointer")
        length = self.array_length(length_node, context)
        if length is None or not self.check_stored(element, node, "an array element"):
            return ERROR
        innermost = element
        while isinstance(innermost, ArrayType):
            innermost = innermost.element
        if isinstance(innermost, StructType):
            self.facts.complete(innermost)
        if length * max(1, size_of(element)) > MAX_ARRAY_BYTES:
            return self._refuse(node, "this array is too large", "BTF holds sizes below 512 MB")
        return ArrayType(element, length)

    def array_length(self, node: Node, context: TypeContext) -> int | None:
        """Return the value of an array's length; None, told, where it has none."""
        value = self.facts.evaluate(node, USIZE, context)
        if not isinstance(value, int):
            return None
        if value > MAX_ARRAY_LENGTH:
            self.report.error(
                self.tree.span(node), "this array is too long", hint="BTF holds lengths below 2^32"
            )
            return None
        return value

    def _read_generic(self, node: Node, context: TypeContext, depth: int) -> Type:
        base = self.tree.need(node, "type")
        segments = path_segments(self.tree, base)
        arguments = self.tree.children(self.tree.need(node, "type_arguments"))
        full = self.names.expand_type(segments) if segments is not None else ()
        item = self.names.types.get(full[0]) if len(full) == 1 else None
        if item is not None and all(argument.type == "lifetime" for argument in arguments):
            return self._read_path(base, context)
        if full == MAYBE_UNINIT:
            return self._refuse_uninitialised(node)
        if full == RESULT:
            return self._read_result(node, arguments, context, depth)
        if full != OPTION:
            if item is not None or (full and full[0] in self.names.aliases):
                kind = _kind(item) if item is not None else "type alias"
                return self._wrong_count(node, kind, 0, len(arguments))
            return self._refuse(node, f"generic types are not supported: `{self.tree.text(node)}`")
        if len(arguments) != 1:
            return self._wrong_count(node, "enum", 1, len(arguments))
        inner = self.read(arguments[0], context, depth + 1)
        if not is_movable(inner):
            return self._refuse(node, f"`{self.tree.text(node)}` is not supported", "`Option<*mut c_void>`")
        self._complete(inner)
        return ERROR if resolve(inner) is ERROR else OptionType(inner)

    def _wrong_count(self, node: Node, kind: str, wanted: int, given: int) -> Type:
        were = noun_for(given, "was", "were")
        takes, supplied = plural(wanted, "generic argument"), plural(given, "generic argument")
        message = f"{kind} takes {takes} but {supplied} {were} supplied"
        self.report.error(self.tree.span(node), message, code="E0107")
        return ERROR

    def _refuse_uninitialised(self, node: Node) -> Type:
        message = "uninitialised memory is not supported: the verifier refuses to read it"
        return self._refuse(node, message, "begin with a value, or with `unsafe { core::mem::zeroed() }`")

    def _complete(self, found: Type) -> None:
        """Have a struct laid out that is a part of another type, or told that it is its own part."""
        found = resolve(found)
        if isinstance(found, StructType):
            self.facts.complete(found)

    def _read_result(self, node: Node, arguments: list[Node], context: TypeContext, depth: int) -> Type:
        if len(arguments) != 2:
            return self._wrong_count(node, "enum", 2, len(arguments))
        ok, err = (self.read(argument, context, depth + 1) for argument in arguments)
        for part in (ok, err):
            if not is_movable(part):
                return self._refuse(node, f"`{self.tree.text(node)}` is not supported", "hold a pointer")
            self._complete(part)
        return ERROR if ERROR in (resolve(ok), resolve(err)) else ResultType(ok, err)

    def check_stored(self, found: Type, node: Node, where: str) -> bool:
        """Return whether a type may be kept in memory as *where* ("a field"); tell why not."""
        found = resolve(found)
        if found is ERROR:
            return False
        if found is C_VOID or found is NEVER or (found is UNIT and where != "a constant"):
            self._refuse(node, f"{where} cannot have this type", "`c_void` stands behind a pointer only")
            return False
        if isinstance(found, HelperType) and where not in ("a constant", "a field"):
            self._refuse(node, f"a function pointer is not supported as {where}")
            return False
        return True


def _kind(item: StructType | EnumType) -> str:
    if isinstance(item, EnumType):
        return "enum"
    return "union" if item.is_union else "struct"
