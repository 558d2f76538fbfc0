/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where intercepted connections were meant to go: from the connecting socket to the one that a sidecar accepts. */
#pragma once

#include "address.h"
#include "maps.h"

enum led_role {
	LED_APPLICATION = 1, /* connects to its sidecar, believes to connect to the address */
	LED_SIDECAR,	     /* connects to another pod's sidecar and knows it */
	LED_DNS,	     /* asks the sidecar's DNS, believes to ask the address */
	LED_ACCEPTED,	     /* at the other end: the sidecar's own */
};

/* What is known of a socket that interception has to do with. Ends with the socket, or when it connects elsewhere. */
struct led {
	struct address address; /* the original destination */
	__u16 port;
	__u8 role;
	__u8 from_outside; /* accepted: led in by the interface's programs */
	__u32 client_seq;  /* of a connecting socket: in the key of its entry in dialled */
	__u16 dns_port;	   /* of a socket that asks: the sidecar's */
	__u8 enrolled;	   /* in the SOCKHASH too */
};

struct led_sockets {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct led);
};
extern struct led_sockets led_sockets SEC(".maps");

/* A SYN by what a local listener sees of it. The sequence number (plus one) is as good as random, so that nobody else's
 * connection from the same address and port is meant. */
struct dial_key {
	__u64 netns_cookie; /* 0 unless it goes over loopback: pods may have equal addresses there */
	struct address client;
	__u32 client_seq;
	__u16 client_port;
	__u16 zero;
};

struct endpoint {
	struct address address;
	__u16 port; /* host order */
	__u16 zero[3];
};

/* Original destinations of connections that are being established. From SYN until the accepted socket has taken it, or
 * the connecting one gives up. */
struct dialled {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEFAULT_CONNECTIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct dial_key);
	__type(value, struct endpoint);
};
extern struct dialled dialled SEC(".maps");

struct original_destination {
	struct endpoint endpoint;
	__u64 cookie; /* of the accepted socket */
};

/* For user space: the original destination of each connection that a sidecar has accepted, as long as it lives. */
struct original_destinations {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEFAULT_CONNECTIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct socket_key);
	__type(value, struct original_destination);
};
extern struct original_destinations original_destinations SEC(".maps");

static __always_inline struct led *led_of(struct bpf_sock *sk, __u64 flags)
{
	return sk ? bpf_sk_storage_get(&led_sockets, sk, NULL, flags) : NULL;
}
