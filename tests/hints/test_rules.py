"""Each rule on a struct of its own: what it finds, and what it must not."""

from __future__ import annotations

import pytest

from btfview.hints.answer import Field, Gone, Named, Silent
from btfview.hints.find import find_answer
from btfview.hints.kernel import Kernel
from btfview.hints.known_moves import MOVES
from btfview.hints.question import read_steps
from tests.btf.build import INT, Described, array, build_btf, int_, ptr, struct, union

LONG = int_("long long", 8)
BYTE = int_("unsigned char", 1)
LIST = struct("list_head", size=16, next=(LONG, 0), prev=(LONG, 64))
A, Z = (INT, 0), (INT, 992)


def pair(**fields: Described) -> Described:
    """A struct with *fields* between two that never change, 16 bytes apart."""
    placed = {name: (type_, 128 * at) for at, (name, type_) in enumerate(fields.items(), 1)}
    return struct("pair", size=128, a=A, **placed, z=Z)


DISK_OLD, DISK = struct("disk", size=8, id=(INT, 0)), struct("disk", size=24, id=(INT, 0), bdi=(LIST, 64))
INNER = struct("inner", size=32, hash=(LIST, 0), mask=(LONG, 128))
MANY, TEXT = array(INNER, 4), array(BYTE, 16)
WRAPPED = struct("atomic", size=4, counter=(INT, 0))
SEEN = struct("seen", size=4, id=(INT, 0))

# what is asked, the old struct, the new one, and the first hint with its grade
FINDS = [
    pytest.param("state", pair(state=LONG), pair(__state=INT), "__state", "is", id="underscores"),
    pytest.param("hash", pair(hash=LIST), pair(inner=INNER), "inner.hash", "is", id="into-a-new-member"),
    pytest.param("inner_hash", pair(inner_hash=LIST), pair(inner=INNER), "inner.hash", "is", id="a_b-to-a.b"),
    pytest.param("inner.hash", pair(inner=INNER), pair(inner_hash=LIST), "inner_hash", "is", id="a.b-to-a_b"),
    pytest.param("count", pair(count=INT), pair(count=WRAPPED), "count.counter", "is", id="wrapped"),
    pytest.param("inner.mask", pair(inner=INNER), pair(inner=ptr(INNER)), "inner->mask", "is", id="pointer"),
    pytest.param("inner.mask", pair(inner=INNER), pair(inner=MANY), "inner[i].mask", "is", id="array"),
    pytest.param("text", pair(text=TEXT), pair(__data_loc_text=INT), "__data_loc_text", "is", id="at"),
    pytest.param("bdi", pair(to=ptr(DISK_OLD), bdi=LIST), pair(to=ptr(DISK)), "to->bdi", "is", id="hop"),
    pytest.param("pid", pair(pid=LONG), pair(fl_pid=LONG), "fl_pid", "likely", id="prefix"),
    pytest.param("nr_old", pair(nr_old=INT), pair(nr_new=INT), "nr_new", "likely", id="place"),
    pytest.param("kind", pair(kind=INT), pair(kind_a=INT, kind_b=INT), "kind_a", "likely", id="in-two-parts"),
    pytest.param("mem", pair(mem=LIST), pair(memo=WRAPPED, other=LONG), "memo", "perhaps", id="more-new"),
]
SILENT_ON = [
    pytest.param("version", pair(version=LONG), pair(pipe=LONG), id="numbers-with-nothing-in-common"),
    pytest.param("id", pair(id=INT, seen=SEEN), pair(seen=SEEN), id="a-member-that-had-the-name-before"),
    pytest.param("timeout", pair(timeout=INT, user_timeout=INT), pair(user_timeout=INT), id="an-old-name"),
    pytest.param("pad1", pair(pad1=INT), pair(pad2=INT), id="padding"),
    pytest.param("gone", pair(gone=LONG), pair(), id="nothing-is-new"),
    pytest.param("u", pair(u=INT), union("pair", size=128, a=A, z=Z), id="union-now"),
]


def answer(path: str, old: Described, new: Described) -> object:
    root, steps = read_steps(f"pair.{path}")
    return find_answer(Field(root, steps), Kernel("old", build_btf(old)), Kernel("new", build_btf(new)))


@pytest.mark.parametrize(("path", "old", "new", "became", "grade"), FINDS)
def test_a_rule_finds_what_it_is_for(
    path: str, old: Described, new: Described, became: str, grade: str
) -> None:
    found = answer(path, old, new)
    assert isinstance(found, Named)
    assert (found.hints[0].path, found.hints[0].grade.key) == (f"pair.{became}", grade)


@pytest.mark.parametrize(("path", "old", "new"), SILENT_ON)
def test_where_nothing_tells_it_nothing_is_said(path: str, old: Described, new: Described) -> None:
    assert answer(path, old, new) == Silent()


def test_what_is_known_to_be_gone_is_called_so_before_any_rule() -> None:
    move = next(move for move in MOVES if not move.new)
    root, steps = read_steps(move.old)
    fields = {steps[0].name: A}
    old = Kernel("old", build_btf(struct(root, size=8, **fields)))
    new = Kernel("new", build_btf(struct(root, size=8, **{f"__{steps[0].name}": A})))
    found = find_answer(Field(root, steps), old, new)
    assert isinstance(found, Gone)
    assert found.since == move.since
