/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a sock_ops callback tells of its connection. */
#pragma once

#include "address.h"
#include "maps.h"

/* Both families are read before either is chosen, and volatile: clang would merge the loads of two branches into one from
 * a computed context pointer, which the verifier refuses. */
#define READ_ADDRESS(ops, end, address)                                            \
	do {                                                                       \
		volatile struct bpf_sock_ops *o = (ops);                           \
		struct address v6 = {{o->end##_ip6[0], o->end##_ip6[1],            \
				      o->end##_ip6[2], o->end##_ip6[3]}};          \
		struct address v4 = mapped(o->end##_ip4);                          \
		*(address) = o->family == AF_INET ? v4 : v6;                       \
	} while (0)

static __always_inline void local_address(struct bpf_sock_ops *ops, struct address *address)
{
	READ_ADDRESS(ops, local, address);
}

static __always_inline void remote_address(struct bpf_sock_ops *ops, struct address *address)
{
	READ_ADDRESS(ops, remote, address);
}

static __always_inline __u16 remote_port(struct bpf_sock_ops *ops)
{
	return bpf_ntohl(ops->remote_port);
}

static __always_inline void key_of(struct bpf_sock_ops *ops, struct socket_key *key)
{
	key->netns_cookie = bpf_get_netns_cookie(ops);
	local_address(ops, &key->local);
	remote_address(ops, &key->remote);
	key->local_port = ops->local_port;
	key->remote_port = remote_port(ops);
	key->zero = 0;
}

/* The socket as a plain address; ops->sk is a typed pointer, and nothing at all for a request socket. */
static __always_inline void *kernel_socket(struct bpf_sock_ops *ops)
{
	void *sk = NULL;

	bpf_core_read(&sk, sizeof(sk), &((struct bpf_sock_ops_kern *)ops)->sk);
	return sk;
}

static __always_inline void watch_state(struct bpf_sock_ops *ops)
{
	bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
}
