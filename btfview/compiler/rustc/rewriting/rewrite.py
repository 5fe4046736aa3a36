"""A source as rustc is shown it: without what it does not know, line for line and nearly column for column.

* ``core::btf`` becomes ``::__btf__``, the crate that stands in for it (``stand_in``), of the same length.
* A marker becomes ``repr(C)``, and every field of a marked struct is *deprecated* with a note of ours: so
  rustc itself tells each place that touches such a field, whatever it took to find out what the field is.
* ``builtin # btf_..`` becomes a macro call, and a ``macro`` around it a ``macro_rules!``.
* The gates go, and ``target_arch = "bpf"`` is true.
* Behind an ``extern`` block stands what has rustc tell its types (:mod:`.externs`).
"""

from __future__ import annotations

import re

from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.attributes import READS_FIELDS
from btfview.compiler.rust.syntax.known_features import known_features
from btfview.compiler.rust.syntax.tree import Tree, parse
from btfview.diagnostics import Diagnostic, Label
from btfview.frozen import frozen
from btfview.source import Source, Span

from .edits import Edit, Edited
from .externs import marks
from .query_rules import QueryCall, check_queries, query_calls

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.compiler.rust.syntax.tree import Node

STAND_IN = "__btf__"
NOTE = "__btf"
"""Of the deprecation that stands for the ban of field accesses."""
LAYOUT_NOTE = "__btf_layout"
"""Of the one by which rustc tells who touches a field of a struct without a marker, perhaps a kernel's."""
MAX_TOLD = 200_000
"""Characters of a file whose structs are looked at like that: bindings of a whole kernel have millions."""
GATES = ("btf_relocations", "btf_relocations_extra", "builtin_syntax", "decl_macro")
"""Features that say what the user may write of ours; like all others they are nothing for a stable rustc."""
_OUR_WORDS = ("btf_relocatable", "repr(Btf", "btf_relocations")
_DEPRECATED = '#[deprecated(note = "{}")] '
_REPR_C = re.compile(r"\brepr\s*\([^)]*\bC\b")
_BUILTIN = re.compile(r"\bbuiltin\s*#\s*([A-Za-z_]\w*)")
_OLD_GATES = ("relocatable_types", "btf_preserve_access", "btf_relocatable_types")
_REPEATED = re.compile(r"\$\(\s*(\$\w+)\s*:\s*expr\s*\)\s*([+*])\s*(?:\$\(\s*,\s*\)\s*[?*])?")
_WITH_ARGUMENTS = re.compile(r"#\s*\[\s*btf_relocatable\s*[^\s\]]")
_DERIVE = re.compile(r"#\s*\[\s*derive\b")
_PATH = re.compile(r'#\s*\[\s*path\s*=\s*"([^"]+\.rs)"')
_FIELD_LISTS = ("field_declaration_list", "ordered_field_declaration_list")


@frozen
class MarkedStruct:
    name: str
    span: Span
    """The name in the declaration."""
    marker: str
    """``repr(Btf)`` or ``btf_relocatable``."""
    marker_span: Span
    is_union: bool
    has_repr_c: bool


@frozen
class Rewritten:
    edited: Edited
    tree: Tree
    marked: tuple[MarkedStruct, ...]
    gates: frozenset[str]
    """Those of :data:`GATES` that the file opens."""
    has_queries: bool
    """It names ``core::btf`` or ``builtin #``."""
    diagnostics: tuple[Diagnostic, ...]
    plain: tuple[Span, ...]
    """Names of the structs without a marker of which rustc tells who touches their fields."""
    calls: tuple[QueryCall, ...]
    """The queries of a file that is the user's own."""
    wrong_calls: tuple[Span, ...]
    """Queries whose text is wrong: what rustc says of them is not told."""
    modules: tuple[tuple[str, ...], ...]
    """Modules in files of their own, ``mod name;``: the names of those around it in the file, then its own,
    or what ``#[path = ".."]`` says, which ends in ``.rs``."""


def rewrite(source: Source, *, is_own: bool = True) -> Rewritten:
    """Return *source* as rustc is to see it; what does not parse as Rust is left for rustc to tell.

    In a source that is not the user's own ``target_arch`` is BPF for attributes of the feature alone: what
    else a library does on BPF, as assembly, is nothing for the host.
    """
    return _Rewriter(source, is_own).run()


