"""What the user's source has of what came out: queries, structs and functions at their places."""

from __future__ import annotations

import re

from btfview.compiler.result import FunctionItem, Program, Query, StructField, StructItem
from btfview.diagnostics import Diagnostic
from btfview.frozen import replace
from btfview.rust_names import demangled
from btfview.source import Location, Source, Span

from .ir.converted import Converted, Wrong
from .rewriting.rewrite import Rewritten

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.compiler.rust.syntax.tree import Node, Tree

    from .files import CrateFiles
    from .ir.questions import Asked

_HEAP = "this needs memory from a heap, as `std` and `alloc` do, and BPF has none"
_TEXT = "this makes text at run time, and the code of `core` that does so is none that BPF could run"
_REASONS = {
    _HEAP: (
        "__rust_alloc",
        "__rust_dealloc",
        "__rust_realloc",
        "__rust_no_alloc",
        "alloc::",
        "std::",
        "hashbrown::",
    ),
    _TEXT: ("core::fmt::", "core::num::fmt", "core::str::"),
}
"""Words in the names of what is missing, by what they come to."""
_INSTEAD = {
    _HEAP: "write `#![no_std]`, and maps or arrays in place of `Vec`, `String`, `Box` and collections",
    _TEXT: "print with `bpf_trace_printk` (aya: `aya_log_ebpf`), and leave `format!`, `write!` and `{}` out",
}
_MAX_NAMES = 3
_NO_FIELD = re.compile(r"no field `(\w+)` on type ")
_MISSING_HINT = (
    "what is not generic in `core`, as formatting, has no code that BPF could run; "
    "a helper is declared as `fn bpf_..` in an `extern` block"
)
MAX_COLUMN = 1023
"""BTF line info keeps a column in 10 bits (linux/btf.h: ``BPF_LINE_INFO_LINE_COL``)."""


def describe(converted: Converted, files: CrateFiles, dialect: str) -> Program:
    """Return the program, as far as it stands in the user's *files*."""
    trees = {id(rewritten): FileTree(rewritten) for _, rewritten in files.all()}
    lines = converted.modules[0].split("\n")
    starts = {
        line: number for number, line in enumerate(lines) if line.startswith("define internal i64 @__btf_q_")
    }
    calls: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        if " call i64 @__btf_q_" in line:
            calls.setdefault(line.partition("@")[2].partition("(")[0], []).append(number)
    found: list[Query] = []
    for asked in converted.asked:
        rewritten = files.find(asked.question.file)
        if rewritten is None:
            continue
        span, path_span = trees[id(rewritten)].query(asked)
        first = starts.get(asked.lines[0], -1)
        ir_lines = [first + 1 + index for index in range(len(asked.lines) - 2)] if first >= 0 else []
        ir_lines += calls.get(asked.symbol, [])
        location = rewritten.edited.original.location(span.start)
        found += [
            Query(
                index=0,
                kind=asked.question.kind,
                function=function,
                root=asked.root,
                access_str=asked.access_str,
                path=asked.path,
                span=files.span(rewritten, span),
                path_span=files.span(rewritten, path_span),
                location=Location(location.line, min(location.column, MAX_COLUMN)),
                ir_lines=tuple(ir_lines),
            )
            for function in asked.callers
        ]
    found.sort(key=lambda query: (query.span.start, query.span.end))
    functions = []
    for one in converted.exported:
        rewritten = files.find(one.file) if one.file else None
        span = Span(0, 0)
        if rewritten is not None:
            span = files.span(rewritten, trees[id(rewritten)].function(one.line))
        functions.append(FunctionItem(one.symbol, one.name, span, one.section))
    return Program(
        dialect,
        tuple(
            struct
            for _, rewritten in files.all()
            if rewritten is files.main or rewritten.marked
            for struct in _structs(files, rewritten, trees[id(rewritten)])
        ),
        tuple(functions),
        tuple(replace(query, index=index) for index, query in enumerate(found)),
    )


