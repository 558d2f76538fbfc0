// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Does nothing, on purpose: where FIONREAD counts only the redirected queue, its presence makes the kernel put TCP data
 * in that queue too. */
#include "maps.h"

SEC("sk_skb/stream_verdict")
int pass_stream(struct __sk_buff *skb)
{
	return SK_PASS;
}
