// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Programs with one fault each, none of which is loaded unless a test asks for it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[4]);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} ring SEC(".maps");

SEC("?sockops")
int reads_out_of_bounds(struct bpf_sock_ops *ctx)
{
	__u32 key = 0, index = ctx->op;
	__u64 *values = bpf_map_lookup_elem(&table, &key);

	return values ? values[index & 7] & 1 : 0; /* there are four */
}

SEC("?sockops")
int follows_null(struct bpf_sock_ops *ctx)
{
	__u32 key = ctx->op;
	__u64 *value = bpf_map_lookup_elem(&table, &key);

	return *value & 1;
}

SEC("?sockops")
int keeps_reference(struct bpf_sock_ops *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (record)
		*record = 1;
	return 1; /* neither submitted nor discarded */
}

SEC("?sockops")
int loops_forever(struct bpf_sock_ops *ctx)
{
	volatile __u32 n = 0;

	while (n < 1)
		asm volatile("" ::: "memory");
	return 1;
}

SEC("?sockops")
int is_too_complex(struct bpf_sock_ops *ctx)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < 10000000; i++) {
		sum += i;
		asm volatile("" : "+r"(sum));
	}
	return sum & 1;
}

SEC("?sockops")
int calls_foreign_helper(struct bpf_sock_ops *ctx)
{
	return bpf_msg_apply_bytes((void *)ctx, 1) & 1; /* for sk_msg only */
}

SEC("?sockops")
int reads_outside_context(struct bpf_sock_ops *ctx)
{
	return *(volatile __u32 *)((void *)ctx + 4000) & 1;
}

SEC("?sockops")
int reads_kernel_memory(struct bpf_sock_ops *ctx)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)0);
	return value & 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
