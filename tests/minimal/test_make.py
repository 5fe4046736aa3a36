"""What a minimal BTF keeps, and where it keeps more than what the first match needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import pytest

from btfview.analysis.resolve_on import Question
from btfview.bpf.object import read_object
from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.btf.writer import write_btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.errors import BtfFormatError
from btfview.minimal.make import Minimal, make_minimal
from tests.btf.build import INT, LONG, VOID, Described, array, build_btf, int_, ptr, struct, typedef
from tests.core_relo.rules import EXISTS, OFFSET, SIZE, TYPE_SIZE
from tests.objects import Record, build_object


def question(local: Sequence[Described], *records: Record) -> Question:
    obj = read_object(build_object(local, records), path="prog.o")
    return Question(obj, read_local_relos(obj))


def types_of(found: Minimal) -> list[t.BtfType]:
    btf = Btf(found.data)
    return [btf.type(one) for one in btf.ids()]


def values(asked: Question, btf: Btf) -> list[int | None]:
    return [one.outcome.value for one in resolve_relos(asked.object, asked.relos, btf)]


def test_typedefs_and_pointees_are_left_out() -> None:
    far = struct("far", size=8, x=(LONG, 0))
    whole = build_btf(struct("t", size=16, a=(typedef("a_t", INT), 0), p=(typedef("p_t", ptr(far)), 64)))
    asked = question([struct("t", size=8, p=(ptr(VOID), 0))], Record(OFFSET, "t", "0:0", 0))
    kept = types_of(make_minimal([asked], whole))
    assert [(one.kind.label, one.name) for one in kept] == [("ptr", ""), ("struct", "t")]
    assert kept[0] == t.Ptr(1, 0)


def test_each_candidate_that_matched_is_kept_where_a_later_record_takes_one_of_them() -> None:
    """``bpftool gen min_core_btf`` keeps the first alone, and the second record then finds nothing."""
    first = struct("t", size=8, a=(INT, 0))
    second = struct("t___o", size=8, a=(INT, 0), b=(INT, 32))
    local = [struct("t", size=8, a=(INT, 0), b=(INT, 32))]
    asked = question(local, Record(OFFSET, "t", "0:0", 0), Record(OFFSET, "t", "0:1", 4))
    found = make_minimal([asked], build_btf(first, second))
    assert found.unlike == ()
    assert values(asked, Btf(found.data)) == [0, 4]


def test_an_array_of_no_length_that_is_not_the_last_member_does_not_become_it() -> None:
    whole = build_btf(struct("t", size=8, m=(array(INT, 0), 0), after=(INT, 32)))
    local = [struct("t", size=8, x=(INT, 0), m=(array(INT, 0), 32))]
    asked = question(local, Record(EXISTS, "t", "0:1", 1), Record(EXISTS, "t", "0:1:3", 1))
    assert values(asked, whole) == [1, 0]
    found = make_minimal([asked], whole)
    assert values(asked, Btf(found.data)) == [1, 0]


def test_pointers_of_4_bytes_stay_so() -> None:
    whole = build_btf(struct("t", size=8, n=(int_("unsigned long", 4), 32), p=(ptr(VOID), 0)))
    asked = question([struct("t", size=8, p=(ptr(VOID), 0))], Record(SIZE, "t", "0:0", 8))
    found = make_minimal([asked], whole)
    assert values(asked, Btf(found.data)) == values(asked, whole) == [4]
    no_pointer = question([struct("t", size=8, n=(INT, 0))], Record(TYPE_SIZE, "t", "0", 8))
    assert len(types_of(make_minimal([no_pointer], whole))) == 1


@pytest.fixture
def usual_stack() -> Iterator[None]:
    """As deep a stack as a command has; a compiler in the tests' process has asked for more."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("usual_stack")
def test_types_that_nest_without_end_are_an_error() -> None:
    depth = 3000
    nested: list[t.BtfType] = [
        t.Int(1, "int", 4, 1, 0, 32),
        *(t.Array(one, one - 1, 1, 1) for one in range(2, depth)),
    ]
    whole = t.Struct(depth, "t", BtfKind.STRUCT, 8, (t.Member("a", depth - 1, 0, 0),), False)
    local = INT
    for _ in range(40):  # more than libbpf compares (its limit is 32), so that it refuses the record
        local = array(local, 1)
    asked = question([struct("t", size=8, a=(local, 0))], Record(OFFSET, "t", "0:0", 0))
    with pytest.raises(BtfFormatError, match="nest too deep"):
        make_minimal([asked], Btf(write_btf([*nested, whole])))
