"""What a program may return: the verifier's ``check_return_code``."""

from __future__ import annotations

from btfview.demands.demand import NotMet, Unknown
from btfview.demands.kernel.releases import ATOMICS, LAZY_GLOBAL_FUNCTIONS
from btfview.frozen import TYPE_CHECKING

from .values import RANGE

if TYPE_CHECKING:
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.sections import ProgramSection

    from .values import Value

_RULE = "kernel check_return_code"
_ZERO, _BOOL, _ONE, _TWO_BITS = (0, 0), (0, 1), (1, 1), (0, 3)
_BY_ATTACH_TYPE = {
    "TRACE_FENTRY": _ZERO,
    "TRACE_FEXIT": _ZERO,
    "TRACE_FSESSION": _ZERO,
    "TRACE_ITER": _BOOL,
    "CGROUP_INET_EGRESS": _TWO_BITS,
    "CGROUP_INET4_BIND": _TWO_BITS,
    "CGROUP_INET6_BIND": _TWO_BITS,
}
_ALWAYS_ONE = ("_RECVMSG", "_GETPEERNAME", "_GETSOCKNAME")
_BY_TYPE = {
    "CGROUP_SKB": _BOOL,
    "CGROUP_SOCK": _BOOL,
    "CGROUP_SOCK_ADDR": _BOOL,
    "CGROUP_SOCKOPT": _BOOL,
    "CGROUP_DEVICE": _BOOL,
    "CGROUP_SYSCTL": _BOOL,
    "SOCK_OPS": _BOOL,
    "SK_LOOKUP": _BOOL,
    "NETFILTER": _BOOL,
}
_ERRNO = (-4095, 0)


def return_problem(kernel: Kernel, section: ProgramSection, value: Value) -> NotMet | Unknown | None:
    """Return why the verifier refuses what a program returns, or may; None where it does not."""
    kind = section.kind
    if kind.prog_type == "LSM":
        if _is_within(value, _ERRNO) or LAZY_GLOBAL_FUNCTIONS.has_come(kernel) is False:
            return None
        return Unknown(
            "from 6.12 on hooks must return 0 or an error, -4095 to -1; for some another rule holds", _RULE
        )
    allowed = _allowed(kind.prog_type, kind.attach_type)
    is_old = kind.attach_type.endswith("_BIND") and ATOMICS.has_come(kernel) is False
    allowed = _BOOL if is_old else allowed
    if allowed is None or _is_within(value, allowed):
        return None
    low, high = allowed
    must = f"{low}" if low == high else f"{low} to {high}"
    if isinstance(value, int):
        number = value - (value >> 63 << 64)
        return NotMet(f"it returns {number}, and must return {must}", _RULE, f"return {low}")
    return Unknown(f"it must return {must}; whether the verifier sees that it does is not told here", _RULE)


def _allowed(prog_type: str, attach_type: str) -> tuple[int, int] | None:
    if attach_type in _BY_ATTACH_TYPE:
        return _BY_ATTACH_TYPE[attach_type]
    if attach_type.endswith(_ALWAYS_ONE):
        return _ONE
    return _BY_TYPE.get(prog_type)


def _is_within(value: Value, allowed: tuple[int, int]) -> bool:
    if isinstance(value, int):
        # An int in C: the compiler may leave either half's sign.
        signed = value - (value >> 63 << 64)
        narrow = (value & 0xFFFFFFFF) - ((value >> 31 & 1) << 32)
        return allowed[0] <= signed <= allowed[1] or (value >> 32 == 0 and allowed[0] <= narrow <= allowed[1])
    return (
        isinstance(value, tuple) and value[0] == RANGE and allowed[0] <= value[1] and value[2] <= allowed[1]
    )
