"""Which programs may call which helper, and which helpers are for programs under the GPL only.

BTF does not hold this. It was asked of a kernel 6.18, one helper and one program type after the other
(``tools/probe_helpers.py``): the verifier says "cannot use helper" or "GPL-restricted". Types that this
kernel did not take (LSM) are left to what is said of them below.
"""

from __future__ import annotations

from functools import cache

# By number, of enum bpf_func_id: those that all types may call, then what each type may call beside them.
_ALL = """
1-3 5-8 12 14-17 22 35 37 42 55 80 87-89 93-94 105-106 109 112-115 117-118 120 123 125 130-134 141
    148-149 153-154 156-158 164-165 169-172 175-177 180-182 191 194-195 197-203 208-211
"""
_TYPES = """
CGROUP_DEVICE 25 81
CGROUP_SKB 25-26 46-47 68 79 81 83-86 95-99 107-108 122 128-129 136-140 160 178 196
CGROUP_SOCK 25 46 81 107 122 160 186-187
CGROUP_SOCKOPT 25 81 96 107-108 122 186-187
CGROUP_SOCK_ADDR 25 46 49 57 64 81 84-86 99 107-108 122 136-140 160 178 186-187 196
CGROUP_SYSCTL 25 81 101-104 160
FLOW_DISSECTOR 26 136-140 160 178 196
KPROBE 4 25 27 45 67 173-174
LWT_IN 24-26 28 33-34 39 73 136-140 160 178 196
LWT_OUT 24-26 28 33-34 39 136-140 160 178 196
LWT_SEG6LOCAL 24-26 28 33-34 39 74-76 136-140 160 178 196
LWT_XMIT 9-11 13 20-21 23-26 28-30 33-34 38-41 43 73 135-140 160 178 196
NETFILTER
PERF_EVENT 4 25 27 45 56 67 119 173-174
RAW_TRACEPOINT 4 25 27 45 67 173-174
RAW_TRACEPOINT_WRITABLE 4 25 27 45 67 173-174
SCHED_ACT 9-11 13 18-21 23-26 28-34 38-41 43 46-48 50 66 68-69 79 83-86 95-100 107-108 110 122 124
    135-140 151-152 155 160 163 178 192 196 204-207
SCHED_CLS 9-11 13 18-21 23-26 28-34 38-41 43 46-48 50 66 68-69 79 83-86 95-100 107-108 110 122 124
    135-140 151-152 155 160 163 178 192 196 204-207
SK_LOOKUP 25 86 124 136-140 160 178 196
SK_MSG 25 60-63 71 90-91 107-108 122 136-140 160 178 196
SK_REUSEPORT 26 46 68 82 160
SK_SKB 9 25-26 38-39 43 46-47 50 52 72 84-86 99 136-140 160 178 196
SOCKET_FILTER 25-26 46-47 68 122 136-140 160 178 196
SOCK_OPS 25 46 49 53 57 59 70 81 96 107-108 122 136-140 142-144 160 178 196
SYSCALL 4 25 27 45-46 67 107-108 111 121 136-140 147 162 166-168 173 178-179 188 196
TRACEPOINT 4 25 27 45 67 173-174
TRACING 4 25 27 45-46 67 107-108 111 121 136-140 147 162 173-174 178 188 196
XDP 23 25 28 44 51 54 65 69 84-86 99-100 110 136-140 160 163 178 188-190 196 204-207
"""
_GPL = """
4 6 22 25 27 35 45 55-56 67 69 100 110-115 119 121 158 163 165 169-173 175-177 191 204-207
"""
_TRAMPOLINE = "173-174 183-185"
"""For programs at a function alone (``bpf_prog_has_trampoline``): the probe ran at a tracepoint."""
_ITERATOR = "126-127 150"
"""seq_printf, seq_write, seq_printf_btf."""
_LSM = "46-47 49 57 93-94 107-108 145-146 159 161 193"
"""``bpf_lsm_func_proto``, beside what tracing programs may call."""

SLEEPING = frozenset((148, 161, 191, 193))
"""copy_from_user, ima_inode_hash, copy_from_user_task, ima_file_hash: for sleepable programs only."""
SPIN_LOCK = 93
TRACING_TYPES = frozenset(("KPROBE", "TRACEPOINT", "PERF_EVENT", "RAW_TRACEPOINT", "RAW_TRACEPOINT_WRITABLE"))
"""``is_tracing_prog_type``."""
LIMITED = frozenset((147,))
"""d_path: for functions of a list in the kernel."""
LATE = frozenset((14, 15, 16, 22, 37, 80, 109, 117, 120, 123))
"""What tracing programs could always call, and others from 6.10 to 6.15 on (get_current_pid_tgid ...)."""
LATE_FOR_ALL = frozenset((17,))
"""get_cgroup_classid: of the traffic control's programs until 6.17."""
_TRACING_FAMILY = TRACING_TYPES | {"TRACING", "LSM", "SYSCALL"}
_CLASSID_TYPES = frozenset(
    ("SCHED_CLS", "SCHED_ACT", "LWT_IN", "LWT_OUT", "LWT_XMIT", "LWT_SEG6LOCAL", "CGROUP_DEVICE")
)


def is_late(prog_type: str, helper: int) -> bool:
    """Tell whether programs of a type may call a helper on newer kernels only, though it is much older."""
    if helper in LATE_FOR_ALL:
        return prog_type not in _CLASSID_TYPES
    return helper in LATE and prog_type not in _TRACING_FAMILY


@cache
def gpl_only() -> frozenset[int]:
    """Return the helpers that programs under another licence than the GPL may not call."""
    return _numbers(_GPL)


@cache
def _by_type() -> dict[str, frozenset[int]]:
    every = _numbers(_ALL)
    found: dict[str, frozenset[int]] = {}
    name = ""
    for word in _TYPES.split():
        if word[0].isalpha():
            name, found[word] = word, every
        else:
            found[name] |= _numbers(word)
    found["TRACING"] |= _numbers(f"{_TRAMPOLINE} {_ITERATOR}")
    found["LSM"] = found["TRACING"] | _numbers(_LSM)
    found["STRUCT_OPS"] = every
    return found


def may_call(prog_type: str, helper: int) -> bool | None:
    """Tell whether programs of a type may call a helper on the kernel that was asked; None for a type that
    was not."""
    allowed = _by_type().get(prog_type)
    return None if allowed is None else helper in allowed


def _numbers(text: str) -> frozenset[int]:
    found: set[int] = set()
    for word in text.split():
        first, _, last = word.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
