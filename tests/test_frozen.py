"""Value classes: what ``dataclass(frozen=True, slots=True)`` does of them, done by ours."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from btfview.frozen import _MANY, assert_never, frozen, replace


@frozen
class Point:
    """A doc."""

    x: int
    y: int = 2
    names: tuple[str, ...] = ()

    kind = "point"

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class Twin:
    x: int
    y: int = 2
    names: tuple[str, ...] = ()


@frozen
class Other:
    x: int
    y: int = 2
    names: tuple[str, ...] = ()


@frozen
class Nothing:
    pass


@frozen
class Own:
    a: int
    b: list[int]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Own) and self.a == other.a

    def __hash__(self) -> int:
        return self.a

    def __repr__(self) -> str:
        return "own"


GOOD: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 3), {}),
    ((1, 3, ("a",)), {}),
    ((), {"x": 1}),
    ((1,), {"names": ("b",)}),
    ((), {"names": ("b",), "y": 0, "x": -1}),
]
BAD: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((), {"y": 1}),
    ((1, 2, (), 4), {}),
    ((1,), {"x": 1}),
    ((1,), {"z": 1}),
    ((1, 2), {"y": 1}),
]


@pytest.fixture(params=[0, _MANY], ids=["first-instances", "after-many"])
def point(request: pytest.FixtureRequest) -> Any:
    """A class of its own for each test, made new or with so many instances that it is compiled."""

    @frozen
    class Point:
        x: int
        y: int = 2
        names: tuple[str, ...] = ()

    for number in range(request.param):
        Point(number)
    return Point


@pytest.mark.parametrize(("args", "kwargs"), GOOD)
def test_arguments_are_taken_as_a_dataclass_takes_them(
    point: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    ours, theirs = point(*args, **kwargs), Twin(*args, **kwargs)
    assert (ours.x, ours.y, ours.names) == (theirs.x, theirs.y, theirs.names)


@pytest.mark.parametrize(("args", "kwargs"), BAD)
def test_arguments_that_do_not_fit_are_refused(
    point: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    with pytest.raises(TypeError):
        Twin(*args, **kwargs)
    with pytest.raises(TypeError, match="__init__"):
        point(*args, **kwargs)
    assert point(1).y == 2, "the class is as good as before"


def test_all_instances_are_alike_however_they_were_made() -> None:
    made = [Other(1, names=("a",)) for _ in range(3 * _MANY)]
    assert len(set(made)) == 1
    assert made[0] == made[-1]


def test_equality_and_hash_are_those_of_the_values_in_one_class() -> None:
    assert Point(1) == Point(1, 2, ())
    assert hash(Point(1)) == hash(Point(1, 2, ()))
    assert Point(1) != Point(2)
    assert Point(1) != Other(1)  # type: ignore[comparison-overlap]
    assert Point(1) != (1, 2, ())  # type: ignore[comparison-overlap]
    assert Nothing() == Nothing()


def test_repr_names_class_and_fields() -> None:
    assert repr(Point(1, names=("a",))) == "Point(x=1, y=2, names=('a',))"
    assert repr(Nothing()) == "Nothing()"


def test_a_class_keeps_what_it_has_of_its_own() -> None:
    assert Own(1, []) == Own(1, [2])
    assert hash(Own(7, [])) == 7
    assert repr(Own(1, [])) == "own"
    assert (Point.kind, Point(1).sum, Point.__doc__) == ("point", 3, "A doc.")
    assert Point.__module__ == __name__


def test_match_takes_fields_by_position() -> None:
    match Point(1, 5, ("a",)):
        case Point(x, y, names):
            assert (x, y, names) == (1, 5, ("a",))


def test_instances_have_slots_and_nothing_else() -> None:
    point: Any = Point(1)
    assert not hasattr(point, "__dict__")
    with pytest.raises(AttributeError):
        point.z = 1


def test_copies_and_pickles_are_equal() -> None:
    one = Point(1, names=("a",))
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one) == one
    assert replace(one, y=9) == Point(1, 9, ("a",))
    with pytest.raises(TypeError):
        replace(one, z=1)


def test_a_field_without_a_default_behind_one_with_is_refused() -> None:
    with pytest.raises(TypeError, match="Wrong: a field without a default follows"):

        @frozen
        class Wrong:
            a: int = 1
            b: int  # type: ignore[misc]


def test_assert_never_says_what_came() -> None:
    with pytest.raises(AssertionError, match="'surprise'"):
        assert_never("surprise")  # type: ignore[arg-type]


def test_a_module_with_value_classes_imports_no_dataclasses() -> None:
    program = "import sys, btfview.btf.types, btfview.analysis.result; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"dataclasses", "inspect"} & set(loaded)
