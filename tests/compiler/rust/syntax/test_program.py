"""Conditional compilation, and modules in files of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.compile_file import compile_path
from btfview.compiler.compile import compile_source
from btfview.diagnostics import diagnostic_json, format_diagnostic
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import GATE, build, problems, relocation_globals


@pytest.mark.parametrize(
    "predicate",
    [
        'target_arch = "bpf"', 'all(target_pointer_width = "64", panic = "abort")', "not(test)",
        "any(unix, true)", 'target_endian = "little"',
        'not(feature = "x")', "all()", "not(any())", "not(debug_assertions)",
        'target_os = "none"',
    ],
)  # fmt: skip
def test_cfg_is_answered_for_bpf(predicate: str) -> None:
    text = (
        f"#[cfg({predicate})]\nfn g() -> u8 {{ 1 }}\n#[cfg(not({predicate}))]\nfn g() -> u8 {{ nothing }}\n"
    )
    assert problems(text + f"pub fn f() -> u8 {{ if cfg!({predicate}) {{ g() }} else {{ 2 }} }}") == []


def test_cfg_knows_the_byte_order_of_the_target() -> None:
    text = '#[cfg(target_endian = "big")]\npub fn f() {}\n#[cfg(target_endian = "little")]\npub fn g() {}\n'
    for endian, name in (("big", "f"), ("little", "g")):
        program = build(text, endian=endian).program
        assert program is not None
        assert [function.name for function in program.functions] == [name]


@pytest.mark.parametrize(
    "item",
    [
        "struct S { #[cfg(no)] a: Nothing, b: u8 } fn g() -> S { S { #[cfg(no)] a: 1, b: 2 } }",
        "struct S(#[cfg(no)] pub Nothing, u8); fn g() -> S { S(2) }",
        "enum E { #[cfg(no)] A = nothing, B } fn g() -> E { E::B }",
        "fn g(#[cfg(no)] a: Nothing, b: u8) -> u8 { b }",
        "fn g(a: u8) -> u8 { match a { #[cfg(no)] 0 => nothing, _ => 1 } }",
        "fn g() { #[cfg(no)] let x = nothing; #[cfg(no)] { nothing() } }",
        "#[inline] #[cfg(no)] #[cold] fn g() { nothing }",
        "mod a { #![cfg(no)] fn g() { nothing } }",
        "#[cfg(no)] use nothing::here;",
        "#[cfg_attr(no, nothing(here))] fn g() {}",
    ],
)
def test_what_cfg_leaves_out_is_not_looked_at(item: str) -> None:
    assert problems(f"#![allow(dead_code)]\n{item}\n") == []


def test_cfg_attr_gives_features_markers_and_sections() -> None:
    text = (
        '#![cfg_attr(target_arch = "bpf", no_std, feature(btf_relocations))]\n'
        '#[cfg_attr(target_arch = "bpf", btf_relocatable, repr(C))]\npub struct s { pub a: u32 }\n'
        '#[cfg_attr(target_arch = "bpf", unsafe(no_mangle), link_section = "xdp")]\n'
        'pub extern "C" fn f(_: *mut u8) -> u32 { core::btf::field_byte_offset!(s, a).unwrap_or(1) as u32 }\n'
    )
    assert relocation_globals(text) == {"llvm.s:2:1$0:0", "llvm.s:0:0$0:0"}
    program = build(text).program
    assert program is not None
    assert [function.section for function in program.functions] == ["xdp"]


# ---- files


def _write(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder / next(iter(files)))


def test_modules_are_read_where_rustc_looks_for_them(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        {
            "main.rs": "mod a;\nmod b;\n#[path = \"odd/c.rs\"]\nmod c;\nmod d { pub mod e; }\n"
            "pub fn f() -> u64 { a::g() + b::g() + b::i::g() + c::g() + d::e::g() }\n",
            "a.rs": "pub fn g() -> u64 { 1 }",
            "b/mod.rs": "pub mod i;\npub fn g() -> u64 { 2 }",
            "b/i.rs": "pub fn g() -> u64 { super::g() }",
            "odd/c.rs": "pub mod j;\npub fn g() -> u64 { j::g() }",
            "odd/j.rs": "pub fn g() -> u64 { 3 }",
            "d/e.rs": "pub fn g() -> u64 { 4 }",
        },
    )  # fmt: skip
    result = compile_path(path)
    assert result.diagnostics == ()
    assert [Path(module.path).relative_to(tmp_path).as_posix() for module in result.source.modules] == [
        "a.rs", "b/mod.rs", "odd/c.rs", "d/e.rs", "b/i.rs", "odd/j.rs",
    ]  # fmt: skip


def test_a_query_in_a_module_s_file_has_its_line_there(tmp_path: Path) -> None:
    marked = "#[repr(Btf)]\npub struct task { pub pid: i32 }\n"
    body = "pub fn g() -> bool {\n    core::btf::field_exists!(task, pid)\n}\n"
    path = _write(tmp_path, {"main.rs": GATE + "pub mod vmlinux;\n", "vmlinux.rs": marked + body})
    result = compile_path(path)
    assert result.object is not None
    assert result.ir is not None
    assert 'DIFile(filename: "vmlinux.rs"' in result.ir
    assert result.program is not None
    (query,) = result.program.queries
    assert (query.location.line, query.location.column) == (4, 5)
    assert result.source.text_at(query.span) == "core::btf::field_exists!(task, pid)"


def test_an_error_names_the_file_that_it_is_in(tmp_path: Path) -> None:
    path = _write(tmp_path, {"main.rs": "mod a;\n", "a.rs": "// a\npub fn g() -> u64 { nothing }\n"})
    result = compile_path(path)
    (error,) = result.diagnostics
    assert f"{tmp_path / 'a.rs'}:2:21" in format_diagnostic(error, result.source)
    assert "2 | pub fn g() -> u64 { nothing }" in format_diagnostic(error, result.source)
    spans = diagnostic_json(error, result.source)["spans"]
    assert isinstance(spans, list)
    assert (spans[0]["file_name"], spans[0]["line_start"], spans[0]["byte_start"]) == (
        str(tmp_path / "a.rs"),
        2,
        25,
    )


def test_levels_of_the_root_hold_in_files_of_modules(tmp_path: Path) -> None:
    path = _write(
        tmp_path, {"main.rs": "#![allow(dead_code)]\nmod a;\n", "a.rs": "fn h() {}\npub fn g() {}\n"}
    )
    assert compile_path(path).diagnostics == ()


@pytest.mark.parametrize(
    ("files", "code", "message"),
    [
        ({}, "E0583", "file not found for module `a`"),
        ({"a.rs": "", "a/mod.rs": ""}, "E0761", "file for module `a` found at both"),
    ],
)
def test_a_module_without_its_file_is_told(
    tmp_path: Path, files: dict[str, str], code: str, message: str
) -> None:
    result = compile_path(_write(tmp_path, {"main.rs": "mod a;\n", **files}))
    (error,) = result.diagnostics
    assert (error.code, error.span.start) == (code, 4)
    assert error.message.startswith(message)
    assert error.hint


def test_a_module_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = _write(tmp_path, {"main.rs": "mod a;\nmod b;\n"})
    (tmp_path / "a.rs").mkdir()
    (tmp_path / "b.rs").write_bytes(b"// \xff\n")
    found = compile_path(path).diagnostics
    assert ["is a directory" in found[0].message, "not UTF-8" in found[1].message] == [True, True]


def test_modules_that_bring_one_another_end(tmp_path: Path) -> None:
    path = _write(tmp_path, {"main.rs": '#[path = "a.rs"]\nmod a;\n', "a.rs": '#[path = "a.rs"]\nmod a;\n'})
    result = compile_path(path)
    assert [error.message for error in result.diagnostics] == ["there are too many modules in files"]


def test_a_source_without_a_file_has_no_modules_of_another_folder() -> None:
    result = compile_source(Source("no/such/folder/lib.rs", "mod a;\n"))
    assert [error.code for error in result.diagnostics] == ["E0583"]


def test_files_of_modules_are_watched_and_nothing_is_kept_of_them(tmp_path: Path) -> None:
    path = _write(
        tmp_path, {"main.rs": "mod a;\npub fn f() -> u64 { a::g() }\n", "a.rs": "pub fn g() -> u64 { 1 }"}
    )
    for text in ("pub fn g() -> u64 { 1 }", "pub fn g() -> u64 { nothing }"):
        (tmp_path / "a.rs").write_text(text)
        result = compile_path(path)
        assert result.headers == (str(tmp_path / "a.rs"),)
        assert not result.is_repeatable
