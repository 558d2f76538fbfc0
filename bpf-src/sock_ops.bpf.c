// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Notices connections between two sockets of this host, enrols both ends and pairs them. */
#include <linux/errno.h>

#include "connections.h"
#include "events.h"
#include "maps.h"
#include "originals.h"
#include "policy.h"
#include "senders.h"
#include "services.h"

/* What a client has connected to, before any translation. */
static __always_inline void destination_of(struct bpf_sock_ops *ops, struct endpoint *destination)
{
	struct led *led = intercepts ? led_of(ops->sk, 0) : NULL;

	remote_address(ops, &destination->address);
	destination->port = remote_port(ops);
	if (led) {
		destination->address = led->address;
		destination->port = led->port;
	}
}

static __always_inline __u64 service_of(struct bpf_sock_ops *ops, const struct endpoint *destination, __u64 *netns_cookie)
{
	*netns_cookie = is_loopback_address(&destination->address) ? bpf_get_netns_cookie(ops) : 0;
	return service_name(*netns_cookie, &destination->address, destination->port);
}

/* A client is about to send its SYN. */
static __always_inline void connecting(struct bpf_sock_ops *ops)
{
	struct tcp_sock *sk = kernel_socket(ops);
	struct endpoint destination;
	struct service *service;
	struct refusal *refusal;
	__u64 netns_cookie, name;

	destination_of(ops, &destination);
	name = service_of(ops, &destination, &netns_cookie);
	service = slot_of(name);
	if (service->name != name || !is_flooded(service))
		return;
	refusal = refusal_here();
	refusal->client_seq = BPF_CORE_READ(sk, write_seq) + 1;
	refusal->client_port = ops->local_port;
	refusal->by_listener = false;
}

static __always_inline struct refusal *refusal_of(__u32 client_seq, __u16 client_port)
{
	struct refusal *refusal = refusal_here();

	return refusal->client_seq == client_seq && refusal->client_port == client_port ? refusal : NULL;
}

/* Nobody has noted this handshake: spares looking for it. */
static __always_inline bool was_refused(__u32 client_seq, __u16 client_port)
{
	struct refusal *refusal = refusal_of(client_seq, client_port);

	return refusal && refusal->by_listener;
}

/* A SYN reached a listener of ours: whoever sent it may be local. There is no full socket yet, so the sequence numbers
 * come from the request itself. */
static __always_inline void syn_received(struct bpf_sock_ops *ops)
{
	struct handshake_key key = {};
	struct handshake handshake = {};
	struct address listener;
	struct refusal *refusal;
	struct tcp_request_sock *request = kernel_socket(ops);

	if (!enrolling) {
		count(REFUSED_DRAINING, 1);
		return;
	}
	local_address(ops, &listener);
	remote_address(ops, &key.client);
	key.client_port = remote_port(ops);
	handshake.listener_view = policy_view(ops->local_port, &listener, &key.client);
	if (handshake.listener_view == POLICY_EXCLUDED) {
		count(REFUSED_POLICY, 1);
		return;
	}
	key.client_seq = BPF_CORE_READ(request, rcv_isn) + 1;
	refusal = refusal_of(key.client_seq, key.client_port);
	if (refusal) {
		refusal->by_listener = true;
		count(REFUSED_SHORT, 1);
		return;
	}
	key.server_seq = BPF_CORE_READ(request, snt_isn) + 1;
	bpf_map_update_elem(&handshakes, &key, &handshake, BPF_ANY);
}

/* The kernel doubles this; with half of it, streams stall, because it doesn't hold two segments of loopback any more. */
#define SEND_BUFFER (1 << 17)
#define RETRANSMIT_AFTER 5000 /* us */

/* What a sender parks with TCP comes on top of its peer's queue, and has to arrive before its messages are redirected again. So
 * it parks little, and sleeps until that has left. What the application has chosen stays. */
static __always_inline void park_little(struct bpf_sock_ops *ops, struct sock *sk)
{
	int value = SEND_BUFFER;

	if (!(BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & SOCK_SNDBUF_LOCK))
		bpf_setsockopt(ops, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value));
	/* The kernel wakes a sender at half of it. TCP_CORK and Nagle hold back less than a segment: nobody sleeps for that. */
	value = 2 * ops->mss_cache;
	if (!BPF_CORE_READ((struct tcp_sock *)sk, notsent_lowat))
		bpf_setsockopt(ops, SOL_TCP, TCP_NOTSENT_LOWAT, &value, sizeof(value));
	/* A receiver whose buffer is full drops a segment now and then, because what is in the redirected queue can't be made
	 * smaller as TCP's own can. It comes again when this is over; nothing that is on its way on one host takes longer. */
	value = RETRANSMIT_AFTER;
	bpf_setsockopt(ops, SOL_TCP, TCP_BPF_RTO_MIN, &value, sizeof(value));
}

