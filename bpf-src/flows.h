/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What user space sees of a connection's end. */
#pragma once

#include "senders.h"

/* What the iterator tells of an enrolled socket. */
struct flow {
	struct socket_key key;
	struct socket_key peer_key;
	__u64 cookie;
	__u64 peer_cookie; /* 0: not paired */
	__u64 service;	   /* its name, see services.h */
	__u64 queued;	   /* bytes that wait for its reader, or QUEUED_UNKNOWN */
	struct tally redirected;
	struct tally over_tcp[TCP_REASONS];
	__u32 verdict; /* on its latest message, an enum counter */
	__u32 is_server;
};
#define QUEUED_UNKNOWN (~0ull)
