/* What the verifier looks at: one program a rule, with a neighbour that keeps it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define PAI __attribute__((preserve_access_index))
typedef unsigned int u32;
typedef unsigned long long u64;
struct task_struct { int pid; struct task_struct *parent; char comm[16]; } PAI;
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64[4]); __uint(max_entries, 8); } h SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
int arr[16]; int idx; const volatile int limit = 5; const volatile u64 ro[3] = {1,2,3};
SEC("tc") int n1(struct __sk_buff *s) { u32 k = 1; u64 *v = bpf_map_lookup_elem(&h, &k); return v ? v[1] : 0; }
SEC("tc") int n2(struct __sk_buff *s) { u32 k = 1; u64 *v = bpf_map_lookup_elem(&h, &k); return v[1]; }
SEC("tc") int n3(struct __sk_buff *s) { u32 k = 1; u64 *v = bpf_map_lookup_elem(&h, &k); if (!v) { bpf_map_delete_elem(&h, &k); return 0; } v[0]++; return 0; }
SEC("tc") int n4(struct __sk_buff *s) { u32 k = 1; u64 *v = bpf_map_lookup_elem(&h, &k); u64 *w = bpf_map_lookup_elem(&h, &k); if (v) w[0]++; return 0; }
SEC("xdp") int p1(struct xdp_md *x) { char *d = (void *)(long)x->data; return d[0] & 1; }
SEC("xdp") int p2(struct xdp_md *x) { char *d = (void *)(long)x->data, *e = (void *)(long)x->data_end; if (d + 4 > e) return 1; return d[3] & 1; }
SEC("tc") int p3(struct __sk_buff *x) { char *d = (void *)(long)x->data; return d[3] & 1; }
SEC("tc") int p4(struct __sk_buff *x) { char *d = (void *)(long)x->data, *e = (void *)(long)x->data_end; if (d + 14 <= e) return d[3] & 1; return 0; }
SEC("raw_tp/sys_enter") int l1(void *c) { int s = 0; for (int i = 0; i < 10; i++) s += arr[i]; return s & 1; }
SEC("raw_tp/sys_enter") int l2(void *c) { int s = 0; for (volatile int i = 0; i < 200; i++) s += bpf_get_smp_processor_id(); return s & 1; }
SEC("raw_tp/sys_enter") int l3(void *c) { int s = 0; for (int i = 0; i < idx; i++) s += bpf_get_smp_processor_id() + i; return s & 1; }
SEC("raw_tp/sys_enter") int l4(void *c) { for (;;) { bpf_get_smp_processor_id(); } }
SEC("raw_tp/sys_enter") int l5(void *c) { int s = 0; for (int i = 0; i < limit; i++) s += bpf_get_smp_processor_id() + i; return s & 1; }
SEC("raw_tp/sys_enter") int a1(void *c) { return arr[idx & 15]; }
SEC("raw_tp/sys_enter") int a2(void *c) { return arr[idx]; }
SEC("raw_tp/sys_enter") int a3(void *c) { unsigned i = idx; if (i > 15) return 0; return arr[i]; }
SEC("raw_tp/sys_enter") int r1(void *c) { u64 *e = bpf_ringbuf_reserve(&rb, 8, 0); if (!e) return 0; *e = 1; bpf_ringbuf_submit(e, 0); return 0; }
SEC("raw_tp/sys_enter") int r2(void *c) { u64 *e = bpf_ringbuf_reserve(&rb, 8, 0); if (!e) return 0; *e = 1; return 0; }
SEC("raw_tp/sys_enter") int r3(void *c) { u64 *e = bpf_ringbuf_reserve(&rb, 8, 0); *e = 1; bpf_ringbuf_submit(e, 0); return 0; }
SEC("raw_tp/sys_enter") int s1(u64 *c) { char b[32]; u32 n = c[0]; bpf_probe_read_kernel(b, n, (void *)c[1]); return b[0] & 1; }
SEC("raw_tp/sys_enter") int s2(u64 *c) { char b[32] = {}; u32 n = c[0] & 31; bpf_probe_read_kernel(b, n, (void *)c[1]); return b[0] & 1; }
SEC("raw_tp/sys_enter") int s3(u64 *c) { char b[32] = {}; u64 n = c[0]; if (n > 32) n = 32; bpf_probe_read_kernel(b, n, (void *)c[1]); return b[0] & 1; }
SEC("raw_tp/sys_enter") int d1(u64 *c) { struct task_struct *t = (void *)bpf_get_current_task(); return t->pid & 1; }
SEC("raw_tp/sys_enter") int d2(u64 *c) { struct task_struct *t = (void *)bpf_get_current_task_btf(); return t->parent->pid & 1; }
SEC("raw_tp/sys_enter") int d3(u64 *c) { struct task_struct *t = (void *)c[0]; return t->pid & 1; }
SEC("kprobe/vfs_read") int d4(u64 *c) { struct task_struct *t = (void *)c[14]; return t->pid & 1; }
SEC("tp/sched/sched_switch") int d5(u64 *c) { return *(int *)c[3] & 1; }
SEC("tp_btf/sched_switch") int d6(u64 *c) { struct task_struct *t = (void *)c[1]; return t->parent->parent->pid & 1; }
SEC("tp_btf/sched_switch") int d7(u64 *c) { return ((struct task_struct *)c[0])->pid & 1; }
SEC("tp_btf/sched_switch") int d8(u64 *c) { struct task_struct *t = (void *)c[1]; char b[16]; bpf_probe_read_kernel(b, 16, t->comm); return b[0] & 1; }
SEC("tp_btf/sched_switch") int d9(u64 *c) { return c[4] & 1; }
SEC("cgroup_skb/egress") int e1(void *c) { return 3; }
SEC("cgroup_skb/ingress") int e2(void *c) { return 3; }
SEC("cgroup/sock_create") int e3(void *c) { return 2; }
SEC("cgroup/getpeername4") int e4(void *c) { return 0; }
SEC("cgroup/bind4") int e5(void *c) { return 3; }
SEC("sk_lookup") int e6(void *c) { return 2; }
SEC("cgroup/dev") int e7(void *c) { return idx; }
SEC("cgroup/dev") int e8(void *c) { return idx & 1; }
SEC("cgroup/sysctl") int e9(void *c) { return !!idx; }
SEC("sockops") int e10(void *c) { return 5; }
SEC("cgroup/getsockopt") int e11(void *c) { return 2; }
SEC("netfilter") int e12(void *c) { return 2; }
SEC("flow_dissector") int e13(void *c) { return 55; }
SEC("xdp") int e14(void *c) { return 77; }
SEC("sk_msg") int e15(void *c) { return 77; }
SEC("lwt_in") int e16(void *c) { return 77; }
SEC("perf_event") int h1(void *c) { return bpf_get_stackid(c, &h, 0) & 1; }
SEC("tc") int h2(void *c) { return bpf_get_current_pid_tgid() & 1; }
SEC("xdp") int h3(void *c) { struct bpf_spin_lock *l = 0; return bpf_redirect(1, 0); }
SEC("socket") int h4(void *c) { return bpf_get_current_task() & 1; }
SEC("cgroup/connect4") int h5(void *c) { return bpf_get_netns_cookie(c) & 1; }
SEC("kprobe/vfs_read") int h6(void *c) { return bpf_override_return(c, 0), 0; }
SEC("sk_lookup") int h7(void *c) { return bpf_sk_assign(c, 0, 0) & 1; }
static __noinline int deep3(int x) { char b[200]; bpf_probe_read_kernel(b, 200, (void *)(long)x); return b[x & 127]; }
static __noinline int deep2(int x) { char b[200]; bpf_probe_read_kernel(b, 200, (void *)(long)x); return b[x & 127] + deep3(x); }
SEC("raw_tp/sys_enter") int k1(u64 *c) { char b[100]; bpf_probe_read_kernel(b, 100, c); return (deep2(c[0]) + b[3]) & 1; }
SEC("raw_tp/sys_enter") int k2(u64 *c) { return deep2(c[0]) & 1; }
__noinline int glob(int x) { return x + idx; }
__weak int glob2(struct __sk_buff *s) { return s->len; }
SEC("tc") int g1(struct __sk_buff *s) { return glob(s->len); }
SEC("tc") int g2(struct __sk_buff *s) { return glob2(s); }
SEC("raw_tp/sys_enter") int w1(u64 *c) { c[0] = 1; return 0; }
SEC("tc") int w2(struct __sk_buff *s) { s->mark = 1; return 0; }
SEC("tc") int w3(struct __sk_buff *s) { s->len = 1; return 0; }
SEC("raw_tp/sys_enter") int w4(u64 *c) { *(volatile u64 *)&ro[1] = 4; return 0; }
char LICENSE[] SEC("license") = "GPL";
