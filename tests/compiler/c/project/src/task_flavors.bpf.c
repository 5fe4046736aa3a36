// SPDX-License-Identifier: MIT
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct___before_5_14 {
	long state;
} __attribute__((preserve_access_index));

unsigned long long seen_state, seen_size, seen_pgid, seen_id;

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (bpf_core_field_exists(task->__state))
		seen_state = BPF_CORE_READ(task, __state);
	else
		seen_state = BPF_CORE_READ((struct task_struct___before_5_14 *)task, state);
	if (bpf_core_type_exists(struct sched_entity))
		seen_size = bpf_core_type_size(struct sched_entity);
	if (bpf_core_enum_value_exists(enum pid_type, PIDTYPE_PGID))
		seen_pgid = bpf_core_enum_value(enum pid_type, PIDTYPE_PGID);
	seen_id = bpf_core_type_id_kernel(struct task_struct);
	return 0;
}
