"""A panic leaves its function with zero: what Rust ends a program for, BPF cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.rust.front_end_helpers import GATE, build
from tests.compiler.rust.run.functions import function_names, run_in_kernel

# Each panics where `a` is 0, and gives 7 or more otherwise; 1 is added so that a caller is seen to go on.
CASES = """
fn inner_assert(a: u64) -> u64 { assert!(a != 0); 7 }
fn inner_equal(a: u64) -> u64 { assert_ne!(a, 0, "not zero"); 7 }
fn inner_panic(a: u64) -> u64 { if a == 0 { panic!("zero") } 7 }
fn inner_todo(a: u64) -> u64 { match a { 0 => todo!(), _ => 7 } }
fn inner_unwrap(a: u64) -> u64 { a.checked_sub(1).unwrap() + 7 }
fn inner_expect(a: u64) -> u64 { a.checked_sub(1).ok_or(()).expect("not zero") + 7 }
fn either(a: u64) -> Result<u32, u32> { if a == 0 { Ok(1) } else { Err(9) } }
fn inner_err(a: u64) -> Option<u32> { Some(either(a).unwrap_err()) }
fn inner_closure(a: u64) -> (u32, u64) {
    let x = Some(a).map(|x| if x == 0 { unreachable!() } else { x });
    (7, x.unwrap())
}
fn inner_power(a: u64) -> u64 { (a + 7).next_multiple_of(a) }
fn check_assert(a: u64, _b: u64) -> u64 { inner_assert(a) + 1 }
fn check_equal(a: u64, _b: u64) -> u64 { inner_equal(a) + 1 }
fn check_panic(a: u64, _b: u64) -> u64 { inner_panic(a) + 1 }
fn check_todo(a: u64, _b: u64) -> u64 { inner_todo(a) + 1 }
fn check_unwrap(a: u64, _b: u64) -> u64 { inner_unwrap(a) + 1 }
fn check_expect(a: u64, _b: u64) -> u64 { inner_expect(a) + 1 }
fn check_err(a: u64, _b: u64) -> u64 { match inner_err(a) { Some(x) => x as u64, None => 1 } }
fn check_closure(a: u64, _b: u64) -> u64 { let (x, y) = inner_closure(a); x as u64 + y + 1 }
fn check_power(a: u64, _b: u64) -> u64 { inner_power(a) + 1 }
"""


@pytest.mark.kernel
def test_a_panic_leaves_its_function_with_zero(tmp_path: Path) -> None:
    names = function_names(CASES)
    for name, (quiet, loud) in run_in_kernel(CASES, names, [(3, 0), (0, 0)], tmp_path).items():
        assert quiet >= 8, name
        assert loud == 1, name


def test_debug_assertions_are_checked_and_not_run() -> None:
    text = GATE + (
        "use core::btf;\n#[repr(Btf)] pub struct T { a: u8 }\n"
        "pub fn f() { debug_assert!(btf::field_exists!(T, a)); }\n"
    )
    result = build(text)
    assert result.program is not None
    assert result.program.queries == ()
    assert [item.code for item in build(text.replace("(T, a)", "(T, b)")).diagnostics] == ["E0609"]


def test_an_assertion_is_a_guard() -> None:
    text = GATE + (
        "use core::btf;\n#[repr(Btf)] pub struct T { a: u8 }\n"
        "pub fn f() -> usize { assert!(btf::field_exists!(T, a)); btf::field_byte_offset!(T, a) }\n"
    )
    assert build(text).diagnostics == ()
