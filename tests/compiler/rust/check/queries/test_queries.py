"""The three queries: what they lower to, their rules, and the two dialects.

Expected globals are those of the upstream codegen test (shared LANGUAGE.md section 4: PR
rust-lang/rust#161107, btf-relocations.rs), for the same shape of types.
"""

from __future__ import annotations

import pytest

from tests.compiler.rust.front_end_helpers import (
    GATE,
    build,
    place_of,
    problems,
    relocation_globals,
    the_problem,
)

FIELD_KINDS = ("field_byte_offset", "field_byte_size", "field_exists")
TYPES = """
{mark} pub struct Inner {{ x: u32, y: u64 }}
{mark} pub union Payload {{ word: u64, half: u32 }}
{mark} pub struct Outer {{ pad: u32, inner: Inner, payload: Payload }}
"""
REPR = GATE + TYPES.format(mark="#[repr(Btf)]")
OPTION = GATE + TYPES.format(mark="#[btf_relocatable] #[repr(C)]")
NINE = {
    "llvm.Outer:0:8$0:1", "llvm.Outer:1:16$0:1", "llvm.Outer:2:1$0:1",
    "llvm.Outer:0:16$0:1:1", "llvm.Outer:1:8$0:1:1", "llvm.Outer:2:1$0:1:1",
    "llvm.Outer:0:24$0:2:1", "llvm.Outer:1:4$0:2:1", "llvm.Outer:2:1$0:2:1",
}  # fmt: skip
CARRIER = "the carrier of a query must be the name of a struct or union"
PATHS = ("inner", "inner.y", "payload.half")


def nine_functions(call: str, results: dict[str, str]) -> str:
    return "".join(
        f"pub fn {kind}_{index}() -> {results[kind]} {{ {call.format(kind=kind, path=path)} }}\n"
        for index, path in enumerate(PATHS)
        for kind in FIELD_KINDS
    )


RAW_RESULTS = {"field_byte_offset": "usize", "field_byte_size": "usize", "field_exists": "bool"}
OPTION_RESULTS = RAW_RESULTS | {"field_byte_offset": "Option<usize>", "field_byte_size": "Option<usize>"}


@pytest.mark.parametrize(
    ("text", "call", "results"),
    [
        pytest.param(REPR, "core::btf::{kind}!(Outer, {path})", RAW_RESULTS, id="repr"),
        pytest.param(OPTION, "core::btf::{kind}!(Outer, {path})", OPTION_RESULTS, id="option"),
        pytest.param(OPTION, "builtin # btf_{kind}(Outer, {path})", RAW_RESULTS, id="builtin-on-option"),
        pytest.param(REPR, "builtin#btf_{kind}(Outer,{path})", RAW_RESULTS, id="builtin-on-repr"),
        pytest.param(REPR + "use core::btf;\n", "btf::{kind}!(Outer, {path},)", RAW_RESULTS, id="use-btf"),
        pytest.param(
            REPR + "use core::btf::{field_exists, field_byte_offset, field_byte_size};\n",
            "{kind}!(Outer, {path})",
            RAW_RESULTS,
            id="use-macros",
        ),
    ],
)
def test_nine_queries_give_the_nine_globals_of_the_upstream_test(
    text: str, call: str, results: dict[str, str]
) -> None:
    assert relocation_globals(text + nine_functions(call, results)) == NINE


