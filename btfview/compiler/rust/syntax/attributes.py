"""Attributes: each is understood, known to be harmless here, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.frozen import frozen
from btfview.source import Span

from .configure import ConfigurationError, is_set, split
from .known_features import known_features
from .literals import string_value
from .tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tree import Node

_INTEGERS = frozenset(["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"])
HARMLESS = frozenset(
    [
        "allow",
        "warn",
        "deny",
        "forbid",
        "expect",
        "doc",
        "must_use",
        "cold",
        "deprecated",
        "rustfmt::skip",
        "cfg",
        "track_caller",
        "optimize",
        "automatically_derived",
    ]
)
"""Attributes that change no code: lints, documentation, hints; of ``cfg`` those that hold are left."""

DERIVES = ("Clone", "Copy", "Debug", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default")
"""What may be derived."""

FEATURES = frozenset({"btf_relocations", "builtin_syntax", "btf_relocations_extra"})
"""The last one is btfview's own: queries that no RFC has."""

OLD_MARKERS = {
    "btf_preserve_access": "`#[btf_preserve_access]` is the spelling of the first pre-RFC draft",
    "relocatable": "`#[relocatable]` is an older spelling of the marker",
    "btf": "`#[btf]` belongs to the linker-side prototypes, not to rustc",
}
MARKER_HINT = "write `#[repr(Btf)]`, or `#[btf_relocatable]` with `#[repr(C)]`"


@frozen
class Attribute:
    """``#[name(arguments)]`` or ``#[name = value]``."""

    name: str
    span: Span
    arguments: tuple[Node, ...] | None
    """Tokens between the parentheses; None without parentheses."""
    value: Node | None
    is_unsafe: bool = False


@frozen
class StructAttributes:
    marker: str | None
    marker_span: Span | None
    has_repr_c: bool
    is_transparent: bool
    packed: int | None
    align: int
    derives: frozenset[str]


@frozen
class EnumAttributes:
    repr: str | None
    """``C`` or an integer; None: the smallest integer that holds every discriminant, as rustc chooses."""
    derives: frozenset[str]
    default_span: Span | None
    """Where ``Default`` is derived."""


@frozen
class FunctionAttributes:
    section: str | None
    section_span: Span | None
    is_no_mangle: bool
    inline: str | None
    """``always``, ``never`` or None."""


