"""Whether the verifier comes to poison: what is called dead loads, what is called certain is refused.

The judge is the running kernel. ``BTFVIEW_GUARDS=10000`` asks it about that many random programs.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.bpf.reach import Reach
from btfview.core_relo.patch import patch_code
from btfview.core_relo.reach import LoadedPrograms, entries
from btfview.targets.find import open_targets
from btfview.verifier.load import Loads, verify_programs
from tests.core_relo.random_guards import make_source
from tests.libbpf import poisoned_calls

COUNT = int(os.environ.get("BTFVIEW_GUARDS", "240"))
BATCH = 40
CPUS = ("v2", "v3", "v4")


def compiled(source: str, path: Path, cpu: str) -> Path:
    path.with_suffix(".c").write_text(source)
    command = ["clang-19", "-target", "bpf", f"-mcpu={cpu}", "-O2", "-g", "-w", "-c"]
    run = subprocess.run(
        [*command, str(path.with_suffix(".c")), "-o", str(path)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return path


def predicted(path: Path) -> dict[str, Reach]:
    """Return, of each program, how the verifier comes to the worst of its poisoned instructions."""

    analysis = analyse(str(path), open_targets("/sys/kernel/btf/vmlinux"))
    obj = analysis.object
    assert obj is not None
    results = [row[0] for row in analysis.results]
    places = {
        (linked.relo.section, linked.relo.insn_off)
        for linked, result in zip(analysis.relos, results, strict=True)
        if result.outcome.is_poisoned
    }
    patched = patch_code(obj, [linked.relo for linked in analysis.relos], results)
    programs = LoadedPrograms(obj, patched, analysis.targets[0].btf)
    found = {}
    for section, start, _ in entries(obj):
        function = obj.function_at(section, start)
        assert function is not None
        reached = programs.follow((section, start))
        found[function.name] = max((reached.get(place, Reach.DEAD) for place in places), default=Reach.DEAD)
    return found


@pytest.mark.kernel
@pytest.mark.debian_tool("clang-19")
@pytest.mark.timeout(0)
def test_random_guards_are_judged_as_the_verifier_judges(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for number in range(max(1, COUNT // BATCH)):
        cpu = CPUS[number % len(CPUS)]
        path = compiled(make_source(number, BATCH), tmp_path / f"g{number}.o", cpu)
        expected = predicted(path)
        for verdict in verify_programs(path.read_bytes(), time_limit=600).programs:
            reach = expected[verdict.program]
            is_refused = bool(poisoned_calls(verdict.log_text))
            if not is_refused and not isinstance(verdict.answer, Loads):
                counts["refused for another reason"] += 1  # such as a loop that it does not see the end of
                continue
            counts[f"{reach.name} {'refused' if is_refused else 'loads'}"] += 1
            if (reach < Reach.MAYBE and is_refused) or (reach == Reach.CERTAIN and not is_refused):
                wrong.append((number, cpu, verdict.program, reach.name))
    with capsys.disabled():
        print("\n" + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    dead = [one for one in wrong if one[3] != "CERTAIN"]
    assert dead == []
    total = sum(counts.values())
    assert len(wrong) * 100 < total, wrong
    assert counts["MAYBE loads"] * 20 < total
    assert counts["refused for another reason"] * 100 < total
