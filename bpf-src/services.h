/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Enrolling costs a connection more than it gains by its first messages. Where one short connection after the other comes
 * in, as with a request each, only samples are enrolled, until one of them carries more or the flood ends. */
#pragma once

#include "maps.h"

#define SERVICES 1024

/* User space tells from these what the programs will do. */
enum service_limit {
	LONG_MESSAGES = 4,		    /* sent by one end: from here on enrolling has paid */
	SHORT_STREAK = 64,		    /* short connections in a row */
	SAMPLE_INTERVAL = 10 * 1000 * 1000, /* ns */
	FLOOD_INTERVAL = 100 * 1000 * 1000, /* ns without a short connection end a flood */
};

/* A guess only: races between CPUs do no harm, and a service that hashes to the slot of another takes it over. */
struct service {
	__u64 name;    /* 0: nobody's slot */
	__u64 sampled; /* when, ns */
	__u64 seen;    /* the last short connection, ns */
	__u64 streak;
	__u64 netns_cookie;
	struct address address;
	__u16 port;
	__u16 zero[3];
};
extern struct service services[SERVICES];

/* Set before load. */
extern const volatile bool short_connections_stay;

static __always_inline __u64 service_name(__u64 netns_cookie, const struct address *address, __u16 port)
{
	__u64 name = netns_cookie << 16 | port;

	name = (name ^ ((__u64)address->words[0] << 32 | address->words[1])) * 0x9e3779b97f4a7c15;
	name = (name ^ name >> 32 ^ ((__u64)address->words[2] << 32 | address->words[3])) * 0x9e3779b97f4a7c15;
	return name ^ name >> 32;
}

/* At a SYN: whether to enrol the connection. */
static __always_inline bool service_pays(__u64 name, __u64 netns_cookie, const struct address *address, __u16 port)
{
	struct service *service = &services[name % SERVICES];
	__u64 now;

	if (service->name != name) {
		service->name = name;
		service->streak = 0;
		service->netns_cookie = netns_cookie;
		service->address = *address;
		service->port = port;
	}
	if (service->streak < SHORT_STREAK)
		return true;
	now = bpf_ktime_get_coarse_ns();
	if (now - service->seen > FLOOD_INTERVAL) {
		service->streak = 0;
		return true;
	}
	if (now - service->sampled < SAMPLE_INTERVAL)
		return false;
	service->sampled = now;
	return true;
}

/* At the LONG_MESSAGES-th message of one end. */
static __always_inline void connection_is_long(__u64 name)
{
	struct service *service = &services[name % SERVICES];

	if (service->name == name)
		service->streak = 0;
}

/* When the server's end closes and has sent less. */
static __always_inline void connection_was_short(__u64 name)
{
	struct service *service = &services[name % SERVICES];

	if (service->name != name)
		return;
	service->seen = bpf_ktime_get_coarse_ns();
	service->streak++;
}
