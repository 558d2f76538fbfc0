// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What programs cost that have nothing to do.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int do_nothing(struct bpf_sock_ops *ops)
{
	return 1;
}

SEC("socket")
int measure_nothing(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
