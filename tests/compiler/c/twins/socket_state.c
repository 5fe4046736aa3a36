#include "ask.h"

struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u16 skc_dport, skc_num, skc_family;
	u8 skc_reuseport;
} core;
struct sock { struct sock_common __sk_common; } core;

u32 from, to;
u16 family, source, dest;
u64 reuse;

SEC("raw_tp/inet_sock_set_state") int set_state(u64 *ctx)
{
	const struct sock *sk = (const void *)ctx[0];

	READ(family, sk, sock, __sk_common.skc_family);
	READ(source, sk, sock, __sk_common.skc_num);
	READ(dest, sk, sock, __sk_common.skc_dport);
	READ(from, sk, sock, __sk_common.skc_rcv_saddr);
	READ(to, sk, sock, __sk_common.skc_daddr);
	if (EXISTS(sk->__sk_common.skc_reuseport) && SIZE(sk->__sk_common.skc_reuseport) <= 8) {
		probe_read_kernel(&reuse, SIZE(sk->__sk_common.skc_reuseport),
				  (const u8 *)sk + OFFSET(sk->__sk_common.skc_reuseport));
		reuse = reuse << LSHIFT(sk->__sk_common.skc_reuseport) >> RSHIFT(sk->__sk_common.skc_reuseport);
	}
	return 0;
}
