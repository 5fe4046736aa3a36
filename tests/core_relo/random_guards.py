"""Random C programs that read a field that no kernel has, behind guards of every shape that people write."""

from __future__ import annotations

import random

PRELUDE = """\
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
#define CORE __attribute__((preserve_access_index))
#define exists(field) __builtin_preserve_field_info(field, 2)
#define type_exists(t) __builtin_preserve_type_info(*(typeof(t) *)0, 0)
#define enum_exists(e, v) __builtin_preserve_enum_value(*(typeof(e) *)v, 0)
static void *(*lookup)(void *map, const void *key) = (void *)1;
static u64 (*ktime)(void) = (void *)5;
static u64 (*pid_tgid)(void) = (void *)14;
static long (*get_comm)(void *buf, u32 size) = (void *)16;
static u64 (*get_task)(void) = (void *)35;
static long (*loop)(u32 n, void *f, void *c, u64 flags) = (void *)181;
static long (*probe_read)(void *dst, u32 size, const void *src) = (void *)113;
struct task_struct { int pid; int tgid; int gone_a; int gone_b; } CORE;
struct task_struct___never { int x; } CORE;
struct no_such_type { int x; } CORE;
enum pid_type { PIDTYPE_PID, PIDTYPE_GONE = 77 };
char LICENSE[] SEC("license") = "GPL";
const volatile u32 rodata_zero = 0, rodata_one = 1;
u32 data_flag = 1;
extern u32 LINUX_KERNEL_VERSION __attribute__((section(".kconfig")));
extern struct task_struct *bpf_task_from_pid(int pid) __attribute__((section(".ksyms"), weak));
extern void bpf_task_release(struct task_struct *t) __attribute__((section(".ksyms"), weak));
extern int bpf_no_such_kfunc(int x) __attribute__((section(".ksyms"), weak));
"""
# A condition, by whether it is true or false on every kernel, or open to the verifier.
FALSE = (
    "exists(t->gone_a)", "exists(t->gone_b)", "type_exists(struct no_such_type)", "!exists(t->pid)",
    "enum_exists(enum pid_type, PIDTYPE_GONE)", "bpf_no_such_kfunc != 0", "rodata_zero", "has_gone()",
    "exists(t->gone_a) && exists(t->pid)", "!rodata_one", "exists(t->gone_a) == 1", "both(t, 3)",
    "!type_exists(struct task_struct)", "(exists(t->gone_a) | exists(t->gone_b))",
)  # fmt: skip
TRUE = (
    "exists(t->pid)", "!exists(t->gone_a)", "type_exists(struct task_struct)", "rodata_one", "!rodata_zero",
    "enum_exists(enum pid_type, PIDTYPE_PID)", "has_pid()", "exists(t->tgid) == 1",
)  # fmt: skip
OPEN = (
    "ktime() & 1", "(u32)pid_tgid() == 7", "pid_tgid() >> 32 == 1", "data_flag",
    "LINUX_KERNEL_VERSION > 0x60000", "read_pid(t) == 1", "read_pid(t) > 100", "t != 0", "comm_begins(97)",
    "n & 3", "n > 1",
    "(exists(t->pid) ? (int)ktime() : 0) == 3", "ktime() > ktime()",
)  # fmt: skip
HELPERS = """\
static __attribute__((noinline)) int has_pid(void) { return exists(((struct task_struct *)0)->pid); }
static __attribute__((noinline)) int has_gone(void) { return exists(((struct task_struct *)0)->gone_a); }
static __attribute__((noinline)) int both(struct task_struct *t, int n) {
    return n == 3 && exists(t->gone_b); }
static __attribute__((noinline)) int read_pid(struct task_struct *t) {
    int v = 0; probe_read(&v, sizeof(v), &t->pid); return v; }
static __attribute__((noinline)) int read_gone(struct task_struct *t) {
    int v = 0; probe_read(&v, sizeof(v), &t->gone_a); return v; }
static __attribute__((noinline)) int read_gone_if(struct task_struct *t, int yes) {
    int v = 0; if (yes) probe_read(&v, sizeof(v), &t->gone_b); return v; }
static __attribute__((noinline)) int comm_begins(int c) {
    char b[16]; get_comm(b, sizeof(b)); return b[0] == c; }
__attribute__((noinline)) int global_gone(u64 p) {
    int v = 0; probe_read(&v, sizeof(v), &((struct task_struct *)p)->gone_a); return v; }
static long callback(u32 i, void *c) {
    int v = 0; probe_read(&v, sizeof(v), &((struct task_struct *)get_task())->gone_a); return v & 1; }
"""
# How often each of the statements below is chosen, by whether more may stand inside it.
_NESTING, _PLAIN = (1, 1, 3, 2, 1, 1, 3, 3, 9), (3, 3, 2, 2, 2, 1, 0, 0, 0)


def make_source(seed: int, count: int) -> str:
    """Return C with *count* programs ``p0``, ``p1`` ..."""
    rng = random.Random(seed)
    programs = "\n".join(_program(rng, number) for number in range(count))
    return f"{PRELUDE}{HELPERS}{programs}\n"


def _program(rng: random.Random, number: int) -> str:
    body = _block(rng, rng.randint(1, 3))
    return (
        f'SEC("raw_tp/sys_enter") int p{number}(u64 *ctx) {{\n'
        "  struct task_struct *t = (void *)get_task(); int r = 0; u32 n = ktime();\n"
        f"{body}  return r;\n}}"
    )


def _block(rng: random.Random, depth: int) -> str:
    return "".join(_statement(rng, depth) for _ in range(rng.randint(1, 2)))


def _condition(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.2:
        return f"({_condition(rng)}) && ({_condition(rng)})"
    if kind < 0.3:
        return f"({_condition(rng)}) || ({_condition(rng)})"
    return rng.choice(rng.choice((FALSE, FALSE, TRUE, OPEN)))


def _statement(rng: random.Random, depth: int) -> str:
    match rng.choices(range(9), _NESTING if depth else _PLAIN)[0]:
        case 0:
            return "  { int v = 0; probe_read(&v, sizeof(v), &t->gone_a); r += v; }\n"
        case 1:
            return "  r += read_gone(t);\n"
        case 2:
            return f"  r += read_gone_if(t, !!({_condition(rng)}));\n"
        case 3:
            return "  { int v = 0; probe_read(&v, sizeof(v), &t->pid); r += v; }\n"
        case 4:
            return "  r += read_pid(t);\n"
        case 5:
            return rng.choice(
                ("  r += global_gone((u64)t);\n", "  loop(3, callback, 0, 0);\n", "  r += n;\n")
            )
        case 6:
            return (
                f"  for (int i = 0; i < {rng.randint(2, 4)}; i++) {{\n{_guarded(rng, depth)}  n += i;\n  }}\n"
            )
        case 7:
            head = f"  {{ int saved = !!({_condition(rng)}); r += ktime() & 1; if (saved)"
            return f"{head} {{\n{_block(rng, depth - 1)}  }} }}\n"
        case _:
            return _guarded(rng, depth)


def _guarded(rng: random.Random, depth: int) -> str:
    other = f" else {{\n{_block(rng, depth - 1)}  }}" if rng.random() < 0.3 else ""
    return f"  if ({_condition(rng)}) {{\n{_block(rng, depth - 1)}  }}{other}\n"
