"""A Cargo project is built only once the user has said so: its crates' code runs then."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.session.projects import is_known, project_of
from tests.tui.screen import SMALL, running

pytestmark = pytest.mark.rustc


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose build script leaves the file ``ran``."""
    monkeypatch.delenv("CARGO_TARGET_DIR", raising=False)
    folder = tmp_path / "prog"
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "prog"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n'
    )
    ran = folder / "ran"
    (folder / "build.rs").write_text(f'fn main() {{ std::fs::write(r"{ran}", "yes").unwrap(); }}\n')
    (folder / "src" / "lib.rs").write_text(
        "#![feature(btf_relocations)]\n#![no_std]\n#[repr(Btf)] pub struct task_struct { pub pid: i32 }\n"
        "pub fn there() -> bool { core::btf::field_exists!(task_struct, pid) }\n"
    )
    return folder


async def test_the_screen_asks_before_the_first_build_and_remembers(project: Path) -> None:
    async with running(size=SMALL) as driver:
        driver.workbench.start_work(str(project / "Cargo.toml"))
        await driver.until_text("Build it?")
        assert "build scripts" in driver.text
        await driver.press("n")
        await driver.until_text("Not built")
        assert not (project / "ran").exists()
        driver.workbench.start_work(str(project))
        await driver.until_text("Build it?")
        await driver.press("b")
        await driver.until(lambda: driver.workbench.session.good is not None, seconds=60)
        assert (project / "ran").exists()
        assert is_known(str(project_of(str(project))))
        good = driver.workbench.session.good
        (project / "build.rs").write_text('fn main() { panic!("no luck"); }\n')
        driver.workbench.start_work(is_forced=True)
        await driver.settled()
        assert "Build it?" not in driver.text
        assert driver.workbench.session.good is good  # what a build that fails leaves on show
        assert "no luck" in driver.text


def test_a_command_says_it_once(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_first in (True, False):
        assert main(["compile", str(project), "-o", str(project / "a.o")]) == 0
        said = capfd.readouterr().err
        assert (f"btfview: building {project} runs the build scripts" in said) == is_first
    monkeypatch.chdir(project)
    assert main(["check", "a.o", "-t", "6.1.0-56-amd64"]) == 0
    assert "build scripts" not in capfd.readouterr().err


def test_check_of_an_object_says_nothing(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.rs").write_text("#![no_std]\npub fn f() -> u64 { 1 }\n")
    assert main(["compile", str(tmp_path / "a.rs"), "-o", str(project / "a.o")]) == 0
    main(["check", str(project / "a.o"), "-t", "6.1.0-56-amd64"])
    assert "build" not in capfd.readouterr().err
    assert not (project / "ran").exists()
