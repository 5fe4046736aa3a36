"""What a program attaches to: functions, hooks, tracepoints and iterators that the kernel's BTF names.

libbpf: ``libbpf_prepare_prog_load``, ``find_kernel_btf_id``; the kernel: ``bpf_check_attach_target``,
``btf_distill_func_proto``, ``bpf_lsm_verify_prog``.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.demands.demand import Met, NotMet, Unknown, trimmed
from btfview.demands.kernel.kernel import ATTACH_TYPE, FUNC_ID
from btfview.demands.kernel.releases import CALLBACKS, CPU_V4
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Found, Kernel
    from btfview.demands.object.sections import ProgramSection

TRAMPOLINES = frozenset(("TRACE_FENTRY", "TRACE_FEXIT", "MODIFY_RETURN", "TRACE_FSESSION"))
"""Attach types of programs that run at a function's begin or end."""
_HOOKS = frozenset(("LSM_MAC", "LSM_CGROUP"))
_PREFIXES = {
    "TRACE_RAW_TP": "btf_trace_",
    "LSM_MAC": "bpf_lsm_",
    "LSM_CGROUP": "bpf_lsm_",
    "TRACE_ITER": "bpf_iter_",
}
"""What stands before a name in BTF (libbpf: ``btf_get_kernel_prefix_kind``)."""
_WORDS = {"TRACE_RAW_TP": "tracepoint", "LSM_MAC": "hook", "LSM_CGROUP": "hook", "TRACE_ITER": "iterator"}

_FIND = "libbpf find_kernel_btf_id"
_DISTILL = "kernel btf_distill_func_proto"
_CHECK = "kernel bpf_check_attach_target"
_LSM = "kernel bpf_lsm_verify_prog"
_MAX_ARGS = 12
"""MAX_BPF_FUNC_ARGS."""
_REGISTER_ARGS = 6

_DENIED = frozenset(
    (
        *("migrate_disable", "migrate_enable", "rcu_read_unlock_strict", "preempt_count_add"),
        *("preempt_count_sub", "__rcu_read_lock", "__rcu_read_unlock"),
    )
)
"""The kernel's ``btf_id_deny`` (verifier.c, since 5.13): what BPF itself calls around a program. Each is in
the list where the kernel's configuration makes it a function, so where BTF has it."""
_NO_RETURN = frozenset(
    (
        *("do_exit", "do_group_exit", "do_task_dead", "kthread_complete_and_exit", "kthread_exit"),
        *("make_task_dead", "__module_put_and_kthread_exit", "__x64_sys_exit", "__x64_sys_exit_group"),
        *("__arm64_sys_exit", "__arm64_sys_exit_group", "__s390x_sys_exit", "__s390x_sys_exit_group"),
        *("panic", "nmi_panic", "machine_restart", "cpu_startup_entry", "rest_init", "start_kernel"),
    )
)
"""Functions that do not return: fexit and fmod_ret on them is refused since 6.15, and by stable releases
before."""
_DISABLED_HOOKS = frozenset(
    (
        *("vm_enough_memory", "inode_need_killpriv", "inode_getsecurity", "inode_listsecurity"),
        *("inode_copy_up_xattr", "getselfattr", "getprocattr", "setprocattr", "key_getsecurity"),
        *("audit_rule_match", "ismaclabel", "secctx_to_secid", "xfrm_decode_session"),
    )
)
"""``bpf_lsm_disabled_hooks`` (since 6.12, and in stable releases before)."""
_SECURITY = "security_"


