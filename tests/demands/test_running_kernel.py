"""Predictions against the running kernel: what loads there, program by program.

Programs of our own, one a rule, and those of libbpf-tools where they are installed.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from btfview.bpf.embedded import find_embedded_objects
from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.demands.collect import collect
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.object.facts import ObjectFacts
from btfview.demands.object.sections import LOADERS, OLD_LOADER
from btfview.demands.reasons import FAILS, LOADS, UNKNOWN
from btfview.demands.verdict import judge
from btfview.verifier.load import Loads, NotPermitted, verify_programs
from tests.conftest import RUNNING_KERNEL

pytestmark = pytest.mark.kernel
PROGRAMS = Path(__file__).parent / "programs"
TOOLS = ("execsnoop", "opensnoop", "biolatency", "runqslower", "tcplife", "ksnoop", "filetop", "vfsstat")


@cache
def running_kernel() -> Kernel:
    return Kernel(Btf(RUNNING_KERNEL.read_bytes()), os.uname().release)


def compare(data: bytes, name: str) -> Counter[str]:
    """Return how often the prediction was right, or unknown; fail where it was wrong."""
    verification = verify_programs(data)
    loader = OLD_LOADER if verification.libbpf.startswith("1.1") else LOADERS[0]
    obj, kernel = read_object(data, path=name), running_kernel()
    facts, local = ObjectFacts(obj, loader), read_local_relos(obj)
    verdict = judge(facts, collect(facts), kernel, local, resolve_relos(obj, local, kernel.btf))
    predicted = {part.name: part for part in verdict.programs}
    counts: Counter[str] = Counter()
    for answer in verification.programs:
        if isinstance(answer.answer, NotPermitted):
            counts["not permitted"] += 1
            continue
        happened = LOADS if isinstance(answer.answer, Loads) else FAILS
        part = predicted[answer.program]
        assert part.verdict in (happened, UNKNOWN), (
            name,
            answer.program,
            part.reasons,
            answer.log_text[-400:],
        )
        counts["unknown" if part.verdict == UNKNOWN else "right"] += 1
    return counts


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(("source", "most_unknown"), [("rules", 20), ("iterators", 3)])
def test_a_program_a_rule(source: str, most_unknown: int, tmp_path: Path) -> None:
    path = tmp_path / f"{source}.o"
    command = ["clang-19", "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-w", "-I/usr/include/x86_64-linux-gnu"]
    subprocess.run([*command, "-c", str(PROGRAMS / f"{source}.c"), "-o", str(path)], check=True)
    counts = compare(path.read_bytes(), path.name)
    assert counts["unknown"] <= most_unknown
    assert counts["right"] > 3 * counts["unknown"]


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_of_libbpf(tool: str) -> None:
    path = Path("/usr/sbin") / tool
    if not path.exists():
        pytest.skip("needs the Debian package libbpf-tools")
    (embedded,) = find_embedded_objects(path.read_bytes())
    counts = compare(embedded.data, tool)
    assert counts["right"] + counts["not permitted"] > 0
    assert counts["unknown"] <= 1