def test_unmarked_carriers_are_accepted_when_the_dialect_is_given() -> None:
    # LANGUAGE.md section 4, FORK D3/D4 codegen-llvm/btf-field-info.rs: unmarked repr(C), x and y of 32 bits.
    text = GATE + (
        "#[repr(C)] pub struct Inner { x: u32, y: u32 }\n"
        "#[repr(C)] pub struct Outer { pad: u32, inner: Inner }\n"
        "pub fn a() -> usize { core::btf::field_byte_offset!(Outer, inner) }\n"
        "pub fn b() -> usize { core::btf::field_byte_size!(Outer, inner) }\n"
        "pub fn c() -> bool { core::btf::field_exists!(Outer, inner) }\n"
        "pub fn d() -> usize { core::btf::field_byte_offset!(Outer, inner.y) }\n"
        "pub fn e() -> usize { core::btf::field_byte_size!(Outer, inner.y) }\n"
        "pub fn f() -> bool { core::btf::field_exists!(Outer, inner.y) }\n"
    )
    assert relocation_globals(text, dialect="repr") == {
        "llvm.Outer:0:4$0:1", "llvm.Outer:1:8$0:1", "llvm.Outer:2:1$0:1",
        "llvm.Outer:0:8$0:1:1", "llvm.Outer:1:4$0:1:1", "llvm.Outer:2:1$0:1:1",
    }  # fmt: skip


def test_a_query_of_the_option_dialect_is_an_exists_query_and_the_other() -> None:
    result = build(OPTION + "pub fn f() -> Option<usize> { core::btf::field_byte_size!(Outer, inner.y) }")
    assert result.program is not None
    assert [(query.index, query.kind, query.access_str) for query in result.program.queries] == [
        (0, "field_exists", "0:1:1"),
        (1, "field_byte_size", "0:1:1"),
    ]
    assert result.program.queries[0].span == result.program.queries[1].span


def test_lines_of_a_query_are_its_chain_the_question_and_the_use() -> None:
    result = build(REPR + "pub fn f() -> bool { core::btf::field_exists!(Outer, payload.half) }")
    assert result.program is not None
    assert result.ir is not None
    (query,) = result.program.queries
    lines = [result.ir.split("\n")[number] for number in query.ir_lines]
    assert len(lines) == 4
    assert "@llvm.preserve.struct.access.index.p0.p0(ptr elementtype(%Outer) null, i32 3, i32 2)" in lines[0]
    assert "@llvm.preserve.union.access.index.p0.p0(ptr %payload.1, i32 1)" in lines[1]
    assert "@llvm.bpf.preserve.field.info.p0(ptr %half.2, i64 2)" in lines[2]
    assert "icmp ne i32 %info.3, 0" in lines[3]


def test_llvm_index_counts_padding_and_debug_index_does_not() -> None:
    # LANGUAGE.md section 3: u32, then an 8-aligned field: gep 2, di 1.
    ir = build(REPR + "pub fn f() -> usize { core::btf::field_byte_offset!(Outer, inner) }").ir
    assert ir is not None
    assert "(ptr elementtype(%Outer) null, i32 2, i32 1)" in ir
    assert "%Outer = type { i32, [4 x i8], %Inner, [8 x i8] }" in ir


def test_places_of_a_query_count_characters() -> None:
    comment = "/* größer, \N{MATHEMATICAL DOUBLE-STRUCK CAPITAL A} */"
    text = REPR + comment + " pub fn f() -> bool { core::btf::field_exists!(Outer, inner . y) }"
    result = build(text)
    assert result.program is not None
    (query,) = result.program.queries
    last = text.rsplit("\n", 1)[1]
    assert query.location.line == text.count("\n") + 1
    assert query.location.column == last.index("core") + 1
    assert text[query.span.start : query.span.end] == "core::btf::field_exists!(Outer, inner . y)"
    assert text[query.path_span.start : query.path_span.end] == "inner . y"
    assert query.path == "Outer.inner.y"
    assert result.ir is not None
    assert f"!DILocation(line: {query.location.line}, column: {query.location.column}," in result.ir


def test_a_query_that_cannot_be_reached_is_listed_and_warned_about() -> None:
    result = build(REPR + "pub fn f() -> bool { return true; core::btf::field_exists!(Outer, pad) }")
    assert result.program is not None
    assert result.program.queries[0].ir_lines == ()
    assert [(item.severity, item.message) for item in result.diagnostics] == [
        ("warning", "this query cannot be reached")
    ]


