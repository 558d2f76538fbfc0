// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The gate: each message of an enrolled socket goes to its peer's queue only if that provably keeps the order and the
 * receiver has room. Everything else goes over TCP, counted by its reason. */
#include "maps.h"

const volatile bool redirect_always = false;
const volatile __u32 bulk_burst = 16;
const volatile __u32 bulk_min = 1024;
const volatile __u32 bulk_max = 65536;
const volatile __u32 bulk_queue = 4;

/* Reads a field of a kernel object that may have gone: 0 if so. */
#define READ(cast, object, type, field)                                                                       \
	((cast) ? ((struct type *)bpf_rdonly_cast(object, bpf_core_type_id_kernel(struct type)))->field       \
		: BPF_CORE_READ((struct type *)(object), field))

static __always_inline bool same_address(const struct address *a, const struct address *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] && a->words[2] == b->words[2] &&
	       a->words[3] == b->words[3];
}

static __always_inline bool mirrored(const struct socket_key *a, const struct socket_key *b)
{
	return a->netns_cookie == b->netns_cookie && a->local_port == b->remote_port &&
	       a->remote_port == b->local_port && same_address(&a->local, &b->remote) &&
	       same_address(&a->remote, &b->local);
}

/* The server writes both entries, so the client learns its peer at its first message. */
static __always_inline bool find_peer(struct flow *flow)
{
	struct peer *peer = bpf_map_lookup_elem(&proxies, &flow->self);

	if (!peer)
		return false;
	flow->peer = *peer;
	flow->loopback = mirrored(&flow->self, &peer->key);
	return true;
}

static __always_inline bool streams(struct flow *flow, __u32 size, __u32 queued, const bool cast)
{
	void *sent = (void *)flow->peer.sent;
	__u64 answered;

	if (!flow->loopback || size < bulk_min || size >= bulk_max)
		return false;
	answered = READ(cast, sent, timespec64, tv_sec);
	if (answered != flow->answered) {
		flow->answered = answered;
		flow->burst_from = flow->sent;
	}
	return flow->sent - flow->burst_from > bulk_burst && queued <= bulk_queue * size;
}

static __always_inline enum counter gate(struct sk_msg_md *msg, struct flow *flow, const bool cast)
{
	void *peer = (void *)flow->peer.sock;
	__u32 queued, limit = queue_limit, size = msg->size;
	struct tcp_sock *self;
	void *psock;

	self = bpf_skc_to_tcp_sock(msg->sk);
	if (!self)
		return TCP_NOT_PAIRED;
	if (READ(cast, peer, sock, __sk_common.skc_cookie.counter) != flow->peer.cookie)
		return TCP_PEER_CLOSED;
	if (READ(cast, peer, tcp_sock, copied_seq) != self->write_seq)
		return TCP_UNREAD;
	psock = (void *)((__u64)READ(cast, peer, sock, sk_user_data) & ~SK_USER_DATA_FLAGS);
	if (bpf_core_field_exists(((struct sk_psock *)0)->msg_tot_len)) {
		queued = READ(cast, psock, sk_psock, msg_tot_len);
	} else {
		void *head = psock + bpf_core_field_offset(struct sk_psock, ingress_msg);

		if (READ(cast, psock, sk_psock, ingress_msg.next) == head)
			flow->redirected = 0;
		queued = flow->redirected;
	}
	if (queued + size > limit)
		return TCP_QUEUE_FULL;
	/* A receiver that set SO_RCVBUF to n (the kernel keeps 2n) wants its sender to stop there. */
	if (2 * (queued + size) > (__u32)READ(cast, peer, sock, sk_rcvbuf) &&
	    BPF_CORE_READ_BITFIELD_PROBED((struct sock *)peer, sk_userlocks) & SOCK_RCVBUF_LOCK)
		return TCP_QUEUE_FULL;
	if (streams(flow, size, queued, cast))
		return TCP_BULK;
	return REDIRECTED;
}

static __always_inline enum counter redirect(struct sk_msg_md *msg, const bool cast)
{
	struct flow *flow;
	enum counter verdict;

	if (!enabled)
		return TCP_DISABLED;
	if (!msg->sk)
		return TCP_NOT_PAIRED;
	flow = bpf_sk_storage_get(&flows, msg->sk, NULL, 0);
	if (!flow || (!flow->peer.cookie && !find_peer(flow)))
		return TCP_NOT_PAIRED;
	flow->sent++;
	if (!redirect_always) {
		verdict = gate(msg, flow, cast);
		if (verdict != REDIRECTED)
			return verdict;
	}
	/* The result only says whether the peer is still there; the verdict is always SK_PASS. */
	if (bpf_msg_redirect_hash(msg, &sockets, &flow->peer.key, BPF_F_INGRESS) != SK_PASS)
		return TCP_NOT_FOUND;
	flow->redirected += msg->size;
	count(REDIRECTED_BYTES, msg->size);
	return REDIRECTED;
}

SEC("sk_msg")
int redirect_messages(struct sk_msg_md *msg)
{
	count(redirect(msg, true), 1);
	return SK_PASS;
}

/* The same for kernels before 6.2, which have no typed cast: slower by its probe reads. */
SEC("sk_msg")
int redirect_messages_portable(struct sk_msg_md *msg)
{
	count(redirect(msg, false), 1);
	return SK_PASS;
}
