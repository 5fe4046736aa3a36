"""Hints ask who has a member of a name, and of a type without one: an atlas tells what the kernel does."""

from __future__ import annotations

import pytest

from btfview.atlas.read import Atlas
from btfview.atlas.search import TypeSearch
from btfview.atlas.shared_btf import AtlasNames, SharedBtf
from btfview.atlas.write import AtlasWriter, Given
from btfview.btf.reader import Btf
from btfview.hints.kernel import Kernel
from tests.btf.build import INT, build_btf_bytes, enum, func_proto, ptr, ref, union
from tests.btf.build import struct as struct_

INNER = union("", size=8, pid=(INT, 0), both=(INT, 0))
KERNELS = {
    "old": build_btf_bytes(
        struct_("pid", size=4, nr=(INT, 0)),
        struct_("task_struct", size=16, state=(INT, 0), inner=(INNER, 64)),
        enum("e", pid=0, other=1),
        func_proto(INT, pid=ptr(ref("task_struct"))),
    ),
    "new": build_btf_bytes(
        struct_("task_struct", size=24, state=(INT, 0), one=(INNER, 64), two=(INNER, 128)),
        struct_("upid", size=8, nr=(INT, 0), pid=(INT, 32)),
        struct_("pid", size=4, nr=(INT, 0)),
        enum("e", other=1, pid=2),
    ),
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> AtlasNames:
    path = tmp_path_factory.mktemp("atlas") / "f.atlas"
    with AtlasWriter(str(path)) as writer:
        for name, data in KERNELS.items():
            writer.add(Given(name, name, len(data), 0), Btf(data))
    return AtlasNames(Atlas(str(path)))


def told(btf: Btf, ids: tuple[int, ...]) -> list[tuple[str, str]]:
    return [(btf.kind(one).label, btf.name(one)) for one in ids]


@pytest.mark.parametrize("bit", [0, 1], ids=KERNELS)
def test_who_has_a_name_is_told_in_the_order_of_the_kernel(names: AtlasNames, bit: int) -> None:
    whole = Kernel("k", Btf(list(KERNELS.values())[bit]))
    found, search = SharedBtf(names, bit), TypeSearch(names)
    for name in ("pid", "nr", "state", "inner", "two", "task_struct", "no such name"):
        expected = told(whole.btf, whole.holders(name))
        assert told(found, search.having_name(found, name)) == expected, name
    assert len(search.having_name(found, "pid")) == 3


@pytest.mark.parametrize(("bit", "holders"), [(0, ["task_struct"]), (1, ["task_struct", "task_struct"])])
def test_who_holds_a_type_without_a_name_is_told_once_a_member(
    names: AtlasNames, bit: int, holders: list[str]
) -> None:
    whole = Kernel("k", Btf(list(KERNELS.values())[bit]))
    found, search = SharedBtf(names, bit), TypeSearch(names)
    (inner,) = search.having_name(found, "both")
    assert [found.name(one) for one in search.having_type(found, inner)] == holders
    assert [whole.btf.name(one) for one in whole.containers(whole.holders("both")[0])] == holders
    assert search.having_type(found, found.ids_named("pid")[0]) == ()
