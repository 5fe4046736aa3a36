"""The policies against the libraries themselves: every record of every pair of the shared corpus.

An instruction must be patched or poisoned byte for byte as the library does it, a record refused where the
library stops, and the load end where it ends. ``-s`` shows the counts.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
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


def test_aya_does_with_every_record_what_its_policy_says(
    shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    judge, targets = build_aya(), Targets(shared, kernel_btf)
    pairs = records = 0
    wrong: list[str] = []
    for name, kernels in pairs_of(shared).items():
        obj = read(shared, name)
        relos = read_local_relos(obj)
        files = {str(targets.paths(kernel)[0]): kernel for kernel in kernels}  # aya reads no module
        lines: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        ends: dict[str, str | None] = {}
        for line in judged_lines(judge, shared / "corpus" / "obj" / name, list(files)):
            assert line["judge"] == title(AYA)
            if "record" in line:
                lines[line["target"]][line["record"]] = line
            else:
                ends[line["target"]] = line["load_error"]
        for file, kernel in files.items():
            answer = resolve_as(AYA, obj, relos, targets.read(kernel))
            pairs += 1
            records += len(relos)
            if (answer.end is None) != (ends[file] is None):
                wrong.append(f"{name} on {kernel}: ends with {answer.end}, not {ends[file]}")
            for index, result in enumerate(answer.results):
                judged = lines[file].get(index, {"error": ends[file]})
                if problem := difference(result, judged):
                    wrong.append(f"{name} on {kernel}, record {index} {relos[index].path}: {problem}")
    print(f"{title(AYA)}: {pairs} pairs, {records} records, {records - len(wrong)} as the policy says")
    assert pairs >= 40
    assert not wrong, "\n".join(wrong[:20])


def test_cilium_does_with_every_record_what_its_policy_says(
    shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    judge, targets = build_cilium(), Targets(shared, kernel_btf)
    pairs = records = 0
    wrong: list[str] = []
    for name, kernels in pairs_of(shared).items():
        obj = read(shared, name)
        files = {",".join(map(str, targets.paths(kernel))): kernel for kernel in kernels}
        lines: dict[str, dict[tuple[str, str, int], dict[str, Any]]] = defaultdict(dict)
        ends: dict[str, str] = {}
        for line in judged_lines(judge, shared / "corpus" / "obj" / name, list(files)):
            assert line["judge"].replace(" v", " ") == title(CILIUM)
            if "insn" in line:
                lines[line["target"]][line["program"], line["function"], line["insn"]] = line
            else:
                ends[line["target"]] = line["load_error"]
        for file, kernel in files.items():
            pairs += 1
            why = why_not_parsed(obj)
            if (why is None) != (file not in ends):
                wrong.append(f"{name} on {kernel}: not taken because of {why}, not {ends.get(file)}")
            for answer in resolve_programs(obj, targets.read(kernel)) if why is None else ():
                records += 1
                relo = obj.core_relos[answer.record]
                function = obj.function_at(relo.section, relo.insn_off)
                assert function is not None
                place = (answer.program, function.name, (relo.insn_off - function.value) // INSN_SIZE)
                judged = lines[file].pop(place, None)
                problem = difference(answer.result, judged) if judged else "it has no such record"
                if problem:
                    wrong.append(f"{name} on {kernel}, program {answer.program}, {relo}: {problem}")
            wrong += [f"{name} on {kernel}: there is no record at {place}" for place in lines[file]]
    print(f"{title(CILIUM)}: {pairs} pairs, {records} records, {records - len(wrong)} as the policy says")
    assert pairs >= 40
    assert not wrong, "\n".join(wrong[:20])