class _Rewriter:
    def __init__(self, source: Source, is_own: bool) -> None:
        self._source = source
        self._is_own = is_own
        self._tree = parse(source, Report())
        self._report = Report()
        self._edits: list[Edit] = []
        self._marked: list[MarkedStruct] = []
        self._plain: list[Span] = []
        self._gates: set[str] = set()
        self._modules: list[tuple[str, ...]] = []
        self._has_queries = False

    def run(self) -> Rewritten:
        leaves: list[Node] = []
        attributes: list[Node] = []
        for node in _walk(self._tree.root):
            kind = node.type
            if not node.child_count:
                leaves.append(node)
            if kind == "mod_item" and node.child_by_field_name("body") is None:
                self._module(node)
            if kind == "attribute_item":
                attributes.append(node)
                continue
            if kind == "inner_attribute_item":
                self._gate(node)
            elif kind == "use_declaration":
                self._use(node)
            elif kind == "foreign_mod_item" and self._is_own:
                self._edits += marks(self._tree, node, STAND_IN)
            elif attributes and node.parent == attributes[-1].parent and not node.is_extra:
                self._marker(attributes, node)
            if attributes and node.parent == attributes[-1].parent and not node.is_extra:
                attributes = []
        self._leaves(leaves)
        self._macros()
        self._check_dialects()
        calls = tuple(query_calls(self._tree)) if self._is_own else ()
        wrong = check_queries(self._tree, calls, frozenset(self._gates), self._report)
        edited = Edited(self._source, self._edits)
        return Rewritten(
            edited,
            self._tree,
            tuple(self._marked),
            frozenset(self._gates),
            self._has_queries,
            self._report.sorted(),
            tuple(self._plain),
            calls,
            wrong,
            tuple(self._modules),
        )

    def _replace(self, span: Span, text: str) -> None:
        """Put *text* at *span*, padded so that nothing behind it moves."""
        old = self._source.text[span.start : span.end]
        padded = text.ljust(len(old)) if "\n" not in old else text + re.sub(r"[^\n]", " ", old[len(text) :])
        self._edits.append(Edit(span.start, span.end, padded))

    # ---- gates

    def _gate(self, node: Node) -> None:
        leaves = [leaf for leaf in _walk(node) if leaf.type == "identifier"]
        words = [self._tree.text(leaf) for leaf in leaves]
        if "feature" not in words:
            return
        start = words.index("feature") + 1
        self._gates.update(word for word in words[start:] if word in GATES)
        for leaf, word in zip(leaves[start:], words[start:], strict=True):
            if word not in GATES and word not in known_features() and self._is_own:
                message = f"unknown feature `{word}`"
                hint = "the gate is now `#![feature(btf_relocations)]`" if word in _OLD_GATES else None
                self._report.error(self._tree.span(leaf), message, code="E0635", hint=hint)
        if start == 1:
            self._replace(self._tree.span(node), "")
        else:  # in a `cfg_attr`, perhaps beside others
            begin = self._tree.span(leaves[start - 1]).start
            end = self._source.text.find(")", begin)
            self._replace(Span(begin, end + 1), "allow(unused_doc_comments)")

    # ---- imports

    def _use(self, node: Node) -> None:
        """Take ``btf`` out of ``use core::{btf, ..}`` and import it behind that."""
        for group in _walk(node):
            if group.type != "scoped_use_list":
                continue
            path, entries = group.child_by_field_name("path"), group.child_by_field_name("list")
            if path is None or entries is None:
                continue
            if re.sub(r"\s", "", self._tree.text(path)).removeprefix("::") == "core::btf":
                for entry in self._tree.tokens(entries):
                    if self._tree.text(entry) == "self":
                        end = self._tree.span(entry).end
                        self._edits.append(Edit(end, end, " as btf"))
            if self._tree.text(path).removeprefix("::") != "core":
                continue
            visibility = self._tree.child(node, "visibility_modifier")
            prefix = f"{self._tree.text(visibility)} " if visibility is not None else ""
            tokens = self._tree.tokens(entries)
            for index, entry in enumerate(tokens):
                text = self._tree.text(entry)
                if re.match(r"btf\b", text) is None:
                    continue
                follows = tokens[index + 1]
                last = follows if follows.type == "," else entry
                self._replace(Span(self._tree.span(entry).start, self._tree.span(last).end), "")
                rest = text[len("btf") :]
                rest = rest if rest.startswith("::") else rest or " as btf"
                end = self._tree.span(node).end
                self._edits.append(Edit(end, end, f" {prefix}use ::{STAND_IN}{rest};"))
                self._has_queries = True

    def _module(self, node: Node) -> None:
        names: list[str] = []
        around: Node | None = node
        while around is not None:
            name = around.child_by_field_name("name") if around.type == "mod_item" else None
            if name is not None:
                names.insert(0, self._tree.name(name))
            around = around.parent
        before = node.prev_sibling
        while before is not None and before.type == "attribute_item":
            path = _PATH.match(self._tree.text(before))
            if path is not None:
                names[-1] = path[1]
            before = before.prev_sibling
        self._modules.append(tuple(names))

    # ---- tokens

    def _leaves(self, leaves: Sequence[Node]) -> None:
        """Rewrite what stands in tokens anywhere: paths, hints of ``repr``, predicates of ``cfg``."""
        texts = [self._tree.text(leaf) for leaf in leaves]
        span = self._tree.span
        for index, word in enumerate(texts):
            if word == "btf" and texts[index - 2 : index] == ["core", "::"]:
                before = texts[index - 3] if index > 2 else ""
                is_absolute = before == "::" and not texts[index - 4].isidentifier()
                if before == "::" and not is_absolute:
                    continue
                first = leaves[index - 3 if is_absolute else index - 2]
                follows = texts[index + 1] if index + 1 < len(texts) else ""
                name = " as btf" if follows in (";", ",", "}") and _is_in_use(first) else ""
                self._replace(Span(span(first).start, span(leaves[index]).end), f"::{STAND_IN}{name}")
                self._has_queries = True
            elif word == "Btf" and _is_in_repr(texts, index):
                self._replace(span(leaves[index]), "C")
            elif word == "btf_relocatable" and texts[index - 1] in ("[", ","):
                self._replace(span(leaves[index]), "repr(C)")
            elif word == "target_arch" and texts[index + 1 : index + 2] == ["="]:
                if not self._is_own and not self._is_of_feature(leaves[index]):
                    continue
                last = index + 2
                while last < len(leaves) and texts[last] not in (")", ","):
                    last += 1
                value = self._source.text[span(leaves[index + 2]).start : span(leaves[last - 1]).end]
                answer = "all()" if value.strip('"') == "bpf" else "any()"
                self._replace(Span(span(leaves[index]).start, span(leaves[last - 1]).end), answer)

    def _is_of_feature(self, leaf: Node) -> bool:
        node: Node | None = leaf
        while node is not None and not node.type.endswith("attribute_item"):
            node = node.parent
        return node is not None and any(word in self._tree.text(node) for word in _OUR_WORDS)

    # ---- markers

    def _marker(self, attributes: Sequence[Node], item: Node) -> None:
        found: list[tuple[str, Span]] = []
        for attribute in attributes:
            leaves = [leaf for leaf in _walk(attribute) if not leaf.child_count]
            texts = [self._tree.text(leaf) for leaf in leaves]
            if "cfg_attr" in texts and "not" in texts:
                continue
            for index, word in enumerate(texts):
                if word == "Btf" and _is_in_repr(texts, index):
                    found.append(("repr(Btf)", self._tree.span(leaves[index])))
                elif word == "btf_relocatable" and texts[index - 1] in ("[", ","):
                    found.append(("btf_relocatable", self._tree.span(attribute)))
        is_c = any(_REPR_C.search(self._tree.text(attribute)) for attribute in attributes)
        if not found:
            if is_c:
                self._plain_struct(item)
            return
        marker, span = found[0]
        name_node = item.child_by_field_name("name")
        name = self._tree.name(name_node) if name_node is not None else ""
        if item.type not in ("struct_item", "union_item") or name_node is None:
            self._wrong_item(item, name, marker, self._tree.span(attributes[-1]))
            if item.type != "enum_item":
                for attribute in attributes:
                    if "cfg" not in self._tree.text(attribute):
                        self._replace(self._tree.span(attribute), "")
            return
        self._check_marked(attributes, marker)
        for _, second in found[1:]:
            self._report.error(
                second,
                f"`{name}` has two markers",
                hint="keep `#[repr(Btf)]` or `#[btf_relocatable]`, not both",
            )
        if "btf_relocations" not in self._gates:
            self._report.error(
                span,
                "the `btf_relocatable` attribute is an experimental feature"
                if marker == "btf_relocatable"
                else "BTF relocations are experimental",
                code="E0658",
                hint="add `#![feature(btf_relocations)]` at the top of the file",
            )
        self._marked.append(
            MarkedStruct(name, self._tree.span(name_node), marker, span, item.type == "union_item", is_c)
        )
        for fields in item.children:
            if fields.type in _FIELD_LISTS:
                self._deprecate(fields, NOTE)

    def _check_marked(self, attributes: Sequence[Node], marker: str) -> None:
        """Tell of arguments of a marker, and of traits whose derived code would read the fields."""
        for attribute in attributes:
            text, span = self._tree.text(attribute), self._tree.span(attribute)
            if _WITH_ARGUMENTS.match(text):
                message = "`btf_relocatable` takes no arguments"
                self._report.error(span, message, hint="write `#[btf_relocatable]`")
                self._replace(span, "#[repr(C)]")
            elif _DERIVE.match(text):
                for leaf in _walk(attribute):
                    if leaf.type == "identifier" and self._tree.text(leaf) in READS_FIELDS:
                        self._report.error(
                            self._tree.span(leaf),
                            f"cannot derive `{self._tree.text(leaf)}` for a `#[{marker}]` type",
                            label="it would read every field directly",
                            hint="`Clone` and `Copy` together copy the whole",
                        )

    def _plain_struct(self, item: Node) -> None:
        name = item.child_by_field_name("name")
        if item.type != "struct_item" or name is None or not self._is_own:
            return
        if len(self._source.text) > MAX_TOLD:
            return
        self._plain.append(self._tree.span(name))
        for fields in item.children:
            if fields.type == "field_declaration_list":
                self._deprecate(fields, LAYOUT_NOTE)

    def _deprecate(self, fields: Node, note: str) -> None:
        """Mark each field of *fields* as one of which rustc tells who touches it."""
        is_named = fields.type == "field_declaration_list"
        wants_one = True
        for child in self._tree.tokens(fields)[1:-1]:
            if child.type == ",":
                wants_one = True
            elif wants_one and (child.type == "field_declaration" or not is_named):
                if child.type == "attribute_item":
                    continue
                start = self._tree.span(child).start
                self._edits.append(Edit(start, start, _DEPRECATED.format(note)))
                wants_one = False

    def _wrong_item(self, item: Node, name: str, marker: str, span: Span) -> None:
        kind = {
            "enum_item": "enums",
            "function_item": "a function",
            "static_item": "a static",
            "trait_item": "a trait",
            "impl_item": "an impl",
            "const_item": "a constant",
        }.get(item.type, "this item")
        if marker == "btf_relocatable":
            self._report.error(
                span,
                f"`btf_relocatable` attribute cannot be used on {kind}",
                hint="`btf_relocatable` can be applied to structs and unions",
            )
        else:
            label = f"`{name}` is an enum" if item.type == "enum_item" else f"not on {kind}"
            message = "attribute should be applied to a struct or union"
            self._report.error(span, message, code="E0517", label=label)

    def _check_dialects(self) -> None:
        first = {struct.marker: struct for struct in reversed(self._marked)}
        if len(first) == 2:
            self._report.error(
                first["btf_relocatable"].marker_span,
                "two dialects in one file: `#[repr(Btf)]` and `#[btf_relocatable]`",
                labels=(Label(first["repr(Btf)"].marker_span, "the other marker is here"),),
                hint="use one marker everywhere, or choose with `--dialect repr|option` what the macros "
                "return",
            )

    # ---- builtins

    def _macros(self) -> None:
        text = self._source.text
        for found in _BUILTIN.finditer(text):
            self._has_queries = True
            self._edits.append(Edit(found.start(), found.end(), f"::{STAND_IN}::{found[1]}!"))
        for extent in self._definitions():
            for found in _REPEATED.finditer(text, extent.start, extent.end):
                self._edits.append(Edit(found.start(), found.end(), f"$({found[1]}:tt){found[2]}"))
        for extent in self._tree.macros.values():
            self._as_rules(extent)

    def _definitions(self) -> Iterator[Span]:
        """Yield where macros are defined that make queries."""
        yield from self._tree.macros.values()
        for node in _walk(self._tree.root):
            if node.type == "macro_definition":
                span = self._tree.span(node)
                if re.search(r"builtin\s*#|\bbtf\s*::", self._source.text[span.start : span.end]):
                    yield span

    def _as_rules(self, extent: Span) -> None:
        """Write ``pub macro name(pattern) { body }`` as ``macro_rules! name { (pattern) => { body } }``."""
        text = self._source.text
        head = re.compile(r"(?:pub(?:\([^)]*\))?\s+)?macro\s+(\w+)\s*").match(text, extent.start, extent.end)
        if head is None or text[head.end()] != "(":
            return
        depth = 0
        for position in range(head.end(), extent.end):
            depth += (text[position] == "(") - (text[position] == ")")
            if not depth:
                break
        name = head[1]
        self._edits.append(Edit(extent.start, head.end(), f"macro_rules! {name} {{ "))
        self._edits.append(Edit(position + 1, position + 1, " =>"))
        exported = f" }} #[allow(unused_imports)] pub(crate) use {name};"
        self._edits.append(Edit(extent.end, extent.end, exported))


def _walk(node: Node) -> Iterator[Node]:
    """Yield *node* and all below it in the order of the text, without comments."""
    pending = [node]
    while pending:
        found = pending.pop()
        if found.is_extra and found.type.endswith("comment"):
            continue
        yield found
        pending.extend(reversed(found.children))


def _is_in_use(node: Node | None) -> bool:
    while node is not None:
        if node.type == "use_declaration":
            return True
        node = node.parent
    return False


def _is_in_repr(texts: Sequence[str], index: int) -> bool:
    """Return whether the word at *index* is a hint: ``repr(.., Btf``."""
    for word in reversed(texts[:index]):
        if word in ("(", ",") or (word.isidentifier() and word != "repr"):
            continue
        return word == "repr"
    return False
