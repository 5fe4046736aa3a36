"""An atlas gives what the kernels themselves give: for each object, kernel, record and demand.

Some objects and kernels here; ``BTFVIEW_WHOLE=1`` takes every object of the shared corpus and of Debian's
libbpf-tools, and every kernel and module of the shared folder (an hour on a busy machine).
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.by_loader import LoadedBy, find_problems_of, loaded_by_all
from btfview.analysis.findings.collect import find_problems, finding_hints, finding_json
from btfview.analysis.hint_finder import HintFinder
from btfview.analysis.result import Analysis
from btfview.analysis.shared_columns import still_agree
from btfview.atlas.needs_kernel import NeedsKernelError
from btfview.atlas.write import AtlasWriter
from btfview.bpf.embedded import find_embedded_objects
from btfview.cli.main import main
from btfview.core_relo.loaders.names import LOADERS
from btfview.demands.asked import Loading
from btfview.targets.find import open_targets
from btfview.targets.target import Target
from btfview.views.report import report_json
from btfview.views.verdicts import verdicts_json

IS_WHOLE = os.environ.get("BTFVIEW_WHOLE") == "1"
OBJECTS = ("k02_rename.v3.o", "k17_demo.v3.o", "k18_modules.v3.o")
KERNELS = ("6.1.0-56-amd64", "6.1.0-56-rt-amd64", "6.12.107+deb13-s390x")
"""The first with its modules; the second of the same series; the third of the other byte order."""
_TYPE_IDS = "type_id_target"


@pytest.fixture(scope="module")
def kernels(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the kernels."""
    if IS_WHOLE:
        return shared / "btf"
    folder = tmp_path_factory.mktemp("kernels")
    for file in (shared / "btf").iterdir():
        if file.name.startswith(tuple(f"{kernel}." for kernel in KERNELS)):
            (folder / file.name).symlink_to(file)
    return folder


@pytest.fixture(scope="module")
def atlas(kernels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("atlas") / "fleet.atlas"
    assert main(["atlas", "build", str(kernels), "-o", str(path)]) == 0
    with AtlasWriter(str(path)) as writer:
        writer.merge()
    return path


@pytest.fixture(scope="module")
def objects(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    corpus = sorted((shared / "corpus" / "obj").glob("*.o"))
    if not IS_WHOLE:
        return [path for path in corpus if path.name in OBJECTS]
    folder = tmp_path_factory.mktemp("tools")
    listed = subprocess.run(["dpkg", "-L", "libbpf-tools"], capture_output=True, text=True, check=True).stdout
    tools = [Path(line) for line in listed.splitlines() if line.startswith("/usr/sbin/")]
    found = []
    for tool in tools:
        if tool.is_file() and (carried := find_embedded_objects(tool.read_bytes())):
            (folder / f"{tool.name}.bpf.o").write_bytes(carried[0].data)
            found.append(folder / f"{tool.name}.bpf.o")
    assert found
    return corpus + found


def test_the_kernels_of_an_atlas_are_those_that_were_added(kernels: Path, atlas: Path) -> None:
    ours, theirs = open_targets(str(atlas)), open_targets(str(kernels))
    assert [target.name for target in ours] == [target.name for target in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert bytes(mine.btf.data) == bytes(other.btf.data), mine.name
        for target in (mine, other):
            if not target.modules:
                target.forget()


def test_an_atlas_gives_what_the_kernels_give(kernels: Path, atlas: Path, objects: list[Path]) -> None:
    ours, theirs = open_targets(str(atlas)), open_targets(str(kernels))
    pairs = records = demands = shared = loads = 0
    for path in objects:
        of_files = checked(path, theirs, is_shared=False)
        of_atlas = checked(path, ours, is_shared=True)
        mine = facts(*of_atlas)
        for part, told in facts(*of_files).items():
            assert mine[part] == told, (path.name, part)
        shared += sum(1 for one in of_atlas[0].shared if one is not None)
        pairs += len(ours)
        records += of_files[0].cell_count
        demands += sum(map(len, of_files[0].answers))
    for path in objects if IS_WHOLE else objects[:1]:
        by_files = loaded(path, theirs, is_shared=False)
        by_atlas = loaded(path, ours, is_shared=True)
        for load, other in zip(by_atlas.loads, by_files.loads, strict=True):
            assert loader_facts(load) == loader_facts(other), (path.name, load.loader)
            loads += load.analysis.cell_count
        assert by_atlas.findings == by_files.findings, path.name
    by_sharing = f"{shared} by shared answers"
    print(f"\n{pairs} pairs of object and kernel ({by_sharing}), {records} records, {demands} demands")
    print(f"{loads} records by {len(LOADERS)} loaders")
    assert shared


def checked(path: Path, targets: tuple[Target, ...], *, is_shared: bool) -> tuple[Analysis, HintFinder]:
    """Return what ``btfview check`` does."""
    while True:
        found = analyse(
            str(path), targets, skips_broken=True, checks_reads=True, loading=Loading(), is_shared=is_shared
        )
        finder = HintFinder(found)
        try:
            find_problems(found, finder=finder)
        except NeedsKernelError:
            is_shared = False
            continue
        if not found.shared or still_agree(found.shared, found.targets):
            return found, finder


@dataclass(frozen=True)
class Loaded:
    loads: tuple[LoadedBy, ...]
    findings: list[Any]


def loaded(path: Path, targets: tuple[Target, ...], *, is_shared: bool) -> Loaded:
    """Return what ``btfview check --loader all`` makes of it."""
    while True:
        analysis, finder = checked(path, targets, is_shared=is_shared)
        try:
            loads = loaded_by_all(analysis)
            found = find_problems_of(analysis, loads, finder=finder, loading=Loading())
        except NeedsKernelError:
            is_shared = False
            continue
        agreements = [
            not one.analysis.shared or still_agree(one.analysis.shared, one.analysis.targets) for one in loads
        ]
        if all(agreements):
            told = [finding_json(one, analysis, finding_hints(one, analysis, finder)) for one in found]
            return Loaded(loads, told)


def loader_facts(load: LoadedBy) -> list[Any]:
    """Return what a loader does with each record on each kernel; no ids of types."""
    rows = load.analysis.results
    return [
        [answer.end and (answer.end.where, answer.end.reason) for answer in load.answers],
        [
            [
                (one.outcome.status, one.outcome.value, one.outcome.reason, one.insn_after, one.reach)
                for one in row
            ]
            for row in rows
        ],
        [[load.analysis.state(row, at) for at in range(len(load.answers))] for row in range(len(rows))],
    ]


def facts(analysis: Analysis, finder: HintFinder) -> dict[str, Any]:
    """Return all that ``check --json`` and ``relos --json`` say, and the instructions as they are patched; of
    shared answers without the ids of types, which ``check`` does not tell."""
    report = report_json(analysis)
    report.pop("targets")
    for record in report["relocations"]:
        for result in record["results"]:
            if result["target_type"] and record["kind"] != _TYPE_IDS:
                result["target_type"].pop("id")
    return {
        "records": report,
        "code": [[result.insn_after for result in row] for row in analysis.results],
        "findings": [
            finding_json(one, analysis, finding_hints(one, analysis, finder))
            for one in find_problems(analysis, finder=finder)
        ],
        "verdicts": verdicts_json(analysis) if analysis.verdicts else [],
        "broken": [one.problem.rpartition(": ")[2] for one in analysis.broken_targets],
    }
