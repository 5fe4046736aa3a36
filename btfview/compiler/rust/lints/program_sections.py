"""Sections that programs stand in, and the context each gets (libbpf: ``section_defs``; linux/bpf.h)."""

from __future__ import annotations

from btfview.frozen import frozen

_WORDS = ""
"""The arguments of what is traced, as 64-bit words: no struct."""

_CONTEXTS = {
    "__sk_buff": [
        "socket", "tc/ingress", "tc/egress", "tcx/ingress", "tcx/egress", "tc", "classifier", "action",
        "netkit/primary", "netkit/peer", "lwt_in", "lwt_out", "lwt_xmit", "lwt_seg6local",
        "cgroup_skb/ingress", "cgroup_skb/egress", "cgroup/skb", "sk_skb/stream_parser",
        "sk_skb/stream_verdict", "sk_skb/verdict", "sk_skb", "flow_dissector",
    ],
    "xdp_md": [
        "xdp.frags/devmap", "xdp/devmap", "xdp.frags/cpumap", "xdp/cpumap", "xdp.frags", "xdp",
    ],
    "pt_regs": [
        "kprobe+", "kretprobe+", "uprobe+", "uretprobe+", "uprobe.s+", "uretprobe.s+", "kprobe.multi+",
        "kretprobe.multi+", "kprobe.session+", "uprobe.multi+", "uretprobe.multi+", "uprobe.session+",
        "uprobe.multi.s+", "uretprobe.multi.s+", "uprobe.session.s+", "ksyscall+", "kretsyscall+", "usdt+",
        "usdt.s+",
    ],
    _WORDS: [
        "raw_tracepoint+", "raw_tp+", "raw_tracepoint.w+", "raw_tp.w+", "tp_btf+", "fentry+", "fexit+",
        "fmod_ret+", "fentry.s+", "fexit.s+", "fmod_ret.s+", "lsm+", "lsm.s+", "lsm_cgroup+", "struct_ops+",
        "struct_ops.s+",
    ],
    "bpf_perf_event_data": ["perf_event"],
    "bpf_sock_ops": ["sockops"],
    "sk_msg_md": ["sk_msg"],
    "sk_reuseport_md": ["sk_reuseport/migrate", "sk_reuseport"],
    "bpf_sk_lookup": ["sk_lookup"],
    "bpf_nf_ctx": ["netfilter"],
    "bpf_sysctl": ["cgroup/sysctl"],
    "bpf_cgroup_dev_ctx": ["cgroup/dev"],
    "bpf_sockopt": ["cgroup/getsockopt", "cgroup/setsockopt"],
    "bpf_sock": [
        "cgroup/sock_create", "cgroup/sock_release", "cgroup/sock", "cgroup/post_bind4", "cgroup/post_bind6",
    ],
    "bpf_sock_addr": [
        "cgroup/bind4", "cgroup/bind6", "cgroup/connect4", "cgroup/connect6", "cgroup/connect_unix",
        "cgroup/sendmsg4", "cgroup/sendmsg6", "cgroup/sendmsg_unix", "cgroup/recvmsg4", "cgroup/recvmsg6",
        "cgroup/recvmsg_unix", "cgroup/getpeername4", "cgroup/getpeername6", "cgroup/getpeername_unix",
        "cgroup/getsockname4", "cgroup/getsockname6", "cgroup/getsockname_unix",
    ],
}  # fmt: skip
_UNCHECKED = ["tracepoint+", "tp+", "freplace+", "iter+", "iter.s+", "syscall", "lirc_mode2"]
"""What their context is depends on what they are attached to, or who runs them."""

SECTIONS = {name: context for context, names in _CONTEXTS.items() for name in names} | dict.fromkeys(
    _UNCHECKED
)
"""Context struct by section; ``+`` at the end: alone, or with ``/what`` after it. None: not known."""
CONTEXT_STRUCTS = frozenset(_CONTEXTS) - {_WORDS}
FAMILIES = ("tracepoint", "raw_tp", "kprobe", "fentry", "xdp", "tc", "lsm", "perf_event", "syscall")
"""What a message names of them all."""


@frozen
class ProgramSection:
    name: str
    """A key of :data:`SECTIONS`."""
    context: str | None
    """Name of the struct that the program's argument points to; ``""`` for words, None where it depends."""


def find_section(name: str) -> ProgramSection | None:
    """Return what libbpf takes the section *name* for; None where it knows no such program.

    A ``?`` before it says not to load the program by itself (libbpf: ``find_sec_def``).

    >>> find_section("tp/sched/sched_switch").name, find_section("?xdp").context, find_section("tracing/x")
    ('tp+', 'xdp_md', None)
    """
    name = name.removeprefix("?")
    if name in SECTIONS:
        return ProgramSection(name, SECTIONS[name])
    base = name.partition("/")[0] + "+"
    if base in SECTIONS:
        return ProgramSection(base, SECTIONS[base])
    return None
