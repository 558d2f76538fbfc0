// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One of everything that bypass-core handles.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum colour { RED = 1, GREEN = 5, BLUE = -3 };

struct inner {
	__u16 port;
	__u8 tail[6];
};

struct outer {
	__u32 first;
	struct inner pair[2];
	union {
		__u32 word;
		__u8 bytes[4];
	};
	__u32 low : 3;
	__u32 high : 5;
	struct inner *pointer;
	enum colour colour;
};

/* .rodata, .data, .bss */
const volatile __u32 step = 1;
const volatile __u64 wide = 2;
const volatile _Bool reverse = 0;
const volatile __u8 name[8] = "initial";
__u32 enabled = 7;
__u64 runs;

struct outer outer_value;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} percpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 8);
	__type(key, __u64);
	__type(value, __u64);
} sockets SEC(".maps");

/* Counts each call; what it adds depends on .rodata, whether it adds on .data. */
SEC("sockops")
int count_runs(struct bpf_sock_ops *ctx)
{
	if (enabled)
		__sync_fetch_and_add(&runs, reverse ? -(__u64)step : step * (wide / 2));
	return 1;
}

SEC("sk_msg")
int pass_message(struct sk_msg_md *message)
{
	__sync_fetch_and_add(&runs, 1);
	return SK_PASS;
}

SEC("sk_skb/stream_verdict")
int pass_stream(struct __sk_buff *skb)
{
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
