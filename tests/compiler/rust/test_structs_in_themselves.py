"""Structs that hold themselves, or each other by powers of two: an error or an answer, and at once."""

from __future__ import annotations

import pytest

from tests.compiler.rust.front_end_helpers import build

RECURSIVE = "#[derive(Clone, Copy, PartialEq, PartialOrd, Eq, Default)] struct Task { pid: Task, n: u8 }\n"
LEVELS = 26
"""2**26 bytes, and as many single values: 67,108,864."""
DOUBLED = "".join(
    "#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)] "
    f"struct S{level} {{ {f'a: S{level - 1}, b: S{level - 1}' if level else 'x: u8'} }}\n"
    for level in range(LEVELS + 1)
)


def errors(items: str, body: str) -> list[str | None]:
    source = f"{items}pub fn f(a: u64) -> u64 {{ {body} }}\n"
    return [found.code or found.message for found in build(source).diagnostics if found.is_error]


@pytest.mark.parametrize(
    "body",
    [
        "size_of::<Task>() as u64",
        "align_of::<[Task; 2]>() as u64",
        "size_of::<(Task, u8)>() as u64",
        "let t: Task = unsafe { core::mem::zeroed() }; t.n as u64",
        "let t = Task::default(); t.n as u64",
        "let p = a as *const Task; unsafe { (*p == *p) as u64 }",
        "let p = a as *const Task; unsafe { (*p < *p) as u64 }",
        "match unsafe { *(a as *const Task) } { Task { n: 1, .. } => 1, _ => 2 }",
        "core::mem::offset_of!(Task, n) as u64",
    ],
)
def test_a_struct_that_holds_itself_is_one_error_whatever_is_asked_of_it(body: str) -> None:
    assert "E0072" in errors(RECURSIVE, body)


@pytest.mark.parametrize(
    "items",
    [
        "struct A { b: B } struct B { a: [A; 2] }\n",
        "struct A { b: Option<A> }\n",
        "struct A { b: (A, u8) }\n",
        "struct A { b: Result<A, u8> }\n",
        "struct A { b: [u8; size_of::<A>()] }\n",
        "#[derive(Clone, Copy)] union A { b: A, c: u8 }\n",
        "type T = A; struct A { b: T }\n",
    ],
)
def test_a_detour_changes_nothing(items: str) -> None:
    assert errors(items, "size_of::<A>() as u64")[0] == "E0072"


@pytest.mark.parametrize(
    "body",
    [
        f"size_of::<S{LEVELS}>() as u64",
        f"let t: S{LEVELS} = unsafe {{ core::mem::zeroed() }}; 1",
        f"let t = S{LEVELS}::default(); 1",
        f"match unsafe {{ *(a as *const S{LEVELS}) }} {{ S{LEVELS} {{ a, .. }} => 1 }}",
    ],
)
def test_structs_by_powers_of_two_are_asked_once_each(body: str) -> None:
    assert errors(DOUBLED, body) == []


@pytest.mark.parametrize("operator", ["==", "<"])
def test_too_many_values_are_not_compared(operator: str) -> None:
    pointer = f"let p = a as *const S{LEVELS};"
    found = errors(DOUBLED, f"{pointer} unsafe {{ (*p {operator} *p) as u64 }}")
    assert found == [f"`{operator}` of `S{LEVELS}` compares more than 4,000 values"]
    assert errors(DOUBLED, f"let p = a as *const S10; unsafe {{ (*p {operator} *p) as u64 }}") == []


def test_what_refers_to_itself_is_not_compared() -> None:
    listed = "#[derive(PartialEq)] struct L { n: u8, next: &'static L }\n"
    found = errors(listed, "let p = a as *const L; unsafe { (*p == *p) as u64 }")
    assert found == ["`==` of `L` compares more than 4,000 values"]


@pytest.mark.parametrize("wrap", ["({}, {})", "Result<{}, {}>"])
def test_types_by_powers_of_two_are_refused(wrap: str) -> None:
    aliases = "type T0 = u8;\n" + "".join(
        f"type T{level} = {wrap.format(f'T{level - 1}', f'T{level - 1}')};\n" for level in range(1, LEVELS)
    )
    assert errors(f"{aliases}struct Q {{ a: T{LEVELS - 1} }}\n", "1")[0] == "this type is too complex"
