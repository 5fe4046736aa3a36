"""Neighbours of the reported logs, programs of our own: the log is what libbpf and the running kernel say of
each here and now, and ``explain --log`` must name what was broken on purpose."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from btfview.cli.main import main
from tests.cases.test_neighbours import compiled
from tests.libbpf import run_libbpf

pytestmark = [pytest.mark.kernel, pytest.mark.debian_tool("clang-19")]

FLAVORS = """\
struct task_struct___o { int pid; long state; void *hc_none; } PAI;
enum pid_type___x { PIDTYPE_PID___x = 1, HC_NOPE___x = 7 };
#define VALUE(name) __builtin_preserve_enum_value(*(enum pid_type___x *)name, 1)
"""

POISONED = {
    "in the second subprogram, which the first one calls": (
        "ALONE long inner(struct task_struct___o *t) { long v = 0;\n"
        "    if (HAS(t->hc_none)) probe_read_kernel(&v, 8, &t->hc_none);"
        " probe_read_kernel(&v, 8, &t->state);\n"
        "    return v; }\n"
        "ALONE long outer(struct task_struct___o *t) { int v = 0;\n"
        "    probe_read_kernel(&v, 4, &t->pid); return v + inner(t); }\n"
        'SEC("raw_tp/sys_enter") int f(void *c) { int v = 0; struct task_struct___o *t = get_task();\n'
        "    probe_read_kernel(&v, 4, &t->pid); return v + outer(t); }\n",
        "task_struct___o.state",
        "task_struct___o.hc_none",
    ),
    "one of two poisoned records of one source line, the other behind a guard": (
        'SEC("raw_tp/sys_enter") int f(void *c) { long v = 0; struct task_struct___o *t = get_task();\n'
        "    if (HAS(t->state)) probe_read_kernel(&v, 8, &t->state); probe_read_kernel(&v, 8, &t->hc_none);\n"
        "    return v != 0; }\n",
        "task_struct___o.hc_none",
        "task_struct___o.state",
    ),
    "an enumerator, beside one that is there": (
        'SEC("raw_tp/sys_enter") int f(void *c) { return VALUE(PIDTYPE_PID___x)\n'
        "    + VALUE(HC_NOPE___x); }\n",
        "pid_type___x::HC_NOPE___x",
        "pid_type___x::PIDTYPE_PID___x",
    ),
}


def explained(program: Path, log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    (tmp_path / "log").write_text(log)
    capsys.readouterr()
    main(["explain", str(program), "--log", str(tmp_path / "log"), "-t", "running"])
    return capsys.readouterr().out


@pytest.mark.parametrize("prefix", ["", "tool-1  | ", "2026-11-30T02:23:30Z INFO [7] "])
@pytest.mark.parametrize("kind", POISONED)
def test_the_poisoned_record_is_named_and_no_other(
    kind: str, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body, poisoned, healthy = POISONED[kind]
    program = compiled(tmp_path, FLAVORS + body)
    run = run_libbpf(program.read_bytes())
    assert not run.is_loaded
    text = explained(program, "".join(prefix + line for line in run.log.splitlines(True)), tmp_path, capsys)
    assert poisoned in text
    assert healthy not in text


@pytest.mark.parametrize("kind", POISONED)
def test_in_the_verifiers_own_words_the_number_of_the_instruction_tells(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """libbpf puts its own in their place (``fixup_log_failed_core_relo``); cilium/ebpf leaves them."""
    body, poisoned, healthy = POISONED[kind]
    program = compiled(tmp_path, FLAVORS + body)
    libbpf_words = r"<invalid CO-RE relocation>\nfailed to resolve CO-RE relocation .*"
    verifiers = "(85) call unknown#195896080\ninvalid func unknown#195896080"
    log = run_libbpf(program.read_bytes(), log_level=1).verifier_log
    log, count = re.subn(libbpf_words, verifiers, log)
    assert count == 1
    text = explained(program, log, tmp_path, capsys)
    assert poisoned in text
    assert healthy not in text


WITH_TYPES = """
struct hc_one { int a; long b; int bits : 3; } one; union hc_two { int x; long y; } two;
enum hc_three { HC_A = 1, HC_B = 2 } three;
#ifdef WITH_STRUCT_OPS
SEC(".struct_ops") struct hc_ops { int a; } ops = { 1 };
#endif
SEC("raw_tp/sys_enter") int f(void *c) {
    one.a = 1; two.x = 2; three = HC_B; return 0; }
"""
WENT_ON = "libbpf went on without BTF"

BROKEN = {
    # The debug information before and after, and what of it is refused.
    "a member behind the end of its struct": (
        ("offset: 64)", "offset: 6400)"),
        "the kernel refuses member b of struct hc_one: Member bits_offset exceeds its struct size",
    ),
    "a bitfield before the member that precedes it": (
        ("offset: 128, flags", "offset: 8, flags"),
        "the kernel refuses member bits of struct hc_one: Invalid member bits_offset",
    ),
    "a union whose name is none": (
        ('name: "hc_two"', 'name: "hc two"'),
        "the kernel refuses union hc two: Invalid name",
    ),
    "an enumerator whose name is none": (
        ('name: "HC_B"', 'name: "HC B"'),
        "the kernel refuses enum hc_three: Invalid name",
    ),
}


@pytest.mark.parametrize("needs_btf", [False, True], ids=["optional", "needed-by-struct_ops"])
@pytest.mark.parametrize("kind", BROKEN)
def test_what_the_kernel_refused_of_the_btf_is_named(
    kind: str, needs_btf: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old, new), words = BROKEN[kind]
    options = ["-DWITH_STRUCT_OPS"] if needs_btf else []
    ir = compiled(tmp_path, WITH_TYPES, "-S", "-emit-llvm", *options)  # C itself cannot say such a thing
    text = ir.read_text()
    assert text.count(old) == 1
    source, program = tmp_path / "broken.ll", tmp_path / "broken.o"
    source.write_text(text.replace(old, new))
    subprocess.run(["clang-19", "-target", "bpf", "-c", str(source), "-o", str(program)], check=True)
    run = run_libbpf(program.read_bytes())
    assert run.is_loaded is not needs_btf
    said = explained(program, run.log, tmp_path, capsys)

    what, reason = words.rsplit(": ", 1)
    assert re.search(rf"{what} \(type \d+\): {reason}$", said, re.MULTILINE), said
    assert (WENT_ON in said) is not needs_btf
