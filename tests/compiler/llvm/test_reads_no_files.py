"""LLVM opens no file that IR names, however it names it: its text must not land in the object."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.worker import Worker
from btfview.compiler.result import CompileResult
from btfview.source import Source
from tests.compiler.llvm.samples import query_ir

_IN_OPEN, _IN_NONBLOCK = 0x20, 0x800
SECRET = "the line that line records would show"
DIFILE = '!DIFile(filename: "pair.rs", directory: "/src")'


class Opens:
    """How often a file was opened since this was made (inotify)."""

    def __init__(self, path: Path) -> None:
        self._libc = ctypes.CDLL(None)
        self._descriptor = self._libc.inotify_init1(_IN_NONBLOCK)
        assert self._libc.inotify_add_watch(self._descriptor, os.fsencode(path), _IN_OPEN) > 0

    def happened(self) -> bool:
        try:
            return bool(os.read(self._descriptor, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with the same text on each of the lines that the IR's records name."""
    path = tmp_path / "secret.txt"
    path.write_text(f"{SECRET}\n" * 20)
    return path


def compile_ir(text: str, worker: Worker | None = None) -> CompileResult:
    return compile_source(Source("a.ll", text), worker=worker)


def escaped(name: str) -> str:
    return "".join(f"\\{byte:02X}" for byte in name.encode())


def spellings(path: Path) -> dict[str, str]:
    """Return nodes that all name *path*, as LLVM's lexer and BTF writer understand them."""
    return {
        "absolute": f'!DIFile(filename: "{path}", directory: "")',
        "in-its-folder": f'!DIFile(filename: "{path.name}", directory: "{path.parent}")',
        "through-dots": f'!DIFile(filename: "./x/../{path.name}", directory: "{path.parent}/.")',
        "escaped-path": f'!DIFile(filename: "{escaped(str(path))}", directory: "")',
        "escaped-node": f'!DI\\46ile(filename: "{path}", directory: "")',
        "with-a-comment": f'!DIFile ; (source: "x")\n  (filename: "{path}", directory: "")',
        "distinct": f'distinct !DIFile(filename: "{path}", directory: "")',
    }


@pytest.mark.parametrize("spelling", spellings(Path("/x")))
@pytest.mark.parametrize("is_warm", [False, True], ids=["cold", "warm"])
def test_a_file_that_debug_info_names_is_not_opened(spelling: str, is_warm: bool, secret: Path) -> None:
    (secret.parent / "x").mkdir()
    ir = query_ir().replace(DIFILE, spellings(secret)[spelling])
    opens = Opens(secret)
    worker = Worker() if is_warm else None
    try:
        result = compile_ir(ir, worker)
    finally:
        if worker:
            worker.close()
    assert not opens.happened()
    secret.read_text()
    assert opens.happened(), "an opening is seen"
    opens.close()
    assert result.object is not None
    assert SECRET.encode() not in result.object
    [line] = read_object(result.object, path="a.o").ext.line_infos
    assert (line.line, line.column, line.text) == (6, 5, "")
    assert Path(line.file).name == secret.name


def test_a_pipe_that_nobody_writes_to_is_no_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = compile_ir(query_ir().replace(DIFILE, f'!DIFile(filename: "{tmp_path}/pipe", directory: "")'))
    assert result.object is not None
    assert result.diagnostics == ()


def test_a_device_without_end_is_not_read(shared: Path) -> None:
    text = (shared / "cases" / "robust" / "zero.ll").read_text()
    result = compile_ir(text)
    assert result.object is not None
    assert {line.file for line in read_object(result.object, path="a.o").ext.line_infos} == {"/dev/zero"}


@pytest.mark.parametrize("directive", [".incbin", ".include"])
def test_the_assembler_reads_no_file(directive: str, secret: Path) -> None:
    ir = query_ir() + f'\nmodule asm "{directive} \\22{secret}\\22"\n'
    opens = Opens(secret)
    result = compile_ir(ir)
    assert not opens.happened()
    opens.close()
    assert result.has_errors
    assert SECRET.encode() not in (result.object or b"")


def test_the_text_of_the_source_that_is_given_stands_in_the_object() -> None:
    """A front end hands it over with the debug info."""
    text = "#[no_mangle]\npub fn two() -> u32 {\n    1 + 1\n}\n"
    result = compile_source(Source("nowhere/prog.rs", text))
    assert result.object is not None
    lines = read_object(result.object, path="prog.o").ext.line_infos
    assert {line.text.strip() for line in lines} <= {line.strip() for line in text.splitlines()}
    assert any(line.text for line in lines)
