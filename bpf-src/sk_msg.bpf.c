// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The gate: each message of an enrolled socket goes to its peer's queue only if that provably keeps the order and the
 * receiver has room. Everything else goes over TCP, counted by its reason. */
#include "maps.h"
#include "services.h"
#include "totals.h"

/* What the kernel allocates for a message in a queue, whatever its size: a flood of tiny ones is limited by this. How many
 * there are is told by the average size of the latest. */
#define MESSAGE_OVERHEAD 1024
#define LATEST_MESSAGES 1024

/* The kernel gives every socket more than this, so smaller charges need no look at the receiver's own size. */
#define SMALLEST_RECEIVE_BUFFER 1024

/* A one-way stream is one message after the other without an answer. Between two loopback sockets TCP carries it faster
 * where it can merge writes while the receiver keeps up: measured from 2 KiB on, and until a write fills a segment of
 * its own. A receiver that lags behind is served better by its queue. */
#define STREAM_MESSAGES 16
#define STREAM_MIN_SIZE 2048
#define STREAM_MAX_SIZE 65535
#define STREAM_MAX_LAG 4 /* messages */

/* For benchmarks: no gate, as if order and room didn't matter. */
const volatile bool redirect_always = false;

/* Reads a field of a kernel object that may have gone: 0 if so. With the cast it is a plain load. */
#define READ(cast, object, type, field)                                                                    \
	((cast) ? ((struct type *)bpf_rdonly_cast(object, bpf_core_type_id_kernel(struct type)))->field    \
		: BPF_CORE_READ((struct type *)(object), field))

/* Bytes in the peer's queue. */
static __always_inline __u32 queued_bytes(struct sender *sender, void *psock, const bool cast)
{
	void *head = psock + bpf_core_field_offset(struct sk_psock, ingress_msg);
	__u32 queued;

	if (bpf_core_field_exists(((struct sk_psock *)0)->msg_tot_len)) {
		queued = READ(cast, psock, sk_psock, msg_tot_len);
		if (queued == 0)
			sender->messages = sender->redirected = 0;
		return queued;
	}
	if (READ(cast, psock, sk_psock, ingress_msg.next) == head)
		sender->messages = sender->redirected = 0;
	return sender->redirected;
}

static __always_inline void add_to_queue(struct sender *sender, __u32 size)
{
	sender->redirected += size;
	if (++sender->messages == LATEST_MESSAGES && bpf_core_field_exists(((struct sk_psock *)0)->msg_tot_len)) {
		sender->messages /= 2;
		sender->redirected /= 2;
	}
}

/* Above this, the kernel may refuse a message that is redirected, where TCP would have the sender wait. */
static __always_inline bool is_short_of_memory(struct tcp_sock *self, const bool cast)
{
	void *protocol = ((struct sock *)self)->__sk_common.skc_prot; /* as good as the peer's, and at hand */
	void *pressure = READ(cast, protocol, proto, memory_pressure);

	return READ(cast, pressure, timespec64, tv_sec);
}

static __always_inline bool has_room(struct sender *sender, void *peer, __u32 size, __u32 queued, const bool cast)
{
	__u64 messages = sender->redirected ? queued * sender->messages / sender->redirected : 0;
	__u64 charge = size + queued + messages * MESSAGE_OVERHEAD;
	__u32 receive_buffer;

	if (charge <= SMALLEST_RECEIVE_BUFFER)
		return charge <= queue_limit;
	receive_buffer = READ(cast, peer, sock, sk_rcvbuf);
	if (charge <= queue_limit && 2 * charge <= receive_buffer)
		return true;
	/* A receiver that set SO_RCVBUF to n, which the kernel keeps as 2n, wants its sender to stop there. */
	if (BPF_CORE_READ_BITFIELD_PROBED((struct sock *)peer, sk_userlocks) & SOCK_RCVBUF_LOCK)
		return false;
	/* TCP enlarges the buffer of a reader that is fast, and would fill it: then it may as well be filled at less cost. */
	return charge <= queue_limit || (queue_limit_grows && charge <= receive_buffer);
}

static __always_inline bool streams(struct sender *sender, __u32 size, __u32 queued, const bool cast)
{
	void *sent = (void *)sender->peer.sent;
	__u64 answered;

	if (!sent || size < STREAM_MIN_SIZE || size > STREAM_MAX_SIZE)
		return false;
	answered = READ(cast, sent, timespec64, tv_sec);
	if (answered != sender->answered) {
		sender->answered = answered;
		sender->burst_from = sender->sent;
	}
	return sender->sent - sender->burst_from > STREAM_MESSAGES && queued <= STREAM_MAX_LAG * size;
}

