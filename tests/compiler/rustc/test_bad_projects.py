"""Projects that do not build: told, with what to do, and nothing goes on running."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.compiler.compile import compile_project, compile_source
from btfview.compiler.llvm.warm import CompileCancelledError
from btfview.compiler.llvm.worker import Worker
from btfview.compiler.options import CompileOptions
from btfview.compiler.rustc.cargo.project import TIME_VARIABLE
from btfview.diagnostics import Diagnostic
from btfview.source import Source

pytestmark = pytest.mark.rustc
LIB = "#![no_std]\npub fn f() {}\n"
ONE = '#![no_std]\n#[unsafe(no_mangle)] pub extern "C" fn NAME() -> u64 { 1 }\n'


@pytest.fixture(autouse=True)
def _own_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARGO_TARGET_DIR", raising=False)


def project(folder: Path, *, build: str = "", lib: str = LIB, manifest: str = "") -> Path:
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").write_text(lib)
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "p"\nversion = "0.1.0"\nedition = "2024"\n{manifest}\n[workspace]\n'
    )
    if build:
        (folder / "build.rs").write_text(build)
    return folder


def first_error(folder: Path) -> Diagnostic:
    result = compile_project(str(folder))
    assert result.object is None
    return next(one for one in result.diagnostics if one.is_error)


def test_a_build_script_that_fails_is_told(tmp_path: Path) -> None:
    problem = first_error(project(tmp_path, build='fn main() { panic!("no luck"); }'))
    assert "custom build command" in problem.message
    assert any("no luck" in note for note in problem.notes)


def test_a_build_script_that_never_ends_is_stopped_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat = tmp_path / "beat"
    script = (
        'fn main() { loop { std::fs::write(BEAT, format!("{:?}", std::time::SystemTime::now())).unwrap();'
        " std::thread::sleep(std::time::Duration::from_millis(20)); } }"
    )
    monkeypatch.setenv(TIME_VARIABLE, "3")
    problem = first_error(project(tmp_path, build=script.replace("BEAT", f'r"{beat}"')))
    assert "did not finish within 3 s and was stopped" in problem.message
    last = beat.read_text() if beat.exists() else ""
    time.sleep(0.3)
    assert (beat.read_text() if beat.exists() else "") == last


def test_a_manifest_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text("[package\n")
    assert first_error(tmp_path).message.startswith("cargo: ")


def test_an_edition_that_rustc_does_not_know_is_told(tmp_path: Path) -> None:
    folder = project(tmp_path)
    text = (folder / "Cargo.toml").read_text().replace("2024", "2090")
    (folder / "Cargo.toml").write_text(text)
    problem = first_error(folder)
    assert "cargo: " in problem.message
    assert "2090" in " ".join((problem.message, *problem.notes))


def test_an_error_of_rustc_stands_at_its_place(tmp_path: Path) -> None:
    problem = first_error(project(tmp_path, lib="#![no_std]\npub fn f() -> u32 { true }\n"))
    assert (problem.code, problem.span.start) == ("E0308", LIB.index("pub") + len("pub fn f() -> u32 { "))


def test_what_a_project_was_is_not_taken_for_what_it_is(tmp_path: Path) -> None:
    """It is built as it was known while cargo is asked what it is now."""
    folder = project(
        tmp_path, lib='#![no_std]\n#[unsafe(no_mangle)] pub extern "C" fn before() -> u64 { 1 }\n'
    )
    programs = [compile_project(str(folder)).program for _ in range(2)]
    manifest = folder / "Cargo.toml"
    (folder / "src" / "other.rs").write_text(
        '#![no_std]\n#[unsafe(no_mangle)] pub extern "C" fn after() -> u64 { 2 }\n'
    )
    manifest.write_text(
        manifest.read_text().replace("[workspace]", '[lib]\npath = "src/other.rs"\n[workspace]')
    )
    programs += [compile_project(str(folder)).program for _ in range(2)]
    names = [[one.name for one in program.functions] for program in programs if program]
    assert names == [["before"], ["before"], ["after"], ["after"]]
    manifest.write_text("[package\n")
    problem = first_error(folder)
    assert problem.message.startswith("cargo: ")
    manifest.unlink()
    assert "cargo" in first_error(folder).message


NEVER_ENDS = (
    'fn main() { loop { std::fs::write(BEAT, format!("{:?}", std::time::SystemTime::now())).unwrap();'
    " std::thread::sleep(std::time::Duration::from_millis(20)); } }"
)


def test_a_build_that_is_cancelled_ends_with_all_that_it_started(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    folder = project(tmp_path, build=NEVER_ENDS.replace("BEAT", f'r"{beat}"'))
    ended: list[BaseException] = []

    def build(worker: Worker) -> None:
        try:
            compile_project(str(folder), worker=worker)
        except CompileCancelledError as error:
            ended.append(error)

    with Worker() as worker:
        thread = threading.Thread(target=build, args=(worker,))
        thread.start()
        deadline = time.monotonic() + 60
        while not beat.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        worker.cancel()
        thread.join(30)
    assert len(ended) == 1
    last = beat.read_text()
    time.sleep(0.3)
    assert beat.read_text() == last


def test_a_procedural_macro_that_panics_is_told_where_it_is_called(tmp_path: Path) -> None:
    macros = tmp_path / "macros"
    (macros / "src").mkdir(parents=True)
    (macros / "Cargo.toml").write_text(
        '[package]\nname = "macros"\nversion = "0.1.0"\nedition = "2024"\n'
        "[lib]\nproc-macro = true\n[workspace]\n"
    )
    (macros / "src" / "lib.rs").write_text(
        "#[proc_macro]\npub fn wrong(_: proc_macro::TokenStream) -> proc_macro::TokenStream "
        '{ panic!("no luck") }\n'
    )
    folder = tmp_path / "p"
    folder.mkdir()
    lib = "#![no_std]\nmacros::wrong!();\n"
    project(folder, lib=lib, manifest='[dependencies]\nmacros = { path = "../macros" }\n')
    problem = first_error(folder)
    assert problem.message == "proc macro panicked"
    assert problem.span.start == lib.index("macros::wrong")
    assert "no luck" in f"{problem.hint} {problem.notes}"


STD = "pub fn f(a: &mut [u64]) { let mut b = Vec::new(); b.push(a[0]); a[1] = b[0]; }\n"


@pytest.mark.parametrize("is_project", [False, True])
def test_what_needs_std_is_told_at_its_place(is_project: bool, tmp_path: Path) -> None:
    if is_project:
        problem = first_error(project(tmp_path, lib=STD))
    else:
        result = compile_source(Source("a.rs", STD), CompileOptions(frontend="rustc"))
        problem = next(one for one in result.diagnostics if one.is_error)
    assert problem.message == "this needs memory from a heap, as `std` and `alloc` do, and BPF has none"
    assert STD[problem.span.start : problem.span.end] == "push"
    assert problem.hint
    assert "#![no_std]" in problem.hint


def test_text_that_is_made_at_run_time_is_told_at_its_place() -> None:
    text = (
        "#![no_std]\nuse core::fmt::Write;\npub struct W;\nimpl Write for W {\n"
        "    fn write_str(&mut self, _: &str) -> core::fmt::Result { Ok(()) }\n}\n"
        'pub fn f(a: &u64) { let _ = write!(W, "{}", *a); }\n'
    )
    result = compile_source(Source("a.rs", text), CompileOptions(frontend="rustc"))
    problem = next(one for one in result.diagnostics if one.is_error)
    assert "makes text at run time" in problem.message
    assert result.source.location(problem.span.start).line == 7


def test_a_dependency_that_is_not_there_and_no_network_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CARGO_NET_OFFLINE", "true")
    folder = tmp_path / "p"
    folder.mkdir()
    problem = first_error(project(folder, manifest='[dependencies]\naya-ebpf = "0.1"\n'))
    assert problem.message.startswith("cargo: ")
    assert "aya-ebpf" in " ".join((problem.message, *problem.notes))
    assert problem.hint
    assert "cargo fetch" in problem.hint


def test_a_lock_file_of_a_newer_cargo_is_told(tmp_path: Path) -> None:
    folder = project(tmp_path)
    lock = "version = 99\n"
    (folder / "Cargo.lock").write_text(lock)
    problem = first_error(folder)
    said = " ".join((problem.message, *problem.notes))
    assert "lock file" in said
    assert problem.hint == "`cargo update`, or a newer cargo"
    assert (folder / "Cargo.lock").read_text() == lock


def test_a_lock_file_that_needs_to_change_is_told_where_it_must_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry that cannot be asked, and a lock file of another version of the same crate."""
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CARGO_NET_OFFLINE", "true")
    folder = tmp_path / "p"
    folder.mkdir()
    project(folder, manifest='[dependencies]\naya-ebpf = "=0.1.1"\n')
    source = "registry+https://github.com/rust-lang/crates.io-index"
    (folder / "Cargo.lock").write_text(
        f'version = 4\n[[package]]\nname = "aya-ebpf"\nversion = "0.1.0"\nsource = "{source}"\n'
        '[[package]]\nname = "p"\nversion = "0.1.0"\ndependencies = ["aya-ebpf"]\n'
    )
    problem = first_error(folder)
    assert problem.message.startswith("cargo: ")
    assert "aya-ebpf" in " ".join((problem.message, *problem.notes))
    assert problem.hint


def test_nothing_is_left_behind_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for text in (STD, LIB, "pub fn f() -> u32 { true }\n"):
        compile_source(Source("a.rs", text), CompileOptions(frontend="rustc"))
    folder = tmp_path / "p"
    folder.mkdir()
    first_error(project(folder, lib=STD))
    assert list(temporary.iterdir()) == []
    assert {one.name for one in folder.iterdir()} == {"src", "Cargo.toml", "Cargo.lock", "target"}


def test_bitcode_that_rustc_made_for_the_host_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "prog.rs").write_text(LIB)
    command = ["rustc", "--edition=2021", "--crate-type=lib", "-g", "--emit=llvm-bc", "prog.rs"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    [problem] = analyse(str(tmp_path / "prog.bc")).diagnostics
    assert problem.message == "the IR is for x86_64, not for BPF"
    assert problem.hint
    assert "`btfview compile prog.rs --frontend rustc`" in problem.hint
