// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "arrival.h"
#include "destination.h"
#include "events.h"
#include "flows.h"
#include "maps.h"
#include "mesh.h"
#include "policy.h"
#include "senders.h"
#include "services.h"

struct sockets sockets SEC(".maps");
struct proxies proxies SEC(".maps");
struct senders senders SEC(".maps");
struct tcp_totals_of tcp_totals SEC(".maps");
struct handshakes handshakes SEC(".maps");
struct networks networks SEC(".maps");
struct identities identities SEC(".maps");
struct pods pods SEC(".maps");
struct pod_rules pod_rules SEC(".maps");
struct pod_networks pod_networks SEC(".maps");
struct led_sockets led_sockets SEC(".maps");
struct dialled dialled SEC(".maps");
struct original_destinations original_destinations SEC(".maps");
struct arrived arrived SEC(".maps");
struct arriving arriving SEC(".maps");
struct events events SEC(".maps");

struct counter_slot counters[COUNTER_SLOTS] SHARED = {};
struct service services[SERVICES] SHARED = {};
struct refusal refusals[COUNTER_SLOTS];
__u64 included_ports[PORT_WORDS];
__u64 excluded_ports[PORT_WORDS];
__u32 enabled SWITCH = 1;
__u32 enrolling SWITCH = 1;
__u32 superseded SWITCH = 0;
__u64 pod_generation = 0;
__u32 pods_have_cgroups = 0;
__u32 interfaces_watched SHARED = 0;
__u64 acquaintances[ACQUAINTANCES / 64] SHARED = {};
__u32 event_listener SHARED = 0;
__u64 event_interval SHARED = DEFAULT_EVENT_INTERVAL;
__u64 events_dropped SHARED = 0;
struct event_budget event_budgets[COUNTER_SLOTS] SHARED = {};

const volatile __u32 queue_limit = 3 << 19;
const volatile bool queue_limit_grows = true;
const volatile bool short_connections_stay = true;
const volatile bool intercepts = false;
const volatile bool ports_are_included = false;
const volatile bool ports_are_excluded = false;
const volatile bool networks_are_included = false;
const volatile bool networks_are_excluded = false;

/* Keep the types in the object's BTF, where user space compares them with its own. */
const volatile enum counter number_of_counters = COUNTERS;
const volatile enum network_rule last_network_rule = NETWORK_EXCLUDED;
const volatile enum identity_kind last_identity_kind = IDENTITY_ADDRESS;
const volatile enum pod_flag last_pod_flag = POD_USERS_EXCLUDED;
const volatile enum pod_list last_pod_list = POD_EXCLUDED_USER;
const volatile enum direction last_direction = INBOUND;
const volatile enum event_kind number_of_event_kinds = EVENT_KINDS;
const volatile enum service_limit no_service_limit;
const volatile enum layout layout = LAYOUT_VERSION;
struct event *no_event;
struct flow *no_flow;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
