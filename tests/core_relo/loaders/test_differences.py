"""The six differences of ``docs/loaders.md``: policies, libraries and the document say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.cli.main import main
from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF, LOADERS, OLD_LIBBPF
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from btfview.views.loaders import answer_word
from tests.core_relo.loaders.differences import (
    DIFFERENCES,
    DOCUMENT,
    HEAD,
    Difference,
    compile_program,
    kernel_bytes,
    programs,
)
from tests.core_relo.loaders.judging import difference as difference_from_judge
from tests.core_relo.loaders.judging import judged_lines

EACH = pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for case in DIFFERENCES])
CLANG = pytest.mark.debian_tool("clang-19")


def results_of(loader: str, obj: bytes, case: Difference) -> tuple[ReloResult, ...]:
    read = read_object(obj, path="prog.o")
    return resolve_as(loader, read, read_local_relos(read), Btf(kernel_bytes(case))).results


@CLANG
@EACH
def test_each_loader_answers_as_the_document_says(case: Difference, tmp_path: Path) -> None:
    obj = compile_program(programs()[case.title], tmp_path)
    read = read_object(obj, path="prog.o")
    relos = read_local_relos(read)
    for loader in LOADERS:
        named = LIBBPF if loader == OLD_LIBBPF else loader
        answer = resolve_as(loader, read, relos, Btf(kernel_bytes(case)))
        assert tuple(map(answer_word, answer.results)) == case.answers[named], loader
        assert (answer.end is not None) == (named in case.ends), loader


@EACH
def test_the_document_has_the_answers(case: Difference) -> None:
    text = DOCUMENT.read_text()
    part = text.partition(f"## {case.title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")][2:]
    words = {"ends the load": "ends"}
    shown = [[words.get(cell, cell) for cell in row][-3:] for row in rows]
    expected = [[case.answers[loader][row] for loader in (LIBBPF, CILIUM, AYA)] for row in range(len(shown))]
    assert shown == expected
    assert HEAD in text


@CLANG
@pytest.mark.judge
@pytest.mark.timeout(600)
def test_the_libraries_answer_as_the_document_says(tmp_path: Path) -> None:
    for case in DIFFERENCES:
        obj = compile_program(programs()[case.title], tmp_path)
        kernel = tmp_path / "kernel.btf"
        kernel.write_bytes(kernel_bytes(case))
        for loader in (AYA, CILIUM):
            [lines] = judged_lines(loader, [tmp_path / "prog.o"], str(kernel)).values()
            answers = [line for line in lines if "code" in line or "error" in line]
            found = results_of(loader, obj, case)
            for result, line in zip(found, answers, strict=True):
                assert difference_from_judge(result, line) is None, f"{case.title}, {loader}"


@CLANG
def test_two_structs_of_one_name_are_told_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = DIFFERENCES[-1]
    compile_program(programs()[case.title], tmp_path)
    for name in ("kernel.btf", "again.btf"):
        (tmp_path / name).write_bytes(kernel_bytes(case))

    def run(command: str, *more: str, loader: str = "all") -> str:
        obj, kernel = str(tmp_path / "prog.o"), str(tmp_path / "kernel.btf")
        assert main([command, obj, "-t", kernel, *more, "--loader", loader]) == 1
        return capsys.readouterr().out

    relos = [line.split() for line in run("relos").splitlines() if "job." in line and line.startswith("  #")]
    assert relos[-2:] == [
        ["#0", "job.cost", "4", "4", "ends", "4"],
        ["#1", "job.user", "poison", "poison", "ends", "16"],
    ]
    # Kernels that say the same are told once.
    both = ("-t", str(tmp_path / "again.btf"))
    assert run("relos", *both).count("Loaders differ on 2 of 2 records on all 2 targets:") == 1
    assert (
        run("relos", *both, loader="cilium").count("cilium/ebpf 0.22.0 ends the load on all 2 targets ") == 1
    )
    explained = run("explain")
    assert "aya-obj 0.3.0: writes 16" in explained
    assert "cilium/ebpf 0.22.0: ends the load" in explained
    assert "libbpf 1.7.0, libbpf 1.1.2: poisons the instruction" in explained
    checked = run("check")
    assert "with libbpf, libbpf-1.1: job.user (field_byte_offset) is missing on kernel" in checked
    assert "with cilium: job.user (field_byte_offset) is ambiguous on kernel" in checked
    mixed = "one pointer is read by two layouts on kernel: job.user (#1) is 16 of struct job [4]"
    assert f"with aya: {mixed}" in checked
    assert mixed in run("relos")
    assert "⇄ loaders differ:" in page(tmp_path, "all")
    by_aya = page(tmp_path, "aya")
    assert "By the rules of aya-obj 0.3.0." in by_aya
    assert "one pointer is read by two layouts" in by_aya
    assert "loaders differ" not in by_aya


def page(folder: Path, loader: str) -> str:
    """Return the page of ``report`` by a loader."""
    out = folder / f"{loader}.html"
    inputs = [str(folder / "prog.o"), "-t", str(folder / "kernel.btf")]
    assert main(["report", *inputs, "--loader", loader, "-o", str(out)]) == 0
    return out.read_text()


WEAK_MAP = """
struct { int (*type)[1]; int (*max_entries)[1]; } counts __attribute__((section(".maps"), weak));
static void *(*const lookup)(void *map, const void *key) = (void *)1;
SEC("raw_tp/x") int use(void *ctx) { int key = 0; return lookup(&counts, &key) != 0; }
"""


@CLANG
@pytest.mark.judge
@pytest.mark.timeout(600)
def test_a_weak_map_is_not_taken_by_cilium(tmp_path: Path) -> None:
    obj = read_object(compile_program(WEAK_MAP, tmp_path), path="prog.o")
    ends = {loader: resolve_as(loader, obj, (), Btf(kernel_bytes(DIFFERENCES[0]))).end for loader in LOADERS}
    assert [loader for loader, end in ends.items() if end] == [CILIUM]
    (tmp_path / "kernel.btf").write_bytes(kernel_bytes(DIFFERENCES[0]))
    [[line]] = judged_lines(CILIUM, [tmp_path / "prog.o"], str(tmp_path / "kernel.btf")).values()
    assert 'map "counts": unsupported binding: STB_WEAK' in line["load_error"]
    end = ends[CILIUM]
    assert end is not None
    assert 'map "counts": unsupported binding: STB_WEAK' in end.reason
