"""Demands that the kernel's own lists answer: helpers, types of maps and programs, attach types, map flags.

The enums of linux/bpf.h are in BTF: ``bpf_func_id``, ``bpf_map_type``, ``bpf_prog_type`` and
``bpf_attach_type``.
"""

from __future__ import annotations

from btfview.bpf_helpers import HELPER_NAMES
from btfview.demands.demand import Met, NotMet, Unknown, trimmed
from btfview.demands.kernel.kernel import ATTACH_TYPE, FUNC_ID, MAP_TYPE, PROG_TYPE
from btfview.demands.kernel.releases import LOAD_ACQUIRE, SLEEPABLE_UPROBES, XDP_FRAGS
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.maps import MapDef
    from btfview.demands.object.sections import ProgramSection

_CREATE = "kernel map_create"
_LOAD = "kernel bpf_prog_load"
_CALL = "kernel check_helper_call"
_LACKS = "it lacks enum {}"
_PROBE_READS = {112: 4, 113: 4, 114: 45, 115: 45}
"""libbpf (``bpf_object__sanitize_prog``) takes probe_read for these where they are missing."""

_CONFIGURED_PROGS = {
    "LIRC_MODE2": ("lirc_mode2_func_proto", "CONFIG_BPF_LIRC_MODE2"),
    "LWT_IN": ("lwt_in_func_proto", "CONFIG_LWTUNNEL_BPF"),
    "LWT_OUT": ("lwt_out_func_proto", "CONFIG_LWTUNNEL_BPF"),
    "LWT_XMIT": ("lwt_xmit_func_proto", "CONFIG_LWTUNNEL_BPF"),
    "LWT_SEG6LOCAL": ("lwt_seg6local_func_proto", "CONFIG_LWTUNNEL_BPF"),
    "SK_MSG": ("sk_msg_func_proto", "CONFIG_NET_SOCK_MSG"),
    "LSM": ("bpf_lsm_func_proto", "CONFIG_BPF_LSM"),
}
"""Program types that a kernel's configuration may leave out, and the FUNC that tells of them."""
_CONFIGURED_MAPS = {
    15: ("sock_map_alloc", "CONFIG_NET_SOCK_MSG"),
    17: ("xsk_map_alloc", "CONFIG_XDP_SOCKETS"),
    18: ("sock_hash_alloc", "CONFIG_NET_SOCK_MSG"),
    28: ("inode_storage_map_alloc", "CONFIG_BPF_LSM"),
}
"""The same for types of maps, by number."""
ARENA = 33
"""BPF_MAP_TYPE_ARENA."""
_ARENA_FUNC = "bpf_arena_alloc_pages"

_FLAGS = (
    *("NO_PREALLOC", "NO_COMMON_LRU", "NUMA_NODE", "RDONLY", "WRONLY", "STACK_BUILD_ID", "ZERO_SEED"),
    *("RDONLY_PROG", "WRONLY_PROG", "CLONE", "MMAPABLE", "PRESERVE_ELEMS", "INNER_MAP", "LINK", "PATH_FD"),
    *("VTYPE_BTF_OBJ_FD", "TOKEN_FD", "SEGV_ON_FAULT", "NO_USER_CONV", "RB_OVERWRITE"),
)
"""``BPF_F_...`` of maps, by bit."""

_CHECKED_AT_LOAD = frozenset(
    (
        "CGROUP_SOCK",
        "CGROUP_SOCK_ADDR",
        "CGROUP_SKB",
        "CGROUP_SOCKOPT",
        "SK_LOOKUP",
        "NETFILTER",
        "LSM",
        "TRACING",
    )
)
"""Program types whose attach type the kernel looks at when loading (``bpf_prog_load_check_attach``)."""
_ASKED_AT_ATTACH = frozenset(("SCHED_CLS", "KPROBE", "XDP", "SK_REUSEPORT"))
_FPROBE = "register_fprobe_ips"


@frozen
class HelperCall:
    """A helper, by its number."""

    number: int

    @property
    def subject(self) -> str:
        return HELPER_NAMES[self.number] if 0 < self.number < len(HELPER_NAMES) else f"helper {self.number}"

    def names(self) -> tuple[str, ...]:
        return (FUNC_ID,)

    def answer(self, kernel: Kernel) -> Answer:
        known = kernel.enumerators(FUNC_ID)
        if known is None:
            return trimmed(_LACKS.format(FUNC_ID), _CALL)
        if known.get(self.number, "__").startswith("BPF_FUNC_") and self.number:
            return Met(f"the kernel has {self.subject}", _CALL)
        if self.number in _PROBE_READS and _PROBE_READS[self.number] in known:
            return Met("libbpf takes bpf_probe_read instead", "libbpf bpf_object__sanitize_prog")
        guard = self.subject.removeprefix("bpf_")
        instead = (
            f"ask first: bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_{guard})"
            if self.subject.startswith("bpf_")
            else ""
        )
        return NotMet(
            f"the kernel has no {self.subject} (invalid func unknown#{self.number})", _CALL, instead
        )


