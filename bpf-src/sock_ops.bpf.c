// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Notices connections between two sockets of this host, enrols both ends and pairs them. */
#include <linux/errno.h>

#include "maps.h"
#include "policy.h"

/* Both families are read before either is chosen, and volatile: clang would merge the loads of two branches into one from
 * a computed context pointer, which the verifier refuses. */
#define READ_ADDRESS(ops, end, address)                                            \
	do {                                                                       \
		volatile struct bpf_sock_ops *o = (ops);                           \
		struct address v6 = {{o->end##_ip6[0], o->end##_ip6[1],            \
				      o->end##_ip6[2], o->end##_ip6[3]}};          \
		struct address v4 = {{0, 0, bpf_htonl(0xffff), o->end##_ip4}};     \
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

/* A SYN reached a listener of ours: whoever sent it may be local. There is no full socket yet, so the sequence numbers
 * come from the request itself. */
static __always_inline void syn_received(struct bpf_sock_ops *ops)
{
	struct handshake_key key = {};
	struct handshake handshake = {};
	struct address listener;
	struct tcp_request_sock *request = kernel_socket(ops);

	local_address(ops, &listener);
	remote_address(ops, &key.client);
	key.client_port = remote_port(ops);
	handshake.listener_view = policy_view(ops->local_port, &listener, &key.client);
	if (handshake.listener_view == POLICY_EXCLUDED) {
		count(REFUSED_POLICY, 1);
		return;
	}
	key.client_seq = BPF_CORE_READ(request, rcv_isn) + 1;
	key.server_seq = BPF_CORE_READ(request, snt_isn) + 1;
	bpf_map_update_elem(&handshakes, &key, &handshake, BPF_ANY);
}

/* What a sender parks with TCP comes on top of its peer's queue. TCP lets a send buffer grow to tcp_wmem, 4 MiB: half of
 * this (the kernel doubles it) keeps a flood that nobody reads below 4 MiB in all. A size that the application has chosen
 * stays. */
#define SEND_BUFFER (5 << 18)

static __always_inline void bound_send_buffer(struct bpf_sock_ops *ops)
{
	struct sock *sk = kernel_socket(ops);
	int size = SEND_BUFFER;

	if (!(BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & SOCK_SNDBUF_LOCK))
		bpf_setsockopt(ops, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* Puts the socket in the SOCKHASH and fills in what its peer has to know of it. */
static __always_inline struct flow *enrol(struct bpf_sock_ops *ops, struct bpf_sock *sk, struct peer *self)
{
	struct flow *flow;
	long error;

	flow = bpf_sk_storage_get(&flows, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!flow) {
		count(REFUSED_KERNEL, 1);
		return NULL;
	}
	key_of(ops, &self->key);
	self->sock = (__u64)sk;
	self->sent = (__u64)&flow->sent;
	self->cookie = bpf_get_socket_cookie(ops);
	flow->self = self->key;
	bound_send_buffer(ops); /* before the SOCKHASH: afterwards it would wake a kernel thread */
	/* Two live sockets can have one key: bound to different devices, or one of them reset and not yet closed. Only the
	 * first is enrolled. */
	error = bpf_sock_hash_update(ops, &sockets, &self->key, BPF_NOEXIST);
	if (error) {
		count(error == -E2BIG ? REFUSED_FULL : error == -EEXIST ? REFUSED_DUPLICATE : REFUSED_KERNEL, 1);
		bpf_sk_storage_delete(&flows, sk);
		return NULL;
	}
	bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
	count(SOCKETS_ENROLLED, 1);
	return flow;
}

/* A socket that was disconnected with AF_UNSPEC and connects again: neither the old peer nor unread bytes of the old
 * connection, which leave with the SOCKHASH entry, may show up in the new one. */
static __always_inline void forget_earlier_connection(struct bpf_sock *sk)
{
	struct flow *flow = bpf_sk_storage_get(&flows, sk, NULL, 0);

	if (!flow)
		return;
	bpf_map_delete_elem(&sockets, &flow->self);
	bpf_sk_storage_delete(&flows, sk);
}

/* The client's end: always before the server's, whose listener has seen the SYN if it is ours. */
static __always_inline void client_established(struct bpf_sock_ops *ops)
{
	struct handshake_key key = {};
	struct handshake *handshake;
	struct bpf_sock *sk = ops->sk;
	struct address server;
	struct peer self;
	struct flow *flow;
	__u64 view;

	if (!sk)
		return;
	forget_earlier_connection(sk);
	local_address(ops, &key.client);
	key.client_port = ops->local_port;
	key.client_seq = ops->snd_nxt;
	key.server_seq = ops->rcv_nxt;
	handshake = bpf_map_lookup_elem(&handshakes, &key);
	if (!handshake)
		return;
	remote_address(ops, &server);
	view = policy_view(remote_port(ops), &key.client, &server);
	if ((view | handshake->listener_view) != POLICY_ALLOWED) {
		count(REFUSED_POLICY, 1);
		return;
	}
	flow = enrol(ops, sk, &self);
	if (!flow)
		return;
	flow->handshake = key;
	handshake->client = self;
	handshake->client_seq = key.client_seq;
	handshake->server_seq = key.server_seq;
}

static __always_inline void server_established(struct bpf_sock_ops *ops)
{
	struct handshake_key key = {};
	struct handshake *handshake;
	struct bpf_sock *sk = ops->sk;
	struct peer client, self;
	struct flow *flow;

	if (!sk)
		return;
	remote_address(ops, &key.client);
	key.client_port = remote_port(ops);
	key.client_seq = ops->rcv_nxt;
	key.server_seq = ops->snd_nxt;
	handshake = bpf_map_lookup_elem(&handshakes, &key);
	if (!handshake)
		return;
	client = handshake->client;
	/* No cookie: its client is not ours, or the policy excludes it. Other numbers: the entry was evicted while the
	 * client wrote to it, and reused. */
	flow = client.cookie && handshake->client_seq == key.client_seq && handshake->server_seq == key.server_seq ?
		       enrol(ops, sk, &self) :
		       NULL;
	if (!flow) {
		bpf_map_delete_elem(&handshakes, &key);
		return;
	}
	if (bpf_map_update_elem(&proxies, &self.key, &client, BPF_ANY) ||
	    bpf_map_update_elem(&proxies, &client.key, &self, BPF_ANY)) {
		bpf_map_delete_elem(&handshakes, &key);
		count(REFUSED_FULL, 1);
		return;
	}
	/* Whoever removes the handshake comes first. If that was a client that closed meanwhile, it could not see the
	 * entry made for it. */
	if (bpf_map_delete_elem(&handshakes, &key)) {
		bpf_map_delete_elem(&proxies, &client.key);
		return;
	}
	count(CONNECTIONS_PAIRED, 1);
}

/* Proxy entries that were written by the peer are ours to remove: each names the end it belongs to. */
static __always_inline void closed(struct bpf_sock_ops *ops)
{
	struct bpf_sock *sk = ops->sk;
	struct flow *flow;

	if (!sk)
		return;
	flow = bpf_sk_storage_get(&flows, sk, NULL, 0);
	if (!flow)
		return;
	/* A client that knows its peer is paired, and its handshake gone. */
	if (flow->handshake.client_port && !flow->peer.cookie)
		bpf_map_delete_elem(&handshakes, &flow->handshake);
	bpf_map_delete_elem(&proxies, &flow->self);
}

SEC("sockops")
int track_connections(struct bpf_sock_ops *ops)
{
	switch (ops->op) {
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		if (!ops->is_fullsock)
			syn_received(ops);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		client_established(ops);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		server_established(ops);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ops->args[1] == TCP_CLOSE)
			closed(ops);
		break;
	}
	return 1; /* reply stays as it was: the kernel's defaults hold */
}
