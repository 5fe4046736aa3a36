/* Iterators that kernels have, and what their programs read. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define PAI __attribute__((preserve_access_index))
typedef unsigned int u32;
typedef unsigned long long u64;
struct seq_file; struct bpf_iter_meta { struct seq_file *seq; u64 session_id; u64 seq_num; } PAI;
struct task_struct { int pid; int tgid; } PAI;
struct bpf_map { u32 id; } PAI;
struct bpf_iter__task { struct bpf_iter_meta *meta; struct task_struct *task; } PAI;
struct bpf_iter__bpf_map { struct bpf_iter_meta *meta; struct bpf_map *map; } PAI;
struct bpf_iter__bpf_map_elem { struct bpf_iter_meta *meta; struct bpf_map *map; void *key; void *value; } PAI;
#define I(n, s) SEC(s) int n(void *c) { return 0; }
I(i_task, "iter/task")
I(i_task_file, "iter/task_file")
I(i_map, "iter/bpf_map")
I(i_elem, "iter/bpf_map_elem")
I(i_sk, "iter/bpf_sk_storage_map")
I(i_netlink, "iter/netlink")
I(i_route, "iter/ipv6_route")
I(i_tcp, "iter/tcp")
I(i_unix, "iter/unix")
I(i_sockmap, "iter/sockmap")
I(i_prog, "iter/bpf_prog")
I(i_link, "iter/bpf_link")
I(i_ksym, "iter/ksym")
I(i_cgroup, "iter/cgroup")
I(i_vma, "iter/task_vma")
I(i_dmabuf, "iter/dmabuf")
I(i_kmem, "iter/kmem_cache")
I(i_no, "iter/no_such")
I(i_num, "iter/num_new")
I(i_bits, "iter/bits_new")
I(i_sleep, "iter.s/task")
SEC("iter/task") int r_task(struct bpf_iter__task *c) { struct task_struct *t = c->task; if (!t) return 0; return t->pid & 1; }
SEC("iter/task") int r_nonull(struct bpf_iter__task *c) { struct task_struct *t = c->task; return t->pid & 1; }
SEC("iter/task") int r_meta(struct bpf_iter__task *c) { return c->meta->seq_num & 1; }
SEC("iter/task") int r_two(struct bpf_iter__task *c) { return c->meta->seq_num & 3; }
SEC("iter/task") int r_beyond(u64 *c) { return c[2] & 1; }
SEC("iter/bpf_map_elem") int r_elem(struct bpf_iter__bpf_map_elem *c) { u32 *k = c->key; if (!k) return 0; return *k & 1; }
char LICENSE[] SEC("license") = "GPL";
