// SPDX-License-Identifier: MIT
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define EPERM 1

const volatile u64 guarded_inode = 0;

SEC("lsm/file_open")
int BPF_PROG(on_open, struct file *file, int ret)
{
	if (ret)
		return ret;
	return guarded_inode && file->f_inode->i_ino == guarded_inode ? -EPERM : 0;
}