@frozen
class AttachTarget:
    """The function, hook, tracepoint or iterator of a ``SEC("fentry/...")`` and its like."""

    section: ProgramSection
    is_old_loader: bool = False

    @property
    def attach_type(self) -> str:
        return self.section.kind.attach_type

    @property
    def subject(self) -> str:
        """As BTF calls it: ``bpf_lsm_file_open``."""
        return _PREFIXES.get(self.attach_type, "") + self._parts()[1]

    def names(self) -> tuple[str, ...]:
        own = self._parts()[1]
        extra: tuple[str, ...] = ()
        if self.attach_type in _HOOKS:
            extra = ("security_list_options", "bpf_lsm_is_sleepable_hook")
        elif self.attach_type == "TRACE_ITER":
            extra = (f"bpf_iter__{own}",)
        elif self.attach_type in TRAMPOLINES:
            extra = ("btf_func_model", FUNC_ID)
        return (self.subject, *extra)

    def _parts(self) -> tuple[str, str]:
        """Return the module, if one is named, and the function."""
        module, colon, function = self.section.target.partition(":")
        # libbpf before 1.2 takes the whole for a name.
        return (module, function) if colon and not self.is_old_loader else ("", self.section.target)

    def find(self, kernel: Kernel) -> Found | None:
        """Return the FUNC or the TYPEDEF; None where there is none.

        libbpf compares only as many letters of a module's name as are given."""
        module, function = self._parts()
        if not function or (":" in function and self.is_old_loader):
            return None
        kind = BtfKind.TYPEDEF if self.attach_type == "TRACE_RAW_TP" else BtfKind.FUNC
        for found in kernel.find_all(self.subject, kind):
            if (found.module or "vmlinux").startswith(module):
                return found
        return None

    def answer(self, kernel: Kernel) -> Answer:
        if self.section.kind.prog_type == "EXT":
            why = "freplace needs the program that it replaces (bpf_program__set_attach_target)"
            return NotMet(why, "libbpf libbpf_find_attach_btf_id")
        if not self.section.target:
            why = "no attach target in the section's name (bpf_program__set_attach_target gives one later)"
            return NotMet(why, "libbpf libbpf_prepare_prog_load")
        found = self.find(kernel)
        if found is None:
            return self._not_found(kernel)
        proto = kernel.proto(found)
        if proto is None:
            return Met(f"{self.subject} is there", _FIND)
        if self.attach_type in TRAMPOLINES:
            return self._trampoline(kernel, found, proto)
        if self.attach_type in _HOOKS:
            return self._hook(kernel)
        if self.attach_type == "TRACE_ITER":
            return self._iterator(kernel)
        return Met(f"the kernel has the tracepoint {self.section.target}", _FIND)

    def _not_found(self, kernel: Kernel) -> Answer:
        word = _WORDS.get(self.attach_type, "function")
        module, name = self._parts()
        if kernel.is_trimmed:
            return trimmed(f"whether the kernel has {self.subject} it does not tell", _FIND)
        where = f" in module {module}" if module else ""
        why = f"no {word} {name}{where}: there is no {self.subject} in the kernel's BTF (-ESRCH)"
        instead = ""
        if module and not any(given.startswith(module) for given, _ in kernel.modules):
            instead = f"with the module: -t KERNEL+{module}"
        elif not module and not kernel.modules:
            instead = "if it is in a module, give that as well: -t KERNEL+MODULE"
        return NotMet(why, _FIND, instead)

    def _trampoline(self, kernel: Kernel, found: Found, proto: t.FuncProto) -> Answer:
        name = self.subject
        if problem := _why_no_model(kernel, found.btf, name, proto):
            return problem
        if name in _DENIED and (is_listed := CALLBACKS.has_come(kernel)) is not False:
            if is_listed is None:
                return trimmed(f"whether {name} may be traced (before 5.13) it does not tell", _CHECK)
            return NotMet(
                f"{name} is on the kernel's list of functions that no BPF program may trace", _CHECK
            )
        is_exit = self.attach_type in ("TRACE_FEXIT", "MODIFY_RETURN", "TRACE_FSESSION")
        if is_exit and name in _NO_RETURN:
            why = f"{name} does not return; newer kernels refuse its end: which, BTF does not tell"
            return Unknown(why, _CHECK)
        if self.section.kind.is_sleepable:
            return Unknown(
                f"whether programs at {name} may sleep is in a list of the kernel, not in BTF", _CHECK
            )
        if self.attach_type == "MODIFY_RETURN" and not name.startswith(_SECURITY):
            why = f"whether {name} may be modified is in a list of the kernel, not in BTF"
            return Unknown(why, "kernel check_attach_modify_return")
        if kernel.has_word("bpf_kfunc") and is_often_renamed(name):
            why = (
                f"{name} is in BTF, but gcc often makes {name}.isra.0 or the like of it, which cannot be "
                "attached to; newer BTF lists such functions as well"
            )
            return Unknown(why, _CHECK)
        return Met(f"the kernel has the function {name}", _FIND)

    def _hook(self, kernel: Kernel) -> Answer:
        name = self.section.target
        hooks = kernel.members("security_list_options", BtfKind.UNION)
        if hooks is not None and name not in hooks:
            return NotMet(f"{name} is no hook: union security_list_options has no such member", _LSM)
        if self.attach_type == "LSM_CGROUP" and kernel.has_enumerator(ATTACH_TYPE, "BPF_LSM_CGROUP") is False:
            return NotMet("no BPF_LSM_CGROUP in enum bpf_attach_type", "kernel bpf_prog_load_check_attach")
        if self.section.kind.is_sleepable:
            has_list = kernel.has_func("bpf_lsm_is_sleepable_hook")
            if has_list is False:
                return NotMet(
                    f"{self.subject} is not sleepable: no hook is before 5.11", _CHECK, 'SEC("lsm/...")'
                )
            return Unknown(
                f"whether programs at {name} may sleep is in a list of the kernel, not in BTF", _CHECK
            )
        if name in _DISABLED_HOOKS:
            return Unknown(f"{name} is disabled for BPF in newer kernels; in which BTF does not tell", _LSM)
        return Met(f"the kernel has the hook {name}", _FIND)

    def _iterator(self, kernel: Kernel) -> Answer:
        struct = f"bpf_iter__{self._parts()[1]}"
        has_struct = kernel.has_struct(struct)
        if has_struct is False:
            return NotMet(
                f"no iterator is called so: there is no struct {struct}", "kernel bpf_iter_prog_supported"
            )
        if self.section.kind.is_sleepable:
            return Unknown("whether programs of this iterator may sleep is not in BTF", _CHECK)
        return Met(f"the kernel has the iterator {self.section.target}", _FIND)

    def attach(self, kernel: Kernel) -> Answer:
        """Return whether it can be attached once it is loaded, as far as BTF tells."""
        found = self.find(kernel)
        proto = kernel.proto(found) if found else None
        if self.attach_type not in TRAMPOLINES or proto is None or found is None:
            return Met("attaching asks for nothing else", "libbpf bpf_program__attach_trace", is_hint=True)
        slots = argument_slots(found.btf, proto.params)
        if len(slots) > _REGISTER_ARGS and CPU_V4.has_come(kernel) is False:
            why = f"{self.subject} takes {len(slots)} arguments; before 6.6 trampolines take 6 at most"
            return NotMet(why, "kernel arch_prepare_bpf_trampoline", is_hint=True)
        why = "whether ftrace can patch the function is not in BTF"
        return Unknown(why, "kernel bpf_trampoline_link_prog", is_hint=True)


