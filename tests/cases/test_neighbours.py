"""Neighbours of the reported cases, programs of our own: what libbpf and the running kernel make of each is
the right answer, and ``check`` must say the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from btfview.cli.main import main
from tests.libbpf import run_libbpf

pytestmark = [pytest.mark.kernel, pytest.mark.debian_tool("clang-19")]
HEAD = """\
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(x) __attribute__((section(x), used))
#define PAI __attribute__((preserve_access_index))
#define HAS(field) __builtin_preserve_field_info(field, 2)
#define KSYM SEC(".ksyms")
#define WEAK __attribute__((weak))
#define ALONE static __attribute__((noinline))
static long (*const probe_read_kernel)(void *dst, u32 size, const void *src) = (void *)113;
static void *(*const get_task)(void) = (void *)35;
static void *(*const get_task_btf)(void) = (void *)158;
struct task_struct { long state; u32 __state; int pid; } PAI;
char _license[] SEC("license") = "GPL";
"""
OLD = "({ long s = 0; struct task_struct *t = get_task(); probe_read_kernel(&s, 8, &t->state); s != 0; })"
"""Reads what no kernel since 5.14 has."""
LOADS, FAILS = True, False

PROGRAMS = {
    # kind: weak symbols
    "a weak kfunc that is there, compared with 0": (
        "extern void bpf_rcu_read_lock(void) KSYM WEAK; extern void bpf_rcu_read_unlock(void) KSYM WEAK;"
        'SEC("raw_tp/sys_enter") int f(void *c) { int r = 0;'
        " if (bpf_rcu_read_lock) { bpf_rcu_read_lock(); r = "
        + OLD
        + "; bpf_rcu_read_unlock(); } return r; }",
        FAILS,
    ),
    "a weak kfunc that is not there keeps it dead": (
        "extern void hc_no_kfunc(void) KSYM WEAK;"
        'SEC("raw_tp/sys_enter") int f(void *c) { return hc_no_kfunc ? ' + OLD + " : 0; }",
        LOADS,
    ),
    "the address of a map is not 0": (
        'struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; } m SEC(".maps");'
        'SEC("raw_tp/sys_enter") int f(void *c) { void *p = &m; asm volatile("" : "+r"(p)); return p ? '
        + OLD
        + " : 0; }",
        FAILS,
    ),
    # kind: maps
    "a map with a field that is none of a map's": (
        "struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; const int (*kind)[1]; } m"
        ' SEC(".maps"); SEC("raw_tp/sys_enter") int f(void *c) { return 0; }',
        FAILS,
    ),
    "a map with no field of a map's": (
        'struct { int *t; } m SEC(".maps"); SEC("raw_tp/sys_enter") int f(void *c) { return 0; }',
        FAILS,
    ),
    "a map with every field that a map can have": (
        "struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; int (*map_flags)[0];"
        " int (*key_size)[4]; int (*value_size)[4]; int (*numa_node)[0]; int (*pinning)[0];"
        ' int (*map_extra)[0]; } m SEC(".maps"); SEC("raw_tp/sys_enter") int f(void *c) { return 0; }',
        LOADS,
    ),
    # kind: guards
    "a guard in read-only data": (
        "const volatile int is_old = 0;"
        'SEC("raw_tp/sys_enter") int f(void *c) { return is_old ? ' + OLD + " : 0; }",
        LOADS,
    ),
    "a guard in data that changes": (
        'int is_old = 0; SEC("raw_tp/sys_enter") int f(void *c) { return is_old ? ' + OLD + " : 0; }",
        FAILS,
    ),
    "a guard that is a static function": (
        "ALONE int is_old(struct task_struct *t) { return HAS(t->state); }"
        'SEC("raw_tp/sys_enter") int f(void *c) { return is_old(get_task()) ? ' + OLD + " : 0; }",
        LOADS,
    ),
    "a guard the wrong way round": (
        'SEC("raw_tp/sys_enter") int f(void *c) { struct task_struct *t = get_task();'
        " return HAS(t->__state) ? " + OLD + " : 0; }",
        FAILS,
    ),
    "a function that nobody calls": (
        "__attribute__((noinline)) int never(void) { return " + OLD + "; }"
        'SEC("raw_tp/sys_enter") int f(void *c) { return 0; }',
        LOADS,
    ),
    "a version that is too high": (
        'extern u32 LINUX_KERNEL_VERSION SEC(".kconfig");'
        'SEC("raw_tp/sys_enter") int f(void *c) { return LINUX_KERNEL_VERSION > (99 << 16) ? '
        + OLD
        + " : 0; }",
        LOADS,
    ),
    # kind: off by default
    "the program that is on reads it": (
        'SEC("?raw_tp/sys_enter") int off(void *c) { return 0; }'
        'SEC("raw_tp/sys_exit") int on(void *c) { return ' + OLD + "; }",
        FAILS,
    ),
    "all are off": ('SEC("?raw_tp/sys_enter") int off(void *c) { return ' + OLD + "; }", LOADS),
    "a missing target of one that is off": (
        'SEC("?tp_btf/hc_no_such_tp") int off(void *c) { return 0; }'
        'SEC("raw_tp/sys_exit") int on(void *c) { return 0; }',
        LOADS,
    ),
    # kind: attach targets
    "an iterator that is not there": ('SEC("iter/hc_none") int f(void *c) { return 0; }', FAILS),
    "an iterator that is there": ('SEC("iter/task") int f(void *c) { return 0; }', LOADS),
    "a function, where a tracepoint is meant": ('SEC("tp_btf/vfs_read") int f(void *c) { return 0; }', FAILS),
    "a kprobe of nothing loads": ('SEC("kprobe/hc_no_such_function") int f(void *c) { return 0; }', LOADS),
    # kind: symbols that are not there
    "a strong kfunc of one program fails the others": (
        "extern void hc_no_kfunc(void) KSYM;"
        'SEC("raw_tp/sys_enter") int f(void *c) { hc_no_kfunc(); return 0; }'
        'SEC("raw_tp/sys_exit") int g(void *c) { return 0; }',
        FAILS,
    ),
    "a weak variable that is not there": (
        'extern const int hc_no_variable KSYM WEAK; SEC("raw_tp/sys_enter") int f(void *c)'
        " { return &hc_no_variable ? 1 : 0; }",
        LOADS,
    ),
    "a kfunc with a parameter too few": (
        "extern void bpf_task_release(void) KSYM;"
        'SEC("raw_tp/sys_enter") int f(void *c) { bpf_task_release(); return 0; }',
        FAILS,
    ),
    # kind: typedefs and names without tags
    "a typedef of a struct without a name": (
        "typedef struct { int counter; int hc_none; } PAI atomic_t;"
        'SEC("raw_tp/sys_enter") int f(void *c) { int v = 0; atomic_t *a = get_task();'
        " probe_read_kernel(&v, 4, &a->hc_none); return v; }",
        FAILS,
    ),
    "the same behind its guard": (
        "typedef struct { int counter; int hc_none; } PAI atomic_t;"
        'SEC("raw_tp/sys_enter") int f(void *c) { int v = 0; atomic_t *a = get_task();'
        " if (HAS(a->hc_none)) probe_read_kernel(&v, 4, &a->hc_none); return v; }",
        LOADS,
    ),
    "a typedef of an enum": (
        "typedef enum { HC_NONE = 3 } hc_enum_t;"
        'SEC("raw_tp/sys_enter") int f(void *c)'
        " { return __builtin_preserve_enum_value(*(hc_enum_t *)HC_NONE, 1); }",
        FAILS,
    ),
    # kind: loads that cannot be resized
    "a signed field of another size": (
        "struct task_struct___s { long pid; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c)'
        " { struct task_struct___s *t = get_task_btf(); return t->pid; }",
        FAILS,
    ),
    "an unsigned field of another size": (
        "struct task_struct___u { unsigned long flags; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c)'
        " { struct task_struct___u *t = get_task_btf(); return t->flags; }",
        LOADS,
    ),
    "a signed field behind a question for its size": (
        "struct task_struct___s { long pid; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c) { struct task_struct___s *t = get_task_btf();'
        " return __builtin_preserve_field_info(t->pid, 1) == 8 ? t->pid : 0; }",
        LOADS,
    ),
    # also seen: names and declarations
    "four underscores are no flavor": (
        "struct task_struct____v2 { int pid; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c)'
        " { struct task_struct____v2 *t = get_task_btf(); return t->pid; }",
        FAILS,
    ),
    "three are one": (
        "struct task_struct___v2 { int pid; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c)'
        " { struct task_struct___v2 *t = get_task_btf(); return t->pid; }",
        LOADS,
    ),
    "an offset above 32,767 that the kernel lacks": (
        "struct task_struct___f { char a[70000]; int pid; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c)'
        " { struct task_struct___f *t = get_task_btf(); return t->pid; }",
        FAILS,
    ),
    "the same offset in an addition": (
        "struct task_struct___f { char a[70000]; int pid; } PAI;"
        'SEC("raw_tp/sys_enter") int f(void *c) { int p = 0; struct task_struct___f *t = get_task();'
        " probe_read_kernel(&p, 4, &t->pid); return p; }",
        LOADS,
    ),
}

MAY = ("the address of a map is not 0",)
"""Kinds that may fail: whether a verifier takes such an address for 0 is its release's."""


