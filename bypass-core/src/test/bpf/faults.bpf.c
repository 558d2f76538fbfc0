// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The programs of docs/verifier.md: each has a fault, and the one after it has not.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64[4]);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("?sockops")
int null_pointer(struct bpf_sock_ops *ctx)
{
	__u32 key = ctx->op;
	__u64 *values = bpf_map_lookup_elem(&table, &key);

	values[0] = 1;
	return 1;
}

SEC("?sockops")
int null_pointer_fixed(struct bpf_sock_ops *ctx)
{
	__u32 key = ctx->op;
	__u64 *values = bpf_map_lookup_elem(&table, &key);

	if (values)
		values[0] = 1;
	return 1;
}

SEC("?sockops")
int index_out_of_bounds(struct bpf_sock_ops *ctx)
{
	__u32 key = 0, index = ctx->op;
	__u64 *values = bpf_map_lookup_elem(&table, &key);

	if (values)
		values[index]++;
	return 1;
}

SEC("?sockops")
int index_out_of_bounds_fixed(struct bpf_sock_ops *ctx)
{
	__u32 key = 0, index = ctx->op;
	__u64 *values = bpf_map_lookup_elem(&table, &key);

	if (values && index < 4)
		values[index]++;
	return 1;
}

SEC("?tc")
int packet_end(struct __sk_buff *skb)
{
	struct ethhdr *ethernet = (void *)(long)skb->data;

	return ethernet->h_proto == bpf_htons(ETH_P_IP);
}

SEC("?tc")
int packet_end_fixed(struct __sk_buff *skb)
{
	struct ethhdr *ethernet = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;

	if ((void *)(ethernet + 1) > end)
		return 0;
	return ethernet->h_proto == bpf_htons(ETH_P_IP);
}

SEC("?sockops")
int forgotten_record(struct bpf_sock_ops *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record || ctx->op == BPF_SOCK_OPS_VOID)
		return 1;
	bpf_ringbuf_submit(record, 0);
	return 1;
}

SEC("?sockops")
int forgotten_record_fixed(struct bpf_sock_ops *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return 1;
	if (ctx->op == BPF_SOCK_OPS_VOID)
		bpf_ringbuf_discard(record, 0);
	else
		bpf_ringbuf_submit(record, 0);
	return 1;
}

SEC("?sockops")
int endless(struct bpf_sock_ops *ctx)
{
	__u64 port = ctx->local_port;

	while (bpf_ringbuf_output(&events, &port, sizeof(port), 0))
		; /* until there is room */
	return 1;
}

SEC("?sockops")
int endless_fixed(struct bpf_sock_ops *ctx)
{
	__u64 port = ctx->local_port;

	for (int i = 0; i < 3; i++)
		if (!bpf_ringbuf_output(&events, &port, sizeof(port), 0))
			break;
	return 1;
}

SEC("?cgroup/connect4")
int return_value(struct bpf_sock_addr *ctx)
{
	return ctx->user_port;
}

SEC("?cgroup/connect4")
int return_value_fixed(struct bpf_sock_addr *ctx)
{
	return ctx->user_port != 0;
}

SEC("?sockops")
int moved_context(struct bpf_sock_ops *ctx)
{
	volatile __u32 *words = ctx->remote_ip6;

	return words[ctx->op & 3] & 1;
}

SEC("?sockops")
int moved_context_fixed(struct bpf_sock_ops *ctx)
{
	__u32 words[] = {ctx->remote_ip6[0], ctx->remote_ip6[1], ctx->remote_ip6[2], ctx->remote_ip6[3]};

	return words[ctx->op & 3] & 1;
}

SEC("?sockops")
int foreign_helper(struct bpf_sock_ops *ctx)
{
	return bpf_redirect(ctx->skb_len, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
