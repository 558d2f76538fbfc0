// SPDX-License-Identifier: Apache-2.0
// What the Java operations are measured against: the same loops in C over libbpf. Keys are numbers of four bytes, values begin
// with a number of eight. Each returns something that only the right work can bring about, or a negative error number.
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define MOST_CPUS 4096

int open_map(int id)
{
	return bpf_map_get_fd_by_id(id);
}

int close_fd(int fd)
{
	return close(fd);
}

/* Looks up each of count keys (a power of two) rounds times; the sum of the values that were found. */
int64_t lookup(int map, uint32_t first, uint32_t count, uint32_t rounds)
{
	int64_t value[MOST_CPUS], sum = 0;

	for (uint32_t i = 0; i < count * rounds; i++) {
		uint32_t key = first + (i & (count - 1));
		int err = bpf_map_lookup_elem(map, &key, value);

		if (!err)
			sum += value[0];
		else if (err != -ENOENT)
			return err;
	}
	return sum;
}

/* As above, adding up the values of all CPUs. */
int64_t lookup_all_cpus(int map, uint32_t count, uint32_t rounds, int cpus)
{
	int64_t value[MOST_CPUS], sum = 0;

	for (uint32_t i = 0; i < count * rounds; i++) {
		uint32_t key = i & (count - 1);
		int err = bpf_map_lookup_elem(map, &key, value);

		if (err)
			return err;
		for (int cpu = 0; cpu < cpus; cpu++)
			sum += value[cpu];
	}
	return sum;
}

/* Stores numbers[key] under each key; how many updates that were. */
int64_t update(int map, const int64_t *numbers, uint32_t count, uint32_t rounds)
{
	int64_t value[MOST_CPUS] = {};

	for (uint32_t i = 0; i < count * rounds; i++) {
		uint32_t key = i & (count - 1);
		int err;

		value[0] = numbers[key];
		err = bpf_map_update_elem(map, &key, value, BPF_ANY);
		if (err)
			return err;
	}
	return count * rounds;
}

/* How many of the keys below count were there. */
int64_t delete(int map, uint32_t count)
{
	int64_t deleted = 0;

	for (uint32_t key = 0; key < count; key++) {
		int err = bpf_map_delete_elem(map, &key);

		if (!err)
			deleted++;
		else if (err != -ENOENT)
			return err;
	}
	return deleted;
}

/* Goes from key to key; the sum of all values. */
int64_t walk_keys(int map)
{
	int64_t value[MOST_CPUS], sum = 0;
	uint32_t key, next;
	void *previous = NULL;
	int err;

	while (!(err = bpf_map_get_next_key(map, previous, &next))) {
		key = next;
		previous = &key;
		err = bpf_map_lookup_elem(map, &key, value);
		if (err)
			return err;
		sum += value[0];
	}
	return err == -ENOENT ? sum : err;
}

/* Reads the whole map in batches; the sum of all values, each of so many bytes. */
int64_t walk_batches(int map, uint32_t *keys, char *values, uint32_t batch, uint32_t value_size)
{
	uint64_t positions[2];
	void *from = NULL, *to = &positions[0];
	int64_t sum = 0;
	int err;

	do {
		uint32_t count = batch;

		err = bpf_map_lookup_batch(map, from, to, keys, values, &count, NULL);
		if (err && err != -ENOENT)
			return err;
		for (uint32_t i = 0; i < count; i++) {
			int64_t value;

			memcpy(&value, values + (size_t)i * value_size, sizeof(value));
			sum += value;
		}
		from = to;
		to = to == &positions[0] ? &positions[1] : &positions[0];
	} while (!err);
	return sum;
}

/* Stores all entries in batches; how many. */
int64_t update_batches(int map, const uint32_t *keys, const char *values, uint32_t entries, uint32_t batch, uint32_t value_size)
{
	for (uint32_t at = 0; at < entries; at += batch) {
		uint32_t count = batch;
		int err = bpf_map_update_batch(map, keys + at, values + (size_t)at * value_size, &count, NULL);

		if (err)
			return err;
	}
	return entries;
}

/* Deletes all entries in batches; how many. */
int64_t delete_batches(int map, const uint32_t *keys, uint32_t entries, uint32_t batch)
{
	for (uint32_t at = 0; at < entries; at += batch) {
		uint32_t count = batch;
		int err = bpf_map_delete_batch(map, keys + at, &count, NULL);

		if (err)
			return err;
	}
	return entries;
}

/* Reads one of the mapped numbers so often; the sum. */
int64_t read_counter(const volatile int64_t *counters, uint32_t index, uint32_t rounds)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < rounds; i++)
		sum += counters[index];
	return sum;
}

const void *map_memory(int map, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, map, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int unmap_memory(void *memory, size_t size)
{
	return munmap(memory, size);
}

/* That of records.bpf.c. */
struct sample {
	uint64_t id;
	uint32_t address;
	uint16_t port;
	uint16_t flags;
	uint64_t bytes;
};

/* Writes each of count structs (a power of two) rounds times, numbered from id on. */
int64_t encode(struct sample *samples, int64_t id, uint32_t address, uint16_t port, uint16_t flags, int64_t bytes, uint32_t count,
	       uint32_t rounds)
{
	for (uint32_t i = 0; i < count * rounds; i++) {
		struct sample *sample = &samples[i & (count - 1)];

		sample->id = id + i;
		sample->address = htonl(address);
		sample->port = port;
		sample->flags = flags;
		sample->bytes = bytes;
	}
	return count * rounds;
}

/* Reads each of count structs (a power of two) rounds times; the sum of all members. */
int64_t decode(const struct sample *samples, uint32_t count, uint32_t rounds)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < count * rounds; i++) {
		const struct sample *sample = &samples[i & (count - 1)];

		sum += sample->id + ntohl(sample->address) + sample->port + sample->flags + sample->bytes;
	}
	return sum;
}

static int add_record(void *sum, void *record, size_t size)
{
	(void)size;
	*(int64_t *)sum += *(int64_t *)record;
	return 0;
}

static int64_t ring_sum;

void *open_ring(int map)
{
	return ring_buffer__new(map, add_record, &ring_sum, NULL);
}

/* Consumes all records that are there; the sum of their first numbers. */
int64_t consume_ring(void *ring)
{
	int records;

	ring_sum = 0;
	records = ring_buffer__consume(ring);
	return records < 0 ? records : ring_sum;
}

void close_ring(void *ring)
{
	ring_buffer__free(ring);
}

/* Connects sockets over loopback: two descriptors for each of so many pairs. */
int connect_pairs(int *fds, int pairs)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int made = 0;

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, pairs) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		goto out;
	for (int i = 0; i < pairs; i++) {
		int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (client < 0)
			goto out;
		fds[made++] = client;
		if (connect(client, (struct sockaddr *)&address, length))
			goto out;
		fds[made] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fds[made] < 0)
			goto out;
		made++;
	}
	close(listener);
	return 0;
out:;
	int err = errno;

	while (made)
		close(fds[--made]);
	if (listener >= 0)
		close(listener);
	return -err;
}
