"""Whether a program that loads can be attached: hints, since ftrace and kallsyms decide, which BTF is not.

libbpf: ``attach_kprobe``, ``attach_raw_tp``, ``attach_tp``, ``attach_kprobe_multi``.
"""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.btf.query import types_beginning
from btfview.demands.demand import Met, NotMet, Unknown, trimmed
from btfview.frozen import TYPE_CHECKING

from .attach_targets import TRAMPOLINES, AttachTarget
from .lists import ProgType

if TYPE_CHECKING:
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.sections import ProgramSection

_SYSCALLS = ("__x64_sys_", "__arm64_sys_", "__s390x_sys_", "__riscv_sys_", "sys_")
_OF_SYSCALLS = "syscalls"
"""Tracepoints that the kernel makes when it starts (CONFIG_FTRACE_SYSCALLS): no type is of one of them."""
_KPROBES = frozenset(("kprobe", "kretprobe"))
_MULTI = frozenset(("kprobe.multi", "kretprobe.multi", "kprobe.session"))
_NO_FUNC = (
    "no FUNC {} in the kernel's BTF: usually there is no such function (in assembler or a module may be)"
)
_ATTACHED = TRAMPOLINES | {"TRACE_RAW_TP", "LSM_MAC"}
_COMMON = 8
"""Bytes of a record that all tracepoints have (struct trace_entry)."""


def attach_names(section: ProgramSection) -> tuple[str, ...]:
    """Return the names that :func:`attach_answer` looks up."""
    kind, target = section.kind.name, section.target
    if kind in _KPROBES or kind in _MULTI:
        return (_function_of(target),)
    if kind in ("ksyscall", "kretsyscall"):
        return tuple(prefix + target for prefix in _SYSCALLS)
    if section.kind.prog_type in ("TRACEPOINT", "RAW_TRACEPOINT", "RAW_TRACEPOINT_WRITABLE"):
        category, _, name = target.rpartition("/")
        return () if category == _OF_SYSCALLS else (f"btf_trace_{name}", f"trace_event_raw_{name}")
    return ()


def attach_answer(kernel: Kernel, section: ProgramSection, read_end: int = 0) -> Answer | None:
    """Return what BTF tells of attaching; None for programs that libbpf does not attach by itself.

    *read_end* is where the program's reads of its context end, in bytes."""
    kind, target = section.kind.name, section.target
    by_type = ProgType(section).attach(kernel)
    if isinstance(by_type, NotMet | Unknown):
        return by_type
    prog_type = section.kind.prog_type
    if prog_type in ("TRACING", "LSM"):
        return AttachTarget(section).attach(kernel) if section.kind.attach_type in _ATTACHED else None
    if not target:
        return by_type
    if kind in _KPROBES:
        return _function(kernel, _function_of(target))
    if kind in ("ksyscall", "kretsyscall"):
        return _syscall(kernel, target)
    if kind in _MULTI:
        return _pattern(kernel, target)
    if prog_type in ("RAW_TRACEPOINT", "RAW_TRACEPOINT_WRITABLE"):
        return _tracepoint(kernel, target, "libbpf attach_raw_tp", (read_end + 7) // 8)
    if prog_type == "TRACEPOINT":
        category, _, name = target.rpartition("/")
        if category == _OF_SYSCALLS:
            why = f"the tracepoint {name} is made of a system call; whether it is there is not in BTF"
            return Unknown(why, "libbpf attach_tp", is_hint=True)
        found = _tracepoint(kernel, name, "libbpf attach_tp", 0)
        return _record(kernel, name, read_end) if isinstance(found, Met) and read_end > _COMMON else found
    return by_type


def _function_of(target: str) -> str:
    """Return the function in ``vfs_read+0x8``."""
    return target.partition("+")[0].partition(":")[0]


def _function(kernel: Kernel, name: str) -> Answer:
    rule = "libbpf attach_kprobe"
    if kernel.find(name, BtfKind.FUNC):
        return Unknown(
            f"the kernel has {name}; whether a probe may be put there is not in BTF", rule, is_hint=True
        )
    if kernel.is_trimmed:
        return trimmed(f"whether the kernel has {name} it does not tell", rule, is_hint=True)
    return Unknown(_NO_FUNC.format(name), rule, is_hint=True)


def _syscall(kernel: Kernel, name: str) -> Answer:
    rule = "libbpf attach_ksyscall"
    if any(kernel.has_func(prefix + name) for prefix in _SYSCALLS):
        return Met(f"the kernel has the system call {name}", rule, is_hint=True)
    return Unknown(_NO_FUNC.format(f"__x64_sys_{name}"), rule, is_hint=True)


def _pattern(kernel: Kernel, pattern: str) -> Answer:
    """Answer for ``kprobe.multi/tcp_v4_conn*`` (libbpf: ``attach_kprobe_multi``)."""
    rule = "libbpf attach_kprobe_multi"
    fixed = pattern.partition("*")[0].partition("?")[0]
    if fixed == pattern:
        return _function(kernel, pattern)
    if fixed:
        from fnmatch import fnmatchcase

        for name, ids in types_beginning(kernel.btf, fixed).items():
            if fnmatchcase(name, pattern) and any(kernel.btf.kind(one) == BtfKind.FUNC for one in ids):
                return Met(f"functions fit the pattern, such as {name}", rule, is_hint=True)
    why = f"no FUNC of the kernel's BTF fits {pattern}: usually there is no such function"
    return Unknown(why, rule, is_hint=True)


def _record(kernel: Kernel, name: str, read_end: int) -> Answer:
    """Answer for a program that reads the record of a tracepoint (``perf_event_set_bpf_prog``)."""
    rule = "kernel perf_event_set_bpf_prog"
    struct = f"trace_event_raw_{name}"
    found = kernel.find(struct, BtfKind.STRUCT)
    if found is None:
        why = f"it reads {read_end} bytes of the record; there is no struct {struct} that would tell its size"
        return Unknown(why, rule, is_hint=True)
    size = found.btf.byte_size(found.type_id)
    if read_end > size:
        why = f"it reads {read_end} bytes of the record, which has {size} (struct {struct})"
        return NotMet(why, rule, is_hint=True)
    return Met(
        f"the kernel has the tracepoint {name}, and its record is as long as what is read", rule, is_hint=True
    )


def _tracepoint(kernel: Kernel, name: str, rule: str, slots: int) -> Answer:
    found = kernel.find(f"btf_trace_{name}", BtfKind.TYPEDEF)
    if found is None:
        if kernel.is_trimmed:
            why = f"whether the kernel has the tracepoint {name} it does not tell"
            return trimmed(why, rule, is_hint=True)
        return NotMet(
            f"the kernel has no tracepoint {name}: there is no typedef btf_trace_{name}", rule, is_hint=True
        )
    proto = kernel.proto(found)
    count = len(proto.params) - 1 if proto else 0
    if proto and slots > count:
        why = f"it reads argument {slots} of {name}, which has {count}"
        return NotMet(why, rule, is_hint=True)
    return Met(f"the kernel has the tracepoint {name}", rule, is_hint=True)