def is_often_renamed(name: str) -> bool:
    """Tell whether the compiler is known to give a function's symbol another name."""
    from btfview.demands.kernel.cloned_functions import CLONED_FUNCTIONS

    return name in CLONED_FUNCTIONS or name.endswith("_impl")


def _why_no_model(kernel: Kernel, btf: Btf, name: str, proto: t.FuncProto) -> NotMet | None:
    """Return why the kernel can make no trampoline for a prototype (``btf_distill_func_proto``)."""
    params = proto.params
    if params and not params[-1].type_id:
        return NotMet(f"{name} takes a variable number of arguments", _DISTILL)
    model = kernel.members("btf_func_model")
    limit = _MAX_ARGS
    if model and "arg_size" in model:
        array = kernel.btf.skip_modifiers(model["arg_size"].type_id)
        limit = array.length if isinstance(array, t.Array) else limit
    if len(params) > limit:
        return NotMet(f"{name} takes {len(params)} arguments; {limit} are the most", _DISTILL)
    if isinstance(btf.skip_modifiers(proto.type_id), t.Struct):
        return NotMet(f"{name} returns a struct", _DISTILL)
    has_structs = model is not None and "arg_flags" in model
    for param in params:
        behind = btf.skip_modifiers(param.type_id)
        if isinstance(behind, t.Struct) and model is not None and not has_structs:
            return NotMet(f"{name} takes a struct by value, which kernels take from 6.0 on", _DISTILL)
        if isinstance(behind, t.Struct) and behind.byte_size > 16:
            return NotMet(f"{name} takes a struct of {behind.byte_size} bytes; 16 are the most", _DISTILL)
    return None


def argument_slots(btf: Btf, params: tuple[t.Param, ...]) -> tuple[int, ...]:
    """Return the type of what stands in each 8 bytes of a context (``get_ctx_arg_idx``): a struct of 16 bytes
    takes two."""
    slots: list[int] = []
    for param in params:
        behind = btf.skip_modifiers(param.type_id)
        size = behind.byte_size if isinstance(behind, t.Struct) else 8
        slots += [param.type_id] * max(1, (size + 7) // 8)
    return tuple(slots)
