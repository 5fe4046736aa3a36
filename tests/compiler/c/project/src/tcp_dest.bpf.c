// SPDX-License-Identifier: MIT
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";

SEC("fentry/tcp_connect")
int BPF_PROG(on_connect, struct sock *sk)
{
	bpf_printk("port %d, family %d", bpf_ntohs(sk->__sk_common.skc_dport), sk->__sk_common.skc_family);
	return 0;
}
