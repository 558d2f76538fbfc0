// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where FIONREAD counts only the redirected queue, the presence of a program here makes the kernel put TCP data in that
 * queue too. It puts whole segments there, even if some of their bytes have been there before: a retransmission may bring old
 * bytes together with new ones. So the old ones are cut off here. */
#include "maps.h"

#define MOST_AT_ONCE 4095 /* bytes that the kernel takes off in one call */
#define MOST_CALLS 16	  /* for the largest segments, 64 KiB */

/* Sequence numbers: what the segment covers. */
static __always_inline void covered(struct __sk_buff *skb, __u32 *from, __u32 *to)
{
	void *cb = (void *)&((struct sk_buff *)skb)->cb;

	bpf_probe_read_kernel(from, sizeof(*from), cb + bpf_core_field_offset(struct tcp_skb_cb, seq));
	bpf_probe_read_kernel(to, sizeof(*to), cb + bpf_core_field_offset(struct tcp_skb_cb, end_seq));
}

static __always_inline bool cut(struct __sk_buff *skb, __u32 bytes)
{
	for (int i = 0; i < MOST_CALLS; i++) { /* kept plain: older verifiers follow each way through it */
		if (bytes <= MOST_AT_ONCE)
			break;
		if (bpf_skb_adjust_room(skb, -MOST_AT_ONCE, 0, 0))
			return false;
		bytes -= MOST_AT_ONCE;
	}
	return bytes <= MOST_AT_ONCE && !bpf_skb_adjust_room(skb, -(__s32)bytes, 0, 0);
}

SEC("sk_skb/stream_verdict")
int pass_stream(struct __sk_buff *skb)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct proxy *proxy = bpf_map_lookup_elem(&proxies, &cookie);
	__u32 from = 0, to = 0, seen;

	if (!proxy)
		return SK_PASS;
	covered(skb, &from, &to);
	seen = proxy->received - from;
	if (proxy->has_received && (__s32)seen > 0 && seen < skb->len && !cut(skb, seen))
		return SK_DROP; /* no memory to look into the segment: what is sent twice would be as wrong as what is lost */
	proxy->received = to;
	proxy->has_received = true;
	return SK_PASS;
}
