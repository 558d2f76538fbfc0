/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which local connections are enrolled. A policy only narrows: what it leaves out goes over TCP. */
#pragma once

#include "maps.h"

/* A bit a port. */
#define PORT_WORDS (65536 / 64)
extern __u64 included_ports[PORT_WORDS];
extern __u64 excluded_ports[PORT_WORDS];

struct network {
	__u32 prefix_length; /* bits of address, so 96 more than an IPv4 prefix's own */
	struct address address;
};

enum network_rule {
	NETWORK_INCLUDED = 1,
	NETWORK_EXCLUDED = 2,
};

/* The most specific network decides. Filled before attaching. */
struct networks {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1 << 20); /* a bound, not a reservation: entries are allocated as they come */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct network);
	__type(value, __u32);
};
extern struct networks networks SEC(".maps");

/* Set before load, so that a policy that isn't there costs nothing. */
extern const volatile bool ports_are_included;
extern const volatile bool ports_are_excluded;
extern const volatile bool networks_are_included;
extern const volatile bool networks_are_excluded;

static __always_inline bool has_port(__u64 *ports, __u16 port)
{
	return ports[port / 64] >> (port % 64) & 1;
}

static __always_inline __u32 rule_of(const struct address *address)
{
	struct network network = {.prefix_length = 128, .address = *address};
	__u32 *rule = bpf_map_lookup_elem(&networks, &network);

	return rule ? *rule : 0;
}

/* What one end's view of a connection says of it: excluded, or which of the two include lists it satisfies. An absent
 * list is satisfied. */
#define POLICY_EXCLUDED 0x80
#define POLICY_PORT 1
#define POLICY_NETWORK 2
#define POLICY_ALLOWED (POLICY_PORT | POLICY_NETWORK)

static __always_inline __u32 policy_view(__u16 service_port, const struct address *local, const struct address *remote)
{
	__u32 view = 0;

	if (ports_are_excluded && has_port(excluded_ports, service_port))
		return POLICY_EXCLUDED;
	if (!ports_are_included || has_port(included_ports, service_port))
		view |= POLICY_PORT;
	if (!networks_are_included)
		view |= POLICY_NETWORK;
	if (networks_are_included || networks_are_excluded) {
		__u32 a = rule_of(local), b = rule_of(remote);

		if (a == NETWORK_EXCLUDED || b == NETWORK_EXCLUDED)
			return POLICY_EXCLUDED;
		if (a == NETWORK_INCLUDED || b == NETWORK_INCLUDED)
			view |= POLICY_NETWORK;
	}
	return view;
}
