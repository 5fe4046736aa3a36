"""What the tracers of libbpf-tools ask for: the C that is made for it, on kernels from 5.4 to 7.3."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.bindings.make import make_bindings
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.bindings.test_c import HEAD, check_resolved
from tests.fixes.fixing import analysed, failing, fixes_of

pytestmark = [pytest.mark.shared, pytest.mark.debian_tool("clang-19")]

KERNELS = (
    "5.4.0-216-generic-amd64",
    "5.15.0-204-generic-amd64",
    "6.8.0-151-generic-amd64",
    "6.12.117+deb12-arm64",
    "7.3-amd64",
)
# path, the tool whose object asks for it, and on how many of the kernels it is
RECORDS = {
    "request.__sector": ("biosnoop", 5),
    "task_struct.exit_code": ("exitsnoop", 5),
    "file.f_path.dentry": ("btrfsslower", 5),
    "dentry.d_name.name": ("btrfsslower", 5),
    "sock.__sk_common.skc_daddr": ("tcptop", 5),
    "inode.i_mode": ("filetop", 5),
    "kmem_cache.name": ("slabratetop", 5),
    "trace_event_raw_sys_enter.args[2]": ("killsnoop", 5),
    "inet_sock.freebind": ("bindsnoop", 2),
    "pt_regs.di": ("bindsnoop", 4),
}


@pytest.fixture(scope="module")
def kernels(kernel_btf: Callable[[str], Path]) -> tuple[Target, ...]:
    return tuple(open_target(str(kernel_btf(name))) for name in KERNELS)


def test_code_for_ten_of_their_records_resolves_where_the_field_is(kernels: tuple[Target, ...]) -> None:
    bindings = make_bindings(list(RECORDS), kernels, "c")
    check_resolved(bindings, kernels)
    for accessor in bindings.accessors:
        count = RECORDS[str(accessor.path)][1]
        assert sum(len(one.targets) for one in accessor.declarations) == count, str(accessor.path)


@pytest.mark.parametrize("tool", sorted({tool for tool, _ in RECORDS.values()}))
def test_the_tools_ask_for_them(tool: str) -> None:
    path = Path("/usr/sbin") / tool
    if not path.exists():
        pytest.skip("needs the Debian package libbpf-tools")
    asked = {linked.path for linked in analyse(str(path)).relos}
    assert {path for path, (of, _) in RECORDS.items() if of == tool} <= asked


# What the tools do with the fields that newer kernels have elsewhere, and what is then read.
PROGRAM = """
struct STRUCT { MEMBER; } __attribute__((preserve_access_index));
long value;

SEC("raw_tp/sys_enter")
int use(unsigned long long *ctx)
{
	struct STRUCT *from = (void *)ctx[0];
	unsigned int copied;

	STATEMENT
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
"""
READS = {
    # bindsnoop.bpf.c; the bits went into a word of flags with 6.6
    "freebind": (
        "inet_sock",
        "unsigned char freebind : 1",
        "value = BPF_CORE_READ_BITFIELD_PROBED(from, freebind);",
        "BPF_CORE_READ(v6_8, inet_flags) >> 11 & 0x1;",
    ),
    "transparent": (
        "inet_sock",
        "unsigned char transparent : 1",
        "value |= (unsigned char)BPF_CORE_READ_BITFIELD_PROBED(from, transparent) << 1;",
        "BPF_CORE_READ(v6_8, inet_flags) >> 15 & 0x1;",
    ),
    # runqlen.bpf.c; nr_running became nr_queued with 6.14
    "nr_running": (
        "cfs_rq",
        "unsigned int nr_running",
        "bpf_core_read(&copied, sizeof(copied), &from->nr_running);\n\tvalue = copied;",
        "BPF_CORE_READ(v7_3, nr_queued);",
    ),
}


@pytest.mark.parametrize(("struct", "member", "statement", "reads"), READS.values(), ids=READS)
def test_their_reads_are_mended(
    struct: str, member: str, statement: str, reads: str, kernels: tuple[Target, ...]
) -> None:
    text = PROGRAM.replace("STRUCT", struct).replace("MEMBER", member).replace("STATEMENT", statement)
    analysis = analysed(HEAD + text, kernels)
    fixes = fixes_of(analysis, failing(analysis)[0])
    assert fixes.keys() == {"successor", "guard"}
    assert f"return {reads}" in fixes["successor"].proposal.text
    for fix in fixes.values():
        assert sum(fix.failing_after) == 0
