// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Fills a ring buffer, for whoever is measured emptying it: test runs of the program write numbered records of 16 bytes.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define RECORDS_PER_RUN 64

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring SEC(".maps");

__u64 ring_dropped;

/* For codecs to be measured with. */
struct sample {
	__u64 id;
	__be32 address;
	__u16 port;
	__u16 flags;
	__u64 bytes;
};

struct sample sample; /* so that the object describes it */

SEC("socket")
int produce(struct __sk_buff *skb)
{
	__u64 record[2];

	for (int i = 0; i < RECORDS_PER_RUN; i++) {
		record[0] = i;
		record[1] = 0;
		if (bpf_ringbuf_output(&ring, record, sizeof(record), BPF_RB_NO_WAKEUP))
			__sync_fetch_and_add(&ring_dropped, 1);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
