"""What a section's name says of the programs in it, as libbpf reads it.

The table is libbpf's ``section_defs`` (libbpf.c, 1.7.0), the matching ``sec_def_matches``.
"""

from __future__ import annotations

from functools import cache

from btfview.frozen import frozen

LOADERS = ("1.7.0", "1.1.2")
"""Versions of libbpf whose rules are known, the default first: the newest, and that of Debian 12."""
OLD_LOADER = "1.1.2"

# NAME TYPE ATTACH_TYPE FLAGS; a "+" at the end of a name: "/" and more may follow; "*": not in libbpf 1.1.
_TEXT = """
socket SOCKET_FILTER -
sk_reuseport/migrate SK_REUSEPORT SK_REUSEPORT_SELECT_OR_MIGRATE
sk_reuseport SK_REUSEPORT SK_REUSEPORT_SELECT
kprobe+ KPROBE -
uprobe+ KPROBE -
uprobe.s+ KPROBE - SLEEPABLE
kretprobe+ KPROBE -
uretprobe+ KPROBE -
uretprobe.s+ KPROBE - SLEEPABLE
kprobe.multi+ KPROBE TRACE_KPROBE_MULTI
kretprobe.multi+ KPROBE TRACE_KPROBE_MULTI
*kprobe.session+ KPROBE TRACE_KPROBE_SESSION
*uprobe.multi+ KPROBE TRACE_UPROBE_MULTI
*uretprobe.multi+ KPROBE TRACE_UPROBE_MULTI
*uprobe.session+ KPROBE TRACE_UPROBE_SESSION
*uprobe.multi.s+ KPROBE TRACE_UPROBE_MULTI SLEEPABLE
*uretprobe.multi.s+ KPROBE TRACE_UPROBE_MULTI SLEEPABLE
*uprobe.session.s+ KPROBE TRACE_UPROBE_SESSION SLEEPABLE
ksyscall+ KPROBE -
kretsyscall+ KPROBE -
usdt+ KPROBE - USDT
*usdt.s+ KPROBE - USDT,SLEEPABLE
*tc/ingress SCHED_CLS TCX_INGRESS
*tc/egress SCHED_CLS TCX_EGRESS
*tcx/ingress SCHED_CLS TCX_INGRESS
*tcx/egress SCHED_CLS TCX_EGRESS
tc SCHED_CLS -
classifier SCHED_CLS -
action SCHED_ACT -
*netkit/primary SCHED_CLS NETKIT_PRIMARY
*netkit/peer SCHED_CLS NETKIT_PEER
tracepoint+ TRACEPOINT -
tp+ TRACEPOINT -
raw_tracepoint+ RAW_TRACEPOINT -
raw_tp+ RAW_TRACEPOINT -
raw_tracepoint.w+ RAW_TRACEPOINT_WRITABLE -
raw_tp.w+ RAW_TRACEPOINT_WRITABLE -
tp_btf+ TRACING TRACE_RAW_TP ATTACH_BTF
fentry+ TRACING TRACE_FENTRY ATTACH_BTF
fmod_ret+ TRACING MODIFY_RETURN ATTACH_BTF
fexit+ TRACING TRACE_FEXIT ATTACH_BTF
fentry.s+ TRACING TRACE_FENTRY ATTACH_BTF,SLEEPABLE
fmod_ret.s+ TRACING MODIFY_RETURN ATTACH_BTF,SLEEPABLE
fexit.s+ TRACING TRACE_FEXIT ATTACH_BTF,SLEEPABLE
*fsession+ TRACING TRACE_FSESSION ATTACH_BTF
*fsession.s+ TRACING TRACE_FSESSION ATTACH_BTF,SLEEPABLE
freplace+ EXT - ATTACH_BTF
lsm+ LSM LSM_MAC ATTACH_BTF
lsm.s+ LSM LSM_MAC ATTACH_BTF,SLEEPABLE
lsm_cgroup+ LSM LSM_CGROUP ATTACH_BTF
iter+ TRACING TRACE_ITER ATTACH_BTF
iter.s+ TRACING TRACE_ITER ATTACH_BTF,SLEEPABLE
syscall SYSCALL - SLEEPABLE
xdp.frags/devmap XDP XDP_DEVMAP XDP_FRAGS
xdp/devmap XDP XDP_DEVMAP
xdp.frags/cpumap XDP XDP_CPUMAP XDP_FRAGS
xdp/cpumap XDP XDP_CPUMAP
xdp.frags XDP XDP XDP_FRAGS
xdp XDP XDP
perf_event PERF_EVENT -
lwt_in LWT_IN -
lwt_out LWT_OUT -
lwt_xmit LWT_XMIT -
lwt_seg6local LWT_SEG6LOCAL -
sockops SOCK_OPS CGROUP_SOCK_OPS
sk_skb/stream_parser SK_SKB SK_SKB_STREAM_PARSER
sk_skb/stream_verdict SK_SKB SK_SKB_STREAM_VERDICT
*sk_skb/verdict SK_SKB SK_SKB_VERDICT
sk_skb SK_SKB -
sk_msg SK_MSG SK_MSG_VERDICT
lirc_mode2 LIRC_MODE2 LIRC_MODE2
flow_dissector FLOW_DISSECTOR FLOW_DISSECTOR
cgroup_skb/ingress CGROUP_SKB CGROUP_INET_INGRESS
cgroup_skb/egress CGROUP_SKB CGROUP_INET_EGRESS
cgroup/skb CGROUP_SKB -
cgroup/sock_create CGROUP_SOCK CGROUP_INET_SOCK_CREATE
cgroup/sock_release CGROUP_SOCK CGROUP_INET_SOCK_RELEASE
cgroup/sock CGROUP_SOCK CGROUP_INET_SOCK_CREATE
cgroup/post_bind4 CGROUP_SOCK CGROUP_INET4_POST_BIND
cgroup/post_bind6 CGROUP_SOCK CGROUP_INET6_POST_BIND
cgroup/bind4 CGROUP_SOCK_ADDR CGROUP_INET4_BIND
cgroup/bind6 CGROUP_SOCK_ADDR CGROUP_INET6_BIND
cgroup/connect4 CGROUP_SOCK_ADDR CGROUP_INET4_CONNECT
cgroup/connect6 CGROUP_SOCK_ADDR CGROUP_INET6_CONNECT
*cgroup/connect_unix CGROUP_SOCK_ADDR CGROUP_UNIX_CONNECT
cgroup/sendmsg4 CGROUP_SOCK_ADDR CGROUP_UDP4_SENDMSG
cgroup/sendmsg6 CGROUP_SOCK_ADDR CGROUP_UDP6_SENDMSG
*cgroup/sendmsg_unix CGROUP_SOCK_ADDR CGROUP_UNIX_SENDMSG
cgroup/recvmsg4 CGROUP_SOCK_ADDR CGROUP_UDP4_RECVMSG
cgroup/recvmsg6 CGROUP_SOCK_ADDR CGROUP_UDP6_RECVMSG
*cgroup/recvmsg_unix CGROUP_SOCK_ADDR CGROUP_UNIX_RECVMSG
cgroup/getpeername4 CGROUP_SOCK_ADDR CGROUP_INET4_GETPEERNAME
cgroup/getpeername6 CGROUP_SOCK_ADDR CGROUP_INET6_GETPEERNAME
*cgroup/getpeername_unix CGROUP_SOCK_ADDR CGROUP_UNIX_GETPEERNAME
cgroup/getsockname4 CGROUP_SOCK_ADDR CGROUP_INET4_GETSOCKNAME
cgroup/getsockname6 CGROUP_SOCK_ADDR CGROUP_INET6_GETSOCKNAME
*cgroup/getsockname_unix CGROUP_SOCK_ADDR CGROUP_UNIX_GETSOCKNAME
cgroup/sysctl CGROUP_SYSCTL CGROUP_SYSCTL
cgroup/getsockopt CGROUP_SOCKOPT CGROUP_GETSOCKOPT
cgroup/setsockopt CGROUP_SOCKOPT CGROUP_SETSOCKOPT
cgroup/dev CGROUP_DEVICE CGROUP_DEVICE
struct_ops+ STRUCT_OPS -
*struct_ops.s+ STRUCT_OPS - SLEEPABLE
sk_lookup SK_LOOKUP SK_LOOKUP
*netfilter NETFILTER NETFILTER
"""


