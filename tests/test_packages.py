"""Without LLVM, tree-sitter and what else may be missing, objects are read, resolved, patched and shown."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from importlib.metadata import DistributionFinder
from pathlib import Path
from typing import Any

import pytest

from btfview.cli.main import main
from btfview.packages import PACKAGES, find_package
from tests.paths import DEMO, ROOT
from tests.tui.screen import running

KERNELS = ("5.10.0-46-amd64", "6.1.0-56-amd64")
HIDDEN = tuple(package for package in PACKAGES if package.name != "textual")


class Hiding:
    """A finder of modules that does not find those of packages, nor that they are installed."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        package = find_package(name)
        return None if package in HIDDEN else self._finder.find_spec(name, path, target)

    def find_distributions(self, context: DistributionFinder.Context) -> Any:
        if context.name in {package.name for package in HIDDEN}:
            return []
        find = getattr(self._finder, "find_distributions", None)
        return find(context) if find else []


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an object and an atlas, made while all packages are there."""
    folder = tmp_path_factory.mktemp("objects")
    assert main(["compile", str(DEMO / "renamed_field.rs"), "-o", str(folder / "prog.o")]) == 0
    assert main(["atlas", "build", KERNELS[0], "-o", str(folder / "there.atlas")]) == 0
    return folder


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    from btfview.compiler.rust.syntax import tree

    for name in [name for name in sys.modules if find_package(name) in HIDDEN]:
        monkeypatch.delitem(sys.modules, name)
    # What a test before has imported stands in its package, too.
    monkeypatch.delattr(sys.modules.get("backports"), "zstd", raising=False)
    monkeypatch.setattr(tree, "_parser", None)
    monkeypatch.setattr(tree, "_fragment_parser", None)
    monkeypatch.setattr(sys, "meta_path", [Hiding(finder) for finder in sys.meta_path])
    monkeypatch.delitem(sys.modules, "btfview.btf.wire", raising=False)  # holds construct
    for name in ("known", "numbering", "content_hash", "arrays", "hash_table", "strings"):  # hold numpy
        monkeypatch.delitem(sys.modules, f"btfview.atlas.{name}", raising=False)
    for package in HIDDEN:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(package.module)


def test_pyproject_asks_for_the_packages_that_are_known() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["atlas"]
    names = {re.split(r"[<>=; ]", line)[0] for line in asked}
    known = {package.name for package in PACKAGES}
    assert names - known <= {"backports.zstd"}  # from Python 3.14 on
    assert known <= names


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        pytest.param("relos prog.o {t}", 1, "✖ missing", id="relos"),
        pytest.param("check prog.o {t}", 1, "renamed_field.rs:38:18: error: task_struct.state", id="check"),
        pytest.param("explain prog.o --relo 1 {t}", 1, "is now task_struct.__state", id="explain"),
        pytest.param("patch prog.o -t 5.10.0-46-amd64 -o patched.o", 0, "3 of 3 relocations", id="patch"),
        pytest.param("disasm prog.o", 0, "exit", id="disasm"),
        pytest.param("demands prog.o {t}", 0, "", id="demands"),
        pytest.param("types 6.1.0-56-amd64 load_weight", 0, "inv_weight", id="types"),
        pytest.param("report prog.o {t} -o out.html", 0, "", id="report"),
        pytest.param("explain prog.o --relo 1 --bytes {t}", 1, "construct is not installed", id="bytes"),
        pytest.param("compile prog.rs -o new.o", 4, "pip install 'tree-sitter<", id="rust"),
        pytest.param("compile prog.ll -o new.o", 4, "pip install llvmlite", id="ir"),
        pytest.param("atlas build 6.1.0-56-amd64 -o a.atlas", 3, "pip install 'numpy<", id="numpy"),
        pytest.param("atlas verify there.atlas", 3, "pip install backports.zstd", id="zstd"),
    ],
)
def test_a_command_does_what_it_can(
    command: str,
    code: int,
    said: str,
    objects: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(objects)
    (objects / "prog.rs").write_text((DEMO / "renamed_field.rs").read_text())
    (objects / "prog.ll").write_text('define i32 @f() section "raw_tp/x" {\n  ret i32 0\n}\n')
    words = command.replace("{t}", " ".join(f"-t {kernel}" for kernel in KERNELS)).split()
    assert main(words) == code
    out, err = capsys.readouterr()
    assert said in out + err
    assert "Traceback" not in err


@pytest.mark.usefixtures("hidden")
def test_doctor_says_what_is_limited_and_the_one_command_that_adds_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for package in HIDDEN:
        assert f"! {package.name:<17} not installed: {package.missing}" in lines
        assert f" '{package.name}<" in lines[-1]
    assert lines[-1].startswith("what is not installed comes with: pip install 'llvmlite<")
    for name, sign in (("compiler", "!"), ("textual", "✔"), ("bundled kernels", "✔")):
        assert any(line.startswith(f"{sign} {name:<17} ") for line in lines)


@pytest.mark.usefixtures("hidden")
async def test_the_screen_shows_an_object(objects: Path) -> None:
    async with running(objects / "prog.o") as driver:
        await driver.until(lambda: any("✖ -" in line for line in driver.pane("offsets")))
