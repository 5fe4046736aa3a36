// SPDX-License-Identifier: MIT
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <shared/maps.h>

char LICENSE[] SEC("license") = "GPL";

HASH_OF(u32, u64, 10240) started SEC(".maps");

static int note_start(struct task_struct *task)
{
	u32 pid = task->pid;
	u64 now = bpf_ktime_get_ns();

	if (pid)
		bpf_map_update_elem(&started, &pid, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	return note_start(task);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	u32 pid = next->pid;
	u64 *begin;

	if (prev->tgid)
		note_start(prev);
	begin = bpf_map_lookup_elem(&started, &pid);
	if (!begin)
		return 0;
	bpf_printk("%d waited %llu", next->tgid, bpf_ktime_get_ns() - *begin);
	bpf_map_delete_elem(&started, &pid);
	return 0;
}
