/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that reach a pod over its interface and are led to its sidecar: the ports that are exchanged for others. */
#pragma once

#include "destination.h"

enum arrival_direction {
	TO_POD,
	FROM_POD,
};

/* The ports as they are before they are exchanged, in host order. */
struct arrival_key {
	struct address client;
	struct address pod;
	__u16 client_port;
	__u16 pod_port;
	__u32 direction;
};

/* The ports as they are afterwards. The client's is another one too where the sidecar already has a connection with its own:
 * a client may use one port for two connections to two of a pod's ports. */
struct arrival {
	__u16 client_port;
	__u16 pod_port;
	__u16 finished; /* a FIN was seen in this direction */
	__u16 reset;	/* the last packet in this direction was an RST */
	__be32 syn;	/* sequence number of the client's */
};

/* While a sidecar's socket is established, an entry for each direction. Nothing evicts them. */
struct arrived {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * DEFAULT_CONNECTIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct arrival_key);
	__type(value, struct arrival);
};
extern struct arrived arrived SEC(".maps");

/* From SYN until established, and from close until the client's FIN is answered or an RST has told it. LRU, because nobody
 * tells of a client that falls silent then. */
struct arriving {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1 << 16);
	__type(key, struct arrival_key);
	__type(value, struct arrival);
};
extern struct arriving arriving SEC(".maps");

/* Whether any interface has our programs. */
extern __u32 interfaces_watched SHARED;

/* A bit for each pair of a client and a pod that has ever had a connection led, or of others with its hash: where it is not
 * set, as between pods whose sidecars connect directly, no packet needs a look-up. */
#define ACQUAINTANCES 65536
extern __u64 acquaintances[ACQUAINTANCES / 64] SHARED;

static __always_inline __u32 acquaintance_of(const struct arrival_key *key)
{
	__u64 hash = 0;

	for (int i = 0; i < 4; i++)
		hash = (hash ^ ((__u64)key->client.words[i] << 32 | key->pod.words[i])) * 0x9e3779b97f4a7c15;
	return hash >> 48;
}

static __always_inline void make_acquaintance(const struct arrival_key *key)
{
	__u32 bit = acquaintance_of(key);

	__sync_fetch_and_or(&acquaintances[bit / 64 % (ACQUAINTANCES / 64)], 1ull << bit % 64);
}

static __always_inline bool are_acquainted(const struct arrival_key *key)
{
	__u32 bit = acquaintance_of(key);

	return acquaintances[bit / 64 % (ACQUAINTANCES / 64)] >> bit % 64 & 1;
}

static __always_inline struct arrival *find_arrival(const struct arrival_key *key)
{
	struct arrival *arrival;

	if (!are_acquainted(key))
		return NULL;
	arrival = bpf_map_lookup_elem(&arrived, key);
	return arrival ?: bpf_map_lookup_elem(&arriving, key);
}

/* The key of the packets the other way. */
static __always_inline void turn_round(struct arrival_key *key, const struct arrival *arrival)
{
	key->client_port = arrival->client_port;
	key->pod_port = arrival->pod_port;
	key->direction = key->direction == TO_POD ? FROM_POD : TO_POD;
}

static __always_inline void drop_arrival(const struct arrival_key *key, const struct arrival *ports)
{
	struct arrival_key back = *key;

	turn_round(&back, ports);
	bpf_map_delete_elem(&arriving, key);
	bpf_map_delete_elem(&arriving, &back);
	bpf_map_delete_elem(&arrived, key);
	bpf_map_delete_elem(&arrived, &back);
}
