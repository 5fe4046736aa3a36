"""Which release a kernel has the features of, where no type says so itself.

BTF has no version, and the name of a kernel may lie: distributions backport. Where a feature leaves no trace
of its own, something that came with the same release stands for it.
"""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.frozen import TYPE_CHECKING, frozen

from .kernel import ATTACH_TYPE, FUNC_ID, MAP_TYPE

if TYPE_CHECKING:
    from .kernel import Kernel


@frozen
class Clock:
    """Something in BTF that came with a release."""

    release: str
    enum: str
    """Empty for a function or a struct."""
    name: str
    kind: BtfKind = BtfKind.FUNC

    def has_come(self, kernel: Kernel) -> bool | None:
        """Tell whether *kernel* is of that release or newer; None where its BTF was trimmed."""
        if self.enum:
            return kernel.has_enumerator(self.enum, self.name)
        return kernel.has(self.name, self.kind)


KFUNC_CALLS = Clock("5.13", "", "bpf_kfunc_desc_tab", BtfKind.STRUCT)
CALLBACKS = Clock("5.13", FUNC_ID, "BPF_FUNC_for_each_map_elem")
ATOMICS = Clock("5.12", FUNC_ID, "BPF_FUNC_check_mtu")
XDP_FRAGS = Clock("5.18", FUNC_ID, "BPF_FUNC_xdp_get_buff_len")
SLEEPABLE_UPROBES = Clock("6.0", ATTACH_TYPE, "BPF_LSM_CGROUP")
KFUNC_ADDRESSES = Clock("6.4", "", "bpf_iter_num_new")
CPU_V4 = Clock("6.6", ATTACH_TYPE, "BPF_TCX_INGRESS")
LAZY_GLOBAL_FUNCTIONS = Clock("6.8", "", "bpf_xdp_get_xfrm_state")
MAY_GOTO = Clock("6.9", MAP_TYPE, "BPF_MAP_TYPE_ARENA")
LOAD_ACQUIRE = Clock("6.15", "", "bpf_res_spin_lock")
FUNCTION_NAMES = tuple(
    clock.name for clock in (KFUNC_CALLS, KFUNC_ADDRESSES, LAZY_GLOBAL_FUNCTIONS, LOAD_ACQUIRE)
)
"""What is looked up by name; the others are in the lists that are read anyway."""