def compiled(tmp_path: Path, body: str, *options: str) -> Path:
    source, out = tmp_path / "prog.c", tmp_path / "prog.o"
    source.write_text(HEAD + body)
    command = ["clang-19", "-g", "-O2", "-target", "bpf", "-mcpu=v3", *options]
    subprocess.run([*command, "-c", str(source), "-o", str(out)], check=True)
    return out


def check(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[bool, str]:
    """Return whether ``check`` finds no error on the running kernel, and all that it says."""
    capsys.readouterr()
    code = main(["check", str(path), "-t", "running", "--loader", "1.1.2", *more])
    return code == 0, capsys.readouterr().out


@pytest.mark.parametrize("kind", PROGRAMS)
def test_check_says_what_the_kernel_does(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body, expected = PROGRAMS[kind]
    path = compiled(tmp_path, body)
    run = run_libbpf(path.read_bytes(), programs=lambda name: name != "off")
    assert run.is_loaded == expected
    is_fine, text = check(path, capsys)
    if kind in MAY:
        assert "warning: task_struct.state" in text
    else:
        assert is_fine == expected, text


WITHOUT_BTF = {
    "a static function": (
        "ALONE int sub(int x) { return x & 1; }"
        'SEC("raw_tp/sys_enter") int f(u64 *c) { return sub(((int *)&c)[0] != 0); }',
        LOADS,
    ),
    "data and read-only data": (
        "int count; const volatile int limit = 7;"
        'SEC("raw_tp/sys_enter") int f(void *c) { count += limit; return 0; }',
        LOADS,
    ),
    "a map": (
        'struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; } m SEC(".maps");'
        "static void *(*lookup)(void *, void *) = (void *)1;"
        'SEC("raw_tp/sys_enter") int f(void *c) { int k = 0; return lookup(&m, &k) != 0; }',
        FAILS,
    ),
    "a kfunc": (
        'extern void bpf_rcu_read_lock(void) KSYM; SEC("raw_tp/sys_enter") int f(void *c)'
        " { bpf_rcu_read_lock(); return 0; }",
        FAILS,
    ),
}


@pytest.mark.parametrize("kind", WITHOUT_BTF)
def test_an_object_without_btf(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body, expected = WITHOUT_BTF[kind]
    path = compiled(tmp_path, body, "-g0")
    assert run_libbpf(path.read_bytes()).is_loaded == expected
    is_fine, text = check(path, capsys)
    assert is_fine == expected, text
    assert "it has no .BTF" in text


def test_guards_that_are_suggested_compile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a typedef, a typedef'd enum, an array and a plain struct; with the macros of libbpf's headers."""
    body = """
typedef struct { int counter; int hc_none[3]; } PAI atomic_t;
typedef enum { HC_NONE = 3 } hc_enum_t;
struct list_head { void *hc_next; } PAI;
SEC("raw_tp/sys_enter") int f(void *c) {
    int v = 0; atomic_t *a = get_task(); struct list_head *l = get_task();
    probe_read_kernel(&v, 4, &a->hc_none[2]);
    probe_read_kernel(&v, 4, &l->hc_next);
    return v + __builtin_preserve_enum_value(*(hc_enum_t *)HC_NONE, 1); }
"""
    _, text = check(compiled(tmp_path, body), capsys)
    guards = set(re.findall(r"Ask first: (if \(.*?\)) \{ \.\.\. \}", text))
    assert len(guards) == 3
    macros = """
#define bpf_core_field_exists(field) __builtin_preserve_field_info(field, 2)
#define bpf_core_enum_value_exists(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 0)
"""
    uses = " ".join(f"{guard} return 1;" for guard in sorted(guards))
    compiled(
        tmp_path, f'{macros}{body}\nSEC("raw_tp/sys_exit") int g(void *c) {{ {uses} return 0; }}', "-Werror"
    )


def test_a_type_without_a_body_is_told_to_stand_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """libbpf: ``no matching targets found``; with a body it finds the kernel's."""
    body = 'struct file{}; SEC("raw_tp/sys_enter") int f(void *c)'
    body += " {{ return __builtin_preserve_type_info(*(typeof(struct file) *)0, 0); }}"
    empty = compiled(tmp_path, body.format(""))
    assert "no matching targets found" in run_libbpf(empty.read_bytes()).log
    assert "file is only declared in the program, without a body" in check(empty, capsys)[1]
    whole = compiled(tmp_path, body.format(" {}"))
    assert "no matching targets found" not in run_libbpf(whole.read_bytes()).log
    assert "nothing found" in check(whole, capsys)[1]


def test_an_offset_that_does_not_fit_is_said_not_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """clang cuts it to 16 bits; libbpf: ``unexpected insn #N (LDX/ST/STX) value: got 4464, exp 70000``."""
    path = compiled(tmp_path, PROGRAMS["an offset above 32,767 that the kernel lacks"][0])
    assert re.search(r"unexpected insn .*got 4464, exp 70000", run_libbpf(path.read_bytes()).log)
    text = check(path, capsys)[1]
    assert "offset 70000 of the program's own field does not fit the 16 bits of a load or store" in text
    assert "cut it to 4464" in text
