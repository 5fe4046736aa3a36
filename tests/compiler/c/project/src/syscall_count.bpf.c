// SPDX-License-Identifier: MIT
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

#ifndef SLOTS
#error "SLOTS is the project's to define"
#endif

u64 counts[SLOTS];

SEC("raw_tp/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	u64 slot = PT_REGS_PARM1_CORE_SYSCALL(regs) & (SLOTS - 1);

	__sync_fetch_and_add(&counts[slot], 1);
	return id < 0;
}
