"""The libraries asked, and what a policy has otherwise than its library."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from btfview.bpf.insn import INSN_SIZE
from btfview.bpf.loaded_code import load_code
from btfview.bpf.object import BpfObject
from btfview.bpf.references import References
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.answer import LoaderAnswer
from btfview.core_relo.loaders.cilium.parse import why_not_parsed
from btfview.core_relo.loaders.cilium.resolve import resolve_programs
from btfview.core_relo.loaders.names import AYA, CILIUM, OLD_LIBBPF, title
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from tests.judges.build import judge_of
from tests.libbpf import LibbpfRun, run_libbpf


@dataclass
class Agreement:
    """How far a policy does what its library does."""

    pairs: int = 0
    records: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, records: int, problems: Iterable[str], where: str) -> None:
        """Count one more pair."""
        self.pairs += 1
        self.records += records
        self.wrong += [f"{where}: {problem}" for problem in problems]

    def __str__(self) -> str:
        return f"{self.pairs} pairs, {self.records} records, {self.records - len(self.wrong)} as the library"


def is_refused(result: ReloResult) -> bool:
    return result.outcome.value is None and not result.outcome.is_poisoned


def difference(result: ReloResult, judged: Mapping[str, Any]) -> str | None:
    """Return what is not as the judge has it; None where all is."""
    if "error" in judged:
        return None if is_refused(result) else f"{result.insn_after.hex()}, but it stops: {judged['error']}"
    if is_refused(result):
        return f"refused ({result.outcome.reason}), but it becomes {judged['code']}"
    after = result.insn_after.hex()
    return None if after == judged["code"] else f"{after}, but it becomes {judged['code']}"


def judged_lines(loader: str, objects: Iterable[Path], target: str) -> dict[str, list[dict[str, Any]]]:
    """Return what the library of *loader* says of each object, by its path; *target* is a file, for cilium
    followed by those of its modules, with ``,`` between."""
    command = [str(judge_of(loader)), target, *map(str, objects)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in map(json.loads, done.stdout.splitlines()):
        assert line["judge"].replace(" v", " ") == title(loader)
        lines[line["object"]].append(line)
    return lines


def compare(
    loader: str, objects: Mapping[Path, BpfObject], files: list[Path], target: Btf, found: Agreement
) -> None:
    """Hold the policy of *loader* against its library, for *objects* on one target; count into *found*."""
    if loader == OLD_LIBBPF:
        _compare_libbpf(objects, files, target, found)
        return
    # aya reads no module.
    named = str(files[0]) if loader == AYA else ",".join(map(str, files))
    lines = judged_lines(loader, objects, named)
    compare_lines = {AYA: _compare_aya, CILIUM: _compare_cilium}[loader]
    for path, obj in objects.items():
        count, wrong = compare_lines(obj, target, lines[str(path)])
        found.add(count, wrong, f"{loader}: {path.name} on {files[-1].name}")


def _compare_aya(obj: BpfObject, target: Btf, lines: list[dict[str, Any]]) -> tuple[int, list[str]]:
    relos = read_local_relos(obj)
    [whole] = [line for line in lines if "record" not in line]
    ends = whole["load_error"]
    judged = {line["record"]: line for line in lines if "record" in line}
    answer = resolve_as(AYA, obj, relos, target)
    wrong = []
    if (answer.end is None) != (ends is None and whole["link_error"] is None):
        wrong.append(f"ends with {answer.end}, not {ends} nor {whole['link_error']}")
    for index, result in enumerate(answer.results):
        if problem := difference(result, judged.get(index, {"error": ends})):
            wrong.append(f"record {index} {relos[index].path}: {problem}")
    return len(relos), wrong


def _compare_cilium(obj: BpfObject, target: Btf, lines: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Here a record counts in each program that has it."""
    ends = next((line["load_error"] for line in lines if "load_error" in line), None)
    judged = {(line["program"], line["function"], line["insn"]): line for line in lines if "insn" in line}
    why = why_not_parsed(obj)
    wrong = [] if (why is None) == (ends is None) else [f"not taken because of {why}, not {ends}"]
    count = 0
    for answer in resolve_programs(obj, target) if why is None else ():
        count += 1
        relo = obj.core_relos[answer.record]
        function = obj.function_at(relo.section, relo.insn_off)
        assert function is not None
        place = (answer.program, function.name, (relo.insn_off - function.value) // INSN_SIZE)
        line = judged.pop(place, None)
        problem = difference(answer.result, line) if line else "it has no such record"
        if problem:
            wrong.append(f"program {answer.program}, {relo}: {problem}")
    wrong += [f"there is no record at {place}" for place in judged]
    return count, wrong


def _compare_libbpf(
    objects: Mapping[Path, BpfObject], files: list[Path], target: Btf, found: Agreement
) -> None:
    for path, obj in objects.items():
        run = run_libbpf(obj.elf.data, target=files[-1], gives_maps_sizes=True)
        answer = resolve_as(OLD_LIBBPF, obj, read_local_relos(obj), target)
        found.add(*_compare_run(obj, answer, run), f"{OLD_LIBBPF}: {path.name} on {files[-1].name}")


def _compare_run(obj: BpfObject, answer: LoaderAnswer, run: LibbpfRun) -> tuple[int, list[str]]:
    """Here, too, a record counts in each program; of an object at which libbpf stops, that it does is all."""
    if "failed to perform CO-RE relocations" in run.log or answer.end is not None:
        is_same = (answer.end is not None) == ("failed to perform CO-RE relocations" in run.log)
        return 0, [] if is_same else [f"ends with {answer.end}: {run.log[-300:]}"]
    if not run.is_relocated:
        return 0, [f"libbpf does not come to the records: {run.log[-300:]}"]
    count, wrong = 0, []
    references = References(obj)
    entries = [
        load_code(obj, section, symbol, references)
        for section, symbols in obj.functions.items()
        for symbol in symbols
        if symbol.name in run.insns
    ]
    for code in entries:
        name = code.functions[0].symbol.name
        for relo, result in zip(obj.core_relos, answer.results, strict=True):
            number = code.number_of(relo.section, relo.insn_off)
            if number is None:
                continue
            at = number * INSN_SIZE
            theirs = run.insns[name][at : at + len(result.insn_after)]
            count += 1
            if theirs != result.insn_after:
                wrong.append(f"{name}+{at}: {result.insn_after.hex()}, but it becomes {theirs.hex()}")
    return count, wrong
