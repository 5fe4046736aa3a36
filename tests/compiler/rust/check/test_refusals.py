"""What is outside the language is refused at its place, with what to write instead; nothing is skipped."""

from __future__ import annotations

import pytest

from btfview.diagnostics import format_diagnostic
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import GATE, build, place_of, problems, the_problem

S = "#[repr(C)] pub struct S { a: u32 }\n"


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("mod »m;", "file not found for module `m`"),
        ("enum E { A»(u32) }", "variants with fields are not supported"),
        ("enum »E { }", "the enum `E` has no variants"),
        ("»trait T { }", "traits are not supported"),
        ("type T<»U> = u32;", "generics are not supported"),
        ("macro_rules! m { (»$a) => {} }", "missing fragment specifier of `$a`"),
        ("»extern crate alloc;", "other crates are not supported"),
        ("»println!();", "macros between items are not supported"),
        ("struct G<»T> { a: u32 }", "generic types are not supported"),
        ("fn f<»T>(x: u32) {}", "generics are not supported"),
        ("fn f<»const N: usize>() {}", "generics are not supported"),
        ("fn f() »where u32: Copy {}", "`where` clauses are not supported"),
        ("»impl Clone for S { }", "traits are not supported"),
        ("impl S { »type A = u32; }", "only functions and constants are supported in an impl"),
        ("»async fn f() {}", "`async fn` is not supported"),
        ('»extern "Rust" fn f() {}', "the ABI in `extern \"Rust\"` is not supported"),
        ('extern "C" { »type A; }', "only functions and statics can be declared in an extern block"),
        ('extern "C" fn f(a: »S) {}', "`a` cannot be passed by value"),
        ('extern "C" fn f(a: »(u32, u32)) {}', "`a` cannot be passed by value"),
        ('extern "C" fn f() -> »S { S { a: 1 } }', "`S` cannot be returned by value"),
        ("fn f(x: »f64) {}", "BPF has no floating point"),
        ("fn f(x: »u128) {}", "128-bit integers are not supported"),
        ("fn f(x: »fn(u32)) {}", "function pointers are not supported"),
        ("fn f(x: &»[u32]) {}", "slices are not supported"),
        ("fn f(x: &»str) {}", "`str` is not supported"),
        ("fn f(x: &»dyn Copy) {}", "traits are not supported"),
        ("fn f(x: »impl Copy) {}", "traits are not supported"),
        ("fn f(x: »Vec<u32>) {}", "generic types are not supported: `Vec<u32>`"),
        ("fn f(x: »Option<c_void>) {} use core::ffi::c_void;", "`Option<c_void>` is not supported"),
        ("#[repr(C)] struct O { a: »Option<u32> }", "Rust does not say how `Option<u32>` is laid out"),
        ("#[repr(C)] struct O(»[Option<(u8, u8)>; 2]);", "Rust does not say how"),
        ("union O { a: »Result<u32, u8> }", "Rust does not say how `Result<u32, u8>` is laid out"),
        ("fn f() { let x = »1.5; }", "BPF has no floating point"),
        ("fn f() { let x = »|a| 1; }", "a closure is supported only as an argument"),
        ("fn f() { let x = »\"text\"; }", "`str` is not supported"),
        ("fn f(x: [u8; 3]) { for i in x.iter().»map(|y| y) {} }", "the iterator method `map` is not"),
        ("fn f(x: [u8; 3]) { for i in x.iter().step_by(2).»rev() {} }", "`rev` is not supported behind this"),
        ("fn f(x: u8) { for i in (0..x).»enumerate() {} }", "`enumerate` is not supported here on a range"),
        ("fn f(x: Option<u8>) { for i in »x {} }", "`for` through `Option<u8>` is not supported"),
        ("fn f() { let x = »0..3; }", "ranges are not supported as values"),
        ("fn f() { »async {}; }", "`async` is not supported"),
        ("fn f() { for i in »0.. { break; } }", "a range in `for` needs both ends"),
        ("fn f(x: u32) { match x { 1 | »y => {} } }", "variable `y` is not bound in all patterns"),
        ("union U { a: u8 } fn f(u: U) -> U { U { »..u } }", "functional record update syntax"),
        ("fn f() { »println!(); }", "cannot find macro `println` in this scope"),
        ("fn f(x: u32) { »panic!(\"{x}\"); }", "values in the message of `panic!` are not supported"),
        ("fn f(x: u32) { »assert!(x > 1, \"{}\", x); }", "values in the message of `assert!`"),
        ("fn f() -> &'static S { unsafe { »core::mem::zeroed() } }", "does not permit zero-initialization"),
        ("use core::mem::MaybeUninit; fn f(x: »MaybeUninit<u8>) {}", "uninitialised memory is not"),
        ("fn f() { let x = »core::mem::MaybeUninit::uninit(); }", "uninitialised memory is not supported"),
        ("fn g() {} fn f() { let x = »g; }", "functions are not supported as values"),
        ("fn f() { let x = »Some; }", "`Some` is not supported as a function value"),
        ("fn f(x: u32) -> u32 { »if x > 1 { 1 } else { 2 } as u32 }", "leading block-like expression"),
        ("fn f(x: i32) -> i32 { »x / 3 }", "signed division of `i32` needs BPF cpu v4"),
        ("fn f(x: u32) -> u32 { »f(x) }", "recursion is not supported: `f` comes back to itself"),
        ("pub fn »f(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) {}", "`f` needs 6 argument"),
        ("pub fn »f(a: Option<u8>, b: Option<u8>, c: u8) -> Option<u8> { a }", "`f` needs 6"),
        ("use »core::fmt;", "unresolved import `core::fmt`"),
        ("use »std::collections::HashMap;", "unresolved import `std::collections::HashMap`"),
        ("use »core::btf::*;", "this import is not supported"),
        ("#[derive(Clone)] »#[unknown] struct T { a: u8 }", "attribute `unknown` is not supported"),
        ("#[derive(»Serialize)] struct T { a: u8 }", "cannot find derive macro `Serialize` in this scope"),
        ("fn f(a: Option<&u8>, b: &u8) -> bool { a »== Some(b) }", "it looks behind a reference"),
        ("»#[inline(sometimes)] fn f() {}", "invalid argument"),
        ("#[cfg(»a(b))] fn f() {}", "invalid predicate `a`"),
        ("#[panic_handler] fn »f() {}", "`#[panic_handler]` function has wrong type"),
        ("fn f() { »#[cfg()] let x = 1; }", "`cfg` predicate is not specified"),
        ("struct T { »#[cfg(a, b)] a: u8 }", "multiple `cfg` predicates are specified"),
        ("»#![windows_subsystem = \"9\"]", "cannot find attribute `windows_subsystem` for a crate"),
        ("#![feature(»never_typ)]", "unknown feature `never_typ`"),
        ("#[repr(»transparent)] union T { a: u8 }", "transparent unions are unstable"),
        ("#[repr(»align(8))] enum T { A }", "`repr(align)` is not supported here"),
        ("struct »größe { a: u8 }", "the type name `größe` is not a C identifier"),
        ("struct T { »größe: u8 }", "the field name `größe` is not a C identifier"),
        ("fn »größe() {}", "the function name `größe` is not a C identifier"),
        ("fn f(»größe: u8) {}", "the parameter name `größe` is not a C identifier"),
    ],
)  # fmt: skip
def test_refused_at_its_place(marked: str, message: str) -> None:
    text, place = place_of(S + marked + "\n")
    found = problems(text)
    assert found[0][:2] == place
    assert message in found[0][2]
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("marked", "hint"),
    [
        ('extern "C" fn f(a: »S) {}', "pass a reference"),
        ('extern "C" fn f() -> »S { S { a: 1 } }', "take a `&mut` parameter and fill it in"),
        ("fn f() { let count = 1; let y = »cuont; }", "did you mean `count`?"),
        ("fn f(x: i32) -> i32 { »x / 3 }", "compile with `--cpu v4`"),
        ("fn f(x: »c_int) {}", "add `use core::ffi::c_int;`"),
        ("fn f(p: *const S) -> u32 { p.»a }", "dereference the raw pointer"),
        ("fn f(s: &S) -> u32 { s.»b }", "its fields are: a"),
        ("fn f() -> »u32 { 1; }", "remove this semicolon"),
    ],
)
def test_a_hint_says_what_to_write(marked: str, hint: str) -> None:
    text, place = place_of(S + marked)
    line, column, _, found = the_problem(text)
    assert (line, column) == place
    assert hint in found


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("fn f() { let x = 5» let y = 6; }", "expected `;`"),
        ("fn f() { let x = »; }", "syntax error"),
        ("fn f() »{ let x = (1; ", None),
        ("fn f() { (1»} ", "mismatched closing delimiter: `}`"),
        ("fn f() { } »}", "unexpected closing delimiter: `}`"),
        ("fn f() »{", "this file contains an unclosed delimiter: `{`"),
        ("»garbage here", "syntax error: unexpected `garbage`"),
    ],
)
def test_syntax_errors_have_a_place(marked: str, message: str | None) -> None:
    text, place = place_of(marked)
    found = problems(text)
    assert found
    if message is not None:
        assert message in found[0][2]
        assert found[0][0] == place[0]


def test_errors_do_not_cascade() -> None:
    text = "fn f() -> u32 { let x = nothing; let y = x + 1; y.foo(); x.a; *x; if x { y } else { x[0] } }"
    assert [message for *_, message in problems(text)] == ["cannot find value `nothing` in this scope"]


def test_names_of_locals_may_be_anything_rust_allows() -> None:
    assert problems("pub fn f() -> u32 { let größe = 1; let r#type = 2; größe + r#type }") == []


def test_raw_identifiers_reach_the_object_without_their_prefix() -> None:
    ir = build(GATE + "#[repr(Btf)] struct r#type { r#fn: u8 }\n"
               "pub fn r#match() -> bool { core::btf::field_exists!(r#type, r#fn) }").ir  # fmt: skip
    assert ir is not None
    assert 'name: "type"' in ir
    assert 'name: "fn"' in ir
    assert "r#" not in ir.split("source:")[0]


def test_diagnostics_print_with_line_column_and_caret() -> None:
    source = Source("lib.rs", S + "fn f(s: &S) -> u32 { s.b }")
    printed = format_diagnostic(build(source.text).diagnostics[0], source)
    assert "--> lib.rs:2:24" in printed
    assert printed.startswith("error[E0609]: no field `b` on type `&S`")
