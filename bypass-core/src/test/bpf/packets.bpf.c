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

char LICENSE[] SEC("license") = "Dual BSD/GPL";
