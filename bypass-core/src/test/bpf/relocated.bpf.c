// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program whose loading needs the kernel's BTF, to find a field.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct sock_common {
	unsigned short skc_family;
} __attribute__((preserve_access_index));

const volatile __u64 address = 0;

SEC("sockops")
int reads_family(struct bpf_sock_ops *ctx)
{
	struct sock_common *sk = (void *)address;

	return BPF_CORE_READ(sk, skc_family) & 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
