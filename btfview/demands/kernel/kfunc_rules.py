"""Which programs may call which kfunc: what the kernel registers (``register_btf_kfunc_id_set``).

BTF names kfuncs, and newer BTF marks them, but for which programs they are it does not hold. Of those here it
is known; of others the answer is that it is not.
"""

from __future__ import annotations

from btfview.frozen import frozen

_EVERY = """
bpf_cast_to_kern_ctx bpf_rdonly_cast bpf_rcu_read_lock bpf_rcu_read_unlock bpf_dynptr_slice
bpf_dynptr_slice_rdwr bpf_iter_num_new bpf_iter_num_next bpf_iter_num_destroy bpf_dynptr_adjust
bpf_dynptr_is_null bpf_dynptr_is_rdonly bpf_dynptr_size bpf_dynptr_clone bpf_dynptr_copy bpf_wq_init
bpf_wq_set_callback bpf_wq_set_callback_impl bpf_wq_start bpf_preempt_disable bpf_preempt_enable
bpf_iter_bits_new bpf_iter_bits_next bpf_iter_bits_destroy bpf_copy_from_user_str bpf_local_irq_save
bpf_local_irq_restore bpf_strcmp bpf_strcasecmp bpf_strchr bpf_strchrnul bpf_strrchr bpf_strlen bpf_strnlen
bpf_strspn bpf_strcspn bpf_strstr bpf_strnstr bpf_arena_alloc_pages bpf_arena_free_pages bpf_res_spin_lock
bpf_res_spin_unlock
"""
_GENERIC = """
bpf_obj_new bpf_obj_new_impl bpf_obj_drop bpf_obj_drop_impl bpf_percpu_obj_new bpf_percpu_obj_new_impl
bpf_percpu_obj_drop bpf_percpu_obj_drop_impl bpf_refcount_acquire bpf_refcount_acquire_impl
bpf_list_push_front_impl bpf_list_push_back_impl bpf_list_pop_front bpf_list_pop_back bpf_rbtree_remove
bpf_rbtree_add_impl bpf_rbtree_first bpf_task_acquire bpf_task_release bpf_task_from_pid bpf_task_from_vpid
bpf_task_under_cgroup bpf_cgroup_acquire bpf_cgroup_release bpf_cgroup_ancestor bpf_cgroup_from_id
bpf_task_get_cgroup1 bpf_throw bpf_send_signal_task
"""
_KEYS = "bpf_lookup_user_key bpf_lookup_system_key bpf_key_put bpf_verify_pkcs7_signature"
_FILES = "bpf_get_task_exe_file bpf_put_file bpf_path_d_path bpf_get_dentry_xattr bpf_get_file_xattr"
_CONNTRACK = """
bpf_xdp_ct_alloc bpf_xdp_ct_lookup bpf_skb_ct_alloc bpf_skb_ct_lookup bpf_ct_insert_entry bpf_ct_release
bpf_ct_set_timeout bpf_ct_change_timeout bpf_ct_set_status bpf_ct_change_status
"""
_SESSION = "bpf_session_is_return bpf_session_cookie"
_CONGESTION = """
tcp_reno_ssthresh tcp_reno_cong_avoid tcp_reno_undo_cwnd tcp_slow_start tcp_cong_avoid_ai cubictcp_init
cubictcp_recalc_ssthresh cubictcp_cong_avoid cubictcp_state cubictcp_cwnd_event cubictcp_acked dctcp_init
dctcp_update_alpha dctcp_cwnd_event dctcp_ssthresh dctcp_cwnd_undo dctcp_state bbr_init bbr_main
bbr_sndbuf_expand bbr_undo_cwnd bbr_cwnd_event bbr_ssthresh bbr_min_tso_segs bbr_set_state
"""
_TESTS = "bpf_kfunc_call_test1 bpf_kfunc_call_test2 bpf_kfunc_call_test3 bpf_kfunc_call_test4"
_SCHED_EXT = (
    "scx_bpf_dsq_insert scx_bpf_dispatch scx_bpf_consume scx_bpf_dsq_move_to_local scx_bpf_select_cpu_dfl"
)

_SLEEPING = frozenset(
    (
        *("bpf_copy_from_user_str", "bpf_copy_from_user_task_str", "bpf_arena_alloc_pages"),
        *("bpf_arena_free_pages", "bpf_lookup_user_key", "bpf_verify_pkcs7_signature"),
        *("bpf_get_dentry_xattr", "bpf_get_file_xattr"),
    )
)
"""KF_SLEEPABLE."""
ACQUIRING = frozenset(
    (
        *("bpf_task_acquire", "bpf_task_from_pid", "bpf_task_from_vpid", "bpf_cgroup_acquire"),
        *(
            "bpf_cgroup_ancestor",
            "bpf_cgroup_from_id",
            "bpf_task_get_cgroup1",
            "bpf_obj_new",
            "bpf_obj_new_impl",
        ),
        *(
            "bpf_percpu_obj_new",
            "bpf_percpu_obj_new_impl",
            "bpf_refcount_acquire",
            "bpf_refcount_acquire_impl",
        ),
        *("bpf_list_pop_front", "bpf_list_pop_back", "bpf_rbtree_remove", "bpf_get_task_exe_file"),
        *("bpf_lookup_user_key", "bpf_lookup_system_key", "bpf_xdp_ct_alloc", "bpf_xdp_ct_lookup"),
        *("bpf_skb_ct_alloc", "bpf_skb_ct_lookup"),
    )
)
"""KF_ACQUIRE: what they return must be given back (``check_reference_leak``)."""
_RELEASING = ("_release", "_drop", "_drop_impl", "_put", "_put_file", "_push_front_impl", "_push_back_impl")
_RELEASING_ALSO = frozenset(("bpf_rbtree_add_impl", "bpf_ct_insert_entry", "bpf_key_put"))
_TRACING = frozenset(("TRACING", "LSM"))


@frozen
class KfuncRule:
    types: frozenset[str]
    """Program types that may call it; none for all."""
    sleeps: bool = False
    checks_pointers: bool = True
    """It takes pointers to kernel structs, which must be ones that the verifier trusts."""


def kfunc_rule(name: str) -> KfuncRule | None:
    """Return what is known of a kfunc; None where nothing is."""
    sleeps = name in _SLEEPING
    if name in _words(_EVERY):
        return KfuncRule(frozenset(), sleeps, checks_pointers=False)
    for names, types in _SETS:
        if name in _words(names):
            return KfuncRule(types, sleeps)
    return None


_SETS = (
    (_GENERIC, _TRACING | {"SCHED_CLS", "STRUCT_OPS", "SYSCALL"}),
    (_KEYS, _TRACING),
    (_FILES, frozenset(("LSM",))),
    (_CONNTRACK, frozenset(("XDP", "SCHED_CLS"))),
    (_SESSION, frozenset(("KPROBE",))),
    (_CONGESTION, frozenset(("STRUCT_OPS",))),
    (_SCHED_EXT, frozenset(("STRUCT_OPS",))),
    (_TESTS, frozenset(("SCHED_CLS",))),
)


def is_releasing(name: str) -> bool:
    """Tell whether a kfunc gives a reference back, or away."""
    return name.endswith(_RELEASING) or name in _RELEASING_ALSO


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())
