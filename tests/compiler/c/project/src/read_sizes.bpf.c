// SPDX-License-Identifier: MIT
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <shared/maps.h>

char LICENSE[] SEC("license") = "GPL";

HASH_OF(u64, u64, 4096) bytes_by_inode SEC(".maps");

SEC("fexit/vfs_read")
int BPF_PROG(on_read, struct file *file, char *buf, size_t count, loff_t *pos, ssize_t ret)
{
	u64 inode = BPF_CORE_READ(file, f_inode, i_ino), zero = 0, *sum;

	if (ret <= 0)
		return 0;
	bpf_map_update_elem(&bytes_by_inode, &inode, &zero, BPF_NOEXIST);
	sum = bpf_map_lookup_elem(&bytes_by_inode, &inode);
	if (sum)
		__sync_fetch_and_add(sum, ret);
	return 0;
}
