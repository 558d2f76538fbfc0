// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Leads connections and DNS queries of mesh pods to their sidecars, where iptables rules would. */
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "destination.h"
#include "mesh.h"

#define DNS_PORT 53
#define CGROUP_DEPTH 16
#define PROCEED 1

/* One process, about to connect or to send. */
struct caller {
	__u64 generation;
	__u32 number; /* its pod's; 0: not in a mesh */
	bool is_sidecar;
	struct pod *pod;
};

static __always_inline __u32 pod_of_cgroup(__u64 cgroup, __u64 generation)
{
	struct identity identity = {.kind = IDENTITY_CGROUP, .words = {cgroup}};

	return pod_of(&identity, generation);
}

/* The innermost cgroup that belongs to a pod decides, otherwise the namespace of the socket. */
static __always_inline __u32 find_pod(__u64 netns_cookie, __u64 generation)
{
	struct identity netns = {.kind = IDENTITY_NETNS, .words = {netns_cookie}};
	__u32 found = 0;

	if (pods_have_cgroups) {
		for (int level = 1; level <= CGROUP_DEPTH; level++) {
			__u64 cgroup = bpf_get_current_ancestor_cgroup_id(level);
			__u32 number;

			if (!cgroup)
				break;
			number = pod_of_cgroup(cgroup, generation);
			if (number)
				found = number;
		}
		if (found)
			return found;
	}
	return pod_of(&netns, generation);
}

static __always_inline bool find_caller(struct bpf_sock_addr *ctx, struct caller *caller)
{
	__u64 ids;
	__u32 number;

	caller->generation = *(volatile __u64 *)&pod_generation;
	number = find_pod(bpf_get_netns_cookie(ctx), caller->generation);
	if (!number)
		return false;
	caller->number = number & ~SIDECAR_CGROUP;
	caller->pod = bpf_map_lookup_elem(&pods, &caller->number);
	if (!caller->pod)
		return false;
	ids = bpf_get_current_uid_gid();
	caller->is_sidecar = number & SIDECAR_CGROUP ||
			     (caller->pod->sidecar_uid != NO_ID && caller->pod->sidecar_uid == (__u32)ids) ||
			     (caller->pod->sidecar_gid != NO_ID && caller->pod->sidecar_gid == ids >> 32);
	return true;
}

static __always_inline void read_address(struct bpf_sock_addr *ctx, struct address *address, const bool v6)
{
	volatile struct bpf_sock_addr *c = ctx;

	if (v6)
		*address = (struct address){{c->user_ip6[0], c->user_ip6[1], c->user_ip6[2], c->user_ip6[3]}};
	else
		*address = mapped(c->user_ip4);
}

static __always_inline __u16 read_port(struct bpf_sock_addr *ctx)
{
	volatile struct bpf_sock_addr *c = ctx;

	return bpf_ntohs((__u16)c->user_port);
}

/* An IPv6 socket takes an IPv4 address as it is kept everywhere here: mapped. */
static __always_inline void write_address(struct bpf_sock_addr *ctx, const struct address *address, const bool v6)
{
	volatile struct bpf_sock_addr *c = ctx;

	if (v6) {
		c->user_ip6[0] = address->words[0];
		c->user_ip6[1] = address->words[1];
		c->user_ip6[2] = address->words[2];
		c->user_ip6[3] = address->words[3];
	} else {
		c->user_ip4 = address->words[3];
	}
}

static __always_inline void write_port(struct bpf_sock_addr *ctx, __u16 port)
{
	volatile struct bpf_sock_addr *c = ctx;

	c->user_port = bpf_htons(port);
}

static __always_inline struct led *lead(struct bpf_sock_addr *ctx, enum led_role role, const struct address *address,
					__u16 port)
{
	struct led *led = led_of(ctx->sk, BPF_SK_STORAGE_GET_F_CREATE);

	if (!led)
		return NULL;
	led->address = *address;
	led->port = port;
	led->role = role;
	led->enrolled = 0;
	return led;
}

