"""Generated code put into a source: it compiles and resolves there, between items, near to the cursor.

The fields are those of ``test_bindings.py``, looked up with pahole.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.bindings.insertion import plan_insertion, why_not_sound
from btfview.bindings.places import Insertion, SourceSpot
from btfview.compiler.options import CompileOptions
from btfview.errors import UsageError
from btfview.source import Source
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.bindings.test_make import FIELDS, bundled
from tests.paths import ROOT

DEMO = (ROOT / "demo" / "sched.rs").read_text()
COMMENTED = """\
/// Doc.
#[inline(always)]
pub fn f() -> u32 { 1 }

// free

// of g
pub fn g() -> u32 { 2 }
"""
OPTION = (ROOT / "demo" / "sched_option.rs").read_text()


def spot(text: str, line: int = 1, path: str = "prog.rs") -> SourceSpot:
    return SourceSpot(Source(path, text), line, CompileOptions())


def insert(path: str, text: str, line: int = 1, dialect: str = "repr") -> Insertion:
    return plan_insertion([path], bundled(), dialect, spot(text, line))


def check_inserted(insertion: Insertion, targets: tuple[Target, ...] = ()) -> None:
    """It compiles, the new records are there, and none of them fails."""
    before = analyse("prog.rs", (), source=insertion.source)
    after = analyse("prog.rs", targets or bundled(), source=Source("prog.rs", insertion.text))
    errors = [one.message for one in after.diagnostics if one.is_error]
    assert errors == [], insertion.text
    last = insertion.line + insertion.bindings.body.count("\n")
    new = [one for one in after.relos if one.place is not None and insertion.line <= one.place.line <= last]
    assert len(new) >= 2
    assert len(after.relos) == len(before.relos) + len(new)
    for linked in new:
        for column, target in enumerate(after.targets):
            assert not after.state(linked.index, column).is_problem, (linked.path, target.name)
    assert why_not_sound(insertion, spot(insertion.source.text), targets or bundled()) == ""


@pytest.mark.parametrize(("path", "_result"), FIELDS)
def test_code_for_a_field_compiles_and_resolves_in_a_source(path: str, _result: str) -> None:
    check_inserted(insert(path, DEMO, 37))


@pytest.mark.parametrize(
    "path",
    ["task_struct.pid", "task_struct.se.on_rq", "task_struct.in_iowait", "sock.__sk_common.skc_daddr"],
)
def test_the_same_in_the_other_dialect(path: str) -> None:
    check_inserted(insert(path, OPTION, 30, "option"))


def test_twice_the_same_and_others_stand_beside_one_another() -> None:
    text = DEMO
    for path in ("in_iowait", "in_iowait", "se.on_rq", "se", "se.vruntime"):
        insertion = insert(f"task_struct.{path}", text, 37)
        check_inserted(insertion)
        text = insertion.text
    assert text.count("fn read_unsigned(") == 1
    assert "pub fn in_iowait(" in text
    assert "pub fn in_iowait_2(" in text


def test_what_the_source_declares_is_left_to_it() -> None:
    insertion = insert("task_struct.se.vruntime", DEMO, 37)
    body = insertion.bindings.body
    assert "pub struct task_struct {" not in body
    assert "pub struct task_struct___v" in body
    assert "impl task_struct {" in body
    assert "&sched_entity>" in insert("task_struct.se", DEMO, 37).bindings.body


@pytest.mark.parametrize(
    ("line", "where"),
    [
        pytest.param(1, "before struct load_weight", id="in-the-head"),
        pytest.param(24, "before struct task_struct", id="between-two"),
        pytest.param(37, "before impl task_struct", id="in-the-upper-half-of-an-impl"),
        pytest.param(56, "after impl task_struct", id="in-its-lower-half"),
        pytest.param(1000, "after impl task_struct", id="past-the-end"),
    ],
)
def test_it_goes_to_the_place_nearest_to_the_cursor(line: int, where: str) -> None:
    insertion = insert("task_struct.pid", DEMO, line)
    assert where in insertion.where
    code = insertion.bindings.body.strip("\n")
    assert insertion.text.count(code) == 1
    assert insertion.text.split("\n")[insertion.line - 1] == code.split("\n")[0]
    assert insertion.text.replace(code, "").split() == DEMO.split(), "nothing else is changed"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", 1, id="empty"),
        pytest.param("// nothing\n", 1, id="comment-alone"),
        pytest.param("#![no_std]\n", 1, id="attribute-alone"),
        pytest.param("//! About it.\n", 1, id="documentation-alone"),
        pytest.param("#![no_std]\nconst A: u32 = 1; // a\nconst B: u32 = 2;", 2, id="no-final-newline"),
        pytest.param("#![no_std]\nconst A: u32 = 1; const B: u32 = 2;\n", 2, id="two-items-on-a-line"),
        pytest.param(COMMENTED, 5, id="comments-and-attributes"),
        pytest.param("fn read_unsigned() {}\nfn field_at() {}\n", 1, id="our-names-are-taken"),
        pytest.param("pub mod m {\n    pub fn f() {}\n}\n", 2, id="in-a-module"),
        pytest.param("\u00e9\u4e2d".join(["// ", "\nconst A: u32 = 1;\n"]), 1, id="wide-characters"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_dos", [False, True])
def test_sources_of_any_form_take_it(text: str, line: int, is_dos: bool) -> None:
    text = text.replace("\n", "\r\n") if is_dos else text
    insertion = insert("task_struct.se.on_rq", text, line)
    assert not is_dos or "\n" not in text or "\n" not in insertion.text.replace("\r\n", "")
    code = insertion.bindings.body.strip("\n").replace("\n", "\r\n" if is_dos and "\n" in text else "\n")
    assert _without_gates(insertion.text.replace(code, "")) == _without_gates(text), "nothing else is changed"
    check_inserted(insertion)


def _without_gates(text: str) -> list[str]:
    return re.sub(r"#!\[feature\([^)]*\)\]", "", text).split()


def test_a_missing_gate_is_added_to_those_there() -> None:
    text = DEMO.replace("#![feature(btf_relocations)]", "#![feature( btf_relocations , )]")
    insertion = insert("task_struct.in_iowait", text, 37)
    assert "#![feature( btf_relocations , btf_relocations_extra" in insertion.text
    check_inserted(insertion)


def test_a_source_with_syntax_errors_is_left_alone() -> None:
    with pytest.raises(UsageError, match="syntax errors"):
        insert("task_struct.pid", DEMO + "struct {", 37)


def test_a_name_that_means_something_else_is_refused() -> None:
    with pytest.raises(UsageError, match="calls something else task_struct"):
        insert("task_struct.pid", "pub enum task_struct { A }\n")


def test_code_that_would_not_compile_in_the_source_is_found_out(tmp_path: Path) -> None:
    target = open_target("6.1.0-56-amd64")
    text = DEMO.replace("impl task_struct {", "impl task_struct {\n    pub fn pid(&self) -> u32 { 1 }")
    insertion = plan_insertion(["task_struct.pid"], (target,), "repr", spot(text, 1))
    assert "pub fn pid_2(" in insertion.text
    broken = Insertion(
        insertion.source, insertion.text.replace("fn pid_2(", "fn pid("), 18, "", insertion.bindings
    )
    assert "it would not compile there: line" in why_not_sound(broken, spot(text), (target,))
