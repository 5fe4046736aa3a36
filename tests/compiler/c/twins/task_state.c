#include "ask.h"

struct sched_entity { u64 vruntime; s64 vlag; } core;
struct task_struct { u32 __state; s64 state; s32 pid; struct sched_entity se; } core;

u64 state;
s64 lag;
s32 pid;

SEC("raw_tp/sched_switch") int count_calls(void *ctx)
{
	const struct task_struct *task = (const void *)get_current_task();
	u32 now;

	probe_read_kernel(&pid, sizeof(pid), (const u8 *)task + OFFSET(task->pid));
	if (EXISTS(task->__state))
		state = READ(now, task, task_struct, __state);
	else
		READ(state, task, task_struct, state);
	READ(lag, task, task_struct, se.vlag);
	return 0;
}