/* A socket that was led somewhere connects again. */
static __always_inline void forget(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	if (led_of(sk, 0))
		bpf_sk_storage_delete(&led_sockets, sk);
}

static __always_inline void loopback_like(const struct address *address, struct address *loopback)
{
	if (is_ipv4(address))
		*loopback = mapped(bpf_htonl(INADDR_LOOPBACK));
	else
		*loopback = (struct address){{0, 0, 0, bpf_htonl(1)}};
}

/* Without memory to remember the destination, a connection that the sidecar could not route must not come about. */
static __always_inline int refuse(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_set_retval))
		bpf_set_retval(-ENOMEM);
	return 0;
}

/* What the application has bound its socket to. */
static __always_inline bool bound_address(struct bpf_sock_addr *ctx, const struct address *target, struct address *bound)
{
	struct bpf_sock *sk = ctx->sk;

	if (!sk)
		return false;
	if (is_ipv4(target))
		*bound = mapped(sk->src_ip4);
	else
		*bound = (struct address){{sk->src_ip6[0], sk->src_ip6[1], sk->src_ip6[2], sk->src_ip6[3]}};
	return !is_unspecified(bound);
}

/* Keeps the source address what it would be without us, and so apart from that of other pods. Fails, and does nothing, if
 * the application has chosen a port or the namespace doesn't have the address. */
static __always_inline void connect_from(struct bpf_sock_addr *ctx, const struct pod *pod, const struct address *target)
{
	struct address bound;

	if (bound_address(ctx, target, &bound)) /* binding again would replace it */
		return;
	if (is_ipv4(target)) {
		struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = pod->ipv4.words[3]};

		if (from.sin_addr.s_addr)
			bpf_bind(ctx, (struct sockaddr *)&from, sizeof(from));
	} else if (!is_unspecified(&pod->ipv6)) {
		struct sockaddr_in6 from = {.sin6_family = AF_INET6};

		__builtin_memcpy(&from.sin6_addr, &pod->ipv6, sizeof(pod->ipv6));
		bpf_bind(ctx, (struct sockaddr *)&from, sizeof(from));
	}
}

static __always_inline bool is_excluded_user(const struct caller *caller)
{
	return caller->pod->flags & POD_USERS_EXCLUDED &&
	       rule_for(caller->number, POD_EXCLUDED_USER, (__u32)bpf_get_current_uid_gid());
}

/* Its own services a pod reaches without its sidecar, as over the loopback device. */
static __always_inline bool is_own_address(const struct caller *caller, const struct address *target)
{
	return is_loopback_address(target) || is_unspecified(target) ||
	       pod_with_address(target, caller->generation) == caller->number;
}

static __always_inline int lead_application(struct bpf_sock_addr *ctx, struct caller *caller, const struct address *target,
					    __u16 port, const bool v6)
{
	bool asks_dns = port == DNS_PORT && caller->pod->flags & POD_CAPTURES_DNS;
	struct address loopback;

	if (is_excluded_user(caller) || is_own_address(caller, target))
		return PROCEED;
	if (!asks_dns && !captures(caller->pod, caller->number, OUTBOUND, port, target))
		return PROCEED;
	if (!lead(ctx, LED_APPLICATION, target, port))
		return refuse();
	connect_from(ctx, caller->pod, target);
	loopback_like(target, &loopback);
	write_address(ctx, &loopback, v6);
	write_port(ctx, asks_dns ? caller->pod->dns_port : caller->pod->outbound_port);
	return PROCEED;
}

/* What the socket was bound to; if nothing, what its pod connects from. */
static __always_inline void source_address(struct bpf_sock_addr *ctx, const struct pod *pod, const struct address *target,
					   struct address *source)
{
	if (!bound_address(ctx, target, source))
		*source = is_ipv4(target) ? pod->ipv4 : pod->ipv6;
}

/* A sidecar's connection to a pod of this host goes to that pod's sidecar. To its own pod's address it is one of two: from
 * the passthrough address it is meant for the application, otherwise for the sidecar's other side. */
