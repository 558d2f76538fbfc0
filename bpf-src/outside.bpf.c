// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* On a pod's interface: leads connections from outside to the pod's sidecar and has them answered from the port that they
 * were made to. */
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/pkt_cls.h>
#include <linux/stddef.h>

#include "arrival.h"
#include "mesh.h"

#define VLAN_HEADERS 2
#define EXTENSION_HEADERS 4
#define PORT_TRIES 16

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

/* Leaves the packet to the next program. */
#define NEXT TC_ACT_UNSPEC

/* Two places in leader. */
enum leader_place {
	LEADS, /* lead_connection, while connections are led: every SYN is handed to it */
	STAYS, /* anything, while somebody is there who may lead */
};

/* Who leads: one program for all interfaces, so that one store puts another in its place. The kernel empties it when the last
 * process that has it open ends, unless it is pinned; and when its pin is removed. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} leader SEC(".maps");

struct packet {
	struct address source;
	struct address target;
	__u16 source_port;
	__u16 target_port;
	__u32 transport; /* offset of the header that follows IP's */
	__be32 seq;
	__u8 protocol;
	__u8 flags;
};

struct tcp_header {
	__be16 source;
	__be16 target;
	__be32 seq;
	__be32 ack_seq;
	__u8 offset;
	__u8 flags;
	__be16 window;
	__be16 check;
};

static __always_inline __be16 short_at(struct __sk_buff *skb, __u32 offset)
{
	__be16 value = 0;

	bpf_skb_load_bytes(skb, offset, &value, sizeof(value));
	return value;
}

/* Where the network header begins: after Ethernet and VLAN tags, or at once on devices that have no Ethernet. */
static __always_inline __u32 skip_link(struct __sk_buff *skb, __be16 *protocol)
{
	__u32 offset = ETH_HLEN;

	*protocol = skb->protocol;
	if (short_at(skb, offsetof(struct ethhdr, h_proto)) != *protocol)
		return 0;
	for (int i = 0; i < VLAN_HEADERS; i++) {
		if (*protocol != bpf_htons(ETH_P_8021Q) && *protocol != bpf_htons(ETH_P_8021AD))
			break;
		*protocol = short_at(skb, offset + 2);
		offset += 4;
	}
	return offset;
}

static __always_inline bool read_ipv4(struct __sk_buff *skb, __u32 *offset, struct packet *packet, __u8 *protocol)
{
	struct {
		__u8 version_and_length;
		__u8 tos;
		__be16 total;
		__be16 id;
		__be16 fragment;
		__u8 ttl;
		__u8 protocol;
		__be16 check;
		__be32 source;
		__be32 target;
	} header;

	if (bpf_skb_load_bytes(skb, *offset, &header, sizeof(header)) || header.version_and_length >> 4 != 4)
		return false;
	if (header.fragment & bpf_htons(0x1fff)) /* not the first: has no ports */
		return false;
	packet->source = mapped(header.source);
	packet->target = mapped(header.target);
	*protocol = header.protocol;
	*offset += (header.version_and_length & 0xf) * 4;
	return true;
}

static __always_inline bool read_ipv6(struct __sk_buff *skb, __u32 *offset, struct packet *packet, __u8 *protocol)
{
	struct {
		__u8 version;
		__u8 flow[3];
		__be16 length;
		__u8 next;
		__u8 hops;
		struct address source;
		struct address target;
	} header;

	if (bpf_skb_load_bytes(skb, *offset, &header, sizeof(header)) || header.version >> 4 != 6)
		return false;
	packet->source = header.source;
	packet->target = header.target;
	*protocol = header.next;
	*offset += sizeof(header);
	for (int i = 0; i < EXTENSION_HEADERS; i++) {
		__u8 next_and_length[2] = {};

		if (*protocol != IPPROTO_HOPOPTS && *protocol != IPPROTO_ROUTING && *protocol != IPPROTO_DSTOPTS)
			break;
		bpf_skb_load_bytes(skb, *offset, next_and_length, sizeof(next_and_length));
		*protocol = next_and_length[0];
		*offset += (next_and_length[1] + 1) * 8;
	}
	return true;
}

