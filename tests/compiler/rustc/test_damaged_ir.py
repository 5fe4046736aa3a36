"""IR that is not as rustc writes it is told as that: found by ``make fuzz TARGET=rustc_ir``."""

from __future__ import annotations

import re
import time

import pytest

from btfview.compiler.options import CompileOptions
from btfview.compiler.rustc.ir.converted import Converted, SourceFile
from btfview.compiler.rustc.ir.errors import IrError
from btfview.compiler.rustc.ir.for_bpf import convert
from tests.fuzz.rustc_ir import seeds

WHOLE = seeds()[0].decode()
"""Of a program with queries, a map, a kfunc, a helper and a panic."""


def converted(text: str) -> Converted:
    assert text != WHOLE
    return convert((text,), {"prog.rs": SourceFile("prog.rs", "")}.get, CompileOptions(), is_library=True)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        pytest.param(r"\0A56\0A17\0Aboth", r"\0A56\0Aboth", "a query has no place", id="no-column"),
        pytest.param(r"\0A56\0A17\0A", r"\0Ax\0A17\0A", "a query has no place", id="no-line"),
        pytest.param(
            "(i32 noundef 0, ptr noundef @alloc_4fb4",
            "(i32 noundef 99, ptr noundef @alloc_4fb4",
            "a query does not name its kind and path: %",
            id="no-kind",
        ),
        pytest.param(
            "(i32 noundef 0, ptr noundef @alloc_4fb4",
            "(i32 noundef 0, ptr noundef @other_4fb4",
            "a query does not name its kind and path: %",
            id="no-constant",
        ),
        pytest.param(
            "define noundef i32 @on_exit(",
            "define noundef i32 on_exit(",
            "a function has no name: define noundef i32 on_exit",
            id="no-name",
        ),
        pytest.param('"__BTF_EXTERN_43"', '"__BTF_EXTERN_x"', "an extern has no line: @_RNv", id="no-extern"),
        pytest.param("\n!10 = ", f"\n!1{'0' * 9000} = ", "a node has no number: !1000", id="no-node"),
    ],
)
def test_what_is_not_as_rustc_writes_it_is_named(before: str, after: str, problem: str) -> None:
    assert WHOLE.count(before) == 1
    with pytest.raises(IrError, match=re.escape(problem)) as caught:
        converted(WHOLE.replace(before, after))
    assert len(str(caught.value)) < 200


def test_types_that_are_of_themselves_end() -> None:
    array = re.search(r"^(!\d+) = .*DW_TAG_array_type, baseType: (!\d+)", WHOLE, re.MULTILINE)
    assert array is not None
    with pytest.raises(IrError, match="an array is of itself"):
        converted(WHOLE.replace(array[0], array[0].removesuffix(array[2]) + array[1]))
    struct = re.search(r'^(!\d+) = .*name: "task_struct", scope: (!\d+)', WHOLE, re.MULTILINE)
    assert struct is not None
    other = f"!9998 = {struct[0].partition(' = ')[2]}".replace(f"scope: {struct[2]}", "scope: !9998")
    with pytest.raises(IrError, match="a type is in itself"):
        converted(f"{WHOLE}{other})\n")


def test_an_array_without_a_length_has_no_elements() -> None:
    array = re.search(r"DW_TAG_array_type, baseType: !\d+, size: 96, align: 32, elements: !\d+", WHOLE)
    assert array is not None
    damaged = array[0].rpartition(", elements")[0]
    [wrong] = converted(WHOLE.replace(array[0], damaged)).wrong
    assert wrong.message == "index 2 is past the end of an array of 0"
    assert (wrong.file, wrong.line) == ("prog.rs", 56)


def test_an_index_has_as_many_digits_as_a_number() -> None:
    [wrong] = converted(WHOLE.replace("runs[1][2]", f"runs[1][{'9' * 9000}]")).wrong
    assert wrong.message == "offset_of expects dot-separated field and variant names"
    size = WHOLE.replace("count: 2,", f"count: {'9' * 9000},")
    assert converted(size).wrong[0].message.endswith("is past the end of an array of 0")


def test_long_words_take_time_by_their_length() -> None:
    """Minutes, by the square of it."""
    struct = re.search(r'^!\d+ = .*name: "task_struct", ', WHOLE, re.MULTILINE)
    assert struct is not None
    group = re.search(r"^attributes #0 = \{ ", WHOLE, re.MULTILINE)
    assert group is not None
    words = WHOLE.replace(struct[0], struct[0] + "w" * 150_000 + ", ")
    before = time.process_time()
    converted(words.replace(group[0], group[0] + "a(" * 75_000))
    assert time.process_time() - before < 2


def test_a_name_without_end_is_cut() -> None:
    [wrong] = converted(WHOLE.replace(r"\0ALow", r"\0A" + "L" * 9000)).wrong
    assert wrong.message.startswith("no variant named `LLL")
    assert len(wrong.message) < 600


def test_a_map_that_is_none_is_told_at_its_place() -> None:
    [wrong] = converted(WHOLE.replace(r'[28 x i8] c"\01\00\00\00', r'[4 x i8] c"\01\00\00\00", x"')).wrong
    assert wrong.message == "the map `counts` is no `bpf_map_def`"
    assert (wrong.file, wrong.line) == ("prog.rs", 35)
