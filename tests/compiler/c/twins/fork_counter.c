#include "ask.h"

struct task_struct { u32 flags; s32 tgid; struct task_struct *real_parent; } core;

struct forks { u64 count; s32 parent; u32 is_kernel; };
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;

struct {
	int (*type)[1];
	s32 *key;
	struct forks *value;
	int (*max_entries)[1024];
} FORKS SEC(".maps");

#define FIELD(value, from, field)                                                             \
	({                                                                                    \
		if (!EXISTS(((struct task_struct *)0)->field))                                \
			return 1;                                                             \
		if (probe_read_kernel(&(value), sizeof(value),                                \
				      (const u8 *)(from) + OFFSET(((struct task_struct *)0)->field))) \
			return 2;                                                             \
	})

SEC("kprobe") u32 fork_counter(void *ctx)
{
	struct forks seen = { .count = 1 };
	const void *parent;
	s32 process;
	u32 flags;

	FIELD(process, get_current_task(), tgid);
	FIELD(parent, get_current_task(), real_parent);
	FIELD(flags, get_current_task(), flags);
	FIELD(seen.parent, parent, tgid);
	seen.is_kernel = flags >> 21 & 1;
	map_update(&FORKS, &process, &seen, 0);
	return 0;
}