class AttributeReader:
    """Reads the attribute nodes of one source and tells *report* about those it cannot honour."""

    def __init__(self, tree: Tree, report: Report) -> None:
        self.tree = tree
        self.report = report
        self.features: set[str] = set()

    def read(self, node: Node) -> Attribute | None:
        """Return the attribute in an ``attribute_item``; None, with a diagnostic, where it is malformed."""
        inner = next((child for child in self.tree.children(node) if child.type == "attribute"), None)
        span = self.tree.span(node)
        if inner is None:
            self.report.error(span, "malformed attribute")
            return None
        name = self.tree.text(inner.children[0])
        arguments = inner.child_by_field_name("arguments")
        tokens = tuple(self.tree.tokens(arguments)[1:-1]) if arguments is not None else None
        if name in ("repr", "derive", "feature") and not _is_list(tokens or ()):
            self.report.error(span, f"malformed `{name}` attribute input", hint=f"as in `#[{name}(A, B)]`")
            return None
        if name == "unsafe":
            return self._read_unsafe(span, tokens or ())
        return Attribute(name, span, tokens, inner.child_by_field_name("value"))

    def read_each(self, nodes: list[Node]) -> Iterator[Attribute]:
        """Yield the attributes that *nodes* hold, ``cfg_attr`` answered, without those that are harmless."""
        for node in nodes:
            attribute = self.read(node)
            if attribute is None:
                continue
            pending = [attribute]
            while pending:
                attribute = pending.pop(0)
                if attribute.name == "cfg_attr":
                    pending = [*self._conditional(attribute), *pending]
                elif not self._is_harmless(attribute):
                    yield attribute

    def _conditional(self, attribute: Attribute) -> list[Attribute]:
        """Return what ``cfg_attr(predicate, ..)`` stands for here."""
        parts = split(list(attribute.arguments or ()))
        try:
            if not is_set(self.tree, parts[0] if parts else [], attribute.span):
                return []
        except ConfigurationError as error:
            self.report.error(error.span, error.message, code=error.code, hint=error.hint)
            return []
        found = [self._of_tokens(tuple(part)) for part in parts[1:]]
        return [one for one in found if one is not None]

    def _of_tokens(self, tokens: tuple[Node, ...]) -> Attribute | None:
        """Return the attribute that stands in another one as *tokens*."""
        if not tokens:
            return None
        span = Span(self.tree.span(tokens[0]).start, self.tree.span(tokens[-1]).end)
        last = tokens[-1]
        if len(tokens) > 2 and tokens[-2].type == "=":
            return Attribute("".join(map(self.tree.text, tokens[:-2])), span, None, last)
        if last.type != "token_tree":
            return Attribute("".join(map(self.tree.text, tokens)), span, None, None)
        name, inside = "".join(map(self.tree.text, tokens[:-1])), tuple(self.tree.tokens(last)[1:-1])
        return self._read_unsafe(span, inside) if name == "unsafe" else Attribute(name, span, inside, None)

    def _read_unsafe(self, span: Span, tokens: tuple[Node, ...]) -> Attribute | None:
        if len(tokens) == 1:
            return Attribute(self.tree.text(tokens[0]), span, None, None, is_unsafe=True)
        if len(tokens) == 3 and tokens[1].type == "=":
            return Attribute(self.tree.text(tokens[0]), span, None, tokens[2], is_unsafe=True)
        self.report.error(
            span, "malformed `unsafe(..)` attribute", hint='write `#[unsafe(link_section = "..")]`'
        )
        return None

    def crate_attribute(self, node: Node) -> None:
        """Take an inner attribute ``#![..]`` of the file."""
        for attribute in self.read_each([node]):
            if attribute.name == "feature":
                self._features(attribute)
            elif attribute.name not in ("no_std", "no_main", "crate_type", "crate_name", "recursion_limit"):
                self.report.error(
                    attribute.span,
                    f"cannot find attribute `{attribute.name}` for a crate",
                    hint="supported: `feature`, `no_std`, `no_main`, `allow`, `warn`, `deny`, `doc`",
                )

    def _features(self, attribute: Attribute) -> None:
        for token in attribute.arguments or ():
            name = self.tree.text(token)
            if name in FEATURES or (name.isidentifier() and name in known_features()):
                self.features.add(name)
            elif token.type != ",":
                hint = "known: `btf_relocations`, our own `btf_relocations_extra`, and those of rustc 1.95"
                if name in ("relocatable_types", "btf_preserve_access", "btf_relocatable_types"):
                    hint = "the gate is now `#![feature(btf_relocations)]`"
                self.report.error(self.tree.span(token), f"unknown feature `{name}`", code="E0635", hint=hint)

    def struct_attributes(
        self, nodes: list[Node], name: str, span: Span, *, is_union: bool
    ) -> StructAttributes:
        """Return what the attributes of the struct or union *name*, which stands at *span*, say."""
        hints: list[tuple[str, Span]] = []
        marker: str | None = None
        marker_span: Span | None = None
        has_repr_c = False
        packed: int | None = None
        align = 1
        derived: list[Node] = []
        for attribute in self.read_each(nodes):
            if attribute.name == "btf_relocatable":
                if attribute.arguments is not None or attribute.value is not None:
                    self.report.error(
                        attribute.span,
                        "`btf_relocatable` takes no arguments",
                        hint="write `#[btf_relocatable]`",
                    )
                if marker is not None:
                    self._two_markers(attribute.span, name)
                marker, marker_span = "btf_relocatable", attribute.span
            elif attribute.name == "repr":
                for repr_name, argument, place in self._repr_items(attribute):
                    hints.append((repr_name, place))
                    if repr_name == "Btf":
                        if marker is not None:
                            self._two_markers(place, name)
                        marker, marker_span, has_repr_c = "repr(Btf)", place, True
                    elif repr_name in ("C", "transparent"):
                        has_repr_c = True
                    elif repr_name == "packed":
                        wanted = self._alignment(argument, place) if argument is not None else 1
                        if packed not in (None, wanted):
                            message = "type has conflicting packed representation hints"
                            self.report.error(span, message, code="E0634", hint="keep one of them")
                        packed = wanted
                    elif repr_name == "align":
                        align = max(align, self._alignment(argument, place))
                    elif repr_name != "Rust":
                        self._wrong_repr(repr_name, place, "struct or union")
            elif attribute.name == "derive":
                self._check_derive(attribute)
                derived += [token for token in attribute.arguments or () if token.type != ","]
            else:
                self._unknown(attribute, "a struct or union")
        derives = {self.tree.text(token): self.tree.span(token) for token in derived}
        check_derives(self.report, derives, span, marker, is_union=is_union)
        check_hints(self.report, hints, is_union=is_union)
        if packed is not None and align > 1:
            message = "type has conflicting packed and align representation hints"
            self.report.error(span, message, code="E0587", hint="keep one of them")
        is_transparent = any(word == "transparent" for word, _ in hints)
        names = frozenset(derives)
        return StructAttributes(marker, marker_span, has_repr_c, is_transparent, packed, align, names)

    def enum_attributes(self, nodes: list[Node], name: str) -> EnumAttributes:
        """Return what the attributes of the enum *name* say."""
        chosen: str | None = None
        hints: list[tuple[str, Span]] = []
        derives: set[str] = set()
        default_span: Span | None = None
        for attribute in self.read_each(nodes):
            if attribute.name == "derive":
                derives |= self._enum_derives(attribute)
                for token in attribute.arguments or ():
                    if self.tree.text(token) == "Default":
                        default_span = self.tree.span(token)
            elif attribute.name == "repr":
                for repr_name, _, span in self._repr_items(attribute):
                    hints.append((repr_name, span))
                    if repr_name == "C":
                        chosen = chosen or "C"
                    elif repr_name in _INTEGERS:
                        chosen = repr_name
                    elif repr_name in ("Btf", "packed"):
                        message = "attribute should be applied to a struct or union"
                        self.report.error(attribute.span, message, code="E0517", label=f"`{name}` is an enum")
                    else:
                        self._wrong_repr(repr_name, span, "enum")
            else:
                self._unknown(attribute, "enums")
        check_enum_hints(self.report, hints)
        return EnumAttributes(chosen, frozenset(derives), default_span)

    def _enum_derives(self, attribute: Attribute) -> set[str]:
        found: set[str] = set()
        for token in attribute.arguments or ():
            name = self.tree.text(token)
            if name in DERIVES:
                found.add(name)
            elif token.type != ",":
                hint = f"only {', '.join(DERIVES)} are accepted on an enum"
                self.report.error(self.tree.span(token), f"cannot derive `{name}`", hint=hint)
        return found

    def variant_attributes(self, nodes: list[Node]) -> None:
        for attribute in self.read_each(nodes):
            if attribute.name != "default":
                self._unknown(attribute, "a variant")

    def function_attributes(self, nodes: list[Node]) -> FunctionAttributes:
        section: str | None = None
        section_span: Span | None = None
        is_no_mangle = False
        inline: str | None = None
        for attribute in self.read_each(nodes):
            if attribute.name == "no_mangle":
                is_no_mangle = True
            elif attribute.name == "link_section":
                section, section_span = self._section(attribute), attribute.span
            elif attribute.name == "inline":
                words = [self.tree.text(token) for token in attribute.arguments or ()]
                if words and words not in (["always"], ["never"]):
                    self.report.error(
                        attribute.span, "invalid argument", code="E0535", hint="`always` or `never`"
                    )
                elif words:
                    inline = words[0]
            else:
                self._unknown(attribute, "a function")
        return FunctionAttributes(section, section_span, is_no_mangle, inline)

    def is_panic_handler(self, nodes: list[Node]) -> bool:
        """Whether *nodes* hold ``#[panic_handler]``."""
        return any("panic_handler" in self.tree.text(node) for node in nodes) and any(
            attribute.name == "panic_handler" for attribute in self.read_each(nodes)
        )

    def static_attributes(self, nodes: list[Node]) -> str | None:
        """Return the ``link_section`` of a static."""
        section: str | None = None
        for attribute in self.read_each(nodes):
            if attribute.name == "link_section":
                section = self._section(attribute)
            elif attribute.name not in ("no_mangle", "used"):
                self._unknown(attribute, "a static")
        return section

    def harmless_only(self, nodes: list[Node], target: str, known: tuple[str, ...] = ()) -> None:
        """Refuse whatever is neither harmless on *target* ("a field", "a statement") nor *known* there."""
        for attribute in self.read_each(nodes):
            if attribute.name not in known:
                self._unknown(attribute, target)

    def _is_harmless(self, attribute: Attribute) -> bool:
        return attribute.name in HARMLESS or attribute.name.startswith("clippy::")

    def _section(self, attribute: Attribute) -> str | None:
        value = attribute.value
        data = (
            string_value(self.tree, value) if value is not None and value.type == "string_literal" else None
        )
        if data is None or not data or not all(0x20 < byte < 0x7F for byte in data):
            self.report.error(
                attribute.span,
                "`link_section` needs a section name",
                hint='for instance `#[unsafe(link_section = "tp/sched/sched_switch")]`',
            )
            return None
        return data.decode("ascii")

    def _repr_items(self, attribute: Attribute) -> list[tuple[str, Node | None, Span]]:
        items: list[tuple[str, Node | None, Span]] = []
        tokens = [token for token in attribute.arguments or () if token.type != ","]
        if not tokens:
            self.report.error(attribute.span, "malformed `repr` attribute input", code="E0539")
        for token in tokens:
            if token.type == "token_tree" and items:
                name, _, span = items[-1]
                items[-1] = (name, token, span)
                if name not in ("packed", "align"):
                    message = f"invalid representation hint: `{name}` does not take arguments"
                    self.report.error(span, message, code="E0552", hint=f"write `{name}`")
            elif token.type == "string_literal":
                message = "meta item in `repr` must be an identifier"
                self.report.error(self.tree.span(token), message, code="E0565", hint="drop the quotes")
            else:
                items.append((self.tree.text(token), None, self.tree.span(token)))
        return items

    def _alignment(self, argument: Node | None, span: Span) -> int:
        text = self.tree.text(argument)[1:-1].strip() if argument is not None else ""
        value = int(text) if text.isdecimal() and len(text) < 6 else 0
        if value < 1 or value & (value - 1) or value > 4096:
            self.report.error(
                span,
                "invalid alignment",
                code="E0589",
                hint="a power of two from 1 to 4096, as in `align(8)`",
            )
            return 1
        return value

    def _check_derive(self, attribute: Attribute) -> None:
        for token in attribute.arguments or ():
            if token.type != "," and self.tree.text(token) not in DERIVES:
                self.report.error(
                    self.tree.span(token),
                    f"cannot find derive macro `{self.tree.text(token)}` in this scope",
                    hint=f"known are {', '.join(DERIVES)}",
                )

    def _two_markers(self, span: Span, name: str) -> None:
        self.report.error(
            span, f"`{name}` has two markers", hint="keep `#[repr(Btf)]` or `#[btf_relocatable]`, not both"
        )

    def _wrong_repr(self, name: str, span: Span, target: str) -> None:
        if name == "btf":
            self.report.error(
                span,
                "unrecognized representation hint: `btf`",
                code="E0552",
                hint="the current spelling is `#[repr(Btf)]`",
            )
        elif name in ("transparent", "simd", "align", "Rust", "i128", "u128"):
            self.report.error(span, f"`repr({name})` is not supported here", hint="use `repr(C)`")
        elif name[:1] in "iu" and (name[1:].isdecimal() or name[1:] == "size"):
            self.report.error(
                span, "attribute should be applied to an enum", code="E0517", label=f"not a {target}"
            )
        else:
            self.report.error(
                span,
                f"unrecognized representation hint: `{name}`",
                code="E0552",
                hint="valid here: `Btf`, `C`, `packed`, `align`",
            )

    def _unknown(self, attribute: Attribute, target: str) -> None:
        name = attribute.name
        if name in OLD_MARKERS:
            self.report.error(attribute.span, OLD_MARKERS[name], hint=MARKER_HINT)
        elif name == "btf_relocatable":
            self.report.error(
                attribute.span,
                f"`btf_relocatable` attribute cannot be used on {target}",
                hint="`btf_relocatable` can be applied to structs and unions",
            )
        elif name == "repr":
            self.report.error(
                attribute.span,
                "attribute should be applied to a struct or union",
                code="E0517",
                label=f"not on {target}",
            )
        else:
            self.report.error(
                attribute.span,
                f"attribute `{name}` is not supported on {target}",
                hint="known are `repr`, `btf_relocatable`, `link_section`, `no_mangle`, `inline` and lints",
            )


