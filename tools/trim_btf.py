"""Make the bundled targets: kernel BTF cut down to the types that demos and a first look need.

    python -m tools.trim_btf DIRECTORY [--out btfview/targets/bundled/kernels.xz]

DIRECTORY holds ``NAME.btf.xz`` for each name in NAMES: a kernel's whole BTF, compressed with xz. The
result, one file, is the same for the same input (and the same liblzma).

A struct or union that is named in SEEDS, or contained by value in one, is kept whole: every member at its
offset, bitfields and order unchanged. So is what a seed with a star points to. What else is reached
through a pointer becomes a forward declaration of the same name. Types keep their order, but not their ids.
"""

from __future__ import annotations

import argparse
import lzma
import sys
from collections.abc import Iterable
from pathlib import Path

from btfview.btf import types as t
from btfview.btf.reader import Btf
from btfview.btf.writer import write_btf
from btfview.frozen import replace
from btfview.targets.bundled_kernels import FILE, NAMES
from tools.pack_kernels import pack_kernels

MAX_COMPRESSED = 160 * 1000
SEEDS = """
    # processes and scheduling
    task_struct* signal_struct sighand_struct cred* user_namespace user_struct nsproxy* uts_namespace
    ipc_namespace mnt_namespace pid_namespace net cgroup_namespace time_namespace pid upid thread_info
    sched_entity load_weight rq cfs_rq kernel_clone_args linux_binprm* pt_regs kernel_siginfo fs_struct
    files_struct fdtable kuid_t kgid_t pid_t pid_type
    # memory
    mm_struct* vm_area_struct* vm_fault page folio address_space kmem_cache zone
    # files and block devices
    file* path dentry* qstr inode* super_block* file_system_type mount vfsmount file_operations iattr kiocb
    request* bio* bio_vec block_device gendisk request_queue
    # network
    socket* sock* sock_common inet_sock inet_connection_sock tcp_sock udp_sock unix_sock sk_buff*
    skb_shared_info net_device* iphdr ipv6hdr tcphdr udphdr ethhdr sockaddr sockaddr_in sockaddr_in6 in6_addr
    msghdr xdp_buff nf_hook_state
    # cgroups
    css_set* cgroup_subsys_state* cgroup* kernfs_node mem_cgroup task_group
    # BPF
    bpf_prog* bpf_prog_aux* bpf_map* bpf_link* bpf_iter_meta bpf_iter__task bpf_sock_ops
    bpf_raw_tracepoint_args __sk_buff xdp_md bpf_sock bpf_sock_addr bpf_pidns_info bpf_prog_type bpf_map_type
    bpf_attach_type bpf_func_id bpf_ringbuf
    # tracing
    trace_entry trace_event_raw_sys_enter trace_event_raw_sys_exit trace_event_raw_sched_switch
    trace_event_raw_sched_process_exec trace_event_raw_sched_process_exit
    trace_event_raw_sched_process_fork trace_event_raw_sched_process_template
    trace_event_raw_sched_wakeup_template trace_event_raw_block_rq trace_event_raw_block_rq_completion
    trace_event_raw_inet_sock_set_state trace_event_raw_kfree_skb trace_event_raw_signal_generate
    trace_event_raw_mm_page_alloc
    btf_trace_sched_switch btf_trace_sched_wakeup btf_trace_sched_process_exec btf_trace_sys_enter
    btf_trace_block_rq_issue btf_trace_kfree_skb
    # devices, modules, time, and what everything is linked with
    device kobject module list_head hlist_node rb_node kref work_struct timer_list hrtimer
    __kernel_timespec timespec64 ktime_t
"""


