"""What a loader cannot parse or put together: policies end the load where libraries do, in their words."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.cli.main import main
from btfview.core_relo.loaders.names import AYA, CILIUM
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from tests.btf.build import LONG, UNSIGNED_INT, build_btf_bytes, struct
from tests.core_relo.loaders.differences import compile_program
from tests.core_relo.loaders.judging import difference, judged_lines
from tests.core_relo.loaders.refused import CASES, compile_cases

pytestmark = pytest.mark.debian_tool("clang-19")
JUDGE = pytest.mark.judge
KERNEL = build_btf_bytes(struct("account", size=16, owner=(LONG, 0), count=(LONG, 64)))


def end_of(loader: str, path: Path) -> str:
    """Return why a loader gives up an object; empty where it does not."""
    obj = read_object(path.read_bytes(), path=path.name)
    end = resolve_as(loader, obj, read_local_relos(obj), Btf(KERNEL)).end
    return end.reason if end else ""


@JUDGE
def test_loads_end_where_those_of_the_libraries_do(tmp_path: Path) -> None:
    objects = compile_cases(tmp_path)
    kernel = tmp_path / "kernel.btf"
    kernel.write_bytes(KERNEL)
    for loader in (AYA, CILIUM):
        lines = judged_lines(loader, objects.values(), str(kernel))
        for case in CASES:
            said = [
                line.get("load_error") or line.get("link_error") or ""
                for line in lines[str(objects[case.name])]
            ]
            library, policy = "".join(said[:1]), end_of(loader, objects[case.name])
            expected = case.ends.get(loader, "")
            assert bool(library) == bool(policy) == bool(expected), (loader, case.name, library, policy)
            assert library.startswith(expected), (loader, case.name, library)
            assert policy.startswith(expected), (loader, case.name, policy)


BITFIELD = struct("state", size=4, on=(UNSIGNED_INT, 3, 1))
READS_IT_WHOLE = """
struct state { unsigned on; } FROM_KERNEL;
SEC("raw_tp/x") int f(struct state **ctx) { return ctx[0]->on; }
"""


@JUDGE
def test_aya_falls_over_a_field_that_became_a_bitfield(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A finding about aya-obj 0.3.0: it takes the type of a field that has none (``unwrap``)."""
    compile_program(READS_IT_WHOLE, tmp_path)
    path, kernel = tmp_path / "prog.o", tmp_path / "kernel.btf"
    kernel.write_bytes(build_btf_bytes(BITFIELD))
    [(whole, record)] = judged_lines(AYA, [path], str(kernel)).values()
    assert whole["load_error"].startswith("panic: called `Option::unwrap()` on a `None` value")
    obj = read_object(path.read_bytes(), path=path.name)
    [result] = resolve_as(AYA, obj, read_local_relos(obj), Btf(kernel.read_bytes())).results
    assert difference(result, record) is None
    assert main(["relos", str(path), "-t", str(kernel), "--loader", "aya"]) == 1
    assert "aya panics: a field is a bitfield on one side only" in capsys.readouterr().out
