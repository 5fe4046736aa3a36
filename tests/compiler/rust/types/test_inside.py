"""What lies inside a value: each struct once, innermost first, also where one holds or refers to itself."""

from __future__ import annotations

from btfview.compiler.rust.types.inside import all_inside, parts_outside_choices
from btfview.compiler.rust.types.kinds import (
    U8,
    U32,
    U64,
    ArrayType,
    Field,
    OptionType,
    PointerType,
    StructType,
    TupleType,
    Type,
)
from btfview.compiler.rust.types.traits import MAX_COMPARED, is_compared_in_full
from btfview.source import Span

AT = Span(0, 0)


def struct(name: str, *types: Type) -> StructType:
    made = StructType(name, AT, False, None)  # type: ignore[arg-type]
    made.fields = [Field(f"f{index}", AT, "", found, index) for index, found in enumerate(types)]
    return made


def doubled(levels: int) -> StructType:
    """Return a struct of 2**levels bytes: each level holds the last one twice."""
    found = struct("S", U8)
    for _ in range(levels):
        found = struct("S", found, found)
    return found


def test_parts_come_innermost_first_in_the_order_in_which_they_lie() -> None:
    inner = struct("Inner", U8, U32)
    whole = TupleType((inner, ArrayType(U64, 2)))
    assert list(all_inside(whole)) == [U8, U32, inner, U64, ArrayType(U64, 2), whole]


def test_an_array_without_elements_holds_nothing() -> None:
    assert list(all_inside(ArrayType(U8, 0))) == [ArrayType(U8, 0)]


def test_a_choice_can_stay_closed() -> None:
    choice = OptionType(U8)
    assert list(all_inside(choice)) == [U8, choice]
    assert list(all_inside(choice, parts_outside_choices)) == [choice]


def test_each_struct_comes_once_however_many_hold_it() -> None:
    assert len(list(all_inside(doubled(60)))) == 62


def test_a_chain_of_structs_may_be_longer_than_any_stack() -> None:
    found: Type = U8
    for _ in range(100_000):
        found = struct("S", found)
    assert sum(1 for _ in all_inside(found)) == 100_001


def test_a_struct_that_holds_itself_ends() -> None:
    inner = struct("Inner")
    inner.fields = [Field("a", AT, "", inner, 0), Field("b", AT, "", U8, 1)]
    assert list(all_inside(inner)) == [U8, inner]


def test_what_would_compare_too_many_values_is_known_by_counting() -> None:
    assert 2**11 < MAX_COMPARED < 2**12
    assert is_compared_in_full(doubled(11))
    assert not is_compared_in_full(doubled(12))
    assert not is_compared_in_full(doubled(60))
    assert is_compared_in_full(ArrayType(U8, 1 << 20))  # a loop


def test_comparing_what_refers_to_itself_has_no_end() -> None:
    listed = struct("List", U8)
    listed.fields.append(Field("next", AT, "", PointerType(listed, False, True), 1))
    assert not is_compared_in_full(listed)
    listed.fields[1].type = PointerType(listed, False, False)  # raw: compared by address
    assert is_compared_in_full(listed)
