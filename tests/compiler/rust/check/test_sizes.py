"""``size_of`` and ``align_of``: rustc's number, or a refusal where Rust promises none.

What is promised stands in the reference, "Type layout", and in the documents of ``core::option``.
"""

from __future__ import annotations

import re

import pytest

from tests.compiler.rust.front_end_helpers import build, the_problem
from tests.rustc import Rustc

HEAD = """#![allow(unused)]
use core::mem::{align_of, size_of};
use core::ffi::c_void;
#[repr(C)] pub struct C { a: u8, b: u32, c: u8 }
#[repr(C)] pub struct Tuple(u8, u64);
#[repr(C, packed)] pub struct Packed(u8, u64);
#[repr(C)] pub union U { a: u64, b: [u8; 9] }
pub struct Even(u32, u32);
pub struct Uneven(u8, u32, u8);
pub struct Unit;
#[repr(u16)] pub enum Wide { A }
pub enum Two { A, B }
pub enum One { A }
#[repr(C)] pub struct HoldsOne { a: u8, b: One }
#[repr(C)] pub struct HoldsUneven { a: u64, b: Uneven }
"""
PROMISED = [
    "u8", "i64", "usize", "bool", "char", "()", "*const u8", "&u64", "[u16; 5]", "C", "Tuple", "Packed", "U",
    "Even", "Unit", "Wide", "Two", "Option<&u8>", "Option<&mut C>", "[C; 3]", "(u32, u32)", "(u8,)",
    "(u8, u32)", "Result<&u8, ()>", "Result<(), &u8>", "[(u16, u16); 3]", "*mut c_void",
]  # fmt: skip
LOOSE = [
    "Option<bool>", "Option<u32>", "Option<Two>", "Option<*const u8>", "Result<u8, u8>", "Result<(), ()>",
    "One", "(u8, u32, u8)", "Uneven", "[Option<u8>; 2]", "(One, u8)", "HoldsOne", "HoldsUneven",
    "Option<(u8, u8)>",
]  # fmt: skip


def test_promised_sizes_are_rustc_s(rustc: Rustc) -> None:
    calls = [f"{name}::<{kind}>()" for kind in PROMISED for name in ("size_of", "align_of")]
    consts = "".join(f"pub const N{index}: usize = {call};\n" for index, call in enumerate(calls))
    table = ", ".join(f"N{index}" for index in range(len(calls)))
    text = f"{HEAD}{consts}pub static TABLE: [usize; {len(calls)}] = [{table}];\n"
    ir = build(text).ir
    assert ir is not None, build(text).diagnostics
    (data,) = re.findall(r'^@TABLE = [^"]* c"([^"]*)"', ir, re.MULTILINE)
    raw = re.sub(rb"\\([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), data.encode())
    ours = [int.from_bytes(raw[at : at + 8], "little") for at in range(0, len(raw), 8)]
    theirs = rustc.numbers(text + 'fn main() { for n in TABLE { println!("{n}"); } }\n')
    assert dict(zip(calls, ours, strict=True)) == dict(zip(calls, theirs, strict=True))


@pytest.mark.parametrize("kind", LOOSE)
def test_sizes_that_rust_does_not_promise_are_refused(kind: str) -> None:
    message, hint = the_problem(f"{HEAD}pub fn f() -> usize {{ size_of::<{kind}>() }}\n")[2:]
    assert f"Rust does not say what `size_of::<{kind}>()` is" in message
    assert hint
