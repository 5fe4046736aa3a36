"""What btfview says of fields that changed between Linux 6.1 and 6.18.

Every change was looked up with ``pahole -F btf -C STRUCT`` on both kernels; the test asks pahole again.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.hint_finder import HintFinder
from btfview.analysis.result import Analysis
from btfview.hints.answer import Named, Silent
from btfview.targets.find import open_target
from tests.analyses import analyse_text

OLD, NEW = "6.1.0-56-amd64", "6.18.44-fc-amd64"

# path in the program, type of its last field, the name that took its place, and what is said of it
RENAMED = [
    pytest.param("kernfs_node.parent", "*const u8", "__parent", "other underscores", id="6.15-rcu-pointer"),
    pytest.param("iov_iter.iov", "*const u8", "__iov", "other underscores", id="6.4-made-private"),
    pytest.param(
        "dentry.d_iname", "[u8; 32]", "d_shortname.string", "with another type", id="6.15-array-to-union"
    ),
    pytest.param("dentry.d_subdirs", "list_head", "d_children", "stands where", id="6.8-hlist-head"),
    pytest.param("dentry.d_child", "list_head", "d_sib", "stands where", id="6.8-hlist-node"),
    pytest.param("super_block.s_d_op", "*const u8", "__s_d_op", "other underscores", id="6.17-made-private"),
    pytest.param("inode.i_atime", "list_head", "i_atime_sec", "in parts", id="6.7-split-in-two"),
    pytest.param(
        "address_space.private_data", "*const u8", "i_private_data", "another prefix", id="6.8-data"
    ),
    pytest.param(
        "address_space.private_list", "list_head", "i_private_list", "another prefix", id="6.8-list"
    ),
    pytest.param("page.index", "u64", "__folio_index", "stands where", id="6.16-in-an-anonymous-union"),
    pytest.param("module.core_layout", "list_head", "mem", "with another type", id="6.4-array-of-memories"),
]

INNER = {"d_shortname": "shortname_store"}


def program(path: str, type_name: str) -> str:
    carrier, field = path.split(".")
    return f"""\
#![feature(btf_relocations)]
#[repr(Btf)] pub struct list_head {{ next: *const u8, prev: *const u8 }}
#[repr(Btf)] pub struct {carrier} {{ {field}: {type_name} }}
#[no_mangle] pub extern "C" fn place() -> u64 {{ core::btf::field_byte_offset!({carrier}, {field}) as u64 }}
"""


@pytest.fixture
def analysed(kernel_btf: Callable[[str], Path]) -> Callable[[str, str], Analysis]:
    def analysed(path: str, type_name: str) -> Analysis:
        kernels = [open_target(str(kernel_btf(name))) for name in (OLD, NEW)]
        return analyse_text(program(path, type_name), kernels)

    return analysed


def members(struct: str, btf: Path) -> str:
    command = ["pahole", "-F", "btf", "-C", struct, str(btf)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.shared
@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize(("path", "type_name", "successor", "why"), RENAMED)
def test_a_renamed_field_is_found_under_its_new_name(
    path: str,
    type_name: str,
    successor: str,
    why: str,
    analysed: Callable[[str, str], Analysis],
    kernel_btf: Callable[[str], Path],
) -> None:
    carrier, field = path.split(".")
    first, _, inside = successor.partition(".")
    assert f" {first};" not in members(carrier, kernel_btf(OLD))
    assert any(end in members(carrier, kernel_btf(NEW)) for end in (f" {first};", f" {first}["))
    assert not inside or f" {inside}[" in members(INNER[first], kernel_btf(NEW))

    analysis = analysed(path, type_name)
    assert [result.outcome.status for result in analysis.results[0]] == ["resolved", "missing"]
    answer = HintFinder(analysis).answer(0, 1)
    assert isinstance(answer, Named)
    best = answer.hints[0]
    assert best.path.removeprefix(f"{carrier}.") == successor
    assert why in best.reasons
    assert analysis.results[0][1].outcome.reason == f"struct {carrier} has no member {field} there"


@pytest.mark.shared
@pytest.mark.debian_tool("pahole")
def test_a_field_that_changed_its_kind_is_told_with_both_types(
    analysed: Callable[[str, str], Analysis], kernel_btf: Callable[[str], Path]
) -> None:
    assert "long unsigned int          i_state;" in members("inode", kernel_btf(OLD))
    assert "enum inode_state_flags_t   i_state;" in members("inode", kernel_btf(NEW))
    outcome = analysed("inode.i_state", "u64").results[0][1].outcome
    assert outcome.reason == (
        "i_state: it is enum inode_state_flags_t there, but u64 (8 bytes) in the program"
    )


@pytest.mark.shared
@pytest.mark.debian_tool("pahole")
def test_a_field_that_became_a_union_member_is_found_through_the_union(
    analysed: Callable[[str, str], Analysis], kernel_btf: Callable[[str], Path]
) -> None:
    assert "__vm_flags;" in members("vm_area_struct", kernel_btf(NEW))
    trace = analysed("vm_area_struct.vm_flags", "u64").results[0][1].outcome.trace.candidates[0]
    assert trace.steps == ("vm_flags +32 (through 1 anonymous)",)


@pytest.mark.shared
@pytest.mark.debian_tool("pahole")
def test_nothing_is_suggested_for_a_field_that_is_new(
    analysed: Callable[[str, str], Analysis], kernel_btf: Callable[[str], Path]
) -> None:
    assert " vlag;" not in members("sched_entity", kernel_btf(OLD))
    analysis = analysed("sched_entity.vlag", "i64")
    assert analysis.results[0][0].outcome.status == "missing"
    assert HintFinder(analysis).answer(0, 0) == Silent()
