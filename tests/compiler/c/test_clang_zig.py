"""C by ziglang's clang, on a machine that has the package (411 MB: neither CI nor a developer has to)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.compiler.c.clang import CLANG_VARIABLE
from tests.compiler.c.test_clang import TASK, compile_c


def test_zig_compiles_like_clang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ziglang", reason="needs the package ziglang (411 MB)")
    monkeypatch.delenv(CLANG_VARIABLE)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.setenv("TMPDIR", os.fspath(tmp_path))
    result = compile_c(TASK, "t.c", "ir", "asm", endian="big")
    assert result.object is not None
    assert b"return task->se.vruntime" in result.object
    assert "call i32 @llvm.bpf.preserve.field.info" in str(result.ir)
    assert [d.message for d in compile_c("int x = y;").diagnostics] == ["use of undeclared identifier 'y'"]
    assert os.listdir(tmp_path) == []
