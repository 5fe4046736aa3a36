"""Names that patterns bind: as values, or as references into what is matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .checker import Checker
from .rust.items.core_names import KEYWORDS
from .rust.typed.definitions import Local
from .rust.typed.patterns import Binding
from .rust.types.infer import unify
from .rust.types.kinds import PointerType, Type

if TYPE_CHECKING:
    from tree_sitter import Node

    from btfview.source import Span


def bind_name(
    checker: Checker,
    node: Node,
    found: Type,
    *,
    is_mut: bool = False,
    ref: str = "",
) -> Binding:
    """Return the binding of the name *node* to a value of type *found*.

    *ref* is what stands before the name: ``ref``, ``ref mut`` or nothing. In a pattern that looks through a
    reference the name is one itself, and edition 2024 allows neither ``ref`` nor ``mut`` there.
    """
    span = checker.tree.span(node)
    implied = checker.implied_borrow
    if implied and ref:
        message = "cannot explicitly borrow within an implicitly-borrowing pattern"
        checker.refuse(node, message, "take `ref` away, or write `&` before the pattern around it")
    elif implied and is_mut:
        message = "cannot mutably bind by value within an implicitly-borrowing pattern"
        checker.refuse(node, message, "write `&` before the pattern around it")
    kind = ref or implied
    if not kind:
        return Binding(span, _new_local(checker, node, span, found, is_mut, ""), None)
    place = checker.matched
    if kind == "ref mut":
        checker.check_writable(place, span, is_borrow=True)
    checker.later(lambda: checker.check_aligned(place, span))
    local = _new_local(checker, node, span, PointerType(found, kind == "ref mut", True), is_mut, ref)
    return Binding(span, local, None, True)


def _new_local(checker: Checker, node: Node, span: Span, found: Type, is_mut: bool, ref: str) -> Local:
    name = checker.tree.name(node)
    if name in KEYWORDS and checker.tree.text(node) in KEYWORDS:
        checker.refuse(node, f"expected identifier, found keyword `{name}`", f"write `r#{name}`")
    known = checker.alternatives.get(name) if checker.alternatives is not None else None
    if known is not None:
        if checker.explicit_refs.get(known, "") != ref:
            message = f"variable `{name}` is bound inconsistently across alternatives separated by `|`"
            checker.refuse(node, message, "bind it in the same way in each", "E0409")
        elif not unify(known.type, found):
            checker.mismatch(span, known.type, found, "a name has one type in all parts of a `|` pattern")
        checker.rebound.add(name)
        return known
    if name in checker.pattern_names:
        message, code = f"identifier `{name}` is bound more than once in the same pattern", "E0416"
        if checker.in_parameters:
            message, code = f"identifier `{name}` is bound more than once in this parameter list", "E0415"
        checker.refuse(node, message, None, code)
    checker.pattern_names.add(name)
    local = checker.bind(Local(name, found, span, is_mut))
    if ref:
        checker.explicit_refs[local] = ref
    return local