def _is_list(tokens: tuple[Node, ...]) -> bool:
    """Whether *tokens* are items with a comma after each but perhaps the last."""
    wants_item = True
    for token in tokens:
        if token.type in ("::", "token_tree"):
            wants_item = token.type == "::"
        elif (token.type == ",") == wants_item:
            return False
        else:
            wants_item = token.type == ","
    return True


def check_hints(report: Report, hints: list[tuple[str, Span]], *, is_union: bool) -> None:
    """Complain about hints of a struct or union, in the order written, that exclude one another."""
    words = {word for word, _ in hints}
    transparent = next((span for word, span in hints if word == "transparent"), None)
    if transparent is not None and len(hints) > 1:
        message = "transparent struct cannot have other repr hints"
        report.error(transparent, message, code="E0692", hint="drop `transparent`, or the others")
    elif transparent is not None and is_union:
        report.error(transparent, "transparent unions are unstable", code="E0658", hint="use `repr(C)`")
    if "Rust" in words and words & {"C", "Btf"}:
        _conflict(report, next(span for word, span in hints if word in ("C", "Btf", "Rust")))


def check_enum_hints(report: Report, hints: list[tuple[str, Span]]) -> None:
    """Complain about hints of an enum without fields: one says how its values are kept."""
    sizes = [(word, span) for word, span in hints if word == "C" or word in _INTEGERS]
    if len(sizes) > 1 and {word for word, _ in sizes} != {"C"}:
        _conflict(report, sizes[0][1])


