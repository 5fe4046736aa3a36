"""What upstream's tests and rules ask for beyond :mod:`.test_queries` (LANGUAGE.md, sections 2 and 4)."""

from __future__ import annotations

import pytest

from tests.analyses import analyse_text
from tests.compiler.rust.front_end_helpers import (
    GATE,
    build,
    place_of,
    problems,
    relocation_globals,
    the_problem,
)

ASK = "pub fn f() -> bool { core::btf::field_exists!(A, b) }\n"
MARKS = ["#[repr(Btf)]", "#[btf_relocatable] #[repr(C)]"]


# ---- attribute.rs, relocatable-requires-repr-c.rs


@pytest.mark.parametrize(
    "mark", ["repr(Btf, packed)", "repr(Btf, align(16))", "repr(C, Btf)", "btf_relocatable", "repr(Btf)"]
)
@pytest.mark.parametrize("kind", ["struct", "union"])
def test_markers_go_with_c_packed_and_align(mark: str, kind: str) -> None:
    assert problems(f"{GATE}#[{mark}] pub {kind} A {{ a: u8, b: u64 }}\n{ASK}") == []


@pytest.mark.parametrize("mark", ["#[repr(Btf, Rust)]", "#[repr(Btf)] #[repr(Rust)]"])
def test_btf_and_rust_are_conflicting_hints(mark: str) -> None:
    (found,) = [
        item for item in build(f"{GATE}{mark} pub struct A {{ b: u8 }}\n{ASK}").diagnostics if item.is_error
    ]
    assert found.code == "E0566"


def test_repr_btf_on_an_enum_has_the_code_of_rustc() -> None:
    (found,) = build(f"{GATE}#[repr(Btf)] enum E {{ A }}").diagnostics
    assert found.code == "E0517"


@pytest.mark.parametrize("argument", ["()", "(C)", ' = "x"'])
def test_btf_relocatable_takes_no_arguments(argument: str) -> None:
    text, place = place_of(f"{GATE}»#[btf_relocatable{argument}] #[repr(C)] pub struct A {{ b: u8 }}")
    line, column, message, _ = the_problem(text)
    assert ((line, column), message) == (place, "`btf_relocatable` takes no arguments")


@pytest.mark.parametrize("mark", MARKS)
def test_a_derive_that_reads_the_fields_is_refused(mark: str) -> None:
    text, place = place_of(f"{GATE}{mark} #[derive(Clone, Copy, »Debug)] pub struct A {{ b: u8 }}")
    assert the_problem(text)[:2] == place
    assert problems(text.replace(", Debug", "")) == []


# ---- cross-crate-field-access.rs: one file here, so another module


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("pub fn f(x: &A) -> u64 { x.»b }", "cannot access fields of a"),
        ("pub fn f(x: &k::A) -> u64 { x.»b }", "cannot access fields of a"),
        ("type T = A;\npub fn f(x: &T) -> u64 { x.»b }", "cannot access fields of a"),
        ("pub fn f() -> usize { core::mem::offset_of!(A, »b) }", "cannot use `offset_of!` with"),
        ("pub fn f() -> usize { core::mem::offset_of!(k::W, »a.b) }", "cannot use `offset_of!` with"),
    ],
)
def test_the_bans_hold_in_other_modules_and_under_other_names(mark: str, use: str, message: str) -> None:
    marked, wrapper = f"{mark} pub struct A {{ pub b: u64 }}", "#[repr(C)] pub struct W { pub a: A }"
    module = f"mod k {{ {marked} {wrapper} }}\nuse k::A;\n"
    text, place = place_of(GATE + module + use)
    line, column, found, _ = the_problem(text)
    assert (line, column) == place
    assert found.startswith(message)


def test_privacy_is_checked_after_the_ban_and_in_paths() -> None:
    module = "mod k { #[repr(Btf)] pub struct A { b: u64 } }\nuse k::A;\n"
    text, place = place_of(GATE + module + "pub fn f() -> bool { core::btf::field_exists!(A, »b) }")
    assert the_problem(text)[:3] == (*place, "field `b` of struct `A` is private")