/* What the socket has sent, if it was connected before, was to someone else. */
static __always_inline struct sender *new_sender(struct bpf_sock *sk, __u64 service)
{
	struct sender *sender = sender_of(sk, BPF_SK_STORAGE_GET_F_CREATE);

	if (!sender)
		return NULL;
	*sender = (struct sender){.service = service};
	bpf_sk_storage_delete(&tcp_totals, sk);
	return sender;
}

/* Puts the socket in all maps and fills in what its peer has to know of it. */
static __always_inline bool enrol(struct bpf_sock_ops *ops, struct proxy *proxy, struct peer *self)
{
	struct sender *sender = new_sender(ops->sk, proxy->service);
	long error;

	if (!sender) {
		count(REFUSED_KERNEL, 1);
		return false;
	}
	self->key = proxy->self;
	self->cookie = bpf_get_socket_cookie(ops);
	self->sock = (__u64)kernel_socket(ops);
	self->sent = (__u64)&sender->sent;
	if (bpf_map_update_elem(&proxies, &self->cookie, proxy, BPF_ANY)) {
		count(REFUSED_FULL, 1);
		return false;
	}
	park_little(ops, (void *)self->sock); /* before the SOCKHASH: afterwards it would wake a kernel thread */
	/* Two live sockets can have one key: bound to different devices, or one of them reset and not yet closed. Only the
	 * first is enrolled. */
	error = bpf_sock_hash_update(ops, &sockets, &self->key, BPF_NOEXIST);
	if (error) {
		count(error == -E2BIG ? REFUSED_FULL : error == -EEXIST ? REFUSED_DUPLICATE : REFUSED_KERNEL, 1);
		bpf_map_delete_elem(&proxies, &self->cookie);
		return false;
	}
	if (intercepts)
		led_is_enrolled(ops);
	watch_state(ops);
	count(SOCKETS_ENROLLED, 1);
	return true;
}

/* A socket that was disconnected with AF_UNSPEC and connects again still has its queue: unread bytes of the old connection
 * must not show up in the new one. They leave with the SOCKHASH entry, whose key only the kernel still knows. */
static __always_inline void forget_earlier_connection(struct bpf_sock_ops *ops)
{
	struct sk_psock *psock = psock_of(kernel_socket(ops));
	struct bpf_shtab_elem *element;
	struct sk_psock_link *link;
	struct socket_key key;

	if (!psock)
		return;
	link = (void *)BPF_CORE_READ(psock, link.next) - bpf_core_field_offset(struct sk_psock_link, list);
	element = BPF_CORE_READ(link, link_raw);
	if (!bpf_probe_read_kernel(&key, sizeof(key), (void *)element + bpf_core_field_offset(struct bpf_shtab_elem, key)))
		bpf_map_delete_elem(&sockets, &key);
}

static __always_inline bool pays(struct bpf_sock_ops *ops, const struct endpoint *destination, __u64 *name)
{
	struct service *service;
	__u64 netns_cookie;

	*name = service_of(ops, destination, &netns_cookie);
	service = service_at(*name, netns_cookie, &destination->address, destination->port);
	if (is_flooded(service))
		return false;
	sample(service);
	return true;
}

/* The client's end: always before the server's, whose listener has seen the SYN if it is ours. */
static __always_inline void client_established(struct bpf_sock_ops *ops)
{
	struct handshake_key key = {};
	struct handshake *handshake;
	struct endpoint destination;
	struct proxy proxy = {};
	struct peer self;
	__u64 view;

	forget_earlier_connection(ops);
	if (was_refused(ops->snd_nxt, ops->local_port))
		return;
	local_address(ops, &key.client);
	key.client_port = ops->local_port;
	key.client_seq = ops->snd_nxt;
	key.server_seq = ops->rcv_nxt;
	handshake = bpf_map_lookup_elem(&handshakes, &key);
	if (!handshake)
		return;
	if (!enrolling) {
		count(REFUSED_DRAINING, 1);
		return;
	}
	key_of(ops, &proxy.self);
	destination_of(ops, &destination);
	view = policy_view(destination.port, &proxy.self.local, &destination.address);
	if ((view | handshake->listener_view) != POLICY_ALLOWED) {
		count(REFUSED_POLICY, 1);
		return;
	}
	if (short_connections_stay && !pays(ops, &destination, &proxy.service)) {
		count(REFUSED_SHORT, 1);
		return;
	}
	proxy.client_seq = key.client_seq;
	proxy.server_seq = key.server_seq;
	if (!enrol(ops, &proxy, &self))
		return;
	handshake->client = self;
	handshake->service = proxy.service;
	handshake->client_seq = key.client_seq;
	handshake->server_seq = key.server_seq;
}

