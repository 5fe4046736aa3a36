"""The policies against the libraries themselves: every record of every pair of the shared corpus.

An instruction must be patched or poisoned byte for byte as the library does it, a record refused where the
library stops, and the load end where it ends. ``-s`` shows the counts.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from btfview.bpf.insn import INSN_SIZE
from btfview.bpf.object import BpfObject, read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.cilium.programs import why_not_parsed
from btfview.core_relo.loaders.cilium.resolve import resolve_programs
from btfview.core_relo.loaders.names import AYA, CILIUM, title
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from tests.core_relo.test_installed_programs import objects
from tests.judges.build import build_aya, build_cilium

pytestmark = [pytest.mark.shared, pytest.mark.judge, pytest.mark.timeout(600)]


def pairs_of(shared: Path) -> dict[str, list[str]]:
    """Return the kernels that each object of the corpus goes with."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((shared / "corpus" / "truth").glob("*.json")):
        pair = json.loads(path.read_text())
        found[pair["object"]].append(pair["target"])
    return found


class Targets:
    """Kernels and synthetic targets of the corpus, as files and read."""

    def __init__(self, shared: Path, kernel_btf: Callable[[str], Path]) -> None:
        self._small = shared / "corpus" / "targets"
        self._kernel_btf = kernel_btf
        self._read: dict[str, Btf] = {}

    def paths(self, name: str) -> list[Path]:
        """Return the file of the kernel, and of the module on top of it where the name has one."""
        small = self._small / f"{name}.btf"
        if small.exists():
            return [small]
        kernel, _, module = name.partition("+module-")
        more = [self._kernel_btf(f"{kernel}.module-{module}")] if module else []
        return [self._kernel_btf(kernel), *more]

    def read(self, name: str) -> Btf:
        if name not in self._read:
            base, *modules = self.paths(name)
            btf = Btf(base.read_bytes())
            for module in modules:
                btf = Btf(module.read_bytes(), base=btf)
            self._read = {name: btf}  # one at a time: a kernel takes some tens of megabytes
        return self._read[name]


def is_refused(result: ReloResult) -> bool:
    return result.outcome.value is None and not result.outcome.is_poisoned


def difference(result: ReloResult, judged: dict[str, Any]) -> str | None:
    """Return what is not as the judge has it; None where all is."""
    if "error" in judged:
        return None if is_refused(result) else f"{result.insn_after.hex()}, but it stops: {judged['error']}"
    if is_refused(result):
        return f"refused ({result.outcome.reason}), but it becomes {judged['code']}"
    after = result.insn_after.hex()
    return None if after == judged["code"] else f"{after}, but it becomes {judged['code']}"


def judged_lines(judge: Path, obj: Path, targets: list[str]) -> Iterator[dict[str, Any]]:
    done = subprocess.run([judge, obj, *targets], capture_output=True, text=True, check=True)
    yield from map(json.loads, done.stdout.splitlines())


def read(shared: Path, name: str) -> BpfObject:
    return read_object((shared / "corpus" / "obj" / name).read_bytes(), path=name)


ReadTarget = Callable[[], Btf]


def compare_aya(
    judge: Path, path: Path, obj: BpfObject, targets: dict[str, ReadTarget]
) -> tuple[int, list[str]]:
    """Return how many records were compared, and what is not as aya does it; *targets* by their file."""
    relos = read_local_relos(obj)
    lines: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    ends: dict[str, str | None] = {}
    for line in judged_lines(judge, path, list(targets)):
        assert line["judge"] == title(AYA)
        if "record" in line:
            lines[line["target"]][line["record"]] = line
        else:
            ends[line["target"]] = line["load_error"]
    wrong: list[str] = []
    for file, target in targets.items():
        answer = resolve_as(AYA, obj, relos, target())
        if (answer.end is None) != (ends[file] is None):
            wrong.append(f"{obj.path} on {file}: ends with {answer.end}, not {ends[file]}")
        for index, result in enumerate(answer.results):
            judged = lines[file].get(index, {"error": ends[file]})
            if problem := difference(result, judged):
                wrong.append(f"{obj.path} on {file}, record {index} {relos[index].path}: {problem}")
    return len(relos) * len(targets), wrong


