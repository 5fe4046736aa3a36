"""What became of fields, types and enumerators where no type shows it: facts of the kernel's history.

A row holds where the change is known from: the subject of the commit (which names the release that has it
first), or the BTF of the two kernels. ``tests/hints/test_known_moves.py`` checks each against kernels.
"""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING, frozen

from .grades import IS_LIKELY, IS_NOW, Grade
from .question import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Kernel

BTF = "the BTF of the kernels before and after"


@frozen
class Move:
    old: str
    """``TYPE.field``, ``enum::NAME`` or ``TYPE``."""
    new: str
    """The same on kernels from :attr:`since` on; empty for what is gone."""
    since: str
    """The first release: ``5.14``; an architecture, where the name differs by that."""
    source: str
    grade: Grade = IS_NOW
    note: str = ""
    """What else a user must know."""
    mask: int = 0
    """Which bits of the new field it is; 0 for all."""
    is_another_shape: bool = False
    """What the program does with the old field is more than to read the new one instead: it leads to one for
    each CPU, is a tree and no list, counts with another field. No code is written for it."""


def _gone(path: str, since: str, source: str, note: str = "") -> Move:
    return Move(path, "", since, source, IS_NOW, note)


def _dropped(name: str) -> Move:
    source = "net: add per-cpu storage and net->core_stats"
    note = "one for each CPU (bpf_per_cpu_ptr), to be added up"
    new = f"net_device.core_stats->{name}"
    return Move(f"net_device.{name}", new, "5.19", source, IS_NOW, note, is_another_shape=True)


_NS = "Use generic ns_common::count"
_TOPO = "x86/cpu: Move {} into topology info"
_SENDPAGE = "sock: Remove ->sendpage*() in favour of sendmsg(MSG_SPLICE_PAGES)"
_PIPE = "pipe: Use head and tail pointers for the ring, not cursor and length"
_TAILS = "mm: Remove first tail page members from struct page"
_MODULE = "module: replace module_layout with module_memory"
_HD_STRUCT = "block: merge struct block_device and struct hd_struct"
_TREE = "a maple tree of the mappings; there is no list to walk"

