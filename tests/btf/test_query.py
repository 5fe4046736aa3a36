"""Which types a name, a pattern or an id means."""

from __future__ import annotations

import pytest

from btfview.btf.kinds import BtfKind
from btfview.btf.query import (
    find_types,
    is_pattern,
    kinds_called,
    match_types,
    named_types,
    nearest_names,
    read_type_id,
    split_kind,
    types_beginning,
)
from btfview.btf.reader import Btf
from btfview.targets.find import open_target
from tests.btf.build import (
    INT,
    build_btf,
    build_btf_bytes,
    enum,
    enum64,
    func,
    func_proto,
    fwd,
    struct,
    typedef,
    union,
    var,
)
from tests.btf.test_reader import set_name_offset


@pytest.mark.parametrize(
    ("text", "type_id"),
    [
        ("[114]", 114),
        ("#7", 7),
        ("12", 12),
        ("page", None),
        ("[page]", None),
        ("", None),
        ("[]", None),
        ("-1", None),
        ("\u0663", None),
        ("9" * 5000, None),
    ],
)
def test_ids(text: str, type_id: int | None) -> None:
    assert read_type_id(text) == type_id


def test_an_id_in_brackets_is_no_pattern() -> None:
    assert [is_pattern(text) for text in ("[114]", "task_*", "a?c", "[ab]c", "page")] == [
        *(False, True, True, True, False)
    ]


def test_a_word_of_kind_before_the_name() -> None:
    assert split_kind("struct page") == (frozenset({BtfKind.STRUCT}), "page")
    assert split_kind("enum x") == (frozenset({BtfKind.ENUM, BtfKind.ENUM64}), "x")
    assert split_kind("long int") == (frozenset(), "long int")
    assert split_kind("struct") == (frozenset(), "struct")


def test_types_come_before_functions_and_definitions_before_declarations() -> None:
    btf = build_btf(
        fwd("both"),
        struct("both", size=0),
        func("both", func_proto()),
        func("code", func_proto()),
        fwd("absent"),
        typedef("both", INT),
    )
    kinds = {name: [btf.kind(one) for one in find_types(btf, name)] for name in ("both", "code", "absent")}
    assert kinds == {
        "both": [BtfKind.STRUCT, BtfKind.TYPEDEF],
        "code": [BtfKind.FUNC],
        "absent": [BtfKind.FWD],
    }
    assert [btf.kind(one) for one in find_types(btf, "both", {BtfKind.FUNC})] == [BtfKind.FUNC]
    assert [btf.kind(one) for one in find_types(btf, "absent", {BtfKind.STRUCT})] == [BtfKind.FWD]
    assert find_types(btf, "absent", {BtfKind.ENUM}) == []


def test_an_id_is_found_where_it_exists() -> None:
    btf = build_btf(INT)
    assert [find_types(btf, text) for text in ("[1]", "[0]", "#2", "99999999999")] == [[1], [], [], []]


def test_lists_have_what_c_calls_types() -> None:
    btf = build_btf(
        enum("e", A=1),
        enum64("w", B=1),
        union("", size=0),
        func("f", func_proto()),
        var("v", INT),
        struct("s", size=0),
    )
    assert [name for _, name in named_types(btf)] == ["e", "w", "int", "s"]
    assert [name for _, name in named_types(btf, kinds_called(("enum",)))] == ["e", "w"]
    assert [name for _, name in named_types(btf, kinds_called(("func", "var")))] == ["f", "v"]


def test_a_module_lists_its_own_types() -> None:
    base = build_btf(struct("kernel", size=0))
    assert named_types(build_btf(struct("module", size=0), base=base)) == [(2, "module")]


def test_a_name_outside_the_file_is_listed_as_invalid() -> None:
    data = bytearray(build_btf_bytes(struct("bad", size=0), struct("good", size=0)))
    set_name_offset(data, 1, 0x7FFF_0000)
    assert named_types(Btf(bytes(data))) == [(1, "(invalid)"), (2, "good")]


def test_patterns_match_whole_names() -> None:
    btf = build_btf(*(struct(name, size=0) for name in ("task", "task_group", "subtask", "tusk")))
    assert [name for _, name in match_types(btf, "task*")] == ["task", "task_group"]
    assert [name for _, name in match_types(btf, "t[au]sk")] == ["task", "tusk"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("task_strct", "task_struct"), ("TASK_STRUCT", "task_struct"), ("sk_buf", "sk_buff"), ("zzzzzz", None)],
)
def test_the_nearest_name_comes_first(wrong: str, right: str | None) -> None:
    names = ("task_struct", "sk_buff", "sk_buff_head", "task_group", "page")
    btf = build_btf(*(struct(name, size=0) for name in names))
    assert next(iter(nearest_names(btf, wrong)), None) == right


@pytest.mark.parametrize("start", ["task", "__u", "s", "no_such_name", "\ud800", "t\0"])
def test_types_are_found_by_the_beginning_of_their_names(start: str) -> None:
    kernel = open_target("6.1.0-56-amd64").btf
    module = build_btf(struct("task_of_module", size=4, a=(INT, 0)), struct("__user", size=0), base=kernel)
    for btf in (kernel, module):
        expected: dict[str, list[int]] = {}
        for type_id in btf.ids():
            if btf.name(type_id).startswith(start):
                expected.setdefault(btf.name(type_id), []).append(type_id)
        assert types_beginning(btf, start) == expected
