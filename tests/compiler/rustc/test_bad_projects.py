"""Projects that do not build: told, with what to do, and nothing goes on running."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_project
from btfview.compiler.rustc.project import TIME_VARIABLE
from btfview.diagnostics import Diagnostic

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
