// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Two programs of the same type that can take each other's place.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 one_runs;
__u64 other_runs;
__u32 order; /* of the programs that saw the last connect, one hexadecimal digit each */

SEC("cgroup/connect6")
int one(struct bpf_sock_addr *ctx)
{
	__sync_fetch_and_add(&one_runs, 1);
	order = order << 4 | 1;
	return 1;
}

SEC("cgroup/connect6")
int other(struct bpf_sock_addr *ctx)
{
	__sync_fetch_and_add(&other_runs, 1);
	order = order << 4 | 2;
	return 1;
}

SEC("?cgroup/bind4")
int not_loaded(struct bpf_sock_addr *ctx)
{
	return 1;
}

SEC("cgroup_skb/ingress")
int packet(struct __sk_buff *skb)
{
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
