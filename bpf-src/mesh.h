/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods, their sidecars and their policies, as user space fills them in. */
#pragma once

#include "maps.h"
#include "policy.h"

/* What a process or an address is known by. */
enum identity_kind {
	IDENTITY_CGROUP = 1, /* words[0]: id of a cgroup; those below it count too */
	IDENTITY_NETNS,	     /* words[0]: cookie of a network namespace */
	IDENTITY_ADDRESS,    /* an address that the pod has */
};

struct identity {
	__u32 kind;
	__u32 zero;
	union {
		__u64 words[2];
		struct address address;
	};
};

/* Whose an identity is, before and from a generation on, so that one store puts any number of changes into effect. */
struct pod_change {
	__u64 generation;
	__u32 before; /* number of a pod; 0: none */
	__u32 after;
};

/* Beside a pod's number: the cgroup is its sidecar's. */
#define SIDECAR_CGROUP (1u << 31)

struct identities {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct identity);
	__type(value, struct pod_change);
};
extern struct identities identities SEC(".maps");

/* The generation that is in effect. */
extern __u64 pod_generation;

/* Whether any identity is a cgroup: looking for one costs every connecting process a few look-ups. */
extern __u32 pods_have_cgroups;

enum pod_flag {
	POD_CAPTURES_DNS = 1 << 0,
	POD_OPENS_INBOUND = 1 << 1, /* its sidecar binds the inbound port to 127.0.0.1 and is meant to be reached */
	POD_OUTBOUND_PORTS_INCLUDED = 1 << 2,
	POD_OUTBOUND_PORTS_EXCLUDED = 1 << 3,
	POD_OUTBOUND_NETWORKS = 1 << 4,
	POD_OUTBOUND_NETWORKS_INCLUDED = 1 << 5,
	POD_INBOUND_PORTS_INCLUDED = 1 << 6,
	POD_INBOUND_PORTS_EXCLUDED = 1 << 7,
	POD_INBOUND_NETWORKS = 1 << 8,
	POD_INBOUND_NETWORKS_INCLUDED = 1 << 9,
	POD_USERS_EXCLUDED = 1 << 10,
};

#define NO_ID (~0u)

/* Never changed: another policy is another number. */
struct pod {
	struct address ipv4; /* that its processes connect from; zero: none */
	struct address ipv6;
	struct address passthrough4; /* that its sidecar binds to for connections to its own application; zero: never asked */
	struct address passthrough6;
	__u32 flags;
	__u32 sidecar_uid; /* NO_ID: not told by uid */
	__u32 sidecar_gid;
	__u16 outbound_port;
	__u16 inbound_port;
	__u16 dns_port;
	__u16 zero;
};

struct pods {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct pod);
};
extern struct pods pods SEC(".maps");

enum direction {
	OUTBOUND,
	INBOUND,
};

enum pod_list {
	POD_OUTBOUND_PORT,
	POD_INBOUND_PORT,
	POD_EXCLUDED_USER,
};

/* The value says INCLUDED or EXCLUDED as in enum network_rule. */
struct pod_rule {
	__u32 pod;
	__u32 list;
	__u32 number;
};

struct pod_rules {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct pod_rule);
	__type(value, __u32);
};
extern struct pod_rules pod_rules SEC(".maps");

/* The most specific network decides. */
struct pod_network {
	__u32 prefix_length; /* bits of all that follows */
	__u32 pod;
	__u32 direction;
	struct address address;
};

struct pod_networks {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1 << 20); /* a bound, not a reservation */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct pod_network);
	__type(value, __u32);
};
extern struct pod_networks pod_networks SEC(".maps");

static __always_inline __u32 pod_of(const struct identity *identity, __u64 generation)
{
	struct pod_change *change = bpf_map_lookup_elem(&identities, identity);

	if (!change)
		return 0;
	return change->generation <= generation ? change->after : change->before;
}

static __always_inline __u32 pod_with_address(const struct address *address, __u64 generation)
{
	struct identity identity = {.kind = IDENTITY_ADDRESS, .address = *address};

	return pod_of(&identity, generation);
}

static __always_inline __u32 rule_for(__u32 pod, enum pod_list list, __u32 number)
{
	struct pod_rule key = {.pod = pod, .list = list, .number = number};
	__u32 *rule = bpf_map_lookup_elem(&pod_rules, &key);

	return rule ? *rule : 0;
}

static __always_inline __u32 network_rule_for(__u32 pod, enum direction direction, const struct address *address)
{
	struct pod_network key = {.prefix_length = 32 + 32 + 128, .pod = pod, .direction = direction, .address = *address};
	__u32 *rule = bpf_map_lookup_elem(&pod_networks, &key);

	return rule ? *rule : 0;
}

/* Whether a pod's policy has the sidecar see a connection: not excluded, and on each list of inclusions that there is. */
static __always_inline bool captures(const struct pod *pod, __u32 number, enum direction direction, __u16 port,
				     const struct address *other)
{
	const bool out = direction == OUTBOUND;
	const __u32 ports_included = out ? POD_OUTBOUND_PORTS_INCLUDED : POD_INBOUND_PORTS_INCLUDED;
	const __u32 ports_excluded = out ? POD_OUTBOUND_PORTS_EXCLUDED : POD_INBOUND_PORTS_EXCLUDED;
	const __u32 networks = out ? POD_OUTBOUND_NETWORKS : POD_INBOUND_NETWORKS;
	const __u32 networks_included = out ? POD_OUTBOUND_NETWORKS_INCLUDED : POD_INBOUND_NETWORKS_INCLUDED;

	if (pod->flags & (ports_included | ports_excluded)) {
		__u32 rule = rule_for(number, out ? POD_OUTBOUND_PORT : POD_INBOUND_PORT, port);

		if (rule == NETWORK_EXCLUDED || (rule != NETWORK_INCLUDED && pod->flags & ports_included))
			return false;
	}
	if (pod->flags & networks) {
		__u32 rule = network_rule_for(number, direction, other);

		if (rule == NETWORK_EXCLUDED || (rule != NETWORK_INCLUDED && pod->flags & networks_included))
			return false;
	}
	return true;
}
