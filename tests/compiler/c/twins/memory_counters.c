#include "ask.h"

typedef struct atomic64_t { s64 counter; } core atomic64_t;
struct mm_rss_stat { struct atomic64_t count[4]; } core;
struct percpu_counter { s64 count; } core;
struct mm_struct { u64 total_vm; } core;
struct mm_struct___v6_1 { struct mm_rss_stat rss_stat; } core;
struct mm_struct___v6_2 { struct percpu_counter rss_stat[4]; } core;
struct task_struct { s32 tgid; const struct mm_struct *mm; } core;

u64 total;
s64 file_pages, anon_pages;
s32 tgid;

#define GET(value, from, type, field) \
	probe_read_kernel(&(value), sizeof(value), (const u8 *)(from) + OFFSET(((struct type *)0)->field))

SEC("raw_tp/sys_exit") int count_memory(void *ctx)
{
	const struct mm_struct *mm = 0;
	u64 task = get_current_task();

	GET(mm, task, task_struct, mm);
	GET(tgid, task, task_struct, tgid);
	if (!mm)
		return 0;
	GET(total, mm, mm_struct, total_vm);
	if (EXISTS(((struct mm_struct___v6_2 *)0)->rss_stat[1].count)) {
		GET(file_pages, mm, mm_struct___v6_2, rss_stat[0].count);
		GET(anon_pages, mm, mm_struct___v6_2, rss_stat[1].count);
	} else if (EXISTS(((struct mm_struct___v6_1 *)0)->rss_stat.count[1].counter)) {
		GET(file_pages, mm, mm_struct___v6_1, rss_stat.count[0].counter);
		GET(anon_pages, mm, mm_struct___v6_1, rss_stat.count[1].counter);
	}
	return 0;
}