@frozen
class SectionKind:
    """One line of libbpf's table."""

    name: str
    """``fentry.s``; what stands before a ``/``."""
    takes_more: bool
    """``fentry/vfs_read`` is of the kind, not only ``fentry``."""
    prog_type: str
    """``TRACING``: without ``BPF_PROG_TYPE_``."""
    attach_type: str
    """``TRACE_FENTRY``: without ``BPF_``; empty where none is expected."""
    is_sleepable: bool = False
    needs_btf: bool = False
    """The kernel's BTF must hold what it attaches to (``SEC_ATTACH_BTF``)."""
    has_frags: bool = False
    is_new: bool = False
    """Not known to libbpf 1.1."""


@frozen
class ProgramSection:
    """A section that holds programs."""

    kind: SectionKind
    target: str
    """What stands behind the first ``/``; empty where nothing does."""
    is_optional: bool
    """``SEC("?...")``: libbpf does not load the program by itself."""


@cache
def _kinds() -> tuple[SectionKind, ...]:
    kinds = []
    for line in _TEXT.split("\n"):
        if line:
            name, prog_type, attach_type, *flags = line.removeprefix("*").split()
            words = flags[0].split(",") if flags else []
            kinds.append(
                SectionKind(
                    name.removesuffix("+"),
                    name.endswith("+"),
                    prog_type,
                    "" if attach_type == "-" else attach_type,
                    "SLEEPABLE" in words,
                    "ATTACH_BTF" in words,
                    "XDP_FRAGS" in words,
                    line.startswith("*"),
                )
            )
    return tuple(kinds)


def read_section(name: str, loader: str = LOADERS[0]) -> ProgramSection | None:
    """Return what libbpf makes of a section called *name*; None where it knows no such section.

    >>> found = read_section("?fentry.s/nf:nf_conntrack_in")
    >>> found.kind.prog_type, found.target, found.kind.is_sleepable, found.is_optional
    ('TRACING', 'nf:nf_conntrack_in', True, True)
    """
    plain = name.removeprefix("?")
    head, _, target = plain.partition("/")
    for kind in _kinds():
        is_known = loader != OLD_LOADER or not kind.is_new
        if is_known and (plain == kind.name or (kind.takes_more and head == kind.name)):
            return ProgramSection(kind, target, name.startswith("?"))
    return None