static __always_inline int lead_sidecar(struct bpf_sock_addr *ctx, struct caller *caller, const struct address *target,
					__u16 port)
{
	__u32 number = pod_with_address(target, caller->generation);
	struct address source;
	struct pod *pod;

	if (!number)
		return PROCEED;
	pod = bpf_map_lookup_elem(&pods, &number);
	if (!pod || port == pod->inbound_port)
		return PROCEED;
	source_address(ctx, caller->pod, target, &source);
	if (number == caller->number) {
		const struct address *passthrough = is_ipv4(target) ? &pod->passthrough4 : &pod->passthrough6;

		if (is_unspecified(passthrough) || same_address(passthrough, &source))
			return PROCEED;
	}
	if (!captures(pod, number, INBOUND, port, &source))
		return PROCEED;
	if (!lead(ctx, LED_SIDECAR, target, port))
		return refuse();
	write_port(ctx, pod->inbound_port);
	return PROCEED;
}

static __always_inline int lead_query(struct bpf_sock_addr *ctx, struct caller *caller, const struct address *target,
				      __u16 port, const bool v6)
{
	struct address loopback;
	struct led *led;

	if (port != DNS_PORT || !(caller->pod->flags & POD_CAPTURES_DNS) || caller->is_sidecar)
		return PROCEED;
	if (is_excluded_user(caller) || is_own_address(caller, target))
		return PROCEED;
	led = lead(ctx, LED_DNS, target, DNS_PORT);
	if (!led)
		return refuse();
	led->dns_port = caller->pod->dns_port;
	loopback_like(target, &loopback);
	write_address(ctx, &loopback, v6);
	write_port(ctx, caller->pod->dns_port);
	return PROCEED;
}

static __always_inline int connecting(struct bpf_sock_addr *ctx, const bool v6)
{
	struct address target;
	struct caller caller;
	__u16 port;

	forget(ctx);
	if (!find_caller(ctx, &caller))
		return PROCEED;
	read_address(ctx, &target, v6);
	port = read_port(ctx);
	switch (ctx->protocol) {
	case IPPROTO_TCP:
		return caller.is_sidecar ? lead_sidecar(ctx, &caller, &target, port)
					 : lead_application(ctx, &caller, &target, port, v6);
	case IPPROTO_UDP:
		return lead_query(ctx, &caller, &target, port, v6);
	default:
		return PROCEED;
	}
}

SEC("cgroup/connect4")
int intercept_connect4(struct bpf_sock_addr *ctx)
{
	return connecting(ctx, false);
}

SEC("cgroup/connect6")
int intercept_connect6(struct bpf_sock_addr *ctx)
{
	return connecting(ctx, true);
}

static __always_inline int sending(struct bpf_sock_addr *ctx, const bool v6)
{
	__u16 port = read_port(ctx);
	struct address target;
	struct caller caller;

	if (port != DNS_PORT || !find_caller(ctx, &caller))
		return PROCEED;
	read_address(ctx, &target, v6);
	return lead_query(ctx, &caller, &target, port, v6);
}

SEC("cgroup/sendmsg4")
int intercept_sendmsg4(struct bpf_sock_addr *ctx)
{
	return sending(ctx, false);
}

SEC("cgroup/sendmsg6")
int intercept_sendmsg6(struct bpf_sock_addr *ctx)
{
	return sending(ctx, true);
}

/* An answer of the sidecar's DNS comes from whom the socket asked last. */
static __always_inline int receiving(struct bpf_sock_addr *ctx, const bool v6)
{
	struct led *led = led_of(ctx->sk, 0);
	struct address source;

	if (!led || led->role != LED_DNS)
		return PROCEED;
	read_address(ctx, &source, v6);
	if (!is_loopback_address(&source) || read_port(ctx) != led->dns_port)
		return PROCEED;
	write_address(ctx, &led->address, v6);
	write_port(ctx, led->port);
	return PROCEED;
}

SEC("cgroup/recvmsg4")
int restore_recvmsg4(struct bpf_sock_addr *ctx)
{
	return receiving(ctx, false);
}

