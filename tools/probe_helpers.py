"""Ask the running kernel which programs may call which helper, and which helpers are for the GPL only.

Prints the tables of btfview/demands/kernel/helper_rules.py as JSON. Loads programs of three instructions,
which are gone when it ends; needs root.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from struct import pack

from btfview.btf.query import find_types, kinds_called
from btfview.btf.reader import Btf

_SYS_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351, "ppc64le": 361}
_PROG_LOAD = 5
_SLEEPABLE = 16
_TYPES = (
    *("UNSPEC", "SOCKET_FILTER", "KPROBE", "SCHED_CLS", "SCHED_ACT", "TRACEPOINT", "XDP", "PERF_EVENT"),
    *("CGROUP_SKB", "CGROUP_SOCK", "LWT_IN", "LWT_OUT", "LWT_XMIT", "SOCK_OPS", "SK_SKB", "CGROUP_DEVICE"),
    *("SK_MSG", "RAW_TRACEPOINT", "CGROUP_SOCK_ADDR", "LWT_SEG6LOCAL", "LIRC_MODE2", "SK_REUSEPORT"),
    *("FLOW_DISSECTOR", "CGROUP_SYSCTL", "RAW_TRACEPOINT_WRITABLE", "CGROUP_SOCKOPT", "TRACING"),
    *("STRUCT_OPS", "EXT", "LSM", "SK_LOOKUP", "SYSCALL", "NETFILTER"),
)
_NOT_ASKED = ("UNSPEC", "STRUCT_OPS", "EXT", "LSM", "LIRC_MODE2")
"""They need more than a type to be loaded, or a configuration."""
_ATTACH_TYPES = {
    "CGROUP_SOCK": 2,
    "CGROUP_SOCK_ADDR": 10,
    "CGROUP_SOCKOPT": 21,
    "TRACING": 23,
    "SK_LOOKUP": 36,
    "NETFILTER": 45,
}
_HELPERS = 212


def main() -> int:
    """Print what was found; 1 where the kernel takes no program."""
    with open("/sys/kernel/btf/vmlinux", "rb") as file:
        btf = Btf(file.read())
    tracepoint = find_types(btf, "btf_trace_sched_switch", kinds_called(("typedef",)))[0]
    found: dict[str, list[int]] = {}
    gpl: set[int] = set()
    for number, name in enumerate(_TYPES):
        if name in _NOT_ASKED:
            continue
        found[name] = []
        for helper in range(1, _HELPERS):
            said = _load(number, name, helper, b"GPL", tracepoint)
            if not said:
                print(f"{name}: the kernel says nothing", file=sys.stderr)
                break
            refused = ("cannot use helper", "unknown func", "invalid func")
            if not any(words in said for words in refused):
                found[name].append(helper)
            if "GPL" in _load(number, name, helper, b"Proprietary", tracepoint):
                gpl.add(helper)
    print(json.dumps({"types": found, "gpl": sorted(gpl)}))
    return 0 if any(found.values()) else 1


def _load(number: int, name: str, helper: int, licence: bytes, tracepoint: int) -> str:
    """Return the verifier's log of a program that calls *helper* with what stands in the registers."""
    insns = ((0xB7, 0, 0), (0x85, 0, helper), (0xB7, 0, 0), (0x95, 0, 0))
    code = ctypes.create_string_buffer(
        b"".join(pack("=BBhi", opcode, regs, 0, imm) for opcode, regs, imm in insns)
    )
    text, log = ctypes.create_string_buffer(licence), ctypes.create_string_buffer(1 << 16)
    attributes = pack(
        "=IIQQIIQII16sIIIIQIIQII",
        *(number, len(insns), ctypes.addressof(code), ctypes.addressof(text), 1, len(log)),
        *(ctypes.addressof(log), 0, _SLEEPABLE if name == "SYSCALL" else 0, b"", 0),
        *(_ATTACH_TYPES.get(name, 0), 0, 0, 0, 0, 0, 0, 0, tracepoint if name == "TRACING" else 0),
    )
    raw = ctypes.create_string_buffer(attributes.ljust(152, b"\0"), 152)
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(_SYS_BPF[os.uname().machine], _PROG_LOAD, raw, 152)
    if descriptor >= 0:
        os.close(descriptor)
    return log.value.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