static __always_inline bool read_network(struct __sk_buff *skb, __u32 *offset, struct packet *packet, __u8 *protocol)
{
	__be16 network;

	*offset = skip_link(skb, &network);
	if (network == bpf_htons(ETH_P_IPV6))
		return read_ipv6(skb, offset, packet, protocol);
	if (network != bpf_htons(ETH_P_IP) || !read_ipv4(skb, offset, packet, protocol))
		return false;
	return *protocol != IPPROTO_IPIP || read_ipv4(skb, offset, packet, protocol);
}

static __always_inline bool read_packet(struct __sk_buff *skb, struct packet *packet)
{
	struct tcp_header header;

	if (!read_network(skb, &packet->transport, packet, &packet->protocol) || packet->protocol != IPPROTO_TCP)
		return false;
	if (bpf_skb_load_bytes(skb, packet->transport, &header, sizeof(header)))
		return false;
	packet->source_port = bpf_ntohs(header.source);
	packet->target_port = bpf_ntohs(header.target);
	packet->seq = header.seq;
	packet->flags = header.flags;
	return true;
}

static __always_inline void write_port(struct __sk_buff *skb, __u32 transport, __u32 offset, __u16 old, __u16 new)
{
	__be16 from = bpf_htons(old), to = bpf_htons(new);

	if (old == new)
		return;
	bpf_l4_csum_replace(skb, transport + offsetof(struct tcp_header, check), from, to, sizeof(to));
	bpf_skb_store_bytes(skb, transport + offset, &to, sizeof(to), 0);
}

static __always_inline void write_ports(struct __sk_buff *skb, const struct packet *packet, __u16 source, __u16 target)
{
	write_port(skb, packet->transport, offsetof(struct tcp_header, source), packet->source_port, source);
	write_port(skb, packet->transport, offsetof(struct tcp_header, target), packet->target_port, target);
}

