"""Search over all type names of a target; what is in a kernel is asked of bpftool."""

from __future__ import annotations

import json
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from struct import pack

import pytest

from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.btf.strings import MAX_NAME
from btfview.errors import BtfFormatError
from btfview.palette.type_index import LIMIT, TypeIndex, first_types
from btfview.targets.find import open_target
from tests.btf.build import INT, build_btf, struct
from tests.hostile.objects import btf_bytes, btf_with_tails_as_types


@pytest.fixture(scope="module")
def kernel() -> TypeIndex:
    return TypeIndex(open_target("6.1.0-56-amd64").btf)


def names(index: TypeIndex, query: str) -> list[str]:
    return [hit.name for hit in index.search(query).hits]


@pytest.mark.shared
@pytest.mark.debian_tool("bpftool")
def test_all_named_types_of_a_whole_kernel_are_found(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("6.1.0-56-amd64")
    dumped = subprocess.run(
        ["bpftool", "-j", "btf", "dump", "file", str(path)], capture_output=True, check=True
    )
    types = json.loads(dumped.stdout)["types"]
    named = {(one["id"], one["name"]) for one in types if one["name"] != "(anon)"}
    index = TypeIndex(Btf(path.read_bytes()))
    assert set(zip(index._ids, index._names, strict=True)) == named
    for query in ("vruntime", "sk_b", "TCP"):
        expected = {pair for pair in named if query.lower() in pair[1].lower()}
        found = index.search(query)
        exact = {(hit.type_id, hit.name) for hit in found.hits if not hit.is_fuzzy}
        assert exact == expected if len(expected) <= LIMIT else exact < expected


def test_the_name_itself_stands_first_then_beginnings_then_words(kernel: TypeIndex) -> None:
    found = names(kernel, "page")
    assert found[0] == "page"
    starts = [name.startswith("page") for name in found[:10]]
    assert starts == sorted(starts, reverse=True)


def test_a_query_that_goes_on_finds_what_it_finds_alone(kernel: TypeIndex) -> None:
    for query in ("s", "sc", "sch", "sched", "sched_e", "sched_en"):
        grown = kernel.search(query)
        alone = TypeIndex(open_target("6.1.0-56-amd64").btf).search(query)
        assert (grown.count, grown.hits) == (alone.count, alone.hits)
    # Shorter again, and another kind: nothing of the narrower search is left.
    assert kernel.search("s").count > kernel.search("struct s").count > kernel.search("struct sched").count


def test_letters_in_order_are_found_after_substrings(kernel: TypeIndex) -> None:
    found = kernel.search("tskstrct")
    assert found.hits[0].name == "task_struct"
    assert all(hit.is_fuzzy for hit in found.hits)
    mixed = [hit.is_fuzzy for hit in kernel.search("sched_en").hits]
    assert mixed == sorted(mixed)


def test_a_kind_before_the_name_is_obeyed(kernel: TypeIndex) -> None:
    assert {hit.kind for hit in kernel.search("enum p").hits} <= {BtfKind.ENUM, BtfKind.ENUM64}
    assert kernel.search("enum p").hits


@pytest.mark.parametrize("query", ["[", "]", "^", "\\", ".*", "(", "a\\b]c^", "\x1b", "İ", "\ud800"])
def test_signs_of_regular_expressions_are_letters(query: str) -> None:
    btf = build_btf(struct("a\\b]c^d", size=4, a=(INT, 0)))
    expected = ["a\\b]c^d"] if all(char in "a\\b]c^d" for char in query) else []
    assert names(TypeIndex(btf), query) == expected


@pytest.mark.parametrize("name", ["a\nb", "İstanbul", "w" * MAX_NAME, "\u202e", "[red]"])
def test_strange_names_are_found(name: str) -> None:
    index = TypeIndex(build_btf(struct("before", size=4, a=(INT, 0)), struct(name, size=4, a=(INT, 0))))
    assert name in names(index, "")
    assert index.search(name).hits[0].name == name


def test_types_of_a_base_are_found_too() -> None:
    base = build_btf(struct("of_base", size=4, a=(INT, 0)))
    split = build_btf(struct("of_module", size=8, a=(INT, 0)), base=base)
    assert set(names(TypeIndex(split), "of_")) == {"of_base", "of_module"}


def test_without_a_name_the_list_begins_as_the_file_does() -> None:
    base = build_btf(struct("of_base", size=4, a=(INT, 0)))
    split = build_btf(*(struct(f"s{number}", size=4, a=(INT, 0)) for number in range(LIMIT)), base=base)
    found = TypeIndex(split).search("").hits
    assert [hit.name for hit in found] == ["of_base", *(f"s{number}" for number in range(LIMIT - 1))]
    assert first_types(split) == found, "what is shown before all names have been read"
    few = TypeIndex(base).search("")
    assert [hit.name for hit in few.hits] == ["of_base", "int"], "structs first"


def test_letters_taken_back_give_what_they_gave_before(kernel: TypeIndex) -> None:
    queries = ("", "s", "sk", "sk_", "sk_b", "skbf")
    first = [kernel.search(query) for query in queries]
    assert [kernel.search(query) for query in reversed(queries)] == first[::-1]
    assert kernel.search("sk_bu") == TypeIndex(open_target("6.1.0-56-amd64").btf).search("sk_bu")


def test_a_kind_that_is_not_known_is_listed_like_any_other() -> None:
    """A kind 20 of three words, as a newer kernel's header would describe it."""
    layouts, strings = bytes(4 * 21), b"\0later_kind\0"
    record = pack("<III", 1, 20 << 24, 0)
    lengths = (0, len(record), len(record) + len(layouts), len(strings), len(record), len(layouts))
    data = pack("<HBBI6I", 0xEB9F, 1, 0, 32, *lengths) + record + layouts + strings
    (hit,) = TypeIndex(Btf(data)).search("later").hits
    assert (hit.type_id, hit.name, hit.kind) == (1, "later_kind", BtfKind.VOID)


def test_names_take_the_memory_of_the_strings() -> None:
    """Of a name that is too long the beginning; one that many types have is there once."""
    count, name = 20_000, b"Typ" * 2_000
    types = pack("<III", 1, BtfKind.FWD << 24, 0) * count
    btf = Btf(btf_bytes(types, b"\0" + name + b"\0"))
    tracemalloc.start()
    try:
        found = TypeIndex(btf).search("typ")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.count == count
    assert found.hits[0].name == name[:MAX_NAME].decode()
    assert peak < 20 << 20, "not 80 MB, four thousand bytes for each type"


def test_names_that_are_tails_of_one_another_are_refused() -> None:
    with pytest.raises(BtfFormatError, match="names overlap: 100002 bytes"):
        TypeIndex(Btf(btf_with_tails_as_types()))
