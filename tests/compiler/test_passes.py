"""LLVM pass by pass, held to what llc, opt's printers and the object say."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.steady import number_passthrough
from btfview.compiler.llvm.worker import Worker
from btfview.compiler.passes import FunctionTrace, read_passes, trace_passes
from btfview.compiler.result import CompileResult
from btfview.errors import CompilerError
from btfview.source import Source, read_source
from tests.paths import ROOT

DEMO = read_source(str(ROOT / "demo" / "sched.rs"))
C = """\
struct t { int a; int b; } __attribute__((preserve_access_index));
__attribute__((section("socket"))) int f(struct t *p) { return p->b; }
__attribute__((section("socket"))) int g(struct t *p) { return p->a; }
"""


@pytest.fixture(scope="module")
def demo() -> CompileResult:
    return compile_source(DEMO, emit=frozenset({"obj", "ir-optimized"}))


@pytest.fixture(scope="module")
def traces(demo: CompileResult) -> tuple[FunctionTrace, ...]:
    return trace_passes(demo)


def body(text: str, symbol: str) -> list[str]:
    """The instructions of a function in a module, without debug locations."""
    lines = text.split("\n")
    start = next(
        number for number, line in enumerate(lines) if line.startswith("define ") and f"@{symbol}(" in line
    )
    end = lines.index("}", start)
    shown = [line.partition(", !dbg ")[0] for line in lines[start + 1 : end] if line.startswith("  ")]
    numbers: dict[str, int] = {}  # those of passthrough calls begin anew in each function of a trace
    return [number_passthrough(line, numbers) for line in shown]


def test_every_function_is_traced_from_its_ir(demo: CompileResult, traces: tuple[FunctionTrace, ...]) -> None:
    assert [trace.symbol for trace in traces] == ["sched_vruntime", "sched_load_weight"]
    assert demo.ir is not None
    for trace in traces:
        written = [line for line in body(demo.ir, trace.symbol) if "preserve" in line]
        # LLVM prints types that the front end leaves to it; what is computed has the same names.
        shown = [line for line in trace.start if "preserve" in line]
        assert [line.split(" = ")[0] for line in shown] == [line.split(" = ")[0] for line in written]
        assert written


def test_the_relocation_pass_is_where_the_intrinsics_go(traces: tuple[FunctionTrace, ...]) -> None:
    for trace in traces:
        before = trace.start
        for step in trace.steps:
            had, has = (any(".preserve." in line for line in lines) for lines in (before, step.lines))
            if had and not has:
                assert (
                    step.name == "BPFAbstractMemberAccessPass"
                )  # llvm/lib/Target/BPF/BPFAbstractMemberAccess.cpp
                assert any('@"llvm.task_struct:2:1$' in line for line in step.lines)
                break
            before = step.lines
        else:
            pytest.fail(f"{trace.symbol}: no pass removed the intrinsics")


def test_the_last_ir_is_the_optimised_ir(demo: CompileResult, traces: tuple[FunctionTrace, ...]) -> None:
    assert demo.ir_optimized is not None
    for trace in traces:
        last = [step for step in trace.steps if not step.is_machine][-1]
        assert [line for line in last.lines if line.startswith("  ")] == body(demo.ir_optimized, trace.symbol)


def test_every_step_changes_something(traces: tuple[FunctionTrace, ...]) -> None:
    for trace in traces:
        stages = [trace.start, *(step.lines for step in trace.steps)]
        assert all(one != other for one, other in itertools.pairwise(stages))
        kinds = [step.is_machine for step in trace.steps]
        assert kinds == sorted(kinds)  # IR first, then machine instructions
        assert {step.name for step in trace.steps if step.is_machine} >= {
            "bpf-isel",
            "bpf-mi-simplify-patchable",
        }


def test_one_function_is_traced_alone_and_the_same(
    demo: CompileResult, traces: tuple[FunctionTrace, ...]
) -> None:
    (alone,) = trace_passes(demo, ["sched_load_weight"])
    assert (alone,) == traces[1:]


def test_a_warm_worker_traces_the_same_and_is_none_the_worse(
    demo: CompileResult, traces: tuple[FunctionTrace, ...]
) -> None:
    with Worker() as worker:
        assert trace_passes(demo, worker=worker) == traces
        assert compile_source(DEMO, worker=worker).object == demo.object
        alone = trace_passes(demo, ["sched_vruntime"], worker=worker)
        assert alone == traces[:1]


@pytest.mark.debian_tool("clang-19")
def test_c_is_traced_by_clang_which_prints_the_same_passes_itself(tmp_path: Path) -> None:
    result = compile_source(Source("a.c", C))
    (trace,) = trace_passes(result, ["f"])
    path = tmp_path / "a.c"
    path.write_text(C)
    command = ["clang-19", "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-c", "-o", "/dev/null", str(path)]
    ran = subprocess.run(
        [*command, "-mllvm", "-print-changed=quiet", "-mllvm", "-filter-print-funcs=f"],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = [line for line in ran.stderr.split("\n") if line.startswith("*** IR Dump After")]
    names = [line.split(" After ")[1].split(" on ")[0] for line in printed]
    ours = [step.name for step in trace.steps if not step.is_machine]
    remaining = iter(names)  # clang names a pass that changed no more than the numbers of attributes, too
    assert all(name in remaining for name in ours)
    assert "BPFAbstractMemberAccessPass" in names


@pytest.mark.parametrize("symbol", ["a,b", "a b", "", "x\ny"])
def test_a_name_that_llvm_cannot_pick_out_is_refused(demo: CompileResult, symbol: str) -> None:
    with pytest.raises(CompilerError, match="cannot pick out"):
        trace_passes(demo, [symbol])


def test_a_program_that_did_not_compile_has_no_passes() -> None:
    with pytest.raises(CompilerError, match="did not compile"):
        trace_passes(compile_source(Source("a.rs", "fn")))


def test_too_little_time_is_said(demo: CompileResult) -> None:
    with pytest.raises(CompilerError, match="more than 1e-06 s"):
        trace_passes(demo, time_limit=0.000001)


def test_a_function_that_is_inlined_away_ends_where_it_goes() -> None:
    text = """
#![feature(btf_relocations)]
#[repr(Btf)]
pub struct t { a: u64, b: u64 }
fn off() -> usize { core::btf::field_byte_offset!(t, b) }
pub fn one(p: usize) -> usize { p + off() }
"""
    traces = {one.symbol: one for one in trace_passes(compile_source(Source("a.rs", text)))}
    assert not any(step.is_machine for step in traces["off"].steps)
    assert any(step.is_machine for step in traces["one"].steps)
    inlined = [
        step.name for step in traces["one"].steps if any('@"llvm.t:0:8$0:1"' in line for line in step.lines)
    ]
    assert "Inline" in inlined[0]  # AlwaysInlinerPass or InlinerPass


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param("", id="nothing"),
        pytest.param("warning: x\n*** IR Dump After A on f ***\ndefine i32 @f(", id="cut-short"),
        pytest.param("*** IR Dump After A on f ***\n}\n}\n*** IR Dump At Start ***", id="out-of-order"),
    ],
)
def test_what_makes_no_sense_is_no_trace(printed: str) -> None:
    assert read_passes(printed) == ()