/* Whether the pod has a socket with these ports that is connected, or about to be. */
static __always_inline bool is_connected(struct __sk_buff *skb, const struct arrival_key *from_pod)
{
	struct bpf_sock_tuple tuple = {};
	bool connected = false;
	struct bpf_sock *sk;

	if (is_ipv4(&from_pod->pod)) {
		tuple.ipv4.saddr = from_pod->client.words[3];
		tuple.ipv4.daddr = from_pod->pod.words[3];
		tuple.ipv4.sport = bpf_htons(from_pod->client_port);
		tuple.ipv4.dport = bpf_htons(from_pod->pod_port);
		sk = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		__builtin_memcpy(tuple.ipv6.saddr, &from_pod->client, sizeof(from_pod->client));
		__builtin_memcpy(tuple.ipv6.daddr, &from_pod->pod, sizeof(from_pod->pod));
		tuple.ipv6.sport = bpf_htons(from_pod->client_port);
		tuple.ipv6.dport = bpf_htons(from_pod->pod_port);
		sk = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	if (sk) {
		connected = sk->state != TCP_LISTEN && sk->state != TCP_TIME_WAIT;
		bpf_sk_release(sk);
	}
	return connected;
}

/* Takes ports for a new connection, the client's own if nobody has it. */
static __always_inline bool take_ports(struct __sk_buff *skb, const struct arrival_key *to_pod, __u16 inbound_port, __be32 syn,
				       struct arrival *ports)
{
	struct arrival_key from_pod = *to_pod;
	struct arrival back = {.client_port = to_pod->client_port, .pod_port = to_pod->pod_port, .syn = syn};

	from_pod.direction = FROM_POD;
	from_pod.pod_port = inbound_port;
	ports->pod_port = inbound_port;
	for (int i = 0; i < PORT_TRIES; i++) {
		struct arrival *taken = find_arrival(&from_pod);

		ports->client_port = from_pod.client_port;
		if (taken && taken->client_port == back.client_port && taken->pod_port == back.pod_port)
			return true; /* the same SYN again, whose other entry was evicted */
		if (!taken && !is_connected(skb, &from_pod) &&
		    !bpf_map_update_elem(&arriving, &from_pod, &back, BPF_NOEXIST))
			return true;
		from_pod.client_port = 1024 + bpf_get_prandom_u32() % (65536 - 1024);
	}
	return false;
}

/* A connection that the sidecar is to see, or one that was made to it but whose port is taken by such a one. Not one that
 * was led already, on a device below this one. */
static __always_inline bool leads(struct __sk_buff *skb, const struct arrival_key *to_pod, __be32 syn, __u16 *inbound_port)
{
	__u64 generation = *(volatile __u64 *)&pod_generation;
	__u32 number = pod_with_address(&to_pod->pod, generation);
	struct pod *pod = bpf_map_lookup_elem(&pods, &number);

	if (!pod)
		return false;
	*inbound_port = pod->inbound_port;
	if (to_pod->pod_port == pod->inbound_port) {
		struct arrival_key from_pod = *to_pod;
		struct arrival *taken;

		from_pod.direction = FROM_POD;
		taken = find_arrival(&from_pod);
		return taken && taken->syn != syn;
	}
	return captures(pod, number, INBOUND, to_pod->pod_port, &to_pod->client) && !is_connected(skb, to_pod);
}

/* Forgets a connection at its end: after both FINs, or at an RST if no established socket will tell whether to believe it. */
static __always_inline void follow(const struct arrival_key *key, const struct arrival *ports, struct arrival *mine, __u8 flags)
{
	struct arrival_key back = *key;
	struct arrival *others;

	if (flags & RST) {
		if (bpf_map_lookup_elem(&arriving, key))
			drop_arrival(key, ports);
		else
			mine->reset = 1;
		return;
	}
	if (ports->reset)
		mine->reset = 0;
	if (flags & FIN) {
		mine->finished = 1;
		return;
	}
	if (!ports->finished)
		return;
	turn_round(&back, ports);
	others = find_arrival(&back);
	if (others && others->finished)
		drop_arrival(key, ports);
}

/* The ports to exchange for a packet's own; false if none are. */
static __always_inline bool find_ports(struct arrival_key *key, __u8 flags, struct arrival *ports)
{
	struct arrival *known = find_arrival(key);

	if (!known)
		return false;
	*ports = *known;
	follow(key, ports, known, flags);
	return true;
}

/* A client begins anew with ports that an old connection had, whose end nobody saw. */
static __always_inline void renew(const struct arrival_key *key, const struct arrival *ports, __be32 syn)
{
	struct arrival *mine = find_arrival(key), *others;
	struct arrival_key back = *key;

	turn_round(&back, ports);
	others = find_arrival(&back);
	if (!mine || !others || others->syn == syn)
		return;
	others->syn = syn;
	others->finished = 0;
	mine->finished = 0;
}

static __always_inline bool begins(const struct packet *packet)
{
	return (packet->flags & (SYN | ACK)) == SYN;
}

struct icmp_header {
	__u8 type;
	__u8 code;
	__be16 check;
	__be32 rest;
};

#define ICMP_UNREACHABLE 3
#define ICMPV6_INFORMATIONAL 128

static __always_inline void write_quoted_port(struct __sk_buff *skb, const struct packet *packet, __u32 offset, __u16 old,
					      __u16 new)
{
	__be16 from = bpf_htons(old), to = bpf_htons(new);

	bpf_l4_csum_replace(skb, packet->transport + offsetof(struct icmp_header, check), from, to, sizeof(to));
	bpf_skb_store_bytes(skb, offset, &to, sizeof(to), 0);
}

/* An error that quotes a packet which the pod has sent, as "too big" does: it is about the sidecar's socket. */
static __always_inline void lead_error(struct __sk_buff *skb, const struct packet *packet)
{
	struct arrival_key key = {.direction = TO_POD};
	struct icmp_header header;
	struct packet quoted;
	struct arrival *ports;
	__be16 both[2];

	quoted.transport = packet->transport + sizeof(header);
	if (bpf_skb_load_bytes(skb, packet->transport, &header, sizeof(header)))
		return;
	if (packet->protocol == IPPROTO_ICMP) {
		if (header.type != ICMP_UNREACHABLE || !read_ipv4(skb, &quoted.transport, &quoted, &quoted.protocol))
			return;
	} else if (header.type >= ICMPV6_INFORMATIONAL ||
		   !read_ipv6(skb, &quoted.transport, &quoted, &quoted.protocol)) {
		return;
	}
	if (quoted.protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, quoted.transport, both, sizeof(both)))
		return;
	key.client = quoted.target;
	key.pod = quoted.source;
	key.client_port = bpf_ntohs(both[1]);
	key.pod_port = bpf_ntohs(both[0]);
	ports = find_arrival(&key);
	if (!ports)
		return;
	write_quoted_port(skb, packet, quoted.transport, key.pod_port, ports->pod_port);
	write_quoted_port(skb, packet, quoted.transport + sizeof(both[0]), key.client_port, ports->client_port);
}

