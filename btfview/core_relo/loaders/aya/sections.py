"""The names that sections of aya's programs may have."""

from __future__ import annotations

_TAKEN = """
kprobe kretprobe uprobe uprobe.s uretprobe uretprobe.s tp_btf tracepoint tp socket sk_msg sockops classifier
lirc_mode2 perf_event raw_tp raw_tracepoint lsm lsm.s lsm_cgroup fentry fentry.s fexit fexit.s flow_dissector
freplace sk_lookup iter iter.s
"""
_KINDS = frozenset(_TAKEN.split())
"""Sections of these names, before the first ``/``, are taken whatever follows."""
_OF_CGROUPS = """
skb sysctl dev getsockopt setsockopt sock post_bind4 post_bind6 sock_create sock_release bind4 bind6 connect4
connect6 getpeername4 getpeername6 getsockname4 getsockname6 sendmsg4 sendmsg6 recvmsg4 recvmsg6
"""
_KINDS_WITH_PARTS = {
    "xdp": frozenset(("", "cpumap", "devmap")),
    "xdp.frags": frozenset(("", "cpumap", "devmap")),
    "sk_skb": frozenset(("stream_parser", "stream_verdict")),
    "sk_reuseport": frozenset(("", "migrate")),
    "cgroup_skb": frozenset(("ingress", "egress")),
    "cgroup": frozenset(_OF_CGROUPS.split()),
}
"""Of these, only with one of these words after the ``/``; the empty one is none."""
NOT_PROGRAMS = ("license", "version", "maps", ".maps", ".text", ".bss", ".data", ".rodata")
"""Beginnings of names of sections that hold no programs (aya: ``EbpfSectionKind::from_name``)."""


def is_known_section(name: str) -> bool:
    """Return whether aya takes a section of programs of this name (aya: ``ProgramSection::from_str``).

    >>> [is_known_section(name) for name in ("kprobe/f", "tc", "xdp/devmap", "?kprobe/f", "cgroup/x")]
    [True, False, True, False, False]
    """
    kind, _, rest = name.partition("/")
    parts = _KINDS_WITH_PARTS.get(kind)
    return kind in _KINDS if parts is None else rest.partition("/")[0] in parts
