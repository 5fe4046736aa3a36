"""A rustc that is missing, has no toolchain, is too old or too new: told, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import CompileResult
from btfview.compiler.rustc.toolchain import RUSTC_VARIABLE
from btfview.source import Source

TRAIT = "pub trait T { fn f(&self) -> u64; }\n"


def compiled(frontend: str = "rustc") -> CompileResult:
    return compile_source(Source("a.rs", TRAIT), CompileOptions(frontend=frontend))


def program(folder: Path, text: str) -> str:
    path = folder / "rustc"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(
            "echo 'error: rustup could not choose a version of rustc to run' >&2; exit 1",
            "`rustup default stable` installs a toolchain",
            id="shim",
        ),
        pytest.param(
            "echo 'rustc 1.70.0'; echo 'release: 1.70.0'; echo 'host: x'; echo 'LLVM version: 16.0.2'",
            "rustc 1.70.0 is too old",
            id="old",
        ),
        pytest.param(
            "echo 'rustc 1.99.0'; echo 'release: 1.99.0'; echo 'host: x'; echo 'LLVM version: 23.1.0'",
            "LLVM 23",
            id="new",
        ),
        pytest.param("exit 3", "exit code 3", id="fails"),
    ],
)
def test_a_rustc_that_cannot_be_used_is_told(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUSTC_VARIABLE, program(tmp_path, script))
    [problem] = compiled().diagnostics
    assert problem.is_error
    assert said in f"{problem.message}; {problem.hint}"


def test_no_rustc_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUSTC_VARIABLE, "/no/such/rustc")
    [problem] = compiled().diagnostics
    assert problem.message == f"{RUSTC_VARIABLE} is '/no/such/rustc', and there is no such program"


def test_without_rustc_the_built_in_says_what_the_program_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUSTC_VARIABLE, "/no/such/rustc")
    problems = compiled("auto").diagnostics
    assert any("`btfview compile a.rs --frontend rustc`" in note for one in problems for note in one.notes)


@pytest.mark.rustc
def test_rustc_writes_nothing_where_btfview_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for a moment: two that run at once would take each other's files."""
    from btfview.compiler.rustc.toolchain import find_toolchain

    seen = tmp_path / "seen"
    real = find_toolchain().rustc
    shim = f'case "$*" in *llvm-ir*) echo "$*" > "{seen}";; esac; exec {real} "$@"'
    monkeypatch.setenv(RUSTC_VARIABLE, program(tmp_path, shim))
    assert compiled().object is not None
    words = seen.read_text().split()
    (out,) = (word.removeprefix("--out-dir=") for word in words if word.startswith("--out-dir="))
    (ir,) = (word.removeprefix("--emit=llvm-ir=") for word in words if word.startswith("--emit=llvm-ir="))
    assert Path(ir).parent == Path(out)
    assert not Path(out).exists()
