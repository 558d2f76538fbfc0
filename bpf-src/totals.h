/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Adds each message of a paired socket to what it has sent. */
#pragma once

#include "events.h"
#include "senders.h"

static __always_inline void was_redirected(struct sender *sender, struct tcp_sock *self, __u32 size)
{
	sender->all_redirected.messages++;
	sender->all_redirected.bytes += size;
	if (sender->verdict != REDIRECTED) {
		sender->verdict = REDIRECTED;
		happened(EVENT_BACK, REDIRECTED, cookie_of(self));
	}
}

/* Not inlined: what is rare shall not be in the way of what is not. */
static __noinline int went_over_tcp(struct bpf_sock *sk, struct sender *sender, struct tcp_sock *self, __u32 size,
				    enum counter reason)
{
	/* NULL for want of memory: the counters of all still count it. */
	struct tcp_totals *totals = bpf_sk_storage_get(&tcp_totals, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	__u32 index = reason - TCP_DISABLED;

	if (totals && index < TCP_REASONS) {
		totals->reasons[index].messages++;
		totals->reasons[index].bytes += size;
	}
	if (sender->verdict == REDIRECTED)
		happened(EVENT_MOVED_TO_TCP, reason, cookie_of(self));
	sender->verdict = reason;
	return 0;
}
