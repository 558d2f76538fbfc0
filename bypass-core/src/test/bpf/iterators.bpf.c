// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Iterators over maps and sockets, and programs that can be run without an event.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
} __attribute__((preserve_access_index));

struct bpf_iter__sockmap {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	struct sock *sk;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_prog {
	struct bpf_iter_meta *meta;
	struct bpf_prog *prog;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100000);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 8);
	__type(key, __u64);
	__type(value, __u64);
} sockets SEC(".maps");

__u64 runs;

/* Writes key and value of each entry, 12 bytes. */
SEC("iter/bpf_map_elem")
int dump_numbers(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	__sync_fetch_and_add(&runs, 1);
	if (!key || !value)
		return 0;
	bpf_seq_write(ctx->meta->seq, key, sizeof(*key));
	bpf_seq_write(ctx->meta->seq, value, sizeof(*value));
	return 0;
}

/* Writes the key of each socket, 8 bytes. */
SEC("iter/sockmap")
int dump_sockets(struct bpf_iter__sockmap *ctx)
{
	__u64 *key = ctx->key;

	if (key && ctx->sk)
		bpf_seq_write(ctx->meta->seq, key, sizeof(*key));
	return 0;
}

/* Writes a letter for each program of the host: needs no map. */
SEC("iter/bpf_prog")
int dump_programs(struct bpf_iter__bpf_prog *ctx)
{
	char letter = 'p';

	if (ctx->prog)
		bpf_seq_write(ctx->meta->seq, &letter, sizeof(letter));
	return 0;
}

/* Cuts the packet's payload to 20 bytes and stamps its mark. */
SEC("tc")
int shorten(struct __sk_buff *skb)
{
	skb->mark += 1;
	if (bpf_skb_change_tail(skb, 20, 0))
		return 1;
	return 7;
}

struct arguments {
	__u64 factor;
	__u64 product;
};

/* Multiplies by 3. */
SEC("syscall")
int multiply(struct arguments *ctx)
{
	ctx->product = ctx->factor * 3;
	return 42;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
