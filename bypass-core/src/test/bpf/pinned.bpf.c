// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// An object that says itself that a map is pinned.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} jbypass_test_pinned_map SEC(".maps");

SEC("sockops")
int count(struct bpf_sock_ops *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&jbypass_test_pinned_map, &key);

	if (value)
		*value += 1;
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
