"""What cilium/ebpf looks up beside the records: predicted, and loaded by it into the running kernel."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import CILIUM
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.reasons import FAILS
from tests.conftest import RUNNING_KERNEL
from tests.demands.loaders.judged import compiled, verdict_on
from tests.judges.build import judge_of

pytestmark = pytest.mark.debian_tool("clang-19")
PROGRAMS = {
    'ON("fentry/no_such") { return 0; }': "fentry no_such",
    'ON("?fentry/no_such") { return 0; }': "fentry no_such",
    'ON("fentry/vmlinux:bpf_fentry_test1") { return 0; }': "fentry vmlinux:bpf_fentry_test1",
    'ON("tp_btf/no_such") { return 0; }': "raw_tp no_such",
    'ON("lsm/no_such") { return 0; }': "no_such LSM hook",
    'ON("iter/no_such") { return 0; }': "no_such iterator",
    'ON("my_probe") { return 0; }': "",
    "TRACED { return 0; }": "",
    "extern void bpf_rcu_read_lock(void) KSYM; TRACED "
    "{ bpf_rcu_read_lock(); bpf_rcu_read_unlock(); return 0; }": "",
    "extern void bpf_rcu_read_lock___new(void) KSYM; TRACED "
    "{ bpf_rcu_read_lock___new(); bpf_rcu_read_unlock(); return 0; }": 'kfunc "bpf_rcu_read_lock___new"',
    "extern void bpf_rcu_read_lock(int) KSYM WEAK; TRACED "
    "{ if (bpf_rcu_read_lock) bpf_rcu_read_lock(3); return 0; }": "function param mismatch",
    "extern void no_such(void) KSYM WEAK; TRACED { if (no_such) no_such(); return 0; }": "",
    "extern void no_such(void) KSYM WEAK; TRACED { no_such(); return 0; }": "unknown kfunc",
    "extern void no_such(void) KSYM; __attribute__((noinline)) int g(void *ctx) { no_such(); return 1; } "
    "TRACED { return 0; }": "",
    "extern int LINUX_KERNEL_VERSION KCONFIG; RAW { return LINUX_KERNEL_VERSION > 5; }": "",
    "extern _Bool LINUX_HAS_BPF_COOKIE KCONFIG; RAW { return LINUX_HAS_BPF_COOKIE; }": "LINUX_HAS_BPF_COOKIE",
    'OPS() struct tcp_congestion_ops o SEC(".struct_ops.link") = { MINE };': "",
    'OPS(int mood;) struct tcp_congestion_ops o SEC(".struct_ops.link") = { MINE, .mood = 3 };': "mood",
    'OPS(int (*mood)(void *);) struct tcp_congestion_ops o SEC(".struct_ops.link") '
    "= { MINE, .mood = (void *)a };": 'member "mood" not found in tcp_congestion_ops',
    'OPS() struct tcp_congestion_ops o SEC("?.struct_ops.link") = { MINE };': "program",
}
"""Programs, and a part of what cilium/ebpf says of each that it does not load."""


@pytest.mark.kernel
@pytest.mark.judge
def test_what_loads_is_told_before(tmp_path: Path) -> None:
    kernel = Kernel(Btf(RUNNING_KERNEL.read_bytes()), "running")
    paths = compiled(tmp_path, list(PROGRAMS))
    command = [str(judge_of(CILIUM)), "-load", *map(str, paths)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    lines = map(json.loads, done.stdout.splitlines())
    for path, line, (program, part) in zip(paths, lines, PROGRAMS.items(), strict=True):
        said, verdict = line.get("load_error", ""), verdict_on(path, kernel, CILIUM)
        assert part in said, (program, said)
        assert bool(said) == bool(part) == (verdict.verdict == FAILS), (program, said, verdict.reasons)
