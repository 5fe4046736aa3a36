"""The code that a hint shows, for changes of all kinds: it compiles, and it does on both kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.reader import Btf
from btfview.hints.answer import Asked, Enumerator, Field, Named, Type
from btfview.hints.code import prove
from btfview.hints.code.block import Block
from btfview.hints.code.write import Wanted, hint_code, hint_codes
from btfview.hints.find import find_answer
from btfview.hints.kernel import Kernel
from btfview.hints.question import read_steps
from btfview.source import Source
from tests.hints.changes import Change, read_changes

# What each is for stands in changes.tsv; the words are what the block must hold.
CHANGES = {
    "F001": "unsigned int __state;",  # another name and width
    "F002": "} thread_info;",  # into a member
    "F003": "start_boottime",  # another name
    "F012": "val",  # an array that became a number
    "F013": "f_rcuhead",  # out of a union
    "F014": "f_ref",  # another type
    "F018": "f_owner",  # embedded, now behind a pointer
    "F020": "i_ctime_sec",  # in two parts
    "F022": "d_shortname",  # an array, now in a union
    "F024": "d_children",  # list_head to hlist_head
    "F030": "& 0xff",  # the low byte of a word
    "F032": "open_mutex",  # behind a pointer, with another prefix
    "F036": "bd_disk",  # behind a pointer that is new
    "F044": "counter",  # a number, now in a struct
    "F046": "flags",  # a number, now in a struct of the same name
    "F053": "counter",  # a number, now four structs deep
    "F059": ">> 16",  # a bitfield, now a bit of a word
    "F060": "udp_flags",  # another one
    "F072": "hash",  # a_b to a.b
    "F104": "wait_max",  # into a member of a struct further out
    "F109": "fpstate",  # its struct, behind a pointer
    "F121": "io_uring_submit_req",  # a type with another name
    "F126": "& 0xffff",  # an array, now at a place that is told
    "F128": "& 0xffff",  # the other way round
    "F153": "pagetype",  # an enumerator of another enum
    "F158": "mem",  # a struct, now an array of another
    "F160": "slab",  # in a type of its own
    "F189": "data",  # behind a pointer, in a type that is new
    "F231": "nodes",  # out of a union
    "R253": "state",  # a program for the newer kernel
    "R260": "d_iname",  # out of a member
    "R264": "gro_hash",  # a.b to a_b
}
_READ: dict[str, Kernel] = {}


@pytest.fixture(scope="module")
def changes(shared: Path) -> dict[str, Change]:
    return {change.id: change for change in read_changes(shared)}


def read(name: str, kernel_btf: Callable[[str], Path]) -> Kernel:
    if name not in _READ:
        _READ[name] = Kernel(name, Btf(kernel_btf(name).read_bytes()))
    return _READ[name]


def asked(path: str) -> Asked:
    enum, is_enumerator, name = path.partition("::")
    if is_enumerator:
        return Enumerator(enum, name)
    root, steps = read_steps(path)
    return Field(root, steps) if steps else Type(root)


@pytest.fixture(scope="module")
def wanted(changes: dict[str, Change], kernel_btf: Callable[[str], Path]) -> dict[str, Wanted]:
    found: dict[str, Wanted] = {}
    for change_id in CHANGES:
        change = changes[change_id]
        old, new = read(change.last, kernel_btf), read(change.first, kernel_btf)
        question = asked(change.path)
        answer = find_answer(question, old, new)
        assert isinstance(answer, Named)
        found[change_id] = Wanted(question, answer.hints[0], old, new)
    return found


@pytest.mark.shared
@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("language", "dialect"), [("c", ""), ("rust", "repr"), ("rust", "option")], ids="-".join
)
def test_code_does_on_both_kernels_for_changes_of_all_kinds(
    language: str, dialect: str, wanted: dict[str, Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_block = prove.compile_block

    def counting(source: Source, *others: Any) -> Any:
        compiled.append(source.text)
        return compile_block(source, *others)

    monkeypatch.setattr(prove, "compile_block", counting)
    codes = dict(zip(wanted, hint_codes(tuple(wanted.values()), language, dialect), strict=True))
    for change_id, words in CHANGES.items():
        code = codes[change_id]
        assert words.rstrip(";") in code or (language == "rust" and words.split()[-1].strip(";}") in code)
        assert "exists" in code or dialect == "option"  # it asks before it reads
        assert code in compiled[0]  # as it is shown
    assert len(compiled) == 1
    for change_id in ("F001", "F059"):  # alone, they are no other ones
        one = wanted[change_id]
        assert hint_code(one.asked, one.hint, one.old, one.new, language, dialect) == codes[change_id]


@pytest.mark.shared
@pytest.mark.debian_tool("clang-19")
def test_code_that_does_not_hides_none_that_does(wanted: dict[str, Wanted]) -> None:
    one = wanted["F001"]
    not_there = Wanted(one.asked, one.hint, one.old, one.old)  # what the hint says is not there
    both = hint_codes((one, not_there, one))
    assert both[0] == both[2] == hint_code(one.asked, one.hint, one.old, one.new) != ""
    assert both[1] == ""


@pytest.mark.shared
@pytest.mark.debian_tool("clang-19")
def test_what_stands_together_and_does_not_compile_is_tried_alone(
    wanted: dict[str, Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("btfview.hints.code.write.c_together", lambda blocks: _as_they_are(blocks))
    codes = hint_codes((wanted["F001"], wanted["F001"]))  # two functions of one name
    assert codes[0] == codes[1] != ""


def _as_they_are(blocks: Sequence[Block]) -> tuple[str, list[str]]:
    return "".join(block.text for block in blocks), [block.call for block in blocks]


def test_of_thirty_changes_and_more() -> None:
    assert len(CHANGES) >= 30


@pytest.mark.shared
@pytest.mark.debian_tool("clang-19")
def test_code_that_does_not_resolve_on_one_kernel_is_not_shown(kernel_btf: Callable[[str], Path]) -> None:
    old, new = read("5.13.0-52-generic-amd64", kernel_btf), read("5.15.0-204-generic-amd64", kernel_btf)
    question = asked("task_struct.state")
    answer = find_answer(question, old, new)
    assert isinstance(answer, Named)
    hint = answer.hints[0]
    assert hint.path == "task_struct.__state"
    assert hint_code(question, hint, old, new)
    assert hint_code(question, hint, old, old) == ""  # what the hint says is not there


@pytest.mark.shared
@pytest.mark.parametrize("path", ["pipe_inode_info.nrbufs", "pipe_inode_info.curbuf"])
def test_what_takes_more_than_to_read_another_field_gets_no_code(
    path: str, kernel_btf: Callable[[str], Path]
) -> None:
    old, new = read("5.4.0-216-generic-amd64", kernel_btf), read("5.10.0-46-amd64", kernel_btf)
    question = asked(path)  # head and tail take the place of both: nrbufs is head - tail
    answer = find_answer(question, old, new)
    assert isinstance(answer, Named)
    assert answer.hints[0].path in {"pipe_inode_info.head", "pipe_inode_info.tail"}
    assert hint_code(question, answer.hints[0], old, new) == ""
