"""Lints: what is no error but rarely meant. Each has a name, which ``#[allow(..)]`` and ``#[deny(..)]`` take.

================================= ============================================================================
``unused_btf_query``              the answer of a query is dropped, and its record with it
``unguarded_btf_offset``          an offset or size is used where no exists query says that the field is there
``btf_without_repr_c``            a marked type without ``repr(C)``, which rustc may lay out in another order
``baked_in_offset``               a field of a kernel struct is read at the offset that this file gives it
``btf_name_before_6_1``           a name of more than 128 characters
``unknown_program_section``       libbpf makes no program of the section
``program_context``               a program's argument is not what its kind of program gets
``too_many_frames``               calls go deeper than the verifier follows
``endless_loop``                  nothing leaves a loop, and the verifier refuses it
``arithmetic_overflow``           known values do not fit (rustc's, denied)
``unconditional_panic``           a division by a known zero (rustc's, denied)
``dead_code``                     a function is not called (rustc's)
``unreachable_code``              a query behind a return (rustc's)
``unknown_lints``                 a level for a lint of btfview that does not exist (rustc's)
``unfulfilled_lint_expectations`` a lint of these that ``#[expect(..)]`` waits for does not come (rustc's)
================================= ============================================================================
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from btfview.compiler.result import BakedIn
from btfview.compiler.rust.items.names import similar
from btfview.compiler.rust.syntax.tree import Tree
from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function, Local
from btfview.compiler.rust.typed.patterns import Binding
from btfview.compiler.rust.typed.walk import walk
from btfview.compiler.rust.types.kinds import PointerType, StructType, format_type, resolve
from btfview.diagnostics import Diagnostic, Label
from btfview.source import Span

from .baked_in import layout_uses
from .guards import unguarded_queries
from .overflow import known_panics
from .program_sections import CONTEXT_STRUCTS, FAMILIES, SECTIONS, find_section
from .verifier_limits import MAX_FRAMES, deep_calls, endless_loops, has_frame

if TYPE_CHECKING:
    from btfview.compiler.result import Program
    from btfview.compiler.rust.check.program import ProgramChecker
    from btfview.compiler.rust.items.collect import Items

OWN_LINTS = (
    "unused_btf_query", "unguarded_btf_offset", "btf_without_repr_c", "baked_in_offset",
    "btf_name_before_6_1", "unknown_program_section", "program_context", "too_many_frames",
    "endless_loop",
)  # fmt: skip
LINT_NAMES = (
    *OWN_LINTS, "arithmetic_overflow", "unconditional_panic", "dead_code", "unreachable_code",
    "unknown_lints",
)  # fmt: skip
_GROUPS = {"unused": ("unused_btf_query", "dead_code", "unreachable_code"), "warnings": None}
"""Groups of rustc that hold lints of ours; None holds all."""
_LEVELS = {"allow": "allow", "expect": "expect", "warn": "warn", "deny": "deny", "forbid": "deny"}
_ATTRIBUTE = re.compile(r"#(!?)\[\s*(allow|expect|warn|deny|forbid)\s*\(([^()\]]*)\)\s*\]")

MAX_OLD_NAME = 128
"""Of a BTF name before Linux 6.1, where ``KSYM_NAME_LEN`` became 512 (kernel: ``__btf_name_valid``)."""

_KERNEL_STRUCTS = frozenset(
    [
        "task_struct",
        "mm_struct",
        "sched_entity",
        "cfs_rq",
        "signal_struct",
        "sighand_struct",
        "files_struct",
        "fs_struct",
        "nsproxy",
        "pid_namespace",
        "mnt_namespace",
        "net_namespace",
        "user_namespace",
        "css_set",
        "cgroup",
        "task_group",
        "vm_area_struct",
        "super_block",
        "dentry",
        "inode",
        "vfsmount",
        "sock",
        "sock_common",
        "inet_sock",
        "tcp_sock",
        "udp_sock",
        "sk_buff",
        "net_device",
        "inet_connection_sock",
        "socket_wq",
        "request_queue",
        "bio",
        "gendisk",
        "block_device",
        "kernfs_node",
        "linux_binprm",
        "kiocb",
        "iov_iter",
        "address_space",
        "folio",
        "page_frag",
        "perf_event_context",
        "trace_event_raw_sys_enter",
        "mount",
    ]
)
"""Structs of the kernel's own headers, which change from build to build. None is of ``include/uapi``."""