def compare_cilium(
    judge: Path, path: Path, obj: BpfObject, targets: dict[str, ReadTarget]
) -> tuple[int, list[str]]:
    """Return the same of cilium/ebpf, where a record counts in each program that has it; a target's file is
    followed by those of its modules, with ``,`` between."""
    lines: dict[str, dict[tuple[str, str, int], dict[str, Any]]] = defaultdict(dict)
    ends: dict[str, str] = {}
    for line in judged_lines(judge, path, list(targets)):
        assert line["judge"].replace(" v", " ") == title(CILIUM)
        if "insn" in line:
            lines[line["target"]][line["program"], line["function"], line["insn"]] = line
        else:
            ends[line["target"]] = line["load_error"]
    records = 0
    wrong: list[str] = []
    why = why_not_parsed(obj)
    for file, target in targets.items():
        if (why is None) != (file not in ends):
            wrong.append(f"{obj.path} on {file}: not taken because of {why}, not {ends.get(file)}")
        for answer in resolve_programs(obj, target()) if why is None else ():
            records += 1
            relo = obj.core_relos[answer.record]
            function = obj.function_at(relo.section, relo.insn_off)
            assert function is not None
            place = (answer.program, function.name, (relo.insn_off - function.value) // INSN_SIZE)
            judged = lines[file].pop(place, None)
            problem = difference(answer.result, judged) if judged else "it has no such record"
            if problem:
                wrong.append(f"{obj.path} on {file}, program {answer.program}, {relo}: {problem}")
        wrong += [f"{obj.path} on {file}: there is no record at {place}" for place in lines[file]]
    return records, wrong


JUDGES = {AYA: (build_aya, compare_aya), CILIUM: (build_cilium, compare_cilium)}


@pytest.mark.parametrize("loader", JUDGES)
def test_the_library_does_with_every_record_what_its_policy_says(
    loader: str, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    build, compare = JUDGES[loader]
    judge, targets = build(), Targets(shared, kernel_btf)
    pairs = records = 0
    wrong: list[str] = []
    for name, kernels in pairs_of(shared).items():
        files: dict[str, ReadTarget] = {}
        for kernel in kernels:
            paths = targets.paths(kernel)
            file = str(paths[0]) if loader == AYA else ",".join(map(str, paths))  # aya reads no module
            files[file] = partial(targets.read, kernel)
        count, found = compare(judge, shared / "corpus" / "obj" / name, read(shared, name), files)
        pairs, records, wrong = pairs + len(files), records + count, wrong + found
    print(f"{title(loader)}: {pairs} pairs, {records} records, {records - len(wrong)} as the policy says")
    assert not wrong, "\n".join(wrong[:20])
    assert pairs >= 40
    assert records > 5000


@pytest.mark.debian_tool("opensnoop")
@pytest.mark.parametrize("loader", JUDGES)
def test_installed_programs_are_loaded_as_the_policy_says(
    loader: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    build, compare = JUDGES[loader]
    judge = build()
    paths = [kernel_btf(kernel) for kernel in ("5.4.0-216-generic-amd64", "6.18.44-fc-amd64")]
    kernels = {str(path): Btf(path.read_bytes()) for path in paths}
    targets: dict[str, ReadTarget] = {file: partial(kernels.__getitem__, file) for file in kernels}
    pairs = records = 0
    wrong: list[str] = []
    for name, obj in objects().items():
        path = tmp_path / f"{name}.o"
        path.write_bytes(obj.elf.data)
        count, found = compare(judge, path, obj, targets)
        pairs, records, wrong = pairs + len(targets), records + count, wrong + found
    print(f"{title(loader)}: {pairs} pairs, {records} records, {records - len(wrong)} as the policy says")
    assert not wrong, "\n".join(wrong[:20])
    assert pairs >= 80
    assert records > 900
