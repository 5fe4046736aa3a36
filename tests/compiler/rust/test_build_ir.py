"""The front end as a whole: what it says about a program, and that no text makes it fail."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import Program
from btfview.diagnostics import format_diagnostic
from btfview.source import Source, read_source
from tests.compiler.rust.front_end_helpers import GATE, build, problems
from tests.paths import DEMO, RUST_CASES

DEMOS = sorted((DEMO).glob("*.rs"))
CASES = sorted((RUST_CASES).glob("*.rs"))


def program_of(text: str) -> Program:
    result = build(text)
    assert result.program is not None, result.diagnostics
    return result.program


# ---- what is told about a program


def test_the_demo_s_program() -> None:
    program = program_of((DEMOS[0].parent / "sched.rs").read_text())
    assert [(item.name, item.marker, item.byte_size) for item in program.structs] == [
        ("load_weight", "repr(Btf)", 8),
        ("sched_entity", "repr(Btf)", 16),
        ("task_struct", "repr(Btf)", 16),
    ]
    assert [(item.symbol, item.name, item.section) for item in program.functions] == [
        ("sched_vruntime", "task_struct::sched_vruntime", None),
        ("sched_load_weight", "task_struct::sched_load_weight", None),
    ]
    assert [
        (item.index, item.kind, item.function, item.path, item.access_str) for item in program.queries
    ] == [
        (0, "field_exists", "sched_vruntime", "task_struct.se.vruntime", "0:0:1"),
        (1, "field_byte_offset", "sched_vruntime", "task_struct.se.vruntime", "0:0:1"),
        (2, "field_exists", "sched_load_weight", "task_struct.se.load.weight", "0:0:0:0"),
        (3, "field_byte_offset", "sched_load_weight", "task_struct.se.load.weight", "0:0:0:0"),
    ]


def test_fields_are_told_as_written_with_their_place() -> None:
    text = "#[repr(C)]\nstruct S<'a> {\n a: u8,\n pub r#type: [ u16; 1 + 2 ],\n c: Option<&'a u64>,\n}\n"
    (struct,) = program_of(text).structs
    fields = [(item.name, item.type_name, item.byte_offset, item.byte_size) for item in struct.fields]
    assert fields == [("a", "u8", 0, 1), ("type", "[ u16; 1 + 2 ]", 2, 6), ("c", "Option<&'a u64>", 8, 8)]
    assert [text[item.span.start : item.span.end] for item in struct.fields] == ["a", "r#type", "c"]


def test_symbols_are_identifiers_and_differ() -> None:
    text = (
        "struct A { a: u8 }\nstruct B { a: u8 }\n"
        "impl A { pub fn get() -> u8 { 1 } pub fn only() -> u8 { 2 } }\nimpl B { pub fn get() -> u8 { 3 } }\n"
        "pub fn get() -> u8 { A::get() + B::get() + A::only() }\npub fn A_get() -> u8 { 4 }\n"
    )
    assert [(item.name, item.symbol) for item in program_of(text).functions] == [
        ("A::get", "A_get_"), ("A::only", "only"), ("B::get", "B_get"), ("get", "get"), ("A_get", "A_get"),
    ]  # fmt: skip


def test_private_functions_that_nothing_calls_are_warned_about() -> None:
    text = GATE + (
        "#[repr(Btf)] struct A { a: u8 }\nfn unused() -> bool { core::btf::field_exists!(A, a) }\n"
        "fn used() -> bool { true }\npub fn f() -> bool { used() }\n"
    )
    result = build(text)
    assert [(item.severity, item.message, item.label) for item in result.diagnostics] == [
        ("warning", "function `unused` is never used", "it is dropped from the object, with its 1 query")
    ]
    assert result.ir is not None


def test_names_of_parameters_do_not_meet_those_of_the_ir() -> None:
    text = "pub fn start(start: u64, unused2: u8, _: u8, entry: Option<u8>) -> u64 { start + unused2 as u64 }"
    result = compile_source(Source("lib.rs", text))
    assert [item.message for item in result.diagnostics] == []


def test_the_address_of_a_mutable_static_is_safe_to_take() -> None:
    # rustc 1.95 accepts it outside unsafe, and wants unsafe for a read (E0133).
    assert problems("static mut A: u64 = 1; pub fn f() -> *const u64 { &raw const A }") == []
    assert problems("static mut A: u64 = 1; pub fn f() -> u64 { A }") != []


def test_items_are_found_in_any_order() -> None:
    text = "pub fn f(t: &T) -> u8 { g(t) + N as u8 }\nfn g(t: &T) -> u8 { t.a[N - 1] }\n"
    text += (
        "struct T { a: [u8; N], u: U }\nconst N: usize = M * 2;\nconst M: usize = 2;\nstruct U { b: u8 }\n"
    )
    assert problems(text) == []


def test_the_source_is_in_the_debug_info_so_that_line_info_quotes_it() -> None:
    # LLVM's BTF writer takes lines from DIFile's source, else it opens the file, which may have changed.
    result = compile_source(Source("nowhere/lib.rs", 'pub fn f() -> u32 { 1234 } // "quoted" ü\n'))
    assert result.object is not None
    assert b'pub fn f() -> u32 { 1234 } // "quoted" \xc3\xbc' in result.object


@pytest.mark.parametrize("endian", ["little", "big"])
def test_constants_have_the_byte_order_of_the_target(endian: str) -> None:
    text = 'pub static A: [u16; 2] = [0x1234, 2]; #[unsafe(link_section = "x")] pub static B: u8 = 1;'
    ir = build(text, endian=endian).ir
    assert ir is not None
    data = "4\\12\\02\\00" if endian == "little" else "\\124\\00\\02"
    assert f'@A = dso_local global [4 x i8] c"{data}", section ".rodata", align 2' in ir
    assert '@B = dso_local global [1 x i8] c"\\01", section "x", align 1' in ir
    assert ("bpfeb" in ir) == (endian == "big")


@pytest.mark.parametrize(("endian", "machine"), [("little", b"\x01"), ("big", b"\x02")])
def test_objects_have_the_byte_order_asked_for(endian: str, machine: bytes) -> None:
    result = compile_source(read_source(str(DEMOS[0])), CompileOptions(endian=endian))
    assert result.object is not None
    assert result.object[5:6] == machine  # elf.h: EI_DATA, ELFDATA2LSB 1, ELFDATA2MSB 2


# ---- no text makes it fail


def check(text: str) -> None:
    source = Source("lib.rs", text)
    result = build(text)
    for item in result.diagnostics:
        assert 0 <= item.span.start <= item.span.end <= len(text)
        assert format_diagnostic(item, source)
    has_errors = any(item.is_error for item in result.diagnostics)
    assert (result.ir is None) == (result.program is None) == has_errors


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.name)
def test_a_demo_cut_off_anywhere_gives_diagnostics_or_a_program(path: Path) -> None:
    text = path.read_text()
    for end in range(0, len(text), 7):
        check(text[:end])


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.name)
def test_a_mutated_program_gives_diagnostics_or_a_program(path: Path) -> None:
    numbers = random.Random(path.name)
    text = path.read_text()
    words = sorted(set(re.findall(r"\w+|[^\w\s]+", text)))
    odd = ["\0", "é", "\ud800", '"', "//", "/*", "{", "}", "(", "r#", "\r", "\ufeff", "'", 'b"', "\U0001d538"]
    for _ in range(150):
        mutated = text
        for _ in range(numbers.choice((1, 1, 2, 4))):
            places = list(re.finditer(r"\w+|[^\w\s]+", mutated))
            start, end = numbers.choice(places).span()
            put = numbers.choice(("", numbers.choice(words), numbers.choice(odd)))
            mutated = mutated[:start] + put + mutated[end:]
        check(mutated)


N = 3000
EXTREMES = {
    "parentheses": "pub fn f() -> u64 { " + "(" * N + "1" + ")" * N + " }",
    "blocks": "pub fn f() { " + "{" * N + "}" * N + " }",
    "sum": "pub fn f(x: u64) -> u64 { " + "x + " * N + "x }",
    "pointers": "pub fn f(x: " + "*const " * N + "u8) {}",
    "else-if": "pub fn f(x: u8) -> u8 { " + "if x == 1 { 1 } else " * N + "{ 2 } }",
    "match": "pub fn f(x: u8) -> u8 { " + "match x { 1 => " * 300 + "1" + ", _ => 2 }" * 300 + " }",
    "pattern": "pub fn f(x: Option<u8>) { match x { " + "Some(" * N + "x" + ")" * N + " => {} } }",
    "or-pattern": "pub fn f(x: u64) -> u8 { match x { " + "1 | " * N + "2 => 1, _ => 2 } }",
    "path": "pub fn f() { " + "a::" * N + "b }",
    "constants": "".join(f"const A{i}: u8 = A{i + 1};\n" for i in range(N)) + f"const A{N}: u8 = 1;",
    "structs": "".join(f"struct A{i} {{ a: A{i + 1} }}\n" for i in range(N)) + f"struct A{N} {{}}",
    "pointed-to": "".join(f"struct A{i} {{ a: *const A{i + 1} }}\n" for i in range(N))
    + f"struct A{N} {{}} pub fn f(a: &A0) {{}}",
    "calls": "".join(f"fn f{i}() {{ f{i + 1}() }}\n" for i in range(N)) + f"fn f{N}() {{}}",
    "digits": "pub fn f() -> u64 { " + "9" * 5000 + " }",
    "large-array": "static A: [u8; 4000000000] = [0; 4000000000];",
    "larger-array": "struct A { a: [[[u8; 100000]; 100000]; 100000] }",
    "empty": "",
    "byte-order-mark": "\ufeff#![no_std]\n",
    "shebang": "#!/usr/bin/env run\n#![no_std]\n",
    "crlf": "pub fn f() -> u8 {\r\n    1\r\n}\r\n",
}


@pytest.mark.parametrize("text", EXTREMES.values(), ids=EXTREMES)
def test_extreme_programs_give_diagnostics_or_a_program(text: str) -> None:
    check(text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_what_the_front_end_accepts_llvm_accepts(path: Path) -> None:
    text = "#![allow(unused)]\n" + path.read_text().replace("\nfn ", "\npub fn ")
    result = compile_source(Source(path.name, text), CompileOptions(cpu="v4"))
    assert [item.message for item in result.diagnostics if item.is_error] == []
    assert result.object is not None


def test_what_only_constants_call_gives_no_code_and_may_call_itself() -> None:
    text = "const fn f(n: u64) -> u64 { if n == 0 { 1 } else { n * f(n - 1) } } pub static A: u64 = f(5);"
    result = build(text)
    assert [item.message for item in result.diagnostics] == []
    assert result.ir is not None
    assert "@f(" not in result.ir
    assert '@A = dso_local global [8 x i8] c"x' in result.ir  # 5! is 120, the code of `x`


def test_a_constant_that_takes_too_long_or_goes_too_deep_is_told() -> None:
    """rustc tells both too (long_running_const_eval, E0080), later than we do."""
    (place,) = problems("const fn f() -> u64 { loop {} }\nconst A: u64 = f();")
    assert place == (2, 16, "constant evaluation is taking a long time")
    (place,) = problems("const fn f(n: u64) -> u64 { f(n + 1) }\nconst A: u64 = f(0);")
    assert place == (2, 16, "constant evaluation goes too deep")


def test_a_function_that_constants_and_dead_code_call_is_written() -> None:
    """Found by the fuzzer: the call stood in the IR, what it calls did not."""
    text = "const fn g(i: u32) -> u32 { i + 1 }\nstatic N: u32 = g(1);\nfn run(a: u32) -> u32 { N ^ g(a) }\n"
    result = compile_source(Source("lib.rs", text))
    assert {item.lint for item in result.diagnostics} == {"dead_code"}
    assert result.object is not None


def test_a_volatile_read_is_volatile_for_every_type() -> None:
    for kind in ("u8", "bool", "u64", "*const u8"):
        text = f"pub fn f(p: *const {kind}) -> {kind} {{ unsafe {{ p.read_volatile() }} }}"
        assert "load volatile" in (build(text).ir or ""), kind


@pytest.mark.parametrize("wrap", ["({},)", "({})", "Option<{}>", "Result<{}, {}>", "({}, u8)"])
def test_types_nested_deeply_are_measured_in_bounded_time(wrap: str) -> None:
    """Found by the fuzzer: each level asked for the size of the one inside it three times."""
    kind = "u32"
    for _ in range(10 if wrap.count("{}") > 1 else 28):
        kind = wrap.replace("{}", kind)
    result = build(f"struct S {{ a: {kind} }}\npub fn f(x: {kind}) {{ let s = S {{ a: x }}; }}")
    assert [item.message for item in result.diagnostics if item.is_error] == []
