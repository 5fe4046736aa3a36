"""Types of the items: fields and layout of structs, signatures of functions, symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from btfview.compiler.rust.syntax.tree import UnsupportedSyntaxError
from btfview.compiler.rust.typed.definitions import Const, Function, Local, Static
from btfview.compiler.rust.types.inside import all_inside, parts_inside
from btfview.compiler.rust.types.kinds import (
    C_VOID,
    ERROR,
    I8,
    I16,
    I32,
    ISIZE,
    NEVER,
    U8,
    U16,
    U32,
    UNIT,
    USIZE,
    ArrayType,
    EnumType,
    Field,
    IntType,
    ModulePath,
    PointerType,
    StructType,
    Type,
    Variant,
    format_type,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, has_unspecified_layout, lay_out, size_of
from btfview.compiler.rust.types.passing import is_indirect, is_pair
from btfview.compiler.rust.types.traits import has_default, is_copy, lacks, may_be_in_union, not_shared
from btfview.diagnostics import Label
from btfview.source import Span

from .collect import Items, NewItems
from .facts import Once, TypeContext, TypeFacts
from .read_type import MAX_ARRAY_BYTES, TypeReader
from .symbols import SymbolNamer

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_Item = TypeVar("_Item", StructType, Function)

MAX_STRUCT_DEPTH = 64
MAX_ARGUMENTS = 5
"""Registers r1 to r5 (kernel: Documentation/bpf/standardization/abi.rst)."""


class Declarer:
    """Reads the types that :class:`.collect.Items` holds as syntax."""

    def __init__(self, items: Items, types: TypeReader, facts: TypeFacts) -> None:
        self.tree = items.tree
        self.report = items.report
        self.names = items.names
        self.items = items
        self.types = types
        self.facts = facts
        report = items.report
        self._layouts = Once(
            report, self._lay_out, "recursive type `{}` has infinite size", code="E0072",
            hint="put a pointer between: `*const`, `*mut` or `&`", limit=MAX_STRUCT_DEPTH,
            too_deep=("`{}` is nested too deeply in other structs", None),
        )  # fmt: skip
        self._discriminants = Once(
            report, self._number, "cycle detected when evaluating the discriminants of `{}`"
        )
        self._signatures = Once(
            report, self._read_signature, "cycle detected when computing function signature of `{}`"
        )
        self._value_types: Once[Const | Static, Type] = Once(
            report, self._read_value_type, "cycle detected when evaluating `{}`"
        )
        self._namer = SymbolNamer(report)

    def declare(self) -> NewItems:
        """Read the types of what is new among the items, and return that."""
        new = self.items.take_new()
        self._namer.name_types([*new.structs, *new.enums])
        for impl, method in new.methods:
            self._place(impl, method)
        for impl, module in new.markers:
            self._mark(impl, module)
        for impl, const in new.associated:
            self._place(impl, const)
        for enum in new.enums:
            self.complete_enum(enum)
        for alias in new.aliases:
            self.types.alias_type(alias)
        for struct in new.structs:
            self.complete(struct)
        for function in [*new.functions, *new.helpers]:
            self.declare_function(function)
        kfuncs = [function for function in new.helpers if function.is_kfunc]
        self._namer.name_symbols([*new.functions, *kfuncs, *new.statics])
        values: list[Const | Static] = [*new.consts, *new.statics]
        for value in values:
            self.declare_value(value)
        return new

    def declare_value(self, value: Const | Static) -> None:
        """Read the type of *value*, once; an array's length may want it before its turn."""
        self._value_types.of(value)

    def _read_value_type(self, value: Const | Static) -> Type:
        type_node = value.node.child_by_field_name("type")
        if type_node is None:
            self.report.error(value.span, f"missing type for `{value.name}`")
            return ERROR
        with self.names.inside(value.module):
            owner = value.owner if isinstance(value, Const) else None
            value.type = self.types.read(type_node, self.types.item_context(value.module, owner))
        where = "a constant" if isinstance(value, Const) else "a static"
        is_unit = isinstance(value, Const) and resolve(value.type) is UNIT  # `const _: () = assert!(..);`
        if not is_unit and not self.types.check_stored(value.type, type_node, where):
            value.type = ERROR
        elif isinstance(value, Static) and not value.is_mut and not value.is_external:
            self._check_shared(value, type_node)
        return value.type

    def _check_shared(self, static: Static, node: Node) -> None:
        part = not_shared(static.type)
        if part is not None:
            message = f"`{format_type(part)}` cannot be shared between threads safely"
            hint = "put it into a struct with `unsafe impl Sync for .. {}`"
            self.report.error(self.tree.span(node), message, code="E0277", hint=hint)

    def complete_enum(self, enum: EnumType) -> None:
        """Give the variants of *enum* their discriminants, once."""
        self._discriminants.of(enum)

    def _number(self, enum: EnumType) -> EnumType:
        kind = ISIZE if not enum.has_repr or enum.repr is I32 else enum.repr
        nodes = {
            self.tree.name(self.tree.need(child, "name")): child.child_by_field_name("value")
            for child in self.tree.children(self.tree.need(enum.node, "body"))
            if child.type == "enum_variant"
        }
        following = 0
        seen: dict[int, Variant] = {}
        context = self.types.item_context(enum.module)
        with self.names.inside(enum.module):
            for index, variant in enumerate(enum.variants):
                node = nodes.get(variant.name)
                value = following if node is None else self.facts.evaluate(node, kind, context)
                if not isinstance(value, int):
                    value = following
                elif not kind.minimum <= value <= kind.maximum:
                    message = f"enum discriminant overflowed: `{kind.name}` does not hold {value}"
                    self.report.error(variant.span, message, code="E0370")
                    value = 0
                following = value + 1
                known = Variant(variant.name, variant.span, value)
                enum.variants[index] = known
                first = seen.setdefault(value, known)
                if first is not known:
                    self.report.error(
                        enum.span,
                        f"discriminant value `{value}` assigned more than once",
                        code="E0081",
                        labels=(
                            Label(first.span, f"`{first.name}` has it"),
                            Label(variant.span, f"`{variant.name}` has it, too"),
                        ),
                    )
        if not enum.has_repr or enum.repr is I32:
            self._choose_repr(enum, min(seen, default=0), max(seen, default=0))
        return enum

    def _choose_repr(self, enum: EnumType, low: int, high: int) -> None:
        """As rustc does: the smallest integer that holds them all, and for ``repr(C)`` at least a C int."""
        for kind in (U8, I8, U16, I16, U32, I32, ISIZE, USIZE):
            if kind.minimum <= low and high <= kind.maximum and (kind.bits >= 32 or not enum.has_repr):
                enum.repr = kind
                return

    def _guard(self, read: Callable[[_Item], None], item: _Item) -> None:
        try:
            read(item)
        except UnsupportedSyntaxError as error:
            self.report.error(self.tree.span(error.node), error.what or "this syntax is not supported")

    def complete(self, struct: StructType) -> None:
        """Give *struct* its fields and layout, once."""
        if struct.size < 0:
            self._layouts.of(struct)

    def _lay_out(self, struct: StructType) -> StructType:
        with self.names.inside(struct.module):
            self._complete(struct)
        lay_out(struct)
        if struct.is_transparent:
            self._check_transparent(struct)
        if struct.derives:
            self._check_derived(struct)
        for field in struct.fields if struct.is_union else ():
            if not may_be_in_union(field.type):
                message = (
                    "field must implement `Copy` or be wrapped in `ManuallyDrop<...>` to be used in a union"
                )
                hint = "derive `Clone` and `Copy` for its type"
                self.report.error(field.span, message, code="E0740", hint=hint)
        if struct.size > MAX_ARRAY_BYTES:
            self.report.error(
                struct.span, f"`{struct.name}` is too large", hint="BTF holds sizes below 512 MB"
            )
        return struct

    def _check_derived(self, struct: StructType) -> None:
        """Complain about fields without the traits that are derived for the whole."""
        is_told = False
        for field in struct.fields:
            for trait, operator in (("PartialEq", "=="), ("PartialOrd", "<")):
                part = lacks(field.type, trait) if trait in struct.derives else None
                if part is not None:
                    shown = format_type(field.type)
                    message = f"binary operation `{operator}` cannot be applied to type `{shown}`"
                    code = "E0369" if trait == "PartialEq" else "E0277"
                    hint = f"derive `{trait}` for it, too"
                    self.report.error(field.span, message, code=code, hint=hint)
                    break
            if "Copy" in struct.derives and not is_copy(field.type) and not is_told:
                is_told = True
                labels = (Label(field.span, "this field does not implement `Copy`"),)
                message = "the trait `Copy` cannot be implemented for this type"
                hint = f"derive `Copy` for `{format_type(field.type)}`, too"
                self.report.error(struct.span, message, code="E0204", hint=hint, labels=labels)
            if "Default" in struct.derives and not has_default(field.type):
                message = f"the trait bound `{format_type(field.type)}: Default` is not satisfied"
                self.report.error(field.span, message, code="E0277", hint="write the value where it is made")

    def _check_transparent(self, struct: StructType) -> None:
        count = sum(size_of(field.type) > 0 or align_of(field.type) > 1 for field in struct.fields)
        if count > 1:
            message = (
                "transparent struct needs at most one field with non-trivial size or alignment, "
                f"but has {count}"
            )
            self.report.error(struct.span, message, code="E0690", hint="write `#[repr(C)]`")

    def _complete(self, struct: StructType) -> None:
        body = struct.node.child_by_field_name("body")
        if body is not None and body.type == "field_declaration_list":
            self._check_lifetimes(body, struct.node)
            self._guard(self._read_fields, struct)
        elif body is not None:
            self._check_lifetimes(body, struct.node)
            self._guard(self._read_ordered_fields, struct)
        parameters = struct.node.child_by_field_name("type_parameters")
        for child in self.tree.children(parameters) if parameters is not None else ():
            if child.type != "lifetime_parameter":
                message = "generic types are not supported"
                self.report.error(self.tree.span(child), message, hint="write the struct once for each type")

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
            self._add_field(struct, name, span, type_node).visibility = self.items.visibility(
                node, struct.module
            )
        if struct.is_union and not struct.fields:
            self.report.error(struct.span, "unions cannot have zero fields")

    def _read_ordered_fields(self, struct: StructType) -> None:
        """Read ``(pub A, B)``; the fields are named ``0``, ``1``."""
        attributes: list[Node] = []
        visibility = struct.module
        for node in self.tree.children(self.tree.need(struct.node, "body")):
            if node.type == "attribute_item":
                attributes.append(node)
            elif node.type == "visibility_modifier":
                visibility = self.items.visible_in(node, struct.module)
            else:
                self.items.attributes.harmless_only(attributes, "a field")
                name = str(len(struct.fields))
                self._add_field(struct, name, self.tree.span(node), node).visibility = visibility
                attributes, visibility = [], struct.module

    def _add_field(self, struct: StructType, name: str, span: Span, type_node: Node) -> Field:
        field_type = self.types.read(type_node, self.types.item_context(struct.module, struct))
        if not self.types.check_stored(field_type, type_node, "a field"):
            field_type = ERROR
        is_laid_out = struct.is_union or struct.has_repr_c or struct.marker is not None or struct.packed
        if is_laid_out and has_unspecified_layout(field_type):
            self.report.error(
                self.tree.span(type_node),
                f"Rust does not say how `{self.tree.text(type_node)}` is laid out",
                label=f"`{struct.name}` promises a layout",
                hint="write a `bool` and the value as two fields; an Option of a reference is a pointer",
            )
            field_type = ERROR
        innermost = resolve(field_type)
        while isinstance(innermost, ArrayType):
            innermost = resolve(innermost.element)
        if isinstance(innermost, StructType):
            self.complete(innermost)
        if any(map(_is_unfinished, all_inside(field_type, _parts_without_structs))):
            field_type = ERROR  # the struct holds itself, which was told: nothing may walk into it
        field = Field(name, span, self.tree.text(type_node), field_type, len(struct.fields))
        struct.add(field)
        return field

    def _place(self, impl: Node, item: Function | Const) -> None:
        """Enter a function or constant of an ``impl`` under its type."""
        type_node = impl.child_by_field_name("type")
        with self.names.inside(item.module):
            context = self.types.item_context(item.module)
            owner = self.types.read(type_node, context) if type_node is not None else ERROR
        if not isinstance(owner, (StructType, EnumType)):
            if owner is not ERROR and type_node is not None:
                self.report.error(
                    self.tree.span(type_node),
                    "cannot define inherent `impl` for a type outside of the crate",
                    code="E0390",
                    hint="methods belong to structs, unions and enums of this file",
                )
            return
        item.owner = owner
        methods = self.names.methods.setdefault(owner.key, {})
        consts = self.names.consts.setdefault(owner.key, {})
        first = methods.get(item.name) or consts.get(item.name)
        if first is not None:
            earlier, later = sorted([first, item], key=lambda one: one.span.start)
            # rustc tells it where it comes upon it: of two `impl`s it looks through the first.
            is_one = earlier.node.parent == later.node.parent
            told, other = (later, earlier) if is_one else (earlier, later)
            self.report.error(
                told.span,
                f"duplicate definitions with name `{item.name}`",
                code="E0592",
                labels=(Label(other.span, "other definition"),),
            )
        elif isinstance(item, Function):
            methods[item.name] = item
        else:
            consts[item.name] = item

    def _mark(self, impl: Node, module: ModulePath) -> None:
        """Take an ``unsafe impl Sync`` or ``Send``."""
        type_node, trait = self.tree.need(impl, "type"), self.tree.need(impl, "trait")
        with self.names.inside(module):
            found = self.types.read(type_node, self.types.item_context(module))
        name = self.tree.text(trait).rpartition("::")[2]
        if isinstance(found, (StructType, EnumType)):
            if name in found.derives:
                message = f"conflicting implementations of trait `{name}` for type `{found.name}`"
                self.report.error(self.tree.span(impl), message, code="E0119", hint="keep one of them")
            found.derives |= {name}
        elif found is not ERROR:
            message = (
                f"only traits defined in the current crate can be implemented for `{format_type(found)}`"
            )
            self.report.error(self.tree.span(impl), message, code="E0117", hint="wrap it in a struct")

    def declare_function(self, function: Function) -> bool:
        """Read the types of parameters and result, once; a constant may call before its turn.

        Return whether they are known.
        """
        return self._signatures.of(function) is not None

    def _read_signature(self, function: Function) -> Function:
        with self.names.inside(function.module):
            self._guard(self._read_types, function)
        return function

    def _read_types(self, function: Function) -> None:
        context = self.types.item_context(function.module, function.owner)
        function.result = ERROR
        node = function.node
        references: list[bool] = []
        attributes: list[Node] = []
        for child in self.tree.children(self.tree.need(node, "parameters")):
            if child.type == "attribute_item":
                attributes.append(child)
                continue
            self.items.attributes.harmless_only(attributes, "a parameter")
            attributes = []
            self._read_parameter(function, child, context, references)
        result_node = node.child_by_field_name("return_type")
        self._check_lifetimes(self.tree.need(node, "parameters"), node)
        if result_node is not None:
            self._check_lifetimes(result_node, node)
        function.result = self.types.read(result_node, context) if result_node is not None else UNIT
        if result_node is not None:
            self._check_result(function, result_node)
            self._check_elision(function, result_node, references)
        self._check_arguments(function)
        if function.section is not None:
            self._check_entry(function)

    def _read_parameter(
        self, function: Function, node: Node, context: TypeContext, references: list[bool]
    ) -> None:
        span = self.tree.span(node)
        is_self, named = node.type == "self_parameter", node.child_by_field_name("pattern")
        if function.params and (is_self or (named is not None and named.type == "self")):
            label = "must be the first parameter of an associated function"
            self.report.error(span, "unexpected `self` parameter in function", label=label, hint="drop it")
            return
        if is_self:
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
        param_type = self.types.read(type_node, context)
        if pattern.type == "self":
            self._add_typed_self(function, node, param_type, references)
            return
        is_pattern = pattern.type not in ("identifier", "_")
        if is_pattern and function.helper_number is not None:
            message = "patterns aren't allowed in functions without bodies"
            self.report.error(self.tree.span(pattern), message, code="E0130", hint="name the parameter")
            return
        name = "_" if is_pattern else name
        if not (name.isascii() and (name.isidentifier() or name == "_")):
            message = f"the parameter name `{name}` is not a C identifier"
            self.report.error(self.tree.span(pattern), message, hint="it is stored in BTF")
        for other in function.params:
            if other.name == name != "_":
                message = f"identifier `{name}` is bound more than once in this parameter list"
                self.report.error(self.tree.span(pattern), message, code="E0415")
        found = resolve(param_type)
        if is_indirect(found) and self._is_foreign(function):
            message = f"`{name}` cannot be passed by value: BPF passes arguments in registers"
            self.report.error(self.tree.span(type_node), message, hint="pass a reference or a pointer")
            param_type = ERROR
        elif found in (C_VOID, NEVER, UNIT) and found is not ERROR:
            self.report.error(self.tree.span(type_node), "this type cannot be that of a parameter")
            param_type = ERROR
        is_mut = self.tree.child(node, "mutable_specifier") is not None
        references += _reference_lifetimes(type_node)
        function.params.append(Local(name, param_type, self.tree.span(pattern), is_mut))
        if is_pattern:
            function.param_patterns.append((function.params[-1], pattern))

    def _add_self(self, function: Function, node: Node, references: list[bool]) -> None:
        span = self.tree.span(node)
        around = function.node.parent.parent if function.node.parent is not None else None
        if function.owner is None and around is not None and around.type == "impl_item":
            return  # of a type that cannot have methods, which was told
        if function.owner is None:
            message = "`self` parameter is only allowed in associated functions"
            self.report.error(span, message, hint="move the function into an `impl`")
            return
        kinds = [child.type for child in node.children]
        self_node = next(child for child in node.children if child.type == "self")
        if "&" not in kinds:
            is_mut = "mutable_specifier" in kinds
            function.self_param = Local("self", function.owner, self.tree.span(self_node), is_mut)
            function.params.append(function.self_param)
            return
        references.append(True)
        self_type = PointerType(function.owner, "mutable_specifier" in kinds, True)
        function.self_param = Local("self", self_type, self.tree.span(self_node), False)
        function.params.append(function.self_param)

    def _add_typed_self(
        self, function: Function, node: Node, param_type: Type, references: list[bool]
    ) -> None:
        span = self.tree.span(node)
        found = resolve(param_type)
        is_reference = isinstance(found, PointerType) and found.is_ref and found.pointee is function.owner
        if not is_reference and (found is not function.owner or found is None):
            if found is not ERROR:
                self.report.error(span, "invalid `self` parameter type", code="E0307", hint="`&self`")
            return
        references += [True] if is_reference else []
        function.self_param = Local("self", found, span, False)
        function.params.append(function.self_param)

    def _check_result(self, function: Function, node: Node) -> None:
        result = resolve(function.result)
        if (is_indirect(result) and self._is_foreign(function)) or result is C_VOID:
            self.report.error(
                self.tree.span(node),
                f"`{self.tree.text(node)}` cannot be returned by value: BPF returns one register",
                hint="take a `&mut` parameter and fill it in",
            )
            function.result = ERROR

    def _is_foreign(self, function: Function) -> bool:
        """Whether the C ABI holds, for which a hidden pointer would be another signature."""
        return function.is_extern_c or function.helper_number is not None

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

    def _check_lifetimes(self, used: Node, item: Node | None) -> None:
        """Complain about lifetimes in *used* that neither *item* nor an ``impl`` around it declares."""
        if "'" not in self.tree.text(used):
            return
        known = {"'static", "'_"}
        while item is not None:
            parameters = item.child_by_field_name("type_parameters")
            for child in self.tree.children(parameters) if parameters is not None else ():
                known.add(self.tree.text(child).partition(":")[0].strip())
            item = item.parent
        pending = [used]
        while pending:
            node = pending.pop()
            if node.type == "lifetime" and self.tree.text(node) not in known:
                name = self.tree.text(node)
                message = f"use of undeclared lifetime name `{name}`"
                self.report.error(self.tree.span(node), message, code="E0261", hint=f"declare it: `<{name}>`")
            pending.extend(reversed(node.named_children))

    def _check_arguments(self, function: Function) -> None:
        registers = sum(2 if is_pair(param.type) else 1 for param in function.params)
        if is_pair(function.result) or is_indirect(function.result):
            registers += 1  # the hidden pointer to where the value goes
        if registers > MAX_ARGUMENTS and (function.is_exported or function.helper_number is not None):
            self.report.error(
                function.span,
                f"`{function.name}` needs {registers} argument registers, BPF has {MAX_ARGUMENTS}",
                hint="an Option of an integer takes two; a result that is no plain value takes one",
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
        is_void = result is UNIT and (function.section or "").startswith("struct_ops")
        if not (isinstance(result, IntType) or result is ERROR or is_void):
            self.report.error(function.span, "an entry function returns an integer", hint="write `-> i32`")


def _is_unfinished(found: Type) -> bool:
    return isinstance(found, StructType) and found.size < 0


def _parts_without_structs(found: Type) -> tuple[Type, ...]:
    return () if isinstance(found, StructType) else parts_inside(found)


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