static __always_inline void key_to_pod(const struct packet *packet, struct arrival_key *key)
{
	key->client = packet->source;
	key->pod = packet->target;
	key->client_port = packet->source_port;
	key->pod_port = packet->target_port;
	key->direction = TO_POD;
}

SEC("tc")
int lead_to_sidecar(struct __sk_buff *skb)
{
	struct arrival_key key = {};
	struct packet packet = {};
	struct arrival ports;
	bool known;

	if (!read_packet(skb, &packet)) {
		if (packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6)
			lead_error(skb, &packet);
		return NEXT;
	}
	key_to_pod(&packet, &key);
	known = find_ports(&key, packet.flags, &ports);
	if (begins(&packet)) {
		bpf_tail_call(skb, &leader, LEADS);
		if (known) /* nobody leads */
			drop_arrival(&key, &ports);
		return NEXT;
	}
	if (known)
		write_ports(skb, &packet, ports.client_port, ports.pod_port);
	return NEXT;
}

/* A SYN. */
SEC("tc")
int lead_connection(struct __sk_buff *skb)
{
	struct arrival_key key = {};
	struct packet packet = {};
	struct arrival ports = {};
	struct arrival *known;
	__u16 inbound_port;

	if (!read_packet(skb, &packet))
		return NEXT;
	key_to_pod(&packet, &key);
	known = find_arrival(&key);
	if (known) {
		ports = *known;
		renew(&key, &ports, packet.seq);
	} else {
		if (!leads(skb, &key, packet.seq, &inbound_port))
			return NEXT;
		make_acquaintance(&key);
		if (!take_ports(skb, &key, inbound_port, packet.seq, &ports) ||
		    bpf_map_update_elem(&arriving, &key, &ports, BPF_ANY)) {
			count(ARRIVALS_DROPPED, 1);
			return TC_ACT_SHOT; /* past the sidecar it must not get */
		}
	}
	write_ports(skb, &packet, ports.client_port, ports.pod_port);
	return NEXT;
}

SEC("tc")
int answer_for_pod(struct __sk_buff *skb)
{
	struct arrival_key key = {.direction = FROM_POD};
	struct arrival ports;
	struct packet packet;

	if (!skb->ifindex) /* never: but so it has the map by which whoever finds it alone tells whether somebody stays */
		bpf_tail_call(skb, &leader, STAYS);
	if (!read_packet(skb, &packet))
		return NEXT;
	key.client = packet.target;
	key.pod = packet.source;
	key.client_port = packet.target_port;
	key.pod_port = packet.source_port;
	if (find_ports(&key, packet.flags, &ports))
		write_ports(skb, &packet, ports.pod_port, ports.client_port);
	return NEXT;
}
