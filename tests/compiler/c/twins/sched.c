#include "ask.h"

struct load_weight { u64 weight; } core;
struct sched_entity { struct load_weight load; u64 vruntime; } core;
struct task_struct { struct sched_entity se; } core;

const u64 *sched_vruntime(const struct task_struct *task)
{
	return EXISTS(task->se.vruntime) ? (const void *)((const u8 *)task + OFFSET(task->se.vruntime)) : 0;
}

const u64 *sched_load_weight(const struct task_struct *task)
{
	return EXISTS(task->se.load.weight) ? (const void *)((const u8 *)task + OFFSET(task->se.load.weight)) : 0;
}
