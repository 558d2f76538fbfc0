// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "maps.h"
#include "policy.h"
#include "services.h"

struct sockets sockets SEC(".maps");
struct proxies proxies SEC(".maps");
struct handshakes handshakes SEC(".maps");
struct networks networks SEC(".maps");

struct counter_slot counters[COUNTER_SLOTS];
struct service services[SERVICES];
__u64 included_ports[PORT_WORDS];
__u64 excluded_ports[PORT_WORDS];
__u32 enabled = 1;

const volatile __u32 queue_limit = 3 << 19;
const volatile bool short_connections_stay = true;
const volatile bool ports_are_included = false;
const volatile bool ports_are_excluded = false;
const volatile bool networks_are_included = false;
const volatile bool networks_are_excluded = false;

/* Keeps the enum in the object's BTF, where user space compares it with its own. */
const volatile enum counter number_of_counters = COUNTERS;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
