"""Nodes inside nodes: every class of the typed tree says its parts."""

from __future__ import annotations

import re

import pytest

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.walk import parts, walk
from btfview.compiler.rust.types.kinds import BOOL, U32, UNIT
from btfview.source import Span

_NODE_WORDS = frozenset(["Expr", "Statement", "Query", *(kind.__name__ for kind in n.KINDS)])
AT = Span(0, 0)


@pytest.mark.parametrize("kind", sorted(n.KINDS, key=str))
def test_a_class_says_the_fields_that_hold_nodes(kind: type) -> None:
    annotations = kind.__annotations__.items()
    holds = [name for name, text in annotations if not _NODE_WORDS.isdisjoint(re.findall(r"\w+", text))]
    assert list(getattr(kind, "PARTS", ())) == holds


def test_walk_goes_in_source_order() -> None:
    one, two, three = (n.Literal(U32, AT, value) for value in (1, 2, 3))
    total = n.Binary(U32, AT, "+", one, two)
    tree = n.Block(UNIT, AT, (n.ExprStatement(total), n.ExprStatement(three)), None)
    literals = [node for node in walk(tree) if isinstance(node, n.Literal)]
    assert [literal.value for literal in literals] == [1, 2, 3]
    assert [type(node) for node in walk(tree)][:3] == [n.Block, n.ExprStatement, n.Binary]


def test_walk_takes_a_tuple_and_passes_what_is_no_node() -> None:
    value = n.Literal(BOOL, AT, 1)
    assert list(walk((None, value, "text", (value,)))) == [value, value]


def test_a_node_without_parts_has_none() -> None:
    assert parts(n.Literal(U32, AT, 1)) is None
    assert parts(n.Return(U32, AT, None)) is None
    assert parts(None) is None
