/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an enrolled socket needs for each message it sends, and what it has sent. Socket storage: finding an entry of a hash
 * among many takes two cache misses and, its table being large, two of the TLB. */
#pragma once

#include "maps.h"

/* The kernel begins it 8 bytes after a cache line's beginning; what most messages need is all in the first two lines. */
struct sender {
	__u64 sent;	  /* messages, redirected or not */
	__u64 redirected; /* bytes since the peer's queue was last seen empty */
	__u64 messages;	  /* likewise; both are halved now and then where only their ratio counts */
	struct tally all_redirected;
	__u64 service;	  /* its name, see services.h */
	__u32 verdict;	  /* on the latest message, an enum counter */
	__u32 zero;
	struct peer peer;  /* copied from struct proxy at the first message; cookie 0: not yet */
	__u64 answered;	   /* of the peer's messages, when we last looked */
	__u64 burst_from;  /* of our own, when the peer last sent something */
};

/* From ESTABLISHED until the socket is gone, or connects again. Written under the socket's lock only. */
struct senders {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sender);
};
extern struct senders senders SEC(".maps");

#define TCP_REASONS (TCP_NOT_FOUND - TCP_DISABLED + 1)

struct tcp_totals {
	struct tally reasons[TCP_REASONS]; /* by enum counter, from TCP_DISABLED on */
};

/* What paired sockets sent over TCP. From the first such message on, so that a connection that never needs it doesn't pay
 * for it. */
struct tcp_totals_of {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tcp_totals);
};
extern struct tcp_totals_of tcp_totals SEC(".maps");

/* Of a socket that has one. A cache line that sending needs for nothing else. */
static __always_inline __u64 cookie_of(struct tcp_sock *sk)
{
	return ((struct sock *)sk)->__sk_common.skc_cookie.counter;
}

static __always_inline struct sender *sender_of(struct bpf_sock *sk, __u64 flags)
{
	return sk ? bpf_sk_storage_get(&senders, sk, NULL, flags) : NULL;
}
