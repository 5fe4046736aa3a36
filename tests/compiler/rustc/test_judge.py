"""The judge: for every program of ours both front ends give the same records, and the same results."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path
from typing import TypeAlias

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.compiler.c.clang import CLANG_VARIABLE
from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source
from tests.compiler.rust.run.functions import argument_pairs, bpf_text
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.conftest import why_no_crates, why_no_tools
from tests.paths import DEMO, RUST_CASES

PROGRAMS = [*sorted(DEMO.glob("*.rs")), Path(__file__).with_name("queries.rs")]
PROJECTS = ("fork_counter", "packet_filter", "file_guard")
TWINS = Path(__file__).parents[1] / "c" / "twins"
Record: TypeAlias = tuple[str, str, str, str, str]

pytestmark = pytest.mark.rustc


def records(path: Path, frontend: str) -> Counter[Record]:
    """Return program, kind, type, path and access string of each record that *frontend* makes of *path*."""
    analysis = analyse(str(path), (), CompileOptions(frontend=frontend))
    assert [item.message for item in analysis.diagnostics if item.is_error] == []
    assert analysis.compilation is not None
    assert analysis.compilation.frontend == frontend
    return _counted(analysis)


def records_in_c(name: str) -> Counter[Record]:
    """Return the same of the twin of *name* in C, which asks the same questions."""
    analysis = analyse(str(TWINS / f"{name}.c"))
    assert [item.message for item in analysis.diagnostics if item.is_error] == []
    return _counted(analysis)


def _counted(analysis: Analysis) -> Counter[Record]:
    return Counter(
        (one.program, one.relo.kind_label, one.local_type_name, one.path, one.relo.access_str)
        for one in analysis.relos
    )


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("shared_target")
def test_the_table_has_no_differences(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every program through two compilers: what the built-in front end takes through both front ends, the
    projects of ``demo/aya`` through rustc and, written in C, through clang."""
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    lines, differing = [f"{'program':24}{'built-in':>9}{'rustc':>7}{'clang':>7}  differences"], []

    def compare(name: str, ours: Counter[Record], theirs: Counter[Record], columns: str) -> None:
        only = [f"-{one}" for one in ours - theirs] + [f"+{one}" for one in theirs - ours]
        lines.append(f"{name:24}{columns}  {', '.join(only) or 'none'}")
        differing.extend(only)

    for path in PROGRAMS:
        ours, theirs = records(path, "builtin"), records(path, "rustc")
        compare(path.name, ours, theirs, f"{ours.total():9}{theirs.total():7}{'':7}")
    missing = why_no_tools(("clang-19",)) or why_no_crates()
    for name in PROJECTS if not missing else ():
        ours, theirs = records_in_c(name), records(DEMO / "aya" / name, "rustc")
        compare(name, ours, theirs, f"{'':9}{theirs.total():7}{ours.total():7}")
    with capsys.disabled():
        print("", *lines, *([f"{', '.join(PROJECTS)}: {missing}"] if missing else []), sep="\n")
    assert differing == []
    if missing:
        pytest.skip(f"the projects were not compared: {missing}")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_each_record_is_linked_to_its_query(path: Path) -> None:
    found = {}
    for frontend in ("builtin", "rustc"):
        analysis = analyse(str(path), (), CompileOptions(frontend=frontend))
        assert analysis.compilation is not None
        program = analysis.compilation.program
        assert program is not None
        found[frontend] = {
            (linked.path, linked.relo.kind_label): {program.queries[index].span for index in linked.queries}
            for linked in analysis.relos
        }
    assert found["rustc"] == found["builtin"]


UNBOUNDED = {
    "for_with_adapters", "items_in_functions", "const_fn", "enum_in_struct", "option_of_aggregates",
}  # fmt: skip
"""Programs whose index LLVM knows to be in bounds from what the verifier does not follow (``% 3``): it
drops the check. The built-in front end hides the index from LLVM."""


def accepted() -> tuple[list[str], str]:
    parts = (RUST_CASES / "accepted.txt").read_text().split("//// ")[1:]
    cases = {name.strip(): body for name, body in (part.split("\n", 1) for part in parts)}
    cases = {name: body for name, body in cases.items() if name not in UNBOUNDED}
    text = "".join(
        f"mod p_{name} {{\n{body.replace('fn run(', 'pub fn run(')}}}\n"
        f"fn {name}(a: u64, b: u64) -> u64 {{ p_{name}::run(a, b) }}\n"
        for name, body in cases.items()
    )
    return list(cases), text


@pytest.mark.kernel
def test_programs_give_the_same_results_in_the_kernel(tmp_path: Path) -> None:
    names, text = accepted()
    results: dict[str, dict[str, list[int]]] = {}
    for frontend in ("builtin", "rustc"):
        source = Source("functions.rs", "#![no_std]\n" + bpf_text(text, names))
        result = compile_source(source, CompileOptions(frontend=frontend), time_limit=300)  # a busy machine
        assert result.object is not None, result.diagnostics[:3]
        path = tmp_path / f"{frontend}.o"
        path.write_bytes(result.object)
        results[frontend] = {}
        with loaded(path) as pins:
            for name in names:
                program = Pinned(pins / f"run_{name}")
                contexts = (program.run(struct.pack("<3Q", a, b, 9))[1] for a, b in argument_pairs()[:60])
                results[frontend][name] = [struct.unpack("<3Q", context)[2] for context in contexts]
                program.close()
    assert results["rustc"] == results["builtin"]
