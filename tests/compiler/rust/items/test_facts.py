"""A fact about an item is worked out once, when it is asked for; what needs itself is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from btfview.compiler.rust.items.facts import Once
from btfview.compiler.rust.report import Report
from btfview.frozen import frozen
from btfview.source import Span
from tests.compiler.rust.front_end_helpers import problems


@frozen
class Item:
    name: str
    span: Span = Span(1, 2)


def facts_of(
    report: Report, needs: dict[str, list[str]], limit: int | None = None
) -> tuple[Callable[[str], int | None], list[str]]:
    """Return what gives the number of items that an item *needs*, itself counted; and what was looked at."""
    looked_at: list[str] = []

    def find(item: Item) -> int | None:
        looked_at.append(item.name)
        parts = [once.of(Item(name)) for name in needs[item.name]]
        return 1 + sum(part for part in parts if part is not None) if None not in parts else None

    once: Once[Item, int] = Once(report, find, "`{}` needs itself", limit=limit, too_deep=("`{}` waits", "."))
    return lambda name: once.of(Item(name)), looked_at


def test_each_item_is_looked_at_once() -> None:
    of, looked_at = facts_of(Report(), {"a": ["b", "c"], "b": ["c"], "c": []})
    assert [of("c"), of("a"), of("b"), of("a")] == [1, 4, 2, 4]
    assert looked_at == ["c", "a", "b"]


@pytest.mark.parametrize("first", ["a", "b", "c"])
def test_a_cycle_is_told_where_it_is_met_and_all_in_it_are_wrong(first: str) -> None:
    report = Report()
    of, looked_at = facts_of(report, {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})
    assert [of(name) for name in (first, "a", "b", "c", "d")] == [None] * 5
    assert [(item.code, item.message) for item in report.diagnostics] == [
        ("E0391", f"`{first}` needs itself")
    ]
    assert sorted(looked_at) == ["a", "b", "c", "d"]


def test_what_too_many_wait_for_is_told_and_found_in_its_own_turn() -> None:
    report = Report()
    of, _ = facts_of(report, {"a": ["b"], "b": ["c"], "c": ["d"], "d": []}, limit=2)
    assert (of("a"), of("d"), of("c")) == (None, 1, None)
    assert [(item.code, item.message) for item in report.diagnostics] == [(None, "`d` waits")]


def test_what_cannot_be_looked_at_is_new_again() -> None:
    sizes: dict[str, int] = {}
    once: Once[Item, int] = Once(Report(), lambda item: sizes[item.name], "`{}` needs itself")
    with pytest.raises(KeyError):
        once.of(Item("a"))
    sizes["a"] = 7
    assert once.of(Item("a")) == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("const A: u32 = B; const B: u32 = A;", "cycle detected when evaluating `A`"),
        ("static A: u32 = B; static B: u32 = A;", "cycle detected when evaluating initializer of static `A`"),
        ("type A = *const B; type B = A;", "cycle detected when expanding type alias `A`"),
        ("enum E { A = E::B as isize, B }", "cycle detected when evaluating the discriminants of `E`"),
        ("struct A { b: B } struct B { a: A }", "recursive type `A` has infinite size"),
        (
            "const fn f(x: [u8; f([])]) -> usize { 1 }",
            "cycle detected when computing function signature of `f`",
        ),
        (
            "const fn f() -> usize { [0u8; f()].len() } const A: usize = f();",
            "cycle detected when evaluating a constant inside of `f`",
        ),
        ("const A: [u8; A.len()] = [0; 2];", "cycle detected when evaluating `A`"),
    ],
)
def test_each_kind_of_cycle_is_told_once(text: str, message: str) -> None:
    assert [found for _, _, found in problems(text)] == [message]
