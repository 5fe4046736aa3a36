"""What LLVM says, as people read it: in time, and no more of it than they do."""

from __future__ import annotations

import time

import pytest

from btfview.analysis.instructions.ir_links import read_type_ids
from btfview.compiler.llvm.cold import LlvmAnswer
from btfview.compiler.llvm.ir_source import check_ir_source
from btfview.compiler.llvm.messages import CompiledText, read_llvm_messages, without_dag_node
from btfview.compiler.options import CompileOptions
from btfview.diagnostics import MAX_LENGTH, Diagnostic
from btfview.source import Source

_SOURCE = Source("a.ll", "define i64 @query() {\n  ret i64 0\n}\n")


def told(failure: str | None, message: str = "", stderr: str = "") -> tuple[Diagnostic, ...]:
    answer = LlvmAnswer(failure=failure, message=message, code=1, stderr=stderr)
    return read_llvm_messages(answer, CompiledText(_SOURCE, _SOURCE.text, None, True, 10.0))


@pytest.mark.parametrize(
    ("failure", "message", "stderr"),
    [
        pytest.param("parse", f"<string>:1:3: error: expected {'x' * 9000}", "", id="parse"),
        pytest.param("verify", "broken\n" + f"  ret {'x' * 9000}\n" * 5000, "", id="verifier"),
        pytest.param("exit", "", f"LLVM ERROR: Cannot select: {'x' * 9000}\n", id="fatal"),
        pytest.param("exit", "", "error: a.c:1:2: in function f i64 ()): bad\n" * 5000, id="many"),
        pytest.param(None, "", "what is this\n" * 5000, id="unexplained"),
    ],
)
def test_messages_are_bounded(failure: str | None, message: str, stderr: str) -> None:
    """Found by the fuzzer: a name of 9,000 characters stood in the message."""
    found = told(failure, message, stderr)
    assert 1 <= len(found) <= 101
    for one in found:
        assert len(one.message) <= MAX_LENGTH + 1
        assert len(one.notes) <= 20
        assert all(len(note) <= MAX_LENGTH + 1 for note in one.notes)
    if len(found) > 100:
        assert found[-1].message == "4,900 more messages of LLVM are not shown"


def test_an_architecture_of_any_length_is_cut() -> None:
    source = Source("a.ll", f'target triple = "{"y" * 5000}"\n')
    [problem] = check_ir_source(source, CompileOptions())
    assert len(problem.message) < 2 * MAX_LENGTH


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("t: x = w<" + ">, " * 20_000, id="selection-node"),
        pytest.param("t: x = w<" + "> 1:1:1 " * 20_000, id="places"),
    ],
)
def test_a_long_message_is_searched_once(text: str) -> None:
    """Of the first, a regular expression tried every pair of its brackets and commas."""
    started = time.process_time()
    assert without_dag_node(text) == text
    assert time.process_time() - started < 1  # 10 ms


def test_a_long_line_of_metadata_is_searched_once() -> None:
    """Found by the fuzzer: 3,000 words in one line took more than 2 s."""
    line = "!5 = " + "!DICompositeType(" * 10_000
    started = time.process_time()
    assert read_type_ids(['@"llvm.btf_type_id.0$6" = !llvm.preserve.access.index !5', line]) == {}
    assert time.process_time() - started < 1  # 1 ms