@frozen
class MapType:
    """The type of a map, and its flags."""

    map: MapDef

    @property
    def subject(self) -> str:
        return f"map type {self.map.type_number}"

    def names(self) -> tuple[str, ...]:
        probe = _CONFIGURED_MAPS.get(self.map.type_number)
        return (
            MAP_TYPE,
            *((_ARENA_FUNC,) if self.map.type_number == ARENA else ()),
            *((probe[0],) if probe else ()),
        )

    def answer(self, kernel: Kernel) -> Answer:
        known = kernel.enumerators(MAP_TYPE)
        number = self.map.type_number
        if self.map.unknown_field:
            return NotMet(f"a map has no field {self.map.unknown_field}", "libbpf parse_btf_map_def")
        if not number:
            return NotMet("it has no type", "libbpf parse_btf_map_def")
        if known is None:
            return trimmed(_LACKS.format(MAP_TYPE), _CREATE)
        name = known.get(number, "")
        if not name.startswith("BPF_MAP_TYPE_"):
            return NotMet(f"the kernel has no map type {number}; its last is {max(known)}", _CREATE)
        probe, config = _CONFIGURED_MAPS.get(number, ("", ""))
        if probe and kernel.has_func(probe) is False:
            return Unknown(f"no FUNC {probe}: the kernel may have been built without {config}", _CREATE)
        if number == ARENA and kernel.has_func(_ARENA_FUNC) is False:
            return NotMet(f"no FUNC {_ARENA_FUNC}: arenas are not built into this kernel", _CREATE)
        return self._flags(kernel) or Met(f"the kernel has {name}", _CREATE)

    def _flags(self, kernel: Kernel) -> Answer | None:
        for bit in range(64):
            if not self.map.flags >> bit & 1:
                continue
            if bit >= len(_FLAGS):
                return NotMet(f"no kernel has the map flag {1 << bit:#x}", _CREATE)
            has_flag = kernel.has_word(f"BPF_F_{_FLAGS[bit]}")
            if has_flag is False:
                return NotMet(f"the kernel has no map flag BPF_F_{_FLAGS[bit]}", _CREATE)
            if has_flag is None:
                return trimmed(f"whether the kernel has BPF_F_{_FLAGS[bit]} it does not tell", _CREATE)
        return None


@frozen
class ProgType:
    """The type of a program, its attach type and its flags."""

    section: ProgramSection

    @property
    def subject(self) -> str:
        return f"BPF_PROG_TYPE_{self.section.kind.prog_type}"

    def names(self) -> tuple[str, ...]:
        kind = self.section.kind
        probe = _CONFIGURED_PROGS.get(kind.prog_type)
        return (
            PROG_TYPE,
            *((ATTACH_TYPE,) if kind.attach_type or kind.is_sleepable else ()),
            *((FUNC_ID,) if kind.has_frags else ()),
            *((_FPROBE,) if kind.prog_type == "KPROBE" and kind.attach_type else ()),
            *((probe[0],) if probe else ()),
        )

    def answer(self, kernel: Kernel) -> Answer:
        kind = self.section.kind
        has_type = kernel.has_enumerator(PROG_TYPE, self.subject)
        if has_type is None:
            return trimmed(_LACKS.format(PROG_TYPE), _LOAD)
        if not has_type:
            return NotMet(f"the kernel has no {self.subject}", _LOAD)
        probe, config = _CONFIGURED_PROGS.get(kind.prog_type, ("", ""))
        if probe and kernel.has_func(probe) is False:
            return NotMet(f"no FUNC {probe}: the kernel was built without {config}", _LOAD)
        if kind.has_frags and XDP_FRAGS.has_come(kernel) is False:
            return NotMet("no BPF_F_XDP_HAS_FRAGS before 5.18", _LOAD, 'SEC("xdp")')
        if kind.prog_type == "KPROBE" and kind.is_sleepable and SLEEPABLE_UPROBES.has_come(kernel) is False:
            return NotMet("sleepable uprobes are for 6.0 and newer", _LOAD)
        return self._attach_type(kernel) or Met(f"the kernel has {self.subject}", _LOAD)

    def _attach_type(self, kernel: Kernel) -> NotMet | None:
        kind = self.section.kind
        if kind.prog_type not in _CHECKED_AT_LOAD or not kind.attach_type:
            return None
        if kernel.has_enumerator(ATTACH_TYPE, f"BPF_{kind.attach_type}") is False:
            return NotMet(
                f"the kernel has no attach type BPF_{kind.attach_type}", "kernel bpf_prog_load_check_attach"
            )
        return None

    def attach(self, kernel: Kernel) -> Answer | None:
        """Return what of attaching its types decide; None where they ask for nothing."""
        kind = self.section.kind
        if kind.prog_type not in _ASKED_AT_ATTACH or not kind.attach_type:
            return None
        name = f"BPF_{kind.attach_type}"
        has_type = kernel.has_enumerator(ATTACH_TYPE, name)
        rule = "kernel bpf_link_create"
        if has_type is False:
            return NotMet(f"the kernel has no attach type {name}", rule, is_hint=True)
        if has_type is None:
            return trimmed(_LACKS.format(ATTACH_TYPE), rule, is_hint=True)
        if "KPROBE_" in name and kernel.has_func(_FPROBE) is False:
            return NotMet(
                f"no FUNC {_FPROBE}: the kernel was built without CONFIG_FPROBE", rule, is_hint=True
            )
        return Met(f"the kernel has {name}", rule, is_hint=True)


def helper_allowed(kernel: Kernel, prog_type: str, number: int, name: str) -> Unknown | None:
    """Return why it is not sure that programs of a type may call a helper; None where it is."""
    from btfview.demands.kernel.helper_rules import LIMITED, is_late, may_call

    rule = f"kernel get_func_proto of {prog_type.lower()}"
    if number in LIMITED:
        return Unknown(f"where {name} may be called is in a list of the kernel, not in BTF", rule)
    allowed = may_call(prog_type, number)
    if allowed is None:
        return Unknown(f"whether programs of type {prog_type} may call {name} is not in BTF", rule)
    if not allowed:
        return Unknown(
            f"a kernel 6.18 lets no program of type {prog_type} call {name}; others BTF does not tell", rule
        )
    if is_late(prog_type, number) and not LOAD_ACQUIRE.has_come(kernel):
        return Unknown(f"programs of type {prog_type} may call {name} on newer kernels only", rule)
    return None
