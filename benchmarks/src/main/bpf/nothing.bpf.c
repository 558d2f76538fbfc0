// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What any sock_ops program costs, whatever it does.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int do_nothing(struct bpf_sock_ops *ops)
{
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
