#include "ask.h"

struct task_struct { u32 flags; } core;

u64 counts[2];

SEC("raw_tp/sys_enter") int enter(void *ctx)
{
	u32 flags;

	READ(flags, get_current_task(), task_struct, flags);
	__sync_fetch_and_add(&counts[flags & 1], 1);
	return 0;
}
