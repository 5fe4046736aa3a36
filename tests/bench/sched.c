/* demo/sched.rs in C: the same structs, the same two getters, the same four queries. */

struct load_weight {
	unsigned long weight;
};

struct sched_entity {
	struct load_weight load;
	unsigned long long vruntime;
};

struct task_struct {
	struct sched_entity se;
};

#define FIELD_BYTE_OFFSET 0
#define FIELD_EXISTS 2

unsigned long long *sched_vruntime(struct task_struct *task)
{
	if (__builtin_preserve_field_info(task->se.vruntime, FIELD_EXISTS)) {
		unsigned long offset = __builtin_preserve_field_info(task->se.vruntime, FIELD_BYTE_OFFSET);

		return (unsigned long long *)((char *)task + offset);
	}
	return 0;
}

unsigned long *sched_load_weight(struct task_struct *task)
{
	if (__builtin_preserve_field_info(task->se.load.weight, FIELD_EXISTS)) {
		unsigned long offset = __builtin_preserve_field_info(task->se.load.weight, FIELD_BYTE_OFFSET);

		return (unsigned long *)((char *)task + offset);
	}
	return 0;
}
