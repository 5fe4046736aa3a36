#include "ask.h"

struct sched_entity { u64 exec_start; } core;
struct task_struct { int pid; s64 state; struct sched_entity se; } core;

int pid(const struct task_struct *task)
{
	return *(const int *)((const u8 *)task + OFFSET(task->pid));
}

s64 state(const struct task_struct *task)
{
	return *(const s64 *)((const u8 *)task + OFFSET(task->state));
}

u64 since(const struct task_struct *task)
{
	return *(const u64 *)((const u8 *)task + OFFSET(task->se.exec_start));
}