def _conflict(report: Report, span: Span) -> None:
    report.error(span, "conflicting representation hints", code="E0566", hint="keep one of them")


_NEEDS = {"Copy": "Clone", "Eq": "PartialEq", "PartialOrd": "PartialEq", "Ord": "PartialOrd"}
READS_FIELDS = ("Debug", "PartialEq", "PartialOrd", "Ord", "Hash")


def check_derives(
    report: Report, derives: dict[str, Span], span: Span, marker: str | None, *, is_union: bool
) -> None:
    """Complain about traits, by name with their places, that the struct at *span* cannot have derived."""
    for name, place in derives.items():
        if marker is not None and name in READS_FIELDS:
            # What rustc expands it to reads `self.field`, which is banned.
            report.error(
                place,
                f"cannot derive `{name}` for a `#[{marker}]` type",
                label="it would read every field directly",
                hint="`Clone` and `Copy` together copy the whole",
            )
        elif is_union and name not in ("Clone", "Copy", "Eq"):
            report.error(place, "this trait cannot be derived for unions", hint="read one of its fields")
        elif is_union and name == "Clone" and "Copy" not in derives:
            message = "the trait bound `Copy` is not satisfied: a union is cloned by copying it"
            report.error(place, message, code="E0277", hint="derive `Copy`, too")
        elif name in _NEEDS and _NEEDS[name] not in derives and not is_union:
            message = f"`{name}` needs `{_NEEDS[name]}`, which is not derived"
            report.error(span, message, code="E0277", hint=f"derive `{_NEEDS[name]}`, too")
