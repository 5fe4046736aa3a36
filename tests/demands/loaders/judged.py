"""Programs, and what is predicted of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from btfview.bpf.object import read_object
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.demands.collect import collect
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.loaders.judge_as import OtherJudge
from btfview.demands.object.facts import ObjectFacts
from btfview.demands.verdict import Verdict, judge
from tests.core_relo.loaders.differences import HEAD

_MORE = """
#define KSYM __attribute__((section(".ksyms")))
#define KCONFIG __attribute__((section(".kconfig")))
#define WEAK __attribute__((weak))
#define ON(section) SEC(section) int f(void *ctx)
#define RAW ON("raw_tp/sys_enter")
#define RAW_OF(name) SEC("raw_tp/sys_enter") int name(void *ctx)
#define TRACED ON("tp_btf/sched_switch")
#define OPS(more) struct tcp_congestion_ops { int (*ssthresh)(void *); int (*undo_cwnd)(void *); \\
  void (*cong_avoid)(void *, int, int); char name[16]; more }; \\
  SEC("struct_ops") int a(void *c) { return 0; } SEC("struct_ops") int b(void *c) { return 0; } \\
  SEC("struct_ops") void c(void *c) {}
#define MINE .ssthresh = (void *)a, .undo_cwnd = (void *)b, .cong_avoid = (void *)c, .name = "mine"
char LICENSE[] SEC("license") = "GPL";
extern void bpf_rcu_read_unlock(void) KSYM;
"""


def compiled(folder: Path, programs: list[str]) -> list[Path]:
    names = []
    for number, text in enumerate(programs):
        (folder / f"p{number}.c").write_text(f"{HEAD}{_MORE}{text}\n")
        names.append(f"p{number}")
    command = ["clang-19", "-O2", "-g", "-w", "-mcpu=v3", "-target", "bpf", "-c"]
    subprocess.run([*command, *(f"{name}.c" for name in names)], cwd=folder, check=True, capture_output=True)
    return [folder / f"{name}.o" for name in names]


def verdict_on(path: Path, kernel: Kernel, loader: str) -> Verdict:
    obj = read_object(path.read_bytes(), path=path.name)
    facts, local = ObjectFacts(obj), read_local_relos(obj)
    results = resolve_relos(obj, local, kernel.btf)
    return OtherJudge(obj, loader).judge(judge(facts, collect(facts), kernel, local, results), kernel)
