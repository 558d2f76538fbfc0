// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For finding out at load what this kernel does: user space puts in a socket that is connected to itself, sends, and looks at
 * what arrives. */
#include "senders.h"

/* Empty but for the moment of probing. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} probe_sockets SEC(".maps");

__u32 fionread_redirects = 0;

/* What does FIONREAD count? */
SEC("sk_msg")
int probe_fionread(struct sk_msg_md *msg)
{
	if (fionread_redirects)
		bpf_msg_redirect_map(msg, &probe_sockets, 0, BPF_F_INGRESS);
	return SK_PASS;
}

/* Makes the socket its own peer, with the key that no real connection has. What it sends afterwards through the SOCKHASH
 * passes the gate as any other message. */
SEC("sk_msg")
int pair_with_itself(struct sk_msg_md *msg)
{
	struct tcp_sock *self = msg->sk ? bpf_skc_to_tcp_sock(msg->sk) : NULL;
	struct proxy proxy = {};
	__u64 cookie;

	if (!self)
		return SK_PASS;
	cookie = cookie_of(self);
	proxy.peer.cookie = cookie;
	proxy.peer.sock = (__u64)self;
	bpf_map_update_elem(&proxies, &cookie, &proxy, BPF_ANY);
	sender_of(msg->sk, BPF_SK_STORAGE_GET_F_CREATE);
	return SK_PASS;
}
