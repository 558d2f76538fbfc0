// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Writes numbered records to ring buffers, as many as user space asks for, whenever a process of the group sets an option
// of a socket.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MOST_RECORDS 512
#define VARIETY 256 /* of sizes */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12);
} second SEC(".maps");

__u64 ring_dropped;

__u32 records;	 /* to write at each call */
__u32 discarded; /* of each so many records one is discarded; 0: none */
__u32 to_second; /* also one record to the other ring */
__u64 produced;	 /* records that were numbered, whatever became of them */
__u8 bytes[8 + VARIETY] __attribute__((aligned(8)));

/* Record n has 8 + n % 256 bytes: its number, and in those of 16 and more the last one is its lowest. */
static __always_inline void write(__u64 n)
{
	__u32 more = n & (VARIETY - 1);

	bytes[7 + more] = n;
	*(__u64 *)bytes = n;
	if (bpf_ringbuf_output(&ring, bytes, 8 + more, 0))
		__sync_fetch_and_add(&ring_dropped, 1);
}

static __always_inline void discard(__u64 n)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, 24, 0);

	if (!record) {
		__sync_fetch_and_add(&ring_dropped, 1);
		return;
	}
	*record = n;
	bpf_ringbuf_discard(record, 0);
}

SEC("cgroup/setsockopt")
int produce(struct bpf_sockopt *ctx)
{
	for (int i = 0; i < MOST_RECORDS; i++) {
		__u64 n;

		if (i >= records)
			break;
		n = produced++;
		if (discarded && n % discarded == 0)
			discard(n);
		else
			write(n);
	}
	if (to_second)
		bpf_ringbuf_output(&second, &produced, 8, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
