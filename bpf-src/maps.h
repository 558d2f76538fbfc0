/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps and globals of all programs; defined in maps.bpf.c. */
#pragma once

#include "kernel.h"
#include "types.h"

#define DEFAULT_CONNECTIONS 65536

/* What old and new programs have in common when one version takes over from another: what is known of connections. All the
 * rest (policy, pods) is a version's own. Maps that are handed over are listed in SharedState.java. */
#define SHARED SEC(".data.shared")

/* Any version steers any other one's programs by these, so the section's layout never changes. */
#define SWITCH SEC(".data.switches")

/* The enrolled sockets. From ESTABLISHED until the kernel removes the socket at close. */
struct sockets {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 2 * DEFAULT_CONNECTIONS);
	__type(key, struct socket_key);
	__type(value, __u64);
};
extern struct sockets sockets SEC(".maps");

/* Who is paired with whom: an entry for each end, by its socket cookie. From ESTABLISHED until that end closes. A hash,
 * because the end that is established last writes both entries. */
struct proxies {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * DEFAULT_CONNECTIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct proxy);
};
extern struct proxies proxies SEC(".maps");

/* Handshakes that a local listener takes part in, with the client once it is enrolled. From SYN until the server's end
 * is established. LRU, because a SYN that is never followed up has no callback: what a flood evicts stays on TCP. */
struct handshakes {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct handshake_key);
	__type(value, struct handshake);
};
extern struct handshakes handshakes SEC(".maps");

/* One slot a CPU, so that counting is never contended; atomic, because sk_msg may be preempted in mid-count. */
#define COUNTER_SLOTS 128
struct counter_slot {
	__u64 values[COUNTERS];
} __attribute__((aligned(64)));
extern struct counter_slot counters[COUNTER_SLOTS] SHARED;

static __always_inline void count(enum counter counter, __u64 n)
{
	__u32 slot = bpf_get_smp_processor_id() & (COUNTER_SLOTS - 1);

	__sync_fetch_and_add(&counters[slot].values[counter], n);
}

/* Set before load. */
extern const volatile __u32 queue_limit; /* bytes */
extern const volatile bool queue_limit_grows;

/* Off, every message goes over TCP at once and nothing is lost. */
extern __u32 enabled SWITCH;
/* Off, no more connections are enrolled: the queues can only shrink. */
extern __u32 enrolling SWITCH;
/* Another version's programs, beside these, enrol in their place. Only user space reads it. */
extern __u32 superseded SWITCH;
