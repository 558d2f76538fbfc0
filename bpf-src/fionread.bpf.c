// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds out at load what FIONREAD counts on this kernel: user space puts in a socket that is connected to itself, sends,
 * and asks. */
#include "maps.h"

/* Empty but for the moment of probing. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} fionread_sockets SEC(".maps");

__u32 fionread_redirects = 0;

SEC("sk_msg")
int probe_fionread(struct sk_msg_md *msg)
{
	if (fionread_redirects)
		bpf_msg_redirect_map(msg, &fionread_sockets, 0, BPF_F_INGRESS);
	return SK_PASS;
}