def _structs(files: CrateFiles, rewritten: Rewritten, tree: FileTree) -> Iterator[StructItem]:
    for struct in tree.structs():
        fields = tuple(replace(field, span=files.span(rewritten, field.span)) for field in struct.fields)
        yield replace(struct, span=files.span(rewritten, struct.span), fields=fields)


def wrong_queries(converted: Converted, files: CrateFiles) -> Iterator[Diagnostic]:
    """Yield what is wrong with queries that rustc took and that have no record."""
    trees: dict[int, FileTree] = {}
    for wrong in converted.wrong:
        rewritten = files.find(wrong.file)
        if rewritten is not None:
            tree = trees.get(id(rewritten)) or trees.setdefault(id(rewritten), FileTree(rewritten))
            span, path_span = tree.call_at(wrong.line, wrong.column)
            place = _part_of_path(rewritten.edited.original.text, path_span or span, wrong)
            yield Diagnostic("error", wrong.message, files.span(rewritten, place), wrong.code)
        else:
            note = f"in {wrong.file}:{wrong.line}:{wrong.column}"
            yield Diagnostic("error", wrong.message, Span(0, 0), wrong.code, notes=(note,))


def _part_of_path(text: str, path: Span, wrong: Wrong) -> Span:
    """Return the place of the element or the field that is *wrong* in a path; of the path for all else."""
    word = rf"\[\s*{wrong.element}(?:usize)?\s*\]" if wrong.element is not None else ""
    if field := _NO_FIELD.match(wrong.message):
        word = rf"\b{field[1]}\b"
    found = list(re.finditer(word, text[path.start : path.end])) if word else []
    return Span(path.start + found[-1].start(), path.start + found[-1].end()) if found else path


def missing(converted: Converted, files: CrateFiles) -> Iterator[Diagnostic]:
    """Yield an error for each place from which what nothing defines is called, and for each reason."""
    told: dict[tuple[Span, str], list[str]] = {}
    for symbol, place in converted.missing.items():
        name = demangled(symbol)
        reason = next(
            (reason for reason, words in _REASONS.items() if any(map(name.__contains__, words))), ""
        )
        told.setdefault((_span_at(files, place), reason or f"nothing defines `{name}`"), []).append(name)
    for (span, reason), names in told.items():
        is_known = reason in _REASONS
        shown = ", ".join(f"`{name}`" for name in names[:_MAX_NAMES])
        more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
        notes = (f"nothing defines {shown}{more}",) if is_known else ()
        hint = _INSTEAD[reason] if is_known else _MISSING_HINT
        yield Diagnostic("error", reason, span, hint=hint, notes=notes)


def _span_at(files: CrateFiles, place: tuple[str, int, int] | None) -> Span:
    rewritten = files.find(place[0]) if place is not None else None
    if place is None or rewritten is None:
        return Span(0, 0)
    edited = rewritten.edited
    start = edited.offset(Source("", edited.text).offset(place[1], place[2]))
    word = re.compile(r"[\w.:]*").match(edited.original.text, start)
    return files.span(rewritten, Span(start, word.end() if word else start))


