// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the snippets of the guide (docs/) and of the javadoc work on: connections of a control group, counted in every way.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SOCK_STREAM 1

struct endpoint {
	__be32 address;
	__be16 port;
	__u16 pad;
};

struct traffic {
	__u64 connects;
	__u64 last_ns; /* bpf_ktime_get_ns() */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct endpoint);
	__type(value, struct traffic);
} endpoints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} connects_by_port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} connects_by_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps"); /* 0: TCP, 1: UDP */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps"); /* of struct endpoint */

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 16);
	__type(key, __u64);
	__type(value, __u64);
} sockets SEC(".maps");

__u64 events_dropped;
__u64 connects;
__u32 enabled = 1;
const volatile __u32 ignored_port;

static __always_inline void count(struct endpoint *to, __u32 port)
{
	struct traffic first = {}, *traffic;
	__u64 zero = 0, *number;
	__u32 only = 0;

	bpf_map_update_elem(&connects_by_port, &port, &zero, BPF_NOEXIST);
	number = bpf_map_lookup_elem(&connects_by_port, &port);
	if (number)
		__sync_fetch_and_add(number, 1);
	number = bpf_map_lookup_elem(&connects_by_cpu, &only);
	if (number)
		++*number; /* nobody else counts on this CPU */
	bpf_map_update_elem(&endpoints, to, &first, BPF_NOEXIST);
	traffic = bpf_map_lookup_elem(&endpoints, to);
	if (traffic) {
		__sync_fetch_and_add(&traffic->connects, 1);
		traffic->last_ns = bpf_ktime_get_ns();
	}
}

SEC("cgroup/connect4")
int on_connect(struct bpf_sock_addr *ctx)
{
	struct endpoint to = {.address = ctx->user_ip4, .port = ctx->user_port};
	__u32 port = bpf_ntohs(to.port), kind = ctx->type == SOCK_STREAM ? 0 : 1;
	__u64 *total = bpf_map_lookup_elem(&totals, &kind);

	if (!enabled || port == ignored_port)
		return 1;
	__sync_fetch_and_add(&connects, 1);
	if (total)
		__sync_fetch_and_add(total, 1);
	count(&to, port);
	if (bpf_ringbuf_output(&events, &to, sizeof(to), 0))
		__sync_fetch_and_add(&events_dropped, 1);
	return 1;
}

/* Only loaded when somebody asks for it. */
SEC("?cgroup/connect6")
int on_connect6(struct bpf_sock_addr *ctx)
{
	__sync_fetch_and_add(&connects, 1);
	return 1;
}

SEC("sk_msg")
int on_message(struct sk_msg_md *message)
{
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