/* Whether all that was sent over TCP is in the peer's queue, or read: where a stream verdict program works, the kernel moves it
 * there. That it has come is told by rcv_nxt; that whoever received it has finished moving it, by the peer's lock, looked at
 * afterwards; that nothing was left on the way, for want of memory or of a socket to call, by the two other queues. The loads
 * have to be made in this order, which x86 promises. */
static __always_inline bool has_arrived(void *peer, void *psock, __u32 sent, const bool cast)
{
	__u32 lock = 0;

	if (!bpf_core_field_exists(((struct thread_struct *)0)->fsbase) || /* not x86 */
	    !bpf_core_field_exists(((struct spinlock *)0)->rlock))	   /* PREEMPT_RT */
		return false;
	if (!READ(cast, psock, sk_psock, progs.stream_verdict) || !READ(cast, psock, sk_psock, saved_data_ready))
		return false;
	if (READ(cast, peer, tcp_sock, rcv_nxt) != sent)
		return false;
	bpf_probe_read_kernel(&lock, sizeof(lock), peer + bpf_core_field_offset(struct sock, sk_lock.slock));
	if (lock || READ(cast, peer, sock, sk_lock.owned))
		return false;
	return !READ(cast, peer, sock, sk_receive_queue.qlen) && !READ(cast, psock, sk_psock, ingress_skb.qlen);
}

/* Redirecting would not ask. */
static __always_inline bool may_send(struct tcp_sock *self)
{
	__u8 state = ((struct sock *)self)->__sk_common.skc_state;

	return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;
}

static __always_inline enum counter gate(__u32 size, struct tcp_sock *self, struct sender *sender, const bool cast)
{
	void *peer = (void *)sender->peer.sock, *psock;
	__u32 queued;

	if (!may_send(self) || READ(cast, peer, sock, __sk_common.skc_cookie.counter) != sender->peer.cookie)
		return TCP_PEER_CLOSED;
	psock = (void *)((__u64)READ(cast, peer, sock, sk_user_data) & ~SK_USER_DATA_FLAGS);
	/* Equal if and only if the peer's application has read every byte that was ever sent over TCP. */
	if (READ(cast, peer, tcp_sock, copied_seq) != self->write_seq && !has_arrived(peer, psock, self->write_seq, cast))
		return TCP_UNREAD;
	queued = queued_bytes(sender, psock, cast);
	if (!has_room(sender, peer, size, queued, cast))
		return TCP_QUEUE_FULL;
	if (is_short_of_memory(self, cast))
		return TCP_NO_MEMORY;
	if (streams(sender, size, queued, cast))
		return TCP_BULK;
	return REDIRECTED;
}

/* Redirects the message of a paired socket if it may. */
static __always_inline enum counter deliver(struct sk_msg_md *msg, __u32 size, struct tcp_sock *self,
					    struct sender *sender, const bool cast)
{
	enum counter verdict;

	if (!enabled)
		return TCP_DISABLED;
	if (++sender->sent == LONG_MESSAGES && short_connections_stay)
		connection_is_long(sender->service);
	verdict = redirect_always ? REDIRECTED : gate(size, self, sender, cast);
	if (verdict != REDIRECTED)
		return verdict;
	/* The result only says whether the peer is still there; the verdict is SK_PASS all the same. */
	if (bpf_msg_redirect_hash(msg, &sockets, &sender->peer.key, BPF_F_INGRESS) != SK_PASS)
		return TCP_NOT_FOUND;
	add_to_queue(sender, size);
	count(REDIRECTED_BYTES, size);
	return REDIRECTED;
}

/* What the socket knows of its peer; NULL: that it is not paired. */
static __always_inline struct sender *paired_sender(struct bpf_sock *sk, struct tcp_sock *self)
{
	struct sender *sender = sender_of(sk, 0);
	struct proxy *proxy;
	__u64 cookie;

	if (!sender || sender->peer.cookie)
		return sender;
	cookie = cookie_of(self);
	proxy = bpf_map_lookup_elem(&proxies, &cookie);
	if (!proxy || !proxy->peer.cookie)
		return NULL;
	sender->peer = proxy->peer;
	return sender;
}

static __always_inline enum counter redirect(struct sk_msg_md *msg, const bool cast)
{
	__u32 size = *(volatile __u32 *)&msg->size; /* once: a second load may come from a pointer that the verifier refuses */
	struct bpf_sock *sk = msg->sk;
	enum counter verdict;
	struct tcp_sock *self;
	struct sender *sender;

	self = sk ? bpf_skc_to_tcp_sock(sk) : NULL;
	if (!self)
		return TCP_NOT_PAIRED;
	sender = paired_sender(sk, self);
	if (!sender)
		return enabled ? TCP_NOT_PAIRED : TCP_DISABLED;
	verdict = deliver(msg, size, self, sender, cast);
	if (verdict == REDIRECTED)
		was_redirected(sender, self, size);
	else
		went_over_tcp(sk, sender, self, size, verdict);
	return verdict;
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
