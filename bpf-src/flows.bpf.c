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

SEC("iter/sockmap")
int dump_flows(struct bpf_iter__sockmap *ctx)
{
	struct socket_key *key = ctx->key;
	struct sock *sk = ctx->sk;
	struct tcp_totals *totals;
	struct sender *sender;
	struct flow flow = {};
	struct proxy *proxy;

	if (!key || !sk || sk->__sk_common.skc_state == TCP_CLOSE) /* reset, and not closed yet */
		return 0;
	flow.key = *key;
	flow.cookie = bpf_get_socket_cookie(sk);
	flow.queued = queued(sk);
	proxy = bpf_map_lookup_elem(&proxies, &flow.cookie);
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
	bpf_seq_write(ctx->meta->seq, &flow, sizeof(flow));
	return 0;
}
