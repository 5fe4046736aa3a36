"""Names of lints, the level that each has at a place, and how one is told at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from btfview.compiler.rust.syntax.tree import Tree
from btfview.diagnostics import Diagnostic, Label
from btfview.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Teller:
    """Tells lints at the places of *tree* at the level that attributes give them there."""

    def __init__(self, tree: Tree, add: Callable[[Diagnostic], None]) -> None:
        self.tree = tree
        self._add = add
        self._levels: Levels | None = None
        self.fulfilled: set[tuple[Span, str]] = set()
        """Attributes that expect a lint, with the lint that came."""

    @property
    def levels(self) -> Levels:
        if self._levels is None:
            self._levels = Levels(self.tree)
        return self._levels

    @property
    def has_levels(self) -> bool:
        return self._levels is not None or _ATTRIBUTE.search(self.tree.shown.text) is not None

    def is_told(self, lint: str, span: Span) -> bool:
        return self.levels.find(lint, span.start)[0] not in ("allow", "expect")

    def tell(
        self, lint: str, span: Span, message: str, *, label: str | None = None, hint: str | None = None,
        labels: tuple[Label, ...] = (), level: str = "warn",
    ) -> None:  # fmt: skip
        """Tell *lint* at *span*; *level* is what it has without an attribute."""
        said, attribute = self.levels.find(lint, span.start)
        default, level = level, said if attribute is not None else level
        if level == "expect" and attribute is not None:
            self.fulfilled.add((attribute, lint))
        if level in ("allow", "expect"):
            return
        note = f"`#[{default}({lint})]` on by default"
        if attribute is not None:
            line = self.tree.source.location(attribute.start).line
            note = f"`{lint}` is set to {level} in line {line}"
        severity = "error" if level == "deny" else "warning"
        self._add(Diagnostic(severity, message, span, None, label, hint, (note,), labels, lint))
