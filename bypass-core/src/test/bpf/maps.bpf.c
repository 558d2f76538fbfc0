// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Maps that only objects can have, and structs for the typed maps.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct address {
	__u8 bytes[16];
};

struct endpoint {
	struct address address;
	__be16 port;
	__u16 _pad;
	__u32 ifindex;
};

struct flow {
	struct endpoint local;
	struct endpoint remote;
	__u64 sent_bytes;
	__s32 balance;
	_Bool open;
	__s8 mood;
	__u16 marks[3];
	__be32 label;
	union {
		__u32 word;
		__u8 parts[4];
	};
	struct {
		__u16 inside;
		__u16 beside;
	};
	struct endpoint hops[2];
	__u64 totals[2];
};

struct awkward {
	__u32 low : 3;
	__u32 high : 29;
	__u64 wide;
	__u16 array[4];
	struct address address;
	__be16 port;
	__s16 negative;
	__u32 forgotten;
};

struct locked {
	struct bpf_spin_lock lock;
	__u32 rest;
	__u64 number;
};

struct tally {
	__u64 bytes;
	__be32 address;
	__u16 port;
	_Bool open;
	__u8 _pad;
};

/* So that BTF has them. */
struct tally tally_value;
struct flow flow_value;
struct awkward awkward_value;
__u64 numbers_of_program[4];

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct endpoint);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} runs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked);
} guarded SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} declared_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} undeclared_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} per_socket SEC(".maps");

/* Counts in every place that counters may lie in, and in the inner map under 0. */
SEC("sockops")
int count(struct bpf_sock_ops *ctx)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&counters, &zero);

	if (value)
		__sync_fetch_and_add(value, 1);
	value = bpf_map_lookup_elem(&runs, &zero);
	if (value)
		*value += 1;
	__sync_fetch_and_add(&numbers_of_program[1], 1);

	void *inner = bpf_map_lookup_elem(&declared_inner, &zero);

	if (inner) {
		value = bpf_map_lookup_elem(inner, &zero);
		if (value)
			__sync_fetch_and_add(value, 1);
	}
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
