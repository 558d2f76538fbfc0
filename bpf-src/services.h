/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Enrolling costs a connection more than it gains by its first messages. So it is learned what the connections to each
 * destination carry, and where that does not pay, only samples are enrolled, until they carry more or the flood ends. */
#pragma once

#include "address.h"
#include "maps.h"

#define SERVICES 4096

/* User space tells from these what the programs will do. In messages where nothing else is said. */
enum service_limit {
	LONG_MESSAGES = 4,		     /* of one end: enrolling it has paid */
	DEBT_LIMIT = 64 * 6,		     /* 64 connections in a row with a question and an answer each */
	CREDIT_LIMIT = 1024,		     /* that long connections save up for short ones */
	CARRIED_LIMIT = 1 << 20,	     /* of one end: no more are counted */
	AVERAGED_CONNECTIONS = 256,	     /* then half of them is forgotten */
	SAMPLE_INTERVAL = 10 * 1000 * 1000,  /* ns */
	FLOOD_INTERVAL = 100 * 1000 * 1000,  /* ns in which no connection ends, end a flood */
};

/* What clients connect to, before any translation. A guess only: races between CPUs do no harm, and a service that hashes
 * to the slot of another takes it over. */
struct service {
	__u64 name;	    /* 0: nobody's slot */
	__u64 sampled;	    /* when, ns */
	__u64 ended;	    /* the last connection, ns */
	__u64 netns_cookie; /* 0 unless it is a loopback address, which each namespace has for itself */
	struct address address;
	__u16 port;
	__u16 zero;
	__s32 balance;	   /* messages beyond those that enrolling costs */
	__u32 connections; /* enrolled ones that have ended lately */
	__u32 messages;	   /* of their both ends */
};
extern struct service services[SERVICES] SHARED;

/* Set before load. */
extern const volatile bool short_connections_stay;

static __always_inline __u64 service_name(__u64 netns_cookie, const struct address *address, __u16 port)
{
	__u64 name = netns_cookie << 16 | port;

	name = (name ^ ((__u64)address->words[0] << 32 | address->words[1])) * 0x9e3779b97f4a7c15;
	name = (name ^ name >> 32 ^ ((__u64)address->words[2] << 32 | address->words[3])) * 0x9e3779b97f4a7c15;
	return name ^ name >> 32;
}

static __always_inline struct service *slot_of(__u64 name)
{
	return &services[name % SERVICES];
}

static __always_inline struct service *service_at(__u64 name, __u64 netns_cookie, const struct address *address, __u16 port)
{
	struct service *service = slot_of(name);

	if (service->name != name)
		*service = (struct service){
			.name = name, .netns_cookie = netns_cookie, .address = *address, .port = port};
	return service;
}

/* Signed: another CPU may have written a later time meanwhile. */
static __always_inline __s64 since(__u64 then)
{
	return bpf_ktime_get_coarse_ns() - then;
}

/* Whether a connection that comes now stays on TCP. */
static __always_inline bool is_flooded(const struct service *service)
{
	return service->balance <= -DEBT_LIMIT && since(service->ended) <= FLOOD_INTERVAL &&
	       since(service->sampled) < SAMPLE_INTERVAL;
}

/* A connection comes about that is enrolled. */
static __always_inline void sample(struct service *service)
{
	if (service->balance > -DEBT_LIMIT)
		return;
	if (since(service->ended) > FLOOD_INTERVAL)
		service->balance = 0;
	service->sampled = bpf_ktime_get_coarse_ns();
}

/* At the LONG_MESSAGES-th message of one end: a connection may live for long, so this can't wait for its end. */
static __always_inline void connection_is_long(__u64 name)
{
	struct service *service = slot_of(name);

	if (service->name == name && service->balance < 0)
		service->balance = 0;
}

/* When one end of a connection closes. */
static __always_inline void connection_carried(__u64 name, __u64 messages, bool is_server)
{
	struct service *service = slot_of(name);
	__s32 balance;

	if (service->name != name)
		return;
	if (messages > CARRIED_LIMIT)
		messages = CARRIED_LIMIT;
	/* Each end by itself, so that it doesn't matter which closes first. */
	balance = service->balance + (__s32)messages - LONG_MESSAGES;
	service->messages += messages;
	if (is_server) {
		service->ended = bpf_ktime_get_coarse_ns();
		if (++service->connections >= AVERAGED_CONNECTIONS) {
			service->connections /= 2;
			service->messages /= 2;
		}
	}
	service->balance = balance > CREDIT_LIMIT ? CREDIT_LIMIT : balance < -DEBT_LIMIT ? -DEBT_LIMIT : balance;
}

/* A SYN on its way over this CPU that shall not be enrolled. It spares the listener's side its part; if it gets there over
 * another CPU, the client's side makes up for that. */
struct refusal {
	__u32 client_seq;
	__u16 client_port;
	bool by_listener; /* the SYN got there over this CPU */
	__u8 zero;
} __attribute__((aligned(64)));
extern struct refusal refusals[COUNTER_SLOTS];

static __always_inline struct refusal *refusal_here(void)
{
	return &refusals[bpf_get_smp_processor_id() & (COUNTER_SLOTS - 1)];
}