# ---- names, generics, patterns: tested nowhere upstream


def test_raw_identifiers_lose_their_mark() -> None:
    text = GATE + "#[repr(Btf)] pub struct A { r#type: u8 }\n"
    found = relocation_globals(text + "pub fn f() -> bool { core::btf::field_exists!(A, r#type) }")
    assert found == {"llvm.A:2:1$0:0"}
    program = build(text + "pub fn f() -> bool { core::btf::field_exists!(r#A, r#type) }").program
    assert program is not None
    assert program.queries[0].path == "A.type"


def test_generic_carriers_are_refused_not_miscompiled() -> None:
    text = GATE + "#[repr(Btf)] pub struct A { b: u64 }\n"
    assert the_problem(text + "pub fn f() -> bool { core::btf::field_exists!(A<u32>, b) }")[2].startswith(
        "the carrier of a query must be the name"
    )
    assert any(
        "generic" in message for *_, message in problems(GATE + "#[repr(Btf)] pub struct A<T> { b: T }")
    )


@pytest.mark.parametrize(
    "body",
    ["let A { b } = x; b", "match x { A { b } => b }", "let y = A { b: 1 }; let A { b } = y; b"],
)
def test_patterns_and_literals_are_not_banned(body: str) -> None:
    # LANGUAGE.md 2.2: only field expressions and offset_of! carry the check.
    assert (
        problems(GATE + f"#[repr(Btf)] pub struct A {{ b: u64 }}\npub fn f(x: A) -> u64 {{ {body} }}") == []
    )


def test_a_tuple_on_the_path_is_walked() -> None:
    # LANGUAGE.md 2.1: by value through structs, unions and tuples; rustc names the members `__0`, `__1`.
    text = GATE + "#[repr(Btf)] pub struct A { b: (u32, u64) }\n"
    result = build(text + "pub fn f() -> bool { core::btf::field_exists!(A, b.1) }")
    assert result.program is not None
    assert [query.path for query in result.program.queries] == ["A.b.__1"]


def test_two_types_of_one_name_never_share_a_relocation() -> None:
    # TOOLCHAIN.md 2.4: LLVM keys a relocation by name, kind, value and access alone.
    analysis = analyse_text(
        GATE + "mod k { #[repr(Btf)] pub struct A { pub b: u64 } }\n"
        "mod l { #[repr(Btf)] pub struct A { pub c: u64 } }\n"
        "pub fn f() -> bool { core::btf::field_exists!(k::A, b) }\n"
        "pub fn g() -> bool { core::btf::field_exists!(l::A, c) }\n"
    )
    assert [linked.path.partition(".")[2] for linked in analysis.relos] == ["b", "c"]
    names = {linked.local_type_name for linked in analysis.relos}
    assert len(names) == 2
    # Both are `A` to the loader, which cuts a flavor off.
    assert {(name or "").partition("___")[0] for name in names} == {"A"}


# ---- what the object holds


@pytest.mark.parametrize("endian", ["little", "big"])
def test_records_do_not_depend_on_the_byte_order(endian: str) -> None:
    text = (
        GATE + "#[repr(Btf)] pub struct A { a: u32, b: u64 }\n" + ASK
        + "#[allow(unguarded_btf_offset)]\npub fn g() -> usize { core::btf::field_byte_offset!(A, b) }\n"
    )  # fmt: skip
    analysis = analyse_text(text, endian=endian)
    assert [
        (linked.relo.kind_label, linked.relo.access_str, linked.local_value) for linked in analysis.relos
    ] == [
        ("field_exists", "0:1", 1),
        ("field_byte_offset", "0:1", 8),
    ]


def test_an_option_query_leaves_the_exists_record_first() -> None:
    # LANGUAGE.md section 3: kind 2 first, then 0 or 1.
    struct = "#[btf_relocatable] #[repr(C)] pub struct A { b: u64 }\n"
    text = GATE + struct + "pub fn f() -> Option<usize> { core::btf::field_byte_size!(A, b) }"
    analysis = analyse_text(text)
    assert [linked.relo.kind_label for linked in analysis.relos] == ["field_exists", "field_byte_size"]