static __always_inline bool mirrored(const struct socket_key *a, const struct socket_key *b)
{
	return a->netns_cookie == b->netns_cookie && a->local_port == b->remote_port &&
	       a->remote_port == b->local_port && same_address(&a->local, &b->remote) &&
	       same_address(&a->remote, &b->local);
}

static __always_inline void pair(struct bpf_sock_ops *ops, struct peer *client, __u64 service)
{
	struct proxy proxy = {.peer = *client, .service = service};
	struct peer self;
	bool is_loopback;

	key_of(ops, &proxy.self);
	/* Two sockets of one loopback watch each other's messages, to tell streams from conversations. */
	is_loopback = mirrored(&proxy.self, &client->key);
	if (!is_loopback)
		proxy.peer.sent = 0;
	proxy.is_server = true;
	if (!enrol(ops, &proxy, &self))
		return;
	if (!is_loopback)
		self.sent = 0;
	proxy.self = client->key;
	proxy.peer = self;
	proxy.is_server = false;
	/* It has no entry any more if it closed meanwhile. */
	if (bpf_map_update_elem(&proxies, &client->cookie, &proxy, BPF_EXIST)) {
		bpf_map_delete_elem(&proxies, &self.cookie);
		return;
	}
	count(CONNECTIONS_PAIRED, 1);
	happened(EVENT_PAIRED, 0, client->cookie);
}

static __always_inline void server_established(struct bpf_sock_ops *ops)
{
	struct handshake_key key = {};
	struct handshake *handshake;
	struct peer client;

	key.client_port = remote_port(ops);
	key.client_seq = ops->rcv_nxt;
	if (was_refused(key.client_seq, key.client_port))
		return;
	remote_address(ops, &key.client);
	key.server_seq = ops->snd_nxt;
	handshake = bpf_map_lookup_elem(&handshakes, &key);
	if (!handshake)
		return;
	client = handshake->client;
	/* No cookie: its client is not ours, or the policy excludes it. Other numbers: the entry was evicted while the
	 * client wrote to it, and reused. */
	if (client.cookie && handshake->client_seq == key.client_seq && handshake->server_seq == key.server_seq) {
		if (enrolling)
			pair(ops, &client, handshake->service);
		else
			count(REFUSED_DRAINING, 1);
	}
	bpf_map_delete_elem(&handshakes, &key);
}

static __always_inline void closed(struct bpf_sock_ops *ops)
{
	__u64 cookie = bpf_get_socket_cookie(ops);
	struct proxy *proxy = bpf_map_lookup_elem(&proxies, &cookie);
	struct sender *sender;

	if (!proxy)
		return;
	sender = sender_of(ops->sk, 0);
	if (!proxy->peer.cookie) {
		struct handshake_key key = {
			.client = proxy->self.local,
			.client_port = proxy->self.local_port,
			.client_seq = proxy->client_seq,
			.server_seq = proxy->server_seq,
		};

		bpf_map_delete_elem(&handshakes, &key);
	} else if (short_connections_stay && enabled && sender) {
		connection_carried(proxy->service, sender->sent, proxy->is_server);
	}
	if (sender)
		sender->peer.cookie = 0;
	happened(EVENT_CLOSED, 0, cookie);
	bpf_map_delete_elem(&proxies, &cookie);
}

SEC("sockops")
int track_connections(struct bpf_sock_ops *ops)
{
	switch (ops->op) {
	case BPF_SOCK_OPS_TIMEOUT_INIT:
		if (!ops->is_fullsock)
			syn_received(ops);
		break;
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		if (intercepts)
			carry_destination(ops);
		if (short_connections_stay)
			connecting(ops);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		client_established(ops);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		if (intercepts)
			take_destination(ops);
		server_established(ops);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ops->args[1] != TCP_CLOSE)
			break;
		if (!intercepts || !forget_destination(ops))
			closed(ops);
		break;
	}
	return 1; /* reply stays as it was: the kernel's defaults hold */
}
