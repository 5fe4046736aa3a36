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
from btfview.verifier.load import Loads, NotPermitted, RefusedByVerifier, verify_programs
from tests.conftest import RUNNING_KERNEL

pytestmark = pytest.mark.kernel
PROGRAMS = Path(__file__).parent / "programs"
TOOLS = (
    *("bashreadline", "bindsnoop", "biolatency", "biopattern", "biosnoop", "biostacks", "biotop"),
    *("bitesize", "cachestat", "capable", "cpudist", "cpufreq", "drsnoop", "execsnoop", "exitsnoop"),
    *("filelife", "filetop", "fsdist", "fsslower", "funclatency", "gethostlatency", "hardirqs"),
    *("javagc", "klockstat", "ksnoop", "llcstat", "mdflush", "mountsnoop", "numamove", "offcputime"),
    *("oomkill", "opensnoop", "readahead", "runqlat", "runqlen", "runqslower", "sigsnoop"),
    *("slabratetop", "softirqs", "solisten", "statsnoop", "syscount", "tcpconnect", "tcpconnlat"),
    *("tcplife", "tcprtt", "tcpstates", "tcpsynbl", "tcptop", "tcptracer", "vfsstat", "wakeuptime"),
)
"""All 52 of Debian's package; other names in it are links to these."""
UNKNOWN_OF = {"bindsnoop": 2, "ksnoop": 1}
"""Programs of which it is not told: bits of a word that hang on a value read at run time, and an address with
a bound that is not followed."""
TRAMPOLINES = ("fentry", "fexit", "fmod_ret", "lsm", "freplace")


@cache
def running_kernel() -> Kernel:
    return Kernel(Btf(RUNNING_KERNEL.read_bytes()), os.uname().release)


def compare(data: bytes, name: str) -> Counter[str]:
    """Return how often the prediction was right, or unknown; fail where it was wrong."""
    # Who is refused after a million instructions would be so again, with ten seconds of log.
    verification = verify_programs(data, has_whole_logs=False)
    loader = OLD_LOADER if verification.libbpf.startswith("1.1") else LOADERS[0]
    obj, kernel = read_object(data, path=name), running_kernel()
    facts, local = ObjectFacts(obj, loader), read_local_relos(obj)
    verdict = judge(facts, collect(facts), kernel, local, resolve_relos(obj, local, kernel.btf))
    predicted = {part.name: part for part in verdict.programs}
    counts: Counter[str] = Counter()
    for answer in verification.programs:
        if isinstance(answer.answer, NotPermitted):
            # Before it looks at the target or the program: so it does for what cannot be right.
            assert answer.section.partition("/")[0].removesuffix(".s") in TRAMPOLINES
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
@pytest.mark.parametrize(("source", "most_unknown"), [("rules", 20), ("iterators", 3), ("limits", 1)])
def test_a_program_a_rule(source: str, most_unknown: int, tmp_path: Path) -> None:
    path = tmp_path / f"{source}.o"
    command = ["clang-19", "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-w", "-I/usr/include/x86_64-linux-gnu"]
    subprocess.run([*command, "-c", str(PROGRAMS / f"{source}.c"), "-o", str(path)], check=True)
    counts = compare(path.read_bytes(), path.name)
    assert counts["unknown"] <= most_unknown
    assert counts["right"] > 3 * counts["unknown"]


def test_the_tools_are_those_of_the_package() -> None:
    here = [path for path in Path("/usr/sbin").iterdir() if path.name in TOOLS]
    if len(here) < len(TOOLS):
        pytest.skip("needs the Debian package libbpf-tools")
    owned = subprocess.run(["dpkg", "-L", "libbpf-tools"], capture_output=True, text=True, check=True).stdout
    files = {Path(line) for line in owned.splitlines() if "/sbin/" in line}
    assert {path.name for path in files if not path.is_symlink()} == set(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_of_libbpf(tool: str) -> None:
    """Each program as the kernel answers it. One that refuses trampolines by policy gives no truth for
    those: it answers EPERM to their types alone (:func:`test_a_refusal_by_policy_is_no_answer`)."""
    path = Path("/usr/sbin") / tool
    if not path.exists():
        pytest.skip("needs the Debian package libbpf-tools")
    (embedded,) = find_embedded_objects(path.read_bytes())
    counts = compare(embedded.data, tool)
    assert counts["right"] + counts["not permitted"] > 0
    assert counts["unknown"] <= UNKNOWN_OF.get(tool, 0)


@pytest.mark.debian_tool("clang-19")
def test_a_refusal_by_policy_is_no_answer(tmp_path: Path) -> None:
    """Either the kernel takes a program that does nothing at a function that it lets be traced, or it lets
    nobody trace functions; then it refuses one that returns what no verifier would take in the same words."""
    source, out = tmp_path / "trampoline.c", tmp_path / "trampoline.o"
    source.write_text("""
#define SEC(x) __attribute__((section(x), used))
SEC("fentry/vfs_read") int good(unsigned long long *c) { return 0; }
SEC("fentry/vfs_read") int bad(unsigned long long *c) { return *(int *)0x10; }
char _license[] SEC("license") = "GPL";
""")
    command = ["clang-19", "-g", "-O2", "-target", "bpf", "-w", "-c", str(source), "-o", str(out)]
    subprocess.run(command, check=True)
    good, bad = verify_programs(out.read_bytes()).programs
    if isinstance(good.answer, NotPermitted):
        assert (bad.answer, bad.log_text) == (NotPermitted(), "")
    else:
        assert isinstance(good.answer, Loads)
        assert isinstance(bad.answer, RefusedByVerifier)
