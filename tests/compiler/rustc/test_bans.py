"""What the feature forbids, told by rustc at the places and in the words of the built-in front end."""

from __future__ import annotations

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source
from tests.compiler.rustc.feature_errors import PROGRAMS

HEAD = """#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)] pub struct inner { value: u32 }
#[repr(Btf)] pub struct task { pid: i32, inner: inner }
pub struct plain { task: task }
"""

pytestmark = pytest.mark.rustc


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("pub fn f(t: &task) -> i32 { t.pid }", id="read"),
        pytest.param("pub fn f(p: &plain) -> i32 { p.task.pid }", id="in-a-plain-struct"),
        pytest.param("pub fn f(t: &mut task) { t.pid = 1; }", id="write"),
        pytest.param("pub fn f() -> usize { core::mem::offset_of!(task, pid) }", id="offset-of"),
        pytest.param("pub fn f() -> usize { core::btf::field_byte_offset!(task, gone) }", id="no-field"),
        pytest.param("#[repr(Btf)] pub enum wrong { A }", id="enum"),
    ],
)
def test_both_front_ends_refuse_the_same_places(line: str) -> None:
    assert_same_errors(HEAD + line)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_each_error_of_the_feature_has_its_code_and_place_in_both(number: int) -> None:
    assert_same_errors(PROGRAMS[number])


def assert_same_errors(text: str) -> None:
    source = Source("a.rs", text)
    found = {}
    for frontend in ("builtin", "rustc"):
        result = compile_source(source, CompileOptions(frontend=frontend))
        found[frontend] = {(one.span.start, one.code) for one in result.diagnostics if one.is_error}
    assert found["builtin"]
    assert found["rustc"] == found["builtin"]
