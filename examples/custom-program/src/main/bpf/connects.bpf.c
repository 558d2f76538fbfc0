// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Counts a control group's TCP connections by destination port, and reports each.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SOCK_STREAM 1
#define COMM_LENGTH 16

/* What user space is told of each connect(). */
struct connection {
	__be32 address[4]; /* IPv4 as ::ffff:a.b.c.d */
	__u32 port; /* in host byte order */
	__u32 pid;
	char comm[COMM_LENGTH];
};

/* Clang describes in BTF only what maps and global variables refer to. */
const struct connection *connection_type __attribute__((unused));

/* Since loading. Key: destination port. Value: how many connect() calls. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} connects_by_port SEC(".maps");

/* Of struct connection. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

/* What found no room in events: RingBuffer.dropped() reads the variable of this name. */
__u64 events_dropped;

/* Connections to this port are left out; set before loading. */
const volatile __u32 ignored_port;

static __always_inline void count(__u32 port)
{
	__u64 zero = 0, *connects = bpf_map_lookup_elem(&connects_by_port, &port);

	if (!connects) {
		bpf_map_update_elem(&connects_by_port, &port, &zero, BPF_NOEXIST); /* another CPU may be first */
		connects = bpf_map_lookup_elem(&connects_by_port, &port);
	}
	if (connects)
		__sync_fetch_and_add(connects, 1);
}

static __always_inline void report(const __be32 *address, __u32 port)
{
	struct connection *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&events_dropped, 1);
		return;
	}
	__builtin_memcpy(event->address, address, sizeof(event->address));
	event->port = port;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
}

static __always_inline void observe(struct bpf_sock_addr *ctx, const __be32 *address)
{
	__u32 port = bpf_ntohs(ctx->user_port);

	if (ctx->type == SOCK_STREAM && port != ignored_port) {
		count(port);
		report(address, port);
	}
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr *ctx)
{
	__be32 address[] = {0, 0, bpf_htonl(0xffff), ctx->user_ip4};

	observe(ctx, address);
	return 1; /* let it connect */
}

/* Also runs for IPv6 sockets that connect to IPv4 addresses, as Java's do. */
SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr *ctx)
{
	__be32 address[] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};

	observe(ctx, address);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