class FileTree:
    """Finds in the tree what lines and columns of the rewritten text speak of."""

    def __init__(self, rewritten: Rewritten) -> None:
        self._rewritten = rewritten
        self._changed = Source("", rewritten.edited.text)
        self._tree: Tree = rewritten.tree
        self._calls: dict[int, Node] = {}
        self._functions: dict[int, Span] = {}
        self._structs: list[Node] = []
        pending = [self._tree.root]
        while pending:
            node = pending.pop()
            if node.type == "macro_invocation":
                self._calls.setdefault(self._tree.span(node).start, node)
            elif node.type == "function_item":
                name = node.child_by_field_name("name")
                if name is not None:
                    span = self._tree.span(name)
                    self._functions[self._tree.source.location(span.start).line] = span
            elif node.type in ("struct_item", "union_item"):
                self._structs.append(node)
            pending.extend(node.children)

    def call_at(self, line: int, column: int) -> tuple[Span, Span | None]:
        """Return the macro call there, and what stands behind its first comma."""
        start = self._rewritten.edited.offset(self._changed.offset(line, column))
        node = self._calls.get(start)
        if node is None:  # in a macro's definition, whose tokens are no tree
            return Span(start, start), None
        tree = self._tree.child(node, "token_tree")
        tokens = self._tree.tokens(tree)[1:-1] if tree is not None else []
        comma = next((index for index, token in enumerate(tokens) if token.type == ","), None)
        path = [token for token in tokens[comma + 1 :] if token.type != ","] if comma is not None else tokens
        if not path:
            return self._tree.span(node), None
        return self._tree.span(node), Span(self._tree.span(path[0]).start, self._tree.span(path[-1]).end)

    def query(self, asked: Asked) -> tuple[Span, Span]:
        span, path = self.call_at(asked.question.line, asked.question.column)
        return span, path or span

    def function(self, line: int) -> Span:
        return self._functions.get(line, Span(0, 0))

    def structs(self) -> Iterator[StructItem]:
        """Yield the structs of the file whose fields all have a size that can be told from the text."""
        marked = {struct.span.start: struct.marker for struct in self._rewritten.marked}
        layouts: dict[str, tuple[int, int]] = {}
        pending = list(self._structs)
        for _round in range(len(pending) + 1):
            waiting: list[Node] = []
            for node in pending:
                item = self._struct(node, marked, layouts)
                if item is None:
                    waiting.append(node)
                else:
                    yield item
            if len(waiting) == len(pending):
                return
            pending = waiting

    def _struct(
        self, node: Node, marked: dict[int, str], layouts: dict[str, tuple[int, int]]
    ) -> StructItem | None:
        name = node.child_by_field_name("name")
        fields = node.child_by_field_name("body")
        if name is None or fields is None or fields.type != "field_declaration_list":
            return None
        is_union = node.type == "union_item"
        found, offset, align, size = [], 0, 1, 0
        for field in self._tree.children(fields):
            if field.type != "field_declaration":
                continue
            field_name, kind = field.child_by_field_name("name"), field.child_by_field_name("type")
            layout = _layout(self._tree.text(kind), layouts) if kind is not None else None
            if field_name is None or kind is None or layout is None:
                return None
            start = 0 if is_union else -(-offset // layout[1]) * layout[1]
            offset, align = start + layout[0], max(align, layout[1])
            size = max(size, offset)
            found.append(
                StructField(
                    self._tree.name(field_name),
                    self._tree.span(field_name),
                    self._tree.text(kind),
                    start,
                    layout[0],
                )
            )
        size = -(-size // align) * align
        layouts[self._tree.name(name)] = (size, align)
        span = self._tree.span(name)
        return StructItem(self._tree.name(name), is_union, span, marked.get(span.start), size, tuple(found))


_SIZES = {
    "u8": 1, "i8": 1, "bool": 1, "u16": 2, "i16": 2, "u32": 4, "i32": 4, "char": 4, "u64": 8, "i64": 8,
    "usize": 8, "isize": 8, "c_int": 4, "c_uint": 4, "c_long": 8, "c_ulong": 8, "c_char": 1,
}  # fmt: skip
_ARRAY = re.compile(r"\[(.*);\s*(\d[\d_]*)(?:usize)?\s*\]$", re.DOTALL)


def _layout(text: str, layouts: dict[str, tuple[int, int]]) -> tuple[int, int] | None:
    """Return size and alignment of the type *text*; None where only rustc knows them."""
    text = text.strip()
    if text[:1] in "*&" or text.startswith("Option<&"):
        return (8, 8) if not text.endswith(("]", "str")) or (text[:1] == "*" and ";" in text) else None
    if text in _SIZES:
        return _SIZES[text], _SIZES[text]
    if (array := _ARRAY.match(text)) is not None:
        inner = _layout(array[1], layouts)
        return (inner[0] * int(array[2].replace("_", "")), inner[1]) if inner else None
    return layouts.get(text)