class Levels:
    """Which level a lint has at a place: that of the innermost item or statement with an attribute for it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.scopes: list[tuple[Span, str, tuple[str, ...], Span]] = []
        """Extent, level, lints, and the attribute; outer ones first."""
        text = tree.shown.text
        for match in _ATTRIBUTE.finditer(text):
            extent = self._extent(match.start(), is_inner=bool(match[1]))
            if extent is not None:
                words = (name.strip() for name in match[3].split(","))
                names = tuple(word for word in words if word and "=" not in word)
                place = tree.shown.place(Span(*match.span()))
                self.scopes.append((extent, _LEVELS[match[2]], names, place))
        self.scopes.sort(key=lambda scope: scope[0].start - scope[0].end)

    def _extent(self, start: int, *, is_inner: bool) -> Span | None:
        """Return what the attribute at character *start* is for; None for one in a comment or string."""
        tree = self._tree
        at = tree.byte_offset(start)
        node = tree.root.descendant_for_byte_range(at, at + 1)
        while node is not None and node.type not in ("attribute_item", "inner_attribute_item"):
            node = node.parent
        if node is None or node.start_byte != at:
            return None
        if is_inner and node.parent is not None:
            if node.parent == tree.root:
                return Span(0, tree.source.end)
            # Brackets around the module of a file stand where it is declared, in another file.
            inside = node.parent.named_children
            return Span(tree.span(inside[0]).start, tree.span(inside[-1]).end)
        following = node.next_named_sibling
        while following is not None and (following.type == "attribute_item" or following.is_extra):
            following = following.next_named_sibling
        return Span(tree.span(node).start, tree.span(following).end) if following is not None else None

    def find(self, lint: str, place: int) -> tuple[str, Span | None]:
        """Return the level of *lint* at character *place*, and the attribute that says so."""
        found: tuple[str, Span | None] = ("warn", None)
        for extent, level, names, attribute in self.scopes:
            if extent.start <= place < extent.end and any(_covers(name, lint) for name in names):
                found = (level, attribute)
        return found


def _covers(name: str, lint: str) -> bool:
    if name not in _GROUPS:
        return name == lint
    group = _GROUPS[name]
    return group is None or lint in group


class Linter:
    """Looks at a program without errors."""

    def __init__(self, items: Items, checker: ProgramChecker) -> None:
        self.tree = items.tree
        self.report = items.report
        self.items = items
        self.checker = checker
        self.bodies = checker.bodies
        self._levels: Levels | None = None
        self._fulfilled: set[tuple[Span, str]] = set()
        """Attributes that expect a lint, with the lint that came."""

    def run(self, program: Program) -> tuple[BakedIn, ...]:
        """Tell *report* what there is to say, at the level that attributes give it.

        Return what is one of the lints only where a target says so.
        """
        self._unused_functions(program)
        asked: dict[Function, list[n.Query]] = {}
        for function, query in self.checker.queries:
            asked.setdefault(function, []).append(query)
        unguarded = unguarded_queries(self.bodies, self.checker.calls) if asked else {}
        for function, queries in asked.items():
            self._dropped_queries(function, queries)
            self._unguarded(unguarded.get(function, []))
        self._types()
        for body in self.bodies.values():
            for panic in known_panics(body):
                what = "this arithmetic operation will overflow"
                if panic.lint == "unconditional_panic":
                    what = "this operation will panic at runtime"
                self._tell(panic.lint, panic.span, what, label=panic.label, level="deny")
        for function in self.items.functions:
            if function.section is not None:
                self._section(function, function.section)
                self._frames(function)
        if "loop" in self.tree.shown.text or "while true" in self.tree.shown.text:
            self._endless_loops()
        baked_in = self._baked_in()
        if "btf" in self.tree.shown.text:
            self._unknown_lints()
        if "expect" in self.tree.shown.text:
            self._unfulfilled()
        return tuple(one for one in baked_in if self._is_told("baked_in_offset", one.span))

    def _is_told(self, lint: str, span: Span) -> bool:
        if self._levels is None:
            self._levels = Levels(self.tree)
        return self._levels.find(lint, span.start)[0] not in ("allow", "expect")

    def _tell(
        self, lint: str, span: Span, message: str, *, label: str | None = None, hint: str | None = None,
        labels: tuple[Label, ...] = (), level: str = "warn",
    ) -> None:  # fmt: skip
        if self._levels is None:
            self._levels = Levels(self.tree)
        said, attribute = self._levels.find(lint, span.start)
        default, level = level, said if attribute is not None else level
        if level == "expect" and attribute is not None:
            self._fulfilled.add((attribute, lint))
        if level in ("allow", "expect"):
            return
        note = f"`#[{default}({lint})]` on by default"
        if attribute is not None:
            line = self.tree.source.location(attribute.start).line
            note = f"`{lint}` is set to {level} in line {line}"
        severity = "error" if level == "deny" else "warning"
        self.report.add(Diagnostic(severity, message, span, None, label, hint, (note,), labels, lint))

    # ---- functions and queries

    def _unused_functions(self, program: Program) -> None:
        kept = self.checker.reachable()
        counts = Counter(query.function for query in program.queries)
        for function in self.items.functions:
            if function in kept:
                continue
            count = counts[function.symbol]
            lost = f", with its {count} {'query' if count == 1 else 'queries'}" if count else ""
            self._tell(
                "dead_code",
                function.span,
                f"function `{function.path}` is never used",
                label=f"it is dropped from the object{lost}",
                hint="make it `pub`, or call it",
            )
        for query in program.queries:
            if not query.ir_lines:
                label = "it gives no record"
                self._tell("unreachable_code", query.span, "this query cannot be reached", label=label)

    def _dropped_queries(self, function: Function, queries: list[n.Query]) -> None:
        ends = {query.span.start: query.span.end for query in queries}
        read: set[Local] = set()
        bound: list[tuple[Local, Span]] = []
        for node in walk(self.bodies[function]):
            if type(node) is n.LocalPlace:
                read.add(node.local)
            elif (type(node) is n.ExprStatement or type(node) is n.Let) and node.value is not None:
                span = node.value.span
                if ends.get(span.start) != span.end:
                    continue
                if isinstance(node, n.ExprStatement):
                    self._dropped(span)
                elif isinstance(node.pattern, Binding):
                    bound.append((node.pattern.local, span))
        for local, span in bound:
            if local not in read and not local.name.startswith("_"):
                self._dropped(span)

    def _dropped(self, span: Span) -> None:
        self._tell(
            "unused_btf_query",
            span,
            "the answer of this query is not used",
            label="LLVM drops it, so it gives no record",
            hint="use its value, or drop the call",
        )

    def _unguarded(self, queries: list[n.FieldQuery | n.EnumQuery]) -> None:
        for query in queries:
            if isinstance(query, n.EnumQuery):
                arguments = f"{query.root.name}, {query.variant.name}"
                guard, what = f"enum_value_exists!({arguments})", "variant"
            else:
                path = self.tree.source.text_at(query.path_span)
                guard, what = f"field_exists!({query.root.name}, {path})", "field"
            self._tell(
                "unguarded_btf_offset",
                query.span,
                f"nothing says that the {what} is there",
                label=f"a kernel without the {what} refuses it",
                hint=f"ask first: `if core::btf::{guard} {{ .. }}`; where every kernel has it, "
                "`#[allow(unguarded_btf_offset)]`",
            )

    # ---- programs

    def _section(self, function: Function, name: str) -> None:
        section = find_section(name)
        if section is None:
            near = similar(name.partition("/")[0], [known.rstrip("+") for known in SECTIONS])
            self._tell(
                "unknown_program_section",
                function.span,
                f"libbpf knows no program for section `{name}`",
                label="it will not be loaded",
                hint=near
                or f"known are {', '.join(FAMILIES)} and others, with what they attach to behind a `/`",
            )
            return
        found = resolve(function.params[0].type) if function.params else None
        if found is None or section.context is None:
            return
        gets = f"a pointer to `{section.context}`" if section.context else "a pointer to 64-bit arguments"
        pointee = resolve(found.pointee) if isinstance(found, PointerType) else None
        is_other = isinstance(pointee, StructType) and pointee.name in CONTEXT_STRUCTS - {section.context}
        if pointee is None or is_other:
            self._tell(
                "program_context",
                function.params[0].span,
                f"a program in `{name}` gets {gets}",
                label=f"this is `{format_type(found)}`",
                hint=f"write `ctx: *mut {section.context or 'u64'}`",
            )

    def _frames(self, program: Function) -> None:
        way = deep_calls(program, self.checker.calls)
        if not way:
            return
        framed = [(callee, span) for callee, span in way if has_frame(callee)]
        callee, span = framed[MAX_FRAMES - 1]
        self._tell(
            "too_many_frames",
            span,
            f"`{program.path}` needs {len(framed) + 1} frames, and the verifier allows {MAX_FRAMES}",
            label=f"`{callee.path}` is frame {MAX_FRAMES + 1} here",
            hint="let one of the functions on the way be inlined: take `#[inline(never)]` away",
            labels=(Label(program.span, "frame 1"),),
        )

    def _endless_loops(self) -> None:
        kept = self.checker.reachable()
        for function in self.items.functions:
            for loop in endless_loops(self.bodies[function]) if function in kept else ():
                self._tell(
                    "endless_loop",
                    loop.span,
                    "nothing leaves this loop",
                    label="the verifier refuses a program that gets here",
                    hint="count in a `for`, or leave it with `break` or `return`",
                )

    # ---- types

    def _types(self) -> None:
        for struct in self.items.structs:
            self._name(struct.name, struct.span)
            for field in struct.fields:
                self._name(field.name, field.span)
            nameless = next((field for field in struct.fields if field.is_nameless), None)
            if nameless is not None:
                message = f"`{nameless.name}` is bindgen's name for a member that has none in C"
                label = "left out of the path in records, so that the loader looks inside"
                self.report.add(Diagnostic("note", message, nameless.span, None, label))
            if struct.marker == "btf_relocatable" and not struct.has_repr_c:
                self._tell(
                    "btf_without_repr_c",
                    struct.span,
                    f"`{struct.name}` is marked and has no `repr(C)`",
                    label="rustc may lay its fields out in another order than they stand here",
                    hint="add `#[repr(C)]`: records count fields in the order of this declaration",
                )
        for enum in self.items.enums:
            self._name(enum.name, enum.span)
            for variant in enum.variants:
                self._name(variant.name, variant.span)
        for function in self.items.functions:
            self._name(function.symbol, function.span)
        for static in self.items.statics:
            self._name(static.name, static.span)

    def _name(self, name: str, span: Span) -> None:
        if len(name) > MAX_OLD_NAME:
            self._tell(
                "btf_name_before_6_1",
                span,
                f"this name has {len(name)} characters",
                label=f"kernels before 6.1 refuse BTF with names of more than {MAX_OLD_NAME}",
                hint="write a shorter one",
            )

    def _baked_in(self) -> tuple[BakedIn, ...]:
        """Tell which layouts of kernel structs are this file's; return those that a target has to tell."""
        left: list[BakedIn] = []
        uses = list(self.items.layout_uses)
        for body in self.bodies.values():
            uses += layout_uses(body)
        for use in uses:
            struct = use.struct
            field = struct.field(use.field) if use.field is not None else None
            what = f"the offset of `{field.name}`" if field is not None else "the size"
            here = field.byte_offset if field is not None else struct.size
            if struct.marker is None and not _is_kernel_struct(struct):
                names = tuple(field.name for field in struct.fields)
                left.append(BakedIn(struct.name, use.field, here, use.span, names))
                continue
            ask = f"ask `core::btf::type_size!({struct.name})`, an extension of btfview's"
            if field is not None:
                ask = f"ask `core::btf::field_byte_offset!({struct.name}, {field.name})`"
            self._tell(
                "baked_in_offset",
                use.span,
                f"{what} {'in' if field is not None else 'of'} this file's `{struct.name}` is baked in",
                label=f"{here} here, and something else in most kernels",
                hint=ask
                if struct.marker is not None
                else f"mark `{struct.name}` with `#[repr(Btf)]` and {ask}",
                labels=()
                if struct.marker is not None
                else (Label(struct.span, "declared without a marker"),),
            )
        return tuple(left)

    def _unknown_lints(self) -> None:
        if self._levels is None:
            if _ATTRIBUTE.search(self.tree.shown.text) is None:
                return
            self._levels = Levels(self.tree)
        for _, _, names, attribute in list(self._levels.scopes):
            for name in names:
                if "btf" in name and name not in OWN_LINTS:
                    hint = similar(name, list(OWN_LINTS)) or f"known are {', '.join(OWN_LINTS)}"
                    self._tell("unknown_lints", attribute, f"unknown lint: `{name}`", hint=hint)

    def _unfulfilled(self) -> None:
        if self._levels is None:
            self._levels = Levels(self.tree)
        functions = {function.span.start for function in self.items.functions}
        for extent, level, names, attribute in list(self._levels.scopes):
            if level != "expect":
                continue
            for name in names:
                # rustc finds dead code in more than functions, so there it may be right.
                is_ours = name in OWN_LINTS or (
                    name == "dead_code" and any(extent.start <= start < extent.end for start in functions)
                )
                if is_ours and (attribute, name) not in self._fulfilled:
                    self._tell(
                        "unfulfilled_lint_expectations",
                        attribute,
                        "this lint expectation is unfulfilled",
                        label=f"nothing is found by `{name}` here",
                        hint="take the attribute away",
                    )


def _is_kernel_struct(struct: StructType) -> bool:
    return struct.marker is None and struct.name.partition("___")[0] in _KERNEL_STRUCTS