def test_flavors_keep_their_name() -> None:
    text = GATE + "#[repr(Btf)] pub struct task_struct___v5 { pid: i32 }\n"
    text += "pub fn f() -> bool { core::btf::field_exists!(task_struct___v5, pid) }"
    assert relocation_globals(text) == {"llvm.task_struct___v5:2:1$0:0"}


# ---- rules


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("»core::btf::field_exists!(Outer)", "`field_exists` takes two arguments"),
        ("»core::btf::field_exists!()", "`field_exists` takes two arguments"),
        ("»core::btf::field_exists!(Outer, )", "`field_exists` takes two arguments"),
        ("core::btf::field_exists!(Outer, pad, »pad)", "unexpected third argument to `field_exists`"),
        ("core::btf::field_exists!(Outer, inner»[0])", "expects dot-separated field"),
        ("core::btf::field_exists!(Outer, »*inner)", "expects dot-separated field"),
        ("core::btf::field_exists!(Outer, inner.y»())", "expects dot-separated field"),
        ("core::btf::field_exists!(Outer, inner»->y)", "expects dot-separated field"),
        ("core::btf::field_exists!(Outer, inner».)", "expects dot-separated field"),
        ("core::btf::field_exists!(Outer, ».inner)", "expects dot-separated field"),
        ("core::btf::field_exists!(Outer, inner.»z)", "no field `z` on type `Inner`"),
        ("core::btf::field_exists!(Outer, pad.»z)", "no field `z` on type `u32`"),
        ("core::btf::field_exists!(Outer, inner.»0.y)", "no field `0` on type `Inner`"),
        ("core::btf::field_exists!(Outer, »0.1)", "no field `0` on type `Outer`"),
        ("core::btf::field_exists!(u32, »pad)", "no field `pad` on type `u32`"),
        ("core::btf::field_exists!(»Nowhere, pad)", "cannot find type `Nowhere` in this scope"),
        ("core::btf::field_exists!(»&Outer, pad)", CARRIER),
        ("core::btf::field_exists!(»Wrapper<u32>, pad)", CARRIER),
        ("builtin # btf_field_exists(Outer, pad, »1)", "unexpected third argument"),
        ("»builtin # offset_of(Outer, pad)", "unknown `builtin #` construct `offset_of`"),
        ("»core::btf::field_signed!(Outer, pad)", "cannot find macro `field_signed` in this scope"),
        ("»field_exists!(Outer, pad)", "cannot find macro `field_exists` in this scope"),
        ("»btf_field_exists!(Outer, pad)", "cannot find macro `btf_field_exists` in this scope"),
    ],
)  # fmt: skip
def test_a_query_is_a_carrier_type_and_a_path_of_fields(call: str, message: str) -> None:
    text, place = place_of(REPR + f"pub fn f() -> bool {{ {call} }}")
    line, column, found, _ = the_problem(text)
    assert (line, column) == place
    assert message in found


@pytest.mark.parametrize("step", ["*const Inner", "&'a Inner", "[Inner; 2]", "Option<&'a Inner>"])
def test_a_path_goes_by_value_only(step: str) -> None:
    struct = f"#[repr(Btf)] struct P<'a> {{ p: {step} }}\n"
    text, place = place_of(REPR + struct + "pub fn f() -> bool { core::btf::field_exists!(P, p.»y) }")
    line, column, message, _ = the_problem(text)
    assert (line, column) == place
    assert message.startswith("no field `y` on type `")


def test_a_query_is_not_const() -> None:
    text = REPR + "const A: bool = core::btf::field_exists!(Outer, pad);\npub fn f() {}"
    assert the_problem(text)[:3] == (6, 17, "`field_exists` is not const: the loader answers it")


@pytest.mark.parametrize("carrier", ["Outer", "crate::Outer", "self::Outer", "Self"])
def test_the_carrier_may_be_a_path(carrier: str) -> None:
    text = REPR + f"impl Outer {{ pub fn f() -> bool {{ core::btf::field_exists!({carrier}, pad) }} }}"
    assert problems(text) == []


