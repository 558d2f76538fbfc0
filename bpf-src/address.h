/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an address is, and what kind. */
#pragma once

#include "kernel.h"
#include "types.h"

static __always_inline struct address mapped(__be32 ipv4)
{
	return (struct address){{0, 0, bpf_htonl(0xffff), ipv4}};
}

static __always_inline bool is_ipv4(const struct address *address)
{
	return !address->words[0] && !address->words[1] && address->words[2] == bpf_htonl(0xffff);
}

static __always_inline bool is_loopback_address(const struct address *address)
{
	if (is_ipv4(address))
		return (address->words[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return !address->words[0] && !address->words[1] && !address->words[2] && address->words[3] == bpf_htonl(1);
}

static __always_inline bool same_address(const struct address *a, const struct address *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] && a->words[2] == b->words[2] &&
	       a->words[3] == b->words[3];
}

static __always_inline bool is_unspecified(const struct address *address)
{
	return !address->words[0] && !address->words[1] && !address->words[3] &&
	       (!address->words[2] || address->words[2] == bpf_htonl(0xffff));
}
