/* The same as renamed_field.rs in C: written for Linux 5.10, where `__state` was `state`. */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct sched_entity {
	__u64 exec_start;
} __attribute__((preserve_access_index));

/* As on Linux 5.10. */
struct task_struct {
	int pid;
	long state;
	struct task_struct *real_parent;
	struct sched_entity se;
} __attribute__((preserve_access_index));

/* Of the last task; in .bss, where user space reads them. */
int pid, parent;
long state;
__u64 since;

SEC("raw_tp/sys_enter")
int last_caller(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	pid = BPF_CORE_READ(task, pid);
	parent = BPF_CORE_READ(task, real_parent, pid);
	state = BPF_CORE_READ(task, state);
	since = BPF_CORE_READ(task, se.exec_start);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
