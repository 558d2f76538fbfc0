/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the programs and user space share. Each struct has a codec of the same name in bypass-maps. */
#pragma once

#include <linux/types.h>

/* 16 bytes in network order; an IPv4 address a.b.c.d is always ::ffff:a.b.c.d, whatever family its socket has. */
struct address {
	__be32 words[4];
};

/* One end of a connection as that end sees it (NAT may show the other end something else). Ports in host order. */
struct socket_key {
	__u64 netns_cookie;
	struct address local;
	struct address remote;
	__u16 local_port;
	__u16 remote_port;
	__u32 zero; /* hashed with the rest, so never left unset */
};

/* The socket at the other end. */
struct peer {
	struct socket_key key;
	__u64 cookie; /* 0: none */
	__u64 sock;   /* its struct sock; may be stale, so compare the cookie before any use */
	__u64 sent;   /* where it counts its messages, in its struct sender; as stale as sock. 0 but on one loopback */
};

/* A TCP handshake, named by what neither NAT nor a stranger can change: the client's address and both initial
 * sequence numbers, each plus one. */
struct handshake_key {
	struct address client;
	__u32 client_seq;
	__u32 server_seq;
	__u16 client_port;
	__u16 zero[3];
};

struct tally {
	__u64 messages;
	__u64 bytes;
};

/* An enrolled socket and its peer. */
struct proxy {
	struct peer peer; /* cookie 0: not paired yet */
	struct socket_key self;
	__u64 service;	  /* its name, see services.h */
	__u32 client_seq; /* of the handshake, for a client that is not paired yet */
	__u32 server_seq;
	__u32 received;	  /* sequence number that follows what has come over TCP, see stream_verdict.bpf.c */
	__u32 has_received;
	__u32 is_server;
	__u32 zero;
};

/* What is known of a handshake so far. */
struct handshake {
	struct peer client; /* cookie 0: no local client has shown up */
	__u32 client_seq;   /* the key's, written with the client */
	__u32 server_seq;
	__u64 listener_view; /* the policy's, see policy.h */
	__u64 service;	     /* the client's: its name, see services.h */
};

/* Programs of two versions can share maps if these have the same layout: same names, sizes and types, which user space
 * compares, and the same meaning, which this stands for. To be raised when only that changes. */
enum layout {
	LAYOUT_VERSION = 1,
};

/* Why a message was redirected or went over TCP, and why a connection was enrolled or not. */
enum counter {
	REDIRECTED,	      /* messages handed to the peer */
	REDIRECTED_BYTES,     /* their bytes */
	TCP_DISABLED,	      /* the switch is off */
	TCP_NOT_PAIRED,	      /* the other end is not enrolled (yet) */
	TCP_PEER_CLOSED,      /* the other end is gone, or this one's output is shut */
	TCP_UNREAD,	      /* bytes sent over TCP are neither read nor queued yet: redirecting would overtake them */
	TCP_QUEUE_FULL,	      /* the receiver's queue is at its limit */
	TCP_NO_MEMORY,	      /* TCP is short of memory on this host: it can wait for it, redirecting can't */
	TCP_BULK,	      /* a one-way stream between loopback sockets, where TCP is faster */
	TCP_NOT_FOUND,	      /* the peer left the SOCKHASH in between */
	CONNECTIONS_PAIRED,   /* both ends enrolled and paired */
	SOCKETS_ENROLLED,     /* sockets put in the SOCKHASH */
	REFUSED_POLICY,	      /* handshakes that the policy leaves to TCP */
	REFUSED_SHORT,	      /* connections left to TCP because those to this service are too short to gain */
	REFUSED_DRAINING,     /* handshakes left to TCP because no more connections are to be enrolled */
	REFUSED_FULL,	      /* a map was full */
	REFUSED_DUPLICATE,    /* a live socket with the same addresses and ports is enrolled */
	REFUSED_KERNEL,	      /* the kernel would not enrol the socket (MPTCP, kTLS, another SOCKHASH, memory) */
	CONNECTIONS_INTERCEPTED, /* accepted by a sidecar with their original destination */
	DESTINATION_LOST,     /* accepted by a sidecar without it: a map was full, or memory */
	ARRIVALS_DROPPED,     /* SYNs that could not be led to a sidecar: no port was free */
	COUNTERS,
};
