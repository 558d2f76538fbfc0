/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each paired socket has sent, and how. Only what was redirected is counted in struct proxy, where the hot path is
 * anyway; the rest has a map of its own, so that a connection that never needs it doesn't pay for it. */
#pragma once

#include "maps.h"

#define TCP_REASONS (TCP_NOT_FOUND - TCP_DISABLED + 1)

struct tcp_totals {
	struct tally reasons[TCP_REASONS]; /* by enum counter, from TCP_DISABLED on */
};

/* What paired sockets sent over TCP, by socket cookie. From the first such message until that end closes. */
struct tcp_totals_of {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * DEFAULT_CONNECTIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct tcp_totals);
};
extern struct tcp_totals_of tcp_totals SEC(".maps");

/* What the iterator tells of an enrolled socket. */
struct flow {
	struct socket_key key;
	struct socket_key peer_key;
	__u64 cookie;
	__u64 peer_cookie; /* 0: not paired */
	__u64 service;	   /* its name, see services.h */
	__u64 queued;	   /* bytes that wait for its reader, or QUEUED_UNKNOWN */
	struct tally redirected;
	struct tally over_tcp[TCP_REASONS];
	__u32 verdict; /* on its latest message, an enum counter */
	__u32 is_server;
};
#define QUEUED_UNKNOWN (~0ull)

/* When the socket closes. */
static __always_inline void forget_tcp_totals(struct proxy *proxy, __u64 *cookie)
{
	if (proxy->has_tcp_totals)
		bpf_map_delete_elem(&tcp_totals, cookie);
}