SEC("cgroup/recvmsg6")
int restore_recvmsg6(struct bpf_sock_addr *ctx)
{
	return receiving(ctx, true);
}

/* The application sees the address that it asked for, the sidecar the truth. */
static __always_inline int telling_peer(struct bpf_sock_addr *ctx, const bool v6)
{
	struct led *led = led_of(ctx->sk, 0);

	if (led && (led->role == LED_APPLICATION || led->role == LED_DNS)) {
		write_address(ctx, &led->address, v6);
		write_port(ctx, led->port);
	}
	return PROCEED;
}

SEC("cgroup/getpeername4")
int restore_getpeername4(struct bpf_sock_addr *ctx)
{
	return telling_peer(ctx, false);
}

SEC("cgroup/getpeername6")
int restore_getpeername6(struct bpf_sock_addr *ctx)
{
	return telling_peer(ctx, true);
}

/* A sidecar that listens on 127.0.0.1 only would not hear other pods. */
SEC("cgroup/bind4")
int open_bind4(struct bpf_sock_addr *ctx)
{
	struct caller caller;

	if (ctx->protocol != IPPROTO_TCP || ctx->user_ip4 != bpf_htonl(INADDR_LOOPBACK) || !find_caller(ctx, &caller))
		return PROCEED;
	if (caller.is_sidecar && caller.pod->flags & POD_OPENS_INBOUND && read_port(ctx) == caller.pod->inbound_port)
		ctx->user_ip4 = 0;
	return PROCEED;
}

/* An optlen of 0 leaves value and length as the kernel made them, but takes away what a program before this one has
 * answered: only where copying the buffer back would do harm. */
static __always_inline int as_the_kernel_says(struct bpf_sockopt *ctx)
{
	if (ctx->retval || ctx->optlen > ctx->optval_end - ctx->optval)
		ctx->optlen = 0;
	return PROCEED;
}

static __always_inline int too_short(struct bpf_sockopt *ctx)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_set_retval))
		bpf_set_retval(-EINVAL);
	ctx->optlen = 0;
	return PROCEED;
}

/* Volatile: clang would merge the two stores into one, which the verifier refuses. */
static __always_inline int answered(struct bpf_sockopt *ctx, int length)
{
	volatile struct bpf_sockopt *c = ctx;

	c->optlen = length;
	c->retval = 0;
	return PROCEED;
}

/* The room for an answer is what the caller gave, whatever optlen has become: another of these programs, of an agent beside
 * this one, may have set it to 0. */
static __always_inline int tell_ipv4(struct bpf_sockopt *ctx, struct led *led)
{
	struct sockaddr_in *answer = ctx->optval;

	if (!is_ipv4(&led->address))
		return as_the_kernel_says(ctx);
	if ((void *)(answer + 1) > ctx->optval_end)
		return too_short(ctx);
	*answer = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = bpf_htons(led->port),
		.sin_addr.s_addr = led->address.words[3],
	};
	return answered(ctx, sizeof(*answer));
}

static __always_inline int tell_ipv6(struct bpf_sockopt *ctx, struct led *led)
{
	struct sockaddr_in6 *answer = ctx->optval;

	if ((void *)(answer + 1) > ctx->optval_end)
		return too_short(ctx);
	*answer = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = bpf_htons(led->port)};
	__builtin_memcpy(&answer->sin6_addr, &led->address, sizeof(led->address));
	return answered(ctx, sizeof(*answer));
}

SEC("cgroup/getsockopt")
int tell_original_destination(struct bpf_sockopt *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct led *led;

	if (ctx->optname != SO_ORIGINAL_DST || (ctx->level != SOL_IP && ctx->level != SOL_IPV6) || !sk)
		return as_the_kernel_says(ctx);
	led = led_of(sk, 0);
	if (!led || led->role != LED_ACCEPTED)
		return as_the_kernel_says(ctx);
	if (ctx->level == SOL_IP)
		return tell_ipv4(ctx, led);
	return sk->family == AF_INET6 ? tell_ipv6(ctx, led) : as_the_kernel_says(ctx);
}
