// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writes a struct flow for each enrolled socket, for user space to read as a file. */
#include "flows.h"
#include "maps.h"

/* Bytes in the socket's own redirected queue. */
static __always_inline __u64 queued(struct sock *sk)
{
	struct sk_psock *psock = psock_of(sk);
	void *head = (void *)psock + bpf_core_field_offset(struct sk_psock, ingress_msg);

	if (!psock)
		return 0;
	if (bpf_core_field_exists(psock->msg_tot_len))
		return BPF_CORE_READ(psock, msg_tot_len);
	return BPF_CORE_READ(psock, ingress_msg.next) == head ? 0 : QUEUED_UNKNOWN;
}

static __always_inline void describe(struct flow *flow, struct proxy *proxy)
{
	flow->peer_key = proxy->peer.key;
	flow->peer_cookie = proxy->peer.cookie;
	flow->service = proxy->service;
	flow->is_server = proxy->is_server;
}

static __always_inline void tell(struct seq_file *seq, struct sock *sk, struct socket_key *key, __u64 cookie, struct proxy *proxy)
{
	struct tcp_totals *totals;
	struct sender *sender;
	struct flow flow = {.key = *key, .cookie = cookie};

	flow.queued = queued(sk);
	if (proxy)
		describe(&flow, proxy);
	flow.verdict = TCP_NOT_PAIRED;
	sender = bpf_sk_storage_get(&senders, sk, NULL, 0);
	if (sender) {
		flow.redirected = sender->all_redirected;
		if (flow.peer_cookie)
			flow.verdict = sender->verdict;
	}
	totals = bpf_sk_storage_get(&tcp_totals, sk, NULL, 0);
	if (totals)
		__builtin_memcpy(flow.over_tcp, totals->reasons, sizeof(flow.over_tcp));
	bpf_seq_write(seq, &flow, sizeof(flow));
}

static __always_inline bool has_ended(struct sock *sk)
{
	return sk->__sk_common.skc_state == TCP_CLOSE; /* reset, and not closed yet */
}

/* Neither is loaded unless asked for: which one, depends on the kernel. */
SEC("?iter/sockmap")
int dump_flows(struct bpf_iter__sockmap *ctx)
{
	struct socket_key *key = ctx->key;
	struct sock *sk = ctx->sk;
	__u64 cookie;

	if (!key || !sk || has_ended(sk))
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	tell(ctx->meta->seq, sk, key, cookie, bpf_map_lookup_elem(&proxies, &cookie));
	return 0;
}

/* The same for kernels that let nobody walk over a map, as those that are locked down may: over the open files of all
 * processes instead. Tells a socket once for each that has it, and none that nobody has accepted yet. */
SEC("?iter/task_file")
int dump_task_flows(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct socket *socket;
	struct proxy *proxy;
	struct sock *sk;
	__u64 cookie;

	socket = file ? bpf_sock_from_file(file) : NULL;
	sk = socket ? socket->sk : NULL;
	if (!sk || has_ended(sk))
		return 0;
	cookie = sk->__sk_common.skc_cookie.counter; /* those that are enrolled have one; others need not get any for this */
	proxy = bpf_map_lookup_elem(&proxies, &cookie);
	if (proxy)
		tell(ctx->meta->seq, sk, &proxy->self, cookie, proxy);
	return 0;
}