MOVES: tuple[Move, ...] = (
    # -- scheduler, tasks --
    Move("task_struct.state", "task_struct.__state", "5.14", "sched: Change task_struct::state"),
    Move(
        "task_struct.cpu",
        "task_struct.thread_info.cpu",
        "5.16",
        "sched: move CPU field back into thread_info if THREAD_INFO_IN_TASK=y",
    ),
    Move(
        "task_struct.thread_group",
        "task_struct.thread_node",
        "6.7",
        "kill task_struct->thread_group",
        IS_LIKELY,
        "its head is signal->thread_head",
        is_another_shape=True,
    ),
    Move("hrtimer.state", "hrtimer.is_queued", "7.1", BTF, IS_LIKELY),
    Move(
        "mutex.wait_list",
        "mutex.first_waiter",
        "7.1",
        BTF,
        IS_LIKELY,
        "the first waiter, not a list head",
        is_another_shape=True,
    ),
    Move(
        "rw_semaphore.wait_list",
        "rw_semaphore.first_waiter",
        "7.1",
        BTF,
        IS_LIKELY,
        "not a list head",
        is_another_shape=True,
    ),
    _gone(
        "rq.cpu_capacity_orig",
        "6.8",
        "sched/topology: Consolidate and clean up access to a CPU's max compute capacity",
        "rq.cpu_capacity is less what interrupts and RT tasks take",
    ),
    Move(
        "pool_workqueue.max_active",
        "pool_workqueue.wq->max_active",
        "6.9",
        "workqueue: Move pwq->max_active to wq->max_active",
    ),
    # -- namespaces, cgroups, users --
    Move("pid_namespace.kref", "pid_namespace.ns.count", "5.11", f"pid: {_NS}"),
    Move("user_namespace.count", "user_namespace.ns.count", "5.11", f"user: {_NS}"),
    Move("uts_namespace.kref", "uts_namespace.ns.count", "5.11", f"uts: {_NS}"),
    Move("ipc_namespace.count", "ipc_namespace.ns.count", "5.11", f"ipc: {_NS}"),
    Move("mnt_namespace.count", "mnt_namespace.ns.count", "5.11", f"mnt: {_NS}"),
    Move("time_namespace.kref", "time_namespace.ns.count", "5.11", f"time: {_NS}"),
    Move("cgroup_namespace.count", "cgroup_namespace.ns.count", "5.11", f"cgroup: {_NS}"),
    Move("net.count", "net.ns.count", "5.11", f"net: {_NS}"),
    Move(
        "mnt_namespace.list",
        "mnt_namespace.mounts",
        "6.8",
        "mounts: keep list of mounts in an rbtree",
        IS_NOW,
        "a red-black tree, not a list",
        is_another_shape=True,
    ),
    Move(
        "cgroup.id",
        "cgroup.kn->id",
        "5.5",
        "cgroup: use cgrp->kn->id as the cgroup ID",
        IS_NOW,
        "self.id is another number",
    ),
    Move(
        "user_struct.processes",
        "ucounts.rlimit",
        "6.0",
        "Reimplement RLIMIT_NPROC on top of ucounts",
        IS_NOW,
        "its element UCOUNT_RLIMIT_NPROC",
    ),
    Move(
        "user_struct.processes",
        "ucounts.ucount",
        "5.14",
        "Reimplement RLIMIT_NPROC on top of ucounts",
        IS_NOW,
        "its element UCOUNT_RLIMIT_NPROC",
    ),
    Move(
        "audit_context.in_syscall",
        "audit_context.context",
        "5.16",
        "audit: prepare audit_context for use in calling contexts beyond syscalls",
        IS_NOW,
        "an enum of what it is in",
        is_another_shape=True,
    ),
    # -- files --
    _gone("file.f_version", "6.12", "fs: remove f_version", "f_pipe, which stands there, is for pipes only"),
    Move(
        "file_operations.mmap_supported_flags",
        "file_operations.fop_flags",
        "6.10",
        "fs: claw back a few FMODE_* bits",
        IS_NOW,
        "MAP_SYNC is its bit FOP_MMAP_SYNC",
        is_another_shape=True,
    ),
    Move(
        "file_operations.iterate",
        "file_operations.iterate_shared",
        "6.5",
        "vfs: get rid of old '->iterate' directory operation",
        IS_LIKELY,
        "called with the directory locked for reading only",
    ),
    _gone("file_operations.sendpage", "6.5", _SENDPAGE),
    Move(
        "pipe_inode_info.nrbufs",
        "pipe_inode_info.head",
        "5.5",
        _PIPE,
        IS_LIKELY,
        "less tail",
        is_another_shape=True,
    ),
    Move(
        "pipe_inode_info.curbuf",
        "pipe_inode_info.tail",
        "5.5",
        _PIPE,
        IS_NOW,
        "modulo ring_size",
        is_another_shape=True,
    ),
    Move("pipe_inode_info.buffers", "pipe_inode_info.ring_size", "5.5", _PIPE),
    Move("io_ring_ctx.nr_user_files", "io_ring_ctx.file_table.data.nr", "6.13", BTF),
    # -- memory --
    Move(
        "mm_struct.mmap_sem",
        "mm_struct.mmap_lock",
        "5.8",
        "mmap locking API: rename mmap_sem to mmap_lock",
    ),
    Move(
        "mm_struct.mmap",
        "mm_struct.mm_mt",
        "6.1",
        "mm: remove the vma linked list",
        IS_LIKELY,
        _TREE,
        is_another_shape=True,
    ),
    Move(
        "mm_struct.mm_rb",
        "mm_struct.mm_mt",
        "6.1",
        "mm: remove rb tree.",
        IS_LIKELY,
        _TREE,
        is_another_shape=True,
    ),
    _gone("mm_struct.vmacache_seqnum", "6.1", "mm: remove vmacache"),
    _gone("task_struct.vmacache", "6.1", "mm: remove vmacache"),
    _gone("vm_area_struct.vm_next", "6.1", "mm: remove the vma linked list", "walk mm->mm_mt"),
    _gone("vm_area_struct.vm_prev", "6.1", "mm: remove the vma linked list", "walk mm->mm_mt"),
    _gone("vm_area_struct.vm_rb", "6.1", "mm: remove rb tree.", "walk mm->mm_mt"),
    Move(
        "vm_area_struct.vm_lock",
        "vm_area_struct.vm_refcnt",
        "6.15",
        "mm: replace vm_lock and detached flag with a reference count",
        IS_LIKELY,
        "a reference count, not a lock",
        is_another_shape=True,
    ),
    Move(
        "page.mem_cgroup",
        "page.memcg_data",
        "5.11",
        "mm: memcontrol: Use helpers to read page's memcg data",
        IS_NOW,
        "its low bits are flags",
        is_another_shape=True,
    ),
    Move("page.compound_mapcount", "folio._entire_mapcount", "6.4", _TAILS),
    Move("page.compound_order", "folio._folio_order", "6.4", _TAILS),
    Move("page.compound_nr", "folio._folio_nr_pages", "6.4", _TAILS),
    Move(
        "folio._folio_order",
        "folio._flags_1",
        "6.6",
        "mm: free up a word in the first tail page",
        IS_NOW,
        "its low byte",
        0xFF,
    ),
    Move(
        "address_space_operations.readpages",
        "address_space_operations.readahead",
        "5.18",
        "fs: Remove ->readpages address space operation",
        IS_LIKELY,
        "with other arguments",
    ),
    Move(
        "per_cpu_pageset",
        "per_cpu_pages",
        "5.14",
        "mm/page_alloc: split per cpu page lists and zone stats",
        IS_NOW,
        "the counters are in per_cpu_zonestat",
    ),
    Move(
        "pglist_data.lru_lock",
        "pglist_data.__lruvec.lru_lock",
        "5.11",
        "mm/lru: replace pgdat lru_lock with lruvec lock",
        IS_LIKELY,
        "each lruvec has its own",
    ),
    Move(
        "lruvec.reclaim_stat",
        "lruvec.anon_cost",
        "5.8",
        "mm: base LRU balancing on an explicit cost model",
        IS_LIKELY,
        "and file_cost",
        is_another_shape=True,
    ),
    Move(
        "memcg_stat_item::MEMCG_CACHE",
        "node_stat_item::NR_FILE_PAGES",
        "5.8",
        "mm: memcontrol: switch to native NR_FILE_PAGES and NR_SHMEM counters",
    ),
    Move(
        "memcg_stat_item::MEMCG_RSS",
        "node_stat_item::NR_ANON_MAPPED",
        "5.8",
        "mm: memcontrol: switch to native NR_ANON_MAPPED counter",
    ),
    Move(
        "kmem_cache.cpu_slab",
        "kmem_cache.cpu_sheaves",
        "7.0",
        BTF,
        IS_LIKELY,
        "another cache of free objects",
        is_another_shape=True,
    ),
    # -- block layer --
    Move("hd_struct", "block_device", "5.11", _HD_STRUCT),
    Move("hd_struct.partno", "block_device.bd_partno", "5.11", _HD_STRUCT),
    Move("hd_struct.start_sect", "block_device.bd_start_sect", "5.11", _HD_STRUCT),
    Move(
        "block_device.bd_contains",
        "block_device.bd_disk->part0",
        "5.11",
        "block: remove ->bd_contains",
    ),
    Move(
        "block_device.bd_partno",
        "block_device.__bd_flags",
        "6.10",
        "bdev: infrastructure for flags",
        IS_LIKELY,
        "its low byte",
        0xFF,
    ),
    Move("request.rq_disk", "request.q->disk", "5.17", "block: remove the ->rq_disk field in struct request"),
    Move(
        "request.ioprio",
        "request.bio->bi_ioprio",
        "6.12",
        "block: remove the ioprio field from struct request",
    ),
    Move(
        "request_queue.backing_dev_info",
        "request_queue.disk->bdi",
        "5.15",
        "block: move the bdi from the request_queue to the gendisk",
    ),
    Move("request_queue.kobj", "request_queue.disk->queue_kobj", "6.2", BTF),
    Move(
        "request_queue.queue_hw_ctx",
        "request_queue.hctx_table",
        "5.16",
        "blk-mq: use xarray to replace queue_hw_ctx",
        IS_NOW,
        "an xarray, not an array",
        is_another_shape=True,
    ),
    Move(
        "blkcg.cgwb_refcnt",
        "blkcg.online_pin",
        "5.7",
        "blkcg: rename blkcg->cgwb_refcnt to ->online_pin and always use it",
    ),
    # -- network --
    Move(
        "inet_connection_sock.icsk_timeout",
        "inet_connection_sock.icsk_retransmit_timer.expires",
        "6.15",
        "tcp: remove icsk->icsk_timeout",
        IS_NOW,
        "icsk_user_timeout is another thing, TCP_USER_TIMEOUT",
    ),
    Move(
        "inet_connection_sock.icsk_timeout",
        "inet_connection_sock.icsk_inet.sk.tcp_retransmit_timer.expires",
        "7.0",
        "tcp: remove icsk->icsk_timeout",
    ),
    _dropped("rx_dropped"),
    _dropped("tx_dropped"),
    _dropped("rx_nohandler"),
    _gone("proto.sendpage", "6.5", _SENDPAGE, "splice_eof, which stands there, is another call"),
    _gone("proto_ops.sendpage", "6.5", _SENDPAGE),
    # -- tracing, bpf, security --
    Move(
        "ring_buffer",
        "trace_buffer",
        "5.6",
        "tracing: Make struct ring_buffer less ambiguous",
        IS_LIKELY,
        "that of perf, which had the same name, is perf_buffer",
    ),
    Move(
        "bpf_reg_type::PTR_TO_PERCPU_BTF_ID",
        "bpf_reg_type::PTR_TO_BTF_ID",
        "5.18",
        "bpf: Reject programs that try to load __percpu memory.",
        IS_LIKELY,
        "with the flag MEM_PERCPU",
    ),
    # -- architecture --
    Move("vdso_data", "vdso_time_data", "6.15", BTF),
    Move("cpuinfo_x86.phys_proc_id", "cpuinfo_x86.topo.pkg_id", "6.7", _TOPO.format("phys_proc_id")),
    Move("cpuinfo_x86.cpu_die_id", "cpuinfo_x86.topo.die_id", "6.7", _TOPO.format("cpu_die_id")),
    Move("cpuinfo_x86.logical_proc_id", "cpuinfo_x86.topo.logical_pkg_id", "6.7", BTF),
    Move("pt_regs.di", "pt_regs.regs[0]", "arm64", BTF, IS_LIKELY, "the first argument"),
    Move("pt_regs.si", "pt_regs.regs[1]", "arm64", BTF, IS_LIKELY, "the second argument"),
    Move("pt_regs.dx", "pt_regs.regs[2]", "arm64", BTF, IS_LIKELY, "the third argument"),
    Move("pt_regs.cx", "pt_regs.regs[3]", "arm64", BTF, IS_LIKELY, "the fourth argument"),
    Move("pt_regs.r8", "pt_regs.regs[4]", "arm64", BTF, IS_LIKELY, "the fifth argument"),
    Move("pt_regs.ax", "pt_regs.regs[0]", "arm64", BTF, IS_LIKELY, "what a function returns"),
    Move("pt_regs.ip", "pt_regs.pc", "arm64", BTF),
)


