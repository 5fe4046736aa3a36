/* What user space and the programs agree on. */
#ifndef SHARED_EVENT_H
#define SHARED_EVENT_H

#define TASK_COMM_LEN 16
#define MAX_NAME 64

struct event {
	int pid;
	int ppid;
	unsigned long long value;
	char comm[TASK_COMM_LEN];
	char name[MAX_NAME];
};

#endif
