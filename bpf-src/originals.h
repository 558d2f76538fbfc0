/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Carries the original destination of an intercepted connection to the socket that the sidecar accepts. */
#pragma once

#include "arrival.h"
#include "connections.h"
#include "destination.h"

/* Set before load. */
extern const volatile bool intercepts;

static __always_inline void led_is_enrolled(struct bpf_sock_ops *ops)
{
	struct led *led = led_of(ops->sk, 0);

	if (led)
		led->enrolled = 1;
}

static __always_inline void dial_key_of(struct bpf_sock_ops *ops, struct dial_key *key, const struct address *client,
					const struct address *listener)
{
	key->netns_cookie = is_loopback_address(listener) ? bpf_get_netns_cookie(ops) : 0;
	key->client = *client;
	key->zero = 0;
}

static __always_inline void dialling_key(struct bpf_sock_ops *ops, struct dial_key *key, __u32 client_seq)
{
	struct address client, listener;

	local_address(ops, &client);
	remote_address(ops, &listener);
	dial_key_of(ops, key, &client, &listener);
	key->client_port = ops->local_port;
	key->client_seq = client_seq;
}

/* An intercepted connection is about to send its SYN: addresses, ports and its sequence number are settled. */
static __always_inline void carry_destination(struct bpf_sock_ops *ops)
{
	struct led *led = led_of(ops->sk, 0);
	struct endpoint endpoint = {};
	struct dial_key key;
	struct tcp_sock *sk;

	if (!led || (led->role != LED_APPLICATION && led->role != LED_SIDECAR))
		return;
	sk = kernel_socket(ops);
	led->client_seq = BPF_CORE_READ(sk, write_seq) + 1;
	dialling_key(ops, &key, led->client_seq);
	endpoint.address = led->address;
	endpoint.port = led->port;
	if (bpf_map_update_elem(&dialled, &key, &endpoint, BPF_ANY)) {
		count(DESTINATION_LOST, 1);
		return;
	}
	watch_state(ops);
}

/* How a connection that came over an interface looks to the sidecar; its key in that direction. */
static __always_inline void arrival_key_of(struct bpf_sock_ops *ops, struct arrival_key *key)
{
	remote_address(ops, &key->client);
	local_address(ops, &key->pod);
	key->client_port = remote_port(ops);
	key->pod_port = ops->local_port;
	key->direction = FROM_POD;
}

static __always_inline bool settle(struct arrival_key *key)
{
	struct arrival *arrival = bpf_map_lookup_elem(&arriving, key), value;

	if (!arrival)
		return true;
	value = *arrival;
	if (bpf_map_update_elem(&arrived, key, &value, BPF_ANY)) {
		count(REFUSED_FULL, 1); /* it stays where it may be evicted */
		return false;
	}
	bpf_map_delete_elem(&arriving, key);
	return true;
}

/* The sidecar's end of a connection is established. */
static __always_inline void take_destination(struct bpf_sock_ops *ops)
{
	struct original_destination destination = {};
	struct endpoint *carried = NULL;
	struct arrival *arrival = NULL, there = {};
	struct arrival_key ends;
	struct socket_key self;
	struct dial_key key;
	struct led *led;

	arrival_key_of(ops, &ends);
	dial_key_of(ops, &key, &ends.client, &ends.pod);
	key.client_port = ends.client_port;
	key.client_seq = ops->rcv_nxt;
	if (interfaces_watched)
		arrival = find_arrival(&ends);
	if (arrival) {
		there = *arrival;
		key.client_port = there.client_port;
		destination.endpoint.address = ends.pod;
		destination.endpoint.port = there.pod_port;
	}
	carried = bpf_map_lookup_elem(&dialled, &key);
	if (carried) {
		destination.endpoint = *carried;
		bpf_map_delete_elem(&dialled, &key);
	} else if (!arrival) {
		return;
	}
	led = led_of(ops->sk, BPF_SK_STORAGE_GET_F_CREATE);
	if (!led) {
		count(DESTINATION_LOST, 1);
		return;
	}
	if (arrival) { /* not earlier: nobody would remove what has settled without its socket's knowing */
		bool settled = settle(&ends);

		turn_round(&ends, &there);
		if (settled)
			settle(&ends);
	}
	led->address = destination.endpoint.address;
	led->port = destination.endpoint.port;
	led->role = LED_ACCEPTED;
	led->from_outside = arrival != NULL;
	key_of(ops, &self);
	destination.cookie = bpf_get_socket_cookie(ops);
	if (bpf_map_update_elem(&original_destinations, &self, &destination, BPF_ANY))
		count(REFUSED_FULL, 1); /* getsockopt still tells it */
	count(CONNECTIONS_INTERCEPTED, 1);
	watch_state(ops);
}

/* Whether packets may follow that have to be led: of a client that still has to close its end, or the RST with which the
 * sidecar's ends, which is sent after the state has changed. */
static __always_inline bool goes_on(__u32 old_state, const struct arrival *from_pod, const struct arrival *to_pod)
{
	if (from_pod->reset || to_pod->reset || old_state == TCP_LAST_ACK)
		return false;
	return !to_pod->finished || old_state == TCP_ESTABLISHED || old_state == TCP_CLOSE_WAIT;
}

/* Both directions may not have settled, or only the one from the pod, where memory was short or the map full. */
static __always_inline void leave(struct bpf_sock_ops *ops)
{
	struct arrival from_pod, to_pod, *arrival;
	struct arrival_key key, back;

	arrival_key_of(ops, &key);
	arrival = find_arrival(&key);
	if (!arrival)
		return;
	from_pod = *arrival;
	back = key;
	turn_round(&back, &from_pod);
	arrival = find_arrival(&back);
	if (arrival)
		to_pod = *arrival;
	if (!arrival || !goes_on(ops->args[0], &from_pod, &to_pod)) {
		drop_arrival(&key, &from_pod);
		return;
	}
	bpf_map_update_elem(&arriving, &key, &from_pod, BPF_ANY);
	bpf_map_update_elem(&arriving, &back, &to_pod, BPF_ANY);
	bpf_map_delete_elem(&arrived, &key);
	bpf_map_delete_elem(&arrived, &back);
}

/* Says whether that is all there was to forget. */
static __always_inline bool forget_destination(struct bpf_sock_ops *ops)
{
	struct led *led = led_of(ops->sk, 0);

	if (!led)
		return false;
	if (led->role == LED_ACCEPTED) {
		struct original_destination *destination;
		struct socket_key self;

		key_of(ops, &self);
		destination = bpf_map_lookup_elem(&original_destinations, &self);
		if (destination && destination->cookie == bpf_get_socket_cookie(ops))
			bpf_map_delete_elem(&original_destinations, &self);
		if (led->from_outside)
			leave(ops);
	} else { /* the other end has not taken it if it gave up, or its listener is in no control group of ours */
		struct dial_key key;

		dialling_key(ops, &key, led->client_seq);
		bpf_map_delete_elem(&dialled, &key);
	}
	return !led->enrolled;
}