def known_moves(new: Kernel, path: str) -> Iterator[tuple[str, Move]]:
    """Yield what *path*, which *new* lacks, is called there, and the fact that says so; an empty name where
    it is gone. A fact counts only where the kernel has what it names; back as well as forth."""
    bare = re.sub(r"\[\w+\]", "", path)
    for move in _BY_OLD.get(bare, ()):
        if not move.new or has(new, move.new):
            yield move.new, move
    root, is_field, rest = path.partition(".")
    for move in _BY_OLD.get(root, ()) if is_field and not new.structs(root) else ():
        inside = list(_inside(new, move.new, rest))
        yield inside[0] if len(inside) == 1 else move.new, move
    for move in _BY_NEW.get(bare, ()):
        if has(new, move.old):
            yield move.old, move


def _inside(new: Kernel, type_name: str, rest: str) -> Iterator[str]:
    """Yield the ways to *rest* in a type that took another's place: there itself, or in one member of it."""
    if has(new, f"{type_name}.{rest}"):
        yield f"{type_name}.{rest}"
        return
    for struct in new.structs(type_name):
        for field in new.fields(struct.id):
            for mark in (".", "[i]."):
                if has(new, f"{type_name}.{field.name}{mark}{rest}"):
                    yield f"{type_name}.{field.name}{mark}{rest}"


def has(kernel: Kernel, path: str) -> bool:
    """Tell whether a kernel has a field, a type or an enumerator."""
    enum, is_enumerator, name = path.partition("::")
    if is_enumerator:
        return any(one.name == name for found in kernel.enums(enum) for one in found.enumerators)
    return walk(kernel, path) is not None if "." in path else bool(kernel.structs(path))


_BY_OLD: dict[str, list[Move]] = {}
_BY_NEW: dict[str, list[Move]] = {}
for _move in MOVES:
    _BY_OLD.setdefault(_move.old, []).append(_move)
    if _move.new and _move.since[0].isdigit():
        _BY_NEW.setdefault(re.sub(r"\[\w+\]", "", _move.new), []).append(_move)
