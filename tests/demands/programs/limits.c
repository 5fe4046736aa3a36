/* What the verifier refuses of calls, loops and stack: a program a rule, and its neighbours that load. */
#include <linux/bpf.h>
#define SEC(name) __attribute__((section(name), used))
#define NOINLINE static __attribute__((noinline))
#define KEEP(x) asm volatile("" : "+r"(x))

static long (*const bpf_loop)(unsigned, void *, void *, unsigned long long) = (void *)181;
char LICENSE[] SEC("license") = "GPL";
const volatile int is_on = 0;

#define CALLS(name, callee) NOINLINE int name(int x) { x = callee(x + 1); KEEP(x); return x; }
NOINLINE int deep8(int x) { KEEP(x); return x; }
CALLS(deep7, deep8)
CALLS(deep6, deep7)
CALLS(deep5, deep6)
CALLS(deep4, deep5)
CALLS(deep3, deep4)
CALLS(deep2, deep3)
CALLS(deep1, deep2)

SEC("socket") int eight_functions(struct __sk_buff *skb) { return deep2(skb->len); }
SEC("socket") int nine_functions(struct __sk_buff *skb) { return deep1(skb->len); }
/* The depth is that of the code as it is loaded: dead calls count. */
SEC("socket") int nine_functions_behind_a_constant(struct __sk_buff *skb)
{
	return is_on ? deep1(skb->len) : 0;
}

NOINLINE int recursive(int x) { if (x > 3) x = recursive(x - 1) + 1; KEEP(x); return x; }
SEC("socket") int calls_itself(struct __sk_buff *skb) { return recursive(skb->len); }

SEC("socket") int loop_without_an_end(struct __sk_buff *skb)
{
	for (;;)
		asm volatile("");
}
SEC("socket") int loop_behind_a_condition(struct __sk_buff *skb)
{
	if (skb->len > 100)
		for (;;)
			asm volatile("");
	return 0;
}
SEC("socket") int loop_behind_a_constant(struct __sk_buff *skb)
{
	if (is_on)
		for (;;)
			asm volatile("");
	return 0;
}
NOINLINE int endless(int x)
{
	KEEP(x);
	if (x > 7)
		for (;;)
			asm volatile("");
	return x;
}
SEC("socket") int loop_in_a_function(struct __sk_buff *skb) { return endless(skb->len); }
SEC("socket") int loop_in_a_function_that_is_not_called(struct __sk_buff *skb)
{
	return is_on ? endless(skb->len) : 0;
}
SEC("socket") int loop_with_an_end(struct __sk_buff *skb)
{
	int n = 0;
	for (;;) {
		n++;
		KEEP(n);
		if (n >= 10)
			break;
	}
	return n;
}
static long called_back(unsigned index, void *context)
{
	for (;;)
		asm volatile("");
}
SEC("socket") int loop_in_a_callback(struct __sk_buff *skb)
{
	return bpf_loop(10, called_back, (void *)0, 0);
}

#define FILL(buffer) \
	for (unsigned n = 0; n < sizeof(buffer); n += 8) \
		*(volatile unsigned long long *)(buffer + n) = n;
NOINLINE int takes_300(int x)
{
	char buffer[304];
#pragma unroll
	FILL(buffer)
	KEEP(x);
	return x + buffer[8];
}
NOINLINE int takes_200(int x)
{
	char buffer[200];
#pragma unroll
	FILL(buffer)
	KEEP(x);
	return x + buffer[8];
}
SEC("socket") int stack_of_600(struct __sk_buff *skb)
{
	char buffer[304];
#pragma unroll
	FILL(buffer)
	return takes_300(skb->len) + buffer[16];
}
SEC("socket") int stack_of_500(struct __sk_buff *skb)
{
	char buffer[304];
#pragma unroll
	FILL(buffer)
	return takes_200(skb->len) + buffer[16];
}
/* A function that runs where the others do takes none of it from them. */
SEC("socket") int stack_of_600_behind_a_constant(struct __sk_buff *skb)
{
	char buffer[304];
#pragma unroll
	FILL(buffer)
	return (is_on ? takes_300(skb->len) : 0) + buffer[16];
}
