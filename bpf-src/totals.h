/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Adds each message of a paired socket to what its flow has sent. */
#pragma once

#include "events.h"
#include "flows.h"

static __always_inline void was_redirected(struct proxy *proxy, __u64 cookie, __u32 size)
{
	proxy->all_redirected.messages++;
	proxy->all_redirected.bytes += size;
	if (proxy->verdict != REDIRECTED) {
		proxy->verdict = REDIRECTED;
		happened(EVENT_BACK, REDIRECTED, cookie, proxy);
	}
}

static __always_inline struct tcp_totals *tcp_totals_for(struct proxy *proxy, __u64 cookie)
{
	struct tcp_totals *totals = bpf_map_lookup_elem(&tcp_totals, &cookie);
	struct tcp_totals none = {};

	if (totals)
		return totals;
	if (bpf_map_update_elem(&tcp_totals, &cookie, &none, BPF_NOEXIST))
		return NULL; /* no memory: the counters of all still count it */
	proxy->has_tcp_totals = true;
	return bpf_map_lookup_elem(&tcp_totals, &cookie);
}

/* Not inlined: what is rare shall not be in the way of what is not. */
static __noinline int went_over_tcp(struct proxy *proxy, __u64 cookie, __u32 size, enum counter reason)
{
	struct tcp_totals *totals = tcp_totals_for(proxy, cookie);
	__u32 index = reason - TCP_DISABLED;

	if (totals && index < TCP_REASONS) {
		totals->reasons[index].messages++;
		totals->reasons[index].bytes += size;
	}
	if (proxy->verdict == REDIRECTED)
		happened(EVENT_MOVED_TO_TCP, reason, cookie, proxy);
	proxy->verdict = reason;
	return 0;
}
