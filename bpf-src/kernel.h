/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's own types, cut down to the fields we read. CO-RE finds the real offsets at load. */
#pragma once

#include <asm/socket.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10
#define SOL_IP 0
#define SOL_TCP 6
#define SOL_IPV6 41
#define SO_ORIGINAL_DST 80 /* of SOL_IP and, by another name, of SOL_IPV6 */
/* From an enum in the kernel's net/tcp_states.h. */
#define TCP_ESTABLISHED 1
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10
#define TCP_NOTSENT_LOWAT 25
#define SOCK_SNDBUF_LOCK 1
#define SOCK_RCVBUF_LOCK 2
#define SK_USER_DATA_FLAGS 7ul

#define KERNEL_TYPE __attribute__((preserve_access_index))

typedef struct {
	long long counter;
} KERNEL_TYPE atomic64_t;

struct list_head {
	struct list_head *next;
} KERNEL_TYPE;

struct proto {
	unsigned long *memory_pressure;
} KERNEL_TYPE;

struct sock_common {
	volatile unsigned char skc_state;
	struct proto *skc_prot;
	atomic64_t skc_cookie;
} KERNEL_TYPE;

struct thread_struct {
	unsigned long fsbase; /* of x86 only */
} KERNEL_TYPE;

struct raw_spinlock {
} KERNEL_TYPE;

struct spinlock {
	struct raw_spinlock rlock; /* not with PREEMPT_RT; free while its first 4 bytes are 0 */
} KERNEL_TYPE;

typedef struct {
	struct spinlock slock;
	int owned;
} KERNEL_TYPE socket_lock_t;

struct sk_buff_head {
	__u32 qlen;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	struct sk_buff_head sk_receive_queue;
	void *sk_user_data;
	int sk_rcvbuf;
	__u8 sk_userlocks : 4;
} KERNEL_TYPE;

struct tcp_sock {
	__u32 copied_seq;
	__u32 rcv_nxt;
	__u32 write_seq;
	__u32 notsent_lowat; /* 0: the application has set none */
} KERNEL_TYPE;

struct socket {
	struct sock *sk;
} KERNEL_TYPE;

struct sk_buff {
	char cb[48];
} KERNEL_TYPE;

/* What TCP keeps in cb. */
struct tcp_skb_cb {
	__u32 seq;
	__u32 end_seq;
} KERNEL_TYPE;

struct tcp_request_sock {
	__u32 rcv_isn;
	__u32 snt_isn;
} KERNEL_TYPE;

struct sk_psock_link {
	struct list_head list;
	void *link_raw;
} KERNEL_TYPE;

struct bpf_shtab_elem {
	__u8 key[0];
} KERNEL_TYPE;

struct sk_psock_progs {
	void *stream_verdict;
} KERNEL_TYPE;

struct sk_psock {
	struct sk_psock_progs progs;
	void *saved_data_ready; /* set while the stream verdict program works */
	struct sk_buff_head ingress_skb;
	struct list_head link;
	struct list_head ingress_msg;
	__u32 msg_tot_len; /* since the FIONREAD fix of 6.19, and its backports */
} KERNEL_TYPE;

/* Any type that begins with a 64-bit integer serves to read one through a typed cast. */
struct timespec64 {
	long long tv_sec;
} KERNEL_TYPE;

struct bpf_sock_ops_kern {
	struct sock *sk;
} KERNEL_TYPE;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL_TYPE;

struct bpf_iter__sockmap {
	struct bpf_iter_meta *meta;
	void *key;
	struct sock *sk;
} KERNEL_TYPE;

struct task_struct;
struct file;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct file *file;
} KERNEL_TYPE;

/* A typed view of any kernel address, faults read as 0; kernel 6.2. */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/* What a socket in a socket map hangs on to; NULL for others. */
static __always_inline struct sk_psock *psock_of(struct sock *sk)
{
	return (void *)((__u64)BPF_CORE_READ(sk, sk_user_data) & ~SK_USER_DATA_FLAGS);
}
