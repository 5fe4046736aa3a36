#include "ask.h"

struct task_struct { s32 tgid; const struct task_struct *real_parent; u8 comm[16]; } core;

s32 pids[4];
u8 names[4][16];

SEC("raw_tp/sched_process_exec") int walk(void *ctx)
{
	const struct task_struct *task = (const void *)get_current_task();

	for (int depth = 0; depth < 4; depth++) {
		READ(pids[depth], task, task_struct, tgid);
		if (EXISTS(task->comm))
			probe_read_kernel(names[depth], 16, (const u8 *)task + OFFSET(task->comm));
		READ(task, task, task_struct, real_parent);
		if (!task)
			break;
	}
	return 0;
}