def seed_names(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [name for line in lines if not line.startswith("#") for name in line.split()]


class Trim:
    """The ids of *btf* that are reached from *seeds*."""

    def __init__(self, btf: Btf, seeds: Iterable[int], starred: Iterable[int]) -> None:
        self._btf = btf
        self.whole: set[int] = set()
        """Ids kept as they are."""
        self.behind_pointer: set[int] = set()
        """Ids kept at least by name."""
        pointed_to = (target for type_id in starred for target in self._pointed_to(type_id))
        todo = [(type_id, True) for type_id in (*seeds, *pointed_to)]
        while todo:
            type_id, is_whole = todo.pop()
            seen = self.whole if is_whole else self.behind_pointer
            if type_id and type_id not in seen:
                seen.add(type_id)
                todo += self._references(type_id, is_whole)
        for tag_id in btf.ids():  # tags point at what they describe, nothing points at them
            tag = btf.type(tag_id) if btf.kind(tag_id) == t.DeclTag.kind else None
            if isinstance(tag, t.DeclTag) and tag.type_id in self.whole:
                self.whole.add(tag_id)

    def _pointed_to(self, type_id: int) -> list[int]:
        """Return what the members of a struct, anonymous ones included, point to directly."""
        found: list[int] = []
        match self._btf.skip_modifiers(type_id):
            case t.Struct(members=members):
                for member in members:
                    match self._btf.skip_modifiers(member.type_id):
                        case t.Ptr(type_id=target):
                            found.append(target)
                        case t.Struct(id=inner, name=""):
                            found += self._pointed_to(inner)
                        case _:
                            pass
            case _:
                pass
        return found

    def _references(self, type_id: int, is_whole: bool) -> list[tuple[int, bool]]:
        match self._btf.type(type_id):
            case t.Struct(name=name, members=members):
                if is_whole:
                    return [(member.type_id, True) for member in members]
                return [] if name else [(type_id, True)]
            case t.Ptr(type_id=inner):
                return [(inner, False)]
            case t.Typedef(type_id=inner) | t.Modifier(type_id=inner):
                return [(inner, is_whole)]
            case t.Array(type_id=inner, index_type_id=index):
                return [(inner, is_whole), (index, True)]
            case t.FuncProto(type_id=result, params=params):
                return [(part, True) for part in (result, *(param.type_id for param in params))]
            case _:
                return []

    def types(self) -> list[t.BtfType]:
        """Return the kept types, numbered anew in their old order."""
        old_ids = sorted(self.whole | self.behind_pointer)
        new_ids = {0: 0} | {old: new for new, old in enumerate(old_ids, 1)}
        return [self._renumbered(old, new_ids) for old in old_ids]

    def _renumbered(self, old_id: int, new_ids: dict[int, int]) -> t.BtfType:
        own_id = new_ids[old_id]
        match self._btf.type(old_id):
            case t.Struct(name=name, members=members) as found:
                if old_id not in self.whole and name:
                    return t.Fwd(own_id, name, found.is_union)
                moved = tuple(replace(member, type_id=new_ids[member.type_id]) for member in members)
                return replace(found, id=own_id, members=moved)
            case t.Array() as found:
                index = new_ids[found.index_type_id]
                return replace(found, id=own_id, type_id=new_ids[found.type_id], index_type_id=index)
            case t.FuncProto() as found:
                params = tuple(replace(param, type_id=new_ids[param.type_id]) for param in found.params)
                return replace(found, id=own_id, type_id=new_ids[found.type_id], params=params)
            case t.Ptr() | t.Typedef() | t.Modifier() | t.DeclTag() as found:
                return replace(found, id=own_id, type_id=new_ids[found.type_id])
            case found:
                return replace(found, id=own_id)


def trim_btf(data: bytes, names: Iterable[str]) -> tuple[bytes, set[str]]:
    """Return BTF that holds the types called *names* with all they contain, and the names that are absent."""
    btf = Btf(data)
    wanted = {name.rstrip("*"): name.endswith("*") for name in names}
    btf.index_names(wanted)
    seeds = [
        type_id
        for name in wanted
        for type_id in btf.ids_named(name)
        if isinstance(btf.type(type_id), t.Struct | t.Enum | t.Typedef)
    ]
    starred = [type_id for type_id in seeds if wanted[btf.name(type_id)]]
    trimmed = Trim(btf, seeds, starred).types()
    absent = wanted.keys() - {btf.name(type_id) for type_id in seeds}
    return write_btf(trimmed, is_little_endian=btf.is_little_endian), absent


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path, help="folder with NAME.btf.xz, whole kernels")
    parser.add_argument("--out", type=Path, default=Path(FILE))
    arguments = parser.parse_args()
    wanted = seed_names(SEEDS)
    nowhere = {name.rstrip("*") for name in wanted}
    kernels = []
    for name in NAMES:
        whole = lzma.decompress((arguments.directory / f"{name}.btf.xz").read_bytes())
        data, absent = trim_btf(whole, wanted)
        kernels.append(data)
        nowhere &= absent
        print(f"{name}: {Btf(data).type_count - 1} types, {len(data)} bytes")
        print(f"    not in this kernel: {' '.join(sorted(absent)) or '-'}")
    packed = pack_kernels(kernels)
    arguments.out.write_bytes(packed)
    print(f"{arguments.out}: {len(packed)} bytes")
    too_large = len(packed) > MAX_COMPRESSED
    if nowhere:
        print(f"in no kernel (misspelt?): {' '.join(sorted(nowhere))}", file=sys.stderr)
    if too_large:
        print(f"larger than {MAX_COMPRESSED} bytes; take names out of SEEDS", file=sys.stderr)
    return 1 if nowhere or too_large else 0


if __name__ == "__main__":
    sys.exit(main())