# ---- gates and markers


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param("#[repr(Btf)]\nstruct A { a: u8 }", [(1, 8)], id="repr"),
        pytest.param("#[btf_relocatable]\nstruct A { a: u8 }", [(1, 1)], id="btf_relocatable"),
        pytest.param(
            "#[repr(C)]\nstruct A { a: u8 }\npub fn f() -> bool { core::btf::field_exists!(A, a) }",
            [(3, 22)],
            id="query",
        ),
        pytest.param(
            "#[repr(C)]\nstruct A { a: u8 }\npub fn f() -> bool { builtin # btf_field_exists(A, a) }",
            [(3, 22), (3, 22)],  # of the syntax, and of the query
            id="builtin",
        ),
    ],
)
def test_everything_is_behind_the_feature_gate(text: str, places: list[tuple[int, int]]) -> None:
    result = build(text)
    assert {item.code for item in result.diagnostics} == {"E0658"}
    assert [(line, column) for line, column, _ in problems(text)] == places
    assert problems(GATE + text) == []


@pytest.mark.parametrize(
    "item", ["enum E { A }", "fn f() {}", "trait T {}", "static S: u8 = 1;", "const C: u8 = 1;"]
)
@pytest.mark.parametrize("marker", ["#[repr(Btf)]", "#[btf_relocatable]"])
def test_markers_are_for_structs_and_unions(item: str, marker: str) -> None:
    found = problems(f"{GATE}{marker} {item}")
    assert found[0][:2] == (2, 1)
    assert "btf_relocatable` attribute cannot be used on" in found[0][2] or "struct or union" in found[0][2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#[repr(btf)] struct A { a: u8 }", "the current spelling is `#[repr(Btf)]`"),
        ("#[btf_preserve_access] struct A { a: u8 }", "write `#[repr(Btf)]`, or `#[btf_relocatable]`"),
        ("#[relocatable] #[repr(C)] struct A { a: u8 }", "write `#[repr(Btf)]`, or `#[btf_relocatable]`"),
        ("#![feature(relocatable_types)]", "the gate is now `#![feature(btf_relocations)]`"),
        (
            "#[repr(Btf)] struct A { a: u8 }\n"
            "pub fn f() -> usize { core::intrinsics::btf_field_byte_offset::<A>(0, 0) }",
            "write `core::btf::field_byte_offset!(A, field)`",
        ),
    ],
)
def test_older_spellings_are_told_the_current_one(text: str, words: str) -> None:
    assert words in the_problem(GATE + text)[3]


# ---- which dialect


def test_the_marker_decides_the_dialect() -> None:
    assert build(REPR).program.dialect == "repr"  # type: ignore[union-attr]
    assert build(OPTION).program.dialect == "option"  # type: ignore[union-attr]


def test_the_dialect_option_overrides_the_marker() -> None:
    call = "pub fn f() -> usize { core::btf::field_byte_size!(Outer, pad) }"
    assert problems(OPTION + call, dialect="repr") == []
    assert [message for *_, message in problems(REPR + call, dialect="option")] == ["mismatched types"]


def test_both_markers_in_one_file_are_refused_unless_a_dialect_is_given() -> None:
    text = GATE + "#[repr(Btf)] struct A { a: u8 }\n#[btf_relocatable] struct B { a: u8 }\npub fn f() {}"
    line, column, message, hint = the_problem(text)
    assert (line, column, message) == (
        3,
        1,
        "two dialects in one file: `#[repr(Btf)]` and `#[btf_relocatable]`",
    )
    assert "--dialect" in hint
    assert problems(text, dialect="option") == []


def test_a_file_without_a_marker_has_no_dialect_for_offset_and_size() -> None:
    text = GATE + "#[repr(C)] struct A { a: u8 }\npub fn f() -> usize { core::btf::field_byte_size!(A, a) }"
    line, column, message, hint = the_problem(text)
    assert (line, column) == (3, 23)
    assert "dialect of `field_byte_size!` is not clear" in message
    assert "--dialect" in hint
    assert problems(text, dialect="repr") == []


