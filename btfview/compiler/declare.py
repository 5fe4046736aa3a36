"""Types of the items: fields and layout of structs, signatures of functions, symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..diagnostics import Label
from .items import Items
from .names import MAX_ARRAY_BYTES, Const, Names, TypeReader
from .nodes import Function, Local, Static
from .report import Report
from .syntax import Tree, UnsupportedSyntaxError
from .types import (
    C_VOID,
    ERROR,
    NEVER,
    UNIT,
    ArrayType,
    Field,
    IntType,
    PointerType,
    StructType,
    Type,
    is_aggregate,
    is_pair,
    resolve,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_Item = TypeVar("_Item", StructType, Function)

MAX_STRUCT_DEPTH = 64
MAX_ARGUMENTS = 5
"""Registers r1 to r5 (kernel: Documentation/bpf/standardization/abi.rst)."""


class Declarer:
    """Reads the types that :class:`.items.Items` holds as syntax."""

    def __init__(self, tree: Tree, report: Report, names: Names, types: TypeReader, items: Items) -> None:
        self.tree = tree
        self.report = report
        self.names = names
        self.types = types
        self.items = items
        self._completing: list[StructType] = []
        types.complete = self.complete

    def declare(self) -> None:
        for struct in self.items.structs:
            self.complete(struct)
        for impl, function in self.items.methods:
            self._place_method(impl, function)
        for function in [*self.items.functions, *self.items.helpers]:
            self._guard(self._read_signature, function)
        self._name_symbols()
        values: list[Const | Static] = [*self.items.consts, *self.items.statics]
        for value in values:
            type_node = value.node.child_by_field_name("type")
            if type_node is None:
                self.report.error(value.span, f"missing type for `{value.name}`")
                continue
            value.type = self.types.read(type_node)
            if not self.types.check_stored(value.type, type_node, "a constant"):
                value.type = ERROR

    def _guard(self, read: Callable[[_Item], None], item: _Item) -> None:
        try:
            read(item)
        except UnsupportedSyntaxError as error:
            self.report.error(self.tree.span(error.node), error.what or "this syntax is not supported")

    def complete(self, struct: StructType) -> None:
        """Give *struct* its fields and layout, once."""
        if struct.size >= 0:
            return
        if struct in self._completing:
            self.report.error(
                struct.span,
                f"recursive type `{struct.name}` has infinite size",
                code="E0072",
                hint="put a pointer between: `*const`, `*mut` or `&`",
            )
            return
        if len(self._completing) > MAX_STRUCT_DEPTH:
            self.report.error(struct.span, f"`{struct.name}` is nested too deeply in other structs")
            return
        self._completing.append(struct)
        body = struct.node.child_by_field_name("body")
        if body is not None and body.type == "field_declaration_list":
            self._guard(self._read_fields, struct)
        elif body is not None:
            self.report.error(
                self.tree.span(body), "tuple structs are not supported", hint="name the fields: `{ a: u32 }`"
            )
        parameters = struct.node.child_by_field_name("type_parameters")
        for child in self.tree.children(parameters) if parameters is not None else ():
            if child.type != "lifetime_parameter":
                message = "generic types are not supported"
                self.report.error(self.tree.span(child), message, hint="write the struct once for each type")
        self._completing.pop()
        if struct.size < 0:
            struct.lay_out()
        if struct.size > MAX_ARRAY_BYTES:
            self.report.error(
                struct.span, f"`{struct.name}` is too large", hint="BTF holds sizes below 512 MB"
            )

    def _read_fields(self, struct: StructType) -> None:
        attributes: list[Node] = []
        for node in self.tree.children(self.tree.need(struct.node, "body")):
            if node.type == "attribute_item":
                attributes.append(node)
                continue
            self.items.attributes.harmless_only(attributes, "a field")
            attributes = []
            name_node, type_node = self.tree.need(node, "name"), self.tree.need(node, "type")
            name, span = self.tree.name(name_node), self.tree.span(name_node)
            if not (name.isascii() and name.isidentifier()):
                message = f"the field name `{name}` is not a C identifier"
                self.report.error(span, message, hint="the kernel accepts letters, digits and `_` in BTF")
            first = struct.field(name)
            if first is not None:
                self.report.error(
                    span,
                    f"field `{name}` is already declared",
                    code="E0124",
                    labels=(Label(first.span, f"`{name}` first declared here"),),
                )
                continue
            field_type = self.types.read(type_node)
            if not self.types.check_stored(field_type, type_node, "a field"):
                field_type = ERROR
            innermost = resolve(field_type)
            while isinstance(innermost, ArrayType):
                innermost = resolve(innermost.element)
            if isinstance(innermost, StructType):
                self.complete(innermost)
            field = Field(name, span, self.tree.text(type_node), field_type, len(struct.fields))
            struct.fields.append(field)
        if struct.is_union and not struct.fields:
            self.report.error(struct.span, "unions cannot have zero fields")

    def _place_method(self, impl: Node, function: Function) -> None:
        type_node = impl.child_by_field_name("type")
        owner = self.types.read(type_node) if type_node is not None else ERROR
        if not isinstance(owner, StructType):
            if owner is not ERROR and type_node is not None:
                self.report.error(
                    self.tree.span(type_node),
                    "cannot define inherent `impl` for a type outside of the crate",
                    code="E0390",
                    hint="methods belong to structs and unions of this file",
                )
            return
        function.owner = owner
        methods = self.names.methods.setdefault(owner.name, {})
        first = methods.get(function.name)
        if first is not None:
            self.report.error(
                function.span,
                f"duplicate definitions with name `{function.name}`",
                code="E0592",
                labels=(Label(first.span, "other definition"),),
            )
            return
        methods[function.name] = function

    def _read_signature(self, function: Function) -> None:
        self.types.self_type = function.owner
        function.result = ERROR
        node = function.node
        references: list[bool] = []
        for child in self.tree.children(self.tree.need(node, "parameters")):
            self._read_parameter(function, child, references)
        result_node = node.child_by_field_name("return_type")
        function.result = self.types.read(result_node) if result_node is not None else UNIT
        if result_node is not None:
            self._check_result(function, result_node)
            self._check_elision(function, result_node, references)
        self._check_arguments(function)
        if function.section is not None:
            self._check_entry(function)
        self.types.self_type = None

    def _read_parameter(self, function: Function, node: Node, references: list[bool]) -> None:
        span = self.tree.span(node)
        if node.type == "self_parameter":
            self._add_self(function, node, references)
            return
        if node.type == "variadic_parameter":
            function.is_variadic = True
            if function.helper_number is None:
                self.report.error(
                    span, "C-variadic functions are not supported", hint="declare each parameter"
                )
            return
        if node.type != "parameter":
            self.report.error(span, "this parameter is not supported", hint="write `name: Type`")
            return
        pattern, type_node = self.tree.need(node, "pattern"), self.tree.need(node, "type")
        name = self.tree.name(pattern)
        param_type = self.types.read(type_node)
        if pattern.type == "self":
            self._add_typed_self(function, node, param_type, references)
            return
        if pattern.type not in ("identifier", "_"):
            message = "patterns in parameters are not supported"
            self.report.error(self.tree.span(pattern), message, hint="name the parameter, then use `let`")
            return
        if not (name.isascii() and (name.isidentifier() or name == "_")):
            message = f"the parameter name `{name}` is not a C identifier"
            self.report.error(self.tree.span(pattern), message, hint="it is stored in BTF")
        for other in function.params:
            if other.name == name != "_":
                message = f"identifier `{name}` is bound more than once in this parameter list"
                self.report.error(self.tree.span(pattern), message, code="E0415")
        found = resolve(param_type)
        if is_aggregate(found):
            message = f"`{name}` cannot be passed by value: BPF passes arguments in registers"
            self.report.error(self.tree.span(type_node), message, hint="pass a reference")
            param_type = ERROR
        elif found in (C_VOID, NEVER, UNIT) and found is not ERROR:
            self.report.error(self.tree.span(type_node), "this type cannot be that of a parameter")
            param_type = ERROR
        is_mut = any(child.type == "mutable_specifier" for child in node.children)
        references += _reference_lifetimes(type_node)
        function.params.append(Local(name, param_type, self.tree.span(pattern), is_mut))

    def _add_self(self, function: Function, node: Node, references: list[bool]) -> None:
        span = self.tree.span(node)
        if function.owner is None:
            message = "`self` parameter is only allowed in associated functions"
            self.report.error(span, message, hint="move the function into an `impl`")
            return
        kinds = [child.type for child in node.children]
        if "&" not in kinds:
            self.report.error(
                span,
                "`self` cannot be passed by value: BPF passes arguments in registers",
                hint="take `&self` or `&mut self`",
            )
            return
        references.append(True)
        self_node = next(child for child in node.children if child.type == "self")
        self_type = PointerType(function.owner, "mutable_specifier" in kinds, True)
        function.self_param = Local("self", self_type, self.tree.span(self_node), False)
        function.params.append(function.self_param)

    def _add_typed_self(
        self, function: Function, node: Node, param_type: Type, references: list[bool]
    ) -> None:
        span = self.tree.span(node)
        found = resolve(param_type)
        if not (isinstance(found, PointerType) and found.is_ref and found.pointee is function.owner):
            if found is not ERROR:
                self.report.error(span, "invalid `self` parameter type", code="E0307", hint="`&self`")
            return
        references.append(True)
        function.self_param = Local("self", found, span, False)
        function.params.append(function.self_param)

    def _check_result(self, function: Function, node: Node) -> None:
        result = resolve(function.result)
        if result is NEVER:
            self.report.error(
                self.tree.span(node),
                "functions that never return are not supported",
                hint="every BPF program ends; a panic returns early here, so no handler is needed",
            )
            function.result = ERROR
        elif is_aggregate(result) or result is C_VOID:
            self.report.error(
                self.tree.span(node),
                f"`{self.tree.text(node)}` cannot be returned by value: BPF returns one register",
                hint="take a `&mut` parameter and fill it in",
            )
            function.result = ERROR

    def _check_elision(self, function: Function, node: Node, references: list[bool]) -> None:
        """Rust's rule for references in a result (reference: lifetime elision in functions)."""
        if "'" in self.tree.text(node) or not any(_reference_lifetimes(node)):
            return
        if function.self_param is None and len(references) != 1:
            self.report.error(
                self.tree.span(node),
                "missing lifetime specifier",
                code="E0106",
                label="expected named lifetime parameter",
                hint="name the parameter that it comes from, as in `fn f<'a>(x: &'a T) -> &'a U`",
            )

    def _check_arguments(self, function: Function) -> None:
        registers = sum(2 if is_pair(param.type) else 1 for param in function.params)
        if is_pair(function.result):
            registers += 1  # the hidden pointer to where the value goes
        if registers > MAX_ARGUMENTS and (function.is_exported or function.helper_number is not None):
            self.report.error(
                function.span,
                f"`{function.name}` needs {registers} argument registers, BPF has {MAX_ARGUMENTS}",
                hint="an Option of an integer takes two, or one as the result; pass a struct by reference",
            )

    def _check_entry(self, function: Function) -> None:
        if not function.is_extern_c:
            self.report.error(
                function.span,
                'an entry function must be `extern "C"`',
                hint=f'write `pub extern "C" fn {function.name}(..)`',
            )
        if len(function.params) > 1 or any(is_pair(param.type) for param in function.params):
            self.report.error(
                function.span,
                "an entry function takes one argument, the context",
                hint="as in `ctx: *mut c_void`",
            )
        result = resolve(function.result)
        if not (isinstance(result, IntType) or result is ERROR):
            self.report.error(function.span, "an entry function returns an integer", hint="write `-> i32`")

    def _name_symbols(self) -> None:
        """Give every function its ELF symbol: its own name, with the type's before it where that is taken.

        BTF wants C identifiers and the DISubprogram named as the symbol, so paths cannot be used.
        """
        counts: dict[str, int] = {}
        for function in self.items.functions:
            counts[function.name] = counts.get(function.name, 0) + 1
        taken = {static.name for static in self.items.statics}
        taken |= {function.name for function in self.items.functions if function.owner is None}
        for function in self.items.functions:
            if function.owner is None:
                continue
            symbol = function.name
            if counts[symbol] > 1 or symbol in taken:
                symbol = f"{function.owner.name}_{function.name}"
            while symbol in taken:
                symbol += "_"
            taken.add(symbol)
            function.symbol = symbol


def _reference_lifetimes(node: Node) -> list[bool]:
    """Return True for each reference in a type without a named lifetime, False for each with one."""
    found: list[bool] = []
    pending = [node]
    while pending:
        part = pending.pop()
        if part.type == "reference_type":
            found.append(not any(child.type == "lifetime" for child in part.children))
        pending.extend(part.named_children)
    return found
