"""``btfview minimize``: a file, a folder, an atlas; told apart, told of, and never over an input."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.resolve_on import Question
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.cli.arguments import open_fleet
from btfview.cli.main import main
from btfview.core_relo.compat import describe
from btfview.demands.kernel.kernel import Kernel
from btfview.minimal.make import Minimal, make_minimal
from btfview.targets.find import open_targets
from tests.btf.build import INT, LONG, Described, array, build_btf_bytes, enum, ptr, ref, struct, typedef
from tests.core_relo.rules import ENUM_VALUE, ID_TARGET, OFFSET
from tests.objects import Record, build_object

LOCAL = (struct("t___v1", size=8, b=(INT, 32)), enum("e", TWO=2))
SIZE = 24 + 16 + 24 + 20 + len(b"\0int\0t\0b\0e\0TWO\0")
"""Of a BTF that has the int, of t the member b, and of e one enumerator (bpf/btf.rst)."""
RECORDS = (Record(OFFSET, "t___v1", "0:0", 4), Record(ENUM_VALUE, "e", "0", 2))


def kernel(*, b_at: int = 64, more: tuple[Described, ...] = ()) -> bytes:
    counted = typedef("atomic_t", struct("", size=4, counter=(INT, 0)))
    t = struct(
        "t", size=64, a=(counted, 0), b=(INT, b_at), name=(array(INT, 4), 128), next=(ptr(ref("t")), 256)
    )
    return build_btf_bytes(LONG, t, enum("e", ONE=1, TWO=22, THREE=3), *more)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("prog.o").write_bytes(build_object(LOCAL, RECORDS))
    for folder, b_at in (("amd64", 64), ("arm64", 96)):
        os.makedirs(f"hub/{folder}")
        Path(f"hub/{folder}/6.1.btf").write_bytes(kernel(b_at=b_at))
    Path("hub/7.0.btf").write_bytes(kernel(more=(struct("u", size=8, x=(INT, 0)),)))
    return tmp_path


def values(target: str, capsys: pytest.CaptureFixture[str]) -> list[list[int | None]]:
    main(["relos", "prog.o", "-t", target, "--json", "--arch", "all"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["relocations"]
    return [[result["value"] for result in record["results"]] for record in found]


def test_one_kernel_is_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["minimize", "prog.o", "-t", "hub/7.0.btf", "-o", "small.btf"]) == 0
    assert capsys.readouterr().out == f"small.btf: 3 types, {SIZE} bytes, for 2 records of 1 object\n"
    small = Btf(Path("small.btf").read_bytes())
    kinds = [(small.kind(one), small.name(one)) for one in small.ids()]
    assert kinds == [(BtfKind.INT, "int"), (BtfKind.STRUCT, "t"), (BtfKind.ENUM, "e")]
    assert values("small.btf", capsys) == values("hub/7.0.btf", capsys) == [[8], [22]]


def test_several_kernels_are_a_folder_of_files_that_are_told_apart(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["minimize", "prog.o", "-t", "hub", "-o", "out"]) == 0
    said = f"out: 3 kernels, {SIZE} bytes each, {3 * SIZE} together, for 2 records of 1 object\n"
    assert capsys.readouterr().out == said
    files = sorted(str(path.relative_to("out")) for path in Path("out").rglob("*") if path.is_file())
    assert files == ["7.0.btf", "amd64/6.1.btf", "arm64/6.1.btf"]
    assert values("out", capsys) == values("hub", capsys)
    assert [one.name for one in open_fleet(["out"])[0]] == ["amd64/6.1", "arm64/6.1", "7.0"]


def test_several_processes_write_what_one_writes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("hub/5.9.btf").write_bytes(b"no BTF")
    assert main(["atlas", "build", "hub/7.0.btf", "hub/amd64/6.1.btf", "-o", "hub.atlas"]) == 0
    capsys.readouterr()
    said = []
    for jobs in ("1", "2"):
        words = ["minimize", "prog.o", "-t", "hub", "-t", "hub.atlas", "-o", "out", "--json", "-j", jobs]
        assert main(words) == 3
        files = {str(path): path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
        said.append((capsys.readouterr(), files))
        shutil.rmtree("out")
    assert said[0] == said[1]
    assert len(said[0][1]) == 5


def test_an_atlas_becomes_a_folder_or_an_atlas(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = build_btf_bytes(enum("e", TWO=7), base=Btf(Path("hub/7.0.btf").read_bytes()))
    Path("hub/7.0.module-m.btf").write_bytes(module)
    assert main(["atlas", "build", "hub", "-o", "fleet.atlas"]) == 0
    for _ in range(2):  # the second takes the place of the first
        assert main(["minimize", "prog.o", "-t", "fleet.atlas", "-o", "min.atlas"]) == 0
    assert main(["minimize", "prog.o", "-t", "fleet.atlas", "-o", "out"]) == 0
    capsys.readouterr()
    assert values("min.atlas", capsys) == values("out", capsys) == values("fleet.atlas", capsys)
    names = [one.name for one in open_targets("fleet.atlas")]
    assert names == ["amd64/6.1", "arm64/6.1", "7.0", "7.0+m"]
    assert {one.name for one in open_targets("min.atlas")} == {*names}
    assert sorted(os.listdir()) == ["fleet.atlas", "hub", "min.atlas", "out", "prog.o"]


def test_kernels_of_an_atlas_that_are_the_same_in_what_is_asked_are_asked_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["atlas", "build", "hub", "-o", "fleet.atlas"]) == 0
    made: list[str | None] = []

    def noting(asked: Sequence[Question], btf: Btf, kernels: Sequence[Kernel | None]) -> Minimal:
        made.append(btf.path)
        return make_minimal(asked, btf, kernels)

    monkeypatch.setattr("btfview.minimal.on_targets.make_minimal", noting)
    assert main(["minimize", "prog.o", "-t", "fleet.atlas", "-o", "out"]) == 0
    assert made == ["fleet.atlas:amd64/6.1", "fleet.atlas:arm64/6.1"]
    capsys.readouterr()
    assert values("out", capsys)[0] == [8, 12, 8]


def test_an_input_is_never_written_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in Path("hub").rglob("*.btf")}
    assert main(["minimize", "prog.o", "-t", "hub", "-o", "hub"]) == 2
    assert "is one of the files that are read" in capsys.readouterr().err
    assert main(["minimize", "prog.o", "-t", "hub/7.0.btf", "-o", "prog.o"]) == 2
    assert {path: path.read_bytes() for path in Path("hub").rglob("*.btf")} == before
    assert main(["atlas", "build", "hub", "-o", "fleet.atlas"]) == 0
    assert main(["minimize", "prog.o", "-t", "fleet.atlas", "-o", "./fleet.atlas"]) == 2


def test_what_cannot_be_read_is_told_and_the_rest_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("hub/6.5.btf").write_bytes(b"\x9f\xeb\x01\x00")
    assert main(["minimize", "prog.o", "-t", "hub", "-o", "out", "--json"]) == 3
    told = capsys.readouterr()
    targets = {one["name"]: one for one in json.loads(told.out)["targets"]}
    assert targets["6.5"]["output"] is None
    assert "too few for a BTF header" in targets["6.5"]["problem"]
    assert told.err.count("btfview: error: hub/6.5.btf:") == 1
    assert {name for name, one in targets.items() if one["output"]} == {"7.0", "amd64/6.1", "arm64/6.1"}
    assert main(["minimize", "prog.o", "hub/6.5.btf", "-t", "hub/7.0.btf", "-o", "none"]) == 3
    assert not Path("none").exists()  # without the second program it would be wrong


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["-t", "hub", "-o", "-"], "3 kernels do not go to stdout", id="many-to-stdout"),
        pytest.param(
            ["-t", "hub/7.0.btf", "-o", "-", "--json"], "would both go to stdout", id="json-to-stdout"
        ),
        pytest.param(["-o", "x", "--isolated"], "of which kernels?", id="no-target"),
    ],
)
def test_what_makes_no_sense_is_refused(
    options: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["minimize", "prog.o", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_kernel_whose_name_leads_elsewhere_is_no_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from btfview.atlas.write import AtlasWriter, Given

    with AtlasWriter("hostile.atlas") as writer:
        writer.add(Given("../../stolen", "x", 0, 0), Btf(kernel()))
        writer.add(Given("6.1", "x", 0, 0), Btf(kernel(b_at=96)))
    assert main(["minimize", "prog.o", "-t", "hostile.atlas", "-o", "a/b/c"]) == 3
    assert "'../../stolen' cannot be the name of a file; write an atlas" in capsys.readouterr().err
    assert not Path("a").exists()
    assert main(["minimize", "prog.o", "-t", "hostile.atlas", "-o", "min.atlas"]) == 0


def test_a_program_that_asks_for_an_id_is_told_that_it_is_another(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("prog.o").write_bytes(build_object(LOCAL, [Record(ID_TARGET, "t___v1", "0", 1)]))
    assert main(["minimize", "prog.o", "-t", "hub/7.0.btf", "-o", "small.btf"]) == 0
    assert "asks for the id of a type (bpf_core_type_id_kernel)" in capsys.readouterr().err
    small = Btf(Path("small.btf").read_bytes())
    ((value,),) = values("small.btf", capsys)
    assert value is not None
    assert describe(small, value) == "struct t"


def test_a_module_lies_in_the_same_file_as_its_kernel(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = build_btf_bytes(LONG, struct("t", size=16, a=(INT, 0), b=(INT, 96)))
    Path("k.btf").write_bytes(base)
    Path("m.btf").write_bytes(build_btf_bytes(enum("e", TWO=7), base=Btf(base)))
    assert main(["minimize", "prog.o", "-t", "k.btf+m.btf", "-o", "small.btf"]) == 0
    capsys.readouterr()
    assert values("small.btf", capsys) == values("k.btf+m.btf", capsys) == [[12], [7]]


def test_a_source_that_does_not_compile_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.rs").write_text("fn x( {")
    assert main(["minimize", "prog.o", "bad.rs", "-t", "hub/7.0.btf", "-o", "small.btf"]) == 4
    assert not Path("small.btf").exists()
