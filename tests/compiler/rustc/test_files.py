"""Programs of several files: records, diagnostics and functions stand in the file that they are of."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.compiler.options import CompileOptions
from btfview.session.watch import FileWatch

pytestmark = pytest.mark.rustc
KERNEL = """#[repr(Btf)] pub struct task_struct { pub pid: i32, pub tgid: i32 }
pub fn pid() -> bool { core::btf::field_exists!(task_struct, pid) }
"""
MAIN = """#![feature(btf_relocations)]
#![no_std]
mod kernel;
mod more { pub mod inner; }
#[path = "odd.rs"] mod other;
pub use kernel::pid;
pub fn tgid() -> bool { core::btf::field_exists!(kernel::task_struct, tgid) }
pub fn both() -> u64 { more::inner::g() + other::h() }
"""


@pytest.fixture(autouse=True)
def _own_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARGO_TARGET_DIR", raising=False)


def program(folder: Path, *, kernel: str = KERNEL) -> Path:
    (folder / "more").mkdir(parents=True)
    (folder / "main.rs").write_text(MAIN)
    (folder / "kernel.rs").write_text(kernel)
    (folder / "more" / "inner.rs").write_text("pub fn g() -> u64 { 4 }\n")
    (folder / "odd.rs").write_text("pub fn h() -> u64 { 5 }\n")
    return folder / "main.rs"


def places(analysis: Analysis) -> set[tuple[str, str, int]]:
    assert [one.message for one in analysis.diagnostics if one.is_error] == []
    found = set()
    for linked in analysis.relos:
        assert linked.place is not None
        found.add((linked.path, os.path.basename(linked.place.file), linked.place.line))
    return found


WANTED = {("task_struct.pid", "kernel.rs", 2), ("task_struct.tgid", "main.rs", 7)}


def test_modules_in_files_beside_are_read_as_rustc_looks_for_them(tmp_path: Path) -> None:
    path = program(tmp_path / "p")
    for frontend in ("builtin", "rustc"):
        assert places(analyse(str(path), (), CompileOptions(frontend=frontend))) == WANTED
    compilation = analyse(str(path), (), CompileOptions(frontend="rustc")).compilation
    assert compilation is not None
    assert {os.path.basename(one) for one in compilation.headers} == {"kernel.rs", "inner.rs", "odd.rs"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("pub fn wrong() -> u32 { true }", "E0308"),
        ("pub fn wrong(t: &task_struct) -> i32 { t.pid }", None),
        ("pub fn wrong() -> bool { core::btf::field_exists!(task_struct, gone) }", "E0609"),
        ("#[repr(Btf)] pub enum wrong { A }", "E0517"),
    ],
)
def test_what_is_wrong_in_a_module_stands_there(line: str, code: str | None, tmp_path: Path) -> None:
    path = program(tmp_path / "p", kernel=KERNEL + line + "\n")
    found = set()
    for frontend in ("builtin", "rustc"):
        analysis = analyse(str(path), (), CompileOptions(frontend=frontend))
        assert analysis.source is not None
        [problem] = [one for one in analysis.diagnostics if one.is_error]
        file, start = analysis.source.file_at(problem.span.start)
        found.add((os.path.basename(file.path), start, problem.code))
    [(file_name, start, given)] = found
    assert (file_name, given) == ("kernel.rs", code)
    assert start >= len(KERNEL)


def project(folder: Path, *, kernel: str = KERNEL) -> Path:
    """Return a project with a module in a file, and a crate beside it that asks, too."""
    src = folder / "prog" / "src"
    program(src, kernel=kernel)
    text = MAIN.replace("pub use", "pub use helper::more;\npub use").replace("mod more {", "mod more_ {")
    text = text.replace("more::inner::g()", "4")
    (src / "main.rs").rename(src / "lib.rs")
    (src / "lib.rs").write_text(text.replace("mod more_ { pub mod inner; }", ""))
    (folder / "prog" / "Cargo.toml").write_text(
        '[package]\nname = "prog"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n'
        '[dependencies]\nhelper = { path = "../helper" }\n'
    )
    (folder / "prog" / "build.rs").write_text("fn main() {}\n")
    (folder / "helper" / "src").mkdir(parents=True)
    (folder / "helper" / "Cargo.toml").write_text(
        '[package]\nname = "helper"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n'
    )
    (folder / "helper" / "src" / "lib.rs").write_text(
        "#![feature(btf_relocations)]\n#![no_std]\n#[repr(Btf)] pub struct file { f_flags: u32 }\n"
        "#[inline] pub fn more() -> bool { core::btf::field_exists!(file, f_flags) }\n"
    )
    return folder / "prog"


def test_a_project_s_queries_are_linked_to_the_files_that_they_stand_in(tmp_path: Path) -> None:
    folder = project(tmp_path)
    source = folder / "src" / "lib.rs"
    source.write_text(source.read_text() + "pub fn third() -> bool { more() }\n")
    analysis = analyse(str(folder))
    assert places(analysis) == {
        ("task_struct.pid", "kernel.rs", 2),
        ("task_struct.tgid", "lib.rs", 8),
        ("file.f_flags", "lib.rs", 4),
    }
    compilation = analysis.compilation
    assert compilation is not None
    watched = {os.path.relpath(one, tmp_path) for one in compilation.headers}
    assert watched >= {
        "prog/Cargo.toml", "prog/build.rs", "prog/src/lib.rs", "prog/src/kernel.rs", "prog/src/odd.rs",
        "helper/src/lib.rs", "helper/Cargo.toml",
    }  # fmt: skip


def test_a_change_of_any_file_of_a_project_is_noticed(tmp_path: Path) -> None:
    folder = project(tmp_path, kernel=KERNEL + "pub fn wrong() -> u32 { true }\n")
    old = time.time_ns() - 10**10
    for path in folder.rglob("*"):
        os.utime(path, ns=(old, old))
    watch = FileWatch(str(folder))
    compilation = analyse(str(folder)).compilation
    assert compilation is not None
    assert compilation.has_errors
    watch.include(compilation.headers)
    assert [watch.poll() for _ in range(3)] == [None] * 3
    for name in ("Cargo.toml", "build.rs", "src/kernel.rs"):
        os.utime(folder / name)
        assert any(watch.poll() is not None for _ in range(2)), name
