"""Fixes of Rust, by the built-in front end, on the kernels before and after a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.retarget import retarget
from btfview.fixes.find import find_fixes, why_no_place, why_none_found
from btfview.fixes.mend import mend
from btfview.fixes.patch import KINDS, Fix, Proposal
from btfview.fixes.prove import prove
from btfview.fixes.trouble import Trouble
from btfview.frozen import replace
from btfview.targets.find import open_target
from tests.fixes.fixing import NEW, analysed, changed, failing, fixes_of, kernels
from tests.paths import DEMO, ROOT

RENAMED = (ROOT / "tests" / "fixes" / "renamed.rs").read_text()
STATE = RENAMED.replace("real_start_time", "start_boottime")
"""Only ``state`` fails, and only on the new kernel."""


def test_a_number_that_changed_its_width_is_returned_before() -> None:
    analysis = analysed(STATE, path="prog.rs")
    fixes = fixes_of(analysis)
    assert list(fixes) == ["successor", "guard"]
    lines = changed(analysis, fixes["successor"])
    assert "+        if let Some(value) = read_state(self as *const task_struct as *const u8) {" in lines
    assert "+            return Some(value as i64);" in lines
    assert not any(line.startswith("-") for line in lines)
    assert changed(analysis, fixes["guard"]) == [
        "+        if !core::btf::field_exists!(task_struct, state) {",
        "+            return None;",
        "+        }",
    ]


PARENT = """\
#![feature(btf_relocations)]
#![no_std]
#![allow(non_camel_case_types, unguarded_btf_offset)]

#[repr(Btf)]
pub struct kernfs_node {
    parent: *const u8,
}