def test_a_wrong_dialect_is_hinted_at() -> None:
    call = "pub fn f() -> usize { core::btf::field_byte_size!(Outer, pad) }"
    assert "with `#[repr(Btf)]` a query gives the plain `usize`" in the_problem(OPTION + call)[3]
    call = "pub fn f() -> Option<usize> { Some(core::btf::field_byte_size!(Outer, pad)?) }"
    assert "with `#[btf_relocatable]` an Option" in the_problem(REPR + call)[3]


# ---- bans on marked types

WRAPPED = "#[repr(C)] pub struct Wrapper { inner: Inner, plain: u32 }\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("let x = o.»pad;", id="read"),
        pytest.param("o.»pad = 1;", id="write"),
        pytest.param("o.»pad += 1;", id="compound"),
        pytest.param("let x = &o.»pad;", id="borrow"),
        pytest.param("let x = &mut o.»pad;", id="borrow-mut"),
        pytest.param("let x = &raw const o.»pad;", id="address"),
        pytest.param("let x = (*o).»pad;", id="deref"),
        pytest.param("let x = o.»inner.y;", id="nested"),
        pytest.param("let p = o as *mut Outer; let x = unsafe { (*p).»pad };", id="raw-pointer"),
    ],
)
@pytest.mark.parametrize(("types", "marker"), [(REPR, "#[repr(Btf)]"), (OPTION, "#[btf_relocatable]")])
def test_fields_of_a_marked_type_are_not_accessed(types: str, marker: str, body: str) -> None:
    text, place = place_of(types + f"pub fn f(o: &mut Outer) {{ {body} }}")
    line, column, message, hint = the_problem(text)
    assert ((line, column), message) == (place, f"cannot access fields of a `{marker}` type directly")
    assert "core::btf::field_byte_offset!(Outer, " in hint


def test_the_ban_holds_in_the_type_s_own_impl() -> None:
    text, place = place_of(REPR + "impl Outer { pub fn f(&self) -> u32 { self.»pad } }")
    assert the_problem(text)[:2] == place


def test_an_unmarked_wrapper_is_fine_up_to_the_marked_field() -> None:
    fine = REPR + WRAPPED + "pub fn f(w: &Wrapper) -> *const Inner { &raw const w.inner }"
    assert problems(fine) == []
    text, place = place_of(REPR + WRAPPED + "pub fn f(w: &Wrapper) -> u64 { w.inner.»y }")
    line, column, message, _ = the_problem(text)
    assert (line, column) == place
    assert "cannot access fields" in message


@pytest.mark.parametrize("arguments", ["Inner, »y", "Outer, »inner.y", "Wrapper, »inner.y"])
def test_offset_of_is_refused_with_a_marked_type_on_the_path(arguments: str) -> None:
    text, place = place_of(REPR + WRAPPED + f"pub fn f() -> usize {{ core::mem::offset_of!({arguments}) }}")
    line, column, message, hint = the_problem(text)
    assert (line, column) == place
    assert message == "cannot use `offset_of!` with `#[repr(Btf)]` types"
    assert "field_byte_offset" in hint


def test_offset_of_an_unmarked_type_is_a_constant() -> None:
    text = WRAPPED.replace("Inner", "u64") + "pub fn f() -> usize { core::mem::offset_of!(Wrapper, plain) }"
    ir = build(text).ir
    assert ir is not None
    assert "ret i64 8" in ir


@pytest.mark.parametrize(
    "body",
    ["let x = Inner { x: 1, y: 2 };", "let x = core::mem::size_of::<Outer>();", "let p = o as *const Outer;"],
)
def test_what_upstream_does_not_forbid_is_allowed(body: str) -> None:
    # LANGUAGE.md 2.2: no ban on struct literals, size_of, moves.
    assert problems(REPR + f"pub fn f(o: &Outer) {{ {body} }}") == []
