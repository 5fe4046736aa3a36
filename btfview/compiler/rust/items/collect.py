"""The items of a source: collected by name first, then given their types, so that order does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from btfview.bpf_helpers import HELPER_NUMBERS
from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.attributes import HARMLESS, AttributeReader
from btfview.compiler.rust.syntax.tree import Tree, UnsupportedSyntaxError
from btfview.compiler.rust.typed.definitions import Alias, Const, Function, LayoutUse, Static
from btfview.compiler.rust.types.kinds import (
    ERROR,
    PRIMITIVES,
    EnumType,
    IntType,
    ModulePath,
    StructType,
    Variant,
)
from btfview.diagnostics import Label
from btfview.frozen import frozen
from btfview.source import Span

from .core_names import KEYWORDS
from .imports import Import, check_imports, is_pub, read_use
from .item_rules import check_default, check_marker, check_panic_handler, check_where
from .names import Names, is_block, normal_module, path_segments, step_from

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

MAX_MODULE_DEPTH = 16
MAX_BLOCK_DEPTH = 48
_UNSUPPORTED_ITEMS = {
    "trait_item": ("traits are not supported", "write an `impl` of the struct"),
    "extern_crate_declaration": ("other crates are not supported", "one file is compiled alone"),
    "macro_invocation": ("macros between items are not supported", None),
}


@frozen
class NewItems:
    """What :class:`Items` collected since it was last asked: everything, or what a block holds."""

    structs: tuple[StructType, ...]
    enums: tuple[EnumType, ...]
    aliases: tuple[Alias, ...]
    functions: tuple[Function, ...]
    methods: tuple[tuple[Node, Function], ...]
    helpers: tuple[Function, ...]
    statics: tuple[Static, ...]
    consts: tuple[Const, ...]
    associated: tuple[tuple[Node, Const], ...]
    markers: tuple[tuple[Node, ModulePath], ...]


class Items:
    """Everything a source declares, by name; types and signatures are read later (:mod:`.declare`)."""

    def __init__(self, tree: Tree, report: Report, names: Names) -> None:
        self.tree = tree
        self.report = report
        self.names = names
        self.attributes = AttributeReader(tree, report)
        self.structs: list[StructType] = []
        self.enums: list[EnumType] = []
        self.aliases: list[Alias] = []
        self.functions: list[Function] = []
        """With a body, in source order."""
        self.methods: list[tuple[Node, Function]] = []
        """Those of :attr:`functions` that stand in an ``impl``, with its node."""
        self.helpers: list[Function] = []
        self.statics: list[Static] = []
        self.consts: list[Const] = []
        self.associated: list[tuple[Node, Const]] = []
        """Those of :attr:`consts` that stand in an ``impl``, with its node."""
        self.markers: list[tuple[Node, ModulePath]] = []
        """Each ``unsafe impl Sync`` or ``Send``, and the module it stands in."""
        self._module_spans: dict[ModulePath, Span] = {}
        self.marker_spans: dict[str, Span] = {}
        """Where each kind of marker is first used."""
        self._unstable_macros: set[str] = set()
        """Macros with ``allow_internal_unstable(builtin_syntax)``."""
        self.layout_uses: list[LayoutUse] = []
        """Where ``size_of`` and ``offset_of!`` became numbers."""
        self._panic_handler: Span | None = None
        self._uses: list[tuple[ModulePath, Node]] = []
        self._counts: tuple[int, ...] = (0,) * 10
        self._blocks = 0

    def collect(self) -> None:
        """Enter the name of every item that is in no block."""
        self._collect(self.tree.children(self.tree.root))
        self._import()

    def collect_block(self, nodes: list[Node], inside: str) -> ModulePath:
        """Enter the items of a block of the function *inside*; return the module that stands for the block.

        *nodes* are the items, each behind its attributes.
        """
        self._blocks += 1
        outer = self.names.module
        module = (*outer, f"{{{inside}#{self._blocks}}}")
        self.names.modules[module] = normal_module(outer)
        if len(module) > MAX_BLOCK_DEPTH:
            self.report.error(self.tree.span(nodes[0]), "functions are nested too deeply in one another")
            return module
        with self.names.inside(module):
            self._collect(nodes)
        self._import()
        return module

    def take_new(self) -> NewItems:
        """Return what was collected since this was last asked."""
        lists: tuple[list[Any], ...] = (
            self.structs, self.enums, self.aliases, self.functions, self.methods, self.helpers, self.statics,
            self.consts, self.associated, self.markers,
        )  # fmt: skip
        new = NewItems(*(tuple(items[count:]) for items, count in zip(lists, self._counts, strict=True)))
        self._counts = tuple(len(items) for items in lists)
        return new

    def _import(self) -> None:
        found: list[Import] = []
        for module, node in self._uses:
            visibility = self.visibility(node, module)
            found += read_use(self.tree, self.names, node, module, visibility, self.report)
        self._uses.clear()
        self.names.forget()
        check_imports(self.tree, self.names, found, self.report)

    def _collect(self, nodes: list[Node]) -> None:
        attributes: list[Node] = []
        for node in nodes:
            kind = node.type
            if kind == "attribute_item":
                attributes.append(node)
                continue
            try:
                self._collect_item(node, kind, attributes)
            except UnsupportedSyntaxError as error:
                self.report.error(self.tree.span(error.node), error.what or "this syntax is not supported")
            attributes = []
        if attributes:
            self.report.error(self.tree.span(attributes[-1]), "expected item after attributes")

    def _collect_item(self, node: Node, kind: str, attributes: list[Node]) -> None:
        match kind:
            case "inner_attribute_item":
                self.attributes.crate_attribute(node)
            case "struct_item" | "union_item":
                self._collect_struct(node, attributes)
            case "function_item" if self.attributes.is_panic_handler(attributes):
                self._panic_handler = check_panic_handler(self.tree, self.report, node, self._panic_handler)
            case "function_item":
                function = self._new_function(node, attributes)
                self._enter_value(function)
                self.functions.append(function)
            case "impl_item":
                self.attributes.harmless_only(attributes, "an impl")
                self._collect_impl(node)
            case "foreign_mod_item":
                self.attributes.harmless_only(attributes, "an extern block")
                self._collect_extern(node)
            case "const_item":
                self.attributes.harmless_only(attributes, "a constant")
                const = self._new_const(node)
                if const.name != "_":
                    self._enter_value(const)
            case "enum_item":
                self._collect_enum(node, attributes)
            case "type_item":
                self.attributes.harmless_only(attributes, "a type alias")
                self._collect_alias(node)
            case "mod_item":
                self.attributes.harmless_only(attributes, "a module", ("path", "macro_use"))
                self._collect_module(node)
            case "static_item":
                self._collect_static(node, attributes)
            case "use_declaration":
                self.attributes.harmless_only(attributes, "an import")
                self._uses.append((self.names.module, node))
            case "macro_definition" | "empty_statement":
                self._collect_macro(node, attributes)
            case "shebang":
                pass
            case "extern_crate_declaration" if self.tree.text(self.tree.need(node, "name")) == "core":
                pass
            case _:
                if kind == "expression_statement":
                    kind = node.children[0].type
                what, hint = _UNSUPPORTED_ITEMS.get(kind, ("expected an item", None))
                self.attributes.harmless_only(attributes, "this item")
                self.report.error(
                    self.tree.span(node), what,
                    hint=hint or "items are struct, union, enum, impl, fn, const, static, type, mod, use and "
                    'extern "C"',
                )  # fmt: skip

    def _collect_struct(self, node: Node, attributes: list[Node]) -> None:
        name = self.tree.need(node, "name")
        is_union, module = node.type == "union_item", self.names.module
        struct = StructType(self.tree.name(name), self.tree.span(name), is_union, node, module)
        struct.visibility = self.visibility(node)
        body = node.child_by_field_name("body")
        struct.shape = "unit" if body is None else "named"
        if body is not None and body.type == "ordered_field_declaration_list":
            struct.shape = "tuple"
        read = self.attributes.struct_attributes(attributes, struct.name, struct.span, is_union=is_union)
        struct.marker, struct.has_repr_c = read.marker, read.has_repr_c
        struct.is_transparent, struct.derives = read.is_transparent, read.derives
        struct.packed, struct.min_align = read.packed, read.align
        if read.marker is not None and read.marker_span is not None:
            self.marker_spans.setdefault(read.marker, read.marker_span)
            self._need_gate(
                read.marker_span,
                "the `btf_relocatable` attribute is an experimental feature"
                if read.marker == "btf_relocatable"
                else "`repr(Btf)` is experimental",
            )
        self._check_identifier(struct.name, struct.span, "type")
        if self._is_new_type(struct):
            if struct.shape != "named" and struct.key in self.names.values:
                self._defined_twice(struct.name, struct.span, self.names.values[struct.key].span)
            self.names.types[struct.key] = struct
            self.structs.append(struct)

    def _is_new_type(self, item: StructType | EnumType | Alias) -> bool:
        key = "::".join((*item.module, item.name))
        other = self.names.types.get(key) or self.names.aliases.get(key)
        if other is not None:
            self._defined_twice(item.name, item.span, other.span)
        return other is None

    def _collect_enum(self, node: Node, attributes: list[Node]) -> None:
        name = self.tree.need(node, "name")
        enum = EnumType(self.tree.name(name), self.tree.span(name), node, self.names.module)
        enum.visibility = self.visibility(node)
        read = self.attributes.enum_attributes(attributes, enum.name)
        enum.derives, enum.has_repr = read.derives, read.repr is not None
        chosen = PRIMITIVES["i32" if read.repr == "C" else read.repr] if read.repr is not None else None
        if isinstance(chosen, IntType):
            enum.repr = chosen
        self._check_identifier(enum.name, enum.span, "type")
        self._refuse_generics(node)
        if not self._is_new_type(enum):
            return
        self.names.types[enum.key] = enum
        self.enums.append(enum)
        attributes = []
        for child in self.tree.children(self.tree.need(node, "body")):
            if child.type == "attribute_item":
                attributes.append(child)
                continue
            self.attributes.variant_attributes(attributes)
            attributes = []
            self._collect_variant(enum, child)
        check_default(self.tree, self.report, read.default_span, node)
        if not enum.variants:
            self.report.error(
                enum.span, f"the enum `{enum.name}` has no variants", hint="nothing can be of this type"
            )

    def _collect_variant(self, enum: EnumType, node: Node) -> None:
        name_node = self.tree.need(node, "name")
        name, span = self.tree.name(name_node), self.tree.span(name_node)
        self._check_identifier(name, span, "variant")
        body = node.child_by_field_name("body")
        if body is not None:
            self.report.error(
                self.tree.span(body),
                "variants with fields are not supported",
                hint="kernel enums are plain numbers; keep the fields in a struct beside it",
            )
        first = enum.variant(name)
        if first is not None:
            self._defined_twice(name, span, first.span)
            return
        enum.add(Variant(name, span, 0))

    def _collect_alias(self, node: Node) -> None:
        name = self.tree.need(node, "name")
        alias = Alias(self.tree.name(name), self.tree.span(name), node, self.names.module)
        alias.visibility = self.visibility(node)
        self._refuse_generics(node)
        if self._is_new_type(alias):
            self.names.aliases["::".join((*alias.module, alias.name))] = alias
            self.aliases.append(alias)

    def _collect_module(self, node: Node) -> None:
        name_node = self.tree.need(node, "name")
        name, span = self.tree.name(name_node), self.tree.span(name_node)
        body = node.child_by_field_name("body")
        if body is None:
            self.report.error(
                span,
                f"file not found for module `{name}`",
                code="E0583",
                hint=f"one file is compiled alone: write `mod {name} {{ .. }}`",
            )
            return
        path = (*self.names.module, name)
        if len(path) > MAX_MODULE_DEPTH:
            self.report.error(span, "modules are nested too deeply")
            return
        if path in self._module_spans:
            self._defined_twice(name, span, self._module_spans[path])
            return
        self._module_spans[path] = span
        self.names.modules[path] = self.visibility(node)
        if is_pub(self.tree, node):
            self.names.public_modules.add(path)
        with self.names.inside(path):
            self._collect(self.tree.children(body))

    def visibility(self, node: Node, inside: ModulePath | None = None) -> ModulePath:
        """Return the module in which the item or field *node* may be named (reference: visibility)."""
        module = normal_module(self.names.module if inside is None else inside)
        marker = self.tree.child(node, "visibility_modifier")
        return module if marker is None else self.visible_in(marker, module)

    def visible_in(self, marker: Node, module: ModulePath) -> ModulePath:
        """Return the module that a ``pub`` of an item of *module* opens it to."""
        words = [self.tree.text(child) for child in marker.children if child.is_named or child.type == "in"]
        if not words:
            words = self.tree.text(marker).removeprefix("pub").strip(" ()").split()
        module = normal_module(module)
        if words in (["super"], ["self"]):
            return step_from(module, words[0])
        return self._ancestor(marker, module) if words[:1] == ["in"] else ()

    def _ancestor(self, marker: Node, module: ModulePath) -> ModulePath:
        """Return the module that ``pub(in path)`` names; it has to be around *module*."""
        path = self.tree.children(marker)[-1]
        segments = path_segments(self.tree, path) or ()
        if segments[:1] not in (("crate",), ("self",), ("super",)):
            message = "relative paths are not supported in visibilities of 2018 edition or later"
            self.report.error(self.tree.span(path), message, hint="begin it with `crate::`")
            return ()
        found = module
        for word in segments:
            found = step_from(found, word) if word in ("crate", "self", "super") else (*found, word)
        if module[: len(found)] == found:
            return found
        if found in self.names.modules:
            message = "visibilities can only be restricted to ancestor modules"
            self.report.error(self.tree.span(path), message, code="E0742")
        else:
            message = f"cannot find module `{segments[-1]}` around this"
            self.report.error(self.tree.span(path), message, code="E0433")
        return ()

    def _collect_macro(self, node: Node, attributes: list[Node]) -> None:
        """Take a macro definition; one of the newer kind is an empty statement to the grammar."""
        extent = self.tree.shown_span(node)
        if node.type == "empty_statement":
            found = self.tree.macros.get(extent.start)
            if found is None:
                return
            extent = found
        from btfview.compiler.rust.syntax.query_macros import MacroError, read_wrapper

        for attribute in attributes:
            read = self.attributes.read(attribute)
            if read is not None and read.name not in (
                *HARMLESS,
                "macro_export",
                "macro_use",
                "allow_internal_unstable",
            ):
                self.report.error(read.span, f"attribute `{read.name}` is not supported on a macro")
        try:
            wrapper = read_wrapper(self.tree.shown.text, extent)
        except MacroError as error:
            message = f"this macro definition is not supported: {error.message}"
            self.report.error(self.tree.shown.place(error.span), message, hint=error.hint)
            return
        if any("builtin_syntax" in self.tree.text(attribute) for attribute in attributes):
            self._unstable_macros.add(wrapper.name)
        other = self.names.macros.setdefault(wrapper.name, wrapper)
        if other is not wrapper:
            self._defined_twice(wrapper.name, wrapper.span, other.span)

    def _need_gate(self, span: Span, message: str) -> None:
        if "btf_relocations" not in self.attributes.features:
            self.report.error(
                span, message, code="E0658", hint="add `#![feature(btf_relocations)]` at the top of the file"
            )

    def need_query_gate(self, span: Span) -> None:
        self._need_gate(span, "use of unstable library feature `btf_relocations`")

    def need_builtin_gate(self, span: Span, macro: str | None = None) -> None:
        """Complain unless the source may write ``builtin #``, here or in its *macro*."""
        if "builtin_syntax" not in self.attributes.features and macro not in self._unstable_macros:
            message = "`builtin #` syntax is unstable"
            hint = "add `#![feature(builtin_syntax)]` at the top of the file"
            self.report.error(span, message, code="E0658", hint=hint)

    def need_extra_gate(self, span: Span, name: str) -> None:
        """Complain unless the source opts in to what btfview adds to the RFC."""
        if not self.has_extra:
            self.report.error(
                span,
                f"`{name}` is an extension of btfview, which no RFC has",
                code="E0658",
                hint="add `#![feature(btf_relocations_extra)]` at the top of the file",
            )

    @property
    def has_extra(self) -> bool:
        return "btf_relocations_extra" in self.attributes.features

    def _collect_impl(self, node: Node) -> None:
        trait = node.child_by_field_name("trait")
        if trait is not None:
            if check_marker(self.tree, self.report, node, self.tree.text(trait)):
                self._refuse_generics(node)
                self.markers.append((node, self.names.module))
            return
        self._refuse_generics(node)
        body = self.tree.need(node, "body")
        attributes: list[Node] = []
        for child in self.tree.children(body):
            if child.type == "attribute_item":
                attributes.append(child)
            elif child.type == "function_item":
                function = self._new_function(child, attributes)
                self.methods.append((node, function))
                self.functions.append(function)
                attributes = []
            elif child.type == "const_item":
                self.attributes.harmless_only(attributes, "a constant")
                self.associated.append((node, self._new_const(child)))
                attributes = []
            else:
                message = "only functions and constants are supported in an impl"
                code = "E0658" if child.type == "type_item" else None
                self.report.error(self.tree.span(child), message, hint="move it out", code=code)
                attributes = []

    def _new_const(self, node: Node) -> Const:
        name = self.tree.need(node, "name")
        const = Const(self.tree.name(name), self.tree.span(name), node, self.names.module)
        const.visibility = self.visibility(node)
        self.consts.append(const)
        return const

    def _collect_extern(self, node: Node) -> None:
        abi = self.tree.child(node, "extern_modifier")
        abi_text = self.tree.text(abi) if abi is not None else ""
        if abi is not None and '"' in abi_text and '"C"' not in abi_text:
            self.report.error(
                self.tree.span(abi), f"invalid ABI: {abi_text}", code="E0703", hint='`extern "C"`'
            )
        attributes: list[Node] = []
        for child in self.tree.children(self.tree.need(node, "body")):
            if child.type == "attribute_item":
                attributes.append(child)
                continue
            is_safe = any(self.tree.shown_span(word).start in self.tree.safes for word in child.children)
            if child.type == "static_item":
                self._collect_static(child, attributes, is_external=True, is_safe=is_safe)
                attributes = []
                continue
            if child.type != "function_signature_item":
                self.report.error(
                    self.tree.span(child),
                    "only functions and statics can be declared in an extern block",
                    hint="as in `fn bpf_get_current_task() -> u64;`",
                )
                continue
            function = self._new_function(child, attributes)
            attributes = []
            function.is_unsafe, function.is_extern_c = not is_safe, True
            function.helper_number = HELPER_NUMBERS.get(function.name)
            if function.helper_number is None:
                function.is_kfunc = function.is_no_mangle = True
            self._enter_value(function)
            self.helpers.append(function)

    def _collect_static(
        self, node: Node, attributes: list[Node], *, is_external: bool = False, is_safe: bool = True
    ) -> None:
        name = self.tree.need(node, "name")
        is_mut = self.tree.child(node, "mutable_specifier") is not None
        section = self.attributes.static_attributes(attributes)
        static = Static(self.tree.name(name), ERROR, self.tree.span(name), is_mut, node, section)
        static.module, static.visibility = self.names.module, self.visibility(node)
        static.is_external, static.is_safe = is_external, is_safe
        if is_external and node.child_by_field_name("value") is not None:
            message = "incorrect `static` inside `extern` block"
            self.report.error(static.span, message, hint="take its value away: the kernel has it")
        self._check_identifier(static.name, static.span, "static")
        self._enter_value(static)
        self.statics.append(static)

    def _new_function(self, node: Node, attributes: list[Node]) -> Function:
        name = self.tree.need(node, "name")
        function = Function(self.tree.name(name), self.tree.span(name), node, None)
        function.module, function.visibility = self.names.module, self.visibility(node)
        self._check_identifier(function.name, function.span, "function")
        self._refuse_generics(node)
        read = self.attributes.function_attributes(attributes)
        function.section, function.inline = read.section, read.inline
        function.is_no_mangle = read.is_no_mangle or read.section is not None
        visibility = self.tree.child(node, "visibility_modifier")
        is_pub = visibility is not None and self.tree.text(visibility) == "pub"
        is_pub = is_pub and not is_block(function.module)
        function.is_exported = is_pub or read.is_no_mangle or read.section is not None
        for child in node.children:
            if child.type == "function_modifiers":
                for modifier in child.children:
                    self._take_modifier(function, modifier)
        return function

    def _take_modifier(self, function: Function, modifier: Node) -> None:
        match modifier.type:
            case "unsafe":
                function.is_unsafe = True
            case "extern_modifier":
                function.is_extern_c = True
                text = self.tree.text(modifier)
                if '"' in text and '"C"' not in text:
                    message = f"the ABI in `{text}` is not supported"
                    self.report.error(self.tree.span(modifier), message, hint='write `extern "C"`')
            case "const":
                function.is_const = True
            case "line_comment" | "block_comment":
                pass
            case other:
                self.report.error(self.tree.span(modifier), f"`{other} fn` is not supported")

    def _refuse_generics(self, node: Node) -> None:
        """Lifetimes are taken and not checked; type and const parameters are refused."""
        parameters = node.child_by_field_name("type_parameters")
        for child in self.tree.children(parameters) if parameters is not None else ():
            if child.type != "lifetime_parameter":
                self.report.error(
                    self.tree.span(child),
                    "generics are not supported",
                    hint="write the item once for each type it is needed with",
                )
        for child in node.children:
            if child.type == "where_clause":
                self.report.error(self.tree.span(child), "`where` clauses are not supported")
        if self.tree.lifetimes:
            check_where(self.tree, self.report, node)

    def _check_identifier(self, name: str, span: Span, what: str) -> None:
        """Names that reach BTF must be C identifiers (kernel: ``btf_name_valid_identifier``)."""
        if name in KEYWORDS and self.tree.source.text_at(span) == name:
            message = f"expected identifier, found keyword `{name}`"
            self.report.error(span, message, hint=f"write `r#{name}`")
        if not (name.isascii() and name.isidentifier()):
            self.report.error(
                span,
                f"the {what} name `{name}` is not a C identifier",
                hint="the kernel accepts letters, digits and `_` in BTF",
            )

    def _enter_value(self, item: Function | Static | Const) -> None:
        if item.name == "_":
            if not isinstance(item, Const):
                message = "expected identifier, found reserved identifier `_`"
                self.report.error(item.span, message, hint="give it a name")
            return
        key = "::".join((*item.module, item.name))
        other: Function | Static | Const | StructType | None = self.names.values.get(key)
        known = self.names.types.get(key)
        if isinstance(known, StructType) and known.shape != "named":
            other = known  # its constructor is a value, too
        if other is not None:
            self._defined_twice(item.name, item.span, other.span)
            return
        self.names.values[key] = item

    def _defined_twice(self, name: str, span: Span, first: Span) -> None:
        self.report.error(
            span,
            f"the name `{name}` is defined multiple times",
            code="E0428",
            label=f"`{name}` redefined here",
            labels=(Label(first, f"previous definition of `{name}` here"),),
        )
