"""Structs of the kernel that are read at offsets without a record: where pahole sees the fields, and no false
alarm."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.cli.main import main
from btfview.demands.asked import Loading
from btfview.demands.program.baked_in import BakedIn
from btfview.targets.find import open_targets
from btfview.targets.target import Target

pytestmark = [pytest.mark.shared, pytest.mark.debian_tool("clang-19")]
KERNEL = "6.18.44-fc-amd64"
HEAD = """\
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(x) __attribute__((section(x), used))
static long (*const probe_read_kernel)(void *dst, unsigned size, const void *src) = (void *)113;
static long (*const probe_read)(void *dst, unsigned size, const void *src) = (void *)4;
static void *(*const get_task)(void) = (void *)35;
static void *(*const get_task_btf)(void) = (void *)158;
char _license[] SEC("license") = "GPL";
"""
STRUCTS = """
struct inode { char a[64]; unsigned long i_ino; };
struct file { char pad[32]; struct inode *f_inode; };
struct sock_common { u32 daddr; u32 saddr; u32 hash; unsigned short dport; };
struct sock { struct sock_common __sk_common; };
struct task_struct { char pad[1264]; int pid; int tgid; };
struct sockaddr { unsigned short family; };
"""
PAI = "#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)\n"

FILE = 'SEC("fentry/vfs_read") int f(u64 *c) { struct file *f = (void *)c[0]; return f->f_inode->i_ino; }'
PORT = """SEC("kprobe/tcp_connect") int f(char *c) {
    struct sock *sk = *(void **)(c + 112); unsigned short p = 0;
    probe_read_kernel(&p, 2, &sk->__sk_common.dport); return p; }"""
TASK = """SEC("raw_tp/sys_enter") int f(void *c) {
    struct task_struct *t = get_task(); int p = 0; probe_read(&p, 4, &t->tgid); return p; }"""
SWITCH = """SEC("tp_btf/sched_switch") int f(u64 *c) {
    struct task_struct *prev = (void *)c[1], *next = (void *)c[2]; return prev->pid + next->tgid; }"""
OFFSETOF = """SEC("raw_tp/sys_enter") int f(void *c) {
    int p = 0; probe_read_kernel(&p, 4, (char *)get_task() + __builtin_offsetof(struct task_struct, pid));
    return p; }"""
TWO_HOPS = """SEC("kprobe/vfs_read") int f(char *c) {
    struct file *f = *(void **)(c + 112); struct inode *i = 0; unsigned long n = 0;
    probe_read_kernel(&i, 8, &f->f_inode); probe_read_kernel(&n, 8, &i->i_ino); return n; }"""
BTF_TASK = """SEC("raw_tp/sys_enter") int f(void *c) {
    struct task_struct *t = get_task_btf(); return t->pid; }"""


@pytest.fixture
def kernel(kernel_btf: Callable[[str], Path]) -> str:
    return str(kernel_btf(KERNEL))


def compiled(tmp_path: Path, source: str) -> str:
    path = tmp_path / "prog.c"
    path.write_text(source)
    out = tmp_path / "prog.o"
    subprocess.run(
        ["clang-19", "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-c", str(path), "-o", str(out)], check=True
    )
    return str(out)


def reads_of(path: str, targets: tuple[Target, ...]) -> tuple[tuple[BakedIn, ...], Analysis]:
    analysis = analyse(path, targets, checks_reads=True, loading=Loading())
    return analysis.baked_in[0], analysis


@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param(FILE, ["file.f_inode", "inode.i_ino"], id="fentry"),
        pytest.param(PORT, ["sock.skc_dport"], id="kprobe"),
        pytest.param(TASK, ["task_struct.tgid"], id="current-task"),
        pytest.param(SWITCH, ["task_struct.pid", "task_struct.tgid"], id="tracepoint"),
        pytest.param(OFFSETOF, ["task_struct.pid"], id="offsetof"),
        pytest.param(TWO_HOPS, ["file.f_inode", "inode.i_ino"], id="pointer-after-pointer"),
        pytest.param(BTF_TASK, ["task_struct.pid"], id="current-task-btf"),
    ],
)
def test_a_field_without_a_record_is_where_pahole_sees_it(
    body: str, fields: list[str], kernel: str, tmp_path: Path
) -> None:
    reads, analysis = reads_of(compiled(tmp_path, HEAD + STRUCTS + body), open_targets(kernel))
    assert analysis.relos == ()
    found = {f"{read.struct}.{read.field.rpartition('.')[2]}" for read in reads}
    assert found == set(fields)
    for read in reads:
        shown = subprocess.run(
            ["pahole", "-F", "btf", "-E", "-C", read.struct, kernel],
            capture_output=True,
            text=True,
            check=True,
        )
        name = read.field.rpartition(".")[2]
        assert re.search(
            rf"\b{name};\s*/\*\s*{read.offset}\s+{read.byte_size} \*/", shown.stdout, re.MULTILINE
        ), read


@pytest.mark.parametrize("body", [FILE, PORT, TASK, SWITCH, TWO_HOPS, BTF_TASK])
def test_with_records_it_is_silent(body: str, kernel: str, tmp_path: Path) -> None:
    structs = STRUCTS.replace("daddr; u32 saddr; u32 hash", "skc_daddr; u32 b; u32 c")
    reads, analysis = reads_of(
        compiled(tmp_path, HEAD + PAI + structs + "#pragma clang attribute pop\n" + body),
        open_targets(kernel),
    )
    assert analysis.relos
    assert reads == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            'SEC("lsm/socket_bind") int f(u64 *c) { struct sockaddr *a = (void *)c[1]; return a->family; }',
            id="layout-of-the-user-interface",
        ),
        pytest.param(
            'SEC("kprobe/vfs_read") int f(char *c) { char *to = *(void **)(c + 104); int p = 0;'
            " probe_read(&p, 4, to + 8); return p; }",
            id="no-struct",
        ),
        pytest.param(
            'SEC("kretprobe/vfs_read") int f(char *c) { char *r = *(void **)(c + 80); int p = 0;'
            " probe_read(&p, 4, r + 8); return p; }",
            id="a-result",
        ),
        pytest.param(
            'SEC("kprobe/vfs_read") int f(char *c) { struct file *f = *(void **)(c + 112); int p = 0;'
            " if (*(u64 *)(c + 96)) f = (void *)*(u64 *)(c + 96);"
            " probe_read(&p, 4, (char *)f + 8); return p; }",
            id="of-two-origins",
        ),
    ],
)
def test_what_is_no_struct_of_the_kernel_for_sure_is_silent(body: str, kernel: str, tmp_path: Path) -> None:
    assert reads_of(compiled(tmp_path, HEAD + STRUCTS + body), open_targets(kernel))[0] == ()


@pytest.mark.parametrize("folder", ["corpus/obj", "loads/objs"])
def test_programs_that_ask_by_records_give_no_false_alarm(folder: str, shared: Path, kernel: str) -> None:
    """Each object was made with records for all that it reads of the kernel."""
    targets = open_targets(kernel)
    paths = sorted((shared / folder).glob("*.o"))
    assert len(paths) > 20
    for path in paths:
        assert reads_of(str(path), targets)[0] == (), path.name


def test_it_is_told_once_for_a_struct_and_may_be_allowed(
    kernel: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = compiled(tmp_path, HEAD + STRUCTS + SWITCH)
    old = str(shared / "btf" / "6.1.0-56-amd64.btf.xz")
    # Where the test runs has no say in how long the finding is: a long one has its hint on lines of its own.
    assert main(["check", program, "-t", kernel, "-t", old, "--path-prefix-map", f"{tmp_path}=."]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "[baked_in_offset]" in line]
    assert ": warning: f reads struct task_struct at an offset that is compiled in" in line
    assert "at byte 1264, and 1 more offset; there lies pid on 6.18.44-fc-amd64, " in line
    assert "preserve_access_index" in line
    assert main(["check", program, "-t", kernel, "--deny", "baked_in_offset"]) == 1
    assert main(["check", program, "-t", kernel, "--allow", "baked_in_offset"]) == 0
