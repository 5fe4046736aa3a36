"""Kfuncs and variables of the kernel through rustc: in ``.ksyms`` with their types, as the built-in front end
puts them there, and taken by the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.btf.format.spelling import format_type
from btfview.btf.types import Datasec, Func, Var
from btfview.compiler.compile import compile_project, compile_source
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import CompileResult
from btfview.source import Source
from tests.compiler.rust.run.run_bpf import loaded

pytestmark = pytest.mark.rustc
HEAD = "#![no_std]\n#[repr(C)] pub struct task_struct { pid: i32 }\n"
BLOCK = """unsafe extern "C" {
    fn bpf_task_from_pid(pid: i32) -> *mut task_struct; // of the newest tasks
    fn bpf_task_release(task: *mut task_struct);
    safe fn bpf_ktime_get_ns() -> u64;
    static bpf_prog_active: i32;
    static never_named: i32;
    fn never_called();
    #[cfg(target_arch = "x86_64")] fn on_the_host(a: not_there);
    #[link_section = ".kconfig"] static LINUX_KERNEL_VERSION: u32;
}
"""
PROGRAM = """#[unsafe(link_section = "license")] #[unsafe(no_mangle)]
pub static LICENSE: [u8; 4] = *b"GPL\\0";
#[unsafe(link_section = "tp_btf/task_newtask")] #[unsafe(no_mangle)]
pub extern "C" fn seen(_ctx: *const u64) -> i32 {
    let task = unsafe { bpf_task_from_pid(1) };
    if !task.is_null() { unsafe { bpf_task_release(task) } }
    let active = &raw const bpf_prog_active;
    let version = unsafe { core::ptr::read_volatile(&raw const LINUX_KERNEL_VERSION) };
    ((active as u64 >> 4) + bpf_ktime_get_ns() + version as u64) as i32
}
"""
SECTIONS = {
    ".ksyms": {"bpf_task_from_pid", "bpf_task_release", "bpf_prog_active"},
    ".kconfig": {"LINUX_KERNEL_VERSION"},
}


def sections(result: CompileResult) -> dict[str, set[str]]:
    assert result.object is not None, result.diagnostics
    btf = read_object(result.object, path="a.o").btf
    found: dict[str, set[str]] = {}
    for one in map(btf.type, btf.ids()):
        if isinstance(one, Datasec) and one.name in SECTIONS:
            parts = [btf.type(part.type_id) for part in one.variables]
            assert all(isinstance(part, Func | Var) for part in parts)
            found[one.name] = {part.name for part in parts if isinstance(part, Func | Var)}
    return found


def in_c(result: CompileResult) -> set[str]:
    """Return the declarations of what is the kernel's, as C."""
    assert result.object is not None
    btf = read_object(result.object, path="a.o").btf
    found = set()
    for number in btf.ids():
        one = btf.type(number)
        if isinstance(one, Func | Var) and one.name.startswith(("bpf_", "LINUX")):
            found.add(f"{one.name}: {format_type(btf, one.type_id)}")
    return found


def test_both_front_ends_declare_the_same_types() -> None:
    source = Source("a.rs", HEAD + BLOCK + PROGRAM)
    ours, theirs = (compile_source(source, CompileOptions(frontend=one)) for one in ("builtin", "rustc"))
    assert sections(theirs) == sections(ours) == SECTIONS
    assert in_c(theirs) == in_c(ours)
    assert len(in_c(ours)) == 4


@pytest.mark.kernel
def test_the_kernel_takes_them(tmp_path: Path) -> None:
    """The functions: variables with BTF are those of each CPU, of which Linux 6.18 here has no address."""
    program = PROGRAM.replace("&raw const bpf_prog_active", "64")
    result = compile_source(Source("a.rs", HEAD + BLOCK + program), CompileOptions(frontend="rustc"))
    assert result.object is not None
    (tmp_path / "a.o").write_bytes(result.object)
    with loaded(tmp_path / "a.o") as pins:
        assert [pin.name for pin in pins.iterdir()] == ["seen"]


def test_a_crate_declares_them_for_the_program(tmp_path: Path) -> None:
    """What the crate has inlined into the program is called there, and described here."""
    for name, text, more in (
        ("kernel", BLOCK.replace("fn bpf", "pub fn bpf").replace("static bpf", "pub static bpf"), ""),
        ("prog", PROGRAM, '[dependencies]\nkernel = { path = "../kernel" }\n'),
    ):
        source = tmp_path / name / "src"
        source.mkdir(parents=True)
        helper = "#[inline] pub fn first() -> *mut task_struct { unsafe { bpf_task_from_pid(1) } }\n"
        head = HEAD + helper if name == "kernel" else "#![no_std]\nuse kernel::*;\n"
        program = text.replace("unsafe { bpf_task_from_pid(1) }", "first()")
        program = program.replace("read_volatile(&raw const LINUX_KERNEL_VERSION)", "read_volatile(&1u32)")
        (source / "lib.rs").write_text(head + (text if name == "kernel" else program))
        (tmp_path / name / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n{more}\n[workspace]\n'
        )
    kernel = tmp_path / "kernel" / "src" / "lib.rs"
    kernel.write_text(
        kernel.read_text().replace("safe fn bpf_kt", "pub safe fn bpf_kt").replace("safe pub", "pub safe")
    )
    result = compile_project(str(tmp_path / "prog"))
    assert sections(result) == {".ksyms": SECTIONS[".ksyms"]}


def test_an_error_in_a_declaration_is_told_once() -> None:
    text = '#![no_std]\nunsafe extern "C" { fn bpf_other(a: gone); }\n'
    [problem] = compile_source(Source("a.rs", text), CompileOptions(frontend="rustc")).diagnostics
    assert (problem.code, problem.span.start) == ("E0425", text.index("gone"))


def test_what_nothing_defines_is_told() -> None:
    text = HEAD + 'macro_rules! k { ($n:ident) => { unsafe extern "C" { static $n: u32; } } }\nk!(some);\n'
    text += (
        "pub fn f(at: &mut u32) { *at = unsafe { some }; g(at) }\n#[inline(never)] pub fn g(_: &mut u32) {}\n"
    )
    [problem] = compile_source(Source("a.rs", text), CompileOptions(frontend="rustc")).diagnostics
    assert problem.message == "nothing defines `some`"
