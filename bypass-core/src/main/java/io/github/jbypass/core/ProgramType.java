// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The type of a BPF program, named as in the kernel's {@code enum bpf_prog_type}, in its order. */
public enum ProgramType {
  SOCKET_FILTER,
  KPROBE,
  /** For packets of a network device, at traffic control. */
  SCHED_CLS,
  SCHED_ACT,
  TRACEPOINT,
  XDP,
  PERF_EVENT,
  CGROUP_SKB,
  CGROUP_SOCK,
  LWT_IN,
  LWT_OUT,
  LWT_XMIT,
  /** For events in the life of a TCP connection. */
  SOCK_OPS,
  /** For data that a socket in a socket map receives. */
  SK_SKB,
  CGROUP_DEVICE,
  /** For messages that a socket in a socket map sends. */
  SK_MSG,
  RAW_TRACEPOINT,
  /** For bind, connect, sendmsg and their relatives. */
  CGROUP_SOCK_ADDR,
  LWT_SEG6LOCAL,
  LIRC_MODE2,
  SK_REUSEPORT,
  FLOW_DISSECTOR,
  CGROUP_SYSCTL,
  RAW_TRACEPOINT_WRITABLE,
  CGROUP_SOCKOPT,
  /** For functions of the kernel, and for iterators. */
  TRACING,
  STRUCT_OPS,
  EXT,
  LSM,
  SK_LOOKUP,
  /** For whoever runs it with bpf(2). */
  SYSCALL,
  NETFILTER,
  /** A type that this version of the library does not know. */
  OTHER;

  private static final ProgramType[] KNOWN = values();

  static ProgramType of(int number) {
    return number >= 1 && number <= OTHER.ordinal() ? KNOWN[number - 1] : OTHER;
  }

  /** Where programs of the type are attached, if that is one place only. */
  AttachType onlyAttachType() {
    return switch (this) {
      case SOCK_OPS -> AttachType.CGROUP_SOCK_OPS;
      case CGROUP_DEVICE -> AttachType.CGROUP_DEVICE;
      case CGROUP_SYSCTL -> AttachType.CGROUP_SYSCTL;
      case SK_MSG -> AttachType.SK_MSG_VERDICT;
      case SK_LOOKUP -> AttachType.SK_LOOKUP;
      default -> AttachType.OTHER;
    };
  }

  boolean attachesToSocketMap() {
    return this == SK_MSG || this == SK_SKB;
  }

  boolean attachesToCgroup() {
    return switch (this) {
      case CGROUP_SKB,
          CGROUP_SOCK,
          SOCK_OPS,
          CGROUP_DEVICE,
          CGROUP_SOCK_ADDR,
          CGROUP_SYSCTL,
          CGROUP_SOCKOPT ->
          true;
      default -> false;
    };
  }
}