impl kernfs_node {
    pub fn up(&self) -> *const u8 {
        let offset = core::btf::field_byte_offset!(kernfs_node, parent);
        unsafe { *((self as *const kernfs_node as *const u8).add(offset) as *const *const u8) }
    }
}
"""
"""Linux 6.15 renamed ``kernfs_node.parent`` to ``__parent``."""


def test_a_field_of_the_same_type_is_asked_for_where_it_is() -> None:
    targets = (open_target("6.12.117+deb12-amd64"), open_target("7.2.13+deb14-amd64"))
    analysis = analysed(PARENT, targets, "prog.rs")
    lines = changed(analysis, fixes_of(analysis)["successor"])
    assert lines == [
        "+#[repr(Btf)]",
        "+struct kernfs_node___v7_2 {",
        "+    __parent: *const u8,",
        "+}",
        "+",
        "-        let offset = core::btf::field_byte_offset!(kernfs_node, parent);",
        "+        let offset = if core::btf::field_exists!(kernfs_node___v7_2, __parent) {",
        "+            core::btf::field_byte_offset!(kernfs_node___v7_2, __parent)",
        "+        } else {",
        "+            core::btf::field_byte_offset!(kernfs_node, parent)",
        "+        };",
    ]


def test_where_no_target_has_the_old_name_the_new_one_alone_is_offered_too() -> None:
    analysis = analysed(PARENT, (open_target("7.2.13+deb14-amd64"),), "prog.rs")
    fix = fixes_of(analysis)["rename"]
    assert fix.proposal.text == PARENT.replace("    parent:", "    __parent:").replace(
        "kernfs_node, parent", "kernfs_node, __parent"
    )


def test_a_name_is_not_changed_where_the_field_has_another_width() -> None:
    # state is an i64 here, __state a u32: read as before it would take its neighbour along.
    assert "rename" not in fixes_of(analysed(STATE, (open_target(NEW),), "prog.rs"))


def test_crlf_stays() -> None:
    analysis = analysed(STATE.replace("\n", "\r\n"), path="prog.rs")
    for fix in fixes_of(analysis).values():
        assert fix.proposal.text.count("\n") == fix.proposal.text.count("\r\n")


def test_several_statements_in_a_line() -> None:
    text = STATE.replace(
        "        let offset = core::btf::field_byte_offset!(task_struct, state);\n        Some(",
        "        let a = 1; let offset = core::btf::field_byte_offset!(task_struct, state); Some(",
    )
    analysis = analysed(text, path="prog.rs")
    assert changed(analysis, fixes_of(analysis)["guard"])[1].startswith(
        "+        let a = 1; if !core::btf::field_exists!(task_struct, state) { return None; } let offset = "
    )


@pytest.mark.parametrize(
    ("returns", "value"),
    [("u64", "return 0;"), ("Option<u64>", "return None;"), ("bool", "return false;"), ("", "return;")],
)
def test_a_guard_leaves_the_function_with_what_it_can_give(returns: str, value: str) -> None:
    last = {"u64": "offset as u64", "Option<u64>": "Some(offset as u64)", "bool": "offset > 0", "": ""}[
        returns
    ]
    text = STATE.replace(
        "pub fn state(&self) -> Option<i64> {", f"pub fn state(&self) {returns and f'-> {returns}'} {{"
    ).replace(
        "Some(unsafe { *(ptr.add(offset) as *const i64) })", f"unsafe {{ KEPT = offset as u64; }} {last}"
    )
    text = text.replace("/// As on", "static mut KEPT: u64 = 0;\n/// As on")
    analysis = analysed(text, path="prog.rs")
    assert value in fixes_of(analysis, failing(analysis)[-1])["guard"].proposal.text


def test_what_a_guard_cannot_leave_has_none() -> None:
    text = STATE.replace("pub fn state(&self) -> Option<i64> {", "pub fn state(&self) -> [u64; 1] {").replace(
        "Some(unsafe { *(ptr.add(offset) as *const i64) })", "[offset as u64]"
    )
    analysis = analysed(text, path="prog.rs")
    [number] = failing(analysis)
    assert list(find_fixes(analysis, number)) == []
    assert why_none_found(analysis, number) == "no kind of fix is known for it"


def test_what_fails_nowhere_needs_none() -> None:
    analysis = analysed((DEMO / "sched.rs").read_text(), path="prog.rs")
    assert why_no_place(analysis, 1) == "it fails nowhere"


def test_a_project_is_not_changed() -> None:
    analysis = replace(analysed(STATE, path="src/main.rs"), path="Cargo.toml")
    [number] = failing(analysis)
    assert "Cargo.toml is a project" in why_no_place(analysis, number)
    assert list(find_fixes(analysis, number)) == []
    assert mend(analysis).text == STATE


def test_what_another_file_asks_is_mended_there(tmp_path: Path) -> None:
    path, module = tmp_path / "main.rs", tmp_path / "other.rs"
    head, _, items = STATE.partition("/// As on old kernels.")
    path.write_text(f"{head}mod other;\n")
    module.write_text(f"/// As on old kernels.{items}")
    analysis = retarget(analyse(str(path), ()), kernels())[0]
    [number] = failing(analysis)
    assert why_no_place(analysis, number) == f"it is asked for in {module}: open that file to mend it"


def test_a_whole_source_is_mended_fix_by_fix() -> None:
    mended = mend(analysed(RENAMED, path="prog.rs"))
    assert [step.fix is not None for step in mended.steps] == [True, True]
    assert failing(mended.after) == []
    assert mend(mended.after).steps == ()


def test_of_one_kind_only_its_texts_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def noted(proposal: Proposal, trouble: Trouble) -> Fix | None:
        tried.append(proposal.kind)
        return prove(proposal, trouble)

    monkeypatch.setattr("btfview.fixes.find.prove", noted)
    [step] = mend(analysed(STATE, path="prog.rs"), kind="guard").steps
    assert step.fix is not None
    assert tried == ["guard"]


def test_kinds_are_those_of_the_command() -> None:
    from btfview.cli.programs.fix import _KINDS

    assert _KINDS == KINDS
