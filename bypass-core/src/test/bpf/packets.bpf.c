// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// tc programs that count the packets that they see and let them pass, to the next program first.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

__u64 first_packets;
__u64 second_packets;
__u32 order; /* of the programs that saw the last packet, one hexadecimal digit each */

SEC("tc")
int first(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&first_packets, 1);
	order = order << 4 | 1;
	return TC_ACT_UNSPEC;
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&second_packets, 1);
	order = order << 4 | 2;
	return TC_ACT_UNSPEC;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} called SEC(".maps");

SEC("tc")
int calls(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &called, 0);
	order = order << 4 | 3;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
