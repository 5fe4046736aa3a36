"""Text of LLVM that does not depend on addresses: of the same program, whatever else the process holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.steady import number_passthrough, steady_module
from btfview.source import Source, read_source
from tests.paths import DEMO

# Two relocations, met by the pass in the other order than they stand in the text.
MODULE = """\
@"llvm.t:0:8$0:1" = external global i32, !llvm.preserve.access.index !2 #0
@"llvm.s:0:0$0:0" = external global i32, !llvm.preserve.access.index !5 #0

define i32 @f() !dbg !9 {
  %a = load i32, ptr @"llvm.s:0:0$0:0", align 4, !dbg !7
  %b = tail call i32 @llvm.bpf.passthrough.i32.i32(i32 1, i32 %a)
  %c = load i32, ptr @"llvm.t:0:8$0:1", align 4
  %d = tail call i64 @llvm.bpf.passthrough.i64.i64(i32 0, i64 %c)
  ret i32 %b
}

; Function Attrs: nounwind
declare i64 @llvm.bpf.passthrough.i64.i64(i32, i64) #1

; Function Attrs: nounwind
declare i32 @llvm.bpf.passthrough.i32.i32(i32, i32) #1

!llvm.dbg.cu = !{!1}

!1 = !{!"a !5 in quotes \\22 !2"}
!2 = !{!9}
!5 = !{!1, i32 4}
!7 = !{}
!9 = !{!"f"}
"""
STEADY = """\
@"llvm.s:0:0$0:0" = external global i32, !llvm.preserve.access.index !0 #0
@"llvm.t:0:8$0:1" = external global i32, !llvm.preserve.access.index !1 #0

define i32 @f() !dbg !2 {
  %a = load i32, ptr @"llvm.s:0:0$0:0", align 4, !dbg !3
  %b = tail call i32 @llvm.bpf.passthrough.i32.i32(i32 0, i32 %a)
  %c = load i32, ptr @"llvm.t:0:8$0:1", align 4
  %d = tail call i64 @llvm.bpf.passthrough.i64.i64(i32 1, i64 %c)
  ret i32 %b
}

; Function Attrs: nounwind
declare i32 @llvm.bpf.passthrough.i32.i32(i32, i32) #1

; Function Attrs: nounwind
declare i64 @llvm.bpf.passthrough.i64.i64(i32, i64) #1

!llvm.dbg.cu = !{!4}

!0 = !{!4, i32 4}
!1 = !{!2}
!2 = !{!"f"}
!3 = !{}
!4 = !{!"a !5 in quotes \\22 !2"}
"""


def test_a_module_stands_in_the_order_of_its_first_uses() -> None:
    assert steady_module(MODULE) == STEADY
    assert steady_module(STEADY) == STEADY


def test_numbers_that_were_seen_stay_the_same() -> None:
    numbers: dict[str, int] = {}
    line = "  %{0} = call i32 @llvm.bpf.passthrough.i32.i32(i32 {0}, i32 %x)"
    found = [number_passthrough(line.format(number), numbers) for number in (9, 4, 9)]
    assert [re.findall(r"\(i32 (\d+),", text) for text in found] == [["0"], ["1"], ["0"]]


@pytest.mark.parametrize("name", ["task_state.rs", "file_open.rs"])
def test_a_program_reads_the_same_wherever_llvm_allocates(name: str) -> None:
    script = (
        "import sys; from btfview.compiler.compile import compile_source as make\n"
        "from btfview.source import read_source as read\n"
        "print(make(read(sys.argv[1]), emit=frozenset({'obj', 'ir-optimized'})).ir_optimized)"
    )
    texts = set()
    for count in (0, 14, 21):  # freed blocks of a size that glibc hands out first; 0 and 21 read differently
        environment = {**os.environ, "GLIBC_TUNABLES": f"glibc.malloc.tcache_count={count}"}
        command = [sys.executable, "-c", script, str(DEMO / name)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        texts.add(done.stdout)
    assert len(texts) == 1
    assert "@llvm.bpf.passthrough" in texts.pop()


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.rs")), ids=lambda path: path.name)
def test_the_steady_module_compiles_to_the_same_object(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("btfview.compiler.llvm.cold._steady", lambda text: text)
    written = compile_source(read_source(str(path)), emit=frozenset({"obj", "ir-optimized"})).ir_optimized
    assert written is not None
    steady = steady_module(written)
    assert steady != written
    objects = [compile_source(Source("again.ll", text)).object for text in (written, steady)]
    assert objects[0] is not None
    assert objects[0] == objects[1]


DECLARED = '@"llvm.s:0:0$0:0" = external global i32, !llvm.preserve.access.index !0\n'


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("!named = !{!7}\n!1 = !{}\n", "!named = !{!0}\n", id="node-that-is-nowhere"),
        pytest.param(f"{DECLARED}{DECLARED}", f"{DECLARED}{DECLARED}", id="declared-twice"),
    ],
)
def test_what_is_no_module_of_llvms_is_taken(text: str, read: str) -> None:
    """Found by the fuzzer: a KeyError, and a ValueError."""
    assert steady_module(text) == read
