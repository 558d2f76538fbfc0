/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells user space what happens to connections, while somebody listens, and not more than it wants to hear. */
#pragma once

#include "maps.h"

enum event_kind {
	EVENT_PAIRED,	    /* both ends; told as the client sees it */
	EVENT_CLOSED,	    /* one end */
	EVENT_MOVED_TO_TCP, /* what this end sends, as far as it was redirected until now */
	EVENT_BACK,	    /* what this end sends is redirected again */
	EVENT_KINDS,
};

struct event {
	__u64 time; /* ns, CLOCK_MONOTONIC */
	__u64 cookie;
	__u64 peer_cookie; /* 0: was not paired */
	struct socket_key key;
	struct socket_key peer_key;
	__u32 kind;   /* enum event_kind */
	__u32 reason; /* of EVENT_MOVED_TO_TCP, an enum counter */
};

/* In the order in which things happened. */
struct events {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
};
extern struct events events SEC(".maps");
extern __u64 events_dropped SHARED; /* the ring was full */

/* Process id of the listener, 0 if there is none: then events cost nothing but looking here. */
extern __u32 event_listener SHARED;

/* The rate limit: on each CPU one event in so many ns on the average, but so many at once after a pause. */
#define DEFAULT_EVENT_INTERVAL (1000ull * 1000)
#define EVENT_BURST 256
extern __u64 event_interval SHARED;

struct event_budget {
	__u64 paid_until; /* when the events of this CPU until now are due, at one an interval */
	__u64 suppressed;
} __attribute__((aligned(64)));
extern struct event_budget event_budgets[COUNTER_SLOTS] SHARED;

/* The generic cell rate algorithm: one number instead of a bucket and the time of its last refill. Two programs that
 * preempt each other here may both get through. */
static __always_inline bool within_budget(__u64 now)
{
	struct event_budget *budget = &event_budgets[bpf_get_smp_processor_id() & (COUNTER_SLOTS - 1)];
	__u64 credit = EVENT_BURST * event_interval;
	__u64 due = budget->paid_until;

	if (due < now)
		due = now;
	if (due - now > credit) {
		__sync_fetch_and_add(&budget->suppressed, 1);
		return false;
	}
	budget->paid_until = due + event_interval;
	return true;
}

static __noinline int tell(enum event_kind kind, enum counter reason, __u64 cookie)
{
	struct proxy *proxy = bpf_map_lookup_elem(&proxies, &cookie);
	__u64 now = bpf_ktime_get_ns();
	struct event *event;

	if (!proxy || !within_budget(now))
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&events_dropped, 1);
		return 0;
	}
	event->time = now;
	event->cookie = cookie;
	event->peer_cookie = proxy->peer.cookie;
	event->key = proxy->self;
	event->peer_key = proxy->peer.key;
	event->kind = kind;
	event->reason = reason;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* To an enrolled socket. */
static __always_inline void happened(enum event_kind kind, enum counter reason, __u64 cookie)
{
	if (event_listener)
		tell(kind, reason, cookie);
}
